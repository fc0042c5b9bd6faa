package handlers

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/register"
	"github.com/seosik/seosik/internal/scan"
	"github.com/seosik/seosik/internal/suggest"
	"github.com/seosik/seosik/views"
)

var (
	errCrossOrigin = errors.New("the request comes from another site")
	errHost        = errors.New("the site was asked for by a name that is not its own")
	errForbidden   = errors.New("the person may not do that")
	errElsewhere   = errors.New("the address is in none of the networks that pages are shown to")
	errLoggedOut   = errors.New("nobody is logged in")
	errTooMuch     = errors.New("too many files at once")
	errUncounted   = errors.New("how many pages the document has is not known yet")
	errLow         = errors.New("the disk is low")
	errReadOnly    = errors.New("the disk is read-only")
	errBadRequest  = errors.New("the request cannot be understood")
)

// An outcome is what an error means to a person.
type outcome struct {
	status int
	words  string        // id
	reason string        // for {{.Reason}} in the words
	retry  time.Duration // after which another try may do better; 0 where none is known
}

// lowRetry is when one that was sent away because the disk is low, full or read-only
// should come again.
const lowRetry = 5 * time.Minute

// outcomes is the only place that says what the program's errors mean to
// people. What is not in it is a mistake of ours.
var outcomes = []struct {
	err error
	outcome
}{
	{form.ErrNotFound, outcome{status: http.StatusNotFound, words: "error.not_found"}},
	{form.ErrConflict, outcome{status: http.StatusConflict, words: "error.conflict"}},
	{form.ErrHeld, outcome{status: http.StatusConflict, words: "error.held"}},
	{errUncounted, outcome{status: http.StatusConflict, words: "error.uncounted"}},
	{errLow, outcome{status: http.StatusInsufficientStorage, words: "error.low", retry: lowRetry}},
	{form.ErrFull, outcome{status: http.StatusInsufficientStorage, words: "error.full", retry: lowRetry}},
	{syscall.ENOSPC, outcome{status: http.StatusInsufficientStorage, words: "error.full", retry: lowRetry}},
	{syscall.EDQUOT, outcome{status: http.StatusInsufficientStorage, words: "error.full", retry: lowRetry}},
	{errReadOnly, outcome{status: http.StatusServiceUnavailable, words: "error.read_only", retry: lowRetry}},
	{syscall.EROFS, outcome{status: http.StatusServiceUnavailable, words: "error.read_only", retry: lowRetry}},
	{form.ErrStorage, outcome{status: http.StatusServiceUnavailable, words: "error.storage", retry: 30 * time.Second}},
	{syscall.EIO, outcome{status: http.StatusServiceUnavailable, words: "error.storage", retry: 30 * time.Second}},
	{errForgotten, outcome{status: http.StatusGone, words: "history.forgotten"}},
	{errNoneChosen, outcome{status: http.StatusUnprocessableEntity, words: "bulk.none"}},
	{errManyChosen, outcome{status: http.StatusUnprocessableEntity, words: "bulk.many"}},
	{errBadRequest, outcome{status: http.StatusBadRequest, words: "error.bad_request"}},
	{form.ErrPurpose, outcome{status: http.StatusUnprocessableEntity, words: "export.no_purpose"}},
	{form.ErrUnlocked, outcome{status: http.StatusUnprocessableEntity, words: "export.unlocked"}},
	{errNoFile, outcome{status: http.StatusUnprocessableEntity, words: "newtemplate.no_file"}},
	{errNameTaken, outcome{status: http.StatusUnprocessableEntity, words: "newtemplate.name_taken"}},
	{register.ErrOtherForm, outcome{status: http.StatusUnprocessableEntity, words: "replace.other"}},
	{suggest.ErrFewCopies, outcome{status: http.StatusUnprocessableEntity, words: "newtemplate.few_copies"}},
	{suggest.ErrManyCopies, outcome{status: http.StatusUnprocessableEntity, words: "newtemplate.many_copies"}},
	{errBlankGone, outcome{status: http.StatusGone, words: "newtemplate.gone"}},
	{errBusy, outcome{status: http.StatusServiceUnavailable, words: "error.busy", retry: gateRetry}},
	{errTooMuch, outcome{status: http.StatusRequestEntityTooLarge, words: "error.too_large"}},
	{errCrossOrigin, outcome{status: http.StatusForbidden, words: "error.cross_origin"}},
	{errMasked, outcome{status: http.StatusForbidden, words: "masks.unknown"}},
	{errForbidden, outcome{status: http.StatusForbidden, words: "error.forbidden"}},
	{errElsewhere, outcome{status: http.StatusForbidden, words: "error.elsewhere"}},
	{form.ErrLastAdministrator, outcome{status: http.StatusConflict, words: "error.last_administrator"}},
	{errHost, outcome{status: http.StatusMisdirectedRequest, words: "error.host"}},
	{errNoKey, outcome{status: http.StatusServiceUnavailable, words: "code.no_key"}},
	{errLoggedOut, outcome{status: http.StatusUnauthorized, words: "error.login"}},
	{scan.ErrEmpty, outcome{status: http.StatusUnprocessableEntity, words: "failure.empty"}},
	{scan.ErrUnsupported, outcome{status: http.StatusUnsupportedMediaType, words: "failure.unsupported"}},
	{scan.ErrCoding, outcome{status: http.StatusUnsupportedMediaType, words: "failure.coding"}},
	{scan.ErrHEIF, outcome{status: http.StatusUnsupportedMediaType, words: "failure.heif"}},
	{scan.ErrDamaged, outcome{status: http.StatusUnprocessableEntity, words: "failure.damaged"}},
	{scan.ErrEncrypted, outcome{status: http.StatusUnprocessableEntity, words: "failure.encrypted"}},
	{scan.ErrTooLarge, outcome{status: http.StatusRequestEntityTooLarge, words: "failure.too_large"}},
	{scan.ErrTooManyPages, outcome{status: http.StatusUnprocessableEntity, words: "failure.too_many"}},
	{scan.ErrResolution, outcome{status: http.StatusUnprocessableEntity, words: "failure.resolution"}},
	{context.DeadlineExceeded, outcome{status: http.StatusServiceUnavailable, words: "error.slow", retry: 5 * time.Second}},
}

