package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"iter"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A house is a database, blobs, a domain with a template, and a user.
type house struct {
	db       *db.DB
	blobs    blob.Store
	domain   form.DomainID
	template *form.Template
	user     form.UserID
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := openHouse(t, t.TempDir())
	h.furnish(t)
	return h
}

// openHouse opens the database and the blobs in dir.
func openHouse(t testing.TB, dir string) *house {
	t.Helper()
	h := new(house)
	var err error
	if h.db, err = db.Open(t.Context(), filepath.Join(dir, "seosik.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.db.Close() })
	if h.blobs, err = blob.Open(filepath.Join(dir, "blobs")); err != nil {
		t.Fatal(err)
	}
	return h
}

// furnish adds a domain with a template, and a user.
func (h *house) furnish(t testing.TB) {
	t.Helper()
	h.inhabit(t)
	var err error
	if h.template, err = h.db.SaveTemplate(t.Context(), form.Command, newTemplate(h.domain, "claim")); err != nil {
		t.Fatal(err)
	}
}

// inhabit adds a domain and a user.
func (h *house) inhabit(t testing.TB) {
	t.Helper()
	d, _, err := h.db.AddDomain(t.Context(), form.Command, "office", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	h.domain = d.ID
	u, err := h.db.AddUser(t.Context(), form.Command, "kim", "hash")
	if err != nil {
		t.Fatal(err)
	}
	h.user = u.ID
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
	h.begin(t, in)
	return in
}

// begin starts in until the test ends.
func (h *house) begin(t testing.TB, in *Intake) {
	t.Helper()
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
	in.catalogs.prepare = func(*Catalog, []*form.Template) (*Catalog, error) {
		return new(Catalog), nil
	}
	return in
}

func (h *house) submit(t testing.TB, in *Intake, by form.UserID, files ...file) form.SubmissionID {
	t.Helper()
	who := form.Person(by)
	if by == 0 {
		who = form.Program(h.domain)
	}
	id, err := in.Submit(t.Context(), who, form.Submission{Domain: h.domain, Awaited: by == 0}, h.drafts(t, files))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// settled waits for a submission and returns its pages.
func (h *house) settled(t testing.TB, in *Intake, id form.SubmissionID) []form.PageInfo {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	if err := in.Wait(ctx, id); err != nil {
		p, _ := h.db.Progress(t.Context(), form.Everything, id)
		t.Fatalf("%v, at %v", err, p)
	}
	return h.pagesOf(t, id)
}

func (h *house) pagesOf(t testing.TB, id form.SubmissionID) []form.PageInfo {
	t.Helper()
	pages, err := h.db.PagesOf(t.Context(), form.Everything, id)
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
	Whole form.Failure `json:"whole"` // of the file, which cannot be read at all
	Lacks int          `json:"lacks"` // a page that is counted and never yielded
	Lost  bool         `json:"lost"`  // every page is unmatched, until it is read again
}

func (s script) file() file {
	data, _ := json.Marshal(s)
	return file{fmt.Sprintf("%d.png", s.ID), data}
}

// A file is one to be submitted.
type file struct {
	name string
	data []byte
}

// drafts returns files as they come from outside.
func (h *house) drafts(t testing.TB, files []file) []File {
	t.Helper()
	drafts := make([]File, len(files))
	for i, f := range files {
		d, err := h.blobs.Create()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(d.Discard)
		if _, err := d.Write(f.data); err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		drafts[i] = File{Name: f.name, Size: d.Size(), Draft: d}
	}
	return drafts
}

// A fake reads scripts. It counts how often each page was begun.
type fake struct {
	h        *house
	counting func(ctx context.Context, s script) error                    // called before pages are counted
	before   func(ctx context.Context, s script, number, begun int) error // called before each page

	change func(s script, r *Result)                      // of what is read; nil for nothing
	parts  func(s script, number int, w Want) []geom.Quad // of a page that holds several forms; nil for none

	found bool // whether lost pages are found the first time, too

	mu    sync.Mutex
	begun map[string]int
}

func (f *fake) Pages(ctx context.Context, file []byte) (int, form.Failure, error) {
	var s script
	err := json.Unmarshal(file, &s)
	if err == nil && f.counting != nil {
		err = f.counting(ctx, s)
	}
	return s.Pages, s.Whole, err
}

func (f *fake) Read(ctx context.Context, file []byte, want func(int) (Want, bool)) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		var s script
		if err := json.Unmarshal(file, &s); err != nil {
			yield(Result{}, err)
			return
		}
		for number := 1; number <= s.Pages; number++ {
			w, wanted := want(number)
			if !wanted || number == s.Lacks {
				continue
			}
			begun := f.begin(s, number)
			if f.before != nil {
				if err := f.before(ctx, s, number, begun); err != nil {
					yield(Result{}, err)
					return
				}
			}
			r := f.page(s, number)
			if w.TemplateToPage != (geom.Homography{}) {
				r.Page.TemplateToPage = w.TemplateToPage
			}
			if s.Lost && !f.found && !f.again(s, number) {
				r = Result{Page: form.Page{Number: number, State: form.StateUnmatched, Width: 100, Height: 100}, Image: []byte("picture")}
			}
			if f.parts != nil {
				if parts := f.parts(s, number, w); parts != nil {
					r = Result{Page: form.Page{Number: number}, Parts: parts}
				}
			}
			if f.change != nil {
				f.change(s, &r)
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// again reports whether a page is read for another time.
func (f *fake) again(s script, number int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.begun[fmt.Sprint(s.ID, "/", number)] > 1
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
		Readings: []form.Reading{{Field: f.h.template.Fields[0].ID, Text: fmt.Sprint(s.ID, "/", number), Confidence: 0.9}},
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
	var files []file
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
	p, err := h.db.Progress(t.Context(), form.Everything, id)
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

func TestAPageThatEndsTheReadingTwiceFailsAlone(t *testing.T) {
	const hang = 4 * time.Second // longer than a page may take
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
		}, []form.State{form.StateDone, form.StateFailed, form.StateDone}, form.FailInternal},
		{"hangs and obeys", func(ctx context.Context, _ script, number, begun int) error {
			if number < 3 {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		}, []form.State{form.StateDone, form.StateDone, form.StateFailed}, form.FailInternal},
		{"hangs for good", func(ctx context.Context, _ script, number, begun int) error {
			if number == 1 {
				time.Sleep(hang)
			}
			return nil
		}, []form.State{form.StateFailed, form.StateDone, form.StateDone}, form.FailInternal},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				in := h.start(t, &fake{h: h, before: tt.before}, func(c *Config) { c.Stall = time.Second })
				t.Cleanup(func() { time.Sleep(hang) }) // what was left behind ends
				pages := h.settled(t, in, h.submit(t, in, h.user, script{Pages: 3}.file()))
				if got := statesOf(pages); fmt.Sprint(got) != fmt.Sprint(tt.want) {
					t.Fatalf("states %v, want %v", got, tt.want)
				}
				for _, p := range pages {
					if p.State == form.StateFailed && p.Failure != tt.why {
						t.Errorf("page %d failed of %q, want %q", p.Number, p.Failure, tt.why)
					}
				}
			})
		})
	}
}

func TestOneProcessReads(t *testing.T) {
	h := newHouse(t)
	h.start(t, &fake{h: h})
	other := h.intake(t, &fake{h: h})
	if err := other.Start(t.Context()); !errors.Is(err, form.ErrConflict) {
		t.Errorf("a second start: %v, want ErrConflict", err)
	}
	if err := other.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestStopFinishesThePageInHandAndLeavesTheRest(t *testing.T) {
	h := newHouse(t)
	begun, goOn := make(chan struct{}), make(chan struct{})
	first := h.intake(t, &fake{h: h, before: func(_ context.Context, _ script, number, _ int) error {
		if number == 2 {
			close(begun)
			<-goOn
		}
		return nil
	}})
	if err := first.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	id := h.submit(t, first, h.user, script{Pages: 4}.file())
	<-begun
	stopped := make(chan error)
	go func() { stopped <- first.Stop(t.Context()) }()
	for !first.stops() {
		time.Sleep(time.Millisecond)
	}
	close(goOn)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if got := statesOf(h.pagesOf(t, id)); fmt.Sprint(got) != "[done done waiting waiting]" {
		t.Errorf("stopped at %v, want two pages done", got)
	}
	if p, err := h.db.Progress(t.Context(), form.Everything, id); p.Finished() || err != nil {
		t.Errorf("Progress = %+v, %v, want unfinished", p, err)
	}
	if got := statesOf(h.settled(t, h.start(t, &fake{h: h}), id)); fmt.Sprint(got) != "[done done done done]" {
		t.Errorf("after another start %v, want four pages done", got)
	}
}

func TestStopInTimeLeavesThePageInHand(t *testing.T) {
	h := newHouse(t)
	begun := make(chan struct{})
	first := h.intake(t, &fake{h: h, before: func(ctx context.Context, _ script, _, _ int) error {
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	}})
	if err := first.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	id := h.submit(t, first, h.user, script{Pages: 1}.file(), script{ID: 1, Pages: 1, Fail: form.FailEmpty}.file())
	<-begun
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := first.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	if got := h.pagesOf(t, id)[0].State; got != form.StateWaiting {
		t.Errorf("the page in hand is %s, want waiting", got)
	}
	if got := statesOf(h.settled(t, h.start(t, &fake{h: h}), id)); fmt.Sprint(got) != "[done failed]" {
		t.Errorf("after another start %v", got)
	}
}

func statesOf(pages []form.PageInfo) (states []form.State) {
	for _, p := range pages {
		states = append(states, p.State)
	}
	return states
}

func TestACallGoesBetweenThePagesOfAnUpload(t *testing.T) {
	h := newHouse(t)
	begun, goOn := make(chan struct{}), make(chan struct{})
	var mu sync.Mutex
	var order []string
	in := h.start(t, &fake{h: h, before: func(_ context.Context, s script, number, _ int) error {
		mu.Lock()
		order = append(order, fmt.Sprint(s.ID, "/", number))
		mu.Unlock()
		if s.ID == 0 && number == 2 {
			close(begun)
			<-goOn
		}
		return nil
	}}, func(c *Config) { c.Workers = 1 })
	upload := h.submit(t, in, h.user, script{ID: 0, Pages: 4}.file())
	<-begun
	second := h.submit(t, in, h.user, script{ID: 1, Pages: 1}.file())
	call := h.submit(t, in, 0, script{ID: 2, Pages: 1}.file())
	for !in.turns.awaited() {
		time.Sleep(time.Millisecond)
	}
	close(goOn)
	for _, id := range []form.SubmissionID{call, upload, second} {
		h.settled(t, in, id)
	}
	if got, want := fmt.Sprint(order), "[0/1 0/2 2/1 0/3 0/4 1/1]"; got != want {
		t.Errorf("pages were read in the order %s, want %s", got, want)
	}
}

// awaited reports whether a call and an upload wait.
func (ts *turns) awaited() bool {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return len(ts.waiting[calls]) > 0 && len(ts.waiting[uploads]) > 0
}

// A stream of calls goes before uploads, but does not keep them from being read.
func TestUploadsGetTurnsThoughCallsNeverEnd(t *testing.T) {
	ts := newTurns(1)
	hold, err := ts.take(t.Context(), calls)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan class)
	waitFor := func(c class) {
		before := ts.lines(c)
		go func() {
			turn, err := ts.take(t.Context(), c)
			if err != nil {
				t.Error(err)
			}
			got <- c
			turn.end()
		}()
		for ts.lines(c) == before {
			time.Sleep(time.Millisecond)
		}
	}
	for range 2 {
		waitFor(uploads)
	}
	for range 8 {
		waitFor(calls)
	}
	hold.end()
	var order []class
	for range 10 {
		order = append(order, <-got)
	}
	if got, want := fmt.Sprint(order), fmt.Sprint([]class{calls, calls, calls, uploads, calls, calls, calls, uploads, calls, calls}); got != want {
		t.Errorf("turns went to %s, want %s", got, want)
	}
}

// lines returns how many of a class wait.
func (ts *turns) lines(c class) int {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return len(ts.waiting[c])
}

func TestTurnsAreNeitherLostNorInvented(t *testing.T) {
	ts := newTurns(3)
	var mu sync.Mutex
	var held, most int
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+i%20)*time.Millisecond)
			defer cancel()
			turn, err := ts.take(ctx, class(i%2))
			if err != nil {
				return
			}
			defer turn.end()
			hold := func() {
				mu.Lock()
				held++
				most = max(most, held)
				mu.Unlock()
				time.Sleep(time.Duration(i%3) * 100 * time.Microsecond)
				mu.Lock()
				held--
				mu.Unlock()
			}
			hold()
			if turn.pass(ctx, func() {}) == nil {
				hold()
			}
		})
	}
	all.Wait()
	if ts.free != 3 || most > 3 || len(ts.waiting[calls])+len(ts.waiting[uploads]) != 0 {
		t.Errorf("%d free of 3, at most %d held, waiting %v", ts.free, most, ts.waiting)
	}
}

