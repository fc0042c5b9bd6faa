package intake

import (
	"context"
	"database/sql"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// A class of documents goes before those after it.
type class int

const (
	calls   class = iota // through the API: a program waits
	uploads              // by people, many at once
	dryRuns              // of templates, and looks at their boxes: nobody waits
	classes              // how many there are
)

// queues are the names of the queues of the classes. Each has workers of its
// own, so that a call never waits behind a heap of uploads; how many pages are
// read at once is bounded by turns.
var queues = [...]string{"calls", "uploads"}

// dryQueue is that of dry runs, which are done one after the other.
const dryQueue = "dry_runs"

// A job is to do a chore: the open runs of a document, or one run of a page.
type job struct {
	Document form.DocumentID `json:"document,omitempty"`
	Page     form.PageID     `json:"page,omitempty"`
	Run      int             `json:"run,omitempty"`
}

// Kind names the job in the database.
func (job) Kind() string { return "read" }

func (j job) chore() db.Chore { return db.Chore{Document: j.Document, Page: j.Page, Run: j.Run} }

// An oldJob is what the release before wrote to have a page read again. It names
// a wish that is a run now, for which the start has added a job.
type oldJob struct{}

// Kind names the job in the database.
func (oldJob) Kind() string { return "reread" }

const (
	// waiters is how many jobs of a class are taken up beside those that are
	// read: programs are asked about them, or they wait for their turn.
	waiters = 32
	// noTimeout is for jobs: a page that hangs is noticed, and a document may
	// have to wait long for its turn.
	noTimeout = -1
	// never is after how long River takes a job for stuck. It cannot know; we do.
	never = 10 * 365 * 24 * time.Hour
	// poll is how often the queue is looked at unasked: for jobs to be tried
	// again. New ones are told of, some 50 ms after they are committed.
	poll = time.Second
	// cooldown is the shortest time between two looks.
	cooldown = 2 * time.Millisecond
)

// A queue keeps jobs in the database and hands them to workers, which the
// database tells of new ones once their transaction is committed, in whatever
// process that was.
type queue struct{ client *river.Client[*sql.Tx] }

func newQueue(driver riverdriver.Driver[*sql.Tx], workers int, in *Intake) (*queue, error) {
	outside, bundle := in.cfg.Outside, river.NewWorkers()
	if err := river.AddWorkerSafely(bundle, river.WorkFunc(in.work)); err != nil {
		return nil, err
	}
	if err := river.AddWorkerSafely(bundle, river.WorkFunc(in.dryRun)); err != nil {
		return nil, err
	}
	if err := river.AddWorkerSafely(bundle, river.WorkFunc(in.export)); err != nil {
		return nil, err
	}
	if err := river.AddWorkerSafely(bundle, river.WorkFunc(func(context.Context, *river.Job[oldJob]) error { return nil })); err != nil {
		return nil, err
	}
	config := &river.Config{
		Queues:               make(map[string]river.QueueConfig),
		Workers:              bundle,
		JobTimeout:           noTimeout,
		RescueStuckJobsAfter: never,
		FetchCooldown:        cooldown,
		FetchPollInterval:    poll,
		Logger:               slog.New(onlyWarnings{in.cfg.Log.Handler()}),
	}
	for _, name := range queues {
		config.Queues[name] = river.QueueConfig{MaxWorkers: workers + waiters}
	}
	config.Queues[dryQueue] = river.QueueConfig{MaxWorkers: 1}
	if in.cfg.Exports != nil {
		config.Queues[exportQueue] = river.QueueConfig{MaxWorkers: exportsAtOnce}
	}
	if outside != nil {
		if err := river.AddWorkerSafely(bundle, &teller{deliver: outside.Deliver}); err != nil {
			return nil, err
		}
		if err := river.AddWorkerSafely(bundle, &asker{validate: outside.Validate}); err != nil {
			return nil, err
		}
		config.Queues[notices] = river.QueueConfig{MaxWorkers: tellers}
		config.Queues[questions] = river.QueueConfig{MaxWorkers: tellers}
	}
	client, err := river.NewClient(driver, config)
	if err != nil {
		return nil, err
	}
	return &queue{client}, nil
}

// add adds a job for each chore, as part of tx.
func (q *queue) add(ctx context.Context, tx *sql.Tx, of class, chores []db.Chore) error {
	params := make([]river.InsertManyParams, len(chores))
	for i, c := range chores {
		params[i] = river.InsertManyParams{Args: job{c.Document, c.Page, c.Run}, InsertOpts: &river.InsertOpts{Queue: queues[of]}}
	}
	_, err := q.client.InsertManyTx(ctx, tx, params)
	return err
}

// onlyWarnings leaves out what River says about its ordinary doings.
type onlyWarnings struct{ slog.Handler }

func (h onlyWarnings) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && h.Handler.Enabled(ctx, l)
}

func (h onlyWarnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return onlyWarnings{h.Handler.WithAttrs(attrs)}
}

func (h onlyWarnings) WithGroup(name string) slog.Handler {
	return onlyWarnings{h.Handler.WithGroup(name)}
}
