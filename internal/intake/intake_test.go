package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A house is a database, blobs, a domain with a template, and a user.
type house struct {
	db       *db.DB
	blobs    *blob.Store
	domain   form.DomainID
	template *form.Template
	user     form.UserID
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := new(house)
	var err error
	if h.db, err = db.Open(t.Context(), filepath.Join(t.TempDir(), "seosik.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.db.Close() })
	if h.blobs, err = blob.Open(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	d, _, err := h.db.AddDomain(t.Context(), "office", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	h.domain = d.ID
	if h.template, err = h.db.SaveTemplate(t.Context(), newTemplate(d.ID, "claim")); err != nil {
		t.Fatal(err)
	}
	u, err := h.db.AddUser(t.Context(), "kim", "hash")
	if err != nil {
		t.Fatal(err)
	}
	h.user = u.ID
	return h
}

func newTemplate(domain form.DomainID, name string) *form.Template {
	return &form.Template{
		Domain: domain, Name: name, Stage: form.Service, Languages: []string{"ko"},
		Image: blob.KeyOf([]byte("picture")), ImageName: "template.png", Width: 100, Height: 100,
		Fields: []form.Field{{ID: "name", Name: "name", Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(10, 10, 50, 10)}},
	}
}

// start returns an Intake that reads with r until the test ends.
func (h *house) start(t testing.TB, r Reader, change ...func(*Config)) *Intake {
	t.Helper()
	in := h.intake(t, r, change...)
	if err := in.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := in.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return in
}

func (h *house) intake(t testing.TB, r Reader, change ...func(*Config)) *Intake {
	t.Helper()
	cfg := Config{DB: h.db, Blobs: h.blobs, Reader: r, Workers: 2, Log: slog.New(slog.DiscardHandler)}
	for _, f := range change {
		f(&cfg)
	}
	in, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	in.grace = 50 * time.Millisecond
	return in
}

func (h *house) submit(t testing.TB, in *Intake, by form.UserID, files ...File) form.SubmissionID {
	t.Helper()
	id, err := in.Submit(t.Context(), form.Submission{Domain: h.domain, By: by}, files)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// settled waits for a submission and returns its pages.
func (h *house) settled(t testing.TB, in *Intake, id form.SubmissionID) []db.PageInfo {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := in.Wait(ctx, id); err != nil {
		p, _ := h.db.Progress(t.Context(), id)
		t.Fatalf("%v, at %v", err, p)
	}
	pages, err := h.db.PagesOf(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

// A script is what a fake reader makes of a file: {"pages": 3} and so on.
type script struct {
	ID    int          `json:"id"`    // makes files differ
	Pages int          `json:"pages"` // yielded
	Doubt bool         `json:"doubt"` // of every field
	Fail  form.Failure `json:"fail"`  // of every page
}

func (s script) file() File {
	data, _ := json.Marshal(s)
	return File{Name: fmt.Sprintf("%d.png", s.ID), Data: data}
}

// A fake reads scripts. It counts how often each page was begun.
type fake struct {
	h      *house
	before func(ctx context.Context, s script, number, begun int) error // called before each page

	mu    sync.Mutex
	begun map[string]int
}

func (f *fake) Read(ctx context.Context, file []byte, cat *Catalog) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		var s script
		if err := json.Unmarshal(file, &s); err != nil {
			yield(Result{}, err)
			return
		}
		for number := 1; number <= s.Pages; number++ {
			begun := f.begin(s, number)
			if f.before != nil {
				if err := f.before(ctx, s, number, begun); err != nil {
					yield(Result{}, err)
					return
				}
			}
			if !yield(f.page(s, number), nil) {
				return
			}
		}
	}
}

// begin counts that a page is begun.
func (f *fake) begin(s script, number int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.begun == nil {
		f.begun = make(map[string]int)
	}
	key := fmt.Sprint(s.ID, "/", number)
	f.begun[key]++
	return f.begun[key]
}

func (f *fake) page(s script, number int) Result {
	if s.Fail != "" {
		return Result{Page: form.Page{Number: number, State: form.StateFailed, Failure: s.Fail}}
	}
	r := Result{
		Page: form.Page{
			Number: number, State: form.StateDone, Width: 100, Height: 100,
			Template: f.h.template.ID, Version: f.h.template.Version, TemplateToPage: geom.Identity,
		},
		Readings: []form.Reading{{Field: "name", Text: fmt.Sprint(s.ID, "/", number), Confidence: 0.9}},
		Image:    []byte("picture"),
	}
	if s.Doubt {
		r.Page.State = form.StateReview
		r.Readings[0].Reasons = []form.Reason{form.ReasonUnsure}
	}
	return r
}

func TestEveryPageIsReadOnce(t *testing.T) {
	h := newHouse(t)
	f := &fake{h: h}
	in := h.start(t, f)
	var files []File
	want := map[form.State]int{}
	for id := range 20 {
		s := script{ID: id, Pages: 1 + id%3, Doubt: id%2 == 0}
		if id == 7 {
			s = script{ID: id, Pages: 2, Fail: form.FailDamaged}
		}
		switch {
		case s.Fail != "":
			want[form.StateFailed] += s.Pages
		case s.Doubt:
			want[form.StateReview] += s.Pages
		default:
			want[form.StateDone] += s.Pages
		}
		files = append(files, s.file())
	}
	id := h.submit(t, in, h.user, files...)
	pages := h.settled(t, in, id)
	p, err := h.db.Progress(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range form.States {
		if p.Pages[s] != want[s] {
			t.Errorf("%d pages are %s, want %d", p.Pages[s], s, want[s])
		}
	}
	if p.Total() != len(pages) {
		t.Errorf("counts add up to %d, of %d pages", p.Total(), len(pages))
	}
	for key, n := range f.begun {
		if n != 1 {
			t.Errorf("page %s was begun %d times", key, n)
		}
	}
	for _, page := range pages {
		if page.Run != 1 {
			t.Errorf("page %d has run %d, want 1", page.ID, page.Run)
		}
	}
}

func TestAJobStartsAtOnce(t *testing.T) {
	h := newHouse(t)
	in := h.start(t, &fake{h: h})
	h.settled(t, in, h.submit(t, in, 0, script{Pages: 1}.file()))
	var times []time.Duration
	for id := range 20 {
		begin := time.Now()
		h.settled(t, in, h.submit(t, in, 0, script{ID: id + 1, Pages: 1}.file()))
		times = append(times, time.Since(begin))
	}
	t.Log(times)
	if least := minimum(times); least > poll/4 {
		t.Errorf("the fastest of 20 took %v: the workers were not woken", least)
	}
}

func minimum(ds []time.Duration) time.Duration {
	least := ds[0]
	for _, d := range ds {
		least = min(least, d)
	}
	return least
}

var errMishap = errors.New("mishap")

func TestADocumentIsTriedTwice(t *testing.T) {
	for _, tt := range []struct {
		name   string
		before func(ctx context.Context, s script, number, begun int) error
		want   []form.State
		why    form.Failure
	}{
		{"error once", func(_ context.Context, _ script, number, begun int) error {
			if number == 2 && begun == 1 {
				return errMishap
			}
			return nil
		}, []form.State{form.StateDone, form.StateDone, form.StateDone}, ""},
		{"panic once", func(_ context.Context, _ script, number, begun int) error {
			if number == 1 && begun == 1 {
				panic("mishap")
			}
			return nil
		}, []form.State{form.StateDone, form.StateDone, form.StateDone}, ""},
		{"panic always", func(_ context.Context, _ script, number, begun int) error {
			if number == 2 {
				panic("mishap")
			}
			return nil
		}, []form.State{form.StateDone, form.StateFailed}, form.FailInternal},
		{"hangs and obeys", func(ctx context.Context, _ script, number, begun int) error {
			<-ctx.Done()
			return ctx.Err()
		}, []form.State{form.StateFailed}, form.FailInternal},
		{"hangs for good", func(ctx context.Context, _ script, number, begun int) error {
			if begun <= 2 {
				time.Sleep(time.Second)
			}
			return nil
		}, []form.State{form.StateFailed}, form.FailInternal},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			in := h.start(t, &fake{h: h, before: tt.before}, func(c *Config) { c.Stall = 200 * time.Millisecond })
			pages := h.settled(t, in, h.submit(t, in, h.user, script{Pages: 3}.file()))
			var got []form.State
			for _, p := range pages {
				got = append(got, p.State)
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Fatalf("states %v, want %v", got, tt.want)
			}
			if last := pages[len(pages)-1]; last.Failure != tt.why {
				t.Errorf("failure %q, want %q", last.Failure, tt.why)
			}
		})
	}
}
