package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

func (s *server) submission(c echo.Context) error {
	m, err := s.submissionModel(c)
	if err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.SubmissionPage(m))
}

func (s *server) submissionPages(c echo.Context) error {
	m, err := s.submissionModel(c)
	if err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.SubmissionPages(m))
}

// submissionModel asks how far the submission is before it asks for its
// pages: once the machine has finished, no page is missing among them.
func (s *server) submissionModel(c echo.Context) (views.Submission, error) {
	id, err := id[form.SubmissionID](c, "submission")
	if err != nil {
		return views.Submission{}, err
	}
	info, err := s.DB.Submission(c.Request().Context(), id)
	if err != nil {
		return views.Submission{}, err
	}
	pages, err := s.DB.PagesOf(c.Request().Context(), id)
	return views.Submission{
		Frame:   s.frame(c, "submission.title", views.Upload),
		ID:      id,
		At:      info.CreatedAt,
		By:      info.ByName,
		Pages:   pageRows(pages),
		Working: !info.Progress.Finished(),
	}, err
}

func pageRows(pages []db.PageInfo) []views.PageRow {
	rows := make([]views.PageRow, len(pages))
	for i, p := range pages {
		rows[i] = views.PageRow{
			ID:       p.ID,
			Document: p.DocumentName,
			Number:   p.Number,
			State:    p.State,
			Failure:  p.Failure,
			Trouble:  p.Trouble,
			Template: p.TemplateName,
			Doubtful: p.Doubtful,
			At:       p.ReceivedAt,
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
