package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/vouch"
	"github.com/seosik/seosik/views"
)

// Who logs in elsewhere takes a signed cookie along, which is good for one way there
// and back. Another stays in a browser in which somebody has logged out.
const (
	errandCookie = "seosik-errand"
	errandTime   = 10 * time.Minute
	leftCookie   = "seosik-left"
)

func (s *server) newErrand(c echo.Context) *sessions.Session {
	errand, _ := s.sessions.New(c.Request(), errandCookie) // on an error it is a new one
	return errand
}

// vouches reports whether people log in elsewhere. Before the site is set up nobody
// does: who is vouched for could be added, and be the first.
func (s *server) vouches(c echo.Context) (bool, error) {
	if s.Provider == nil {
		return false, form.ErrNotFound
	}
	fresh, err := s.fresh(c)
	if err != nil || !fresh {
		return err == nil, err
	}
	return false, sendTo(c, "/setup")
}

// sendToProvider has somebody log in elsewhere.
func (s *server) sendToProvider(c echo.Context) error {
	if ready, err := s.vouches(c); err != nil || !ready {
		return err
	}
	address, e, err := s.Provider.Send(c.Request().Context(), s.leftAt(c))
	if err != nil {
		return s.notVouched(c, "", form.User{}, err)
	}
	errand := s.newErrand(c)
	errand.Values = map[any]any{"state": e.State, "nonce": e.Nonce, "verifier": e.Verifier, "next": local(c.FormValue("next")), "anew": e.Anew.Unix(), "at": s.Now().Unix()}
	errand.Options.MaxAge = int(errandTime.Seconds())
	if err := errand.Save(c.Request(), c.Response()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, address)
}

// errand returns what somebody has kept who comes back, and where to go then.
func (s *server) errand(c echo.Context) (e vouch.Errand, next string) {
	errand := s.newErrand(c)
	text := func(key string) string { v, _ := errand.Values[key].(string); return v }
	moment := func(key string) time.Time { v, _ := errand.Values[key].(int64); return time.Unix(v, 0) }
	if age := s.Now().Sub(moment("at")); age >= 0 && age <= errandTime {
		e, next = vouch.Errand{State: text("state"), Nonce: text("nonce"), Verifier: text("verifier"), Anew: moment("anew")}, text("next")
	}
	return e, local(next)
}

// forget has the browser drop a cookie that was signed.
func (s *server) forget(c echo.Context, name string) error {
	kept, _ := s.sessions.New(c.Request(), name)
	kept.Values, kept.Options.MaxAge = nil, -1
	return kept.Save(c.Request(), c.Response())
}

// noteLeft notes in the browser that somebody has logged out of it: whoever is next may be
// somebody else, and the provider would let them in as the one before.
func (s *server) noteLeft(c echo.Context) error {
	if s.Provider == nil {
		return nil
	}
	left, _ := s.sessions.New(c.Request(), leftCookie)
	left.Values = map[any]any{"left": true}
	return left.Save(c.Request(), c.Response())
}

// leftAt returns now where the last one in this browser has logged out, or zero.
func (s *server) leftAt(c echo.Context) time.Time {
	if left, _ := s.sessions.New(c.Request(), leftCookie); left.IsNew {
		return time.Time{}
	}
	return s.Now()
}

// backFromProvider logs in who comes back from where they have logged in. What is
// refused is counted by address, as wrong passwords are; but not what nobody in this
// browser has set out for, as any page can have it ask.
func (s *server) backFromProvider(c echo.Context) error {
	if ready, err := s.vouches(c); err != nil || !ready {
		return err
	}
	ctx, answer := c.Request().Context(), c.QueryParams()
	e, next := s.errand(c)
	if !e.Owns(answer) {
		return s.drawLogin(c, http.StatusUnprocessableEntity, views.Login{Wrong: "oidc.refused"})
	}
	if err := s.forget(c, errandCookie); err != nil {
		return err
	}
	standing, err := s.DB.Standing(ctx, s.errandAttempt(c), s.Now())
	if err != nil {
		return err
	}
	if standing.Wait > 0 && !standing.Known {
		retryAfter(c, standing.Wait)
		return s.drawLogin(c, http.StatusTooManyRequests, views.Login{Wait: standing.Wait})
	}
	name, err := s.Provider.Back(ctx, e, answer)
	if err != nil {
		return s.notVouched(c, "", form.User{}, err)
	}
	u, err := s.vouchedFor(c, name)
	if err != nil {
		return s.notVouched(c, name, u, err)
	}
	return s.vouched(c, u, next)
}

// vouched logs in u, who has come back.
func (s *server) vouched(c echo.Context, u form.User, next string) error {
	if err := s.DB.AttemptSucceeded(c.Request().Context(), s.errandAttempt(c), s.Now()); err != nil {
		return err
	}
	if err := s.forget(c, leftCookie); err != nil {
		return err
	}
	return s.welcome(c, u, true, next)
}

// errandAttempt is whose attempt it is to come back. Nobody's account is guarded: no
// name is guessed here.
func (s *server) errandAttempt(c echo.Context) db.Attempt {
	from := network(c.RealIP())
	return db.Attempt{Address: s.attemptKey("login from", from), Both: s.attemptKey("errand", from)}
}

// errStranger reports that the site does not know somebody who is vouched for.
var errStranger = errors.New("nobody who logs in elsewhere has this name")

// vouchedFor returns the user of a name that is vouched for. Who has a password here
// logs in by that: a name that somebody else has chosen elsewhere lets nobody in.
func (s *server) vouchedFor(c echo.Context, name string) (form.User, error) {
	ctx, name := c.Request().Context(), strings.TrimSpace(strings.Map(graphic, name))
	u, err := s.DB.UserByName(ctx, name)
	if errors.Is(err, form.ErrNotFound) && s.AddPeople && name != "" && len(name) <= maxName {
		return s.DB.AddUser(ctx, form.System, name, "")
	}
	switch {
	case errors.Is(err, form.ErrNotFound):
		return u, errStranger
	case err == nil && u.HasPassword():
		return u, fmt.Errorf("%w, but somebody with a password", errStranger)
	case err == nil && u.Disabled():
		return u, fmt.Errorf("%w, but somebody who is disabled", errStranger)
	}
	return u, err
}

// graphic drops what is not seen of a name, as what turns the direction of writing.
func graphic(r rune) rune {
	if !unicode.IsGraphic(r) {
		return -1
	}
	return r
}

// maxName is how long a name may be that is added by itself: bytes.
const maxName = 300

// notVouched says that somebody is not logged in, and why; to who runs the site with
// the name, where one was vouched for.
func (s *server) notVouched(c echo.Context, name string, u form.User, err error) error {
	ctx, wrong := c.Request().Context(), ""
	switch {
	case errors.Is(err, vouch.ErrDown):
		s.Log.WarnContext(ctx, "the log-in server does not answer", "error", err)
		return s.drawLogin(c, http.StatusBadGateway, views.Login{Wrong: "oidc.down"})
	case errors.Is(err, errStranger):
		wrong = "oidc.stranger"
	case errors.Is(err, vouch.ErrRefused):
		wrong = "oidc.refused"
	default:
		return err
	}
	if _, err := s.DB.BeginAttempt(ctx, s.errandAttempt(c), s.Now()); err != nil {
		return err
	}
	s.Log.WarnContext(ctx, "not logged in from the log-in server", "reason", err, "name", name[:min(len(name), maxName)], "user", int64(u.ID), "from", c.RealIP())
	s.loggedIn(c, u, false)
	return s.drawLogin(c, http.StatusUnprocessableEntity, views.Login{Wrong: wrong})
}
