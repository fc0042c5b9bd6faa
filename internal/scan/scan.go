// Package scan turns the hostile bytes of a file into upright pages, within
// limits.
//
// JPEG, PNG, TIFF, WebP and BMP are decoded by Go code: the sides and the
// work a file asks for are read from its headers and checked before memory is
// taken, and a panic of a decoder is damage to one page. PDF is drawn by PDFium,
// as WebAssembly in this process: each page by an instance of its own, which has
// bounded memory and time, and nothing of the machine but some fonts. So are
// JPEG 2000, and JPEG of a kind that Go does not know. HEIC is decoded by libheif
// in the same way.
package scan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"iter"
)

var (
	// ErrUnsupported reports bytes that are no kind of file that is read here.
	ErrUnsupported = errors.New("scan: not a kind of file that can be read")
	// ErrCoding reports a picture of a kind that is read, or known, but stored in a
	// way that hardly any program writes and none here reads.
	ErrCoding = errors.New("scan: the picture is stored in a way that cannot be read")
	// ErrHEIF reports a photograph of a telephone, HEIC, that is not decoded.
	ErrHEIF = errors.New("scan: a HEIC photograph that cannot be read")
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
	// ErrRenderer reports that the machine did not have what drawing PDF takes,
	// which says nothing about the file.
	ErrRenderer = errors.New("scan: what draws PDF does not run")
	// ErrResolution reports a page with a side outside the limits.
	ErrResolution = errors.New("scan: a side of the page has too many or too few pixels")
)

// Limits bound what a file may ask for. They are checked before memory is
// taken. A zero field means the default.
type Limits struct {
	Bytes   int // of the file; default 50 MiB
	Pages   int // of one file; default 200
	MinSide int // pixels, inclusive; default 10
	MaxSide int // pixels, inclusive; default 8000

	// Room bounds the memory of pages in hand; nil for no bound. A page is in
	// hand until it is freed, or the next one of its file is asked for.
	Room *Room

	stay *stay // of the page in hand
}

func (l Limits) withDefaults() Limits {
	set := func(v *int, value int) {
		if *v == 0 {
			*v = value
		}
	}
	set(&l.Bytes, 50<<20)
	set(&l.Pages, 200)
	set(&l.MinSide, 10)
	set(&l.MaxSide, 8000)
	return l
}

// checkSides returns ErrResolution unless both sides, in pixels, are allowed.
func (l Limits) checkSides(width, height int) error {
	if min(width, height) < l.MinSide || max(width, height) > l.MaxSide {
		return fmt.Errorf("%w: %d x %d", ErrResolution, width, height)
	}
	return nil
}

// checkMemory returns ErrResolution where a decoder would take more memory for
// a picture, besides that of 8 bits a sample, than seven bytes for each pixel
// of the largest page: 16 bit samples and progressive JPEG take a multiple of
// what their page needs, and this is enough for A4 in colour at 600 dpi.
func (l Limits) checkMemory(bytes int) error {
	if bytes > 7*l.MaxSide*l.MaxSide {
		return fmt.Errorf("%w: they would take %d MiB", ErrResolution, bytes>>20)
	}
	return nil
}

// A Page is one upright page of a file.
type Page struct {
	Number int         // from 1
	Gray   *image.Gray // luma, for the reader; its origin is (0, 0)
	// Color is the page as people see it, in the same pixels as Gray; it is
	// Gray itself where the page has no colour. It is opaque.
	Color image.Image
	// Shown is the file itself, where a browser shows it as Color, pixel for
	// pixel; otherwise nil.
	Shown []byte
	// DPI is the resolution the file states, or 0 where it states none. For a
	// page of a PDF it is the resolution at which the page was drawn.
	DPI float64 // pixels an inch
	// Unseen are the parts of the page, in its pixels, of which the file has
	// none: of a transfer that broke off, or strips that lack. What the pictures
	// hold there means nothing. It is nil where the file has all.
	Unseen []image.Rectangle

	// Letters are the characters that a PDF says stand on its page, in its order;
	// nil of other files.
	Letters []Letter
	// Filled are the fields of the form of a PDF on its page, with what they hold.
	Filled []Declared

	shapes []image.Point // sides in the other shapes that its pixels may have
	stay   *stay
}

