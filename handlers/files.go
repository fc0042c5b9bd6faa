package handlers

import (
	"net/http"
	"path"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/static"
)

var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// static sends a file whose address holds its hash, so that it can be kept
// for ever.
func (s *server) static(c echo.Context) error {
	f, err := static.Open(c.Request().URL.Path)
	if err != nil {
		return form.ErrNotFound
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	return c.Blob(http.StatusOK, contentTypes[path.Ext(f.Name)], f.Data)
}

func (s *server) health(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }
