package handlers

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/unicode/norm"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/form"
)

// loginAttempt returns whose attempt it is to log in by name. A name that
// nobody has counts like any other.
func (s *server) loginAttempt(c echo.Context, name string) db.Attempt {
	account, from := "login "+strings.ToLower(norm.NFKC.String(name)), network(c.RealIP())
	return db.Attempt{
		Account: s.attemptKey(account),
		Address: s.attemptKey("login from", from),
		Both:    s.attemptKey(account, from),
	}
}

// secretAttempt returns whose attempt it is to call domain. The domain is not
// guarded as a whole: secrets are too long to be guessed from many addresses,
// and whoever has one is not kept out by strangers.
func (s *server) secretAttempt(c echo.Context, domain form.DomainID) db.Attempt {
	from := network(c.RealIP())
	return db.Attempt{
		Address: s.attemptKey("secret from", from),
		Both:    s.attemptKey("secret "+strconv.FormatInt(int64(domain), 10), from),
	}
}

// checkSecret returns nil where the secret that came with c is one of domain,
// which it notes, and limits how often it may be wrong. Where a secret was right before, one
// always is: programs share addresses.
func (s *server) checkSecret(c echo.Context, domain form.DomainID) error {
	ctx, attempt := c.Request().Context(), s.secretAttempt(c, domain)
	standing, err := s.DB.Standing(ctx, attempt, s.Now())
	if err != nil {
		return err
	}
	if standing.Wait > 0 && !standing.Known {
		return tooOften(standing.Wait)
	}
	valid, err := s.DB.SecretValid(ctx, domain, c.Request().Header.Get("X-OCR-SECRET"))
	switch {
	case err != nil:
		return err
	case valid && standing.Known && standing.Failed == 0:
		c.Set(keyProgram, domain)
		return nil
	case valid:
		c.Set(keyProgram, domain)
		return s.DB.AttemptSucceeded(ctx, attempt, s.Now())
	}
	s.saw(c, db.Access{Act: db.AccessFailedLogin, Subject: "domain", ID: int64(domain)})
	wait, err := s.DB.BeginAttempt(ctx, attempt, s.Now())
	switch {
	case err != nil:
		return err
	case wait > 0:
		return tooOften(wait)
	}
	return clova.ErrSecret
}

// tooOften tells a program that its secret was wrong too often.
func tooOften(wait time.Duration) error {
	e := clova.ErrRate.Because("the secret key was wrong too often")
	e.RetryAfter = wait
	return e
}

// attemptKey returns the key of what words name. Without the site's own key it
// tells nothing of them.
func (s *server) attemptKey(words ...string) []byte {
	mac := hmac.New(sha256.New, s.SessionKeys[0])
	for _, w := range words {
		mac.Write([]byte(w))
		mac.Write([]byte{0})
	}
	return mac.Sum(nil)[:16]
}

// network returns address, or for IPv6 the /64 that one subscriber has.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Is4() || ip.Is4In6() {
		return address
	}
	prefix, err := ip.Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
}
