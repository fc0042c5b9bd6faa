// Package reader reads forms: from the bytes of a file to the text of every
// field. It is the only place where the steps are put in order, and it touches
// neither the database nor the network.
//
// A page is decoded by package scan and found among the templates by package
// align. Package ink finds what was written in each field. It goes to the
// readers line by line, and package vote says what counts of what they have
// read; boxes and checkboxes go to package mark. Package confidence says how
// likely each reading is right.
package reader

import (
	"context"
	"errors"
	"fmt"
	"image"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/seosik/seosik/internal/align"
	"github.com/seosik/seosik/internal/confidence"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/reader/ink"
	"github.com/seosik/seosik/internal/scan"
)

// Config is what a Reader is made of. Only Engine is needed.
type Config struct {
	Engine ocr.Engine
	// Second is another reader of lines, asked where it pays; nil where there
	// is none.
	Second ocr.Engine
	Limits scan.Limits
	// Doubt is the probability of being right below which a reading is
	// doubtful; 0 means 0.95.
	Doubt float64
	Model confidence.Model // nil means confidence.Default
	Log   *slog.Logger     // nil: nothing is logged
	// Observe, if not nil, is told the evidence for each reading, for fitting
	// a model. It may be called from many goroutines.
	Observe func(page int, id form.FieldID, kind confidence.Kind, e confidence.Evidence)
	// Timed, if not nil, is told how long a step of reading a page took. It may be
	// called from many goroutines.
	Timed func(s Step, took time.Duration)
}

// A Step is a part of reading a page.
type Step string

// The steps.
const (
	StepDecode Step = "decode" // bytes → an upright picture
	StepPlace  Step = "place"  // which template is it, and where does it lie
	StepFields Step = "fields" // what is in its fields
)

// Steps lists all steps, in their order.
var Steps = []Step{StepDecode, StepPlace, StepFields}

// timed tells that a step that began then is over.
func (r *Reader) timed(s Step, began time.Time) {
	if r.cfg.Timed != nil {
		r.cfg.Timed(s, time.Since(began))
	}
}

// A Reader reads forms. It is safe for concurrent use.
type Reader struct {
	cfg       Config
	alphabets sync.Map // *vote.Alphabet by string
}

