package intake

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/seosik/seosik/internal/form"
)

const (
	// caseRunsAtOnce is how many templates may have their cases read at once: each
	// holds a file.
	caseRunsAtOnce = 2
	// troublesInARow is after how many cases of which one after the other was kept
	// from being read the rest is left alone.
	troublesInARow = 3
)

// AddSamples keeps files to test a template by, as Submit keeps those to be
// taken in: what is too large, or has no draft, is seen to have failed. It returns
// the cases of their first pages, or a *form.InvalidError where there would be
// too many.
func (in *Intake) AddSamples(ctx context.Context, by form.Actor, template form.TemplateID, files []File) ([]form.CaseID, error) {
	samples := make([]form.Case, len(files))
	for i, f := range files {
		samples[i] = form.Case{Name: cleanName(f.Name)}
		if f.Size > in.cfg.MaxFile {
			samples[i].Failure = form.FailTooLarge
			continue
		}
		var err error
		if samples[i].Blob, err = f.Draft.Keep(ctx); err != nil {
			return nil, fmt.Errorf("samples: %w", err)
		}
	}
	return in.cfg.DB.AddSamples(ctx, by, template, samples)
}

// ReadCases reads the cases and samples of t, which has its lists, that were not
// read with what t says, each in a turn of an API call, and keeps what was read
// with them: nothing else knows of it. It returns a *form.InvalidTemplateError
// where t has defects.
func (in *Intake) ReadCases(ctx context.Context, t *form.Template) error {
	return in.readCases(ctx, calls, t, time.Time{}, func(int, int) {})
}

// readCases is ReadCases in turns of a class, for the cases that were not read
// since a time. It tells how many of how many it has read.
func (in *Intake) readCases(ctx context.Context, class class, t *form.Template, since time.Time, tell func(done, total int)) error {
	if err := t.Validate(); err != nil { // its boxes could be larger than any memory
		return err
	}
	fingerprint, err := t.Fingerprint()
	if err != nil {
		return err
	}
	catalog, err := in.catalogs.prepare(in.catalogs.empty, []*form.Template{t})
	if err != nil {
		return err
	}
	tried := make(map[form.CaseID]bool)
	var missed []error // in a row
	for {
		left, err := in.cfg.DB.UnreadCases(ctx, form.Everything, t.ID, fingerprint, since)
		if err != nil {
			return err
		}
		c, n := untried(left, tried)
		tell(len(tried), len(tried)+n)
		if n == 0 || len(missed) == troublesInARow {
			return errors.Join(missed...)
		}
		err = in.tryCase(ctx, class, catalog, fingerprint, c)
		if ctx.Err() != nil || errors.Is(err, errStopping) {
			return err
		}
		if c.Pages > 0 || err != nil {
			tried[c.ID] = true
		}
		if err != nil {
			missed = append(missed, err)
		} else if c.Pages > 0 {
			missed = nil
		}
	}
}

// untried returns the first of cases that was not tried, and how many there are.
func untried(cases []form.Case, tried map[form.CaseID]bool) (first form.Case, n int) {
	for _, c := range cases {
		if tried[c.ID] {
			continue
		}
		if n == 0 {
			first = c
		}
		n++
	}
	return first, n
}

// tryCase reads a case, or counts the pages of its file where nobody knows them.
// What ends its reading is no error but a failure of the case, but for trouble
// that passes.
func (in *Intake) tryCase(ctx context.Context, class class, catalog *Catalog, fingerprint string, c form.Case) error {
	file, err := in.cfg.Blobs.Bytes(ctx, c.Blob)
	if err != nil {
		return err
	}
	if c.Pages == 0 {
		return in.countCase(ctx, class, c.ID, file)
	}
	var result Result
	var took time.Duration
	err = in.guarded(ctx, class, func(ctx context.Context, _ *turn, _ *time.Timer) error {
		began := time.Now()
		only := func(number int) (Want, bool) { return Want{Catalog: catalog}, number == c.Number }
		for r, err := range in.cfg.Reader.Read(ctx, file, only) {
			if err != nil {
				return err
			}
			result = r
		}
		took = time.Since(began)
		return nil
	})
	if err == nil && result.Page.State == "" {
		err = fmt.Errorf("page %d of case %d was not read", c.Number, c.ID)
	}
	if err != nil {
		if _, passes := troubleOf(err); passes || ctx.Err() != nil || errors.Is(err, errStopping) {
			return err
		}
		in.cfg.Log.ErrorContext(ctx, "a case ended its reading", "case", c.ID, "error", err)
		result = Result{Page: form.Page{State: form.StateFailed, Failure: failureOf(err)}}
	}
	readings, err := in.stored(ctx, &result)
	if err != nil {
		return err
	}
	return in.cfg.DB.SaveCaseResult(ctx, c.ID, &form.CaseResult{Fingerprint: fingerprint, Took: took, Page: result.Page, Readings: readings})
}

