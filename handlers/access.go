package handlers

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// What shows or sends contents of pages says so with saw, before it looks for what
// else it needs: the log is written meanwhile. Nothing is sent before that is on
// the disk, which draw, sendBlob and sendCrop wait for; whoever sends otherwise
// calls logged.

// keyLogged is where is noted what of a request is being added to the access log.
const keyLogged = "logged"

// addressed notes where a request comes from, for all that is done in its course.
func addressed(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.SetRequest(c.Request().WithContext(db.WithAddress(c.Request().Context(), c.RealIP())))
		return next(c)
	}
}

// saw adds to the access log what who is asking is about to be shown.
func (s *server) saw(c echo.Context, a db.Access) {
	if a.By == (form.Actor{}) {
		a.By = actor(c)
	}
	being, _ := c.Get(keyLogged).([]*db.Kept)
	c.Set(keyLogged, append(being, s.DB.Saw(c.Request().Context(), a)))
}

// sawPage adds that a page is shown with its values. Its pictures belong to that.
func (s *server) sawPage(c echo.Context, act string, id form.PageID) {
	s.glances.look(user(c).ID, id)
	s.saw(c, db.Access{Act: act, Pages: []form.PageID{id}})
}

// sawPart adds that a part of a page is shown, unless it belongs to what the person
// was shown of the page already.
func (s *server) sawPart(c echo.Context, id form.PageID) {
	if s.glances.look(user(c).ID, id) {
		s.saw(c, db.Access{Act: db.AccessPicture, Pages: []form.PageID{id}})
	}
}

// sawValue adds that a person looked at a value of a page that is masked until then:
// which of those under review, or -1 of one that it has no more.
func (s *server) sawValue(c echo.Context, id form.PageID, index int) {
	s.sawPart(c, id)
	s.saw(c, db.Access{Act: db.AccessReveal, Subject: "value", ID: int64(index + 1), Pages: []form.PageID{id}})
}

// sawPages adds that several pages are shown, in a view that shows many.
func (s *server) sawPages(c echo.Context, act, view string, pages []form.PageID) {
	for _, id := range pages {
		s.glances.look(user(c).ID, id)
	}
	if len(pages) > 0 {
		s.saw(c, db.Access{Act: act, Subject: view, Pages: pages})
	}
}

// logged waits until all is on the disk that the access log says of a request.
func (s *server) logged(c echo.Context) error {
	being, _ := c.Get(keyLogged).([]*db.Kept)
	c.Set(keyLogged, nil) // who is told that it could not be is shown nothing else
	for _, k := range being {
		if err := k.Wait(c.Request().Context()); err != nil {
			s.glances.forget(user(c).ID)
			return err
		}
	}
	return nil
}

// takenAtOnce is how many pages that are sent bit by bit are one row of the log.
const takenAtOnce = 1000

// taking yields records, each part of them once the log says that it was taken.
func (s *server) taking(c echo.Context, a db.Access, records iter.Seq2[form.Record, error]) iter.Seq2[form.Record, error] {
	return func(yield func(form.Record, error) bool) {
		var part []form.Record
		send := func() bool {
			a.Pages = nil
			for _, r := range part {
				a.Pages = append(a.Pages, r.Page.ID)
			}
			if len(part) > 0 {
				s.saw(c, a)
				if err := s.logged(c); err != nil {
					yield(form.Record{}, err)
					return false
				}
			}
			for _, r := range part {
				if !yield(r, nil) {
					return false
				}
			}
			part = part[:0]
			return true
		}
		for r, err := range records {
			if err != nil {
				yield(r, err)
				return
			}
			if part = append(part, r); len(part) == takenAtOnce && !send() {
				return
			}
		}
		send()
	}
}

