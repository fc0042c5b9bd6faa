package handlers

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// retryPage has a failed page read once more.
func (s *server) retryPage(c echo.Context) error {
	id, err := s.seenPage(c)
	if err != nil {
		return err
	}
	n, err := s.Intake.RetryFailed(c.Request().Context(), actor(c), scope(c), db.FailedFilter{Page: id})
	if err == nil && n == 0 {
		err = form.ErrConflict // it is being read already, or its file was not kept
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, fmt.Sprintf("/pages/%d", id))
}

// retryPages has all failed pages read once more, or those of a kind.
func (s *server) retryPages(c echo.Context) error {
	why := form.Failure(c.FormValue("failure"))
	if why != "" && !slices.Contains(form.Failures, why) {
		return errBadRequest
	}
	if _, err := s.Intake.RetryFailed(c.Request().Context(), actor(c), scope(c), db.FailedFilter{Failure: why}); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/pages?state="+string(form.StateFailed))
}

// failed returns what can be read once more.
func (s *server) failed(c echo.Context) (views.Failed, error) {
	n, err := s.DB.Failed(c.Request().Context(), scope(c), db.FailedFilter{})
	var m views.Failed
	for _, why := range form.Failures {
		if n[why] > 0 {
			m.Kinds = append(m.Kinds, views.FailedKind{Failure: why, Pages: n[why]})
		}
	}
	return m, err
}

// retryable reports whether a page has failed and can be read once more.
func (s *server) retryable(c echo.Context, p form.PageInfo) (bool, error) {
	if p.State != form.StateFailed {
		return false, nil
	}
	n, err := s.DB.Failed(c.Request().Context(), scope(c), db.FailedFilter{Page: p.ID})
	return len(n) > 0, err
}
