package handlers

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/fetch"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/rest"
)

// set changes the domain of a.
func (a *api) set(change func(*form.Domain)) {
	a.Helper()
	d, err := a.cfg.DB.Domain(a.Context(), form.Everything, a.domain.ID)
	if err != nil {
		a.Fatal(err)
	}
	change(&d)
	if err := a.cfg.DB.SaveDomain(a.Context(), form.Command, d); err != nil {
		a.Fatal(err)
	}
}

// general returns the path of General calls.
func (a *api) general() string { return strings.TrimSuffix(a.domain.InvokePath(), "infer") + "general" }

// code is the code of an error, or "" of another answer.
func (a *answer) code() string {
	var e struct{ Code string }
	_ = json.Unmarshal(a.body, &e)
	return e.Code
}

// refused ends the test unless the answer is an error that says so.
func (a *answer) refused(want *clova.Error, says string) {
	a.s.Helper()
	a.status(want.Status)
	if a.code() != want.Code || !strings.Contains(string(a.body), says) {
		a.s.Errorf("answer %s, want code %s and %q", a.body, want.Code, says)
	}
}

// sheets reads each page as the words that are the languages, in a table.
type sheets struct{}

func (sheets) Sheets(_ context.Context, file []byte, languages []string) iter.Seq2[form.Sheet, error] {
	return func(yield func(form.Sheet, error) bool) {
		for i, word := range strings.Fields(string(bytes.Trim(file, "II*\x00"))) {
			s := form.Sheet{Number: i + 1, Width: 100, Height: 200}
			if word != "page" {
				s = form.Sheet{Number: i + 1, Failure: form.Failure(word)}
			} else {
				where := geom.XYWH(0, 0, 10, 10).Quad()
				s.Words = []form.Word{{Text: strings.Join(languages, "+"), Confidence: .5, Where: where, LineBreak: true}}
				s.Grids = []form.Grid{{Where: where, Cells: []form.GridCell{{RowSpan: 1, ColumnSpan: 1, Where: where, Words: s.Words}}}}
			}
			if !yield(s, nil) {
				return
			}
		}
	}
}

