package intake

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// A holding is the lease on reading while this process has it. It is renewed
// until it is given back, whatever else the process is busy with.
type holding struct {
	db      *db.DB
	lease   *db.Lease
	lost    chan struct{} // receives when another process is found to have the lease
	end     context.CancelFunc
	renewal sync.WaitGroup
}

// hold returns the lease, or form.ErrConflict where another process has it.
func (in *Intake) hold(ctx context.Context) (*holding, error) {
	lease, err := in.cfg.DB.Claim(ctx)
	if err != nil {
		return nil, err
	}
	h := &holding{db: in.cfg.DB, lease: lease, lost: make(chan struct{}, 1)}
	ctx, h.end = context.WithCancel(context.WithoutCancel(ctx))
	h.renewal.Go(func() { in.renew(ctx, h) })
	return h, nil
}

func (in *Intake) renew(ctx context.Context, h *holding) {
	tick := time.NewTicker(in.renewal)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := h.db.Renew(ctx, h.lease)
		switch {
		case errors.Is(err, db.ErrLeaseLost):
			h.lose()
			return
		case ctx.Err() == nil:
			in.complain(ctx, "lease not renewed", err)
		}
	}
}

// lose notes that another process has the lease.
func (h *holding) lose() {
	select {
	case h.lost <- struct{}{}:
	default: // it is known
	}
}

// release gives the lease back. A holding that is nil has none.
func (h *holding) release(ctx context.Context) error {
	if h == nil {
		return nil
	}
	h.end()
	h.renewal.Wait()
	return h.db.Release(ctx, h.lease)
}

// claim claims the lease, as soon as that can be done. It returns nil where Stop
// is called before.
func (in *Intake) claim(ctx context.Context) *holding {
	for times := 1; ; times++ {
		select {
		case <-in.stopping:
			return nil
		case <-time.After(wait(times)):
		}
		h, err := in.hold(ctx)
		if err == nil {
			return h
		}
		if !errors.Is(err, form.ErrConflict) {
			in.complain(ctx, "reading not claimed", err)
		}
	}
}
