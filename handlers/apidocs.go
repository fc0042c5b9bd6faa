package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/docs"
	"github.com/seosik/seosik/views"
)

// apiDocs shows the description of the API to people. It is no secret.
func (s *server) apiDocs(c echo.Context) error {
	return s.draw(c, http.StatusOK, views.DocsPage(views.Docs{
		Frame: s.frame(c, "docs.title", views.Section{}), HTML: docs.HTML(),
	}))
}
