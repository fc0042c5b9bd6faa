package intake

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"sync"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/health"
	"github.com/seosik/seosik/internal/reader/ink"
	"github.com/seosik/seosik/internal/scan"
)

const (
	checkupPages = 50 // the last ones of a template that are looked at
	checkupsKept = 16 // templates of which it is known how they fared
)

// A Checkup is whether the boxes of a version of a template hold what people
// wrote on its last pages. It is numbers and boxes only.
type Checkup struct {
	Pages  int       // to be looked at: those of the last ones on which its picture lies well
	Looked int       // of those, so far
	At     time.Time // when it was done; zero before
	Fields map[form.FieldID]FieldCheckup
}

// A FieldCheckup is that of a field or cell of text.
type FieldCheckup struct {
	Written  int           // pages on which something was written
	Touching []form.PageID // of those, where ink touches the border of the box; the newest first
	Better   geom.Box      // template px; empty where none is proposed, and of cells
	Repair   Repair
}

// A Repair is a box with which more would have been read, as trying it has shown.
type Repair struct {
	Box          geom.Box // template px; empty where there is none
	Wrong, Fixed int      // readings that a person corrected; of those, read right with the box
	Right, Lost  int      // readings that were right; of those, read wrongly with the box
}

// checkups are those that are known. A restart forgets them.
type checkups struct {
	mu   sync.Mutex
	of   map[edition]*checkup
	last []edition     // the one asked for last comes last
	over bool          // nothing is begun any more
	turn chan struct{} // holds one while a template is looked at
	work sync.WaitGroup
}

// An edition is a version of a template.
type edition struct {
	template form.TemplateID
	version  int
}

// A checkup is one that is known or being made.
type checkup struct {
	running bool
	known   Checkup
	written map[pageRun]map[form.FieldID]geom.Box // where writing lies, of pages that were looked at
}

type pageRun struct {
	page form.PageID
	run  int
}

func newCheckups() *checkups {
	return &checkups{of: make(map[edition]*checkup), turn: make(chan struct{}, 1)}
}

// Checkup returns what is known of the boxes of t, a released version with its
// lists, and whether more is being found out. It has that
// begun where nothing is known, and anew where again is true: behind all else
// that is read.
func (in *Intake) Checkup(t *form.Template, again bool) (known Checkup, running bool) {
	cs := in.checkups
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c := cs.take(edition{t.ID, t.Version})
	if !c.running && (again || c.known.At.IsZero()) && !cs.over {
		c.running = true
		cs.work.Go(func() { in.checkUp(t, c) })
	}
	return c.known, c.running
}

// take returns the checkup of e, and forgets the one that nobody has asked for
// for longest. The caller holds the lock.
func (cs *checkups) take(e edition) *checkup {
	c, ok := cs.of[e]
	if !ok {
		c = &checkup{written: make(map[pageRun]map[form.FieldID]geom.Box)}
		cs.of[e] = c
	}
	cs.last = append(slices.DeleteFunc(cs.last, func(o edition) bool { return o == e }), e)
	if len(cs.last) > checkupsKept {
		delete(cs.of, cs.last[0])
		cs.last = cs.last[1:]
	}
	return c
}

// stop waits for what is being found out, which ends as the intake stops.
func (cs *checkups) stop() {
	cs.mu.Lock()
	cs.over = true
	cs.mu.Unlock()
	cs.work.Wait()
}

// change changes what is known, of which others have copies.
func (cs *checkups) change(c *checkup, f func(*Checkup)) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	f(&c.known)
}

// checkUp finds out what c is to say of t.
func (in *Intake) checkUp(t *form.Template, c *checkup) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-in.stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	select {
	case in.checkups.turn <- struct{}{}:
		defer func() { <-in.checkups.turn }()
	case <-ctx.Done():
		return
	}
	err := in.lookAt(ctx, t, c)
	if err != nil && ctx.Err() == nil {
		in.cfg.Log.ErrorContext(ctx, "boxes not looked at", "template", t.ID, "error", err)
	}
	in.checkups.mu.Lock()
	defer in.checkups.mu.Unlock()
	c.running = false
	c.known.At = time.Now()
}

