package reader

import (
	"context"
	"errors"
	"fmt"
	"image"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/seosik/seosik/internal/align"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/cache"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/reader/ink"
	"github.com/seosik/seosik/internal/scan"
)

// A Catalog is the templates to look for, prepared once. It is immutable and
// safe for concurrent use.
type Catalog struct {
	entries []*entry
	set     *align.Set // of the entries that can be found, in their order
	found   []*entry
	blanks  *pictures
}

// An entry is a template and what is needed to find and read it.
type entry struct {
	template  *form.Template
	places    []form.Field
	reference *align.Reference // nil where the picture has too little print to be found by

	look   sync.Once      // sets
	isCopy bool           // the picture is a filled copy, not a blank
	like   map[int]int    // by checkboxes that are marked on the picture: those that are like them and empty, or -1
	marked []form.FieldID // of these, those without
}

// withoutWriting returns the picture of the template of e without what is
// written in the fields of a filled copy and without marks in checkboxes, or the
// picture itself where it is a blank.
func (e *entry) withoutWriting(blank *image.Gray) *image.Gray {
	var fields, written, boxes []geom.Box // of text; with the cells of tables and single characters; checkboxes
	var ids []form.FieldID                // of boxes
	for i := range e.places {
		switch f := &e.places[i]; f.Kind {
		case form.Normal:
			written = append(written, f.Box)
			if f.Table == "" {
				fields = append(fields, f.Box)
			}
		case form.MultiBox:
			written = append(written, f.Boxes...)
		case form.Checkbox:
			boxes, ids = append(boxes, f.Box), append(ids, f.ID)
		}
	}
	e.look.Do(func() {
		e.isCopy = ink.IsCopy(blank, fields)
		e.like = ink.Marked(blank, boxes, e.isCopy)
		for i, empty := range e.like {
			if empty < 0 {
				e.marked = append(e.marked, ids[i])
			}
		}
	})
	if len(e.like) > 0 {
		blank = ink.WithoutMarks(blank, boxes, e.like)
	}
	if e.isCopy {
		blank = ink.WithoutWriting(blank, written)
	}
	return blank
}

// NewCatalog prepares templates. It calls load for the picture of each, and
// again when a page is read whose picture has been forgotten meanwhile: the
// catalog keeps only a few.
func NewCatalog(templates []*form.Template, load func(blob.Key) ([]byte, error)) (*Catalog, error) {
	return Empty(load).Renew(templates)
}

// Empty returns a catalog of no templates, to be renewed.
func Empty(load func(blob.Key) ([]byte, error)) *Catalog { return newCatalog(nil, newPictures(load)) }

// Renew returns a catalog of templates, but prepares only pictures that c does
// not have. All catalogs that come of one bound the pictures they keep together.
func (c *Catalog) Renew(templates []*form.Template) (*Catalog, error) {
	known := map[blob.Key]*entry{}
	for _, e := range c.entries {
		known[e.template.Image] = e
	}
	entries := make([]*entry, len(templates))
	var g errgroup.Group
	g.SetLimit(runtime.NumCPU())
	for i, t := range templates {
		entries[i] = &entry{template: t, places: t.Places()}
		if old, ok := known[t.Image]; ok {
			entries[i].reference = old.reference
			continue
		}
		g.Go(func() (err error) {
			entries[i].reference, err = prepare(t, c.blanks)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return newCatalog(entries, c.blanks), nil
}

func prepare(t *form.Template, blanks *pictures) (*align.Reference, error) {
	img, err := blanks.decode(t.Image)
	if err != nil {
		return nil, fmt.Errorf("template %q: %w", t.Name, err)
	}
	ref, err := align.Prepare(img)
	if errors.Is(err, align.ErrBlank) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("template %q: %w", t.Name, err)
	}
	return ref, nil
}

func newCatalog(entries []*entry, blanks *pictures) *Catalog {
	c := &Catalog{entries: entries, blanks: blanks}
	var refs []*align.Reference
	for _, e := range entries {
		if e.reference != nil {
			c.found = append(c.found, e)
			refs = append(refs, e.reference)
		}
	}
	c.set = align.NewSet(refs)
	return c
}

// Only returns the part of c that consists of the given templates.
func (c *Catalog) Only(ids ...form.TemplateID) *Catalog {
	var some []*entry
	for _, e := range c.entries {
		if slices.Contains(ids, e.template.ID) {
			some = append(some, e)
		}
	}
	return newCatalog(some, c.blanks)
}

// Of returns the part of c that consists of those templates, in those versions.
func (c *Catalog) Of(templates []*form.Template) *Catalog {
	var some []*entry
	for _, e := range c.entries {
		if slices.Contains(templates, e.template) {
			some = append(some, e)
		}
	}
	return newCatalog(some, c.blanks)
}

// maxBlanks bounds the memory of the pictures of templates that are kept, in
// bytes: a page of A4 at 200 dpi takes 4 MB.
const maxBlanks = 128 << 20

// pictures keeps the pictures of the templates that were used last.
type pictures struct {
	load func(blob.Key) ([]byte, error)
	kept *cache.Cache[blob.Key, *image.Gray]
}

func newPictures(load func(blob.Key) ([]byte, error)) *pictures {
	return &pictures{load, cache.New[blob.Key, *image.Gray](maxBlanks)}
}

// take returns the picture with the given key, on an even ground, until done is
// called.
func (p *pictures) take(ctx context.Context, key blob.Key) (_ *image.Gray, done func(), err error) {
	return p.kept.Take(ctx, key, func(reserve func(int64) error) (*image.Gray, error) {
		img, err := p.decode(key) // by as many at once as read pages
		if err != nil {
			return nil, err
		}
		img = ink.OnEvenGround(img)
		return img, reserve(int64(len(img.Pix)))
	})
}

func (p *pictures) decode(key blob.Key) (*image.Gray, error) {
	data, err := p.load(key)
	if err != nil {
		return nil, err
	}
	page, err := scan.Nth(context.Background(), data, 1, scan.Limits{})
	if err != nil {
		return nil, fmt.Errorf("its picture: %v", err) //nolint:errorlint // damage to a template is no damage to the page
	}
	return page.Gray, nil
}
