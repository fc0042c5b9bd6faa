package form

import (
	"math"
	"slices"
	"strings"
	"time"
)

// Limits of the rules of a template. They bound the work that judging a page
// can ask for.
const (
	maxInline  = 1000   // texts that one rule gives
	maxInlines = 20_000 // texts that all rules of a template give
	maxAddends = 100    // names in one sum
	maxSummed  = 20_000 // places that all sums of a template add up
	maxGroups  = 500
	maxLimit   = 1e15 // of an amount: float64 has all whole numbers up to there
)

// A ruled is the rules of a field, or of a column of a table, and where they
// stand in the file.
type ruled struct {
	at    spot
	kind  Kind
	rules *Rules
	field Field // one that they are for
	times int   // how many places they are for
}

func (t *Template) ruled(ds *defects) []ruled {
	var all []ruled
	for i := range t.Fields {
		f := &t.Fields[i]
		if !f.Rules.IsZero() {
			all = append(all, ruled{ds.of("fields", i, shown(f.Name)).in("rules"), f.Kind, &f.Rules, *f, 1})
		}
	}
	for i := range t.Tables {
		table := &t.Tables[i]
		for c := range table.Columns {
			column := &table.Columns[c]
			if column.Rules.IsZero() || !table.sound() {
				continue
			}
			cell := Field{Name: column.Name, Table: table.Name, Row: table.Header, Column: c}
			at := ds.of("tables", i, shown(table.Name)).in("rules[%d]", c)
			all = append(all, ruled{at, Normal, &column.Rules, cell, len(table.Rows)})
		}
	}
	return all
}

// checkRules notes where a rule cannot be understood, or the rules ask for too
// much work.
func (t *Template) checkRules(ds *defects) {
	all := t.ruled(ds)
	checkPatterns(all)
	var texts, names, summed int
	for _, r := range all {
		if r.kind == Checkbox && !r.rules.forCheckbox() {
			r.at.add("", DefectCheckboxRules)
		}
		r.rules.check(r.at)
		before := texts
		if texts += len(r.rules.In.Texts); texts > maxInlines && before <= maxInlines {
			r.at.add("in", DefectInTogether, maxInlines)
		}
		// Looking for names is work too.
		if names += len(r.rules.Sum); summed > maxSummed || names > maxSummed {
			continue
		}
		if summed += t.checkSum(r) * r.times; summed > maxSummed {
			r.at.add("sum", DefectSumTogether, maxSummed)
		}
	}
	if names > maxSummed && summed <= maxSummed {
		ds.in("fields").add("", DefectSumTogether, maxSummed)
	}
	t.checkGroups(ds)
}

// forCheckbox reports whether r has only rules that a checkbox may have; those
// that were there before the others mean nothing to it.
func (r Rules) forCheckbox() bool {
	r.Required, r.Pattern, r.Critical = false, "", false
	return r.IsZero()
}

// check notes where a rule says what none can.
func (r *Rules) check(at spot) {
	r.In.check(at.in("in"))
	for _, v := range []*float64{r.Min, r.Max} {
		if v != nil && math.Abs(*v) > maxLimit {
			at.add("", DefectLimit)
		}
	}
	if r.Min != nil && r.Max != nil && *r.Min > *r.Max {
		at.add("", DefectLimits)
	}
	at.day("notBefore", r.NotBefore)
	at.day("notAfter", r.NotAfter)
	if r.NotBefore != "" && r.NotAfter != "" && r.NotBefore != Today && r.NotAfter != Today && r.NotBefore > r.NotAfter {
		at.add("", DefectDays)
	}
	if r.Check != "" && !slices.Contains(Checks, r.Check) {
		var names []string
		for _, c := range Checks {
			names = append(names, string(c))
		}
		at.add("check", DefectNotOneOf, shown(string(r.Check)), strings.Join(names, ", "))
	}
}

// day wants a limit that is a day.
func (s spot) day(property, limit string) {
	if _, err := time.Parse(time.DateOnly, limit); limit != "" && limit != Today && err != nil {
		s.add(property, DefectDay)
	}
}

