package handlers

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

const (
	sessionCookie = "seosik"
	sessionUse    = time.Minute // how often is kept that a session is in use

	// keySecret is the value of a session in its cookie, a string.
	keySecret = "secret"
)

func newSessions(keys [][]byte, secure bool) *sessions.CookieStore {
	store := sessions.NewCookieStore(keys...)
	store.Options = &sessions.Options{
		Path:     "/",
		HttpOnly: true,
		Secure:   secure,
		SameSite: http.SameSiteLaxMode,
	}
	store.MaxAge(int(form.MaxLife.Seconds())) // the database knows when it is over
	return store
}

// personHeader is where a script says whose page it runs on. It asks for the
// password in place, so it is told that nobody is logged in, not sent away.
const personHeader = "X-Person"

// What is noted of a request.
const (
	keyVisit   = "visit"   // db.Visit, of a person who asks
	keyAsked   = "asked"   // form.Admission: what the office asks of that person
	keyMay     = "may"     // form.Permissions of that person
	keyScope   = "scope"   // form.Scope: in which domains the person may do what is asked for
	keyProgram = "program" // form.DomainID of a program that asks
)

// recognise notes who is asking, and what that person may do. It answers a
// stranger, and then returns false.
func (s *server) recognise(c echo.Context, r route, a form.Admission) (bool, error) {
	v, err := s.visit(c, r, a)
	if errors.Is(err, errLoggedOut) && c.Request().Header.Get(personHeader) == "" {
		return false, s.turnAway(c)
	}
	if err != nil {
		return false, err
	}
	if asked := c.Request().Header.Get(personHeader); asked != "" && asked != strconv.FormatInt(int64(v.User.ID), 10) {
		return false, errLoggedOut // somebody else has logged in since, in the same browser
	}
	may := form.PermissionsOf(v.Grants)
	c.Set(keyVisit, v)
	c.Set(keyAsked, a)
	c.Set(keyMay, may)
	c.Set(keyScope, may.Scope(r.needs))
	c.SetRequest(c.Request().WithContext(views.WithPermissions(c.Request().Context(), may)))
	if !may.May(r.needs, 0) {
		return false, errForbidden
	}
	if (v.User.Temporary || wantsFactor(a, v)) && !strings.HasPrefix(r.path, "/account") {
		return false, sendTo(c, "/account") // until the password is the person's own, and there is a second factor
	}
	return true, nil
}

// wantsFactor reports whether a person must set up a second factor to go on. Who was
// vouched for is asked for it elsewhere.
func wantsFactor(a form.Admission, v db.Visit) bool {
	return !v.Session.Vouched && a.WantsFactor(v.User, v.Grants)
}

// actor returns who is asking, a person or a program; nobody for a stranger.
func actor(c echo.Context) form.Actor {
	if domain, ok := c.Get(keyProgram).(form.DomainID); ok {
		return form.Program(domain)
	}
	if u := user(c); u.ID != 0 {
		return form.Person(u.ID)
	}
	return form.Actor{}
}

// scope returns in which domains who is asking may do what is asked for: a person
// by roles, and a program in its own. What is not in it is not there.
func scope(c echo.Context) form.Scope {
	if domain, ok := c.Get(keyProgram).(form.DomainID); ok {
		return form.Within(domain)
	}
	in, _ := c.Get(keyScope).(form.Scope)
	return in
}

// may returns what the person who is asking may do.
func may(c echo.Context) form.Permissions {
	p, _ := c.Get(keyMay).(form.Permissions)
	return p
}

// visit returns the session of the person who is asking.
func visit(c echo.Context) db.Visit {
	v, _ := c.Get(keyVisit).(db.Visit)
	return v
}

// sessionTimes says when the session of who is asking is over.
func (s *server) sessionTimes(c echo.Context) views.SessionTimes {
	a, _ := c.Get(keyAsked).(form.Admission)
	v, now := visit(c), s.Now()
	return views.SessionTimes{Idle: a.Idle, Since: now.Sub(v.Session.UsedAt), Life: v.Session.BeganAt.Add(a.Life).Sub(now)}
}

// here notes that a person is there, and answers how many ms the session lives.
func (s *server) here(c echo.Context) error {
	v := visit(c)
	v.Session.UsedAt, v.Session.Address, v.Session.Browser = s.Now(), c.RealIP(), browser(c)
	if err := s.DB.UseSession(c.Request().Context(), v.Session); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]int64{"life": s.sessionTimes(c).Life.Milliseconds()})
}

