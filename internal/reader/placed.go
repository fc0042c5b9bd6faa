package reader

import (
	"context"
	"image"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr"
)

// A placed is a page with the template that was found to lie on it.
type placed struct {
	entry          *entry
	number         int // of the page
	templateToPage geom.Homography
	residualAt     func(geom.Box) float64 // template px
	blank          *image.Gray            // the template's picture
	luma           *image.Gray            // the page
	page           *image.Gray            // the page without red seals; luma itself where there are none
}

// A reading of one field is made in three steps, so that the engine is asked
// once for all the fields of a page: looking at the field, asking, judging.
type task interface {
	// crops returns what the engine shall read. There may be none.
	crops() []ocr.Crop
	// reading returns what the field holds, given what the engine read.
	reading(texts []ocr.Text) judged
}

// fields reads the fields of p and its title.
func (r *Reader) fields(ctx context.Context, p *placed) ([]form.Reading, form.Reading, error) {
	var tasks []task
	for i := range p.entry.places {
		tasks = append(tasks, p.task(&p.entry.places[i]))
	}
	title := p.entry.template.Title
	if !title.Box.Empty() {
		tasks = append(tasks, p.title(title))
	}
	judged, err := r.carryOut(ctx, tasks)
	if err != nil {
		return nil, form.Reading{}, err
	}
	readings := make([]form.Reading, len(judged))
	for i, j := range judged {
		readings[i] = r.judge(p, j)
	}
	if title.Box.Empty() {
		return readings, form.Reading{}, nil
	}
	last := len(readings) - 1
	return readings[:last:last], readings[last], nil
}

// task returns what is to be done for a field.
func (p *placed) task(f *form.Field) task {
	switch f.Kind {
	case form.Checkbox:
		return p.checkbox(f)
	case form.MultiBox:
		return p.row(f)
	default:
		return p.text(f)
	}
}

// carryOut asks the engine once for all tasks.
func (r *Reader) carryOut(ctx context.Context, tasks []task) ([]judged, error) {
	var crops []ocr.Crop
	ends := make([]int, len(tasks))
	for i, t := range tasks {
		crops = append(crops, t.crops()...)
		ends[i] = len(crops)
	}
	var texts []ocr.Text
	if len(crops) > 0 {
		var err error
		if texts, err = r.cfg.Engine.Read(ctx, crops); err != nil {
			return nil, err
		}
	}
	out := make([]judged, len(tasks))
	start := 0
	for i, t := range tasks {
		out[i] = t.reading(texts[start:ends[i]])
		start = ends[i]
	}
	return out, nil
}
