package rest

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/seosik/seosik/internal/form"
)

// What one request may ask for.
const (
	MaxPages   = 200 // pages of an answer
	MaxRecords = 100 // records of an answer, and results
	usualLimit = 50
	maxName    = 255 // characters of a part of a document's name
)

// A Search chooses pages. Its zero value chooses all.
type Search struct {
	Template   form.TemplateID
	States     []form.State
	From, To   time.Time // when they were received: from From, before To; zero for no bound
	Document   string    // a part of the name of the document
	Submission form.SubmissionID
	After      string // UID of the page after which to go on; empty from the beginning
	Limit      int    // at least 1
}

// ReadSearch reads a search for most pages or records at most. An empty body is
// one for all. Days begin and end as they do in zone. Errors are *Error.
func ReadSearch(body io.Reader, most int, zone *time.Location) (Search, error) {
	var sent struct {
		Template   *form.TemplateID   `json:"template"`
		States     []form.State       `json:"states"`
		From       string             `json:"from"`
		To         string             `json:"to"`
		Document   string             `json:"document"`
		Submission *form.SubmissionID `json:"submission"`
		Limit      *int               `json:"limit"`
		Next       string             `json:"next"`
	}
	if err := decode(body, &sent); err != nil && !errors.Is(err, io.EOF) {
		return Search{}, err
	}
	s := Search{States: sent.States, Document: norm.NFC.String(sent.Document), Limit: min(usualLimit, most)}
	var err error
	if s.Template, err = positive("template", sent.Template); err != nil {
		return s, err
	}
	if s.Submission, err = positive("submission", sent.Submission); err != nil {
		return s, err
	}
	if sent.Limit != nil {
		s.Limit = *sent.Limit
	}
	switch {
	case s.Limit < 1 || s.Limit > most:
		return s, ErrInvalid.Because("limit must be from 1 to %d.", most)
	case len([]rune(s.Document)) > maxName:
		return s, ErrInvalid.Because("document has more than %d characters.", maxName)
	}
	for i, state := range s.States {
		if !slices.Contains(form.States, state) || slices.Contains(s.States[:i], state) {
			return s, ErrInvalid.Because("states must be of %s, each once.", words(form.States))
		}
	}
	if s.From, err = moment("from", sent.From, zone, 0); err != nil {
		return s, err
	}
	if s.To, err = moment("to", sent.To, zone, 1); err != nil {
		return s, err
	}
	s.After, err = fromCursor(sent.Next)
	return s, err
}

// decode reads one JSON object. It returns io.EOF for an empty body.
func decode(body io.Reader, v any) error {
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		return unless(err, ErrInvalid.Because("Something follows the JSON."))
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if e.Field == "" {
			return ErrInvalid.Because("The body is not a JSON object.")
		}
		return ErrInvalid.Because("%s is of the wrong type.", e.Field)
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return ErrInvalid.Because("%s is not known.", name)
	}
	if _, ok := errors.AsType[base64.CorruptInputError](err); ok {
		return ErrInvalid.Because("data is not base64.")
	}
	return unless(err, ErrInvalid.Because("The body is not JSON."))
}

// unless returns bad, unless err says that the body is too long or was cut off
// on the way: then it is err, for others to explain.
func unless(err error, bad *Error) error {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	if err == nil || syntax || errors.Is(err, io.ErrUnexpectedEOF) {
		return bad
	}
	return err
}

// positive returns the number of a thing, 0 where none is named.
func positive[T ~int64](name string, n *T) (T, error) {
	if n == nil {
		return 0, nil
	}
	if *n < 1 {
		return 0, ErrInvalid.Because("%s must be at least 1.", name)
	}
	return *n, nil
}

// words returns a list in words.
func words[T ~string](list []T) string {
	var b strings.Builder
	for i, w := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(w))
	}
	return b.String()
}

// moment reads a time, or the beginning of a day that comes so many days after
// the one that is named.
func moment(name, text string, zone *time.Location, days int) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		return time.Time{}, ErrInvalid.Because("%s must be a day such as 2026-01-31, or a time such as 2026-01-31T09:00:00+09:00.", name)
	}
	return day.AddDate(0, 0, days), nil
}

// Cursor returns what asks for the pages that follow the one with the given UID.
func Cursor(uid string) string {
	id, err := hex.DecodeString(uid)
	if err != nil {
		return "" // pages have no such UID
	}
	return base64.RawURLEncoding.EncodeToString(id)
}

func fromCursor(next string) (uid string, err error) {
	id, err := base64.RawURLEncoding.DecodeString(next)
	if err != nil || len(id) != 16 && len(id) != 0 {
		return "", ErrInvalid.Because("next must be that of an answer.")
	}
	return hex.EncodeToString(id), nil
}

// ReadUIDs reads the UIDs of the pages whose results are wanted. Errors are
// *Error.
func ReadUIDs(body io.Reader) ([]string, error) {
	var sent struct {
		UIDs []string `json:"uids"`
	}
	if err := decode(body, &sent); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if n := len(sent.UIDs); n == 0 || n > MaxRecords {
		return nil, ErrInvalid.Because("uids must have 1 to %d elements.", MaxRecords)
	}
	for i, uid := range sent.UIDs {
		if slices.Contains(sent.UIDs[:i], uid) {
			return nil, ErrInvalid.Because("uids[%d] is there twice.", i)
		}
	}
	return sent.UIDs, nil
}

// A File is a document that is handed in.
type File struct {
	Name string `json:"name"`
	Data []byte `json:"data"` // base64 in JSON
}

// Files are documents that are handed in as JSON.
type Files struct {
	Files     []File            `json:"files"`
	Templates []form.TemplateID `json:"templates"` // the only ones to look for; empty for all in service
}

// ReadFiles reads documents. Errors are *Error.
func ReadFiles(body io.Reader) (f Files, err error) {
	if err := decode(body, &f); err != nil && !errors.Is(err, io.EOF) {
		return Files{}, err
	}
	return f, nil
}
