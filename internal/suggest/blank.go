package suggest

import (
	"context"
	"image"

	"golang.org/x/sync/errgroup"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/raster"
)

// A Form is a page that lies straight, and what its fields may be.
type Form struct {
	Picture        image.Image     // of the size of the page
	StraightToPage geom.Homography // Identity where the page was straight as it was
	Suggestion
}

// Blank straightens a page, has its print read in the given languages, and returns
// what its fields may be. Gray is the luma of picture, in the same pixels. An
// error is one of the engine's.
func Blank(ctx context.Context, engine ocr.Engine, gray *image.Gray, picture image.Image, languages []string) (*Form, error) {
	f := &Form{StraightToPage: Straighten(gray)}
	f.Picture = Turn(picture, f.StraightToPage)
	straight := gray
	if f.StraightToPage != geom.Identity {
		straight = raster.Warp(gray, f.StraightToPage, gray.Rect.Dx(), gray.Rect.Dy())
	}
	page := Look(straight)
	texts, err := page.Read(ctx, engine, languages)
	if err != nil {
		return nil, err
	}
	f.Suggestion = page.Suggest(texts, languages)
	return f, nil
}

// What readers of lines like best, in pixels of their crops.
const (
	inkHigh     = 38
	inkPadding  = 5
	readAtATime = 16 // lines that go to the engine together
)

// Read returns the text of each line of print on p, empty where none was read or
// there are more lines than a form has.
func (p *Page) Read(ctx context.Context, engine ocr.Engine, languages []string) ([]string, error) {
	texts := make([]string, len(p.print))
	g, ctx := errgroup.WithContext(ctx)
	lines := p.legible()
	for from := 0; from < len(lines); from += readAtATime {
		some := lines[from:min(from+readAtATime, len(lines))]
		crops := make([]ocr.Crop, len(some))
		for i, line := range some {
			crops[i] = ocr.Crop{Image: p.crop(p.print[line], inkHigh, inkPadding), Languages: languages, Layout: ocr.Line}
		}
		g.Go(func() error {
			read, err := engine.Read(ctx, crops)
			for i := range read {
				texts[some[i]] = sure(read[i])
			}
			return err
		})
	}
	return texts, g.Wait()
}

// leastSure is the mean score of the words of a line from which it is taken for
// text, and not for dirt.
const leastSure = .45

// sure returns what was read in a line, or nothing where the engine was not sure.
func sure(t ocr.Text) string {
	sum := 0.
	for _, w := range t.Words {
		sum += w.Confidence
	}
	if sum < leastSure*float64(len(t.Words)) {
		return ""
	}
	return t.String()
}

// legible returns which lines of print are to be read: no upright ones.
func (p *Page) legible() []int {
	var lines []int
	for i, l := range p.print {
		if l.Dy() <= 2*max(l.Dx(), p.body) && len(lines) < maxLines {
			lines = append(lines, i)
		}
	}
	return lines
}

// Template returns the draft of a template that has all that is suggested. Its
// picture, of the given name, has width x height pixels. It fails Validate where
// nothing is suggested.
func (s *Suggestion) Template(name string, languages []string, imageName string, width, height int) *form.Template {
	t := &form.Template{
		Name: name, Languages: languages, ImageName: imageName, Width: width, Height: height, Title: s.Title, Groups: s.Groups,
	}
	for _, f := range s.Fields {
		t.Fields = append(t.Fields, f.Field)
	}
	for _, table := range s.Tables {
		t.Tables = append(t.Tables, table.Table)
	}
	return t
}
