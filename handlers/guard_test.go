package handlers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/net/html"

	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/static"
)

var parameter = regexp.MustCompile(`:\w+|\*`)

// strangers may have these; all other routes are for people who are logged in,
// or for programs with a secret.
var strangers = map[string]bool{
	"GET /healthz": true, "GET /livez": true, "GET /readyz": true, "GET /openapi.yaml": true, "GET /docs/api": true, "GET /static/*": true, "POST /language": true,
	"GET /setup": true, "POST /setup": true, "GET /login": true, "POST /login": true, "GET /login/code": true, "POST /login/code": true, "GET /login/oidc": true, "GET /login/oidc/back": true, "POST /logout": true,
}

func TestStrangersAreTurnedAway(t *testing.T) {
	s := newSite(t)
	s.addUser("admin")
	for _, r := range (&server{}).routes() {
		name := r.method + " " + r.path
		t.Run(name, func(t *testing.T) {
			if got, want := r.access == everyone, strangers[name]; got != want {
				t.Fatalf("for everyone: %v, want %v", got, want)
			}
			if r.access != people {
				return
			}
			path := parameter.ReplaceAllString(r.path, "1")
			a := s.do(r.method, path, nil).status(http.StatusSeeOther)
			if to := a.Header.Get("Location"); !strings.HasPrefix(to, "/login") {
				t.Errorf("goes to %q, want the login", to)
			}
			a = s.do(r.method, path, nil, "HX-Request", "true").status(http.StatusNoContent)
			if to := a.Header.Get("HX-Redirect"); to != "/login" {
				t.Errorf("a script goes to %q, want /login", to)
			}
			if len(a.body) > 0 {
				t.Errorf("a stranger gets %q", a.body)
			}
		})
	}
}

func TestLoginReturns(t *testing.T) {
	s := newSite(t)
	s.addUser("admin")
	s.get("/pages?state=done").goesTo("/login?next=" + url.QueryEscape("/pages?state=done"))
	a := s.get("/login?next=" + url.QueryEscape("/pages?state=done"))
	for _, n := range a.all("input[name=next]") {
		if attr(n.Parent, "action") == "/login" && attr(n, "value") != "/pages?state=done" {
			t.Errorf("next = %q", attr(n, "value"))
		}
	}
}

func TestOtherSitesAreRefused(t *testing.T) {
	s := openSite(t)
	for _, r := range (&server{}).routes() {
		if r.method == http.MethodGet || r.access == programs {
			continue
		}
		t.Run(r.method+" "+r.path, func(t *testing.T) {
			path := parameter.ReplaceAllString(r.path, "1")
			s.post(path, nil, "Sec-Fetch-Site", "cross-site").status(http.StatusForbidden)
			s.post(path, nil, "Origin", "https://evil.example").status(http.StatusForbidden)
			s.post(path, nil, "Origin", "null").status(http.StatusForbidden)
		})
	}
	s.get("/").status(http.StatusOK)
	s.post("/logout", nil, "Origin", s.server.URL).status(http.StatusSeeOther) // as old browsers say, and those without https
}

func TestHeaders(t *testing.T) {
	s := openSite(t)
	for _, path := range []string{"/", "/login", "/healthz", "/no/such", static.URL("app.css")} {
		h := s.get(path).Header
		if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'self'") ||
			!strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: Content-Security-Policy %q", path, csp)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s %q, want %q", path, name, got, want)
			}
		}
	}
}

// Pages must keep to their own content security policy.
// The policy forbids inline code, so that what got into a page does nothing: no page
// may have any.
func TestPagesHaveNoInlineCode(t *testing.T) {
	s := openSite(t)
	page := s.addKeyed()
	drawn := 0
	look := func(path string, a *answer) {
		if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			return
		}
		drawn++
		for _, n := range a.all("script") {
			if attr(n, "src") == "" {
				t.Errorf("%s: an inline script", path)
			}
		}
		root, err := html.Parse(bytes.NewReader(a.body))
		if err != nil {
			t.Fatal(err)
		}
		for n := range root.Descendants() {
			for _, is := range n.Attr {
				if is.Key == "style" || strings.HasPrefix(is.Key, "on") || strings.HasPrefix(is.Key, "hx-on") {
					t.Errorf("%s: <%s %s>", path, n.Data, is.Key)
				}
			}
			if n.Type == html.ElementNode && n.Data == "style" {
				t.Errorf("%s: there is a style", path)
			}
		}
	}
	s.everything(page, look)
	s.post("/logout", nil)
	for _, path := range []string{"/login", "/docs/api", "/no/such"} {
		look(path, s.get(path))
	}
	if drawn < 60 {
		t.Errorf("%d pages were looked at", drawn)
	}
}

func TestStatic(t *testing.T) {
	s := newSite(t)
	for name, kind := range map[string]string{
		"app.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8",
		"icons.svg": "image/svg+xml", "lib/htmx.min.js": "text/javascript; charset=utf-8",
	} {
		a := s.get(static.URL(name)).status(http.StatusOK)
		if got := a.Header.Get("Content-Type"); got != kind {
			t.Errorf("%s: type %q, want %q", name, got, kind)
		}
		if got := a.Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("%s: Cache-Control %q", name, got)
		}
	}
	s.get("/static/app.css").status(http.StatusNotFound)
	if got := s.get("/healthz").Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("pages: Cache-Control %q, want no-store", got)
	}
}

