package handlers

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/views"
)

const languageCookie = "language"

// speak has pages speak the language that was chosen, or else the browser's.
func speak(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, chosen := c.Request(), ""
		if cookie, err := c.Cookie(languageCookie); err == nil && slices.Contains(views.Languages, cookie.Value) {
			chosen = cookie.Value
		}
		c.SetRequest(r.WithContext(views.WithLanguage(r.Context(), chosen, r.Header.Get("Accept-Language"))))
		return next(c)
	}
}

func (s *server) setLanguage(c echo.Context) error {
	chosen := c.FormValue("language")
	if !slices.Contains(views.Languages, chosen) {
		return errBadRequest
	}
	c.SetCookie(&http.Cookie{
		Name:     languageCookie,
		Value:    chosen,
		Path:     "/",
		MaxAge:   365 * 24 * 60 * 60, // seconds
		Secure:   s.TLS,
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	})
	return sendTo(c, local(c.FormValue("next")))
}
