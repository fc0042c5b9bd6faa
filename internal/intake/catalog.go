package intake

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"

	"golang.org/x/sync/singleflight"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/reader"
)

// catalogs keeps the prepared templates of each domain.
type catalogs struct {
	db  *db.DB
	log *slog.Logger
	// prepare is Catalog.Renew, except in tests.
	prepare func(*Catalog, []*form.Template) (*Catalog, error)
	empty   *Catalog // which all come of

	building singleflight.Group
	mu       sync.Mutex
	byDomain map[form.DomainID]*catalog
}

// A catalog is the templates of a domain at one revision.
type catalog struct {
	revision int64
	all      *Catalog         // both of these; what comes next is made of it
	released []*form.Template // of all
	service  *Catalog         // looked for
	chosen   *Catalog         // given to who asks for them
}

func newCatalogs(db *db.DB, blobs blob.Store, log *slog.Logger) *catalogs {
	// What one who asks waits for, others get too: it does not end with the first.
	load := func(k blob.Key) ([]byte, error) { return blobs.Bytes(context.Background(), k) }
	return &catalogs{db: db, log: log, prepare: (*Catalog).Renew, empty: reader.Empty(load), byDomain: make(map[form.DomainID]*catalog)}
}

// find returns the templates to look for: the ones given, as who asks for them
// gets them, or all in service.
func (c *catalogs) find(ctx context.Context, domain form.DomainID, only []form.TemplateID) (*Catalog, error) {
	// Asked every time, because a command line may have changed a template.
	revision, err := c.db.CatalogRevision(ctx, domain)
	if err != nil {
		return nil, err
	}
	found, err := c.since(domain, revision)
	if err != nil {
		return nil, err
	}
	if len(only) > 0 {
		return found.chosen.Only(only...), nil
	}
	return found.service, nil
}

// with returns the templates of t's domain that are in beta or service, with t,
// which may be a draft, in the place of the versions of its template.
func (c *catalogs) with(ctx context.Context, t *form.Template) (*Catalog, error) {
	revision, err := c.db.CatalogRevision(ctx, t.Domain)
	if err != nil {
		return nil, err
	}
	found, err := c.since(t.Domain, revision)
	if err != nil {
		return nil, err
	}
	of := func(other *form.Template) bool { return other.ID == t.ID }
	return c.prepare(found.all, append(slices.DeleteFunc(slices.Clone(found.released), of), t))
}

// alone returns the catalog of t only, which may be an old version: what is prepared
// of its picture already is not prepared again.
func (c *catalogs) alone(ctx context.Context, t *form.Template) (*Catalog, error) {
	revision, err := c.db.CatalogRevision(ctx, t.Domain)
	if err != nil {
		return nil, err
	}
	found, err := c.since(t.Domain, revision)
	if err != nil {
		return nil, err
	}
	return c.prepare(found.all, []*form.Template{t})
}

// since returns the catalog of a domain, of the given revision or newer.
func (c *catalogs) since(domain form.DomainID, revision int64) (*catalog, error) {
	for {
		c.mu.Lock()
		have := c.byDomain[domain]
		c.mu.Unlock()
		if have != nil && have.revision >= revision {
			return have, nil
		}
		// Whoever asks meanwhile gets this one too, so it must not end with
		// the context of the one who happened to be first.
		if _, err, _ := c.building.Do(strconv.FormatInt(int64(domain), 10), func() (any, error) {
			return nil, c.build(context.Background(), domain)
		}); err != nil {
			return nil, fmt.Errorf("catalog of domain %d: %w", domain, err)
		}
	}
}

func (c *catalogs) build(ctx context.Context, domain form.DomainID) error {
	now, err := c.db.Catalog(ctx, domain)
	if err != nil {
		return err
	}
	templates := slices.Clone(now.Service)
	for _, t := range now.Chosen {
		if t.Stage != form.Service {
			templates = append(templates, t)
		}
	}
	c.mu.Lock()
	old := c.empty
	if have := c.byDomain[domain]; have != nil {
		old = have.all
	}
	c.mu.Unlock()
	all, err := c.prepare(old, templates)
	if err != nil {
		templates = c.sound(old, templates)
		if all, err = c.prepare(old, templates); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byDomain[domain] = &catalog{now.Revision, all, templates, all.Of(now.Service), all.Of(now.Chosen)}
	return nil
}

// sound returns the templates that can be prepared: one whose picture is lost
// or damaged must not keep the others from being found.
func (c *catalogs) sound(old *Catalog, templates []*form.Template) (sound []*form.Template) {
	for _, t := range templates {
		if _, err := c.prepare(old, []*form.Template{t}); err != nil {
			c.log.Error("template left out", "template", t.ID, "version", t.Version, "error", err)
			continue
		}
		sound = append(sound, t)
	}
	return sound
}
