package db

import (
	"context"

	"github.com/seosik/seosik/internal/form"
)

// A Story is all that was read and said of a page.
type Story struct {
	History
	Reopenings []Reopening
	Values     []ValueStory // in the order of the newest version with which the page was read; fields that it has no longer follow
}

// A ValueStory is all that was read and said of a field.
type ValueStory struct {
	Field       form.Field      // as the newest run with it has it
	Template    form.TemplateID // of that run; 0 for the page as a whole
	Readings    []RunReading
	Corrections []form.Correction // of all runs, oldest first
	Keyed       form.Keyed        // where two people key it
}

// A RunReading is what was read in a run.
type RunReading struct {
	Run int
	form.Reading
}

// blind takes out what people must not see before they have keyed it.
func (v *ValueStory) blind() {
	for i, r := range v.Readings {
		of := form.Value{Field: v.Field, Reading: r.Reading, Corrections: v.Corrections}
		if of.Secret() {
			v.Readings[i].Reading = form.Reading{Field: r.Field, Reasons: []form.Reason{r.Policy().Reason()}}
		}
	}
}

// StoryOf returns the story of a page, without what people have still to key
// without seeing it.
func (db *DB) StoryOf(ctx context.Context, in form.Scope, id form.PageID) (s Story, err error) {
	defer wrap(&err, "story of page %d", id)
	if s.History, err = db.HistoryOf(ctx, in, id); err != nil {
		return s, err
	}
	keyed, err := db.KeyedOf(ctx, in, id)
	if err != nil {
		return s, err
	}
	err = db.view(ctx, func(t tx) error {
		if s.Reopenings, err = reopeningsOf(ctx, t, id); err != nil {
			return err
		}
		readings, err := collect(ctx, t, scanRunReading, `
			SELECT r.run, `+readingColumns+`, `+detailColumn+` FROM readings r WHERE r.page_id = ? ORDER BY r.run`, id)
		if err != nil {
			return err
		}
		said, err := collect(ctx, t, scanCorrection, `
			SELECT `+correctionColumns+` FROM corrections c JOIN users u ON u.id = c.user_id WHERE c.page_id = ? ORDER BY c.id`, id)
		if err != nil {
			return err
		}
		fields, err := fieldsOf(ctx, t, s.Runs)
		if err != nil {
			return err
		}
		s.tell(fields, readings, said)
		for i := range s.Values {
			s.Values[i].Keyed = keyed[s.Values[i].Field.ID]
		}
		return nil
	})
	return s, err
}

func scanRunReading(scan func(...any) error) (r RunReading, err error) {
	whole, err := scanWhole(func(into ...any) error { return scan(append([]any{&r.Run}, into...)...) })
	r.Reading = whole.Reading
	return r, err
}

// fieldsOf returns the fields of the versions with which the runs read, each once,
// as the last of them has it, and in its order; nothing is told of them yet.
func fieldsOf(ctx context.Context, t tx, runs []Run) (fields []ValueStory, err error) {
	known := make(map[form.FieldID]bool)
	for i := len(runs) - 1; i >= 0; i-- {
		if runs[i].Template == 0 {
			continue
		}
		f, err := templateByID(ctx, t, runs[i].Template, runs[i].Version)
		if err != nil {
			return nil, err
		}
		for _, p := range f.Places() {
			if !known[p.ID] {
				known[p.ID], fields = true, append(fields, ValueStory{Field: p, Template: f.ID})
			}
		}
	}
	return fields, nil
}

// tell puts what was read and said to the fields. What is of the page as a whole
// comes first.
func (s *Story) tell(fields []ValueStory, readings []RunReading, said []form.Correction) {
	for _, v := range append([]ValueStory{{Field: form.Field{ID: form.WholeID}}}, fields...) {
		for _, r := range readings {
			if r.Field == v.Field.ID {
				v.Readings = append(v.Readings, r)
			}
		}
		for _, c := range said {
			if c.Field == v.Field.ID {
				v.Corrections = append(v.Corrections, c)
			}
		}
		v.blind()
		if len(v.Readings)+len(v.Corrections) > 0 {
			s.Values = append(s.Values, v)
		}
	}
}
