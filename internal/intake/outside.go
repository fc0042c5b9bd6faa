package intake

import (
	"context"
	"database/sql"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"
	"golang.org/x/sync/errgroup"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// An Outside is the programs that are told of pages: a *callback.Sender, except
// in tests.
type Outside interface {
	// Validate asks about a page that has been read and keeps what is said. It
	// gives up in bounded time, without an error.
	Validate(ctx context.Context, page form.PageID) error
	// Deliver delivers a notice; an error means that it should be tried again.
	Deliver(ctx context.Context, id db.NoticeID) error
}

// validations is how many pages of a document are asked about at once.
const validations = 5

// validate asks about the pages of a document that have been read, where their
// templates want that. It holds no turn: others are read meanwhile.
func (in *Intake) validate(ctx context.Context, doc form.DocumentID) error {
	if in.cfg.Outside == nil {
		return nil
	}
	pages, err := in.cfg.DB.Unvalidated(ctx, doc)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(validations)
	for _, page := range pages {
		g.Go(func() error { return in.ask(ctx, page) })
	}
	return g.Wait()
}

// ask asks about one page. A panic is an error: here, nobody else would catch it.
func (in *Intake) ask(ctx context.Context, page form.PageID) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("page %d: panic: %v\n%s", page, r, debug.Stack())
		}
	}()
	return in.cfg.Outside.Validate(ctx, page)
}

// A telling is a job that delivers a notice.
type telling struct {
	Notice db.NoticeID `json:"notice"`
}

// Kind names the job in the database.
func (telling) Kind() string { return "tell" }

const (
	notices = "notices" // the queue
	tellers = 4         // notices that are delivered at once
	// tellings is how often a notice is delivered, at growing intervals, until
	// one delivery succeeds: for a day and a half.
	tellings   = 40
	firstPause = 10 * time.Second
	lastPause  = time.Hour
)

// A teller works off tellings.
type teller struct {
	river.WorkerDefaults[telling]
	deliver func(context.Context, db.NoticeID) error
}

// Work delivers a notice.
func (t *teller) Work(ctx context.Context, j *river.Job[telling]) error {
	return t.deliver(ctx, j.Args.Notice)
}

// Timeout bounds a delivery.
func (t *teller) Timeout(*river.Job[telling]) time.Duration { return time.Minute }

// NextRetry says when to deliver again.
func (t *teller) NextRetry(j *river.Job[telling]) time.Time {
	return time.Now().Add(min(firstPause<<min(len(j.Errors), 20), lastPause))
}

// addNotices adds a job for each notice, as part of tx.
func (q *queue) addNotices(tx *sql.Tx, ids []db.NoticeID) error {
	params := make([]river.InsertManyParams, len(ids))
	for i, id := range ids {
		params[i] = river.InsertManyParams{Args: telling{id}, InsertOpts: &river.InsertOpts{Queue: notices, MaxAttempts: tellings}}
	}
	_, err := q.client.InsertManyTx(context.Background(), tx, params)
	return err
}
