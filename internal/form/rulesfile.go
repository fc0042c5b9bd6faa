package form

import (
	"fmt"
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
	where string
	kind  Kind
	rules *Rules
	field Field // one that they are for
	times int   // how many places they are for
}

func (t *Template) ruled() []ruled {
	var all []ruled
	for i := range t.Fields {
		f := &t.Fields[i]
		all = append(all, ruled{fmt.Sprintf("fields[%d] %s: rules", i, f.Name), f.Kind, &f.Rules, *f, 1})
	}
	for i := range t.Tables {
		table := &t.Tables[i]
		for c := range table.Rules {
			cell := Field{Name: table.Columns[c], Table: table.Name, Row: table.Header, Column: c}
			all = append(all, ruled{
				fmt.Sprintf("tables[%d] %s: rules[%d]", i, table.Name, c), Normal, &table.Rules[c], cell, table.Rows,
			})
		}
	}
	return all
}

// validateRules returns an InvalidError where a rule cannot be understood, or
// the rules ask for too much work. Fields and tables are valid.
func (t *Template) validateRules() error {
	all := t.ruled()
	if err := validatePatterns(all); err != nil {
		return err
	}
	texts, summed := 0, 0
	for _, r := range all {
		if r.kind == Checkbox && !r.rules.forCheckbox() {
			return Invalid(r.where, "a CHECKBOX has none of these: see groups")
		}
		if err := r.rules.validate(r.where); err != nil {
			return err
		}
		if texts += len(r.rules.In.Texts); texts > maxInlines {
			return Invalid(r.where+".in", "the rules up to here give more than %d texts together", maxInlines)
		}
		n, err := t.validateSum(r)
		if err != nil {
			return err
		}
		if summed += n * r.times; summed > maxSummed {
			return Invalid(r.where+".sum", "the sums up to here add up more than %d fields and cells together", maxSummed)
		}
	}
	return t.validateGroups()
}

// forCheckbox reports whether r has only rules that a checkbox may have; those
// that were there before the others mean nothing to it.
func (r Rules) forCheckbox() bool {
	r.Required, r.Pattern, r.Critical = false, "", false
	return r.IsZero()
}

// validate returns an InvalidError where a rule says what none can.
func (r *Rules) validate(where string) error {
	if err := r.In.validate(where + ".in"); err != nil {
		return err
	}
	for _, v := range []*float64{r.Min, r.Max} {
		if v != nil && math.Abs(*v) > maxLimit {
			return Invalid(where, "min and max must be from -1e15 to 1e15")
		}
	}
	if r.Min != nil && r.Max != nil && *r.Min > *r.Max {
		return Invalid(where, "min is more than max")
	}
	for name, limit := range map[string]string{"notBefore": r.NotBefore, "notAfter": r.NotAfter} {
		if _, err := time.Parse(time.DateOnly, limit); limit != "" && limit != Today && err != nil {
			return Invalid(where+"."+name, "must be a day such as 2020-01-31, or today")
		}
	}
	if r.NotBefore != "" && r.NotAfter != "" && r.NotBefore != Today && r.NotAfter != Today && r.NotBefore > r.NotAfter {
		return Invalid(where, "notBefore is later than notAfter")
	}
	if r.Check != "" && !slices.Contains(Checks, r.Check) {
		var names []string
		for _, c := range Checks {
			names = append(names, string(c))
		}
		return Invalid(where+".check", "%q is not one of %s", r.Check, strings.Join(names, ", "))
	}
	return nil
}

func (in In) validate(where string) error {
	if in.Ref != "" {
		name, ok := strings.CutPrefix(in.Ref, listPrefix)
		if !ok {
			return Invalid(where, `must be "list:" and the name of a list, or a list of texts`)
		}
		return checkName(where, name)
	}
	if in.Texts != nil && len(in.Texts) == 0 {
		return Invalid(where, "names no text")
	}
	if len(in.Texts) > maxInline {
		return Invalid(where, "has more than %d texts: make it a list of the domain", maxInline)
	}
	for i, text := range in.Texts {
		if strings.TrimSpace(text) == "" {
			return Invalid(fmt.Sprintf("%s[%d]", where, i), "is empty: a field that may be empty needs no rule")
		}
		if len([]rune(text)) > maxListValue {
			return Invalid(fmt.Sprintf("%s[%d]", where, i), "is longer than %d characters", maxListValue)
		}
		if err := checkVisible(fmt.Sprintf("%s[%d]", where, i), text); err != nil {
			return err
		}
	}
	return nil
}

// validateSum returns how many places the sum of r adds up, or an InvalidError
// where it names one that cannot be added.
func (t *Template) validateSum(r ruled) (places int, err error) {
	where := r.where + ".sum"
	if len(r.rules.Sum) > maxAddends {
		return 0, Invalid(where, "names more than %d", maxAddends)
	}
	own := FieldID(r.field.Name)
	if table := t.table(r.field.Table); table != nil {
		own = table.CellID(r.field.Row, r.field.Column)
	}
	seen := make(map[FieldID]bool)
	for _, name := range r.rules.Sum {
		ids := t.addend(&r.field, name)
		if len(ids) == 0 {
			return 0, Invalid(where, "there is no field %q, and no column of a table that is written so", name)
		}
		if t.ambiguous(&r.field, name) {
			return 0, Invalid(where, "%q may be either of two columns of that name", name)
		}
		for _, id := range ids {
			f, _ := t.fieldOf(id)
			switch {
			case f != nil && f.Kind == Checkbox:
				return 0, Invalid(where, "%q is a CHECKBOX", name)
			case id == own:
				return 0, Invalid(where, "%q is what it is the sum of", name)
			case seen[id]:
				return 0, Invalid(where, "%q is there twice", name)
			}
			seen[id] = true
		}
		places += len(ids)
	}
	return places, nil
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
		if at := slices.Index(table.Columns, column); at >= 0 && slices.Contains(table.Columns[at+1:], column) {
			return true
		}
	}
	return false
}

// fieldOf returns the field of t, not a cell, with the given id.
func (t *Template) fieldOf(id FieldID) (*Field, bool) {
	for i := range t.Fields {
		if FieldID(t.Fields[i].Name) == id {
			return &t.Fields[i], true
		}
	}
	return nil, false
}

func (t *Template) validateGroups() error {
	if len(t.Groups) > maxGroups {
		return Invalid("groups", "there are more than %d", maxGroups)
	}
	for i, g := range t.Groups {
		where := fmt.Sprintf("groups[%d] %s", i, g.Name)
		if !slices.ContainsFunc(t.Fields, func(f Field) bool { return f.Kind == Checkbox && f.Group == g.Name && g.Name != "" }) {
			return Invalid(where, "no CHECKBOX is of this group")
		}
		if slices.ContainsFunc(t.Groups[:i], func(other Group) bool { return other.Name == g.Name }) {
			return Invalid(where, "the name is there twice")
		}
		if !slices.Contains(Choices, g.Choose) {
			return Invalid(where+": choose", "%q is not any, one, atMostOne or atLeastOne", g.Choose)
		}
	}
	return nil
}
