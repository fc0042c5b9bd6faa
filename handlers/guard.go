package handlers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/labstack/echo/v4"
)

const (
	defaultBody   = 1 << 20 // bytes
	defaultWithin = 30 * time.Second
)

// admit returns the handler of r behind all that r asks for: a name of the
// site, an origin, a login, limits on bytes and time.
func (s *server) admit(r route) echo.HandlerFunc {
	if r.body == 0 {
		r.body = defaultBody
	}
	if r.within == 0 {
		r.within = defaultWithin
	}
	return func(c echo.Context) error {
		if err := s.answersTo(c, r); err != nil {
			return err
		}
		if r.access != programs {
			if err := s.crossSite.Check(c.Request()); err != nil {
				return errCrossOrigin
			}
		}
		if ok, err := s.lets(c, r); err != nil || !ok {
			return err
		}
		if r.keeps {
			tellKept(c)
		}
		done := limit(c, r)
		defer done()
		if disk := s.Disk.State(); r.takes && disk.Shut() {
			if r.access != programs { // browsers read no answer before they have sent all
				_, _ = io.Copy(io.Discard, c.Request().Body)
			}
			if disk.ReadOnly {
				return errReadOnly
			}
			return errLow
		}
		return r.handle(c)
	}
}

// keptHeader tells a script that what it sent is kept.
const keptHeader = "X-Kept"

// tellKept has an answer say so that goes well. Scripts keep what people typed until
// they hear it: a redirect, or what stands between here and the browser, says nothing.
func tellKept(c echo.Context) {
	answer := c.Response()
	answer.Before(func() {
		if answer.Status == http.StatusOK {
			answer.Header().Set(keptHeader, "true")
		}
	})
}

// lets reports whether r is for who is asking, or else answers. This is the only
// place where that is asked; in which domains is up to [scope].
func (s *server) lets(c echo.Context, r route) (bool, error) {
	if r.access == programs || r.anyHost {
		return true, nil
	}
	a, err := s.DB.Admission(c.Request().Context())
	if err != nil {
		return false, err
	}
	if !a.Admits(c.RealIP()) {
		return false, errElsewhere
	}
	if r.access == everyone {
		return true, nil
	}
	return s.recognise(c, r, a)
}

// limit bounds the bytes and the time of a request. After done, the request
// is over only if its client left: errors are answered and logged then.
func limit(c echo.Context, r route) (done func()) {
	whole := c.Request().Context()
	ctx, cancel := context.WithTimeout(whole, r.within)
	c.SetRequest(c.Request().WithContext(ctx))
	c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, r.body)
	deadline(c, r.within)
	return func() {
		cancel()
		c.SetRequest(c.Request().WithContext(whole))
	}
}

// deadline stops a client that sends or takes a byte a minute. It is for the
// connection, and would hold for the next request on it if that set no other.
func deadline(c echo.Context, within time.Duration) {
	connection, until := http.NewResponseController(c.Response()), time.Now().Add(within+5*time.Second)
	_ = connection.SetReadDeadline(until) // a recorder in a test has no deadlines
	_ = connection.SetWriteDeadline(until)
}

// patience sets the deadline of requests until a route sets its own.
func patience(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		deadline(c, defaultWithin)
		return next(c)
	}
}

// log notes each request: the route and not the address, which may hold
// file names and values.
func (s *server) log(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		if err := next(c); err != nil {
			c.Error(err)
		}
		s.Log.InfoContext(c.Request().Context(), "request",
			"method", c.Request().Method,
			"route", c.Path(),
			"status", c.Response().Status,
			"bytes", c.Response().Size,
			"took", time.Since(start).Round(time.Millisecond),
			"from", c.RealIP(),
			"user", int64(user(c).ID),
		)
		if s.Asked != nil {
			s.Asked(c.Path(), c.Response().Status, time.Since(start))
		}
		return nil
	}
}

// recover turns a panic into an error, except the one that breaks a download
// off so that it looks broken.
func (s *server) recover(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if e, ok := v.(error); ok && errors.Is(e, http.ErrAbortHandler) {
				panic(v)
			}
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}()
		return next(c)
	}
}

// headers sets what every answer has. Pages hold personal data, so that no
// cache may keep them; static files say otherwise.
func (s *server) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; "+
			"base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		// With no-referrer, browsers that reach the site without https say
		// "Origin: null" when a form is sent, as from another site.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if s.TLS {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(c)
	}
}
