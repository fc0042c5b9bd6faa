package handlers

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"syscall"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/rest"
)

// ownRoot is the root of the program's own API, which does what the protocol
// has no calls for.
const ownRoot = "/api/v1/"

// ownRoutes lists what programs may call besides the protocol.
func (s *server) ownRoutes() []route {
	const domain = ownRoot + "domains/:domain"
	routes := []route{
		{method: http.MethodGet, path: domain + "/templates", handle: s.forDomain(s.ownTemplates)},
		{method: http.MethodPost, path: domain + "/pages/search", handle: s.forDomain(s.searchPages)},
		{method: http.MethodPost, path: domain + "/records/search", handle: s.forDomain(s.searchRecords)},
		{method: http.MethodGet, path: domain + "/records/:uid", handle: s.forDomain(s.ownRecord)},
		{method: http.MethodDelete, path: domain + "/pages/:uid", handle: s.forDomain(s.ownDeletePage)},
		{method: http.MethodPost, path: domain + "/results", handle: s.forDomain(s.ownResults)},
		{method: http.MethodPost, path: domain + "/submissions", handle: s.forDomain(s.ownSubmit), takes: true, body: s.UploadBytes, within: uploadWithin},
		{method: http.MethodGet, path: domain + "/submissions/:submission", handle: s.forDomain(s.ownProgress)},
		{method: http.MethodDelete, path: domain + "/submissions/:submission", handle: s.forDomain(s.ownDeleteSubmission)},
	}
	for i := range routes {
		routes[i].access = programs
	}
	return routes
}

// forDomain returns the handler of calls about a domain, which bring its secret.
// Whether a domain exists is not told to who has none.
func (s *server) forDomain(handle func(echo.Context, form.Domain) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		id, err := id[form.DomainID](c, "domain")
		if err != nil {
			return clova.ErrSecret
		}
		if err := s.checkSecret(c, id); err != nil {
			return err
		}
		d, err := s.DB.Domain(c.Request().Context(), scope(c), id)
		if err != nil {
			return err
		}
		if err := s.calls.ask(d, s.Now()); err != nil {
			return err
		}
		for name := range c.QueryParams() {
			return rest.ErrInvalid.Because("There is no parameter %q.", name)
		}
		return handle(c, d)
	}
}

// isOwnAPI reports whether a program calls the program's own API.
func isOwnAPI(c echo.Context) bool { return strings.HasPrefix(c.Request().URL.Path, ownRoot) }

// ownErrors say what the program's errors mean in its own API. What is not
// among them is a mistake of ours.
var ownErrors = []struct {
	err  error
	sent *rest.Error
}{
	{clova.ErrSecret, rest.ErrSecret},
	{clova.ErrQuota, rest.ErrQuota},
	{clova.ErrDeploy, rest.ErrReleased},
	{form.ErrNotFound, rest.ErrNotFound},
	{errUncounted, rest.ErrNotYet},
	{form.ErrHeld, rest.ErrHeld},
	{errLow, rest.ErrLow},
	{form.ErrFull, rest.ErrFull},
	{syscall.ENOSPC, rest.ErrFull},
	{syscall.EDQUOT, rest.ErrFull},
	{errReadOnly, rest.ErrReadOnly},
	{syscall.EROFS, rest.ErrReadOnly},
	{form.ErrStorage, rest.ErrStorage},
	{syscall.EIO, rest.ErrStorage},
	{errBusy, rest.ErrRate},
	{errTooMuch, rest.ErrTooLarge},
	{errBadRequest, rest.ErrInvalid},
	{context.DeadlineExceeded, rest.ErrSlow},
}

// ownError returns what err means to a program that calls the own API.
func ownError(err error) *rest.Error {
	if e, ok := errors.AsType[*rest.Error](err); ok {
		return e
	}
	if e, ok := errors.AsType[*clova.Error](err); ok && errors.Is(e, clova.ErrRate) {
		rate := *rest.ErrRate
		rate.RetryAfter = e.RetryAfter
		return &rate
	}
	if e, ok := errors.AsType[*form.InvalidError](err); ok {
		return rest.ErrInvalid.Because("%s.", e)
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return rest.ErrTooLarge
	}
	if e, ok := errors.AsType[*echo.HTTPError](err); ok { // echo's own: no such route
		if e.Code == http.StatusMethodNotAllowed {
			return rest.ErrMethod
		}
		return rest.ErrNotFound
	}
	for _, o := range ownErrors {
		if errors.Is(err, o.err) {
			return o.sent
		}
	}
	return rest.ErrInternal
}

// sendOwn answers a program with v.
func sendOwn(c echo.Context, status int, v any) error {
	body, err := rest.JSON(v)
	if err != nil {
		return err
	}
	return sendJSON(c, status, body)
}
