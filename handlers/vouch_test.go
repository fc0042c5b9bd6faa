package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/vouch"
	"github.com/seosik/seosik/internal/vouch/vouchtest"
)

// An office's log-in server, which vouches for kim where it is not told otherwise.
type loginServer struct {
	*vouchtest.Server
	asked url.Values // as the browser was sent there last
}

// goThere follows the button of the log-in page, logs in there, and returns where the
// browser is sent back to.
func (l *loginServer) goThere(s *site) string {
	l.Helper()
	to, err := url.Parse(s.get("/login/oidc?next=/pages").status(http.StatusSeeOther).Header.Get("Location"))
	if err != nil || !strings.HasPrefix(to.String(), l.URL+"/auth?") {
		l.Fatalf("sent to %s, %v", to, err)
	}
	l.asked = to.Query()
	if l.asked.Get("redirect_uri") != "https://forms.office.example/login/oidc/back" || l.asked.Get("code_challenge_method") != "S256" {
		l.Errorf("sent with %v", l.asked)
	}
	return vouch.Path + "?" + l.Answer(l.asked, "kim").Encode()
}

func openVouched(t testing.TB) (*site, *loginServer) {
	t.Helper()
	s, l := newVouched(t)
	s.addUser("admin")
	return s, l
}

// newVouched returns a site that is not set up yet, with a log-in server.
func newVouched(t testing.TB) (*site, *loginServer) {
	t.Helper()
	s, l := newSite(t), &loginServer{Server: vouchtest.Open(t)}
	s.cfg.Provider = vouch.New(vouch.Config{
		Name: "사내 로그인", Issuer: l.URL, Client: vouchtest.Client, Secret: vouchtest.Secret, Claim: "preferred_username", Site: "https://forms.office.example",
	})
	s.start()
	return s, l
}

func (s *site) addVouched(name string, grants ...form.Grant) form.UserID {
	s.Helper()
	u, err := s.cfg.DB.AddUser(s.Context(), form.Command, name, "", grants...)
	if err != nil {
		s.Fatal(err)
	}
	return u.ID
}

func TestLogInElsewhere(t *testing.T) {
	s, l := openVouched(t)
	s.addVouched("kim", form.Grant{Role: form.Reader})
	a := s.get("/login?next=/pages", "Accept-Language", "ko").status(http.StatusOK).says("a", "사내 로그인(으)로 로그인")
	if got := attr(a.one("a.button"), "href"); got != "/login/oidc?next=%2Fpages" {
		t.Errorf("the button leads to %q", got)
	}
	back := l.goThere(s)
	s.get(back).goesTo("/pages")
	s.get("/pages").status(http.StatusOK)
	if page := s.get("/account").status(http.StatusOK); len(page.all("input[type=password]")) > 0 {
		t.Error("a password is asked for, and there is none")
	}
	s.post("/logout", nil).goesTo("/login")
	s.get("/pages").goesTo("/login?next=%2Fpages")
	s.get(back).status(http.StatusUnprocessableEntity) // once
	s.post("/login", url.Values{"user": {"kim"}, "password": {""}}).status(http.StatusUnprocessableEntity)

	// What is asked of passwords is asked for there.
	if err := s.cfg.DB.SetAdmission(t.Context(), form.Command, form.Admission{Idle: time.Hour, Life: time.Hour, Factor: form.FactorAll}); err != nil {
		t.Fatal(err)
	}
	s.get(l.goThere(s)).goesTo("/pages")
	s.get("/pages").status(http.StatusOK)
}

// What somebody comes back with must be what was asked for, in this browser, lately.
func TestWhoIsNotVouchedFor(t *testing.T) {
	s, l := openVouched(t)
	now := &clock{time.Now()}
	s.cfg.Now = now.now
	s.start()
	s.addVouched("kim", form.Grant{Role: form.Reader})
	gone := s.addVouched("gone", form.Grant{Role: form.Reader})
	if err := s.cfg.DB.DisableUser(t.Context(), form.Command, gone); err != nil {
		t.Fatal(err)
	}
	same := func(back string) string { return back }
	tests := []struct {
		name   string
		claims map[string]any
		change func(string) string
	}{
		{"another state", nil, func(back string) string { return strings.Replace(back, "state=", "state=x", 1) }},
		{"no state", nil, func(back string) string { return back[:strings.Index(back, "&state=")] }},
		{"another code", nil, func(back string) string { return strings.Replace(back, "code=", "code=x", 1) }},
		{"it was refused there", nil, func(string) string { return vouch.Path + "?error=access_denied&state=" + l.asked.Get("state") }},
		{"another nonce", map[string]any{"nonce": "x"}, same},
		{"for another site", map[string]any{"aud": "other"}, same},
		{"by another server", map[string]any{"iss": "https://evil.example"}, same},
		{"of yesterday", map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}, same},
		{"no name", map[string]any{"preferred_username": nil}, same},
		{"a name that is none", map[string]any{"preferred_username": 1}, same},
		{"nobody here", map[string]any{"preferred_username": "lee"}, same},
		{"who has a password here", map[string]any{"preferred_username": "admin"}, same},
		{"who is disabled", map[string]any{"preferred_username": "gone"}, same},
		{"too late", nil, func(back string) string { now.Time = now.Add(errandTime + time.Second); return back }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l.Claims = tt.claims
			s.get(tt.change(l.goThere(s))).status(http.StatusUnprocessableEntity)
			s.get("/pages").goesTo("/login?next=%2Fpages")
			now.Time = now.Add(time.Hour) // or they are too many
		})
	}
	l.Claims = nil
	back := l.goThere(s)
	jar := s.client.Jar
	s.client.Jar = nil
	s.get(back).status(http.StatusUnprocessableEntity) // in another browser
	s.client.Jar = jar
	s.get(back).goesTo("/pages")
	for _, secret := range []string{vouchtest.Secret, l.asked.Get("state"), l.asked.Get("nonce"), url.QueryEscape("code=")} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log says %q", secret)
		}
	}
	for _, reason := range []string{"it answers \\\"access_denied\\\"", "another nonce", "name=lee", "somebody who is disabled", "somebody with a password", "invalid_grant"} {
		if !strings.Contains(s.log.String(), reason) {
			t.Errorf("the log does not say: %s", reason)
		}
	}
}

