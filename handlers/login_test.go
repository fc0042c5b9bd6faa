package handlers

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/form"
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
		{"common", "비밀번호123456", "비밀번호123456", "너무 쉽게 알아낼 수 있는 비밀번호입니다."},
		{"the name in it", "adminadmin1!", "adminadmin1!", "너무 쉽게 알아낼 수 있는 비밀번호입니다."},
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
	wrong := func(user string) url.Values {
		return url.Values{"user": {user}, "password": {strings.Repeat("x", 2000)}}
	}
	for range 10 {
		s.post("/login", wrong("Admin")).status(http.StatusUnprocessableEntity)
	}
	right := url.Values{"user": {"admin"}, "password": {testPassword}}
	a := s.post("/login", right, "Accept-Language", "en", "X-Forwarded-For", "203.0.113.9")
	a.status(http.StatusTooManyRequests).says(".wrong", "Too many failed attempts. Try again in 1 minute.")
	if got := a.Header.Get("Retry-After"); got != "60" {
		t.Errorf("Retry-After = %q, want 60", got)
	}
	s.start() // again: what was counted is kept
	s.post("/login", right).status(http.StatusTooManyRequests)
	now.Time = now.Add(time.Minute)
	s.post("/login", wrong("admin")).status(http.StatusUnprocessableEntity)
	a = s.post("/login", right, "Accept-Language", "ko").status(http.StatusTooManyRequests)
	a.says(".wrong", "로그인에 여러 번 실패했습니다. 2분 뒤에 다시 시도해 주세요.")
	now.Time = now.Add(2 * time.Minute)
	s.post("/login", right).goesTo("/")
}

// A name that nobody has is limited like any other: the limit tells nothing.
func TestLoginOfNobodyIsLimited(t *testing.T) {
	s := newSite(t)
	s.addUser("admin")
	for range 10 {
		s.post("/login", url.Values{"user": {"root"}, "password": {"x"}}).status(http.StatusUnprocessableEntity)
	}
	s.post("/login", url.Values{"user": {"root"}, "password": {"x"}}).status(http.StatusTooManyRequests)
}

// Nothing of what people type where a name belongs is kept, and they type
// passwords there.
func TestAttemptKeysTellNothing(t *testing.T) {
	s := newSite(t)
	srv, err := newServer(s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	other := s.cfg
	other.SessionKeys = [][]byte{[]byte(strings.Repeat("3", 32))}
	elsewhere, err := newServer(other)
	if err != nil {
		t.Fatal(err)
	}
	key := srv.attemptKey("login admin")
	if bytes.Equal(key, elsewhere.attemptKey("login admin")) || bytes.Contains(key, []byte("admin")) {
		t.Error("whoever has the database can find out the name")
	}
	if bytes.Equal(srv.attemptKey("a", "b"), srv.attemptKey("ab")) {
		t.Error("two people have the same key")
	}
}

// Behind a proxy that is named, people are told apart by what it says of them.
func TestProxiesAreBelieved(t *testing.T) {
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	elsewhere := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	tests := []struct {
		name      string
		proxies   []netip.Prefix
		forwarded string
		want      string
	}{
		{"none named", nil, "203.0.113.9", "127.0.0.1"},
		{"another one named", elsewhere, "203.0.113.9", "127.0.0.1"},
		{"named", loopback, "203.0.113.9", "203.0.113.9"},
		{"what the client forged", loopback, "198.51.100.1, 203.0.113.9", "203.0.113.9"},
		{"two proxies", append(loopback, elsewhere...), "203.0.113.9, 10.1.2.3", "203.0.113.9"},
		{"two proxies by IPv6", append(loopback, elsewhere...), "2001:db9::1, 2001:db8::7", "2001:db9::1"},
		{"a private client", loopback, "192.168.0.7", "192.168.0.7"},
		{"no address", loopback, "unknown", "127.0.0.1"},
		{"nothing", loopback, "", "127.0.0.1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/login", nil)
			r.RemoteAddr = "127.0.0.1:40000"
			if tt.forwarded != "" {
				r.Header.Set("X-Forwarded-For", tt.forwarded)
			}
			if got := extractor(tt.proxies)(r); got != tt.want {
				t.Errorf("from %s, want %s", got, tt.want)
			}
		})
	}
}

