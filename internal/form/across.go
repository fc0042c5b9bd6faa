package form

import (
	"math/big"
	"slices"
	"strings"
)

// A Group is a rule for the checkboxes that have its name as their group. The
// checkboxes of a group that has no rule are free.
type Group struct {
	ID     string `json:"id,omitempty"` // a UUID that never changes; empty before Template.Identify
	Name   string `json:"name"`
	Choose Choose `json:"choose"`
}

// Choose says how many checkboxes of a group may be marked.
type Choose string

// The choices.
const (
	ChooseAny        Choose = "any"
	ChooseOne        Choose = "one"
	ChooseAtMostOne  Choose = "atMostOne"
	ChooseAtLeastOne Choose = "atLeastOne"
)

// Choices lists the choices.
var Choices = []Choose{ChooseAny, ChooseOne, ChooseAtMostOne, ChooseAtLeastOne}

// A Verified is a rule across fields and whether the values of a page keep it.
// A rule that cannot be told, since there is nothing to tell it by, is not
// among those of Template.Across.
type Verified struct {
	Reason   Reason      // ReasonSum, ReasonNotAmount of a part of a sum, ReasonGroupMany or ReasonGroupNone; of a group that is kept, either
	Kept     bool        // the rule is kept
	Fields   []FieldID   // that the rule is about, in order
	Problems []FieldNote // where it is broken
}

// A FieldNote is a problem of a field.
type FieldNote struct {
	Field   FieldID
	Problem Problem
}

// Across returns the rules across fields that can be told from values, which
// are those of all places of t.
func (t *Template) Across(values []Value) []Verified {
	byID := make(map[FieldID]*Value, len(values))
	for i := range values {
		byID[values[i].Field.ID] = &values[i]
	}
	var vs []Verified
	for i := range values {
		if v := &values[i]; len(v.Field.Rules.Sum) > 0 {
			if sum, ok := t.sum(v, byID); ok {
				vs = append(vs, sum)
			}
		}
	}
	for _, g := range t.Groups {
		if v, ok := g.verify(values); ok {
			vs = append(vs, v)
		}
	}
	return vs
}

