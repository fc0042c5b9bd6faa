package intake

import (
	"context"
	"database/sql"
	"errors"
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
	// gives up in bounded time, without an error; then it is not settled, and
	// should be asked again.
	Validate(ctx context.Context, page form.PageID) (settled bool, err error)
	// Deliver delivers a notice; an error means that it should be tried again.
	Deliver(ctx context.Context, id db.NoticeID) error
}

// validations is how many pages of a document are asked about at once.
const validations = 5

// validate asks about the pages of a document that have been read, where their
// templates want that. It holds no turn: others are read meanwhile. Where there
// is no answer in time, the page does not wait for it.
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
		g.Go(func() error {
			settled, err := in.ask(ctx, page)
			if err != nil || settled {
				return err
			}
			_, err = in.queue.client.Insert(ctx, question{page}, &river.InsertOpts{Queue: questions, MaxAttempts: tellings, ScheduledAt: time.Now().Add(firstPause)})
			return err
		})
	}
	return g.Wait()
}

// ask asks about one page. A panic is an error: here, nobody else would catch it.
func (in *Intake) ask(ctx context.Context, page form.PageID) (settled bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("page %d: panic: %v\n%s", page, r, debug.Stack())
		}
	}()
	return in.cfg.Outside.Validate(ctx, page)
}

// A question is a job that asks once more about a page of which nothing was
// said in time.
type question struct {
	Page form.PageID `json:"page"`
}

// Kind names the job in the database.
func (question) Kind() string { return "validate" }

// An asker works off questions.
type asker struct {
	river.WorkerDefaults[question]
	validate func(context.Context, form.PageID) (settled bool, err error)
}

// errUnsettled reports a page of which still nothing is said.
var errUnsettled = errors.New("the validation gave no verdict")

// Work asks about a page.
func (a *asker) Work(ctx context.Context, j *river.Job[question]) error {
	settled, err := a.validate(ctx, j.Args.Page)
	if err == nil && !settled {
		err = errUnsettled
	}
	return err
}

// Timeout bounds an asking.
func (a *asker) Timeout(*river.Job[question]) time.Duration { return time.Minute }

// NextRetry says when to ask again.
func (a *asker) NextRetry(j *river.Job[question]) time.Time { return later(len(j.Errors) + 1) }

// A telling is a job that delivers a notice.
type telling struct {
	Notice db.NoticeID `json:"notice"`
}

// Kind names the job in the database.
func (telling) Kind() string { return "tell" }

const (
	notices   = "notices" // the queues
	questions = "questions"
	tellers   = 4 // of each, that are worked off at once
	// tellings is how often a notice is delivered, or a question asked, at growing
	// intervals, until one succeeds: for a day and a half.
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
func (t *teller) NextRetry(j *river.Job[telling]) time.Time { return later(len(j.Errors)) }

// later returns the time to try again after so many tries, the first being 0.
func later(tries int) time.Time {
	return time.Now().Add(min(firstPause<<min(tries, 20), lastPause))
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
