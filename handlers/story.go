package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// lookRuns is what of the story is looked at that was said in earlier runs.
const lookRuns = "runs"

// storyLook returns the address that sends a part of the story of a page that is
// masked until somebody looks at it.
func storyLook(id form.PageID, part string) string {
	return fmt.Sprintf("/pages/%d/story?look=%s", id, url.QueryEscape(part))
}

// story tells all that was read and said of a page.
func (s *server) story(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	p, err := s.DB.Page(ctx, scope(c), id)
	if err != nil {
		return err
	}
	look := c.QueryParam("look")
	if look == "" {
		s.sawPage(c, db.AccessStory, id)
	}
	of, err := s.DB.StoryOf(ctx, scope(c), id)
	if err != nil {
		return err
	}
	probe, err := s.DB.Probe(ctx, scope(c), id, user(c).ID)
	if err != nil && !errors.Is(err, form.ErrNotFound) {
		return err
	}
	history, err := s.reviewHistory(c, p, of.History)
	if err != nil {
		return err
	}
	if look == lookRuns {
		s.saw(c, db.Access{Act: db.AccessReveal, Pages: []form.PageID{id}})
		return s.draw(c, http.StatusOK, views.Runs(history.Looked()))
	}
	m := views.Story{
		Frame: s.frame(c, "story.title", views.History), Head: reviewHead(p), ReceivedAt: p.ReceivedAt, Runs: history.Runs,
	}
	m.Name = p.DocumentName
	for _, r := range of.Reopenings {
		m.Reopenings = append(m.Reopenings, views.Reopening{By: r.By, Note: r.Note, At: r.At, ClosedAt: r.ClosedAt, ClosedBy: r.ClosedBy})
	}
	seen, err := s.seen(c, p.Domain)
	if err != nil {
		return err
	}
	for _, v := range of.Values {
		class, err := s.classNow(c, v.Template)
		if err != nil {
			return err
		}
		v.Field.Personal = class(v.Field)
		row := views.StoryValue{
			Field: v.Field, Corrections: v.Corrections, Entries: v.Keyed.Entries, Sight: seen.Of(v.Field.Personal),
			Look: storyLook(id, string(v.Field.ID)),
		}
		for _, r := range v.Readings {
			if r.Run == probe.Run && v.Field.ID == probe.Field && len(v.Corrections) == 0 { // the story gives it not away
				shown := form.Value{Field: v.Field, Reading: r.Reading}
				probe.Show(&shown)
				r.Reading = shown.Reading
			}
			row.Readings = append(row.Readings, views.StoryReading{Run: r.Run, Secret: r.Policy() != "" && len(v.Corrections) == 0, Reading: r.Reading})
		}
		row.Mask()
		if look == string(v.Field.ID) {
			row.Look = ""
			r, err := s.DB.Record(ctx, scope(c), id)
			if err != nil {
				return err
			}
			s.sawValue(c, id, slices.IndexFunc(r.Values, func(of form.Value) bool { return of.Field.ID == v.Field.ID }))
			return s.draw(c, http.StatusOK, views.StoryLook(row))
		}
		m.Values = append(m.Values, row)
	}
	if look != "" {
		return form.ErrNotFound
	}
	if m.Holds, err = s.DB.HoldsOf(ctx, scope(c), id); err != nil {
		return err
	}
	if m.Seen, err = s.whoSaw(c, id); err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.StoryPage(m))
}

// reopen has a page that is done be looked at again.
func (s *server) reopen(c echo.Context) error {
	id, err := s.seenPage(c)
	if err == nil {
		err = s.DB.Reopen(c.Request().Context(), actor(c), id, c.FormValue("note"))
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, fmt.Sprintf("/pages/%d", id))
}

// seenPage returns the page of the request, where that is seen.
func (s *server) seenPage(c echo.Context) (form.PageID, error) {
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return 0, err
	}
	_, err = s.DB.Page(c.Request().Context(), scope(c), id)
	return id, err
}

// closePage notes that a page has been looked at again. Whoever finds that
// somebody else has noted it sees the page as it is.
func (s *server) closePage(c echo.Context) error {
	id, err := s.seenPage(c)
	if err == nil {
		err = s.DB.CloseReopening(c.Request().Context(), actor(c), id)
	}
	if err != nil && !errors.Is(err, form.ErrConflict) {
		return err
	}
	return c.Redirect(http.StatusSeeOther, fmt.Sprintf("/pages/%d", id))
}

// reopened returns whether a page is to be looked at again, or may be.
func (s *server) reopened(c echo.Context, p form.PageInfo) (views.Reopened, error) {
	m := views.Reopened{Page: p.ID, State: p.State}
	last, err := s.DB.LastReopening(c.Request().Context(), scope(c), p.ID)
	if errors.Is(err, form.ErrNotFound) {
		return m, nil
	}
	m.Last = views.Reopening{By: last.By, Note: last.Note, At: last.At, ClosedAt: last.ClosedAt, ClosedBy: last.ClosedBy}
	return m, err
}