func (in *Intake) lookAt(ctx context.Context, t *form.Template, c *checkup) error {
	base, err := in.catalogs.empty.Renew([]*form.Template{t})
	if err != nil {
		return err
	}
	pages, err := in.checkupPages(ctx, t)
	if err != nil {
		return err
	}
	in.checkups.change(c, func(k *Checkup) { k.Pages, k.Looked = len(pages), 0 })
	written := make(map[pageRun]map[form.FieldID]geom.Box)
	for _, p := range pages {
		key := pageRun{p.ID, p.Run}
		if written[key] = c.written[key]; written[key] == nil {
			if written[key], err = in.written(ctx, base, p); err != nil {
				return err
			}
		}
		in.checkups.change(c, func(k *Checkup) { k.Looked++ })
	}
	c.written = written
	fields, of, err := measured(ctx, base, t, pages, written)
	if err != nil {
		return err
	}
	in.checkups.change(c, func(k *Checkup) { k.Fields = fields })
	repairs, err := in.repairs(ctx, base, t, of)
	if err != nil {
		return err
	}
	fields = withRepairs(fields, repairs)
	in.checkups.change(c, func(k *Checkup) { k.Fields = fields })
	return nil
}

// checkupPages returns the last pages on which the picture of t lies well.
func (in *Intake) checkupPages(ctx context.Context, t *form.Template) (pages []form.PageInfo, err error) {
	whose := form.Within(t.Domain)
	versions, err := in.cfg.DB.Versions(ctx, whose, t.ID)
	if err != nil {
		return nil, err
	}
	alike := make(map[int]bool)
	for _, v := range versions {
		alike[v.Version] = v.Image == t.Image
	}
	last, err := in.cfg.DB.Pages(ctx, whose, db.PageFilter{
		Template: t.ID, States: []form.State{form.StateReview, form.StateDone}, Limit: 4 * checkupPages,
	})
	if err != nil {
		return nil, err
	}
	for _, p := range last {
		if len(pages) < checkupPages && alike[p.Version] && p.Image != "" && len(p.Faults) == 0 {
			pages = append(pages, p)
		}
	}
	return pages, nil
}

// written returns where writing lies on a page; nothing where it cannot be
// looked at, as one that has been deleted since.
func (in *Intake) written(ctx context.Context, base *Catalog, p form.PageInfo) (written map[form.FieldID]geom.Box, err error) {
	err = in.guarded(ctx, dryRuns, func(ctx context.Context, _ *turn, _ *time.Timer) error {
		picture, err := in.cfg.Blobs.Bytes(ctx, p.Image)
		if err != nil {
			return err
		}
		page, err := scan.Nth(ctx, picture, 1, scan.Limits{})
		if err != nil {
			return err
		}
		defer page.Free()
		written, err = base.Written(ctx, page, p.TemplateToPage)
		return err
	})
	return written, in.passed(ctx, p.ID, err)
}

// passed reports what went wrong with a page, and that all is well unless the
// work is to end.
func (in *Intake) passed(ctx context.Context, page form.PageID, err error) error {
	if ctx.Err() != nil || errors.Is(err, errStopping) {
		return err
	}
	if err != nil && !errors.Is(err, form.ErrNotFound) && !errors.Is(err, fs.ErrNotExist) {
		in.cfg.Log.WarnContext(ctx, "page not looked at", "page", page, "error", err)
	}
	return nil
}

// measured returns what where the writing lies says of the fields of t, and from
// what better boxes of its fields of text are found.
func measured(ctx context.Context, base *Catalog, t *form.Template, pages []form.PageInfo, written map[pageRun]map[form.FieldID]geom.Box) (map[form.FieldID]FieldCheckup, map[form.FieldID]*health.Field, error) {
	blank, done, err := base.Blank(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer done()
	unit := ink.DPI(blank.Rect.Dx(), blank.Rect.Dy()) / 200
	fields, of, places := make(map[form.FieldID]FieldCheckup), make(map[form.FieldID]*health.Field), t.Places()
	for i, f := range places {
		if f.Kind != form.Normal {
			continue
		}
		var c FieldCheckup
		h := &health.Field{Blank: blank, Unit: unit, Box: f.Box}
		for _, p := range pages {
			w, ok := written[pageRun{p.ID, p.Run}][f.ID]
			if !ok {
				continue
			}
			c.Written++
			h.Writing = append(h.Writing, w)
			if health.Touches(f.Box, w, unit) {
				c.Touching = append(c.Touching, p.ID)
			}
		}
		if f.Table == "" {
			for k := range places {
				if k != i {
					h.Others = append(h.Others, places[k].Box)
				}
			}
			if better, ok := h.Better(); ok {
				c.Better = better
			}
			of[f.ID] = h
		}
		fields[f.ID] = c
	}
	return fields, of, nil
}