func (in In) check(at spot) {
	if in.Ref != "" {
		name, ok := strings.CutPrefix(in.Ref, listPrefix)
		if !ok {
			at.add("", DefectInForm)
			return
		}
		at.name("", name)
		return
	}
	if in.Texts != nil && len(in.Texts) == 0 {
		at.add("", DefectInNone)
	}
	if len(in.Texts) > maxInline {
		at.add("", DefectInMany, maxInline)
		return
	}
	for i, text := range in.Texts {
		switch {
		case strings.TrimSpace(text) == "":
			at.add(indexed(i), DefectInEmpty)
		case len([]rune(text)) > maxListValue:
			at.add(indexed(i), DefectLong, maxListValue)
		case hidden(text):
			at.add(indexed(i), DefectHidden)
		}
	}
}

// checkSum returns how many places the sum of r adds up, and notes where it
// names one that cannot be added.
func (t *Template) checkSum(r ruled) (places int) {
	at := r.at.in("sum")
	if len(r.rules.Sum) > maxAddends {
		at.add("", DefectSumMany, maxAddends)
		return 0
	}
	own := r.field.ID
	if table := t.table(r.field.Table); table != nil {
		own = table.CellID(r.field.Row, r.field.Column)
	}
	seen := make(map[FieldID]bool)
	for _, name := range r.rules.Sum {
		ids := t.addend(&r.field, name)
		said := shownReference(FieldID(name))
		if len(ids) == 0 {
			at.add("", DefectNoAddend, said)
			continue
		}
		if t.ambiguous(&r.field, name) {
			at.add("", DefectAmbiguous, said)
			continue
		}
		places += len(ids)
		t.checkAddends(at, said, ids, own, seen)
	}
	return places
}

// checkAddends notes where the places that name stands for cannot be added:
// the first of them.
func (t *Template) checkAddends(at spot, name string, ids []FieldID, own FieldID, seen map[FieldID]bool) {
	for _, id := range ids {
		f, _ := t.fieldOf(id)
		switch {
		case f != nil && f.Kind == Checkbox:
			at.add("", DefectSumCheckbox, name)
			return
		case id == own:
			at.add("", DefectSumSelf, name)
			return
		case seen[id]:
			at.add("", DefectTwice, name)
			return
		}
		seen[id] = true
	}
}

// ambiguous reports whether name, in a sum of f, is that of two columns of one
// table.
func (t *Template) ambiguous(f *Field, name string) bool {
	for i := range t.Tables {
		table := &t.Tables[i]
		column, ok := strings.CutPrefix(name, table.Name+".")
		if !ok && table.Name != f.Table {
			continue
		}
		same := 0
		for _, c := range table.Columns {
			if c.Name == column {
				same++
			}
		}
		if same > 1 {
			return true
		}
	}
	return false
}

// fieldOf returns the field of t, not a cell, with the given id.
func (t *Template) fieldOf(id FieldID) (*Field, bool) {
	for i := range t.Fields {
		if t.Fields[i].ID == id {
			return &t.Fields[i], true
		}
	}
	return nil, false
}

func (t *Template) checkGroups(ds *defects) {
	if len(t.Groups) > maxGroups {
		ds.in("groups").add("", DefectMany, maxGroups)
		return
	}
	for i, g := range t.Groups {
		at := ds.of("groups", i, shown(g.Name))
		if !slices.ContainsFunc(t.Fields, func(f Field) bool { return f.Kind == Checkbox && f.Group == g.Name && g.Name != "" }) {
			at.add("", DefectNoMember)
		}
		if slices.ContainsFunc(t.Groups[:i], func(other Group) bool { return other.Name == g.Name }) {
			at.add("", DefectNameTwice)
		}
		if !slices.Contains(Choices, g.Choose) {
			at.add("choose", DefectNotOneOf, shown(string(g.Choose)), "any, one, atMostOne, atLeastOne")
		}
	}
}
