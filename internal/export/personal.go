package export

import (
	"slices"

	"github.com/seosik/seosik/internal/form"
)

// leftOut is what holds personal data and is not written: fields by id, columns by
// columnOf, and combined fields by name.
type leftOut struct{ places, combined map[string]bool }

// leftOut returns what is not written of versions, the newest first. Of a field or
// column the newest says whether it holds personal data that has it; a combined
// field does where one of its parts does in any.
func (o *Options) leftOut(versions []*form.Template) leftOut {
	out := leftOut{make(map[string]bool), make(map[string]bool)}
	if !o.Impersonal {
		return out
	}
	note := func(key string, h form.Handling) {
		if _, known := out.places[key]; !known {
			out.places[key] = h.Personal != ""
		}
	}
	for _, t := range versions {
		for _, f := range t.Fields {
			note(string(f.ID), f.Handling)
		}
		for i := range t.Tables {
			for k, c := range t.Tables[i].Columns {
				note(columnOf(&t.Tables[i], k), c.Handling)
			}
		}
	}
	for _, t := range versions {
		out.noteCombined(t)
	}
	return out
}

// noteCombined notes the combined fields of t that are left out.
func (out leftOut) noteCombined(t *form.Template) {
	if len(t.Combine) == 0 {
		return
	}
	hidden := make(map[form.FieldID]bool)
	for _, f := range t.Places() {
		hidden[f.ID] = out.hides(t, &f)
	}
	for _, c := range t.Combine {
		if slices.ContainsFunc(c.Parts, func(p form.Part) bool { return hidden[p.Field] }) {
			out.combined[c.Name] = true
		}
	}
}

// hides reports whether a place of t is left out.
func (out leftOut) hides(t *form.Template, f *form.Field) bool {
	if f.Table != "" {
		return out.places[columnOf(tableNamed(t, f.Table), f.Column)]
	}
	return out.places[string(f.ID)]
}

// columnOf returns what a column is known by among those of all tables.
func columnOf(t *form.Table, i int) string { return tableKey(t) + "." + columnKey(t, i) }
