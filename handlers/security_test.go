package handlers

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/seosik/seosik/internal/form"
)

// What every answer says to browsers, whatever is asked for, behind TLS.
func TestWhatBrowsersAreTold(t *testing.T) {
	s := newSite(t)
	s.cfg.TLS = true
	s.start()
	s.addUser("admin")
	a := s.post("/login", url.Values{"user": {"admin"}, "password": {testPassword}})
	for _, c := range a.Cookies() {
		if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("cookie %s: %+v", c.Name, c)
		}
	}
	for _, path := range []string{"/login", "/", "/nothing", "/healthz", "/static/app.css", "/custom/v1/1/x/infer"} {
		h := s.get(path).Header
		for name, want := range map[string]string{
			"Strict-Transport-Security": "max-age=31536000", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "same-origin",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		csp := h.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'self'; ") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: %s", path, csp)
		}
	}
	s.cfg.TLS = false
	s.start()
	if got := s.get("/login").Header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("without TLS browsers are told to use it: %s", got)
	}
}

// Each log-in, and each change of what one may do, has another secret.
func TestSessionsAreExchanged(t *testing.T) {
	s := openSite(t)
	seen := make(map[string]bool)
	another := func(what string, a *answer) {
		t.Helper()
		for _, c := range a.Cookies() {
			if c.Name == sessionCookie && c.Value != "" && !seen[c.Value] {
				seen[c.Value] = true
				return
			}
		}
		t.Errorf("%s: the session has the secret of before", what)
	}
	password := url.Values{"user": {"admin"}, "password": {testPassword}}
	another("log-in", s.post("/login", password))
	another("log-in again", s.post("/login", password))
	u, err := s.cfg.DB.UserByName(t.Context(), "admin")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cfg.DB.SetRoles(t.Context(), form.Command, u.ID, []form.Grant{{Role: form.Administrator}, {Role: form.Reader}}); err != nil {
		t.Fatal(err)
	}
	another("other roles", s.get("/account"))
	another("second factor off", func() *answer {
		s.setUpFactor(time.Now())
		return s.post("/account/factor/remove", withPassword)
	}())
	another("another password", s.post("/account/password", url.Values{"current": {testPassword}, "password": {"점심은 김치찌개 둘"}, "again": {"점심은 김치찌개 둘"}}))
}

func TestDownloadsHaveSafeNames(t *testing.T) {
	tests := []struct{ name, want string }{
		{"청구서 3월.csv", "청구서 3월.csv"},
		{"../../etc/passwd", "_.._etc_passwd"},
		{`C:\windows\x.exe`, "C__windows_x.exe"},
		{"a\r\nSet-Cookie: x=1", "a__Set-Cookie_ x=1"},
		{"\u202efdp.exe", "_fdp.exe"},
		{`a"; filename="b.exe`, "a_; filename=_b.exe"},
		{"con.csv", "_con.csv"},
		{"LPT1", "_LPT1"},
		{"console.csv", "console.csv"},
		{"report.csv. . .", "report.csv"},
		{"", "_"},
		{"...", "_"},
		{"\xff\xfe.csv", "__.csv"},
		{strings.Repeat("가", 100) + ".csv", strings.Repeat("가", 83) + ".csv"},
	}
	for _, tt := range tests {
		w := httptest.NewRecorder()
		attach(w.Header(), tt.name)
		got := safeName(tt.name)
		if got != tt.want {
			t.Errorf("safeName(%q) = %q, want %q", tt.name, got, tt.want)
		}
		if d := w.Header().Get("Content-Disposition"); !strings.HasPrefix(d, "attachment; filename") || strings.ContainsAny(d, "\r\n") || len(got) > maxFileName || !utf8.ValidString(got) {
			t.Errorf("%q is sent as %q", tt.name, d)
		}
	}
}
