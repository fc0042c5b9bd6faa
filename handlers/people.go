package handlers

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/password"
	"github.com/seosik/seosik/views"
)

// people lists who may log in.
func (s *server) peoplePage(c echo.Context) error {
	return s.drawPeople(c, http.StatusOK, views.PeoplePage{})
}

// drawPeople draws m, with what is wrong in it.
func (s *server) drawPeople(c echo.Context, status int, m views.PeoplePage) error {
	ctx := c.Request().Context()
	m.Frame, m.MinLength, m.Address = s.frame(c, "people.title", views.Administration), password.MinLength, c.RealIP()
	m.Provider = s.providerName()
	list, err := s.DB.People(ctx)
	if err != nil {
		return err
	}
	for _, p := range list {
		m.People = append(m.People, personRow(p))
	}
	if m.Domains, err = s.roleDomains(ctx); err != nil {
		return err
	}
	if m.Unset == "" {
		now, err := s.DB.Admission(ctx)
		if err != nil {
			return err
		}
		m.Admission = views.AdmissionOf(now)
	}
	return s.draw(c, status, views.People(m))
}

func personRow(p db.PersonInfo) views.PersonRow {
	return views.PersonRow{User: p.User, Grants: p.Grants, Sessions: p.Sessions}
}

// roleDomains returns where roles may be had: in all domains, and in each.
func (s *server) roleDomains(ctx context.Context) ([]views.RoleDomain, error) {
	list := []views.RoleDomain{{}}
	domains, err := s.DB.Domains(ctx, form.Everything)
	for _, d := range domains {
		list = append(list, views.RoleDomain{ID: d.ID, Name: d.Name})
	}
	return list, err
}

// pickedGrants reads which roles are ticked.
func pickedGrants(c echo.Context) (grants []form.Grant, err error) {
	values, err := c.FormParams()
	if err != nil {
		return nil, errBadRequest
	}
	for _, v := range values["grant"] {
		domain, role, _ := strings.Cut(v, "/")
		id, err := strconv.ParseInt(domain, 10, 64)
		if err != nil || !form.Role(role).Valid() {
			return nil, errBadRequest
		}
		grants = append(grants, form.Grant{Domain: form.DomainID(id), Role: form.Role(role)})
	}
	return grants, nil
}

// addPerson adds somebody, with a password for now.
func (s *server) addPerson(c echo.Context) error {
	ctx := c.Request().Context()
	name, given := strings.TrimSpace(strings.Map(printed, c.FormValue("name"))), c.FormValue("password")
	grants, err := pickedGrants(c)
	if err != nil {
		return err
	}
	elsewhere, wrong := given == "" && s.Provider != nil, ""
	if !elsewhere {
		wrong = newPassword(given, given, name)
	}
	if name == "" {
		wrong = "people.no_name"
	}
	if wrong == "" {
		hash := ""
		if !elsewhere {
			hash, err = s.hash(ctx, given)
		}
		if err == nil {
			_, err = s.DB.AddUser(ctx, actor(c), name, hash, grants...)
		}
		if errors.Is(err, form.ErrConflict) {
			wrong, err = "people.name_taken", nil
		}
	}
	if err != nil {
		return err
	}
	if wrong != "" {
		return s.drawPeople(c, http.StatusUnprocessableEntity, views.PeoplePage{Typed: name, Ticked: grants, Wrong: views.Say(ctx, wrong)})
	}
	return c.Redirect(http.StatusSeeOther, "/admin/people")
}

