package db

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
)

func TestManyCorrectionsAreAllKeptOrNone(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	_, docs := o.submit(t, "a.png")
	id := o.read(t, docs[0], 1, nameID, sumID)
	kim := form.Person(o.user)
	say := func(field form.FieldID, text string, after form.CorrectionID) Said {
		return Said{form.Correction{Run: 1, Field: field, Text: text}, after}
	}
	first, _, err := o.AddCorrection(ctx, kim, form.Correction{Page: id, Run: 1, Field: sumID, Text: "5"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	held := func() (texts []string) {
		r, err := o.Record(ctx, form.Everything, id)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range r.Values {
			for _, c := range v.Corrections {
				texts = append(texts, string(v.Field.ID)+"="+c.Text)
			}
		}
		return texts
	}
	before := held()
	for _, tt := range []struct {
		name string
		said []Said
		want error
	}{
		{"one is stale", []Said{say(nameID, "a", 0), say(sumID, "6", 0)}, form.ErrConflict},
		{"twice the same", []Said{say(nameID, "a", 0), say(nameID, "b", 0)}, form.ErrConflict},
		{"another reading", []Said{say(nameID, "a", 0), {form.Correction{Run: 2, Field: sumID}, first.ID}}, form.ErrConflict},
		{"no such field", []Said{say(nameID, "a", 0), say("x", "a", 0)}, form.ErrNotFound},
	} {
		_, _, err := o.AddCorrections(ctx, kim, id, tt.said)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if stale, ok := errors.AsType[*form.StaleError](err); tt.name == "one is stale" && (!ok || !cmp.Equal(stale.Fields, []form.FieldID{sumID})) {
			t.Errorf("%s: %#v", tt.name, err)
		}
		if diff := cmp.Diff(before, held()); diff != "" {
			t.Errorf("%s left:\n%s", tt.name, diff)
		}
	}

	added, p, err := o.AddCorrections(ctx, kim, id, []Said{say(nameID, "a", 0), say(sumID, "6", first.ID)})
	if err != nil || len(added) != 2 || p.State != form.StateDone || p.Doubtful != 0 {
		t.Errorf("%v, %d corrections, page %s with %d doubtful", err, len(added), p.State, p.Doubtful)
	}
	if len(added) == 2 && (added[1].ByName != "kim" || added[1].Page != id || added[1].Text != "6") {
		t.Errorf("correction %+v", added[1])
	}
}
