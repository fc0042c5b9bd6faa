package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/sample/demo"
	"github.com/seosik/seosik/views"
)

// maxBulk is how many pages something may be done with in one go.
const maxBulk = 100_000

var (
	errNoneChosen = errors.New("no page is chosen")
	errManyChosen = errors.New("too many pages are chosen")
)

// bulkActs are what can be done with many pages.
var bulkActs = []string{db.BulkTrash, db.BulkAgain, db.BulkAssign}

// exportChosen is the act that leads on to a page of its own, which says what comes of
// it.
const exportChosen = "export"

// bulkPages returns the pages that a form chooses: those that are ticked, or all
// that the filter of the history chooses, of what is in scope.
func (s *server) bulkPages(c echo.Context, in form.Scope) (pages []form.PageID, err error) {
	if c.FormValue("all") == "" {
		if pages, err = pickedPages(c); err == nil {
			pages, err = s.DB.Seen(c.Request().Context(), in, pages)
		}
	} else {
		var q url.Values
		if q, err = url.ParseQuery(c.FormValue("filter")); err != nil {
			return nil, errBadRequest
		}
		var f db.PageFilter
		if f, _, err = s.historyFilter(c, q); err != nil {
			return nil, err
		}
		f.After, f.Limit = 0, maxBulk+1
		pages, err = s.DB.PageIDs(c.Request().Context(), in, f)
	}
	switch {
	case err != nil:
		return nil, err
	case len(pages) == 0:
		return nil, errNoneChosen
	case len(pages) > maxBulk:
		return nil, errManyChosen
	}
	return pages, nil
}

// bulk says what would be done with the chosen pages, and does it when that is
// confirmed: what deletes many, by their number.
func (s *server) bulk(c echo.Context) error {
	b := db.Bulk{Act: c.FormValue("act")}
	if b.Act != exportChosen && !slices.Contains(bulkActs, b.Act) {
		return errBadRequest
	}
	needs := form.MayReview
	if b.Act == exportChosen {
		needs = form.MayExport
	}
	in := may(c).Scope(needs)
	if in.Empty() {
		return errForbidden
	}
	pages, err := s.bulkPages(c, in)
	if err != nil {
		return err
	}
	if b.Act == exportChosen {
		id, err := s.DB.AddSelection(c.Request().Context(), actor(c), pages)
		if err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, fmt.Sprintf("/export?selection=%d", id))
	}
	var name string
	if b.Act == db.BulkAssign {
		if b.To, name, err = s.assignee(c); err != nil {
			return err
		}
	}
	m := views.BulkQuestion{
		Frame: s.frame(c, "bulk.title", views.History), Act: b.Act, Pages: len(pages), To: b.To, ToName: name,
		Filter: c.FormValue("filter"), All: c.FormValue("all") != "", Typed: b.Act == db.BulkTrash && len(pages) > 1,
	}
	if !m.All {
		m.Chosen = pages
	}
	confirmed := c.FormValue("confirmed") != ""
	if m.Typed && confirmed && c.FormValue("count") != strconv.Itoa(len(pages)) {
		m.Wrong = "bulk.wrong_count"
	}
	if !confirmed || m.Wrong != "" {
		status := http.StatusOK
		if m.Wrong != "" {
			status = http.StatusUnprocessableEntity
		}
		return s.draw(c, status, views.BulkConfirm(m))
	}
	return s.startBulk(c, b, pages)
}

// assignee returns to whom pages are to be assigned: nobody for everybody.
func (s *server) assignee(c echo.Context) (id form.UserID, name string, err error) {
	if id, err = number[form.UserID](c.FormValue("to")); err != nil || id == 0 {
		return 0, "", err
	}
	people, err := s.DB.PeopleWho(c.Request().Context(), 0, form.MayReview)
	if err != nil {
		return 0, "", err
	}
	for _, u := range people {
		if u.ID == id {
			return id, u.Name, nil
		}
	}
	return 0, "", errBadRequest
}

func (s *server) startBulk(c echo.Context, b db.Bulk, pages []form.PageID) error {
	id, err := s.DB.AddBulk(c.Request().Context(), actor(c), b, pages)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, fmt.Sprintf("/bulk/%d", id))
}

// bulkProgress says how far it is.
func (s *server) bulkProgress(c echo.Context) error {
	id, err := id[int64](c, "bulk")
	if err != nil {
		return err
	}
	b, err := s.DB.Bulk(c.Request().Context(), user(c).ID, id)
	if err != nil {
		return err
	}
	m := views.BulkProgress{
		Frame: s.frame(c, "bulk.title", views.History), ID: b.ID, Act: b.Act, Total: b.Total, Done: b.Done, Skipped: b.Skipped, Finished: b.Finished,
	}
	if scripted(c) {
		return s.draw(c, http.StatusOK, views.BulkState(m))
	}
	return s.draw(c, http.StatusOK, views.BulkPage(m))
}

// samplePages returns the pages of the scans of the demo, some of them where
// there are many.
func (s *server) samplePages(c echo.Context) ([]form.PageID, error) {
	var keys []blob.Key
	for _, scan := range demo.Load().Scans {
		keys = append(keys, blob.KeyOf(scan.Data))
	}
	return s.DB.PagesOfFiles(c.Request().Context(), scope(c), keys, maxBulk)
}

// removeSamples puts the pages of the demo into the trash, and takes its template
// out of service where no other page is of it.
func (s *server) removeSamples(c echo.Context) error {
	ctx := c.Request().Context()
	pages, err := s.samplePages(c)
	if err != nil {
		return err
	}
	if err := s.retireSample(c, pages); err != nil {
		return err
	}
	if len(pages) == 0 {
		return sendTo(c, "/")
	}
	id, err := s.DB.AddBulk(ctx, actor(c), db.Bulk{Act: db.BulkTrash}, pages)
	if err != nil {
		return err
	}
	return sendTo(c, fmt.Sprintf("/bulk/%d", id))
}

func (s *server) retireSample(c echo.Context, samples []form.PageID) error {
	ctx := c.Request().Context()
	all, err := s.templates(ctx, scope(c))
	if err != nil {
		return err
	}
	for _, of := range all {
		for _, t := range of.templates {
			if t.Name != demoNames().template || t.Stage != form.Service {
				continue
			}
			pages, err := s.DB.PageIDs(ctx, scope(c), db.PageFilter{Template: t.ID, Limit: len(samples) + 1})
			if err != nil {
				return err
			}
			if slices.ContainsFunc(pages, func(id form.PageID) bool { return !slices.Contains(samples, id) }) {
				continue // it serves the office
			}
			if err := s.DB.RetireTemplate(ctx, actor(c), t.ID, t.Version, ""); err != nil {
				return err
			}
		}
	}
	return nil
}