func TestOneClientOfAProxyDoesNotLockOutTheOthers(t *testing.T) {
	s := newSite(t)
	s.cfg.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	s.start()
	s.addUser("admin")
	for range 10 {
		s.post("/login", url.Values{"user": {"root"}, "password": {"x"}}, "X-Forwarded-For", "203.0.113.9").
			status(http.StatusUnprocessableEntity)
	}
	right := url.Values{"user": {"admin"}, "password": {testPassword}}
	s.post("/login", right, "X-Forwarded-For", "203.0.113.9").status(http.StatusTooManyRequests)
	s.post("/login", right, "X-Forwarded-For", "203.0.113.10").goesTo("/")
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
	t.Run("when nobody is there", func(t *testing.T) {
		s, now := clocked(t)
		cookie := s.cookie()
		now.Time = now.Add(29 * time.Minute)
		s.get("/").status(http.StatusOK)
		for range 31 { // pages that are left open ask by themselves
			now.Time = now.Add(time.Minute)
			s.get("/pages/1/ready", "HX-Request", "true")
			s.post("/pages/1/claim", nil, "HX-Request", "true")
		}
		s.get("/").goesTo("/login")
		s.logIn("admin", testPassword)
		if cookie == s.cookie() {
			t.Error("the session is the same")
		}
	})
	t.Run("after a day's work", func(t *testing.T) {
		s, now := clocked(t)
		for range 47 {
			s.get("/").status(http.StatusOK)
			now.Time = now.Add(15 * time.Minute)
		}
		s.get("/").status(http.StatusOK)
		now.Time = now.Add(16 * time.Minute)
		s.get("/").goesTo("/login")
	})
	t.Run("with the password", func(t *testing.T) {
		s := openSite(t)
		s.get("/").status(http.StatusOK)
		u, err := s.cfg.DB.UserByName(t.Context(), "admin")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.cfg.DB.SetPassword(t.Context(), form.Command, u.ID, password.Hash("another password")); err != nil {
			t.Fatal(err)
		}
		s.get("/").goesTo("/login")
	})
	t.Run("by logging out", func(t *testing.T) {
		s := openSite(t)
		first := s.cookie()
		jar := s.client.Jar
		s.client.Jar = nil
		other := strings.Split(s.post("/login", url.Values{"user": {"admin"}, "password": {testPassword}}).Header.Get("Set-Cookie"), ";")[0]
		s.client.Jar = jar
		s.post("/logout", nil).goesTo("/login")
		s.get("/").goesTo("/login")
		s.get("/", "Cookie", first).goesTo("/login")
		s.get("/", "Cookie", other).status(http.StatusOK) // on another computer
	})
	t.Run("by logging in again", func(t *testing.T) {
		s := openSite(t)
		first := s.cookie()
		s.logIn("admin", testPassword)
		s.client.Jar = nil
		s.get("/", "Cookie", first).goesTo("/login")
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

// clocked returns a site whose clock can be set, with an administrator, who is
// logged in.
func clocked(t *testing.T) (*site, *clock) {
	t.Helper()
	s := newSite(t)
	now := &clock{time.Now()}
	s.cfg.Now = now.now
	s.start()
	s.addUser("admin")
	s.logIn("admin", testPassword)
	return s, now
}

// cookie returns the cookie of the session.
func (s *site) cookie() string {
	s.Helper()
	address, err := url.Parse(s.server.URL)
	if err != nil {
		s.Fatal(err)
	}
	return s.client.Jar.Cookies(address)[0].String()
}