// say returns o in words, in the language of ctx.
func (o outcome) say(ctx context.Context) string { return views.Say(ctx, o.words, "Reason", o.reason) }

// explain returns what err means to a person.
func explain(err error) outcome {
	if e, ok := errors.AsType[*form.InvalidTemplateError](err); ok {
		return outcome{status: http.StatusUnprocessableEntity, words: "error.invalid", reason: e.Error()}
	}
	if e, ok := errors.AsType[*form.InvalidError](err); ok {
		return outcome{status: http.StatusUnprocessableEntity, words: "error.invalid", reason: e.Error()}
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return outcome{status: http.StatusRequestEntityTooLarge, words: "error.too_large"}
	}
	if e, ok := errors.AsType[*echo.HTTPError](err); ok { // echo's own: no such route
		return outcome{status: e.Code, words: map[int]string{
			http.StatusNotFound:         "error.not_found",
			http.StatusMethodNotAllowed: "error.method",
		}[e.Code]}
	}
	for _, o := range outcomes {
		if errors.Is(err, o.err) {
			return o.outcome
		}
	}
	return outcome{status: http.StatusInternalServerError, words: "error.internal"}
}

// retryAfter tells people and programs when to try again, in whole seconds. It
// says nothing where d is 0.
func retryAfter(c echo.Context, d time.Duration) {
	if d > 0 {
		c.Response().Header().Set(echo.HeaderRetryAfter, strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10))
	}
}

// fail answers a request whose handler returned err: with a page, or for
// scripts of a page with a sentence.
func (s *server) fail(err error, c echo.Context) {
	if isAPI(c) {
		s.failAPI(err, c)
		return
	}
	r, o := c.Request(), explain(err)
	switch {
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		// The client left, which strangers can do a thousand times: no mistake of ours.
		s.Log.InfoContext(r.Context(), "client left", "method", r.Method, "route", c.Path())
	case o.status >= http.StatusInternalServerError:
		s.Log.ErrorContext(r.Context(), "request failed", "method", r.Method, "route", c.Path(), "error", err)
	}
	if c.Response().Committed {
		return
	}
	retryAfter(c, o.retry)
	ctx := context.WithoutCancel(r.Context()) // the time may be over
	words := o.say(ctx)
	var sent error
	if scripted(c) {
		sent = c.String(o.status, words)
	} else {
		c.SetRequest(r.WithContext(ctx))
		sent = s.draw(c, o.status, views.Trouble(s.frame(c, "error.title", views.Section{}), words))
	}
	if sent != nil {
		s.Log.WarnContext(ctx, "answer not sent", "error", sent)
	}
}
