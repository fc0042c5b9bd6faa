package handlers

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/download"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/intake"
	"github.com/seosik/seosik/internal/keyfile"
	"github.com/seosik/seosik/internal/password"
)

const testPassword = "열려라 참깨 123"

var testHash = sync.OnceValue(func() string { return password.Hash(testPassword) })

// A site is the whole site over a real database, and a browser. Its pages are
// read by a [scriptReader].
type site struct {
	testing.TB
	cfg    Config
	blobs  string // the folder of cfg.Blobs
	folder string // into which files of schedules may go; not there yet
	server *httptest.Server
	client *http.Client // keeps cookies, does not follow redirects
	log    *bytes.Buffer

	template *form.Template // of the pages that are read
	scripts  sync.Map       // of a scriptReader: which pages it has read
}

// newSite returns a site without users.
func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{TB: t, log: new(bytes.Buffer)}
	dir := t.TempDir()
	var err error
	if s.cfg.DB, err = db.Open(t.Context(), filepath.Join(dir, "seosik.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.cfg.DB.Close() })
	s.blobs = filepath.Join(dir, "blobs")
	if s.cfg.Blobs, err = blob.Open(s.blobs); err != nil {
		t.Fatal(err)
	}
	s.folder = filepath.Join(dir, "out")
	s.cfg.Exports = download.New(download.Config{DB: s.cfg.DB, Blobs: s.cfg.Blobs, Data: dir, Folders: []string{s.folder}})
	s.cfg.Intake, err = intake.New(intake.Config{
		DB: s.cfg.DB, Exports: s.cfg.Exports, Blobs: s.cfg.Blobs, Reader: scriptReader{s}, Workers: 1, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.cfg.Secrets = keyfile.Box{Path: filepath.Join(dir, "login.key")}
	s.cfg.Log = slog.New(slog.NewTextHandler(s.log, nil))
	s.cfg.SessionKeys = [][]byte{bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)}
	s.start()
	return s
}

// start starts the site with s.cfg.
func (s *site) start() {
	s.Helper()
	handler, err := New(s.cfg)
	if err != nil {
		s.Fatal(err)
	}
	s.server = httptest.NewServer(handler)
	s.Cleanup(s.server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.Fatal(err)
	}
	s.client = s.server.Client()
	s.client.Jar = jar
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
}

// openSite returns a site with an administrator, who is logged in.
func openSite(t testing.TB) *site {
	t.Helper()
	s := newSite(t)
	s.addUser("admin")
	s.logIn("admin", testPassword)
	return s
}

// addUser adds somebody who administers all domains, or has those roles.
func (s *site) addUser(name string, grants ...form.Grant) form.UserID {
	s.Helper()
	if grants == nil {
		grants = []form.Grant{{Role: form.Administrator}}
	}
	u, err := s.cfg.DB.AddUser(s.Context(), form.Command, name, testHash(), grants...)
	if err != nil {
		s.Fatal(err)
	}
	return u.ID
}

// read has the machine read from now on.
func (s *site) read() {
	s.Helper()
	if err := s.cfg.Intake.Start(s.Context()); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() {
		if err := s.cfg.Intake.Stop(context.Background()); err != nil {
			s.Error(err)
		}
	})
}

// addDomain adds a domain with a template in service, which becomes s.template.
func (s *site) addDomain(name, template string) form.DomainID {
	s.Helper()
	d, _, err := s.cfg.DB.AddDomain(s.Context(), form.Command, name, []string{"ko"})
	if err != nil {
		s.Fatal(err)
	}
	picture, err := s.cfg.Blobs.Put(s.Context(), page)
	if err != nil {
		s.Fatal(err)
	}
	s.template, err = s.cfg.DB.SaveTemplate(s.Context(), form.Command, &form.Template{
		Domain: d.ID, Stage: form.Service,
		Name: template, Languages: []string{"ko"}, Width: 800, Height: 600,
		Image: picture, ImageName: "template.png",
		Fields: []form.Field{
			{ID: "성명", Name: "성명", Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(10, 10, 200, 40)},
			{ID: "번호", Name: "번호", Kind: form.Normal, ValueType: form.Numeric, Box: geom.XYWH(10, 60, 200, 40)},
		},
		Tables: []form.Table{{
			Name: "내역", Box: geom.XYWH(10, 200, 400, 120), Header: 1, Rows: make([]form.Row, 2), Columns: []form.Column{{Name: "품목"}, {Name: "금액"}},
			Cells: [][]geom.Box{
				{geom.XYWH(10, 200, 200, 40), geom.XYWH(210, 200, 200, 40)},
				{geom.XYWH(10, 240, 200, 40), geom.XYWH(210, 240, 200, 40)},
				{geom.XYWH(10, 280, 200, 40), geom.XYWH(210, 280, 200, 40)},
			},
		}},
	})
	if err != nil {
		s.Fatal(err)
	}
	return d.ID
}

// A scriptReader reads files that say what is on them: each line is a page,
//
//	done 성명=홍길동 번호=0123
//	review 성명=홍길도? 번호=0123
//	unmatched 성명=홍길동
//	failed damaged
//
// where what ends in ? is doubtful, and what an unmatched page says is read when
// it is read again; of "a=>b", a is read the first time and b from then on. After
// margin= stands where something is written in no field. Pages are of the site's
// template.
type scriptReader struct{ site *site }

func (r scriptReader) lines(file []byte) []string {
	return strings.Split(strings.TrimSpace(string(file)), "\n")
}

func (r scriptReader) Pages(_ context.Context, file []byte) (int, form.Failure, error) {
	return len(r.lines(file)), "", nil
}

func (r scriptReader) Read(_ context.Context, file []byte, want func(int) (intake.Want, bool)) iter.Seq2[intake.Result, error] {
	return func(yield func(intake.Result, error) bool) {
		for i, line := range r.lines(file) {
			if w, wanted := want(i + 1); wanted && !yield(r.wanted(file, i+1, strings.Fields(line), w), nil) {
				return
			}
		}
	}
}

// wanted returns a page as it is wanted. One that says unmatched is found to be
// of the site's template the second time that it is read.
func (r scriptReader) wanted(file []byte, number int, words []string, w intake.Want) intake.Result {
	_, again := r.site.scripts.LoadOrStore(fmt.Sprintf("%d of %s", number, file), true)
	for i, w := range words {
		if first, then, ok := strings.Cut(w, "=>"); ok && again {
			words[i] = first[:strings.Index(first, "=")+1] + then
		} else {
			words[i] = first
		}
	}
	if again && len(words) > 0 && words[0] == "unmatched" {
		words[0] = "done"
		if strings.Contains(strings.Join(words, " "), "?") {
			words[0] = "review"
		}
	}
	result := r.page(number, words)
	if w.TemplateToPage != (geom.Homography{}) {
		result.Page.TemplateToPage = w.TemplateToPage
	}
	return result
}

func (r scriptReader) page(number int, words []string) intake.Result {
	if len(words) == 0 {
		return intake.Result{Page: form.Page{Number: number, State: form.StateFailed, Failure: form.FailEmpty}}
	}
	p := form.Page{Number: number, State: form.State(words[0]), Width: 800, Height: 600}
	switch p.State {
	case form.StateFailed:
		p.Failure = form.Failure(words[1])
		return intake.Result{Page: p}
	case form.StateUnmatched:
		return intake.Result{Page: p, Image: page}
	}
	t := r.site.template
	p.Template, p.Version, p.TemplateToPage, p.Score = t.ID, t.Version, geom.Identity, 1
	read := make(map[form.FieldID]form.Reading)
	for _, w := range words[1:] {
		name, text, _ := strings.Cut(w, "=")
		if name == "margin" {
			var x, y float64
			if _, err := fmt.Sscanf(text, "%f,%f", &x, &y); err != nil {
				panic(err)
			}
			p.Margins = append(p.Margins, geom.XYWH(x, y, 120, 40).Quad())
			continue
		}
		text, doubtful := strings.CutSuffix(text, "?")
		reading := form.Reading{Field: form.FieldID(name), Text: text, Confidence: 0.99}
		if doubtful {
			reading.Confidence, reading.Reasons = 0.5, []form.Reason{form.ReasonUnsure}
		}
		read[reading.Field] = reading
	}
	result := intake.Result{Page: p, Image: page}
	names := t.Names()
	for _, f := range t.Places() {
		reading := read[form.FieldID(names[f.ID])]
		reading.Field, reading.Engine, reading.Where = f.ID, "script", f.Box.Quad()
		result.Readings = append(result.Readings, reading)
	}
	return result
}

// page is a blank page of 800 by 600 px.
var page = func() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewPaletted(image.Rect(0, 0, 800, 600), color.Palette{color.White, color.Black})); err != nil {
		panic(err)
	}
	return b.Bytes()
}()

