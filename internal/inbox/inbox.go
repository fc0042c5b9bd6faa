// Package inbox takes files out of a folder into which a scanner, a copier or a
// person puts them, and has each read once, whatever is killed.
//
//	FOLDER/claim.pdf                 waits until it rests
//	FOLDER/reading/0f3a…/claim.pdf   is ours
//	FOLDER/done/2026-11-29/claim.pdf was read
//	FOLDER/failed/claim.pdf          could not be; claim.pdf.txt beside it says why
//
// Folders in it name the domain, and in that the template, that files are of. The
// folder may lie on another machine: it is listed every two seconds. What makes a
// file be read once is where it lies: it is moved into a folder of its own before it
// is taken in, and the database keeps that place in the transaction that takes it in.
package inbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path"
	"slices"
	"sync"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/intake"
	"github.com/seosik/seosik/views"
)

// Config is what an Inbox is made of.
type Config struct {
	DB      *db.DB
	Blobs   blob.Store
	Intake  Intake
	Folder  string
	Domain  form.DomainID // whose files they all are; 0 where folders name it
	MaxFile int64         // bytes of a file; longer ones fail
	Rest    time.Duration // how long a file has not changed that is taken
	Keep    time.Duration // how long what was read stays in done; 0 for ever
	Log     *slog.Logger

	// Active says whether files are to be taken at this moment, as not while the disk
	// is nearly full. Nil for always.
	Active func() bool

	// Ended is told of each file that was moved to done, where why is empty, or
	// to failed. Nil for nobody.
	Ended func(file, why string)
}

// An Intake takes documents in: intake.Intake, except in tests.
type Intake interface {
	Submit(ctx context.Context, by form.Actor, s form.Submission, files []intake.File) (form.SubmissionID, error)
}

// An Inbox is one folder. Status may be called while it runs.
type Inbox struct {
	Config
	seen   map[string]sighting // what waits, by path
	made   map[string]bool     // folders of domains that there are
	failed bool                // a file has, since those in failed were looked at
	tidied time.Time

	mu  sync.Mutex
	saw view
}

// A sighting is when a file was first seen as it is.
type sighting struct {
	file
	since time.Time
}

const (
	every     = 2 * time.Second
	emptyRest = time.Minute // of a file without bytes: some scanners make it long before they write
	inHand    = 50          // files taken that are not read yet; the others wait where they lie
	patience  = time.Minute // of Once, with what goes wrong again and again
)

// New returns an Inbox.
func New(cfg Config) *Inbox {
	if cfg.Active == nil {
		cfg.Active = func() bool { return true }
	}
	return &Inbox{Config: cfg, seen: make(map[string]sighting), made: make(map[string]bool)}
}

// Run takes files until ctx ends, while Active says so.
func (x *Inbox) Run(ctx context.Context) {
	for {
		if x.Active() {
			_, _ = x.round(ctx, nil) // it is logged, and kept for the pages
		}
		select {
		case <-time.After(every):
		case <-ctx.Done():
			return
		}
	}
}

