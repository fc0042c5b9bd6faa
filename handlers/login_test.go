package handlers

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/password"
)

func TestSetup(t *testing.T) {
	s := newSite(t)
	s.get("/").goesTo("/setup")
	s.get("/login").goesTo("/setup")
	s.get("/setup", "Accept-Language", "ko").status(http.StatusOK).says("h1", "처음 시작하기")

	tests := []struct{ name, password, again, want string }{
		{"short", "짧다", "짧다", "비밀번호가 너무 짧습니다."},
		{"different", testPassword, testPassword + "4", "두 비밀번호가 서로 다릅니다."},
		{"long", strings.Repeat("x", password.MaxBytes+1), "", "비밀번호가 너무 깁니다."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.post("/setup", url.Values{"password": {tt.password}, "again": {tt.again}}, "Accept-Language", "ko").
				status(http.StatusUnprocessableEntity).says(".wrong", tt.want)
		})
	}
	right := url.Values{"password": {testPassword}, "again": {testPassword}}
	s.post("/setup", right).goesTo("/")
	s.get("/setup").goesTo("/login")
	s.post("/setup", right).goesTo("/login")
	s.post("/logout", nil).goesTo("/login")
	s.logIn("admin", testPassword)
}

// All hashing is taken here, so that a request that hashes waits in vain.
func TestSetupHashesInTurn(t *testing.T) {
	s := newSite(t)
	setup := func() *httptest.ResponseRecorder {
		values := url.Values{"password": {testPassword}, "again": {testPassword}}
		req := httptest.NewRequest("POST", "/try/1", strings.NewReader(values.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		handlerOfRoute(s, func(srv *server, c echo.Context) error {
			for range hashers {
				srv.hashing <- struct{}{}
			}
			return srv.setup(c)
		}, route{within: 100 * time.Millisecond}).ServeHTTP(w, req)
		return w
	}
	if w := setup(); w.Code != http.StatusServiceUnavailable {
		t.Errorf("without a user: status %d, want %d", w.Code, http.StatusServiceUnavailable)
	}
	if users, err := s.cfg.DB.Users(t.Context()); err != nil || len(users) > 0 {
		t.Errorf("%d users, %v; want none", len(users), err)
	}
	s.addUser("admin")
	if w := setup(); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/login" {
		t.Errorf("with a user: status %d, goes to %q, want the login", w.Code, w.Header().Get("Location"))
	}
}

func TestLogin(t *testing.T) {
	s := newSite(t)
	s.addUser("admin")
	tests := []struct{ name, user, password string }{
		{"wrong password", "admin", testPassword + "4"},
		{"no such user", "root", testPassword},
		{"nothing", "", ""},
		{"endless password", "admin", strings.Repeat("x", 100_000)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := s.post("/login", url.Values{"user": {tt.user}, "password": {tt.password}}, "Accept-Language", "en")
			a.status(http.StatusUnprocessableEntity).says(".wrong", "The user name or the password is wrong.")
			if got := attr(a.one("#user"), "value"); got != tt.user {
				t.Errorf("the user name is now %q, want %q", got, tt.user)
			}
			if len(a.Cookies()) != 0 {
				t.Error("a cookie is set")
			}
		})
	}
	a := s.post("/login", url.Values{"user": {"admin"}, "password": {testPassword}, "next": {"/pages?state=done"}})
	a.goesTo("/pages?state=done")
	c := a.Cookies()[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure {
		t.Errorf("cookie %v, want HttpOnly, SameSite=Lax, and not Secure without TLS", c)
	}
}

func TestLoginIsLimited(t *testing.T) {
	s := newSite(t)
	now := &clock{time.Now()}
	s.cfg.Now = now.now
	s.start()
	s.addUser("admin")
	for range attemptsAllowed {
		s.post("/login", url.Values{"user": {"admin"}, "password": {strings.Repeat("x", 2000)}}).status(http.StatusUnprocessableEntity)
	}
	right := url.Values{"user": {"admin"}, "password": {testPassword}}
	s.post("/login", right, "Accept-Language", "en", "X-Forwarded-For", "203.0.113.9").
		status(http.StatusTooManyRequests).says(".wrong", "Too many failed attempts.")
	now.Time = now.Add(attemptsWithin + time.Second)
	s.post("/login", right).goesTo("/")
}

func TestLoginGoesOnlyToThisSite(t *testing.T) {
	tests := []struct{ next, want string }{
		{"/pages?before=3&state=review", "/pages?before=3&state=review"},
		{"", "/"},
		{"pages", "/"},
		{"//evil.example", "/"},
		{`/\evil.example`, "/"},
		{"https://evil.example/", "/"},
		{"/\x00", "/"},
		{"javascript:alert(1)", "/"},
	}
	for _, tt := range tests {
		if got := local(tt.next); got != tt.want {
			t.Errorf("local(%q) = %q, want %q", tt.next, got, tt.want)
		}
	}
}

func TestSessionEnds(t *testing.T) {
	t.Run("after a time", func(t *testing.T) {
		s := newSite(t)
		now := &clock{time.Now()}
		s.cfg.Now = now.now
		s.start()
		s.addUser("admin")
		s.logIn("admin", testPassword)
		now.Time = now.Add(sessionLife - time.Minute)
		a := s.get("/").status(http.StatusOK)
		if len(a.Cookies()) != 1 {
			t.Error("the session of someone at work is not renewed")
		}
		now.Time = now.Add(sessionLife + time.Second)
		s.get("/").goesTo("/login")
	})
	t.Run("with the password", func(t *testing.T) {
		s := openSite(t)
		s.get("/").status(http.StatusOK)
		u, err := s.cfg.DB.UserByName(t.Context(), "admin")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.cfg.DB.SetPassword(t.Context(), u.ID, password.Hash("another password")); err != nil {
			t.Fatal(err)
		}
		s.get("/").goesTo("/login")
	})
	t.Run("by logging out", func(t *testing.T) {
		s := newSite(t)
		now := &clock{time.Now()}
		s.cfg.Now = now.now
		s.start()
		s.addUser("admin")
		address, err := url.Parse(s.server.URL)
		if err != nil {
			t.Fatal(err)
		}
		cookie := func() string { return s.client.Jar.Cookies(address)[0].String() }
		s.logIn("admin", testPassword)
		other := cookie()
		s.logIn("admin", testPassword)
		first := cookie()
		now.Time = now.Add(sessionRenew + time.Second)
		s.get("/").status(http.StatusOK)
		renewed := cookie()
		if first == renewed {
			t.Fatal("the session is not renewed")
		}
		s.post("/logout", nil).goesTo("/login")
		s.get("/").goesTo("/login")
		s.get("/", "Cookie", first).goesTo("/login")
		s.get("/", "Cookie", renewed).goesTo("/login")
		s.get("/", "Cookie", other).status(http.StatusOK) // on another computer
	})
	t.Run("with the keys", func(t *testing.T) {
		s := openSite(t)
		old := s.server.URL
		s.cfg.SessionKeys = [][]byte{[]byte(strings.Repeat("3", 32))}
		jar := s.client.Jar
		s.start()
		s.client.Jar = jar // its cookies are for the host, whatever the port
		if old == s.server.URL {
			t.Fatal("the same server")
		}
		s.get("/").goesTo("/login")
	})
}

func TestNetwork(t *testing.T) {
	tests := []struct{ address, want string }{
		{"192.0.2.7", "192.0.2.7"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
		{"::ffff:192.0.2.7", "::ffff:192.0.2.7"},
		{"no address", "no address"},
	}
	for _, tt := range tests {
		if got := network(tt.address); got != tt.want {
			t.Errorf("network(%q) = %q, want %q", tt.address, got, tt.want)
		}
	}
}

func TestAttemptsAreForgotten(t *testing.T) {
	now := &clock{time.Now()}
	a := newAttempts(now.now)
	for i := range attemptsKept {
		a.begin(strconv.Itoa(i))
	}
	now.Time = now.Add(attemptsWithin + time.Second)
	a.begin("another")
	if len(a.tally) != 1 {
		t.Errorf("%d addresses are kept, want 1", len(a.tally))
	}
}
