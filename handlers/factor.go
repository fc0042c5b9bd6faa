package handlers

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/factor"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// Who has shown a password and has a second factor is at the door: not logged in,
// and asked for a code. A signed cookie says so for some minutes, and no longer than
// the password is that one.
const (
	doorCookie = "seosik-door"
	doorOpen   = 5 * time.Minute

	keyDoorUser = "user" // int64
	keyDoorAt   = "at"   // int64, unix seconds
	keyDoorMark = "mark" // string
)

var errNoKey = errors.New("the key of second factors is missing or another")

// doorMark changes with the password.
func (s *server) doorMark(u form.User) string {
	return base64.RawURLEncoding.EncodeToString(s.attemptKey("door", strconv.FormatInt(int64(u.ID), 10), u.PasswordHash))
}

// toDoor asks u for a code.
func (s *server) toDoor(c echo.Context, u form.User) error {
	door := s.newDoor(c)
	door.Values = map[any]any{keyDoorUser: int64(u.ID), keyDoorAt: s.Now().Unix(), keyDoorMark: s.doorMark(u)}
	door.Options.MaxAge = int(doorOpen.Seconds())
	if err := door.Save(c.Request(), c.Response()); err != nil {
		return err
	}
	return sendTo(c, "/login/code?next="+url.QueryEscape(local(c.FormValue("next"))))
}

func (s *server) newDoor(c echo.Context) *sessions.Session {
	door, _ := s.sessions.New(c.Request(), doorCookie) // on an error it is a new one
	return door
}

// atDoor returns who is asked for a code; false for nobody.
func (s *server) atDoor(c echo.Context) (form.User, bool, error) {
	door := s.newDoor(c)
	id, _ := door.Values[keyDoorUser].(int64)
	at, _ := door.Values[keyDoorAt].(int64)
	mark, _ := door.Values[keyDoorMark].(string)
	if age := s.Now().Sub(time.Unix(at, 0)); id == 0 || age > doorOpen || age < -doorOpen {
		return form.User{}, false, nil
	}
	u, err := s.DB.User(c.Request().Context(), form.UserID(id))
	if errors.Is(err, form.ErrNotFound) {
		err = nil
	}
	return u, err == nil && u.Factor && !u.Disabled() && mark == s.doorMark(u), err
}

// codePage asks for a code.
func (s *server) codePage(c echo.Context) error {
	_, ok, err := s.atDoor(c)
	if err != nil {
		return err
	}
	if !ok {
		return sendTo(c, "/login?next="+url.QueryEscape(local(c.FormValue("next"))))
	}
	return s.drawCode(c, http.StatusOK, views.Login{})
}

func (s *server) drawCode(c echo.Context, status int, m views.Login) error {
	m.Frame, m.Next = s.frame(c, "code.title", views.Section{}), local(c.FormValue("next"))
	return s.draw(c, status, views.CodePage(m))
}

// checkCode logs in who is at the door and shows the right code. Attempts are
// counted with those at the password.
func (s *server) checkCode(c echo.Context) error {
	ctx := c.Request().Context()
	u, ok, err := s.atDoor(c)
	if err != nil {
		return err
	}
	if !ok {
		return sendTo(c, "/login?next="+url.QueryEscape(local(c.FormValue("next"))))
	}
	attempt := s.loginAttempt(c, u.Name)
	wait, err := s.DB.BeginAttempt(ctx, attempt, s.Now())
	if err != nil {
		return err
	}
	if wait > 0 {
		retryAfter(c, wait)
		return s.drawCode(c, http.StatusTooManyRequests, views.Login{Wait: wait})
	}
	right, err := s.takesCode(ctx, u.ID, c.FormValue("code"))
	if err != nil {
		return err
	}
	if !right {
		s.loggedIn(c, u, false)
		return s.drawCode(c, http.StatusUnprocessableEntity, views.Login{Wrong: "code.wrong"})
	}
	if err := s.forget(c, doorCookie); err != nil {
		return err
	}
	return s.enter(c, u, attempt)
}

// takesCode reports whether code is one of somebody's, of the app or on paper. It
// is used then.
func (s *server) takesCode(ctx context.Context, id form.UserID, code string) (bool, error) {
	f, err := s.DB.Factor(ctx, id)
	if err != nil {
		return false, err
	}
	secret, sealed := s.Secrets.Open(f.Sealed, ownerOf(id))
	if sealed == nil {
		if step, ok := factor.Secret(secret).Step(code, s.Now()); ok {
			return taken(s.DB.TakeStep(ctx, id, step))
		}
	}
	right, err := taken(s.DB.UseRecovery(ctx, id, factor.Hash(code)))
	if err == nil && !right && sealed != nil {
		err = errors.Join(errNoKey, sealed)
	}
	return right, err
}

// taken reports whether a code was taken, as err says.
func taken(err error) (bool, error) {
	if errors.Is(err, form.ErrConflict) {
		return false, nil
	}
	return err == nil, err
}

