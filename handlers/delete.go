package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// deletePage puts a page into the trash for a person. Whoever works through the queue
// goes on to the next page and is told how to have this one back; others see what is
// left of its submission.
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
	if err := uncounted(s.DB.Trash(ctx, actor(c), id)); err != nil {
		return err
	}
	if c.FormValue("then") == "next" {
		if scripted(c) {
			c.Response().Header().Set("HX-Trigger", "queue:trashed")
			return s.draw(c, http.StatusOK, views.Trashed(id))
		}
		query := queueQuery(c)
		query.Set("after", c.Param("page"))
		query.Set("trashed", c.Param("page"))
		return c.Redirect(http.StatusSeeOther, withQuery("/review", query))
	}
	left := views.SubmissionPath(p.Submission)
	if _, err := s.DB.Submission(ctx, scope(c), p.Submission); errors.Is(err, form.ErrNotFound) {
		left = "/pages"
	} else if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, left)
}

// uncounted says of the conflict that deleting a page ends with what it is.
func uncounted(err error) error {
	if errors.Is(err, form.ErrConflict) {
		return errUncounted
	}
	return err
}

// deleteSubmission puts a submission into the trash for a person.
func (s *server) deleteSubmission(c echo.Context) error {
	id, err := id[form.SubmissionID](c, "submission")
	if err != nil {
		return err
	}
	if _, err := s.DB.Submission(c.Request().Context(), scope(c), id); err != nil {
		return err
	}
	if err := s.DB.TrashSubmission(c.Request().Context(), actor(c), id); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/")
}

// ownDeletePage deletes a page for a program: at once and for good, also where a
// person has put it into the trash.
func (s *server) ownDeletePage(c echo.Context, d form.Domain) error {
	ctx := c.Request().Context()
	p, err := s.DB.PageByUID(ctx, d.ID, c.Param("uid"))
	switch {
	case err == nil:
		err = uncounted(s.DB.DeletePage(ctx, actor(c), p.ID))
	case errors.Is(err, form.ErrNotFound):
		err = s.DB.PurgeOf(ctx, actor(c), d.ID, c.Param("uid"))
	}
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// ownDeleteSubmission deletes a submission for a program, as ownDeletePage does.
func (s *server) ownDeleteSubmission(c echo.Context, _ form.Domain) error {
	id, err := id[form.SubmissionID](c, "submission")
	if err == nil {
		err = s.DB.DeleteSubmission(c.Request().Context(), actor(c), id)
	}
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
