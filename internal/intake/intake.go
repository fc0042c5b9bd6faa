// Package intake takes documents in and sees that each of their pages is read
// exactly once, through errors, stops and crashes.
//
// A document is safe on disk before Submit returns: its bytes as a blob, its
// row and the job that reads it in one transaction. A worker counts its pages,
// each of which has a row from then on, and keeps each, in a transaction of its
// own, as it comes. A page that has been kept is never read again; one that was
// in hand when a process died is. The document is finished when the machine has
// finished with each of them.
//
// What goes wrong is the file's fault, the page's or nobody's. A page that
// cannot be decoded has failed. One that ends the reading, twice, has failed too,
// and those after it are read. Trouble that passes, as a full disk, and the death
// of the process cost a page nothing: it waits, and is tried again.
//
// One process at a time reads from a database. One that has hung for so long that
// another took over changes nothing any more, and reads again once it may.
package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/disk"
	"github.com/seosik/seosik/internal/form"
)

// Config is what an Intake is made of.
type Config struct {
	DB      *db.DB
	Blobs   blob.Store
	Reader  Reader
	Outside Outside       // told of pages; nil for nobody
	Exports Exports       // makes files; nil for nobody
	Workers int           // pages read at once; 0 for one a core
	MaxFile int64         // bytes of a file; longer ones fail; 0 for 50 MiB
	Stall   time.Duration // a page that takes longer has failed; 0 for 2 min
	Disk    *disk.Guard   // of the data; nil for none
	Log     *slog.Logger  // nil for the default
}

// An Intake takes documents in. It is safe for concurrent use.
type Intake struct {
	cfg      Config
	queue    *queue
	turns    *turns
	catalogs *catalogs
	changes  *changes
	hands    *hands
	cases    *caseRuns
	checkups *checkups
	tidied   time.Time     // the day of which nothing is left to be destroyed
	unnoted  atomic.Value  // form.Trouble, the last one that could not be noted with its document; empty once one could
	stopping chan struct{} // closed by Stop
	tending  sync.WaitGroup
	grace    time.Duration           // shorter in tests, as the next
	renewal  time.Duration           // of the lease
	held     atomic.Pointer[holding] // nil before Start, and while another process has the lease
}

// New returns an Intake. Documents may be submitted at once; they are read
// between Start and Stop.
func New(cfg Config) (*Intake, error) {
	if cfg.Workers <= 0 {
		cfg.Workers = runtime.NumCPU()
	}
	if cfg.MaxFile <= 0 {
		cfg.MaxFile = 50 << 20
	}
	if cfg.Stall <= 0 {
		cfg.Stall = 2 * time.Minute
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	in := &Intake{
		cfg:      cfg,
		turns:    newTurns(cfg.Workers),
		catalogs: newCatalogs(cfg.DB, cfg.Blobs, cfg.Log),
		changes:  newChanges(cfg.DB.Revisions),
		hands:    &hands{jobs: make(map[int64]bool)},
		cases:    newCaseRuns(),
		checkups: newCheckups(),
		stopping: make(chan struct{}),
		grace:    grace,
		renewal:  db.LeaseRenewal,
	}
	var err error
	in.queue, err = newQueue(cfg.DB.Jobs(), cfg.Workers, in)
	if err != nil {
		return nil, fmt.Errorf("intake: %w", err)
	}
	return in, nil
}

// Start begins to read, while no other process does, first of all what a process that died has left: it does
// not wait until that is found. The end of ctx does not stop it: Stop does. It
// returns form.ErrConflict where another process reads from the database by now.
func (in *Intake) Start(ctx context.Context) error {
	held, err := in.hold(ctx)
	if errors.Is(err, form.ErrConflict) {
		return fmt.Errorf("intake: %w", err)
	}
	in.complain(ctx, "reading not claimed", err) // as where the disk is full: it is tried again
	in.held.Store(held)
	in.tending.Go(func() { in.tend(context.WithoutCancel(ctx)) })
	return nil
}

// Stop takes up nothing new, lets the pages in hand be finished, and leaves
// the pages after them for the next start. When ctx ends, it leaves the pages
// in hand as well. Call it once; an Intake that has been stopped cannot be
// started again.
func (in *Intake) Stop(ctx context.Context) error {
	close(in.stopping)
	in.cases.stop()
	in.tending.Wait()
	in.checkups.stop()
	if err := in.queue.client.Stop(ctx); err == nil {
		return in.held.Load().release(context.WithoutCancel(ctx))
	}
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*grace)
	defer cancel()
	if err := in.queue.client.StopAndCancel(hard); err != nil {
		return fmt.Errorf("intake: stop: %w", err)
	}
	return in.held.Load().release(hard)
}

// Trouble returns what keeps documents from being read and could not be noted
// with them, as where the disk is full; mostly nothing.
func (in *Intake) Trouble() form.Trouble {
	why, _ := in.unnoted.Load().(form.Trouble)
	return why
}

// stops reports whether Stop has been called.
func (in *Intake) stops() bool {
	select {
	case <-in.stopping:
		return true
	default:
		return false
	}
}

// A File is what was uploaded.
type File struct {
	Name  string      // as the sender calls it
	Size  int64       // bytes, or only more than MaxFile
	Draft *blob.Draft // closed; nil for a file that is larger than files may be
}

// Submit takes files in and keeps their drafts. S.Domain is set, and
// S.Templates and S.Awaited as they apply; what is awaited is read before what
// is not.
// When it returns, the files are safe and every one of them has a page that
// can be seen. It returns form.ErrNotFound where the domain, the user or one of
// the templates does not exist.
func (in *Intake) Submit(ctx context.Context, by form.Actor, s form.Submission, files []File) (form.SubmissionID, error) {
	if len(files) == 0 {
		return 0, form.Invalid("files", "there are none")
	}
	if err := in.accepts(ctx, s); err != nil {
		return 0, fmt.Errorf("submit: %w", err)
	}
	docs := make([]form.Document, len(files))
	for i, f := range files {
		docs[i] = form.Document{Name: cleanName(f.Name), Size: f.Size}
		if f.Size > in.cfg.MaxFile {
			continue // shown as failed; its bytes are not kept
		}
		var err error
		if docs[i].Blob, err = f.Draft.Keep(ctx); err != nil {
			return 0, fmt.Errorf("submit: %w", err)
		}
	}
	class := uploads
	if s.Awaited {
		class = calls
	}
	id, err := in.cfg.DB.AddSubmission(ctx, by, s, docs, in.enqueue(ctx, class))
	if err != nil {
		return 0, fmt.Errorf("submit: %w", err)
	}
	return id, nil
}

// accepts sees before any bytes are kept that s is for something that exists.
func (in *Intake) accepts(ctx context.Context, s form.Submission) error {
	whose := form.Within(s.Domain)
	if _, err := in.cfg.DB.Domain(ctx, whose, s.Domain); err != nil {
		return err
	}
	for _, id := range s.Templates {
		if _, err := in.cfg.DB.Template(ctx, whose, id, 0); err != nil {
			return err
		}
	}
	return nil
}

// Wait returns when the machine has finished with every page of a submission,
// or with the error of ctx when that ends.
func (in *Intake) Wait(ctx context.Context, id form.SubmissionID) error {
	changed, done := in.changes.watch(id)
	defer done()
	for {
		p, err := in.cfg.DB.Progress(ctx, form.Everything, id)
		if err != nil {
			return err
		}
		if p.Finished() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Reads reports whether this process reads what is waiting: it has the lease.
func (in *Intake) Reads() bool { return in.held.Load() != nil }