// ownerOf is what a secret is sealed for: it cannot become somebody else's.
func ownerOf(id form.UserID) []byte { return []byte("factor of " + strconv.FormatInt(int64(id), 10)) }

// beginFactor makes a secret for who knows the password, to be confirmed.
func (s *server) beginFactor(c echo.Context) error {
	status, wrong, err := s.provesSelf(c)
	if err != nil {
		return err
	}
	if wrong != "" {
		return s.drawAccount(c, status, views.AccountPage{FactorWrong: wrong})
	}
	sealed, err := s.Secrets.Seal([]byte(factor.New()), ownerOf(user(c).ID))
	if err == nil {
		err = s.DB.BeginFactor(c.Request().Context(), user(c).ID, sealed)
	}
	if err != nil {
		return err
	}
	return sendTo(c, "/account/factor")
}

// factorPage shows the secret of who sets up a second factor.
func (s *server) factorPage(c echo.Context) error { return s.drawFactor(c, http.StatusOK, "") }

func (s *server) drawFactor(c echo.Context, status int, wrong string) error {
	ctx, u := c.Request().Context(), user(c)
	secret, err := s.pendingSecret(ctx, u.ID)
	if errors.Is(err, form.ErrNotFound) {
		return sendTo(c, "/account")
	}
	if err != nil {
		return err
	}
	picture, err := secret.Picture(views.Say(ctx, "brand"), u.Name)
	if err != nil {
		return err
	}
	return s.draw(c, status, views.Factor(views.FactorPage{
		Frame:   s.frame(c, "factor.title", views.Section{}),
		Picture: "data:image/png;base64," + base64.StdEncoding.EncodeToString(picture),
		Secret:  secret.Groups(), Wrong: wrong,
	}))
}

// pendingSecret returns the secret that somebody sets up, or form.ErrNotFound.
func (s *server) pendingSecret(ctx context.Context, id form.UserID) (factor.Secret, error) {
	f, err := s.DB.Factor(ctx, id)
	if err != nil {
		return "", err
	}
	if !f.ConfirmedAt.IsZero() {
		return "", form.ErrNotFound
	}
	secret, err := s.Secrets.Open(f.Sealed, ownerOf(id))
	if err != nil {
		return "", errors.Join(errNoKey, err)
	}
	return factor.Secret(secret), nil
}

// confirmFactor has who shows the first code log in with codes from now on, and
// shows the ones on paper. That is the only time.
func (s *server) confirmFactor(c echo.Context) error {
	ctx, u := c.Request().Context(), user(c)
	secret, err := s.pendingSecret(ctx, u.ID)
	if err != nil {
		return err
	}
	step, ok := secret.Step(c.FormValue("code"), s.Now())
	if !ok {
		return s.drawFactor(c, http.StatusUnprocessableEntity, "code.wrong")
	}
	codes, hashes := newCodes()
	if err = s.DB.ConfirmFactor(ctx, actor(c), u.ID, step, hashes); err == nil {
		err = s.startSession(c, u, visit(c).Session.Vouched)
	}
	if err != nil {
		return err
	}
	return s.drawCodes(c, codes)
}

func newCodes() (codes []string, hashes [][]byte) {
	codes = factor.NewCodes()
	for _, code := range codes {
		hashes = append(hashes, factor.Hash(code))
	}
	return codes, hashes
}

func (s *server) drawCodes(c echo.Context, codes []string) error {
	return s.draw(c, http.StatusOK, views.Codes(views.CodesPage{Frame: s.frame(c, "factor.title", views.Section{}), Codes: codes}))
}

// renewCodes gives who knows the password other codes on paper.
func (s *server) renewCodes(c echo.Context) error {
	status, wrong, err := s.provesSelf(c)
	if err != nil {
		return err
	}
	if wrong != "" {
		return s.drawAccount(c, status, views.AccountPage{FactorWrong: wrong})
	}
	codes, hashes := newCodes()
	if err := s.DB.SetRecovery(c.Request().Context(), actor(c), user(c).ID, hashes); err != nil {
		return err
	}
	return s.drawCodes(c, codes)
}

// removeFactor has who knows the password log in by that alone.
func (s *server) removeFactor(c echo.Context) error {
	status, wrong, err := s.provesSelf(c)
	if err != nil {
		return err
	}
	if wrong != "" {
		return s.drawAccount(c, status, views.AccountPage{FactorWrong: wrong})
	}
	if err = s.DB.RemoveFactor(c.Request().Context(), actor(c), user(c).ID); err == nil {
		err = s.startSession(c, user(c), visit(c).Session.Vouched)
	}
	if err != nil {
		return err
	}
	return sendTo(c, "/account")
}

// removePersonFactor takes the second factor off somebody else, who has lost it.
func (s *server) removePersonFactor(ctx context.Context, by form.Actor, id form.UserID) error {
	if by.User == id {
		return errBadRequest // who shows the password, first
	}
	return s.DB.RemoveFactor(ctx, by, id)
}
