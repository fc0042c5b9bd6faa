package ocr

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// PoolConfig is what a Pool is made of. Only Command is needed.
type PoolConfig struct {
	Command  []string      // starts a child: a program that calls Serve, and its arguments
	Env      []string      // added to what a child has of this process's environment, see inherited; "KEY=value"
	Children int           // default: one a core
	Timeout  time.Duration // of one request; default 60 s
	Requests int           // after which a child is replaced; default 1000
	Memory   int64         // bytes resident, above which a child is replaced; default 1 GiB
	CPU      time.Duration // of a processor, after which a child is replaced; default 10 min, which are some thousand pages
	Most     int64         // bytes of data, beyond which a child dies; default 2 GiB (forms take 0.35, the largest pages 1.4)
	Log      *slog.Logger  // default: nothing is logged
}

// A Pool has engines that read in child processes, so that a crash, a hang
// or a leak of native code costs a retry and not the server. Children are
// started when they are first needed, stay warm, and never outlive the
// process. The pool itself is the first of its engines. Close it after use.
type Pool struct {
	cfg     PoolConfig
	engines []wireEngine
	guard   Guard

	// slots holds one entry a child that may be used now: nil where it has
	// not been started. Whoever takes an entry puts one back.
	slots  chan *child
	closed chan struct{}
	close  sync.Once

	replaced atomic.Int64 // children that failed
	unborn   atomic.Int64 // those in a row that did not start
}

// Replaced returns how many children died, hung, or answered nonsense.
func (p *Pool) Replaced() int64 { return p.replaced.Load() }

// Starts reports whether the last child that was started did start.
func (p *Pool) Starts() bool { return p.unborn.Load() == 0 }

// A Guard is what the system keeps a pool's children from.
type Guard struct {
	Calls bool // system calls: the network, programs, other processes, altering files
	Files int  // reading files but models, language data and libraries: the version of Landlock, or 0
}

// Guard returns that of the first child, as it says itself: a service may have a
// filter of system calls already, so that from outside one cannot tell.
func (p *Pool) Guard() Guard { return p.guard }