// Once takes what is in the folder now, and returns when all of it was read or could
// not be, or when what goes wrong does so for a minute without anything else ending.
func (x *Inbox) Once(ctx context.Context) error {
	var now map[string]bool
	fewest, since := 0, time.Now()
	for {
		left, err := x.round(ctx, now)
		if now == nil {
			now = make(map[string]bool)
			for p := range x.seen {
				now[p] = true
			}
			fewest = left
		}
		switch {
		case left == 0:
			return err
		case err == nil || left < fewest:
			fewest, since = left, time.Now()
		case time.Since(since) > patience:
			return err
		}
		select {
		case <-time.After(every / 4):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// round looks at the folder once, and returns how many files are still to be read. Of
// those that wait it counts and takes only some, where only is not nil.
func (x *Inbox) round(ctx context.Context, only map[string]bool) (left int, err error) {
	v := view{failed: x.saw.failed, failedAt: x.saw.failedAt}
	left, err = x.look(ctx, &v, only)
	if v.err = nameless(err); ctx.Err() != nil {
		return left, v.err
	}
	x.mu.Lock()
	before := x.saw.err
	x.saw = v
	x.mu.Unlock()
	if err != nil && (before == nil || before.Error() != v.err.Error()) {
		x.Log.ErrorContext(ctx, "scan folder", "error", v.err)
	}
	return left, v.err
}

func (x *Inbox) look(ctx context.Context, v *view, only map[string]bool) (left int, err error) {
	root, err := os.OpenRoot(x.Folder)
	if err != nil {
		return 1, err
	}
	defer root.Close()
	f := folder{root}
	release, err := f.lock()
	if err != nil {
		return 1, err
	}
	defer release()
	taken, err := f.taken()
	errs := []error{err, x.makeFolders(ctx, f)}
	for _, t := range taken {
		ended, err := x.tend(ctx, f, t)
		errs = append(errs, err)
		if err != nil || !ended {
			v.reading = append(v.reading, t.path)
		}
	}
	waiting, err := f.waiting()
	errs = append(errs, err)
	for _, w := range waiting {
		v.waiting = append(v.waiting, w.path)
	}
	waiting = slices.DeleteFunc(waiting, func(w file) bool { return only != nil && !only[w.path] })
	errs = append(errs, x.take(ctx, f, x.rested(waiting, time.Now()), inHand-len(v.reading)))
	if time.Since(x.tidied) > time.Hour && x.Keep > 0 {
		x.tidied = time.Now()
		errs = append(errs, f.tidy(x.tidied.Add(-x.Keep-24*time.Hour)))
	}
	if time.Since(v.failedAt) > failedEvery || x.failed {
		v.failed, err = f.reasons(maxFailed)
		v.failedAt, x.failed, errs = time.Now(), false, append(errs, err)
	}
	return len(v.reading) + len(waiting), errors.Join(errs...)
}

// makeFolders makes a folder for each domain, where there are several: people see
// where to put their files.
func (x *Inbox) makeFolders(ctx context.Context, f folder) error {
	domains, err := x.DB.Domains(ctx, form.Everything)
	if err != nil || len(domains) < 2 || x.Domain != 0 {
		return err
	}
	var errs []error
	for _, d := range domains {
		if name := FolderName(d.Name); !x.made[name] {
			err := f.makeFor(path.Join(name, "x"))
			x.made[name], errs = err == nil, append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// take makes the first most of files ours.
func (x *Inbox) take(ctx context.Context, f folder, files []file, most int) error {
	var errs []error
	for _, w := range files[:min(len(files), max(0, most))] {
		if ctx.Err() != nil || !x.Active() {
			break
		}
		errs = append(errs, f.take(w.path))
	}
	return errors.Join(errs...)
}

// rested returns those of files that have not changed for long enough, the oldest
// first. Only this machine's clock counts: that of a server of files may be another.
func (x *Inbox) rested(files []file, now time.Time) (rested []file) {
	seen := make(map[string]sighting, len(files))
	for _, f := range files {
		s, ok := x.seen[f.path]
		if !ok || !s.same(f) {
			s = sighting{f, now}
		}
		seen[f.path] = s
		rest := x.Rest
		if f.size == 0 {
			rest = max(rest, emptyRest)
		}
		if now.Sub(s.since) >= rest {
			rested = append(rested, f)
		}
	}
	x.seen = seen
	slices.SortFunc(rested, func(a, b file) int { return cmp.Or(a.changed.Compare(b.changed), cmp.Compare(a.path, b.path)) })
	return rested
}

// tend takes a file in that is ours, or moves it on once it was read, which it reports.
func (x *Inbox) tend(ctx context.Context, f folder, t taken) (ended bool, err error) {
	known, err := x.DB.Taken(ctx, t.token())
	pages := known.Progress
	switch {
	case errors.Is(err, form.ErrNotFound) && x.Active():
		return x.submit(ctx, f, t)
	case errors.Is(err, form.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	case known.Submission != 0 && !pages.Finished():
		return false, nil
	case pages.Total() > 0 && pages.Pages[form.StateFailed] == pages.Total():
		return true, x.end(ctx, f, t, say{id: "failure." + string(known.Failure)})
	}
	if info, err := f.Lstat(t.at); err == nil && info.Size() != known.Size {
		return true, x.end(ctx, f, t, say{id: "inbox.grew"})
	}
	return true, x.end(ctx, f, t, say{})
}

// submit has a file be read, which it copies. One that is still being written is
// left for the next time.
func (x *Inbox) submit(ctx context.Context, f folder, t taken) (ended bool, err error) {
	whose, why, err := x.whose(ctx, t.path)
	if err != nil {
		return false, err
	}
	if why != (say{}) {
		return true, x.end(ctx, f, t, why)
	}
	if err := f.hold(t); err != nil {
		return false, err
	}
	got, err := f.copyTo(x.Blobs, t, x.MaxFile)
	switch {
	case errors.Is(err, errLocked):
		return true, x.end(ctx, f, t, say{id: "inbox.not_allowed"})
	case errors.Is(err, errChanges):
		return false, nil
	case err != nil:
		return false, err
	}
	defer got.Draft.Discard()
	whose.Token = t.token()
	_, err = x.Intake.Submit(ctx, form.System, whose, []intake.File{got})
	switch {
	case errors.Is(err, form.ErrNotFound): // the domain or the template was deleted just now
		return true, x.end(ctx, f, t, say{id: "inbox.gone"})
	case errors.Is(err, form.ErrConflict): // by another process
		return false, nil
	}
	return false, err
}

// end moves a file to done, or to failed with the reason beside it.
func (x *Inbox) end(ctx context.Context, f folder, t taken, why say) (err error) {
	if why == (say{}) {
		err = f.done(t, time.Now())
	} else {
		err, x.failed = f.fail(t, why.text()), true
	}
	if err != nil {
		return err
	}
	if x.Ended != nil {
		x.Ended(t.path, why.in("en"))
	}
	return x.DB.EndTaken(ctx, t.token())
}

// A say is a sentence for people; its zero value is none.
type say struct {
	id, name string // its words, and what they name
}

// in returns the sentence in a language.
func (s say) in(language string) string {
	if s == (say{}) {
		return ""
	}
	return views.Say(views.WithLanguage(context.Background(), language), s.id, "Name", s.name)
}

// text returns the sentence in all languages: who opens it has none that we know.
func (s say) text() (text string) {
	for _, language := range views.Languages {
		text += fmt.Sprintln(s.in(language))
	}
	return text
}
