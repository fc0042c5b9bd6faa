// Package scan turns the hostile bytes of a file into upright pages, within
// limits.
package scan

import (
	"context"
	"errors"
	"image"
	"iter"
)

var (
	// ErrUnsupported reports bytes that are no kind of file that is read here.
	ErrUnsupported = errors.New("scan: not a kind of file that can be read")
	// ErrEmpty reports a file without bytes.
	ErrEmpty = errors.New("scan: the file is empty")
	// ErrDamaged reports a file that is cut off or broken.
	ErrDamaged = errors.New("scan: the file is damaged")
	// ErrEncrypted reports a PDF that needs a password.
	ErrEncrypted = errors.New("scan: the file is locked with a password")
	// ErrTooLarge reports a file of more bytes than the limit.
	ErrTooLarge = errors.New("scan: the file has too many bytes")
	// ErrTooManyPages reports a file of more pages than the limit.
	ErrTooManyPages = errors.New("scan: the file has too many pages")
	// ErrResolution reports a page with a side outside the limits.
	ErrResolution = errors.New("scan: a side of the page has too many or too few pixels")
)

// Limits bound what a file may ask for. They are checked before memory is
// taken. A zero field means the default.
type Limits struct {
	Bytes   int // of the file; default 50 MiB
	Pages   int // of one file; default 200
	MinSide int // pixels; default 10
	MaxSide int // pixels; default 8000
}

// A Page is one upright page of a file.
type Page struct {
	Number int         // from 1
	Gray   *image.Gray // luma, for the reader
	// Color is the page as people see it, in the same pixels as Gray; it is
	// Gray itself where the page has no colour.
	Color image.Image
	// Shown is the file itself, where a browser shows it as Color, pixel for
	// pixel; otherwise nil.
	Shown []byte
	// DPI is the resolution the file states, or 0 where it states none.
	DPI float64
}

// Pages yields the pages of file, upright, in order. A page that cannot be
// read is yielded with an error, and its Number; pages after it follow where
// the file allows. An error that concerns the whole file comes with Number 0
// and ends the sequence. Errors are, or wrap, the sentinels of this package or
// the context's error.
func Pages(ctx context.Context, file []byte, limits Limits) iter.Seq2[Page, error] {
	panic("not yet")
}