// countCase counts the pages of the file of a case.
func (in *Intake) countCase(ctx context.Context, class class, id form.CaseID, file []byte) error {
	var pages int
	var failure form.Failure
	err := in.guarded(ctx, class, func(ctx context.Context, _ *turn, _ *time.Timer) (err error) {
		pages, failure, err = in.cfg.Reader.Pages(ctx, file)
		return err
	})
	if _, passes := troubleOf(err); err != nil && !passes && ctx.Err() == nil && !errors.Is(err, errStopping) {
		in.cfg.Log.ErrorContext(ctx, "the pages of a case were not counted", "case", id, "error", err)
		failure, err = failureOf(err), nil
	}
	if err != nil {
		return err
	}
	return in.cfg.DB.SetCasePages(ctx, id, pages, failure)
}

// A CaseRun is how far reading the cases of a template is.
type CaseRun struct {
	Running     bool
	Done, Total int
	Trouble     form.Trouble // what ended it before its time; empty for nothing
}

// caseRuns is the cases that are being read in the background, a run for each
// template.
type caseRuns struct {
	mu      sync.Mutex
	of      map[form.TemplateID]*caseRun
	stopped bool
	running sync.WaitGroup
	room    chan struct{} // holds one for each run that reads
}

type caseRun struct {
	template *form.Template
	print    string // fingerprint of template
	since    time.Time
	more     bool // there may be cases that it has not seen
	state    CaseRun
	cancel   context.CancelFunc
	over     chan struct{} // closed when it has ended
}

func newCaseRuns() *caseRuns {
	return &caseRuns{of: make(map[form.TemplateID]*caseRun), room: make(chan struct{}, caseRunsAtOnce)}
}

// BeginCases begins to read the cases of t as ReadCases does, or all of them once
// more, and does not wait for it. What goes on with another edition of the same
// template ends. It returns a *form.InvalidTemplateError where t has defects.
func (in *Intake) BeginCases(t *form.Template, again bool) error {
	if err := t.Validate(); err != nil {
		return err
	}
	print, err := t.Fingerprint()
	if err != nil {
		return err
	}
	var since time.Time
	if again {
		since = time.Now()
	}
	rs := in.cases
	rs.mu.Lock()
	defer rs.mu.Unlock()
	before := rs.of[t.ID]
	if before != nil && before.state.Running && before.print == print {
		before.more = true
		if again {
			before.since = since
		}
		return nil
	}
	if rs.stopped {
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &caseRun{template: t, print: print, since: since, more: true, state: CaseRun{Running: true}, cancel: cancel, over: make(chan struct{})}
	rs.of[t.ID] = r
	rs.running.Go(func() {
		defer close(r.over)
		defer cancel()
		if before != nil {
			before.cancel()
			<-before.over
		}
		in.runCases(ctx, r)
	})
	return nil
}

// runCases reads cases until none is left.
func (in *Intake) runCases(ctx context.Context, r *caseRun) {
	rs := in.cases
	var err error
	select {
	case rs.room <- struct{}{}:
		defer func() { <-rs.room }()
	case <-ctx.Done():
		err = ctx.Err()
	}
	for !rs.ends(r, err) {
		err = in.readCases(ctx, calls, r.template, rs.since(r), func(done, total int) { rs.tell(r, done, total) })
		if err != nil && ctx.Err() == nil {
			in.cfg.Log.ErrorContext(ctx, "cases not read", "template", r.template.ID, "error", err)
		}
	}
}

// ends reports whether r is over: by an error, or since there is nothing more to
// be read.
func (rs *caseRuns) ends(r *caseRun, err error) bool {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if err == nil && r.more {
		r.more = false
		return false
	}
	r.state.Running = false
	if err != nil {
		r.state.Trouble = form.TroubleMachine
		if why, passes := troubleOf(err); passes {
			r.state.Trouble = why
		}
	}
	return true
}

func (rs *caseRuns) since(r *caseRun) time.Time {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return r.since
}

func (rs *caseRuns) tell(r *caseRun, done, total int) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	r.state.Done, r.state.Total = done, total
}

// CaseRun returns how far reading the cases of a template by what has a
// fingerprint is, or was when it ended.
func (in *Intake) CaseRun(template form.TemplateID, fingerprint string) CaseRun {
	in.cases.mu.Lock()
	defer in.cases.mu.Unlock()
	if r := in.cases.of[template]; r != nil && r.print == fingerprint {
		return r.state
	}
	return CaseRun{}
}

// stop ends what is being read, and returns when it has ended.
func (rs *caseRuns) stop() {
	rs.mu.Lock()
	rs.stopped = true
	for _, r := range rs.of {
		r.cancel()
	}
	rs.mu.Unlock()
	rs.running.Wait()
}
