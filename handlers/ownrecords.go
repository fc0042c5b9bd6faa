package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/rest"
)

// ownTemplates lists the templates of a domain.
func (s *server) ownTemplates(c echo.Context, d form.Domain) error {
	list, err := s.DB.Templates(c.Request().Context(), d.ID)
	if err != nil {
		return err
	}
	return sendOwn(c, http.StatusOK, rest.NewTemplates(list))
}

// searchPages lists pages. What is looked for is in the body, because names of
// documents are names of people, and addresses end up in logs.
func (s *server) searchPages(c echo.Context, d form.Domain) error {
	pages, next, err := s.search(c, d, rest.MaxPages)
	if err != nil {
		return err
	}
	found := rest.Pages{Pages: []rest.Page{}, Next: next}
	ids := make([]form.PageID, len(pages))
	for i, p := range pages {
		ids[i] = p.ID
		found.Pages = append(found.Pages, rest.NewPage(&p))
	}
	s.saw(c, db.Access{Act: db.AccessSearch, Subject: "search", Pages: ids})
	if err := s.logged(c); err != nil {
		return err
	}
	return sendOwn(c, http.StatusOK, found)
}

// searchRecords lists pages with their values.
func (s *server) searchRecords(c echo.Context, d form.Domain) error {
	pages, next, err := s.search(c, d, rest.MaxRecords)
	if err != nil {
		return err
	}
	uids := make([]string, len(pages))
	for i, p := range pages {
		uids[i] = p.UID
	}
	records, err := s.DB.Records(c.Request().Context(), d.ID, uids)
	if err != nil {
		return err
	}
	if err := s.sawRecords(c.Request().Context(), actor(c), records); err != nil {
		return err
	}
	found := rest.Records{Records: []rest.Record{}, Next: next}
	for _, r := range records {
		found.Records = append(found.Records, rest.NewRecord(&r))
	}
	return sendOwn(c, http.StatusOK, found)
}

// search returns the pages that c asks for, most at most, and the cursor of
// those that follow, if there are any.
func (s *server) search(c echo.Context, d form.Domain, most int) (pages []form.PageInfo, next string, err error) {
	ctx := c.Request().Context()
	wanted, err := rest.ReadSearch(c.Request().Body, most, time.Local)
	if err != nil {
		return nil, "", err
	}
	f := db.PageFilter{
		Domain: d.ID, Template: wanted.Template, States: wanted.States, From: wanted.From, To: wanted.To,
		Name: wanted.Document, Submission: wanted.Submission,
		Limit: wanted.Limit + 1, // one more, to know whether others follow
	}
	if wanted.After != "" {
		if f.After, err = s.pageAfter(ctx, d, wanted.After); err != nil {
			return nil, "", err
		}
	}
	pages, err = s.DB.Pages(ctx, scope(c), f)
	if err == nil && len(pages) > wanted.Limit {
		pages = pages[:wanted.Limit]
		next = rest.Cursor(pages[wanted.Limit-1].UID)
	}
	return pages, next, err
}

// pageAfter returns the page that a cursor stands for, which may be deleted by
// now.
func (s *server) pageAfter(ctx context.Context, d form.Domain, uid string) (form.PageID, error) {
	id, err := s.DB.PageID(ctx, d.ID, uid)
	if errors.Is(err, form.ErrNotFound) {
		return 0, rest.ErrInvalid.Because("next must be that of an answer.")
	}
	return id, err
}

// ownRecord sends a page with its values.
func (s *server) ownRecord(c echo.Context, d form.Domain) error {
	records, err := s.DB.Records(c.Request().Context(), d.ID, []string{c.Param("uid")})
	if err != nil {
		return err
	}
	if err := s.sawRecords(c.Request().Context(), actor(c), records); err != nil {
		return err
	}
	if len(records) == 0 {
		return form.ErrNotFound
	}
	return sendOwn(c, http.StatusOK, rest.NewRecord(&records[0]))
}

// ownResults says of many pages what is said of one as its result.
func (s *server) ownResults(c echo.Context, d form.Domain) error {
	uids, err := rest.ReadUIDs(c.Request().Body)
	if err != nil {
		return err
	}
	records, err := s.DB.Records(c.Request().Context(), d.ID, uids)
	if err != nil {
		return err
	}
	if err := s.sawRecords(c.Request().Context(), actor(c), records); err != nil {
		return err
	}
	found := struct {
		Results []*clova.ResultResponse `json:"results"` // in the order in which they were asked for
		Missing []string                `json:"missing"` // of those asked for, what the domain does not have
	}{[]*clova.ResultResponse{}, []string{}}
	for _, r := range records {
		found.Results = append(found.Results, clova.NewResult(r.Page.DocumentName, clova.ResultOf(&r, d.Settings.Cells), s.Now()))
	}
	for _, uid := range uids {
		if !slices.ContainsFunc(records, func(r form.Record) bool { return r.Page.UID == uid }) {
			found.Missing = append(found.Missing, uid)
		}
	}
	return sendOwn(c, http.StatusOK, found)
}