func (s *site) logIn(name, password string) {
	s.Helper()
	s.post("/login", url.Values{"user": {name}, "password": {password}}).status(http.StatusSeeOther)
}

// An answer is what the site said.
type answer struct {
	s *site
	*http.Response
	body []byte
}

// do sends a request whose header holds the given names and values in turn.
func (s *site) do(method, path string, body io.Reader, header ...string) *answer {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), method, s.server.URL+path, body)
	if err != nil {
		s.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := s.client.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	a := &answer{s: s, Response: resp}
	if a.body, err = io.ReadAll(resp.Body); err != nil {
		s.Fatal(err)
	}
	return a
}

func (s *site) get(path string, header ...string) *answer {
	s.Helper()
	return s.do(http.MethodGet, path, nil, header...)
}

func (s *site) post(path string, form url.Values, header ...string) *answer {
	s.Helper()
	return s.do(http.MethodPost, path, strings.NewReader(form.Encode()),
		append([]string{"Content-Type", "application/x-www-form-urlencoded"}, header...)...)
}

// status ends the test where the answer has another status.
func (a *answer) status(want int) *answer {
	a.s.Helper()
	if a.StatusCode != want {
		a.s.Fatalf("%s %s: status %d, want %d\n%s", a.Request.Method, a.Request.URL.Path, a.StatusCode, want, a.body)
	}
	return a
}

