package handlers

import (
	"errors"
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
// and back.
const (
	errandCookie = "seosik-errand"
	errandTime   = 10 * time.Minute
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
	address, e, err := s.Provider.Send(c.Request().Context())
	if err != nil {
		s.Log.WarnContext(c.Request().Context(), "the log-in server does not answer", "error", err)
		return s.drawLogin(c, http.StatusBadGateway, views.Login{Wrong: "oidc.down"})
	}
	errand := s.newErrand(c)
	errand.Values = map[any]any{"state": e.State, "nonce": e.Nonce, "verifier": e.Verifier, "next": local(c.FormValue("next")), "at": s.Now().Unix()}
	errand.Options.MaxAge = int(errandTime.Seconds())
	if err := errand.Save(c.Request(), c.Response()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, address)
}

// endErrand returns what somebody has kept who comes back, and where to go then. It
// is forgotten.
func (s *server) endErrand(c echo.Context) (e vouch.Errand, next string, _ error) {
	errand := s.newErrand(c)
	text := func(key string) string { v, _ := errand.Values[key].(string); return v }
	at, _ := errand.Values["at"].(int64)
	if age := s.Now().Sub(time.Unix(at, 0)); age >= 0 && age <= errandTime {
		e, next = vouch.Errand{State: text("state"), Nonce: text("nonce"), Verifier: text("verifier")}, text("next")
	}
	errand.Values, errand.Options.MaxAge = nil, -1
	return e, local(next), errand.Save(c.Request(), c.Response())
}

// backFromProvider logs in who comes back from where they have logged in. What goes
// wrong is counted by address, as wrong passwords are.
func (s *server) backFromProvider(c echo.Context) error {
	if ready, err := s.vouches(c); err != nil || !ready {
		return err
	}
	ctx, attempt := c.Request().Context(), s.errandAttempt(c)
	e, next, err := s.endErrand(c)
	if err != nil {
		return err
	}
	wait, err := s.DB.BeginAttempt(ctx, attempt, s.Now())
	if err != nil {
		return err
	}
	if wait > 0 {
		retryAfter(c, wait)
		return s.drawLogin(c, http.StatusTooManyRequests, views.Login{Wait: wait})
	}
	name, err := s.Provider.Back(ctx, e, c.QueryParam("state"), c.QueryParam("code"))
	if err != nil {
		return s.notVouched(c, form.User{}, err)
	}
	u, err := s.vouchedFor(c, name)
	if err != nil {
		return s.notVouched(c, u, err)
	}
	if err := s.DB.AttemptSucceeded(ctx, attempt, s.Now()); err != nil {
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
	if errors.Is(err, form.ErrNotFound) || err == nil && (u.HasPassword() || u.Disabled()) {
		return u, errStranger
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

// notVouched says that somebody is not logged in, and why.
func (s *server) notVouched(c echo.Context, u form.User, err error) error {
	wrong := ""
	switch {
	case errors.Is(err, errStranger):
		wrong = "oidc.stranger"
	case errors.Is(err, vouch.ErrRefused):
		wrong = "oidc.refused"
	default:
		s.Log.WarnContext(c.Request().Context(), "the log-in server does not answer", "error", err)
		return s.drawLogin(c, http.StatusBadGateway, views.Login{Wrong: "oidc.down"})
	}
	s.loggedIn(c, u, false)
	return s.drawLogin(c, http.StatusUnprocessableEntity, views.Login{Wrong: wrong})
}
