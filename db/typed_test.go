package db

import (
	"errors"
	"testing"

	"github.com/seosik/seosik/internal/form"
)

// A page on which somebody typed something and did not accept it is not done
// behind his back: not before he, or anyone, has said what stands there.
func TestWhatIsTypedIsKept(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	_, docs := o.submit(t, "a.png")
	id := o.read(t, docs[0], 1, sumID)
	kim := form.Person(o.user)
	lee, err := o.AddUser(ctx, form.Command, "lee", "x")
	if err != nil {
		t.Fatal(err)
	}
	keep := func(by form.Actor, text string, seen form.CorrectionID) {
		t.Helper()
		if err := o.KeepTyped(ctx, by, form.Typed{Page: id, Run: 1, Field: nameID, Seen: seen, Held: form.Held{Text: text}}); err != nil {
			t.Fatal(err)
		}
	}
	typed := func(want ...string) {
		t.Helper()
		list, err := o.Typed(ctx, form.Everything, id)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, y := range list {
			got = append(got, y.ByName+" "+y.Text)
		}
		if len(got) != len(want) {
			t.Fatalf("typed %q, want %q", got, want)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("typed %q, want %q", got, want)
			}
		}
	}
	say := func(by form.Actor, field form.FieldID, after form.CorrectionID, want form.State) form.CorrectionID {
		t.Helper()
		c, p, err := o.AddCorrection(ctx, by, form.Correction{Page: id, Run: 1, Field: field, Text: "said"}, after)
		if err != nil || p.State != want {
			t.Fatalf("said of %s: %s, %v, want %s", field, p.State, err, want)
		}
		return c.ID
	}
	keep(kim, "k", 0)
	keep(kim, "ki", 0)
	typed("kim ki")
	sum := say(kim, sumID, 0, form.StateReview)
	if err := o.DropTyped(ctx, kim, id, nameID); err != nil {
		t.Fatal(err)
	}
	if p, err := o.Page(ctx, form.Everything, id); err != nil || p.State != form.StateDone {
		t.Errorf("after it was taken back: %s, %v", p.State, err)
	}
	o.checkCounts(t)
	withdrawn, _, err := o.AddCorrection(ctx, kim, form.Correction{Page: id, Run: 1, Field: sumID, Mark: form.MarkWithdrawn}, sum)
	if err != nil {
		t.Fatal(err)
	}
	keep(kim, "kim's", 0)
	keep(form.Person(lee.ID), "lee's", 0)
	typed("kim kim's", "lee lee's")
	name := say(form.Person(lee.ID), nameID, 0, form.StateReview) // which settles what kim typed, and leaves it to him
	typed("kim kim's")
	say(kim, sumID, withdrawn.ID, form.StateDone)
	keep(form.Person(lee.ID), "late", 0) // sent before he said it, and came after
	typed("kim kim's")
	keep(kim, "again", name)
	typed("kim again")
	for _, tt := range []struct {
		name string
		y    form.Typed
		want error
	}{
		{"no such page", form.Typed{Page: 99, Run: 1, Field: nameID}, form.ErrNotFound},
		{"no such field", form.Typed{Page: id, Run: 1, Field: "x"}, form.ErrNotFound},
		{"no such run", form.Typed{Page: id, Run: 2, Field: nameID}, form.ErrConflict},
	} {
		if err := o.KeepTyped(ctx, kim, tt.y); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	if err := o.DeleteDocument(ctx, kim, docs[0]); err != nil {
		t.Fatal(err)
	}
	if rows := o.table(t, `SELECT 1 FROM typed`); len(rows) > 0 {
		t.Error("what was typed stays after its page")
	}
}

// What breaks a rule is not done before a person has kept it expressly.
func TestARuleIsKeptOrOverridden(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	f := newTemplate(o.domain, "ruled")
	f.Fields[0].Rules.Required = true
	o.template = o.save(t, f)
	_, docs := o.submit(t, "a.png")
	id := o.read(t, docs[0], 1, nameID)
	say := func(c form.Correction, after form.CorrectionID, want form.State) form.CorrectionID {
		t.Helper()
		c.Page, c.Run, c.Field = id, 1, nameID
		added, p, err := o.AddCorrection(ctx, form.Person(o.user), c, after)
		if err != nil || p.State != want {
			t.Fatalf("%+v: %s, %v, want %s", c, p.State, err, want)
		}
		return added.ID
	}
	last := say(form.Correction{Mark: form.MarkEmpty}, 0, form.StateReview)
	last = say(form.Correction{Mark: form.MarkEmpty, Override: true}, last, form.StateDone)
	last = say(form.Correction{Mark: form.MarkWithdrawn}, last, form.StateReview)
	last = say(form.Correction{Mark: form.MarkIllegible}, last, form.StateDone)
	say(form.Correction{Text: "kim"}, last, form.StateDone)
}