// goesTo ends the test where the answer does not send the browser to path.
func (a *answer) goesTo(path string) {
	a.s.Helper()
	a.status(http.StatusSeeOther)
	if got := a.Header.Get("Location"); got != path {
		a.s.Fatalf("%s %s: goes to %q, want %q", a.Request.Method, a.Request.URL.Path, got, path)
	}
}

// all returns the elements that match a selector: a tag, #id, .class or
// [attribute=value], or a tag followed by those. It returns them in order.
func (a *answer) all(selector string) []*html.Node {
	a.s.Helper()
	root, err := html.Parse(bytes.NewReader(a.body))
	if err != nil {
		a.s.Fatal(err)
	}
	var found []*html.Node
	for n := range root.Descendants() {
		if matches(n, selector) {
			found = append(found, n)
		}
	}
	return found
}

// one returns the only element that matches selector.
func (a *answer) one(selector string) *html.Node {
	a.s.Helper()
	found := a.all(selector)
	if len(found) != 1 {
		a.s.Fatalf("%s %s: %d elements match %s, want 1\n%s", a.Request.Method, a.Request.URL.Path, len(found), selector, a.body)
	}
	return found[0]
}

// says ends the test where no element that matches selector has the text.
func (a *answer) says(selector, want string) *answer {
	a.s.Helper()
	for _, n := range a.all(selector) {
		if strings.Contains(text(n), want) {
			return a
		}
	}
	a.s.Fatalf("%s %s: no %s says %q\n%s", a.Request.Method, a.Request.URL.Path, selector, want, a.body)
	return a
}

func matches(n *html.Node, selector string) bool {
	if n.Type != html.ElementNode {
		return false
	}
	tag, rest := selector, ""
	if i := strings.IndexAny(selector, "#.["); i >= 0 {
		tag, rest = selector[:i], selector[i:]
	}
	if tag != "" && n.Data != tag {
		return false
	}
	switch {
	case rest == "":
		return true
	case rest[0] == '#':
		return attr(n, "id") == rest[1:]
	case rest[0] == '.':
		return strings.Contains(" "+attr(n, "class")+" ", " "+rest[1:]+" ")
	}
	name, value, hasValue := strings.Cut(strings.Trim(rest, "[]"), "=")
	for _, a := range n.Attr {
		if a.Key == name {
			return !hasValue || a.Val == value
		}
	}
	return false
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text returns the text within n, with white space as people see it.
func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// A clock is a time that a test sets.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

// named returns readings of fields that go by their names in t, by their ids.
func named(t *form.Template, readings []form.Reading) []form.Reading {
	ids := make(map[string]form.FieldID)
	for id, name := range t.Names() {
		ids[name] = id
	}
	for i := range readings {
		readings[i].Field = ids[string(readings[i].Field)]
	}
	return readings
}
