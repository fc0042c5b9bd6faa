package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/views"
)

// admin lists the pages by which the office looks after the site.
func (s *server) admin(c echo.Context) error {
	return s.draw(c, http.StatusOK, views.Admin(views.AdminPage{
		Frame: s.frame(c, "admin.title", views.Administration), Links: views.AdminLinks,
	}))
}