func TestLanguage(t *testing.T) {
	s := newSite(t)
	s.addUser("admin")
	s.get("/login", "Accept-Language", "en-US").says("h1", "Log in")
	s.get("/login", "Accept-Language", "ko-KR").says("h1", "로그인")
	s.post("/language", url.Values{"language": {"en"}, "next": {"/login?next=%2Fpages"}}).goesTo("/login?next=%2Fpages")
	a := s.get("/login", "Accept-Language", "ko-KR").says("h1", "Log in")
	if got := attr(a.one("html"), "lang"); got != "en" {
		t.Errorf("lang = %q, want en", got)
	}
	s.post("/language", url.Values{"language": {"xx"}}).status(http.StatusBadRequest)
}

func TestErrors(t *testing.T) {
	s := openSite(t)
	tests := []struct {
		name, method, path string
		status             int
		says               string
	}{
		{"no such page", "GET", "/no/such", http.StatusNotFound, "There is nothing here."},
		{"no such submission", "GET", "/submissions/7", http.StatusNotFound, "There is nothing here."},
		{"not a number", "GET", "/submissions/x", http.StatusNotFound, "There is nothing here."},
		{"method", "POST", "/export", http.StatusMethodNotAllowed, "This cannot be done at this address."},
		{"filter", "GET", "/pages?from=yesterday", http.StatusBadRequest, "The request was not understood."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.do(tt.method, tt.path, nil, "Accept-Language", "en").status(tt.status).says("h1", tt.says)
			a := s.do(tt.method, tt.path, nil, "Accept-Language", "en", "HX-Request", "true").status(tt.status)
			if !strings.HasPrefix(string(a.body), tt.says) || strings.Contains(string(a.body), "<") {
				t.Errorf("a script gets %q, want %q", a.body, tt.says)
			}
		})
	}
}

// handlerOf returns a site that has only handle, open to everyone, behind
// all that every route has.
func handlerOf(s *site, handle func(*server, echo.Context) error) http.Handler {
	return handlerOfRoute(s, handle, route{})
}

func handlerOfRoute(s *site, handle func(*server, echo.Context) error, r route) http.Handler {
	s.Helper()
	srv, err := newServer(s.cfg)
	if err != nil {
		s.Fatal(err)
	}
	r.access, r.handle = everyone, func(c echo.Context) error { return handle(srv, c) }
	e := echo.New()
	e.HTTPErrorHandler = srv.fail
	e.Use(srv.log, srv.recover, patience, srv.headers, speak)
	e.Any("/try/:secret", srv.admit(r))
	e.Any(apiRoot+"try", srv.admit(r))
	return e
}

// serve answers a request by handle.
func serve(s *site, handle echo.HandlerFunc, r route, req *http.Request) *httptest.ResponseRecorder {
	s.Helper()
	w := httptest.NewRecorder()
	handlerOfRoute(s, func(_ *server, c echo.Context) error { return handle(c) }, r).ServeHTTP(w, req)
	return w
}

// What may do better later says when, to people and to programs.
func TestRetryAfter(t *testing.T) {
	s, err := newServer(newSite(t).cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, path string
		err        error
		status     int
		want       string
	}{
		{"a page that took too long", "/pages", fmt.Errorf("pages: %w", context.DeadlineExceeded), http.StatusServiceUnavailable, "5"},
		{"too many calls", apiRoot + "1/x/infer", clova.ErrRate.Because("one at a time"), http.StatusBadRequest, "1"},
		{"a full disk", "/submissions", fmt.Errorf("write: %w", syscall.ENOSPC), http.StatusInsufficientStorage, "300"},
		{"part of a second", apiRoot, &clova.Error{Status: http.StatusServiceUnavailable, Code: "0025", RetryAfter: 1100 * time.Millisecond}, http.StatusServiceUnavailable, "2"},
		{"nothing to wait for", "/pages", errBadRequest, http.StatusBadRequest, ""},
		{"nothing to wait for in a call", apiRoot, clova.ErrBody, http.StatusBadRequest, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			s.fail(tt.err, echo.New().NewContext(httptest.NewRequest(http.MethodGet, tt.path, nil), w))
			if got := w.Header().Get("Retry-After"); w.Code != tt.status || got != tt.want {
				t.Errorf("status %d, Retry-After %q; want %d, %q", w.Code, got, tt.status, tt.want)
			}
		})
	}
}

func TestPanicsAndLog(t *testing.T) {
	s := newSite(t)
	w := serve(s, func(echo.Context) error { panic("oh no") }, route{},
		httptest.NewRequest("GET", "/try/hong?name=gildong", nil))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "oh no") {
		t.Errorf("status %d, body %q", w.Code, w.Body)
	}
	log := s.log.String()
	for _, want := range []string{"oh no", "guard_test.go", "route=/try/:secret", "status=500"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log has no %q:\n%s", want, log)
		}
	}
	for _, leaked := range []string{"hong", "gildong"} {
		if strings.Contains(log, leaked) {
			t.Errorf("the log has %q:\n%s", leaked, log)
		}
	}
}

