package handlers

import (
	"context"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/intake"
	"github.com/seosik/seosik/internal/scan"
)

const (
	apiWithin = 2 * time.Minute // longer than clients wait
	apiPages  = 5               // of a PDF or TIFF
	apiDrain  = 64 << 20        // bytes of a refused body that are read all the same
)

// The roots of the API: the one of invoke URLs, and the one behind the
// original's gateway, which some clients were given.
const (
	apiRoot      = "/custom/v1/"
	apiInnerRoot = "/external/v1/"
)

// apiRoutes lists what programs may call.
func (s *server) apiRoutes() []route {
	limits := clova.Limits{Bytes: s.Limits.Bytes}
	var routes []route
	for _, root := range []string{apiRoot, apiInnerRoot} {
		routes = append(routes, route{
			method: http.MethodPost,
			path:   root + ":domain/:hash/*",
			handle: s.invoke,
			access: programs,
			body:   limits.Body(),
			within: apiWithin,
		})
	}
	return routes
}

// invoke answers a program.
func (s *server) invoke(c echo.Context) error {
	domain, err := s.invoked(c)
	if err != nil {
		return err
	}
	if strings.Trim(c.Param("*"), "/") != "infer" {
		return clova.ErrDomain // it is a domain of templates
	}
	r, err := clova.ReadRequest(c.Request().Header.Get(echo.HeaderContentType), c.Request().Body, clova.Limits{Bytes: s.Limits.Bytes})
	if err != nil {
		return err
	}
	results, err := s.infer(c.Request().Context(), domain, &r.Image)
	if err != nil {
		return err
	}
	if err := clova.Refusal(results); err != nil {
		return err
	}
	body, err := clova.NewResponse(r, s.Now(), results).JSON()
	if err != nil {
		return err
	}
	return c.JSONBlob(http.StatusOK, body)
}

// invoked returns the domain that was called, with the right secret.
func (s *server) invoked(c echo.Context) (form.DomainID, error) {
	ctx := c.Request().Context()
	domain, err := id[form.DomainID](c, "domain")
	if err != nil {
		return 0, clova.ErrURL
	}
	d, err := s.DB.Domain(ctx, domain)
	if errors.Is(err, form.ErrNotFound) {
		return 0, clova.ErrURL
	}
	if err != nil {
		return 0, err
	}
	if subtle.ConstantTimeCompare([]byte(d.Hash), []byte(c.Param("hash"))) != 1 {
		return 0, clova.ErrURL
	}
	valid, err := s.DB.SecretValid(ctx, domain, c.Request().Header.Get("X-OCR-SECRET"))
	if err == nil && !valid {
		err = clova.ErrSecret
	}
	return domain, err
}

// infer has an image read and returns what became of each of its pages.
func (s *server) infer(ctx context.Context, domain form.DomainID, image *clova.Image) ([]clova.Result, error) {
	if image.Data == nil {
		return nil, clova.ErrBody.Because(`images[0].url is not fetched by this server: send images[0].data, or a part "file"`)
	}
	if err := scan.CheckPages(ctx, image.Data, scan.Limits{Bytes: s.Limits.Bytes, Pages: apiPages}); err != nil {
		return nil, clova.ErrBody.Because("a PDF or TIFF may have %d pages at most", apiPages)
	}
	only, err := s.lookFor(ctx, domain, image.Templates)
	if errors.Is(err, form.ErrNotFound) {
		// None of the templates named is of this domain: nothing can match.
		return []clova.Result{{UID: clova.NewID(), Page: form.Page{Number: 1, State: form.StateUnmatched}}}, nil
	}
	if err != nil {
		return nil, err
	}
	id, err := s.Intake.Submit(ctx, form.Submission{Domain: domain, Templates: only},
		[]intake.File{{Name: fileName(image), Data: image.Data}})
	if err != nil {
		return nil, err
	}
	if err := s.Intake.Wait(ctx, id); err != nil {
		return nil, err
	}
	return s.results(ctx, id)
}

// lookFor returns which of the wanted templates are in service; all that are,
// where none is wanted, is said with an empty list. It returns
// form.ErrNotFound where the domain has none of those wanted.
func (s *server) lookFor(ctx context.Context, domain form.DomainID, wanted []form.TemplateID) (only []form.TemplateID, err error) {
	templates, err := s.DB.Templates(ctx, domain)
	if err != nil {
		return nil, err
	}
	err = form.ErrNotFound
	if len(wanted) == 0 {
		err = clova.ErrDeploy
	}
	for _, t := range templates {
		switch {
		case len(wanted) > 0 && !slices.Contains(wanted, t.ID):
		case t.Stage == form.Service:
			only = append(only, t.ID)
		default:
			err = clova.ErrDeploy
		}
	}
	switch {
	case len(only) == 0:
		return nil, err
	case len(wanted) == 0:
		return nil, nil
	}
	return only, nil
}

// results returns what was read in a submission.
func (s *server) results(ctx context.Context, id form.SubmissionID) ([]clova.Result, error) {
	pages, err := s.DB.PagesOf(ctx, id)
	if err != nil {
		return nil, err
	}
	results := make([]clova.Result, len(pages))
	for i, p := range pages {
		r, err := s.DB.Record(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		results[i] = clova.Result{UID: r.Page.UID, Page: r.Page.Page, Template: r.Template, Title: r.Title, Values: r.Values}
	}
	return results, nil
}

// fileName returns the name under which people find an image again.
func fileName(image *clova.Image) string {
	name := strings.TrimSpace(image.Name)
	if name == "" {
		name = "image"
	}
	if path.Ext(name) == "" {
		name += "." + image.Format
	}
	return name
}

// isAPI reports whether a program asks, which can read nothing but JSON.
func isAPI(c echo.Context) bool {
	p := c.Request().URL.Path
	return strings.HasPrefix(p, apiRoot) || strings.HasPrefix(p, apiInnerRoot)
}

// failAPI answers a program whose request led to err.
func (s *server) failAPI(err error, c echo.Context) {
	r, e, traceID := c.Request(), apiError(err), clova.NewID()
	_, told := errors.AsType[*clova.Error](err) // what can be told needs no look into the log
	if !told && e.Status >= http.StatusInternalServerError && !errors.Is(r.Context().Err(), context.Canceled) {
		s.Log.ErrorContext(r.Context(), "request failed", "method", r.Method, "route", c.Path(), "trace", traceID, "error", err)
	}
	if c.Response().Committed {
		return
	}
	// Many clients read no answer before all of their body has been taken.
	_, _ = io.CopyN(io.Discard, r.Body, apiDrain)
	body, err := e.JSON(r.URL.Path, traceID, s.Now())
	if err == nil {
		err = c.JSONBlob(e.Status, body)
	}
	if err != nil {
		s.Log.WarnContext(r.Context(), "answer not sent", "error", err)
	}
}

// apiError returns what err means to a program.
func apiError(err error) *clova.Error {
	if e, ok := errors.AsType[*clova.Error](err); ok {
		return e
	}
	if _, ok := errors.AsType[*echo.HTTPError](err); ok { // no such route or method
		return clova.ErrURL
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return clova.ErrEngine.Because("the image was not read in time")
	}
	return clova.ErrService
}