// What is refused is counted; but not what a page of a stranger has a browser ask, nor
// that the server is down.
func TestRefusalsAreCounted(t *testing.T) {
	s, l := openVouched(t)
	s.addVouched("kim", form.Grant{Role: form.Reader})
	back := l.goThere(s)
	for range 30 {
		s.get(vouch.Path + "?state=x&code=y").status(http.StatusUnprocessableEntity)
	}
	s.get(back).goesTo("/pages")

	other, l := openVouched(t)
	other.addVouched("kim", form.Grant{Role: form.Reader})
	l.Claims = map[string]any{"preferred_username": "stranger"}
	for range 10 {
		other.get(l.goThere(other)).status(http.StatusUnprocessableEntity)
	}
	other.get(l.goThere(other)).status(http.StatusTooManyRequests)
}

func TestWhatFailsOnTheWayBack(t *testing.T) {
	s, l := openVouched(t)
	s.addVouched("kim", form.Grant{Role: form.Reader})
	l.Then = func() { s.cfg.DB.Close() }
	s.get(l.goThere(s)).status(http.StatusInternalServerError)
	if !strings.Contains(s.log.String(), "request failed") {
		t.Error("the log does not say that the database failed")
	}
	s, l = openVouched(t)
	back := l.goThere(s)
	l.Close()
	s.get(back).status(http.StatusBadGateway)
}

// After a log-out the next one at the desk is not let in as the one before.
func TestWhoHasLoggedOutLogsInAnew(t *testing.T) {
	s, l := openVouched(t)
	s.addVouched("kim", form.Grant{Role: form.Reader})
	anew := func(want bool) string {
		t.Helper()
		back := l.goThere(s)
		if got := l.asked.Get("prompt") == "login" && l.asked.Get("max_age") == "0"; got != want {
			t.Errorf("asked for a new log-in: %t, want %t", got, want)
		}
		return back
	}
	s.get(anew(false)).goesTo("/pages")
	s.post("/logout", nil).goesTo("/login")
	l.Claims = map[string]any{"auth_time": time.Now().Add(-time.Hour).Unix()}
	s.get(anew(true)).status(http.StatusUnprocessableEntity)
	l.Claims = map[string]any{"auth_time": time.Now().Unix()}
	s.get(anew(true)).goesTo("/pages")
	s.get(anew(false)).goesTo("/pages")
}

// Who comes from elsewhere before there is an administrator is not added, and the
// site is set up as ever.
func TestNobodyIsVouchedForBeforeTheSetUp(t *testing.T) {
	s, _ := newVouched(t)
	lee := s.addVouched("lee") // as a release before has added
	s.cfg.AddPeople = true
	s.start()
	s.get("/login/oidc").goesTo("/setup")
	s.get(vouch.Path + "?state=x&code=y").goesTo("/setup")
	if us, err := s.cfg.DB.Users(t.Context()); err != nil || len(us) != 1 || us[0].ID != lee {
		t.Errorf("%+v, %v", us, err)
	}
	s.get("/login").goesTo("/setup")
	s.post("/setup", url.Values{"password": {testPassword}, "again": {testPassword}}).goesTo("/")
	s.get("/admin/people").status(http.StatusOK)
}

func TestPeopleAreAddedElsewhere(t *testing.T) {
	s, l := openVouched(t)
	s.logIn("admin", testPassword)
	s.post("/admin/people", url.Values{"name": {"kim"}, "password": {""}, "grant": {"0/reader"}}).goesTo("/admin/people")
	kim, err := s.cfg.DB.UserByName(t.Context(), "kim")
	if err != nil || kim.HasPassword() || kim.Temporary {
		t.Errorf("%+v, %v", kim, err)
	}
	s.addUser("lee", form.Grant{Role: form.Reader})
	lee := s.colleague("park", form.Grant{Role: form.Reader})
	park, err := s.cfg.DB.UserByName(t.Context(), "park")
	if err != nil {
		t.Fatal(err)
	}
	path := "/admin/people/" + strconv.FormatInt(int64(park.ID), 10)
	s.get(path, "Accept-Language", "en").says("button", "Take the password away")
	s.post(path+"/elsewhere", nil).goesTo(path)
	s.post("/admin/people/1/elsewhere", nil).status(http.StatusBadRequest) // oneself
	lee.get("/pages").goesTo("/login?next=%2Fpages")
	l.Claims = map[string]any{"preferred_username": "park"}
	lee.get(l.goThere(lee)).goesTo("/pages")

	s.cfg.AddPeople = true
	s.start()
	l.Claims = map[string]any{"preferred_username": " 새\u202e사람\n"}
	s.get(l.goThere(s)).goesTo("/pages")
	s.get("/pages").status(http.StatusForbidden) // without a role
	if u, err := s.cfg.DB.UserByName(t.Context(), "새사람"); err != nil || u.HasPassword() {
		t.Errorf("%+v, %v", u, err)
	}
}
