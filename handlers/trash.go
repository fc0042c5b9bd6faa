package handlers

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// trashPart is how many pages one part of the trash lists.
const trashPart = 100

// trash lists what is in the trash.
func (s *server) trash(c echo.Context) error {
	after, err := number[form.PageID](c.QueryParam("after"))
	if err != nil {
		return err
	}
	pages, err := s.DB.InTrash(c.Request().Context(), scope(c), after, trashPart+1)
	if err != nil {
		return err
	}
	m := views.Trash{Frame: s.frame(c, "trash.title", views.History), First: after == 0}
	if len(pages) > trashPart {
		pages = pages[:trashPart]
		m.Older = fmt.Sprintf("/trash?after=%d", pages[trashPart-1].Page)
	}
	for _, p := range pages {
		m.Pages = append(m.Pages, views.TrashRow{
			Page: p.Page, Name: p.Name, Label: p.Label(), State: p.State, Template: p.Template, By: p.By, At: p.At, Gone: p.Gone(),
		})
	}
	return s.draw(c, http.StatusOK, views.TrashList(m))
}

// restore takes the chosen pages out of the trash. Who has just put one there goes back
// to it.
func (s *server) restore(c echo.Context) error {
	pages, err := pickedPages(c)
	if err == nil {
		pages, err = s.DB.Seen(c.Request().Context(), scope(c), pages)
	}
	if err != nil {
		return err
	}
	if _, err := s.Intake.Restore(c.Request().Context(), actor(c), pages); err != nil {
		return err
	}
	if c.FormValue("then") == "page" && len(pages) == 1 {
		return c.Redirect(http.StatusSeeOther, fmt.Sprintf("/pages/%d", pages[0]))
	}
	return c.Redirect(http.StatusSeeOther, "/trash")
}

// purge deletes the chosen pages, which are in the trash, for good.
func (s *server) purge(c echo.Context) error {
	pages, err := pickedPages(c)
	if err == nil {
		pages, err = s.DB.Seen(c.Request().Context(), scope(c), pages)
	}
	if err != nil {
		return err
	}
	if _, err := s.DB.Purge(c.Request().Context(), actor(c), pages); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/trash")
}

// maxChosen is how many pages may be chosen one by one.
const maxChosen = 1000

// pickedPages reads which pages are chosen in a list.
func pickedPages(c echo.Context) (pages []form.PageID, err error) {
	values, err := c.FormParams()
	if err != nil || len(values["page"]) > maxChosen {
		return nil, errBadRequest
	}
	for _, v := range values["page"] {
		id, err := number[form.PageID](v)
		if err != nil || id == 0 {
			return nil, errBadRequest
		}
		pages = append(pages, id)
	}
	return pages, nil
}
