package handlers

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/password"
	"github.com/seosik/seosik/views"
)

const (
	administrator = "admin" // the user of the set-up page
	hashers       = 2       // passwords hashed at a time: each takes memory
)

func (s *server) loginPage(c echo.Context) error {
	fresh, err := s.fresh(c)
	switch {
	case err != nil:
		return err
	case fresh:
		return sendTo(c, "/setup")
	}
	return s.drawLogin(c, http.StatusOK, views.Login{})
}

// drawLogin draws the login with what m says is wrong.
func (s *server) drawLogin(c echo.Context, status int, m views.Login) error {
	m.Frame = s.frame(c, "login.title", views.Section{})
	m.Path = "/login" // and nothing of what somebody came back with
	m.User, m.Next, m.Provider = c.FormValue("user"), local(c.FormValue("next")), s.providerName()
	return s.draw(c, status, views.LoginPage(m))
}

// providerName returns where people may log in besides here; empty for nowhere.
func (s *server) providerName() string {
	if s.Provider == nil {
		return ""
	}
	return s.Provider.Name
}

func (s *server) login(c echo.Context) error {
	ctx, attempt := c.Request().Context(), s.loginAttempt(c, c.FormValue("user"))
	wait, err := s.DB.BeginAttempt(ctx, attempt, s.Now())
	if err != nil {
		return err
	}
	if wait > 0 {
		retryAfter(c, wait)
		return s.drawLogin(c, http.StatusTooManyRequests, views.Login{Wait: wait})
	}
	u, ok, err := s.authenticate(ctx, c.FormValue("user"), c.FormValue("password"))
	if err != nil {
		return err
	}
	if !ok {
		s.loggedIn(c, u, false)
		return s.drawLogin(c, http.StatusUnprocessableEntity, views.Login{Wrong: "login.wrong"})
	}
	if u.Factor {
		return s.toDoor(c, u)
	}
	return s.enter(c, u, attempt)
}

// enter logs in who has shown all that is asked for.
func (s *server) enter(c echo.Context, u form.User, attempt db.Attempt) error {
	if err := s.DB.AttemptSucceeded(c.Request().Context(), attempt, s.Now()); err != nil {
		return err
	}
	return s.welcome(c, u, false, local(c.FormValue("next")))
}

// welcome logs u in and has the browser go to next.
func (s *server) welcome(c echo.Context, u form.User, vouched bool, next string) error {
	s.loggedIn(c, u, true)
	if err := s.logged(c); err != nil {
		return err
	}
	if err := s.startSession(c, u, vouched); err != nil {
		return err
	}
	return sendTo(c, next)
}

func (s *server) logout(c echo.Context) error {
	if v, err := s.DB.Visit(c.Request().Context(), s.secret(c), s.Now()); err == nil {
		s.searches.forget(v.User.ID)
		s.saw(c, db.Access{By: form.Person(v.User.ID), Act: db.AccessLogout})
	}
	err := s.endSession(c)
	if err == nil {
		err = s.logged(c)
	}
	if err != nil {
		return err
	}
	return sendTo(c, "/login")
}

// authenticate returns the user of that name if the password is right. An
// unknown name takes as long as a wrong password.
func (s *server) authenticate(ctx context.Context, name, given string) (_ form.User, ok bool, _ error) {
	u, err := s.DB.UserByName(ctx, name)
	if err != nil && !errors.Is(err, form.ErrNotFound) {
		return form.User{}, false, err
	}
	known := err == nil && u.HasPassword()
	if !known {
		u.PasswordHash = nobodysHash()
	}
	if len(given) > password.MaxBytes {
		return form.User{}, false, nil
	}
	done, err := s.beginHashing(ctx)
	if err != nil {
		return form.User{}, false, err
	}
	defer done()
	matches, err := password.Matches(u.PasswordHash, given)
	return u, known && matches && !u.Disabled(), err
}

// beginHashing waits until a password may be hashed. The caller must call done.
func (s *server) beginHashing(ctx context.Context) (done func(), _ error) {
	select {
	case s.hashing <- struct{}{}:
		return func() { <-s.hashing }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

var nobodysHash = sync.OnceValue(func() string { return password.Hash("nobody has this password") })

// fresh reports whether nobody administers the site yet: it is to be set up first,
// whoever else there is.
func (s *server) fresh(c echo.Context) (bool, error) {
	if s.administered.Load() {
		return false, nil
	}
	some, err := s.DB.Administered(c.Request().Context())
	if some {
		s.administered.Store(true)
	}
	return !some, err
}

func (s *server) setupPage(c echo.Context) error {
	fresh, err := s.fresh(c)
	switch {
	case err != nil:
		return err
	case !fresh:
		return sendTo(c, "/login")
	}
	return s.drawSetup(c, http.StatusOK, "")
}

func (s *server) drawSetup(c echo.Context, status int, wrong string) error {
	return s.draw(c, status, views.SetupPage(views.Setup{
		Frame:     s.frame(c, "setup.title", views.Section{}),
		MinLength: password.MinLength,
		Wrong:     wrong,
	}))
}

// setup makes the administrator. [db.DB.AddFirstUser] sees to it that this
// happens once. Strangers may ask for it: once somebody administers, nothing is
// hashed for them.
func (s *server) setup(c echo.Context) error {
	fresh, err := s.fresh(c)
	switch {
	case err != nil:
		return err
	case !fresh:
		return sendTo(c, "/login")
	}
	if wrong := newPassword(c.FormValue("password"), c.FormValue("again"), administrator); wrong != "" {
		return s.drawSetup(c, http.StatusUnprocessableEntity, wrong)
	}
	u, err := s.addFirstUser(c.Request().Context(), c.FormValue("password"))
	if errors.Is(err, form.ErrConflict) {
		return sendTo(c, "/login")
	}
	if err != nil {
		return err
	}
	if err := s.startSession(c, u, false); err != nil {
		return err
	}
	return sendTo(c, "/")
}

func (s *server) addFirstUser(ctx context.Context, given string) (form.User, error) {
	done, err := s.beginHashing(ctx)
	if err != nil {
		return form.User{}, err
	}
	defer done()
	return s.DB.AddFirstUser(ctx, form.System, administrator, password.Hash(given))
}

// newPassword returns the id of words for what is wrong with a new password of
// somebody, or an empty string.
func newPassword(given, again, name string) string {
	switch err := password.Check(given, name, "seosik", "서식"); {
	case errors.Is(err, password.ErrShort):
		return "setup.short"
	case errors.Is(err, password.ErrLong):
		return "setup.long"
	case errors.Is(err, password.ErrCommon):
		return "setup.common"
	case given != again:
		return "setup.differ"
	}
	return ""
}