// New returns a Reader.
func New(cfg Config) *Reader {
	if cfg.Doubt == 0 {
		cfg.Doubt = 0.95
	}
	if cfg.Model == nil {
		cfg.Model = confidence.Default()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Reader{cfg: cfg}
}

// A Result is what was read from one page, with the picture it was read from.
type Result struct {
	Page     form.Page // without its ids
	Readings []form.Reading
	Title    form.Reading // of form.TitleID; zero where the template has no title
	Image    []byte       // the page as people see it, upright: JPEG or PNG
	Snippets []Snippet    // of what is doubtful
	// Parts are those of the picture that hold a form each, in shares of its width
	// and height, where several were found and are wanted each by itself. Nothing
	// of the page is read then, and Page has its number alone.
	Parts []geom.Quad
}

// Pages returns how many pages file has. Where it cannot be read as a whole,
// failure says why.
func (r *Reader) Pages(ctx context.Context, file []byte) (n int, failure form.Failure, err error) {
	n, err = scan.Count(ctx, file, r.cfg.Limits)
	if failure, ok := failureOf(err); ok {
		return 0, failure, nil
	}
	return n, "", err
}

// A Want is how a page is to be read.
type Want struct {
	Catalog        *Catalog
	TemplateToPage geom.Homography // where its only template lies, as a person has said; zero to find it
	Region         geom.Quad       // the part of the picture, in shares of its width and height, in which the form is looked for; zero for all of it
	Several        bool            // where it holds several forms, they are wanted as Result.Parts
}

// All wants all pages, to be found among the templates of cat.
func All(cat *Catalog) func(number int) (Want, bool) {
	return func(int) (Want, bool) { return Want{Catalog: cat}, true }
}

// Read yields the pages of file that are wanted, by their number from 1, in
// order. A page that cannot be read is yielded in form.StateFailed, one that is
// none of the templates of its catalog in form.StateUnmatched: neither is an
// error. An error is no fault of the file; it comes with the number of the page
// that was read, if that is known, and ends the sequence. It is
// form.ErrNotFound where a page lies as said and its catalog has not one
// template.
func (r *Reader) Read(ctx context.Context, file []byte, want func(number int) (Want, bool)) iter.Seq2[Result, error] {
	wanted := func(number int) bool {
		_, is := want(number)
		return is
	}
	return func(yield func(Result, error) bool) {
		began := time.Now()
		for page, err := range scan.Some(ctx, file, r.cfg.Limits, wanted) {
			r.timed(StepDecode, began)
			res, err := r.outcome(page, err, func() (Result, error) {
				w, _ := want(page.Number)
				if w.TemplateToPage != (geom.Homography{}) {
					return r.pageAt(ctx, page, w)
				}
				return r.page(ctx, page, w)
			})
			page.Free() // whoever gets the result may wait for others
			if ctx.Err() != nil {
				err = ctx.Err()
			}
			if !yield(res, err) || err != nil {
				return
			}
			began = time.Now()
		}
	}
}

// outcome returns what read makes of a page that was decoded, or what the error
// of decoding it means.
func (r *Reader) outcome(page scan.Page, err error, read func() (Result, error)) (Result, error) {
	res := Result{Page: form.Page{Number: max(1, page.Number)}}
	if err == nil {
		res, err = read()
	}
	if failure, ok := failureOf(err); ok {
		return r.failed(res, failure, err), nil
	}
	return res, err
}

// failures says what an error means to people.
var failures = []struct {
	err     error
	failure form.Failure
}{
	{scan.ErrEmpty, form.FailEmpty},
	{scan.ErrUnsupported, form.FailUnsupported},
	{scan.ErrCoding, form.FailCoding},
	{scan.ErrHEIF, form.FailHEIF},
	{scan.ErrDamaged, form.FailDamaged},
	{scan.ErrEncrypted, form.FailEncrypted},
	{scan.ErrTooLarge, form.FailTooLarge},
	{scan.ErrTooManyPages, form.FailTooMany},
	{scan.ErrResolution, form.FailResolution},
	{ocr.ErrEngine, form.FailEngine},
	{ocr.ErrLanguage, form.FailEngine},
}

// failureOf returns what err, of a page or of a file, means to people. It
// reports false for nil, and for an error that is no fault of the file.
func failureOf(err error) (form.Failure, bool) {
	if err == nil {
		return "", false
	}
	for _, f := range failures {
		if errors.Is(err, f.err) {
			return f.failure, true
		}
	}
	return "", false
}

// failed returns a failed page, with its picture where there is one: a person
// may want to see what could not be read.
func (r *Reader) failed(res Result, why form.Failure, err error) Result {
	if why == form.FailEngine {
		r.cfg.Log.Error("the engine failed", "err", err)
	}
	return Result{Image: res.Image, Page: form.Page{
		Number: res.Page.Number, State: form.StateFailed, Failure: why, Width: res.Page.Width, Height: res.Page.Height,
	}}
}

// started returns the result for a page of which nothing is known but its
// picture.
func started(scanned scan.Page) (Result, error) {
	img, err := shown(scanned)
	return Result{Image: img, Page: form.Page{
		Number: scanned.Number,
		Width:  scanned.Gray.Rect.Dx(),
		Height: scanned.Gray.Rect.Dy(),
	}}, err
}

// page reads a page.
func (r *Reader) page(ctx context.Context, scanned scan.Page, w Want) (Result, error) {
	began := time.Now()
	scanned, found, err := w.find(scanned)
	r.timed(StepPlace, began)
	if len(found.parts) > 0 {
		return Result{Page: form.Page{Number: scanned.Number}, Parts: found.parts}, nil
	}
	res, imageErr := started(scanned)
	if imageErr != nil {
		return res, imageErr
	}
	cat := w.Catalog
	res.Page.Candidates = cat.candidates(found.Match)
	if errors.Is(err, align.ErrNoMatch) {
		res.Page.State = form.StateUnmatched
		if errors.Is(err, errMirrored) {
			res.Page.Faults = []form.Fault{form.FaultMirrored}
		}
		return res, nil
	}
	if err == nil {
		err = r.fill(ctx, &res, scanned, cat, cat.found[found.Index], found.Fit, found.faults...)
	}
	return res, err
}

// fill reads the fields of a page that lies on e as fit says, and of which is
// known already what more is wrong.
func (r *Reader) fill(ctx context.Context, res *Result, scanned scan.Page, cat *Catalog, e *entry, fit align.Fit, wrong ...form.Fault) error {
	defer r.timed(StepFields, time.Now())
	blank, done, err := cat.blanks.take(ctx, e.template.Image)
	if err != nil {
		return fmt.Errorf("template %q: %w", e.template.Name, err)
	}
	defer done()
	res.Page.Template, res.Page.Version = e.template.ID, e.template.Version
	res.Page.TemplateToPage, res.Page.Residual, res.Page.Score = fit.TemplateToPage, fit.Residual, fit.Score
	res.Page.Faults = append(e.faults(fit, scanned.Gray), wrong...)
	p, more := r.lay(scanned, e, blank, fit)
	res.Page.Faults = append(res.Page.Faults, more...)
	if res.Readings, res.Title, err = r.fields(ctx, p); err != nil {
		return err
	}
	if otherTitle(e.template.Title, res.Title) {
		res.Page.Faults = append(res.Page.Faults, form.FaultTitle)
		doubt(e.places, res.Readings)
	}
	if noTitle(e.template.Title, res.Title) {
		res.Page.Faults = append(res.Page.Faults, form.FaultUntitled)
	}
	if slices.ContainsFunc(res.Readings, notDrawn) {
		res.Page.Faults = append(res.Page.Faults, form.FaultIncomplete)
	}
	res.Page.Margins = p.margins(res.Page.Faults)
	res.Snippets = Snippets(scanned.Gray, fit.TemplateToPage, e.places, res.Readings)
	res.Page.State = form.StateDone
	_, faulty := form.Whole(res.Page.Faults)
	if faulty || slices.ContainsFunc(res.Readings, func(v form.Reading) bool { return len(v.Reasons) > 0 }) {
		res.Page.State = form.StateReview
	}
	return nil
}

// lay returns scanned with e on it, whose picture is blank, as fit says, and what
// is wrong with how the page shows it.
func (r *Reader) lay(scanned scan.Page, e *entry, blank *image.Gray, fit align.Fit) (*placed, []form.Fault) {
	p := &placed{
		Sheet:      ink.NewSheet(e.withoutWriting(blank), scanned.Gray, scanned.Color, fit.TemplateToPage, fit.At),
		entry:      e,
		second:     r.secondReader(),
		number:     scanned.Number,
		residualAt: fit.ResidualAt,
		letters:    scanned.Letters,
		filled:     scanned.Filled,
	}
	if fit.Bent() {
		p.Point = fit.Point
	}
	p.look, p.print = p.Look(boxesOf(e.places)), p.Print()
	var wrong []form.Fault
	p.missing = append(p.Missing(), scanned.Unseen...)
	if p.lacks(p.missing) {
		wrong = append(wrong, form.FaultUnseen)
	}
	p.page = p.Written()
	words := wordsIn(e.places, p.page.Words())
	var off bool
	if p.beside, off = words.offset(); off {
		wrong = append(wrong, form.FaultBeside)
	}
	p.reaches = words.reaches(e.places, p.beside)
	return p, wrong
}
