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
	"syscall"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/intake"
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
			takes:  true,
			access: programs,
			body:   limits.Body(),
			within: apiWithin,
		}, route{
			method: http.MethodGet,
			path:   root + ":domain/:hash/results/:uid",
			handle: s.result,
			access: programs,
		})
	}
	return routes
}

// invoke answers a program.
func (s *server) invoke(c echo.Context) error {
	ctx := c.Request().Context()
	domain, err := s.invoked(c)
	if err != nil {
		return err
	}
	what := strings.Trim(c.Param("*"), "/")
	if what != "infer" && (what != "general" || s.General == nil) {
		return clova.ErrDomain
	}
	done, err := s.calls.begin(domain)
	if err != nil {
		return err
	}
	defer done()
	leave, err := s.calling.enter(ctx, 1)
	if err != nil {
		return err
	}
	defer leave()
	r, err := s.readCall(c)
	if err != nil {
		return err
	}
	defer func() { r.Image.File.Discard() }()
	var answer *clova.Response
	if what == "general" {
		s.saw(c, db.Access{Act: db.AccessRecord, Subject: "general"})
		answer, err = s.general(ctx, domain, r)
	} else {
		answer, err = s.infer(ctx, actor(c), domain, r, c.Request().Header.Get("Idempotency-Key"))
	}
	if err != nil {
		return err
	}
	body, err := answer.JSON()
	if err == nil {
		err = s.logged(c)
	}
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, body)
}

// sendJSON answers a program. The type is written as the original's house writes
// it: old clients take Latin-1 without a character set.
func sendJSON(c echo.Context, status int, body []byte) error {
	return c.Blob(status, "application/json;charset=UTF-8", body)
}

// readCall reads the request, whose file goes to the store.
func (s *server) readCall(c echo.Context) (*clova.Request, error) {
	body := s.pace.paced(c, callLeft)
	defer body.end()
	r, err := clova.ReadRequest(c.Request().Header.Get(echo.HeaderContentType), c.Request().Body, s.Blobs, clova.Limits{Bytes: s.Limits.Bytes})
	if body.err != nil { // worse than what came of it
		return nil, body.err
	}
	return r, err
}

// invoked returns the domain that was called, with the right secret.
func (s *server) invoked(c echo.Context) (form.Domain, error) {
	ctx := c.Request().Context()
	id, err := id[form.DomainID](c, "domain")
	if err != nil {
		return form.Domain{}, clova.ErrURL
	}
	d, err := s.DB.Domain(ctx, form.Within(id), id)
	if errors.Is(err, form.ErrNotFound) {
		return form.Domain{}, clova.ErrURL
	}
	if err != nil {
		return form.Domain{}, err
	}
	if subtle.ConstantTimeCompare([]byte(d.Hash), []byte(c.Param("hash"))) != 1 {
		return form.Domain{}, clova.ErrURL
	}
	if err := s.checkSecret(c, id); err != nil {
		return form.Domain{}, err
	}
	return d, s.calls.ask(d, s.Now())
}

// infer has an image read by the templates of a domain. A call with a key that
// is repeated gets the answer that it got, or would have got.
func (s *server) infer(ctx context.Context, by form.Actor, d form.Domain, r *clova.Request, key string) (*clova.Response, error) {
	named, err := requestKey(key, r)
	if err != nil {
		return nil, err
	}
	if answer, err := s.repeated(ctx, d, r, named); !errors.Is(err, form.ErrNotFound) {
		return answer, err
	}
	if err := s.file(ctx, d, r, apiPages); err != nil {
		return nil, err
	}
	only, err := s.lookFor(ctx, d.ID, r.Image.Templates)
	if errors.Is(err, form.ErrNotFound) {
		// None of the templates named is of this domain: nothing can match.
		none := clova.Result{UID: clova.NewID(), Page: form.Page{Number: 1, State: form.StateUnmatched}}
		return clova.NewResponse(r, s.Now(), []clova.Result{none}), nil
	}
	if err != nil {
		return nil, err
	}
	done, err := s.reading.enter(ctx, 1)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := s.useCalls(ctx, d.ID, 1); err != nil {
		return nil, err
	}
	id, err := s.Intake.Submit(ctx, by, form.Submission{Domain: d.ID, Templates: only, Key: named, Awaited: true},
		[]intake.File{{Name: fileName(&r.Image), Size: r.Image.File.Size(), Draft: r.Image.File}})
	if named.Key != "" && (err == nil || errors.Is(err, form.ErrConflict)) {
		return s.repeated(ctx, d, r, named) // as it will be answered from now on
	}
	if err != nil {
		return nil, err
	}
	return s.answer(ctx, d, r, id, s.Now)
}

// answer waits until a submission has been read, and says what was.
func (s *server) answer(ctx context.Context, d form.Domain, r *clova.Request, id form.SubmissionID, at func() time.Time) (*clova.Response, error) {
	var results []clova.Result
	err := s.Intake.Wait(ctx, id)
	if err == nil {
		results, err = s.results(ctx, d, id)
	}
	if err == nil {
		err = clova.Refusal(results)
	}
	if errors.Is(err, form.ErrNotFound) {
		err = clova.ErrService.Because("the image was deleted meanwhile")
	}
	if err != nil {
		return nil, err
	}
	return clova.NewResponse(r, at(), results), nil
}

