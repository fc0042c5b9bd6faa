package handlers

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/form"
)

const (
	sessionCookie = "seosik"
	sessionLife   = 12 * time.Hour // without opening a page
	sessionRenew  = time.Hour      // older ones are renewed when a page is opened

	// The values of a session.
	keyID    = "id"    // string
	keyUser  = "user"  // int64
	keyProof = "proof" // string
	keySince = "since" // int64, seconds since 1970
)

func newSessions(keys [][]byte, secure bool) *sessions.CookieStore {
	store := sessions.NewCookieStore(keys...)
	store.Options = &sessions.Options{
		Path:     "/",
		HttpOnly: true,
		Secure:   secure,
		SameSite: http.SameSiteLaxMode,
	}
	store.MaxAge(int(sessionLife.Seconds()))
	return store
}

// personHeader is where a script says whose page it runs on. It asks for the
// password in place, so it is told that nobody is logged in, not sent away.
const personHeader = "X-Person"

// recognise notes who is asking. It answers a stranger, and then returns false.
func (s *server) recognise(c echo.Context) (bool, error) {
	u, err := s.sessionUser(c)
	if errors.Is(err, errLoggedOut) && c.Request().Header.Get(personHeader) == "" {
		return false, s.turnAway(c)
	}
	if err != nil {
		return false, err
	}
	if asked := c.Request().Header.Get(personHeader); asked != "" && asked != strconv.FormatInt(int64(u.ID), 10) {
		return false, errLoggedOut // somebody else has logged in since, in the same browser
	}
	c.Set(keyUser, u)
	return true, nil
}

// keyProgram is where the domain is noted of a program that is asking.
const keyProgram = "program"

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

// scope returns what who is asking sees: a person everything, and a program what
// is of its domain.
func scope(c echo.Context) form.Scope {
	switch by := actor(c); by.Kind {
	case form.ByPerson:
		return form.Everything
	case form.ByProgram:
		return form.Within(by.Domain)
	default:
		return form.Scope{}
	}
}

// user returns who is asking, or the zero User for a stranger.
func user(c echo.Context) form.User {
	u, _ := c.Get(keyUser).(form.User)
	return u
}

// sessionUser returns whose session came with the request, or errLoggedOut.
func (s *server) sessionUser(c echo.Context) (form.User, error) {
	session, err := s.sessions.Get(c.Request(), sessionCookie)
	if err != nil || session.IsNew {
		return form.User{}, errLoggedOut // an old key, or a forged cookie
	}
	name, _ := session.Values[keyID].(string)
	id, _ := session.Values[keyUser].(int64)
	proof, _ := session.Values[keyProof].(string)
	since, _ := session.Values[keySince].(int64)
	age := s.Now().Sub(time.Unix(since, 0))
	if age > sessionLife || name == "" {
		return form.User{}, errLoggedOut
	}
	if ended, err := s.DB.SessionEnded(c.Request().Context(), name); err != nil {
		return form.User{}, err
	} else if ended {
		return form.User{}, errLoggedOut
	}
	u, err := s.DB.User(c.Request().Context(), form.UserID(id))
	if errors.Is(err, form.ErrNotFound) {
		return form.User{}, errLoggedOut
	}
	if err != nil {
		return form.User{}, err
	}
	if subtle.ConstantTimeCompare([]byte(proof), []byte(proofOf(u))) != 1 {
		return form.User{}, errLoggedOut
	}
	if age > sessionRenew && !scripted(c) { // a page left open asks by itself
		return u, s.saveSession(c, name, u)
	}
	return u, nil
}

// proofOf returns what a session of u holds to show that it was begun with the
// password that u has now.
func proofOf(u form.User) string {
	sum := sha256.Sum256([]byte(u.PasswordHash))
	return hex.EncodeToString(sum[:16])
}

func (s *server) startSession(c echo.Context, u form.User) error {
	return s.saveSession(c, rand.Text(), u)
}

// saveSession has the browser keep the session called name from now on.
func (s *server) saveSession(c echo.Context, name string, u form.User) error {
	session, _ := s.sessions.New(c.Request(), sessionCookie) // on an error it is a new one
	session.Values = map[any]any{keyID: name, keyUser: int64(u.ID), keyProof: proofOf(u), keySince: s.Now().Unix()}
	return session.Save(c.Request(), c.Response())
}

// endSession ends the session in all copies of its cookie.
func (s *server) endSession(c echo.Context) error {
	session, _ := s.sessions.New(c.Request(), sessionCookie)
	if name, _ := session.Values[keyID].(string); name != "" {
		over := s.Now().Add(2 * sessionLife) // it may be being renewed right now
		if err := s.DB.EndSession(c.Request().Context(), name, over); err != nil {
			return err
		}
	}
	session.Values = nil
	session.Options.MaxAge = -1
	return session.Save(c.Request(), c.Response())
}

// turnAway sends a stranger to the login, or to the set-up where nobody can
// log in yet.
func (s *server) turnAway(c echo.Context) error {
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
