package reader

import (
	"context"
	"image"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/reader/ink"
	"github.com/seosik/seosik/internal/scan"
)

// A placed is a page with the template that was found to lie on it.
type placed struct {
	*ink.Sheet
	entry      *entry
	second     secondReader
	number     int                    // of the page
	residualAt func(geom.Box) float64 // template px
	print      *ink.Print             // of the template, as it is to be seen on the page
	missing    []image.Rectangle      // parts of the page of which there is no picture, page px
	letters    []scan.Letter          // that the file says stand on the page
	filled     []scan.Declared        // and what it says that its form holds
	look       ink.Look               // of the print of the template
	page       *ink.Written           // what is written on it, in fields and beside them
	marks      map[form.FieldID]*box  // its checkboxes; nil before they are looked at
	beside     offset                 // of its values
	reaches    map[form.FieldID]reach // of the places of entry
}

// reach returns that of f: its box, where nobody has looked further.
func (p *placed) reach(f *form.Field) reach {
	if r, ok := p.reaches[f.ID]; ok {
		return r
	}
	return reach{box: f.Box}
}

// moved returns the box of f, or where it is on a page whose values lie beside
// their fields.
func (p *placed) moved(f *form.Field) geom.Box {
	by := p.beside.by
	return geom.Box{Min: f.Box.Min.Add(by), Max: f.Box.Max.Add(by)}
}

// boxesOf returns the boxes of places.
func boxesOf(places []form.Field) []geom.Box {
	boxes := make([]geom.Box, len(places))
	for i := range places {
		boxes[i] = places[i].Box
	}
	return boxes
}

func (p *placed) languages() []string { return p.entry.template.Languages }

// A task is the reading of one field. A reader is asked for all fields of a
// page at once: in the first round the engine, then the second reader, and
// then each of them once more where there is doubt that another look can
// settle.
type task interface {
	// crops returns what shall be read in a round. There may be none.
	crops(round int) []ocr.Crop
	// hear takes what was read in the crops of a round, or nil where that could
	// not be: it is then as if there were no such reader.
	hear(round int, texts []ocr.Text)
	// reading returns what the field holds.
	reading() judged
}

// The rounds in which readers are asked for a page.
const (
	firstRound   = iota // the engine
	secondRound         // the second reader, in the language of the form
	englishRound        // the second reader, in English
	lastRound           // the engine
	rounds
)

// fields reads the fields of p and its title.
func (r *Reader) fields(ctx context.Context, p *placed) ([]form.Reading, form.Reading, error) {
	var tasks []task
	for i := range p.entry.places {
		if err := ctx.Err(); err != nil {
			return nil, form.Reading{}, err
		}
		tasks = append(tasks, p.task(&p.entry.places[i]))
	}
	title := p.entry.template.Title
	if !title.Box.Empty() {
		tasks = append(tasks, p.title(title))
	}
	for round := range rounds {
		if err := r.ask(ctx, tasks, round); err != nil {
			return nil, form.Reading{}, err
		}
	}
	found := make([]judged, len(tasks))
	for i, t := range tasks {
		found[i] = t.reading()
		found[i].reach = p.reach(found[i].field)
		found[i].reach.evidence(found[i].evidence)
	}
	addPage(found)
	p.weighTold(found)
	rules := p.weighRules(found)
	readings := make([]form.Reading, len(tasks))
	for i, j := range found {
		readings[i] = r.judge(p, j)
	}
	accuse(rules, readings)
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

// ask has the engine read the crops of all tasks in a round.
func (r *Reader) ask(ctx context.Context, tasks []task, round int) error {
	var crops []ocr.Crop
	ends := make([]int, len(tasks))
	for i, t := range tasks {
		crops = append(crops, t.crops(round)...)
		ends[i] = len(crops)
	}
	if len(crops) == 0 {
		return nil
	}
	texts, err := r.read(ctx, crops, round)
	if err != nil {
		return err
	}
	start := 0
	for i, t := range tasks {
		if texts == nil {
			t.hear(round, nil)
			continue
		}
		t.hear(round, texts[start:ends[i]])
		start = ends[i]
	}
	return nil
}
