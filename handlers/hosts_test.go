package handlers

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHosts(t *testing.T) {
	s := newSite(t)
	ask := func(method, path, host string) int {
		t.Helper()
		handler, err := New(s.cfg)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(method, path, nil)
		r.Host = host
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code == http.StatusMisdirectedRequest && method == "GET" && !strings.Contains(w.Body.String(), "--host") {
			t.Errorf("the page for %s does not say what to do", host)
		}
		return w.Code
	}
	const ours = "seosik.office.example"
	tests := []struct {
		host         string
		alone, named bool // the set-up answers: without a name of the site's own, and with ours
	}{
		{"127.0.0.1:8080", true, true},
		{"192.0.2.7", true, true},
		{"[::1]:8080", true, true},
		{"[2001:db8::1]", true, true},
		{"localhost:8080", true, true},
		{"LOCALHOST", true, true},
		{ours, false, true},
		{"Seosik.Office.Example.:8080", false, true},
		{"evil.example", false, false},
		{"evil.example:8080", false, false},
		{"127.0.0.1.evil.example", false, false},
		{"localhost.evil.example", false, false},
		{"seosik.office.example.evil.example", false, false},
		{"", false, false},
	}
	for _, tt := range tests {
		for _, hosts := range [][]string{nil, {"another.example", " " + ours}} {
			s.cfg.Hosts = hosts
			want := tt.alone
			if hosts != nil {
				want = tt.named
			}
			for _, method := range []string{"GET", "POST"} {
				if got := ask(method, "/setup", tt.host) != http.StatusMisdirectedRequest; got != want {
					t.Errorf("%s /setup of %q where the site is called %q: answered %v, want %v", method, tt.host, hosts, got, want)
				}
			}
			// Other pages answer to any name, as behind a proxy, until the site has one.
			if got := ask("GET", "/login", tt.host) != http.StatusMisdirectedRequest; got != (want || hosts == nil) {
				t.Errorf("/login of %q where the site is called %q: answered %v", tt.host, hosts, got)
			}
			for _, path := range []string{"/healthz", "/openapi.yaml", "/custom/v1/1/2/results/3"} {
				if ask("GET", path, tt.host) == http.StatusMisdirectedRequest {
					t.Errorf("%s does not answer to %q", path, tt.host)
				}
			}
		}
	}
}
