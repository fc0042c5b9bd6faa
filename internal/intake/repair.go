package intake

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/health"
)

// How much is tried for a template.
const (
	repairFields = 6  // those with the most wrong readings
	repairWrong  = 20 // wrong readings of a field
	repairRight  = 20 // right ones
	leastFixed   = 2  // wrong readings that a box must have put right to be proposed
)

// A patient is a field with boxes that may do better than its own, and the pages
// that say whether they do.
type patient struct {
	field   form.Field
	boxes   []geom.Box // its own first
	pages   []form.PageID
	repairs []Repair // one a box
}

// repairs tries other boxes for fields of t that people had to correct, by
// reading pages again, and returns those with which more is right.
func (in *Intake) repairs(ctx context.Context, base *Catalog, t *form.Template, of map[form.FieldID]*health.Field) (map[form.FieldID]Repair, error) {
	patients, err := in.patients(ctx, t, of)
	if err != nil || len(patients) == 0 {
		return nil, err
	}
	catalog, err := base.Renew([]*form.Template{variants(t, patients)})
	if err != nil {
		return nil, err
	}
	pages := make(map[form.PageID]bool)
	for _, p := range patients {
		for _, id := range p.pages {
			pages[id] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(pages)) {
		if err := in.passed(ctx, id, in.try(ctx, catalog, t, id, patients)); err != nil {
			return nil, err
		}
	}
	best := make(map[form.FieldID]Repair)
	for _, p := range patients {
		if r, ok := p.best(); ok {
			best[p.field.ID] = r
		}
	}
	return best, nil
}

// patients returns the fields of t for which other boxes can be tried, those with
// the most wrong readings first.
func (in *Intake) patients(ctx context.Context, t *form.Template, of map[form.FieldID]*health.Field) (patients []*patient, err error) {
	whose := form.Within(t.Domain)
	known, err := in.cfg.DB.Health(ctx, whose, t.ID, time.Time{}, time.Time{})
	if err != nil {
		return nil, err
	}
	for _, f := range t.Fields {
		h, fared := of[f.ID], known.Fields[f.ID]
		if h == nil || len(h.Writing) == 0 || fared == nil || fared.Corrected < leastFixed {
			continue
		}
		boxes := h.Candidates()
		if len(boxes) == 0 {
			continue
		}
		right := fared.Right[:min(len(fared.Right), repairRight)]
		if more := repairRight - len(right); more > 0 {
			let, err := in.cfg.DB.Unquestioned(ctx, whose, t.ID, f.ID, more)
			if err != nil {
				return nil, err
			}
			right = slices.Concat(right, let)
		}
		patients = append(patients, &patient{
			field: f,
			boxes: append([]geom.Box{f.Box}, boxes...),
			pages: slices.Concat(fared.Wrong[:min(len(fared.Wrong), repairWrong)], right),
		})
	}
	wrong := func(p *patient) int { return known.Fields[p.field.ID].Corrected }
	slices.SortStableFunc(patients, func(a, b *patient) int { return cmp.Compare(wrong(b), wrong(a)) })
	patients = patients[:min(len(patients), repairFields)]
	for _, p := range patients {
		p.repairs = make([]Repair, len(p.boxes))
	}
	return patients, nil
}

// variants returns a template with nothing but the fields of patients, once for
// each of their boxes.
func variants(t *form.Template, patients []*patient) *form.Template {
	v := t.Clone()
	v.Title, v.Fields, v.Tables, v.Groups, v.Combine = form.Title{}, nil, nil, nil, nil
	for i, p := range patients {
		for k, box := range p.boxes {
			f := p.field
			f.ID, f.Box = variantID(i, k), box
			f.Name = string(f.ID)
			f.Rules.Sum = nil // its parts are not there
			v.Fields = append(v.Fields, f)
		}
	}
	return v
}

func variantID(patient, box int) form.FieldID {
	return form.FieldID(fmt.Sprintf("%d.%d", patient, box))
}

// try reads a page with all boxes of all patients, and counts with which of them
// it is read right.
func (in *Intake) try(ctx context.Context, catalog *Catalog, t *form.Template, id form.PageID, patients []*patient) error {
	record, err := in.cfg.DB.Record(ctx, form.Within(t.Domain), id)
	if err != nil || record.Template == nil || record.Template.Image != t.Image {
		return err
	}
	read := make(map[form.FieldID]string)
	err = in.guarded(ctx, dryRuns, func(ctx context.Context, _ *turn, _ *time.Timer) error {
		picture, err := in.cfg.Blobs.Bytes(ctx, record.Page.Image)
		if err != nil {
			return err
		}
		want := func(int) (Want, bool) {
			return Want{Catalog: catalog, TemplateToPage: record.Page.TemplateToPage}, true
		}
		for r, err := range in.cfg.Reader.Read(ctx, picture, want) {
			if err != nil {
				return err
			}
			for _, v := range r.Readings {
				read[v.Field] = v.Text
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, p := range patients {
		if slices.Contains(p.pages, id) {
			p.count(i, record, read)
		}
	}
	return nil
}

// count counts what was read on a page with the boxes of p, the patient of that
// number. What its own box reads otherwise than it did is left out: the reader
// is another one since.
func (p *patient) count(number int, record form.Record, read map[form.FieldID]string) {
	i := slices.IndexFunc(record.Values, func(v form.Value) bool { return v.Field.ID == p.field.ID })
	if i < 0 {
		return
	}
	v := &record.Values[i]
	right := func(text string) bool { return p.field.Same(form.Held{Text: text}, form.Held{Text: v.Text()}) }
	was := right(v.Reading.Text)
	if right(read[variantID(number, 0)]) != was {
		return
	}
	for k := range p.boxes {
		r, is := &p.repairs[k], right(read[variantID(number, k)])
		if was {
			r.Right++
		} else {
			r.Wrong++
		}
		if was && !is {
			r.Lost++
		} else if is && !was {
			r.Fixed++
		}
	}
}

// best returns the box with which most is right, where that is more than with
// its own.
func (p *patient) best() (best Repair, ok bool) {
	for k, box := range p.boxes[1:] {
		r := p.repairs[k+1]
		r.Box = box
		if r.Fixed >= leastFixed && r.Fixed > r.Lost && r.Fixed-r.Lost > best.Fixed-best.Lost {
			best, ok = r, true
		}
	}
	return best, ok
}

// withRepairs returns a copy of fields with what was found out by trying.
func withRepairs(fields map[form.FieldID]FieldCheckup, repairs map[form.FieldID]Repair) map[form.FieldID]FieldCheckup {
	fields = maps.Clone(fields)
	for id, r := range repairs {
		f := fields[id]
		f.Repair = r
		fields[id] = f
	}
	return fields
}