func TestGeneral(t *testing.T) {
	a := newAPI(t)
	a.cfg.General = sheets{}
	a.start()
	ask := func(version, file, more string) *answer {
		return a.call(a.general(), strings.NewReader(fmt.Sprintf(
			`{"version":%q,"requestId":"r","timestamp":0,%s"images":[{"format":"tiff","name":"n","data":%q}]}`, version, more, base64.StdEncoding.EncodeToString([]byte(file)))))
	}
	texts := func(an *answer) (list []string) {
		a.Helper()
		var got struct{ Images []clova.General2 }
		if err := json.Unmarshal(an.status(http.StatusOK).body, &got); err != nil {
			t.Fatal(err)
		}
		for _, image := range got.Images {
			text := image.InferResult
			for _, f := range image.Fields {
				text += " " + f.InferText
			}
			list = append(list, fmt.Sprintf("%s %d", text, len(image.Tables)))
		}
		return list
	}
	for _, tt := range []struct{ name, version, file, more, want string }{
		{"languages of the domain", "V2", "page", "", "[SUCCESS ko 0]"},
		{"languages of the request", "V2", "page", `"lang":"ja, en",`, "[SUCCESS ja+en 0]"},
		{"V1", "V1", "page", "", "[SUCCESS ko 0]"},
		{"pages", "V2", "II*\x00page damaged page", "", "[SUCCESS ko 0 ERROR 0 SUCCESS ko 0]"},
		{"tables not wanted", "V2", "page", `"enableTableDetection":"false",`, "[SUCCESS ko 0]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a.in(t)
			if got := fmt.Sprint(texts(ask(tt.version, tt.file, tt.more))); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	for _, version := range []string{"V1", "V2"} {
		ask(version, "page", `"enableTableDetection":true,`).refused(clova.ErrTables, clova.ErrTables.Message)
		ask(version, "engine", "").refused(clova.ErrEngine, "")
		ask(version, tiffOf(11), "").refused(clova.ErrBody, "10 pages at most")
		ask(version, tiffOf(10), "").status(http.StatusOK)
	}
	a.set(func(d *form.Domain) { d.Settings.Tables = true })
	if got := fmt.Sprint(texts(ask("V2", "page", `"enableTableDetection":"true",`))); got != "[SUCCESS ko 1]" {
		t.Errorf("with tables: %s", got)
	}
	if n := a.pages(); n != 0 {
		t.Errorf("%d pages were kept, want none", n)
	}
}

// pages returns how many pages have been kept.
func (a *api) pages() (n int) {
	a.Helper()
	if err := a.cfg.DB.Pool().QueryRowContext(a.Context(), `SELECT count(*) FROM pages`).Scan(&n); err != nil {
		a.Fatal(err)
	}
	return n
}

func TestFetchedImages(t *testing.T) {
	a := newAPI(t)
	const picture = "II*\x00blank"
	mux := http.NewServeMux()
	mux.HandleFunc("/a.tif", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, picture) })
	mux.HandleFunc("/page.html", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") })
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, picture+strings.Repeat(" ", 1<<20))
	})
	files := httptest.NewServer(mux)
	defer files.Close()
	a.cfg.Limits.Bytes = 1 << 20
	ask := func(path string) *answer { return a.call("", asks("V2", "", `"url":"`+files.URL+path+`",`)) }
	ask("/a.tif").refused(clova.ErrBody, "not fetched by this server")

	a.cfg.Fetch = fetch.New(fetch.Config{})
	a.start()
	ask("/a.tif").refused(clova.ErrBody, "not fetched for this domain")
	a.set(func(d *form.Domain) { d.Settings.FetchURLs = true })
	ask("/a.tif").refused(clova.ErrBody, "its address is not on the public Internet")

	allow, err := fetch.ParseAllowed([]string{"127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	a.cfg.Fetch = fetch.New(fetch.Config{Allow: allow})
	a.start()
	for _, key := range []string{"", "k", "k"} { // the last one is not fetched again
		an := a.call("", asks("V2", "", `"url":"`+files.URL+`/a.tif",`), "Idempotency-Key", key)
		if !strings.Contains(string(an.status(http.StatusOK).body), `"pageIndex":0`) {
			t.Errorf("answer %s", an.body)
		}
	}
	ask("/page.html").refused(clova.ErrBody, "no JPEG, PNG, PDF or TIFF")
	ask("/large").refused(clova.ErrBody, "the file is larger than 1 MB")
	ask("/missing").refused(clova.ErrBody, "it answered with status 404")
	if n := a.pages(); n != 2 {
		t.Errorf("%d pages were read, want 2", n)
	}
	// The data of a request goes before its address.
	a.call("", asks("V2", "blank", `"url":"http://127.0.0.1:1/no",`)).status(http.StatusOK)
}

func TestQuota(t *testing.T) {
	a := newAPI(t)
	a.set(func(d *form.Domain) { d.Settings.Quota = 2 })
	for _, version := range []string{"V1", "V2"} {
		a.call("", asks("V3", "blank", "")).refused(clova.ErrVersion, "") // is not counted
		a.call("", asks(version, "blank", "")).status(http.StatusOK)
	}
	for _, version := range []string{"V1", "V2"} {
		a.call("", asks(version, "blank", "")).refused(clova.ErrQuota, clova.ErrQuota.Message)
	}
}

func TestTogether(t *testing.T) {
	a := newAPI(t)
	a.set(func(d *form.Domain) { d.Settings.Together = 1 })
	first := a.begin(a.domain, a.secret)
	a.call("", asks("V2", "blank", "")).refused(clova.ErrRate, "API are limited to 1 API calls per domain at the same time.")
	body, err := io.ReadAll(asks("V1", "blank", ""))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(first, "%x\r\n%s\r\n0\r\n\r\n", len(body), body)
	if line, err := bufio.NewReader(first).ReadString('\n'); err != nil || !strings.Contains(line, " 200 ") {
		t.Errorf("the first call is answered %q, %v", line, err)
	}
	for deadline := time.Now().Add(5 * time.Second); ; { // the first call ends after its answer
		if a.call("", asks("V1", "blank", "")).StatusCode == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("a call after the first one is not answered")
		}
	}
}

// Both APIs ask together as often in a minute as the domain may, and say when it is over.
func TestPerMinute(t *testing.T) {
	a := newAPI(t)
	now := &clock{time.Date(2026, 11, 29, 9, 0, 50, 0, time.UTC)}
	a.cfg.Now = now.now
	a.start()
	a.set(func(d *form.Domain) { d.Settings.PerMinute = 2 })
	a.call("", asks("V2", "blank", "")).status(http.StatusOK)
	a.own(http.MethodGet, "templates", nil).status(http.StatusOK)
	over := a.call("", asks("V2", "blank", ""))
	over.refused(clova.ErrRate, "API are limited to 2 API calls per domain in a minute.")
	if got := over.Header.Get("Retry-After"); got != "10" {
		t.Errorf("Retry-After: %q, want 10", got)
	}
	a.own(http.MethodGet, "templates", nil).refusedOwn(rest.ErrRate, "in this minute")
	now.Time = now.Add(10 * time.Second)
	a.call("", asks("V2", "blank", "")).status(http.StatusOK)
}

// begin begins a call and returns its connection once the server waits for the
// body, which is to come in chunks.
func (a *api) begin(d form.Domain, secret string) net.Conn {
	a.Helper()
	conn := a.dial()
	a.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nX-OCR-SECRET: %s\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
		d.InvokePath(), secret)
	line := make([]byte, len("HTTP/1.1 100 Continue\r\n\r\n"))
	if _, err := io.ReadFull(conn, line); err != nil || !bytes.Contains(line, []byte(" 100 ")) {
		a.Fatalf("%q, %v: the body is not wanted", line, err)
	}
	return conn
}

