package handlers

import (
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/factor"
	"github.com/seosik/seosik/internal/form"
)

var withPassword = url.Values{"current": {testPassword}}

// setUpFactor has who is logged in set up a second factor, and returns its secret
// and the codes on paper.
func (s *site) setUpFactor(now time.Time) (factor.Secret, []string) {
	s.Helper()
	s.post("/account/factor", withPassword).goesTo("/account/factor")
	a := s.get("/account/factor").status(http.StatusOK)
	secret := factor.Secret(strings.ReplaceAll(text(a.one("code")), " ", ""))
	if picture := attr(a.one("img"), "src"); !strings.HasPrefix(picture, "data:image/png;base64,") {
		s.Errorf("the picture is %.40s", picture)
	}
	s.post("/account/factor/confirm", url.Values{"code": {"000000"}}, "Accept-Language", "en").
		status(http.StatusUnprocessableEntity).says(".wrong", "The code is wrong")
	codes := s.post("/account/factor/confirm", url.Values{"code": {s.codeAt(secret, now)}}).status(http.StatusOK).all("li")
	if len(codes) != factor.Codes {
		s.Fatalf("%d codes on paper, want %d", len(codes), factor.Codes)
	}
	var onPaper []string
	for _, li := range codes {
		onPaper = append(onPaper, text(li))
	}
	return secret, onPaper
}

func (s *site) codeAt(secret factor.Secret, at time.Time) string {
	s.Helper()
	code, err := secret.Code(at)
	if err != nil {
		s.Fatal(err)
	}
	return code
}

func TestSecondFactor(t *testing.T) {
	s := newSite(t)
	now := &clock{time.Now().Truncate(30 * time.Second)}
	s.cfg.Now = now.now
	s.start()
	s.addUser("admin")
	s.logIn("admin", testPassword)
	s.post("/account/factor", url.Values{"current": {"wrong"}}, "Accept-Language", "en").
		status(http.StatusUnprocessableEntity).says(".wrong", "The password is wrong.")
	secret, onPaper := s.setUpFactor(now.Time)
	s.get("/account/factor").goesTo("/account") // never shown again
	s.get("/account", "Accept-Language", "en").status(http.StatusOK).says("#factor", "10 recovery codes are left")
	s.post("/logout", nil)

	password := url.Values{"user": {"admin"}, "password": {testPassword}, "next": {"/pages?state=done"}}
	code := func(code string) *answer {
		t.Helper()
		return s.post("/login/code", url.Values{"code": {code}, "next": {"/pages?state=done"}}, "Accept-Language", "en")
	}
	code(s.codeAt(secret, now.Time)).goesTo("/login?next=%2Fpages%3Fstate%3Ddone") // nobody has shown a password
	s.post("/login", password).goesTo("/login/code?next=%2Fpages%3Fstate%3Ddone")
	s.get("/").goesTo("/login") // no session before the code
	s.get("/login/code?next=/pages").status(http.StatusOK).one("#code")
	for name, wrong := range map[string]string{
		"none": "", "another": "123456", "used": s.codeAt(secret, now.Time), "of a minute ago": s.codeAt(secret, now.Add(-time.Minute)),
	} {
		if a := code(wrong); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("code %s: status %d", name, a.StatusCode)
		}
	}
	now.Time = now.Add(time.Minute)
	code(s.codeAt(secret, now.Add(30*time.Second))).goesTo("/pages?state=done") // the telephone is fast
	s.get("/pages").status(http.StatusOK)
	s.get("/login/code").goesTo("/login?next=%2F") // once

	s.post("/logout", nil)
	s.post("/login", password).goesTo("/login/code?next=%2Fpages%3Fstate%3Ddone")
	code(strings.ToLower(onPaper[3])).goesTo("/pages?state=done")
	s.post("/logout", nil)
	s.post("/login", password)
	code(onPaper[3]).status(http.StatusUnprocessableEntity)
	now.Time = now.Add(doorOpen + time.Second)
	code(onPaper[4]).goesTo("/login?next=%2Fpages%3Fstate%3Ddone") // too late
	s.post("/login", password)
	code(onPaper[4]).goesTo("/pages?state=done")
	s.get("/account", "Accept-Language", "en").says("#factor", "8 recovery codes are left")

	// Others on paper, and then none.
	again := s.post("/account/factor/codes", withPassword).status(http.StatusOK).all("li")
	if len(again) != factor.Codes || text(again[0]) == onPaper[0] {
		t.Errorf("%d codes again, the first %q", len(again), text(again[0]))
	}
	s.post("/account/factor/remove", url.Values{"current": {"wrong"}}).status(http.StatusUnprocessableEntity)
	s.post("/account/factor/remove", withPassword).goesTo("/account")
	s.post("/logout", nil)
	s.post("/login", password).goesTo("/pages?state=done")
	for _, act := range []string{"set_factor", "use_recovery", "set_recovery", "remove_factor"} {
		if rows, err := s.cfg.DB.AccessLog(t.Context(), db.AccessFilter{Act: act, Limit: 9}); err != nil || len(rows) == 0 {
			t.Errorf("the log has no %s: %v", act, err)
		}
	}
}