func TestTheCatalogFollowsItsTemplates(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	c := newCatalogs(h.db, h.blobs, slog.New(slog.DiscardHandler))
	var built [][]*form.Template
	c.prepare = func(_ *Catalog, templates []*form.Template) (*Catalog, error) {
		built = append(built, templates)
		return new(Catalog), nil
	}
	find := func(want int) {
		t.Helper()
		if _, err := c.find(ctx, h.domain, nil); err != nil {
			t.Fatal(err)
		}
		if len(built) != want {
			t.Fatalf("built %d times, want %d", len(built), want)
		}
	}
	find(1)
	find(1)
	if _, err := h.db.SaveTemplate(ctx, form.Command, newTemplate(h.domain, "bill")); err != nil {
		t.Fatal(err)
	}
	find(2)
	if len(built[1]) != 2 {
		t.Errorf("%d templates, want 2", len(built[1]))
	}
	if err := h.db.RetireTemplate(ctx, form.Command, h.template.ID, 1, ""); err != nil {
		t.Fatal(err)
	}
	find(3)
	find(3)
}

func TestATemplateWithoutPictureKeepsNoOtherFromBeingFound(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 100, 100))); err != nil {
		t.Fatal(err)
	}
	sound := newTemplate(h.domain, "bill")
	var err error
	if sound.Image, err = h.blobs.Put(t.Context(), picture.Bytes()); err != nil {
		t.Fatal(err)
	}
	if _, err = h.db.SaveTemplate(ctx, form.Command, sound); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	c := newCatalogs(h.db, h.blobs, slog.New(slog.NewTextHandler(&log, nil)))
	if _, err := c.find(ctx, h.domain, nil); err != nil {
		t.Error(err)
	}
	if got := strings.Count(log.String(), "template left out"); got != 1 {
		t.Errorf("%d templates left out, want 1:\n%s", got, &log)
	}
}

