package rest

import (
	"fmt"
	"net/http"
	"time"
)

// An Error is an answer that says why there is no other. Its text goes to the
// client: it never holds anything read from a form.
type Error struct {
	Status  int    // of HTTP
	Code    string // for programs: a word that stays
	Message string // for people: a sentence

	RetryAfter time.Duration // after which another try may do better; 0 where none is known
}

// The errors.
var (
	ErrInvalid  = &Error{http.StatusBadRequest, "invalid", "The request is not as it must be.", 0}
	ErrSecret   = &Error{http.StatusUnauthorized, "unauthorized", "There is no such domain with this X-OCR-SECRET.", 0}
	ErrQuota    = &Error{http.StatusForbidden, "quota", "The calls of this month are used up.", 0}
	ErrNotFound = &Error{http.StatusNotFound, "not_found", "There is nothing here.", 0}
	ErrMethod   = &Error{http.StatusMethodNotAllowed, "method", "This cannot be done at this address.", 0}
	ErrReleased = &Error{http.StatusConflict, "not_released", "No template of the domain is in service, or one that is asked for is not.", 0}
	ErrNotYet   = &Error{http.StatusConflict, "not_yet", "How many pages the document has is not known yet.", time.Second}
	ErrHeld     = &Error{http.StatusConflict, "held", "The office holds the page: it must not be deleted.", 0}
	ErrTooLarge = &Error{http.StatusRequestEntityTooLarge, "too_large", "The request has more bytes or files than it may have.", 0}
	ErrRate     = &Error{http.StatusTooManyRequests, "too_many_calls", "As many calls are in hand, or were made in this minute, as may be.", time.Second}
	ErrInternal = &Error{http.StatusInternalServerError, "internal", "A mistake of the server; it is in its log.", 0}
	ErrLow      = &Error{http.StatusInsufficientStorage, "full", "There is hardly any room left on the disk of the server; nothing is taken in until there is.", 5 * time.Minute}
	ErrFull     = &Error{http.StatusInsufficientStorage, "full", "There is no room left on the disk of the server; nothing was taken in.", 0}
	ErrStorage  = &Error{http.StatusServiceUnavailable, "storage", "The disk or the database of the server does not answer.", 30 * time.Second}
	ErrReadOnly = &Error{http.StatusServiceUnavailable, "storage", "The disk of the server can only be read; nothing is taken in until that is mended.", 5 * time.Minute}
	ErrSlow     = &Error{http.StatusServiceUnavailable, "slow", "It took too long.", 5 * time.Second}
)

func (e *Error) Error() string { return "rest " + e.Code + ": " + e.Message }

// Is reports whether target is an Error of the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Because returns e with another message, for people to see.
func (e *Error) Because(format string, args ...any) *Error {
	return &Error{e.Status, e.Code, fmt.Sprintf(format, args...), e.RetryAfter}
}

// JSON returns the body of an answer with e.
func (e *Error) JSON(traceID string) ([]byte, error) {
	return JSON(struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		TraceID string `json:"traceId"`
	}{e.Code, e.Message, traceID})
}