// open returns those of values by which rules across fields can be told while
// some are secret: without these, the totals that they are parts of, and the
// checkboxes of their groups.
func (t *Template) open(values []Value) []Value {
	hidden, groups := make(map[FieldID]bool), make(map[string]bool)
	for i := range values {
		if v := &values[i]; v.Secret() {
			hidden[v.Field.ID] = true
			groups[v.Field.Group] = v.Field.Group != ""
		}
	}
	for before := -1; before < len(hidden); {
		before = len(hidden)
		for i := range values {
			f := &values[i].Field
			part := len(f.Rules.Sum) > 0 && slices.ContainsFunc(t.addends(f), func(id FieldID) bool { return hidden[id] })
			if before > 0 && (part || groups[f.Group]) {
				hidden[f.ID] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(values), func(v Value) bool { return hidden[v.Field.ID] })
}

// Broken returns all problems of values, by field: those of each field alone,
// and those across fields. It tells nothing of what is secret.
func (t *Template) Broken(values []Value) map[FieldID][]Problem {
	broken := make(map[FieldID][]Problem)
	for i := range values {
		v := &values[i]
		if v.Mark().Unknown() || v.Secret() {
			continue
		}
		if ps := v.Field.Explain(v.Text()); len(ps) > 0 {
			broken[v.Field.ID] = ps
		}
	}
	for _, verified := range t.Across(t.open(values)) {
		for _, n := range verified.Problems {
			same := func(p Problem) bool { return p.Reason == ReasonNotAmount && n.Problem.Reason == ReasonNotAmount }
			if !slices.ContainsFunc(broken[n.Field], same) {
				broken[n.Field] = append(broken[n.Field], n.Problem)
			}
		}
	}
	return broken
}

// sum tells whether a total is the sum of its parts. Empty parts, and dashes,
// are nothing, but where all are, or the total is no amount, nothing can be
// told; nor where nobody can read a part. Where a part is no amount, that is
// what is wrong.
func (t *Template) sum(total *Value, byID map[FieldID]*Value) (v Verified, ok bool) {
	said, ok := ParseAmount(total.Text())
	if !ok {
		return v, false
	}
	v = Verified{Reason: ReasonSum, Fields: []FieldID{total.Field.ID}}
	sum, filled := new(big.Rat), 0
	for _, id := range t.addends(&total.Field) {
		part := byID[id]
		if part != nil && part.Mark() == MarkIllegible {
			return v, false
		}
		if part == nil || strings.Trim(Plain(part.Text()), "-–—―.") == "" {
			continue
		}
		amount, ok := ParseAmount(part.Text())
		if !ok {
			v = Verified{Reason: ReasonNotAmount, Fields: []FieldID{id}}
			v.Problems = []FieldNote{{id, Problem{Reason: ReasonNotAmount}}}
			return v, true
		}
		sum.Add(sum, amount)
		filled++
		v.Fields = append(v.Fields, id)
	}
	if filled == 0 {
		return v, false
	}
	if v.Kept = sum.Cmp(said) == 0; v.Kept {
		return v, true
	}
	p := Problem{Reason: ReasonSum, Want: FormatAmount(sum), Names: t.addendNames(&total.Field)}
	v.Problems = append(v.Problems, FieldNote{total.Field.ID, p})
	for _, id := range v.Fields[1:] {
		of := Problem{Reason: ReasonSum, Want: FormatAmount(sum), Got: FormatAmount(said), Names: []string{total.Field.Title()}}
		v.Problems = append(v.Problems, FieldNote{id, of})
	}
	return v, true
}

// addends returns the places that the sum of f adds up. In a cell, columns of
// its own table stand for the cells of its own row.
func (t *Template) addends(f *Field) []FieldID {
	var ids []FieldID
	for _, name := range f.Rules.Sum {
		ids = append(ids, t.addend(f, name)...)
	}
	return ids
}

// addendNames returns the names of what the sum of f adds up as people know
// it: a column of another table with its table.
func (t *Template) addendNames(f *Field) []string {
	names := slices.Clone(f.Rules.Sum)
	for i, name := range names {
		ids := t.addend(f, name)
		if len(ids) == 0 {
			continue
		}
		of, _ := t.Place(ids[0])
		names[i] = of.Title()
		if of.Name != name {
			names[i] = of.TableTitle + " · " + of.Title()
		}
	}
	return names
}

func (t *Template) addend(f *Field, name string) []FieldID {
	if f.Table != "" {
		if table := t.table(f.Table); table != nil {
			if c := table.column(name); c >= 0 {
				return table.cellsOf(f.Row, f.Row+1, c)
			}
		}
	}
	if field := t.named(name); field != nil {
		return []FieldID{field.ID}
	}
	// Names may have points in them.
	for i := range t.Tables {
		table := &t.Tables[i]
		column, ok := strings.CutPrefix(name, table.Name+".")
		if !ok {
			continue
		}
		if c := table.column(column); c >= 0 {
			return table.cellsOf(table.Header, len(table.Cells), c)
		}
	}
	return nil
}

// named returns the field of t, not a cell, with a name, or nil.
func (t *Template) named(name string) *Field {
	for i := range t.Fields {
		if t.Fields[i].Name == name {
			return &t.Fields[i]
		}
	}
	return nil
}

// cellsOf returns the cells of a column in rows from to to, each once.
func (t *Table) cellsOf(from, to, column int) []FieldID {
	var ids []FieldID
	for row := from; row < to; row++ {
		if rows, _ := t.Span(row, column); rows > 0 {
			ids = append(ids, t.CellID(row, column))
		}
	}
	return ids
}

func (t *Template) table(name string) *Table {
	for i := range t.Tables {
		if t.Tables[i].Name == name {
			return &t.Tables[i]
		}
	}
	return nil
}

// verify tells whether the checkboxes of g are marked as it wants. Where too
// many are, the marked ones are in doubt: a mark that is not there too much
// would not help. Where none is, all are; but nothing can be told where a person
// could not make one out.
func (g Group) verify(values []Value) (v Verified, ok bool) {
	var marked []FieldID
	var names []string
	unclear := false
	for i := range values {
		f := &values[i].Field
		if f.Kind != Checkbox || f.Group != g.Name {
			continue
		}
		v.Fields = append(v.Fields, f.ID)
		unclear = unclear || values[i].Mark().Unknown()
		if values[i].Checked() {
			marked, names = append(marked, f.ID), append(names, f.Title())
		}
	}
	if g.Choose == ChooseAny || len(v.Fields) == 0 {
		return v, false
	}
	v.Kept, v.Reason = true, ReasonGroupMany
	note := func(reason Reason, ids []FieldID) {
		v.Kept, v.Reason = false, reason
		for _, id := range ids {
			v.Problems = append(v.Problems, FieldNote{id, Problem{Reason: reason, Names: names, Want: string(g.Choose)}})
		}
	}
	switch {
	case len(marked) > 1 && g.Choose != ChooseAtLeastOne:
		note(ReasonGroupMany, marked)
	case len(marked) == 0 && g.Choose != ChooseAtMostOne && unclear:
		return v, false
	case len(marked) == 0 && g.Choose != ChooseAtMostOne:
		note(ReasonGroupNone, v.Fields)
	}
	return v, true
}

// A Sum is a total and the places that it is the sum of.
type Sum struct {
	Total FieldID
	Parts []FieldID
}

// Sums returns the totals of t, in order.
func (t *Template) Sums() (sums []Sum) {
	for _, f := range t.Places() {
		if len(f.Rules.Sum) > 0 {
			sums = append(sums, Sum{f.ID, t.addends(&f)})
		}
	}
	return sums
}