// NewPool starts the first child and returns the pool.
func NewPool(ctx context.Context, cfg PoolConfig) (*Pool, error) {
	if cfg.Children <= 0 {
		cfg.Children = runtime.NumCPU()
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = time.Minute
	}
	if cfg.Requests <= 0 {
		cfg.Requests = 1000
	}
	if cfg.Memory <= 0 {
		cfg.Memory = 1 << 30
	}
	if cfg.CPU <= 0 {
		cfg.CPU = 10 * time.Minute
	}
	if cfg.Most <= 0 {
		cfg.Most = 2 << 30
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	first, err := startChild(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if !first.Guard.Calls {
		cfg.Log.Warn("OCR children are not kept from the network: this system has no seccomp filters, or refuses them", "stderr", first.stderr.String())
	}
	if first.Guard.Files == 0 {
		cfg.Log.Warn("OCR children may read what the server may: this system has no Landlock, or refuses it", "stderr", first.stderr.String())
	}
	p := &Pool{cfg: cfg, engines: first.Engines, guard: first.Guard, slots: make(chan *child, cfg.Children), closed: make(chan struct{})}
	for range cfg.Children - 1 {
		p.slots <- nil
	}
	p.slots <- first
	return p, nil
}

// Name returns the name of the children's first engine.
func (p *Pool) Name() string { return p.engines[0].Name }

// Languages returns the languages of the children's first engine.
func (p *Pool) Languages() []string { return p.engines[0].Languages }

// Read has the first engine of a child read the crops. Where that child dies,
// answers nonsense or takes longer than the time limit, another one is asked
// once, and then the error is ErrEngine; or it is ErrKilled or ErrStart where
// one of the two was ended from outside or did not start.
func (p *Pool) Read(ctx context.Context, crops []Crop) ([]Text, error) {
	return p.read(ctx, p.engines[0], crops)
}

// Second returns the children's second engine, or nil where they have only
// one. It is closed with the pool.
func (p *Pool) Second() Engine {
	if len(p.engines) < 2 {
		return nil
	}
	return poolEngine{p, p.engines[1]}
}

// A poolEngine is one of the engines of a pool.
type poolEngine struct {
	pool *Pool
	wire wireEngine
}

func (e poolEngine) Name() string        { return e.wire.Name }
func (e poolEngine) Languages() []string { return e.wire.Languages }

// Alphabet returns that of the first language but English, which all know.
func (e poolEngine) Alphabet(languages []string) string {
	for _, l := range languages {
		if l != "en" {
			return e.wire.Alphabets[l]
		}
	}
	return e.wire.Alphabets["en"]
}

func (e poolEngine) Read(ctx context.Context, crops []Crop) ([]Text, error) {
	return e.pool.read(ctx, e.wire, crops)
}

// leastShare is how many crops a child is asked for at least before another one
// is asked for the rest. mostShare is how many it is asked for at most, so that
// a page of thousands of fields neither takes longer than a request may nor
// keeps other pages waiting.
const (
	leastShare = 6
	mostShare  = 100
)

// read has an engine read the crops, in as many children at once as it is
// worth: a page that comes alone does not leave cores idle.
func (p *Pool) read(ctx context.Context, engine wireEngine, crops []Crop) ([]Text, error) {
	if len(crops) == 0 {
		return nil, ctx.Err()
	}
	shares := max(1, min(p.cfg.Children, len(crops)/leastShare), (len(crops)+mostShare-1)/mostShare)
	texts := make([]Text, len(crops))
	var g errgroup.Group // a share that fails does not end the others: that would cost their children
	g.SetLimit(p.cfg.Children)
	for i := range shares {
		from, to := i*len(crops)/shares, (i+1)*len(crops)/shares
		g.Go(func() error {
			part, err := p.readShare(ctx, engine, crops[from:to])
			copy(texts[from:to], part)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return texts, nil
}

// readShare has an engine of one child read the crops.
func (p *Pool) readShare(ctx context.Context, engine wireEngine, crops []Crop) ([]Text, error) {
	req := request{Engine: keyOf(engine.Name), Crops: make([]wireCrop, len(crops))}
	for i, c := range crops {
		var err error
		if req.Crops[i], err = pack(c); err != nil {
			return nil, err
		}
	}
	texts, first := p.ask(ctx, req)
	if first == nil || ctx.Err() != nil || errors.Is(first, ErrLanguage) || errors.Is(first, ErrClosed) {
		return texts, first
	}
	texts, err := p.ask(ctx, req)
	switch {
	case err == nil || ctx.Err() != nil || blameless(err):
		return texts, err
	case blameless(first): // one death is not enough to blame the crops
		return nil, first
	}
	return nil, fmt.Errorf("%w: %w", ErrEngine, err)
}

// blameless reports whether err says nothing about the crops.
func blameless(err error) bool {
	return errors.Is(err, ErrKilled) || errors.Is(err, ErrStart) || errors.Is(err, ErrClosed)
}

// ask has the next free child answer req.
func (p *Pool) ask(ctx context.Context, req request) (_ []Text, err error) {
	var c *child
	select {
	case c = <-p.slots:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.closed:
		return nil, ErrClosed
	}
	defer func() { p.slots <- c }()
	if c == nil {
		if c, err = startChild(ctx, p.cfg); err != nil {
			c = nil
			if ctx.Err() == nil {
				p.unborn.Add(1)
			}
			return nil, err
		}
		p.unborn.Store(0)
	}
	resp, err := c.ask(ctx, req, p.cfg.Timeout)
	if err == nil && resp.Status == statusRead {
		err = check(resp.Texts, len(req.Crops))
	}
	if err != nil {
		if ctx.Err() != nil { // in the middle of an answer that nobody waits for
			c.kill()
			err = ctx.Err()
		} else {
			err = c.failed(err)
			p.replaced.Add(1)
			p.cfg.Log.Warn("OCR child replaced", "pid", c.pid(), "err", err, "stderr", c.stderr.String())
		}
		c = nil
		return nil, err
	}
	if c.requests >= p.cfg.Requests || c.memory() > p.cfg.Memory || c.taken() > p.cfg.CPU {
		c.kill()
		c = nil
	}
	switch resp.Status {
	case statusRead:
		return resp.Texts, nil
	case statusLanguage:
		return nil, fmt.Errorf("%w (%s)", ErrLanguage, resp.Detail)
	default:
		return nil, errors.New(resp.Detail)
	}
}

// Close ends the children, after the requests that they are at.
func (p *Pool) Close() error {
	p.close.Do(func() {
		close(p.closed)
		for range p.cfg.Children {
			if c := <-p.slots; c != nil {
				c.end()
			}
		}
	})
	return nil
}