// leave ends the session of a page that nobody is at any more.
func (s *server) leave(c echo.Context) error {
	if err := s.endSession(c); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// user returns who is asking, or the zero User for a stranger.
func user(c echo.Context) form.User { return visit(c).User }

// visit returns whose session came with the request, or errLoggedOut.
func (s *server) visit(c echo.Context, r route, a form.Admission) (db.Visit, error) {
	secret := s.secret(c)
	if secret == "" {
		return db.Visit{}, errLoggedOut
	}
	ctx, now := c.Request().Context(), s.Now()
	v, err := s.DB.Visit(ctx, secret, now)
	if errors.Is(err, form.ErrNotFound) || err == nil && a.Over(&v.Session, now) {
		return db.Visit{}, errLoggedOut
	}
	if err != nil {
		return db.Visit{}, err
	}
	if v.Session.Stale {
		err = s.renewSession(c, v.Session.ID, secret)
	}
	if err == nil && bySomebody(c, r) && now.Sub(v.Session.UsedAt) >= sessionUse {
		v.Session.UsedAt, v.Session.Address, v.Session.Browser = now, c.RealIP(), browser(c)
		err = s.DB.UseSession(ctx, v.Session)
	}
	return v, err
}

// bySomebody reports whether a request says that a person is there: pages that
// are left open ask by themselves.
func bySomebody(c echo.Context, r route) bool {
	if c.Request().Method != http.MethodGet {
		return !r.byItself
	}
	mode := c.Request().Header.Get("Sec-Fetch-Mode")
	return !scripted(c) && (mode == "" || mode == "navigate")
}

// secret returns the one of the session that came with the request; empty for
// none, or a forged one.
func (s *server) secret(c echo.Context) string {
	session, err := s.sessions.Get(c.Request(), sessionCookie)
	if err != nil {
		return ""
	}
	secret, _ := session.Values[keySecret].(string)
	return secret
}

// maxBrowser is how much is kept of what a browser says of itself: bytes.
const maxBrowser = 300

func browser(c echo.Context) string {
	said := strings.ToValidUTF8(c.Request().UserAgent(), "")
	return said[:min(len(said), maxBrowser)]
}

// startSession logs u in, for whom another server has vouched or not: where somebody was logged in before, that is over.
func (s *server) startSession(c echo.Context, u form.User, vouched bool) error {
	ctx, secret := c.Request().Context(), rand.Text()
	if old := s.secret(c); old != "" {
		if err := s.DB.EndVisit(ctx, old); err != nil {
			return err
		}
	}
	if _, err := s.DB.BeginSession(ctx, form.Session{User: u.ID, BeganAt: s.Now(), Address: c.RealIP(), Browser: browser(c), Vouched: vouched}, secret); err != nil {
		return err
	}
	return s.keepSecret(c, secret)
}

// renewSession gives a session another secret, unless a request that came at the
// same time has.
func (s *server) renewSession(c echo.Context, id form.SessionID, old string) error {
	secret := rand.Text()
	err := s.DB.RenewSession(c.Request().Context(), id, old, secret, s.Now())
	if errors.Is(err, form.ErrConflict) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.keepSecret(c, secret)
}

// keepSecret has the browser keep the secret of a session from now on.
func (s *server) keepSecret(c echo.Context, secret string) error {
	session, _ := s.sessions.New(c.Request(), sessionCookie) // on an error it is a new one
	session.Values = map[any]any{keySecret: secret}
	return session.Save(c.Request(), c.Response())
}

// endSession ends the session in all copies of its cookie.
func (s *server) endSession(c echo.Context) error {
	if secret := s.secret(c); secret != "" {
		if err := s.DB.EndVisit(c.Request().Context(), secret); err != nil {
			return err
		}
	}
	if err := s.noteLeft(c); err != nil {
		return err
	}
	return s.forget(c, sessionCookie)
}

// turnAway sends a stranger to the login, or to the set-up where nobody can
// log in yet. In a browser whose session has ended by itself, whoever is next may be
// somebody else.
func (s *server) turnAway(c echo.Context) error {
	if s.secret(c) != "" {
		if err := s.noteLeft(c); err != nil {
			return err
		}
	}
	fresh, err := s.fresh(c)
	switch {
	case err != nil:
		return err
	case fresh:
		return sendTo(c, "/setup")
	case c.Request().Method == http.MethodGet && !scripted(c) && c.Request().URL.Path != "/":
		return sendTo(c, "/login?next="+url.QueryEscape(c.Request().URL.RequestURI()))
	}
	return sendTo(c, "/login")
}
