package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/form"
)

// result says what is known of a page, with what people have said about it.
func (s *server) result(c echo.Context) error {
	ctx := c.Request().Context()
	domain, err := s.invoked(c)
	if err != nil {
		return err
	}
	p, err := s.DB.PageByUID(ctx, domain.ID, c.Param("uid"))
	if errors.Is(err, form.ErrNotFound) {
		return clova.ErrURL.Because("there is no such result")
	}
	if err != nil {
		return err
	}
	r, err := s.DB.Record(ctx, scope(c), p.ID)
	if err != nil {
		return err
	}
	s.saw(c, db.Access{Act: db.AccessRecord, Pages: []form.PageID{p.ID}})
	body, err := clova.NewResult(p.DocumentName, clova.ResultOf(&r, domain.Settings.Cells), s.Now()).JSON()
	if err == nil {
		err = s.logged(c)
	}
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, body)
}