// Free gives back the room that p takes. Without it, that is done when the next
// page is asked for; who waits for others before, and they for room, would wait
// for ever.
func (p *Page) Free() {
	if p.stay != nil {
		p.stay.leave()
	}
}

// Pages yields the pages of file, upright, in order. A page that cannot be
// read is yielded with an error, and its Number; pages after it follow where
// the file allows. An error that concerns the whole file comes with Number 0
// and ends the sequence. Errors are, or wrap, the sentinels of this package or
// the context's error; all but ErrRenderer are the fault of the file. Its kind is
// told by its bytes, whatever its name was. file is not changed; pages may share
// its memory.
func Pages(ctx context.Context, file []byte, limits Limits) iter.Seq2[Page, error] {
	return Some(ctx, file, limits, nil)
}

// Some yields as Pages does, but only the pages that are wanted, by their
// number from 1; nil wants all. The others are not decoded.
func Some(ctx context.Context, file []byte, limits Limits, wanted func(number int) bool) iter.Seq2[Page, error] {
	limits = limits.withDefaults()
	if wanted == nil {
		wanted = func(int) bool { return true }
	}
	return func(yieldPage func(Page, error) bool) {
		limits := limits
		limits.stay = &stay{room: limits.Room}
		defer limits.stay.leave()
		yield := func(page Page, err error) bool {
			defer limits.stay.leave()
			page.stay = limits.stay
			return yieldPage(page, err)
		}
		switch err := ctx.Err(); {
		case err != nil:
			yield(Page{}, err)
		case len(file) == 0:
			yield(Page{}, ErrEmpty)
		case len(file) > limits.Bytes:
			yield(Page{}, ErrTooLarge)
		case isTIFF(file):
			tiffPages(ctx, file, limits, wanted, yield)
		case isPDF(file):
			pdfPages(ctx, file, limits, wanted, yield)
		default:
			decode, err := pictureDecoder(file)
			if err != nil {
				yield(Page{}, err)
			} else if wanted(1) {
				yield(guardPage(ctx, 1, func() (Page, error) { return decode(ctx, file, limits) }))
			}
		}
	}
}

// Nth returns page n of file, from 1, as Pages yields it, without decoding the
// others. It returns ErrDamaged where the file does not have so many.
func Nth(ctx context.Context, file []byte, n int, limits Limits) (Page, error) {
	for page, err := range Some(ctx, file, limits, func(number int) bool { return number == n }) {
		if page.Number == n || page.Number == 0 && err != nil {
			return page, err
		}
	}
	if err := ctx.Err(); err != nil {
		return Page{}, err
	}
	return Page{}, fmt.Errorf("%w: no page %d", ErrDamaged, n)
}

// guardPage decodes one page: what goes wrong in it is an error of that page.
func guardPage(ctx context.Context, number int, decode func() (Page, error)) (Page, error) {
	var page Page
	err := guard(ctx, func() (err error) {
		page, err = decode()
		return err
	})
	if err != nil {
		return Page{Number: number}, err
	}
	page.Number = number
	return page, nil
}

// guard calls f, which reads hostile bytes. Its panic is damage, and whatever
// goes wrong once ctx is done is the context's error.
func guard(ctx context.Context, f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, r)
		}
		if err != nil && ctx.Err() != nil {
			err = ctx.Err()
		}
	}()
	return f()
}

// reader returns a reader of b that fails once ctx is done, which is how a
// decoder is stopped.
func reader(ctx context.Context, b []byte) io.Reader {
	return &ctxReader{ctx, bytes.NewReader(b)}
}

type ctxReader struct {
	ctx context.Context
	r   *bytes.Reader
}

func (r *ctxReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