func TestOurMistakesAreLogged(t *testing.T) {
	trace := regexp.MustCompile(`"traceId":"([0-9a-f]{32})"`)
	ended, leave := context.WithCancel(t.Context())
	leave()
	tests := []struct {
		name, path string
		ctx        context.Context
		logged     bool
	}{
		{"program", apiRoot + "try", t.Context(), true},
		{"program that left", apiRoot + "try", ended, false},
		{"browser", "/try/1", t.Context(), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t)
			w := serve(s, func(echo.Context) error { return errors.New("disk on fire") }, route{},
				httptest.NewRequestWithContext(tt.ctx, "POST", tt.path, nil))
			if w.Code != http.StatusInternalServerError {
				t.Errorf("status %d", w.Code)
			}
			log := s.log.String()
			if got := strings.Contains(log, "disk on fire"); got != tt.logged {
				t.Errorf("logged: %v, want %v:\n%s", got, tt.logged, log)
			}
			id := trace.FindStringSubmatch(w.Body.String())
			if program := strings.HasPrefix(tt.path, apiRoot); program != (id != nil) {
				t.Fatalf("trace %q in %s", id, w.Body)
			}
			if tt.logged && id != nil && !strings.Contains(log, "trace="+id[1]) {
				t.Errorf("the log has no trace %s:\n%s", id[1], log)
			}
		})
	}
}

func TestBrokenDownloadsStayBroken(t *testing.T) {
	s := newSite(t)
	defer func() {
		if err, ok := recover().(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
			t.Errorf("recovered %v, want ErrAbortHandler to reach the server", err)
		}
	}()
	serve(s, func(echo.Context) error { panic(http.ErrAbortHandler) }, route{}, httptest.NewRequest("GET", "/try/1", nil))
}

// Strangers who leave in the midst of a request raise no alarm.
func TestWhoLeavesIsNoError(t *testing.T) {
	s := newSite(t)
	ctx, leave := context.WithCancel(t.Context())
	wait := func(c echo.Context) error {
		leave()
		<-c.Request().Context().Done()
		return c.Request().Context().Err()
	}
	serve(s, wait, route{}, httptest.NewRequest("GET", "/try/1", nil).WithContext(ctx))
	if log := s.log.String(); !strings.Contains(log, "client left") || strings.Contains(log, "level=ERROR") {
		t.Errorf("the log says %s", log)
	}
}

func TestLimits(t *testing.T) {
	s := newSite(t)
	read := func(c echo.Context) error {
		_, err := io.ReadAll(c.Request().Body)
		return err
	}
	w := serve(s, read, route{body: 10}, httptest.NewRequest("POST", "/try/1", strings.NewReader("elf zeichen")))
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a long body: status %d", w.Code)
	}
	wait := func(c echo.Context) error {
		<-c.Request().Context().Done()
		return c.Request().Context().Err()
	}
	w = serve(s, wait, route{within: time.Millisecond}, httptest.NewRequest("GET", "/try/1", nil))
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "시간이 너무 오래 걸렸습니다.") {
		t.Errorf("a long wait: status %d, body %s", w.Code, w.Body)
	}
}

// What is on forms, what files are called and what is searched for is in no line of
// the log, whatever is asked for and whatever breaks.
func TestTheLogHoldsNoContents(t *testing.T) {
	const name, number, typed, file = "가나다라홍길동", "900101-1234567", "고쳐쓴값", "김비밀.pdf"
	s := openSite(t)
	s.cfg.Log = slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.start()
	s.logIn("admin", testPassword)
	s.addDomain("총무과", "출장 신청서")
	s.read()
	s.upload("/submissions", url.Values{"domain": {"1"}}, map[string][]byte{file: []byte("review 성명=" + name + "? 번호=" + number)}).status(http.StatusSeeOther)
	if err := s.cfg.Intake.Wait(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	const page form.PageID = 1
	s.post(fmt.Sprintf("/pages/%d/corrections", page), url.Values{"field": {"0"}, "run": {"1"}, "seen": {"0"}, "text": {typed}})
	s.everything(page, func(string, *answer) {})
	s.get("/pages?value=" + url.QueryEscape(name))
	s.get("/pages/" + url.PathEscape(name))
	s.post("/submissions", url.Values{"file": {name}})
	if err := os.RemoveAll(s.blobs); err != nil {
		t.Fatal(err)
	}
	s.everything(page, func(string, *answer) {})
	said := s.log.String()
	if strings.Count(said, "level=ERROR") < 3 {
		t.Errorf("little broke:\n%s", said)
	}
	for _, secret := range []string{name, number, typed, file, "김비밀", "900101"} {
		for _, written := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), strings.Trim(strconv.QuoteToASCII(secret), `"`)} {
			if i := strings.Index(said, written); i >= 0 {
				t.Errorf("the log has %q: %s", secret, said[max(0, i-200):i+50])
			}
		}
	}
}
