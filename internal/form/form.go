// Package form is the domain: templates and their fields, documents and
// their pages, what the machine read and what people said. It does no I/O.
package form

import (
	"errors"
	"fmt"
)

var (
	// ErrNotFound reports that there is no such thing.
	ErrNotFound = errors.New("not found")
	// ErrConflict reports that someone else changed a thing meanwhile.
	ErrConflict = errors.New("changed meanwhile")
	// ErrHeld reports that a page must not be deleted, since somebody holds it.
	ErrHeld = errors.New("held: it must not be deleted")
	// ErrFull reports that there is no room left where things are kept.
	ErrFull = errors.New("the disk is full")
	// ErrStorage reports that what is kept can be neither read nor written for
	// now.
	ErrStorage = errors.New("the disk or the database does not answer")
)

// An InvalidError reports input that breaks a rule. Its text is safe to show:
// it names the place in the template or request, never a value read from a form.
type InvalidError struct {
	Where  string // "fields[3] name: box", for example
	Reason string // a clause, lower case, English
}

func (e *InvalidError) Error() string {
	if e.Where == "" {
		return e.Reason
	}
	return e.Where + ": " + e.Reason
}

// Invalid returns an InvalidError.
func Invalid(where, format string, args ...any) error {
	return &InvalidError{where, fmt.Sprintf(format, args...)}
}

// A StaleError reports fields of which somebody else has said something meanwhile.
// It is an ErrConflict.
type StaleError struct{ Fields []FieldID }

func (e *StaleError) Error() string { return fmt.Sprintf("%d fields %v", len(e.Fields), ErrConflict) }

// Unwrap returns ErrConflict.
func (e *StaleError) Unwrap() error { return ErrConflict }
