package intake

import (
	"context"
	"fmt"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// Restore takes pages out of the trash, has read what was still to be read of
// them, and returns how many were there.
func (in *Intake) Restore(ctx context.Context, by form.Actor, pages []form.PageID) (int, error) {
	n, err := in.cfg.DB.Restore(ctx, by, pages, in.enqueue(ctx, uploads))
	if err != nil {
		return 0, fmt.Errorf("restore: %w", err)
	}
	return n, nil
}

const (
	// pastEvery is how often what has changed is looked for that is to be found
	// by what it holds.
	pastEvery = time.Second
	// pastPause leaves the database to others between two parts of what is much.
	pastPause = 20 * time.Millisecond
)

// keepPast has pages be found by what they hold, and does what is to be done with
// many, until ctx ends or Stop is
// called.
func (in *Intake) keepPast(ctx context.Context) {
	for wait := pastEvery; ; {
		select {
		case <-in.stopping:
			return
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		indexed, err := in.cfg.DB.IndexPages(ctx)
		in.complain(ctx, "pages not indexed", err)
		done, err := in.cfg.DB.DoBulk(ctx, in.enqueue(ctx, uploads))
		in.complain(ctx, "bulk not done", err)
		if wait = pastEvery; indexed+done > 0 {
			wait = pastPause
		}
	}
}
