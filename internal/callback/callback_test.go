package callback

import (
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/fetch"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// An office has one page that was read, and a program that is told of it.
type office struct {
	testing.TB
	db       *db.DB
	sender   *Sender
	domain   form.Domain
	template *form.Template
	page     form.PageID
	server   *httptest.Server
	answer   http.HandlerFunc // of the program
	allow    fetch.Allowed
	calls    atomic.Int32
	body     []byte // of the last call
	header   http.Header
}

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{TB: t}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	o.db, err = db.Open(t.Context(), filepath.Join(t.TempDir(), "seosik.db"))
	check(err)
	t.Cleanup(func() { o.db.Close() })
	blobs, err := blob.Open(t.TempDir())
	check(err)
	o.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.body, _ = io.ReadAll(r.Body)
		o.header = r.Header
		o.calls.Add(1)
		o.answer(w, r)
	}))
	t.Cleanup(o.server.Close)
	o.domain, _, err = o.db.AddDomain(t.Context(), form.Command, "office", []string{"ko"})
	check(err)
	o.domain.Settings.Webhook = o.server.URL + "/hook"
	check(o.db.SaveDomain(t.Context(), form.Command, o.domain))
	o.template, err = o.db.SaveTemplate(t.Context(), form.Command, &form.Template{
		Domain: o.domain.ID, Name: "claim", Stage: form.Service, Languages: []string{"ko"},
		Image: blob.KeyOf(nil), ImageName: "template.png", Width: 100, Height: 100,
		Fields: []form.Field{{ID: "name", Name: "name", Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(10, 10, 50, 10)}},
	})
	check(err)
	check(o.db.SetValidation(t.Context(), form.Command, o.template.ID, o.server.URL+"/check"))
	file, err := blobs.Put(t.Context(), []byte("II*\x00"))
	check(err)
	var doc form.DocumentID
	_, err = o.db.AddSubmission(t.Context(), form.Command, form.Submission{Domain: o.domain.ID}, []form.Document{{Name: "a.tif", Blob: file, Size: 4}},
		func(_ *sql.Tx, chores []db.Chore) error { doc = chores[0].Document; return nil })
	check(err)
	task, err := o.db.SetPages(t.Context(), doc, 1)
	check(err)
	o.page = task.Open[0].Page
	check(o.db.SaveRun(t.Context(), o.page, task.Open[0].Run, form.Page{
		Number: 1, State: form.StateDone, Width: 10, Height: 20, Template: o.template.ID, Version: 1, TemplateToPage: geom.Identity,
	}, []form.Reading{{Field: o.template.Fields[0].ID, Text: "홍길동", Confidence: 1}}))
	check(o.db.FinishDocument(t.Context(), doc))
	o.allow, err = fetch.ParseAllowed([]string{"127.0.0.1"})
	check(err)
	o.sender = New(Config{
		DB: o.db, Blobs: blobs, Client: fetch.New(fetch.Config{Allow: o.allow, Within: time.Hour}), Pause: time.Millisecond, Within: time.Hour,
	})
	return o
}

// signed checks the signature of the last call.
func (o *office) signed() {
	o.Helper()
	want := Signature(o.domain.SigningKey, o.header.Get("X-Seosik-Timestamp"), o.body)
	if got := o.header.Get("X-Seosik-Signature"); got != want || len(got) != len("sha256=")+64 {
		o.Errorf("signature %q, want %q", got, want)
	}
}

func TestValidate(t *testing.T) {
	say := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) }
	}
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	first := true
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		want   form.Verdict
		says   string
		calls  int32
		again  bool // it should be asked again
	}{
		{"valid", say(`{"result":"VALID"}`), form.Valid, "", 1, false},
		{"invalid", say(`{"result":"INVALID","message":"합계가 다릅니다"}`), form.NotValid, "합계가 다릅니다", 1, false},
		{"error", say(`{"validationResult":{"result":"ERROR","message":"no database"}}`), form.CheckFailed, "no database", 1, false},
		{"the image sent back", say(`{"image":{"uid":"x","validationResult":{"result":"valid"}}}`), form.Valid, "", 1, false},
		{"unchecked is no verdict", say(`{"result":"UNCHECKED"}`), form.Unchecked, "has no result VALID", 1, false},
		{"no JSON", say(`ok`), form.Unchecked, "not JSON", 1, false},
		{"empty", say(``), form.Unchecked, "not JSON", 1, false},
		{"client error", status(404), form.Unchecked, "status 404", 1, false},
		{"server error", status(503), form.Unchecked, "status 503", 3, true},
		{"cut off", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, form.Unchecked, "in time", 3, true},
		{"second try", func(w http.ResponseWriter, _ *http.Request) {
			if first {
				first = false
				w.WriteHeader(500)
				return
			}
			io.WriteString(w, `{"result":"VALID"}`)
		}, form.Valid, "", 2, false},
		{"long message", say(`{"result":"INVALID","message":"` + strings.Repeat("가", 600) + `"}`), form.NotValid, strings.Repeat("가", 500), 1, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t)
			o.answer = tt.answer
			settled, err := o.sender.Validate(t.Context(), o.page)
			if err != nil || settled == tt.again {
				t.Fatalf("settled %v, %v", settled, err)
			}
			p, err := o.db.Page(t.Context(), form.Everything, o.page)
			if err != nil {
				t.Fatal(err)
			}
			if p.Validation.Verdict != tt.want || !strings.Contains(p.Validation.Message, tt.says) || len([]rune(p.Validation.Message)) > 500 {
				t.Errorf("validation %+v, want %s %q", p.Validation, tt.want, tt.says)
			}
			if got := o.calls.Load(); got != tt.calls {
				t.Errorf("%d calls, want %d", got, tt.calls)
			}
			o.signed()
			var asked struct{ Image clova.Image2 }
			if err := json.Unmarshal(o.body, &asked); err != nil {
				t.Fatal(err)
			}
			image := asked.Image
			if image.UID != p.UID || image.ValidationResult.Result != "UNCHECKED" || image.Fields[0].InferText != "홍길동" || image.ConvertedImageInfo == nil {
				t.Errorf("asked %s", o.body)
			}
		})
	}
}