// noting yields records, and notes of which pages.
func noting(records iter.Seq2[form.Record, error], pages *[]form.PageID) iter.Seq2[form.Record, error] {
	return func(yield func(form.Record, error) bool) {
		for r, err := range records {
			if err == nil {
				*pages = append(*pages, r.Page.ID)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// glance is how long parts of a page belong to what a person was shown of it.
const glance = time.Hour

// maxGlances is how many are remembered.
const maxGlances = 20_000

// glances remember who was shown which page lately.
type glances struct {
	mu  sync.Mutex
	at  map[glanceKey]time.Time
	now func() time.Time
}

type glanceKey struct {
	user  form.UserID
	page  form.PageID
	tried form.CaseID // by which a template is tested; 0 for a page
}

func newGlances(now func() time.Time) *glances {
	return &glances{at: make(map[glanceKey]time.Time), now: now}
}

// look notes that a person is shown a page, and reports whether that is the first
// time for long.
func (g *glances) look(user form.UserID, page form.PageID) (first bool) {
	return g.lookAt(glanceKey{user: user, page: page})
}

// lookAt forgets all where it has to remember too many: then more is logged than needs
// be.
func (g *glances) lookAt(key glanceKey) (first bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	before, known := g.at[key]
	if len(g.at) >= maxGlances && !known {
		clear(g.at)
	}
	if first = !known || now.Sub(before) > glance; first {
		g.at[key] = now
	}
	return first
}

// sawCase adds that a picture of a page by which a template is tested is shown, unless
// the person was shown one of it lately.
func (s *server) sawCase(c echo.Context, id form.CaseID) {
	if s.glances.lookAt(glanceKey{user: user(c).ID, tried: id}) {
		s.saw(c, db.Access{Act: db.AccessPicture, Subject: "case", ID: int64(id)})
	}
}

// forget forgets what a person was shown.
func (g *glances) forget(user form.UserID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	maps.DeleteFunc(g.at, func(k glanceKey, _ time.Time) bool { return k.user == user })
}

// onePage is an address that shows one page.
var onePage = regexp.MustCompile(`^/(?:pages|second)/([0-9]+)(?:/|$)`)

// views that show several pages, or pages that are none of the history, by the
// addresses that they begin with; the log calls them so.
var printedViews = []struct{ path, subject string }{
	{"/sheet", "sheet"},
	{"/carpet", "carpet"},
	{"/margin", "margin"},
	{"/pages", "search"},
	{"/queue", "search"},
	{"/export", "preview"},
	{"/templates/", "template"},
}

// maxPrinted is how many pages a row of the log says were printed: of a longer view
// there are several.
const maxPrinted = 1000

// printed notes that a person prints what is shown. Other screens have nothing of a
// page on them.
func (s *server) printed(c echo.Context) error {
	path, asked := c.FormValue("path"), c.Request().Form["page"]
	a := db.Access{Act: db.AccessPrint}
	if of := onePage.FindStringSubmatch(path); of != nil {
		asked = of[1:]
	} else if i := slices.IndexFunc(printedViews, func(v struct{ path, subject string }) bool { return strings.HasPrefix(path, v.path) }); i >= 0 {
		a.Subject = printedViews[i].subject
	} else {
		return c.NoContent(http.StatusNoContent)
	}
	if a.Subject == "template" {
		_, _ = fmt.Sscanf(path, "/templates/%d", &a.ID) // 0 for the list
	}
	pages, err := s.printedPages(c, asked)
	if err != nil {
		return err
	}
	if len(pages) == 0 {
		s.saw(c, a)
	}
	for of := range slices.Chunk(pages, maxPrinted) {
		a.Pages = of
		s.saw(c, a)
	}
	if err := s.logged(c); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// printedPages returns the pages that were printed, of those asked for. One that was
// destroyed while it was shown is left out; where it is all, there is nothing.
func (s *server) printedPages(c echo.Context, asked []string) (pages []form.PageID, err error) {
	for _, text := range asked {
		id, err := number[form.PageID](text)
		if err != nil {
			return nil, err
		}
		switch _, err := s.DB.Page(c.Request().Context(), scope(c), id); {
		case err == nil:
			pages = append(pages, id)
		case !errors.Is(err, form.ErrNotFound):
			return nil, err
		}
	}
	if len(asked) > 0 && len(pages) == 0 {
		return nil, form.ErrNotFound
	}
	return pages, nil
}

// loggedIn adds a log-in, or that one failed. Of a name that nobody has nothing is
// kept: it may be a password.
func (s *server) loggedIn(c echo.Context, of form.User, right bool) {
	a := db.Access{Act: db.AccessFailedLogin}
	if right {
		a = db.Access{By: form.Person(of.ID), Act: db.AccessLogin}
	} else if of.ID != 0 {
		a.Subject, a.ID = "user", int64(of.ID)
	}
	s.saw(c, a)
}

// sawRecords adds that records are sent to a program.
func (s *server) sawRecords(ctx context.Context, by form.Actor, records []form.Record) error {
	pages := make([]form.PageID, len(records))
	for i, r := range records {
		pages[i] = r.Page.ID
	}
	if len(pages) == 0 {
		return nil
	}
	return s.DB.Saw(ctx, db.Access{By: by, Act: db.AccessRecord, Pages: pages}).Wait(ctx)
}