// hash returns the hash of a password.
func (s *server) hash(ctx context.Context, given string) (string, error) {
	done, err := s.beginHashing(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	return password.Hash(given), nil
}

// personPage shows somebody.
func (s *server) personPage(c echo.Context) error {
	id, err := id[form.UserID](c, "person")
	if err != nil {
		return err
	}
	return s.drawPerson(c, http.StatusOK, id, "")
}

// drawPerson draws somebody; wrong is the id of words, or empty.
func (s *server) drawPerson(c echo.Context, status int, id form.UserID, wrong string) error {
	ctx := c.Request().Context()
	p, err := s.DB.Person(ctx, id)
	if err != nil {
		return err
	}
	m := views.PersonPage{
		Frame: s.frame(c, "people.title", views.Administration), Person: personRow(p),
		Self: id == user(c).ID, MinLength: password.MinLength, Provider: s.providerName(),
	}
	m.Name = p.Name
	if wrong != "" {
		m.Wrong = views.Say(ctx, wrong)
	}
	if m.Domains, err = s.roleDomains(ctx); err != nil {
		return err
	}
	if m.Changes, err = s.DB.GrantChanges(ctx, id); err != nil {
		return err
	}
	return s.draw(c, status, views.Person(m))
}

// toPerson answers a change of somebody.
func (s *server) toPerson(c echo.Context, id form.UserID, err error) error {
	if errors.Is(err, form.ErrLastAdministrator) {
		return s.drawPerson(c, http.StatusUnprocessableEntity, id, "error.last_administrator")
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/admin/people/"+strconv.FormatInt(int64(id), 10))
}

// setRoles gives somebody the roles that are ticked, and no others.
func (s *server) setRoles(c echo.Context) error {
	id, err := id[form.UserID](c, "person")
	if err != nil {
		return err
	}
	grants, err := pickedGrants(c)
	if err != nil {
		return err
	}
	return s.toPerson(c, id, s.DB.SetRoles(c.Request().Context(), actor(c), id, grants))
}

// setPersonPassword gives somebody else a password for now.
func (s *server) setPersonPassword(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := id[form.UserID](c, "person")
	if err != nil {
		return err
	}
	if id == user(c).ID {
		return errBadRequest // who asks for the one of now, first
	}
	u, err := s.DB.User(ctx, id)
	if err != nil {
		return err
	}
	given := c.FormValue("password")
	if wrong := newPassword(given, given, u.Name); wrong != "" {
		return s.drawPerson(c, http.StatusUnprocessableEntity, id, wrong)
	}
	hash, err := s.hash(ctx, given)
	if err != nil {
		return err
	}
	return s.toPerson(c, id, s.DB.SetPassword(ctx, actor(c), id, hash))
}

// sendPersonElsewhere has somebody log in at the provider, and no longer by a password.
func (s *server) sendPersonElsewhere(ctx context.Context, by form.Actor, id form.UserID) error {
	if s.Provider == nil || by.User == id {
		return errBadRequest
	}
	return s.DB.TakePassword(ctx, by, id)
}

// changePerson returns what does one thing with somebody.
func (s *server) changePerson(change func(context.Context, form.Actor, form.UserID) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		id, err := id[form.UserID](c, "person")
		if err != nil {
			return err
		}
		return s.toPerson(c, id, change(c.Request().Context(), actor(c), id))
	}
}

// endPersonSessions logs somebody out everywhere.
func (s *server) endPersonSessions(ctx context.Context, by form.Actor, id form.UserID) error {
	if _, err := s.DB.User(ctx, id); err != nil {
		return err
	}
	return s.DB.EndSessions(ctx, by, id, 0)
}

// setAdmission sets what the office asks of those who come in. Nobody shuts
// themselves out.
func (s *server) setAdmission(c echo.Context) error {
	ctx := c.Request().Context()
	refuse := func(why string) error {
		typed := views.Admission{Idle: c.FormValue("idle"), Life: c.FormValue("life"), Networks: c.FormValue("networks"), Factor: form.FactorDuty(c.FormValue("factor"))}
		return s.drawPeople(c, http.StatusUnprocessableEntity, views.PeoplePage{Admission: typed, Unset: why})
	}
	a, err := readAdmission(c)
	if err == nil && !a.Admits(c.RealIP()) {
		return refuse(views.Say(ctx, "admission.shut_out"))
	}
	if err == nil {
		err = s.DB.SetAdmission(ctx, actor(c), a)
	}
	if _, invalid := errors.AsType[*form.InvalidError](err); invalid {
		return refuse(explain(err).say(ctx))
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/admin/people")
}

func readAdmission(c echo.Context) (a form.Admission, err error) {
	idle, err := strconv.Atoi(c.FormValue("idle"))
	if err != nil || idle > 1e6 {
		return a, errBadRequest
	}
	life, err := strconv.Atoi(c.FormValue("life"))
	if err != nil || life > 1e6 {
		return a, errBadRequest
	}
	a.Idle, a.Life = time.Duration(idle)*time.Minute, time.Duration(life)*time.Minute
	a.Factor = form.FactorDuty(c.FormValue("factor"))
	a.Networks, err = form.ParseNetworks(c.FormValue("networks"))
	return a, err
}

// accountPage shows people who they are.
func (s *server) accountPage(c echo.Context) error {
	return s.drawAccount(c, http.StatusOK, views.AccountPage{})
}

// drawAccount draws the account, with what m says is wrong.
func (s *server) drawAccount(c echo.Context, status int, m views.AccountPage) error {
	ctx, v := c.Request().Context(), visit(c)
	m.Frame, m.Person, m.Grants, m.This = s.frame(c, "account.password", views.Section{}), v.User, v.Grants, v.Session.ID
	m.MinLength, m.Changed = password.MinLength, c.QueryParams().Has("changed")
	a, err := s.DB.Admission(ctx)
	if err != nil {
		return err
	}
	m.WantsFactor = wantsFactor(a, v)
	f, err := s.DB.Factor(ctx, v.User.ID)
	if err != nil && !errors.Is(err, form.ErrNotFound) {
		return err
	}
	m.Codes = f.Codes
	if m.Domains, err = s.roleDomains(ctx); err != nil {
		return err
	}
	if m.Sessions, err = s.DB.Sessions(ctx, v.User.ID); err != nil {
		return err
	}
	return s.draw(c, status, views.Account(m))
}

// provesSelf asks who is logged in for the password of now: somebody else may sit
// there. Where it is not that one, wrong is the id of words that say so.
func (s *server) provesSelf(c echo.Context) (status int, wrong string, err error) {
	ctx, u := c.Request().Context(), user(c)
	attempt := s.loginAttempt(c, u.Name)
	wait, err := s.DB.BeginAttempt(ctx, attempt, s.Now())
	if err != nil {
		return 0, "", err
	}
	if wait > 0 {
		retryAfter(c, wait)
		return http.StatusTooManyRequests, "relogin.wait", nil
	}
	_, right, err := s.authenticate(ctx, u.Name, c.FormValue("current"))
	if err == nil && !right {
		return http.StatusUnprocessableEntity, "account.wrong", nil
	}
	if err == nil {
		err = s.DB.AttemptSucceeded(ctx, attempt, s.Now())
	}
	return 0, "", err
}

// setOwnPassword changes the password of who knows it, and logs that person out
// everywhere else.
func (s *server) setOwnPassword(c echo.Context) error {
	ctx, u, given := c.Request().Context(), user(c), c.FormValue("password")
	status, wrong, err := s.provesSelf(c)
	if err != nil {
		return err
	}
	if wrong == "" {
		status, wrong = http.StatusUnprocessableEntity, newPassword(given, c.FormValue("again"), u.Name)
	}
	if wrong == "" && given == c.FormValue("current") {
		wrong = "account.same"
	}
	if wrong != "" {
		return s.drawAccount(c, status, views.AccountPage{Wrong: wrong})
	}
	hash, err := s.hash(ctx, given)
	if err == nil {
		err = s.DB.SetPassword(ctx, actor(c), u.ID, hash)
	}
	if err == nil {
		err = s.startSession(c, u, visit(c).Session.Vouched)
	}
	if err != nil {
		return err
	}
	return sendTo(c, "/account?changed")
}

// endOwnSession logs who asks out in another browser.
func (s *server) endOwnSession(c echo.Context) error {
	id, err := id[form.SessionID](c, "session")
	if err == nil {
		err = s.DB.EndSession(c.Request().Context(), actor(c), user(c).ID, id)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/account")
}
