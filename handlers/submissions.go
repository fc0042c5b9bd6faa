package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// submissionPart is how many pages one part of a submission lists.
const submissionPart = 100

func (s *server) submission(c echo.Context) error {
	info, err := s.submissionInfo(c)
	if err != nil {
		return err
	}
	m, err := s.submissionModel(c, info)
	if err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.SubmissionPage(m))
}

// submissionPages answers a page that people look at with what is new on it
// since it asked last, which may be nothing. It sends all of its part again
// when pages were found, which may come between others, and at the end.
func (s *server) submissionPages(c echo.Context) error {
	seen, found, err := seenBefore(c)
	if err != nil {
		return err
	}
	info, err := s.submissionInfo(c)
	if err != nil {
		return err
	}
	if info.Revision == seen && s.Intake.Trouble() == "" {
		return c.NoContent(http.StatusNoContent)
	}
	m, err := s.submissionModel(c, info)
	if err != nil {
		return err
	}
	if m.Total() != found || !m.Working {
		return s.draw(c, http.StatusOK, views.SubmissionPages(m))
	}
	m.Pages = slices.DeleteFunc(m.Pages, func(p views.PageRow) bool { return p.Revision <= seen })
	c.Response().Header().Set("HX-Reswap", "none") // each row and the head have their own place
	return s.draw(c, http.StatusOK, views.SubmissionNews(m))
}

// seenBefore reads which revision a page shows and how many pages had been
// found by then; -1 for one that shows nothing yet.
func seenBefore(c echo.Context) (revision int64, found int, err error) {
	if c.QueryParam("seen") == "" {
		return -1, -1, nil
	}
	revision, err = strconv.ParseInt(c.QueryParam("seen"), 10, 64)
	if err == nil {
		found, err = strconv.Atoi(c.QueryParam("found"))
	}
	if err != nil {
		err = errBadRequest
	}
	return revision, found, err
}

func (s *server) submissionInfo(c echo.Context) (db.SubmissionInfo, error) {
	id, err := id[form.SubmissionID](c, "submission")
	if err != nil {
		return db.SubmissionInfo{}, err
	}
	return s.DB.Submission(c.Request().Context(), scope(c), id)
}

// submissionModel is given how far the submission was before its pages are
// asked for: once the machine has finished, no page is missing among them.
func (s *server) submissionModel(c echo.Context, info db.SubmissionInfo) (m views.Submission, err error) {
	ctx := c.Request().Context()
	after, err := number[form.PageID](c.QueryParam("after"))
	if err != nil {
		return m, err
	}
	pages, err := s.DB.PartOf(ctx, scope(c), info.ID, after, submissionPart+1)
	if err != nil {
		return m, err
	}
	m = views.Submission{
		Frame:    s.frame(c, "submission.title", views.Upload),
		ID:       info.ID,
		At:       info.CreatedAt,
		By:       info.ByName,
		Counts:   views.Counts(info.Progress.Pages),
		Working:  !info.Progress.Finished(),
		Trouble:  s.Intake.Trouble(),
		Revision: info.Revision,
		After:    after,
	}
	if len(pages) > submissionPart {
		pages = pages[:submissionPart]
		m.Further = pages[submissionPart-1].ID
	}
	m.Pages = pageRows(pages)
	m.Next, err = s.DB.NextForPerson(ctx, scope(c), db.ReviewFilter{Submission: info.ID}, 0)
	if errors.Is(err, form.ErrNotFound) {
		err = nil
	}
	return m, err
}

func pageRows(pages []form.PageInfo) []views.PageRow {
	rows := make([]views.PageRow, len(pages))
	for i, p := range pages {
		rows[i] = views.PageRow{
			ID:       p.ID,
			Document: p.DocumentName,
			Label:    p.Label(),
			State:    p.State,
			Failure:  p.Failure,
			Trouble:  p.Trouble,
			Template: p.TemplateName,
			Doubtful: p.Doubtful,
			At:       p.ReceivedAt,
			Revision: p.Revision,
			First:    i == 0 || pages[i-1].Document != p.Document,
		}
	}
	return rows
}

func submissionRows(list []db.SubmissionInfo) []views.SubmissionRow {
	rows := make([]views.SubmissionRow, len(list))
	for i, s := range list {
		rows[i] = views.SubmissionRow{
			ID:        s.ID,
			Name:      s.FirstDocument,
			Documents: s.Progress.Documents,
			Counts:    views.Counts(s.Progress.Pages),
			At:        s.CreatedAt,
			By:        s.ByName,
		}
	}
	return rows
}