// lookFor returns which of the wanted templates can be read, as who asks for them
// gets them; all in service, where none is wanted, is said with an empty list. It
// returns form.ErrNotFound where the domain has none of those wanted.
func (s *server) lookFor(ctx context.Context, domain form.DomainID, wanted []form.TemplateID) (only []form.TemplateID, err error) {
	d, err := s.DB.Domain(ctx, form.Within(domain), domain)
	if err != nil {
		return nil, err
	}
	editions, err := s.DB.Editions(ctx, domain)
	if err != nil {
		return nil, err
	}
	err = form.ErrNotFound
	if len(wanted) == 0 {
		err = clova.ErrDeploy
	}
	readable := func(e db.Edition) bool {
		return e.Stage == form.Service || e.Stage == form.Beta && d.Settings.Beta && len(wanted) > 0
	}
	for id, of := range editions {
		switch {
		case len(wanted) > 0 && !slices.Contains(wanted, id):
		case slices.ContainsFunc(of, readable):
			only = append(only, id)
		default:
			err = clova.ErrDeploy
		}
	}
	slices.Sort(only)
	switch {
	case len(only) == 0:
		return nil, err
	case len(wanted) == 0:
		return nil, nil
	}
	return only, nil
}

// results returns what was read in a submission of a domain.
func (s *server) results(ctx context.Context, d form.Domain, id form.SubmissionID) ([]clova.Result, error) {
	pages, err := s.DB.PagesOf(ctx, form.Within(d.ID), id)
	if err != nil {
		return nil, err
	}
	if len(pages) == 0 {
		return nil, form.ErrNotFound
	}
	results, records := make([]clova.Result, len(pages)), make([]form.Record, len(pages))
	for i, p := range pages {
		r, err := s.DB.Record(ctx, form.Within(d.ID), p.ID)
		if err != nil {
			return nil, err
		}
		results[i], records[i] = *clova.ResultOf(&r, d.Settings.Cells), r
	}
	if err := s.sawRecords(ctx, form.Program(d.ID), records); err != nil {
		return nil, err
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
	return strings.HasPrefix(p, apiRoot) || strings.HasPrefix(p, apiInnerRoot) || isOwnAPI(c)
}

// failAPI answers a program whose request led to err.
func (s *server) failAPI(err error, c echo.Context) {
	r, e, traceID := c.Request(), refuse(err, c), clova.NewID()
	_, told := errors.AsType[*clova.Error](err) // what can be told needs no look into the log
	if !told && e.status >= http.StatusInternalServerError && !errors.Is(r.Context().Err(), context.Canceled) {
		s.Log.ErrorContext(r.Context(), "request failed", "method", r.Method, "route", c.Path(), "trace", traceID, "error", err)
	}
	if c.Response().Committed {
		return
	}
	// Many clients read no answer before all of their body has been taken.
	_, _ = io.CopyN(io.Discard, r.Body, apiDrain)
	body, err := e.body(traceID, s.Now())
	if err == nil {
		retryAfter(c, e.retry)
		err = sendJSON(c, e.status, body)
	}
	if err != nil {
		s.Log.WarnContext(r.Context(), "answer not sent", "error", err)
	}
}

// A programError is an error as a program is told of it.
type programError struct {
	status int
	retry  time.Duration // as of clova.Error
	body   func(traceID string, at time.Time) ([]byte, error)
}

// refuse returns what err means in the words of the API that was called.
func refuse(err error, c echo.Context) programError {
	if isOwnAPI(c) {
		e := ownError(err)
		return programError{e.Status, e.RetryAfter, func(traceID string, _ time.Time) ([]byte, error) { return e.JSON(traceID) }}
	}
	e := apiError(err)
	return programError{e.Status, e.RetryAfter, func(traceID string, at time.Time) ([]byte, error) {
		return e.JSON(c.Request().URL.Path, traceID, at)
	}}
}

// later has a program come again when the disk may be well again.
func later(e *clova.Error) *clova.Error {
	e.Status, e.RetryAfter = http.StatusServiceUnavailable, lowRetry
	return e
}

// apiError returns what err means to a program that speaks the protocol.
func apiError(err error) *clova.Error {
	if e, ok := errors.AsType[*clova.Error](err); ok {
		return e
	}
	if _, ok := errors.AsType[*echo.HTTPError](err); ok { // no such route or method
		return clova.ErrURL
	}
	if errors.Is(err, errBusy) {
		busy := clova.ErrRate.Because("too many calls are in hand")
		busy.RetryAfter = gateRetry
		return busy
	}
	if errors.Is(err, errLow) {
		return later(clova.ErrService.Because("there is hardly any room left on the disk of the server"))
	}
	if errors.Is(err, errReadOnly) || errors.Is(err, syscall.EROFS) {
		return later(clova.ErrService.Because("the disk of the server can only be read"))
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return clova.ErrEngine.Because("the image was not read in time")
	}
	return clova.ErrService
}
