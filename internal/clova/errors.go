package clova

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// An Error is an answer that is not about an image. Its text goes to the
// client: it never holds anything read from a form.
type Error struct {
	Status  int    // of HTTP
	Code    string // four digits
	Message string

	RetryAfter time.Duration // after which another try may do better; 0 where none is known
}

// The errors of the protocol.
var (
	ErrURL     = &Error{http.StatusBadRequest, "0001", "URL is invalid.", 0}
	ErrSecret  = &Error{http.StatusUnauthorized, "0002", "Secret key validate failed.", 0}
	ErrBody    = &Error{http.StatusBadRequest, "0011", "Request body invalid.", 0}
	ErrVersion = &Error{http.StatusBadRequest, "0021", "Protocol version not support.", 0}
	ErrDomain  = &Error{http.StatusBadRequest, "0022", "Request domain invalid.", 0}
	ErrQuota   = &Error{http.StatusBadRequest, "0023", "API request count reach the upper limit.", 0}
	ErrRate    = &Error{http.StatusBadRequest, "0025", "Calls to this api have exceeded the rate limit.", time.Second}
	ErrTables  = &Error{http.StatusBadRequest, "0028", "Table detection disabled: Please activate the table extractor button.", 0}
	ErrService = &Error{http.StatusInternalServerError, "0500", "Unknown service error.", 0}
	ErrEngine  = &Error{http.StatusInternalServerError, "0501", "OCR service error.", 0}
	ErrDeploy  = &Error{http.StatusInternalServerError, "1021", "Not Found Deploy Info: Please confirm the template is released.", 0}
)

func (e *Error) Error() string { return "clova " + e.Code + ": " + e.Message }

// Is reports whether target is an Error of the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Because returns e with a detail after its message, for the client to see.
func (e *Error) Because(format string, args ...any) *Error {
	return &Error{e.Status, e.Code, strings.TrimSuffix(e.Message, ".") + ": " + fmt.Sprintf(format, args...), e.RetryAfter}
}

// JSON returns the body of an answer with e to a request of path. The trace ID
// is of NewID.
func (e *Error) JSON(path, traceID string, at time.Time) ([]byte, error) {
	return json.Marshal(struct {
		Code      string `json:"code"`
		Message   string `json:"message"`
		Path      string `json:"path"`
		TraceID   string `json:"traceId"`
		Timestamp int64  `json:"timestamp"` // ms since 1970
	}{e.Code, e.Message, externalPath(path), traceID, at.UnixMilli()})
}

// externalPath returns path as the service behind the original's gateway knows
// it, which is how it stands in errors.
func externalPath(path string) string {
	if rest, ok := strings.CutPrefix(path, "/custom/v1/"); ok {
		return "/external/v1/" + rest
	}
	return path
}