func (a *api) dial() net.Conn {
	a.Helper()
	var d net.Dialer
	conn, err := d.DialContext(a.Context(), "tcp", a.server.Listener.Addr().String())
	if err != nil {
		a.Fatal(err)
	}
	return conn
}

func TestIdempotencyKey(t *testing.T) {
	a := newAPI(t)
	const name = "Idempotency-Key"
	first := a.call("", asks("V2", "filled", ""), name, "k1").status(http.StatusOK)
	again := a.call("", asks("V2", "filled", ""), name, "k1").status(http.StatusOK)
	if !bytes.Equal(first.body, again.body) {
		t.Errorf("the second answer is another one:\n%s\n%s", first.body, again.body)
	}
	if n := a.pages(); n != 1 {
		t.Errorf("%d pages were read, want 1", n)
	}
	a.call("", asks("V2", "blank", ""), name, "k1").refused(clova.ErrBody, "Idempotency-Key was used for another request")
	a.call("", asks("V1", "filled", ""), name, "k1").refused(clova.ErrBody, "Idempotency-Key was used for another request")
	a.call("", asks("V2", "filled", ""), name, strings.Repeat("k", 256)).refused(clova.ErrBody, "Idempotency-Key has more than 255 characters")
	a.call("", asks("V2", "filled", ""), name, "k2").status(http.StatusOK)
	if n := a.pages(); n != 2 {
		t.Errorf("%d pages were read, want 2", n)
	}
	// After a fault of the server the key is free.
	a.call("", asks("V2", "engine", ""), name, "k3").refused(clova.ErrEngine, "")
	a.call("", asks("V2", "engine", ""), name, "k3").refused(clova.ErrEngine, "")
	if n := a.pages(); n != 4 {
		t.Errorf("%d pages were read, want 4", n)
	}
}

// Two calls with one key at the same time are read once.
func TestIdempotencyKeyTogether(t *testing.T) {
	a := newAPI(t)
	answers := make(chan string)
	for range 4 {
		go func() {
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, a.server.URL+a.domain.InvokePath(), asks("V2", "slow", ""))
			req.Header.Set("X-OCR-SECRET", a.secret)
			req.Header.Set("Idempotency-Key", "k")
			resp, err := a.client.Do(req)
			if err != nil {
				answers <- err.Error()
				return
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			answers <- string(body)
		}()
	}
	first := <-answers
	for range 3 {
		if next := <-answers; next != first {
			t.Errorf("answers differ:\n%s\n%s", first, next)
		}
	}
	if n := a.pages(); n != 1 {
		t.Errorf("%d pages were read, want 1", n)
	}
}

func TestResult(t *testing.T) {
	a := newAPI(t)
	var infer struct{ Images []clova.Image2 }
	if err := json.Unmarshal(a.call("", asks("V2", "filled", "")).status(http.StatusOK).body, &infer); err != nil {
		t.Fatal(err)
	}
	base := strings.TrimSuffix(a.domain.InvokePath(), "infer") + "results/"
	get := func(uid string) (r clova.ResultResponse) {
		t.Helper()
		if err := json.Unmarshal(a.get(base+uid, "X-OCR-SECRET", a.secret).status(http.StatusOK).body, &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	uid := infer.Images[0].UID
	got := get(uid)
	if got.State != form.StateDone || got.UID != uid || len(got.Images) != 1 || got.Images[0].Fields[0].InferText != "홍길동" || *got.Images[0].Fields[0].Reviewed {
		t.Errorf("before review: %+v", got)
	}
	p, err := a.cfg.DB.PageByUID(t.Context(), a.domain.ID, uid)
	if err != nil {
		t.Fatal(err)
	}
	a.addUser("kim")
	kim, err := a.cfg.DB.UserByName(t.Context(), "kim")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.cfg.DB.AddCorrection(t.Context(), form.Person(kim.ID), form.Correction{Page: p.ID, Run: p.Run, Field: a.template.Fields[0].ID, Text: "김철수"}, 0); err != nil {
		t.Fatal(err)
	}
	if f := get(uid).Images[0].Fields[0]; f.InferText != "김철수" || !*f.Reviewed || f.InferConfidence != 1 {
		t.Errorf("after review: %+v", f)
	}
	a.get(base+uid).refused(clova.ErrSecret, "")
	a.get(base+uid, "X-OCR-SECRET", "x").refused(clova.ErrSecret, "")
	a.get(base+strings.Repeat("0", 32), "X-OCR-SECRET", a.secret).refused(clova.ErrURL, "there is no such result")
	other, secret, err := a.cfg.DB.AddDomain(t.Context(), form.Command, "other", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	a.get(strings.TrimSuffix(other.InvokePath(), "infer")+"results/"+uid, "X-OCR-SECRET", secret).refused(clova.ErrURL, "there is no such result")
}
