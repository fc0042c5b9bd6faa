package form

import "testing"

// What nobody can read breaks no rule, and a sum with it cannot be told. What is
// empty is held to the rules.
func TestRulesAndMarks(t *testing.T) {
	f := &Template{
		Fields: []Field{
			{ID: "a", Name: "a", Rules: Rules{Required: true}},
			{ID: "b", Name: "b"},
			{ID: "total", Name: "total", Rules: Rules{Sum: []string{"a", "b"}}},
			{ID: "yes", Name: "yes", Kind: Checkbox, Group: "g"},
			{ID: "no", Name: "no", Kind: Checkbox, Group: "g"},
		},
		Groups: []Group{{Name: "g", Choose: ChooseOne}},
	}
	for _, tt := range []struct {
		name  string
		marks map[FieldID]Mark
		want  map[FieldID]Reason // the first of each
	}{
		{"as read", nil, map[FieldID]Reason{"a": ReasonSum, "b": ReasonSum, "total": ReasonSum, "yes": ReasonGroupNone, "no": ReasonGroupNone}},
		{"a part and a box illegible", map[FieldID]Mark{"a": MarkIllegible, "no": MarkIllegible}, nil},
		{"the total illegible", map[FieldID]Mark{"total": MarkIllegible, "no": MarkIllegible}, nil},
		{
			"a part empty, and a box not for this page",
			map[FieldID]Mark{"a": MarkEmpty, "yes": MarkNotApplicable},
			map[FieldID]Reason{"a": ReasonRequired, "b": ReasonSum, "total": ReasonSum},
		},
		{
			"a part not for this page",
			map[FieldID]Mark{"a": MarkNotApplicable, "no": MarkIllegible},
			map[FieldID]Reason{"b": ReasonSum, "total": ReasonSum},
		},
		{"withdrawn", map[FieldID]Mark{"a": MarkWithdrawn, "no": MarkIllegible}, map[FieldID]Reason{"a": ReasonSum, "b": ReasonSum, "total": ReasonSum}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var said []Correction
			for field, m := range tt.marks {
				said = append(said, Correction{ID: 1, Field: field, Mark: m})
			}
			broken := f.Broken(Values(f, []Reading{{Field: "a", Text: "1"}, {Field: "b", Text: "2"}, {Field: "total", Text: "4"}}, said))
			for _, field := range []FieldID{"a", "b", "total", "yes", "no"} {
				var got Reason
				if ps := broken[field]; len(ps) > 0 {
					got = ps[0].Reason
				}
				if got != tt.want[field] {
					t.Errorf("%s: %q, want %q", field, got, tt.want[field])
				}
			}
		})
	}
}

func TestWritten(t *testing.T) {
	for _, tt := range []struct {
		mark Mark
		want string
	}{{"", "5"}, {MarkIllegible, "●"}, {MarkEmpty, ""}, {MarkNotApplicable, ""}, {MarkWithdrawn, "7"}} {
		c := Correction{Mark: tt.mark}
		if tt.mark == "" {
			c.Text = "5"
		}
		v := Value{Reading: Reading{Text: "7"}, Corrections: []Correction{c}}
		if got := v.Written("●"); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.mark, got, tt.want)
		}
	}
}