// A validation is asked about what programs of the domain are answered.
func TestValidateHasCellsAmongTheFields(t *testing.T) {
	o := newOffice(t)
	o.answer = func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"result":"VALID"}`) }
	f := *o.template
	f.Fields[0].Box = geom.XYWH(10, 20, 50, 10) // a new version
	f.Tables = []form.Table{{
		Name: "items", Box: geom.XYWH(0, 50, 10, 10), Rows: make([]form.Row, 1), Columns: []form.Column{{Name: "n"}}, Cells: [][]geom.Box{{geom.XYWH(0, 50, 10, 10)}},
	}}
	if _, err := o.db.SaveTemplate(t.Context(), form.Command, &f); err != nil {
		t.Fatal(err)
	}
	if _, err := o.db.Pool().ExecContext(t.Context(), `UPDATE pages SET version = 2`); err != nil {
		t.Fatal(err)
	}
	for _, cells := range []bool{false, true} {
		o.domain.Settings.Cells = cells
		if err := o.db.SaveDomain(t.Context(), form.Command, o.domain); err != nil {
			t.Fatal(err)
		}
		if _, err := o.sender.Validate(t.Context(), o.page); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(o.body), `"name":"items[1].n"`); got != cells {
			t.Errorf("cells among the fields: %v, want %v in %s", got, cells, o.body)
		}
	}
}

func TestValidateRefusesAddresses(t *testing.T) {
	o := newOffice(t)
	o.sender.cfg.Client = fetch.New(fetch.Config{})
	if settled, err := o.sender.Validate(t.Context(), o.page); err != nil || !settled {
		t.Fatalf("settled %v, %v", settled, err)
	}
	p, err := o.db.Page(t.Context(), form.Everything, o.page)
	if err != nil || p.Validation.Verdict != form.Unchecked || !strings.Contains(p.Validation.Message, "not on the public Internet") {
		t.Errorf("validation %+v, %v", p.Validation, err)
	}
	if o.calls.Load() != 0 {
		t.Error("it was asked")
	}
}

// A validation that is slow is given up in time, and asked again.
func TestValidateGivesUp(t *testing.T) {
	o := newOffice(t)
	o.answer = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	o.sender.cfg.Client = fetch.New(fetch.Config{Allow: o.allow, Within: 200 * time.Millisecond})
	settled, err := o.sender.Validate(t.Context(), o.page)
	if err != nil || settled {
		t.Fatalf("settled %v, %v", settled, err)
	}
	p, err := o.db.Page(t.Context(), form.Everything, o.page)
	if err != nil || p.Validation.Verdict != form.Unchecked || !strings.Contains(p.Validation.Message, "in time") {
		t.Errorf("validation %+v, %v", p.Validation, err)
	}
}

func TestDeliver(t *testing.T) {
	o := newOffice(t)
	var ids []db.NoticeID
	if _, err := o.db.QueueNotices(t.Context(), func(_ *sql.Tx, list []db.NoticeID) error { ids = list; return nil }); err != nil || len(ids) != 1 {
		t.Fatalf("notices %v, %v", ids, err)
	}
	o.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }
	if err := o.sender.Deliver(t.Context(), ids[0]); err == nil {
		t.Error("no error, although it was not delivered")
	}
	once := o.header.Get("X-Seosik-Delivery")
	o.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }
	for range 2 { // the second time there is nothing left to tell
		if err := o.sender.Deliver(t.Context(), ids[0]); err != nil {
			t.Fatal(err)
		}
	}
	if got := o.calls.Load(); got != 2 {
		t.Errorf("%d calls, want 2", got)
	}
	o.signed()
	if got := o.header.Get("X-Seosik-Delivery"); got != once || got == "" {
		t.Errorf("delivery %q, then %q", once, got)
	}
	p, err := o.db.Page(t.Context(), form.Everything, o.page)
	if err != nil {
		t.Fatal(err)
	}
	var got event
	if err := json.Unmarshal(o.body, &got); err != nil {
		t.Fatal(err)
	}
	want := event{
		Event: "page", Domain: o.domain.ID, UID: p.UID, State: form.StateDone,
		Result: strings.TrimSuffix(o.domain.InvokePath(), "infer") + "results/" + p.UID, Timestamp: got.Timestamp,
	}
	if got != want || got.Timestamp == 0 {
		t.Errorf("told %+v, want %+v", got, want)
	}
	if strings.Contains(string(o.body), "홍길동") {
		t.Error("the notice says what was read")
	}
	if strings.Contains(string(o.body), "corrected") {
		t.Errorf("nothing was corrected: %s", o.body)
	}
}
