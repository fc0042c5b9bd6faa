package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// deletePage deletes a page for a person, who then sees what is left of its
// submission.
func (s *server) deletePage(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	p, err := s.DB.Page(ctx, scope(c), id)
	if err != nil {
		return err
	}
	if err := s.removePage(c, id); err != nil {
		return err
	}
	left := views.SubmissionPath(p.Submission)
	if _, err := s.DB.Submission(ctx, scope(c), p.Submission); errors.Is(err, form.ErrNotFound) {
		left = "/pages"
	} else if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, left)
}

// removePage deletes a page, or returns errUncounted.
func (s *server) removePage(c echo.Context, id form.PageID) error {
	err := s.DB.DeletePage(c.Request().Context(), actor(c), id)
	if errors.Is(err, form.ErrConflict) {
		return errUncounted
	}
	return err
}

// deleteSubmission deletes a submission for a person.
func (s *server) deleteSubmission(c echo.Context) error {
	id, err := id[form.SubmissionID](c, "submission")
	if err != nil {
		return err
	}
	if err := s.DB.DeleteSubmission(c.Request().Context(), actor(c), id); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/")
}

// ownDeletePage deletes a page for a program.
func (s *server) ownDeletePage(c echo.Context, d form.Domain) error {
	p, err := s.DB.PageByUID(c.Request().Context(), d.ID, c.Param("uid"))
	if err == nil {
		err = s.removePage(c, p.ID)
	}
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// ownDeleteSubmission deletes a submission for a program.
func (s *server) ownDeleteSubmission(c echo.Context, _ form.Domain) error {
	info, err := s.submissionInfo(c)
	if err == nil {
		err = s.DB.DeleteSubmission(c.Request().Context(), actor(c), info.ID)
	}
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
