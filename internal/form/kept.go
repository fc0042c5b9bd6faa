package form

// Unkept returns the fields that break rules, as the values of r are now, though
// a person has said what they hold, and that nobody has kept so expressly. Of a
// sum it is the total that a person may keep; of a group of checkboxes any of
// them.
func (r *Record) Unkept() []FieldID {
	if r.Template == nil {
		return nil
	}
	byID := make(map[FieldID]*Value, len(r.Values))
	var list []FieldID
	has := make(map[FieldID]bool)
	add := func(id FieldID) {
		if !has[id] {
			has[id] = true
			list = append(list, id)
		}
	}
	for i := range r.Values {
		v := &r.Values[i]
		byID[v.Field.ID] = v
		if c := v.Latest(); c != nil && !c.Override && !c.Mark.Unknown() && len(v.Field.Explain(c.Text)) > 0 {
			add(v.Field.ID)
		}
	}
	for _, rule := range r.Template.Across(r.Values) {
		if !rule.Kept && rule.unkept(byID) {
			add(rule.Problems[0].Field)
		}
	}
	return list
}

// unkept reports whether a person has said something of a rule that is broken, and
// nobody has kept it so.
func (r *Verified) unkept(values map[FieldID]*Value) bool {
	said := false
	for i, id := range r.Fields {
		v := values[id]
		if v == nil {
			continue
		}
		said = said || v.Latest() != nil
		if (i == 0 || r.Reason != ReasonSum) && v.Overridden() {
			return false
		}
	}
	return said
}
