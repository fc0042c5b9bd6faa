package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/docs"
)

// openAPI sends the description of the API. It is no secret.
func (s *server) openAPI(c echo.Context) error {
	return c.Blob(http.StatusOK, "application/yaml", docs.OpenAPI)
}