func TestAFileOfTooManyBytesFailsAlone(t *testing.T) {
	h := newHouse(t)
	in := h.start(t, &fake{h: h}, func(c *Config) { c.MaxFile = 100 })
	large := file{"large.tif", make([]byte, 101)}
	pages := h.settled(t, in, h.submit(t, in, h.user, large, script{Pages: 1}.file()))
	if len(pages) != 2 || pages[0].Failure != form.FailTooLarge || pages[1].State != form.StateDone {
		t.Errorf("pages %+v", pages)
	}
	if _, err := h.blobs.Bytes(t.Context(), blob.KeyOf(large.data)); err == nil {
		t.Error("its bytes were kept")
	}
}

func TestSubmitRefuses(t *testing.T) {
	h := newHouse(t)
	in := h.intake(t, &fake{h: h})
	if _, err := in.Submit(t.Context(), form.Command, form.Submission{Domain: h.domain}, nil); !errors.As(err, new(*form.InvalidError)) {
		t.Errorf("no files: %v, want InvalidError", err)
	}
	if _, err := in.Submit(t.Context(), form.Command, form.Submission{Domain: 99}, []File{{Name: "a"}}); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("no domain: %v, want ErrNotFound", err)
	}
	if err := in.Wait(t.Context(), 99); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("Wait for none: %v, want ErrNotFound", err)
	}
}

func TestCleanName(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "scan 1.png", "scan 1.png"},
		{"path", "/home/kim/scan.png", "scan.png"},
		{"path of Windows", `C:\fakepath\scan.png`, "scan.png"},
		{"Hangul of a Mac", "\u1112\u1161\u11ab.pdf", "한.pdf"},
		{"control characters", "a\r\nb\x00.png", "ab.png"},
		{"not UTF-8", "a\xff.png", "a.png"},
		{"empty", "", "-"},
		{"only a path", "a/", "-"},
		{"long", strings.Repeat("가", 300), strings.Repeat("가", maxName)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := cleanName(tt.in); got != tt.want {
				t.Errorf("cleanName(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}