func TestCodesAreLimited(t *testing.T) {
	s := newSite(t)
	now := &clock{time.Now().Truncate(30 * time.Second)}
	s.cfg.Now = now.now
	s.start()
	s.addUser("admin")
	s.logIn("admin", testPassword)
	secret, _ := s.setUpFactor(now.Time)
	s.post("/logout", nil)
	s.post("/login", url.Values{"user": {"admin"}, "password": {testPassword}})
	wrong := 0
	for s.post("/login/code", url.Values{"code": {"123456"}}).StatusCode == http.StatusUnprocessableEntity {
		if wrong++; wrong > 20 {
			t.Fatal("twenty codes are tried, and on it goes")
		}
	}
	now.Time = now.Add(30 * time.Second)
	right := url.Values{"code": {s.codeAt(secret, now.Time)}}
	if a := s.post("/login/code", right); a.StatusCode != http.StatusTooManyRequests || a.Header.Get("Retry-After") == "" {
		t.Errorf("the right code after %d wrong ones: %d", wrong, a.StatusCode)
	}
	s.post("/login", url.Values{"user": {"admin"}, "password": {testPassword}}).status(http.StatusTooManyRequests)
}

// What lies in the database is of no use without the key beside it, nor for another
// person; codes on paper are.
func TestSecretsOfFactorsAreSealed(t *testing.T) {
	s := newSite(t)
	id := s.addUser("admin")
	s.logIn("admin", testPassword)
	secret, onPaper := s.setUpFactor(time.Now())
	f, err := s.cfg.DB.Factor(t.Context(), id)
	if err != nil || strings.Contains(string(f.Sealed), string(secret)) {
		t.Errorf("the secret lies in the database, %v", err)
	}
	if _, err := s.cfg.Secrets.Open(f.Sealed, ownerOf(id+1)); err == nil {
		t.Error("it may be somebody else's")
	}
	if err := os.Remove(s.cfg.Secrets.Path); err != nil {
		t.Fatal(err)
	}
	s.post("/logout", nil)
	s.post("/login", url.Values{"user": {"admin"}, "password": {testPassword}})
	s.post("/login/code", url.Values{"code": {s.codeAt(secret, time.Now().Add(30*time.Second))}}, "Accept-Language", "en").
		status(http.StatusServiceUnavailable).says("h1", "login.key")
	s.post("/login/code", url.Values{"code": {onPaper[0]}}).goesTo("/")
}

func TestTheOfficeWantsASecondFactor(t *testing.T) {
	s := openSite(t)
	lee := s.colleague("lee", form.Grant{Role: form.Reviewer})
	want := func(who string) {
		t.Helper()
		s.post("/admin/people/admission", url.Values{"idle": {"30"}, "life": {"720"}, "networks": {""}, "factor": {who}}).goesTo("/admin/people")
	}
	s.post("/admin/people/admission", url.Values{"idle": {"30"}, "life": {"720"}, "networks": {""}, "factor": {"everybody"}}).status(http.StatusUnprocessableEntity)
	want("administrators")
	lee.get("/pages").status(http.StatusOK)
	s.get("/pages").goesTo("/account")
	s.get("/account", "Accept-Language", "en").says("#factor", "The office wants you to have a second factor.")
	s.setUpFactor(time.Now())
	s.get("/pages").status(http.StatusOK)
	want("all")
	lee.get("/pages").goesTo("/account")
	lee.setUpFactor(time.Now())
	lee.get("/pages").status(http.StatusOK)

	// Lee has lost the telephone.
	var id form.UserID
	users, err := s.cfg.DB.Users(t.Context())
	for _, u := range users {
		if u.Name == "lee" {
			id = u.ID
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	lee.post(nowhere("/admin/people/:person/factor/remove"), nil).status(http.StatusForbidden)
	path := "/admin/people/" + strconv.FormatInt(int64(id), 10)
	s.get(path, "Accept-Language", "en").says("button", "Remove the second factor")
	s.post(path+"/factor/remove", nil).goesTo(path)
	lee.get("/pages").goesTo("/login?next=%2Fpages")
	lee.logIn("lee", testPassword)
	lee.get("/pages").goesTo("/account")
	own, err := s.cfg.DB.UserByName(t.Context(), "admin")
	if err != nil {
		t.Fatal(err)
	}
	s.post("/admin/people/"+strconv.FormatInt(int64(own.ID), 10)+"/factor/remove", nil).status(http.StatusBadRequest)
}
