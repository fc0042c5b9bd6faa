package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/views"
)

// admin says what the office should look into, and lists the pages by which the office looks after the site.
func (s *server) admin(c echo.Context) error {
	s.newMatters()
	return s.draw(c, http.StatusOK, views.Admin(views.AdminPage{
		Frame: s.frame(c, "admin.title", views.Administration), Links: views.AdminLinks,
		Matters: s.matters(c.Request().Context()),
	}))
}
