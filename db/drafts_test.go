package db

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// renamed is the change of a field's name.
func renamed(id form.FieldID, from, to string) form.Change {
	name := func(s string) map[string]json.RawMessage {
		text, _ := json.Marshal(s)
		return map[string]json.RawMessage{"name": text}
	}
	return form.Change{Part: "fields", ID: string(id), Before: name(from), After: name(to)}
}

func (o *office) change(t testing.TB, changes ...form.Change) (Drafting, []form.Refusal) {
	t.Helper()
	d, refused, _, err := o.ChangeDraft(t.Context(), form.Person(o.user), form.Everything, o.template.ID, changes)
	if err != nil {
		t.Fatal(err)
	}
	return d, refused
}

func TestStartDraft(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	by := form.Person(o.user)
	f, err := o.StartDraft(ctx, by, o.template.ID, 0)
	if err != nil || f.Stage != form.Draft || f.Name != "claim" || f.Fields[0].ID != nameID || f.Image != o.template.Image {
		t.Fatalf("StartDraft = %+v, %v", f, err)
	}
	o.wantStages(t, "started", form.Draft, form.Service)
	o.change(t, renamed(nameID, "name", "who"))
	if again, err := o.StartDraft(ctx, by, o.template.ID, 1); err != nil || again.Fields[0].Name != "who" {
		t.Errorf("where there is a draft: %+v, %v", again, err)
	}
	for _, version := range []int{2, -1} {
		if err := o.DiscardDraft(ctx, by, o.template.ID); version == 2 && err != nil {
			t.Fatal(err)
		}
		if _, err := o.StartDraft(ctx, by, o.template.ID, version); !errors.Is(err, form.ErrNotFound) {
			t.Errorf("of version %d: %v, want ErrNotFound", version, err)
		}
	}
	if _, err := o.StartDraft(ctx, form.Program(o.domain+1), o.template.ID, 0); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("by a program of another domain: %v, want ErrNotFound", err)
	}
	o.wantStages(t, "nothing started", form.Service)
}

func TestChangeDraft(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	id, by := o.template.ID, form.Person(o.user)
	if _, _, _, err := o.ChangeDraft(ctx, by, form.Everything, id, nil); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("without a draft: %v, want ErrNotFound", err)
	}
	if _, err := o.StartDraft(ctx, form.Command, id, 0); err != nil {
		t.Fatal(err)
	}
	start, err := o.Drafting(ctx, form.Everything, id, 0)
	if err != nil || start.Template == nil || start.ChangedBy != "" {
		t.Fatalf("Drafting = %+v, %v", start, err)
	}
	acts := len(o.table(t, `SELECT 'x' FROM acts`))
	d, refused := o.change(t, renamed(nameID, "name", ""), renamed(dateID, "day", "when"))
	if d.Revision != start.Revision+1 || d.ChangedBy != "kim" || d.Template.Fields[0].Name != "" || d.Template.Fields[1].Name != "date" ||
		fmt.Sprint(refused) != fmt.Sprint([]form.Refusal{{Part: "fields", ID: string(dateID), Property: "name"}}) {
		t.Errorf("ChangeDraft = %+v, refused %v", d, refused)
	}
	if noted := o.table(t, `SELECT act FROM acts`); len(noted) != acts+1 || noted[acts] != "change_draft" {
		t.Errorf("acts are %q", noted)
	}
	same, _, before, err := o.ChangeDraft(ctx, form.Command, form.Everything, id, []form.Change{renamed(nameID, "name", "")})
	if same.Revision != d.Revision || same.Template == nil || before != "kim" || err != nil {
		t.Errorf("what is so already: %+v, after %q, %v", same, before, err)
	}
	if news, err := o.Drafting(ctx, form.Everything, id, d.Revision); err != nil || news.Template != nil || news.Revision != d.Revision {
		t.Errorf("nothing new: %+v, %v", news, err)
	}
	if news, err := o.Drafting(ctx, form.Everything, id, start.Revision); err != nil || news.Template == nil {
		t.Errorf("something new: %+v, %v", news, err)
	}
	foreign := form.Within(o.domain + 1)
	if _, err := o.Drafting(ctx, foreign, id, 0); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("out of scope: %v, want ErrNotFound", err)
	}
	if _, _, _, err := o.ChangeDraft(ctx, by, foreign, id, []form.Change{renamed(nameID, "", "x")}); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("a change out of scope: %v, want ErrNotFound", err)
	}
	if _, _, _, err := o.ChangeDraft(ctx, by, form.Everything, id, []form.Change{{}}); err == nil {
		t.Error("a change of nothing is made")
	}
	imported := newTemplate(o.domain, "claim")
	imported.Stage = ""
	imported.Fields = imported.Fields[:1]
	o.save(t, imported)
	if news, err := o.Drafting(ctx, form.Everything, id, d.Revision); err != nil || news.Revision != d.Revision+1 || news.ChangedBy != "" || len(news.Template.Fields) != 1 {
		t.Errorf("after an import: %+v, %v", news, err)
	}
	if err := o.DiscardDraft(ctx, by, id); err != nil {
		t.Fatal(err)
	}
	if _, err := o.StartDraft(ctx, by, id, 0); err != nil {
		t.Fatal(err)
	}
	if next, err := o.Drafting(ctx, form.Everything, id, 0); err != nil || next.Revision <= start.Revision {
		t.Errorf("the next draft begins with revision %d after %d, %v", next.Revision, start.Revision, err)
	}
}

// Many who change one draft at once: each change is made once, or refused because
// somebody else's was first.
func TestManyChangeADraftAtOnce(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	id := o.template.ID
	if _, err := o.StartDraft(ctx, form.Command, id, 0); err != nil {
		t.Fatal(err)
	}
	const people, each = 8, 12
	var mu sync.Mutex
	var won, lost int
	var wg sync.WaitGroup
	for p := range people {
		wg.Go(func() {
			for i := range each {
				added := form.FieldID(fmt.Sprintf("0193a000-0000-7000-8001-0000000%02d%03d", p, i))
				text, _ := json.Marshal(map[string]any{"id": added, "name": fmt.Sprintf("%d.%d", p, i), "type": "NORMAL", "box": []int{p, i, 5, 5}})
				var field map[string]json.RawMessage
				_ = json.Unmarshal(text, &field)
				changes := []form.Change{
					{Part: "fields", ID: string(added), After: field, Index: i},
					renamed(sumID, fmt.Sprintf("sum%d", i), fmt.Sprintf("sum%d", i+1)), // one of all can be first
				}
				if i == 0 {
					changes[1] = renamed(sumID, "sum", "sum1")
				}
				d, refused, _, err := o.ChangeDraft(ctx, form.Person(o.user), form.Everything, id, changes)
				if err != nil {
					t.Error(err)
					return
				}
				if _, ok := d.Template.Place(added); !ok {
					t.Errorf("%s is not there", added)
				}
				mu.Lock()
				if len(refused) == 0 {
					won++
				} else {
					lost++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	d, err := o.Drafting(ctx, form.Everything, id, 0)
	if err != nil || len(d.Template.Fields) != 3+people*each {
		t.Fatalf("%d fields, %v", len(d.Template.Fields), err)
	}
	if sum, _ := d.Template.Place(sumID); sum.Name == "sum" {
		t.Error("nobody renamed the sum")
	}
	if won == 0 || won+lost != people*each {
		t.Errorf("%d made, %d refused", won, lost)
	}
}

func TestSuggest(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	id, by := o.template.ID, form.Person(o.user)
	text, err := form.EncodeTemplate(&form.Template{
		Width: 200, Height: 200,
		Fields: []form.Field{{Name: "a", Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(1, 2, 30, 40)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Suggest(ctx, by, id, text); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("without a draft: %v, want ErrNotFound", err)
	}
	if _, err := o.StartDraft(ctx, by, id, 0); err != nil {
		t.Fatal(err)
	}
	if f, err := o.Suggested(ctx, form.Everything, id); err != nil || len(f.Fields) != 0 {
		t.Errorf("before: %+v, %v", f, err)
	}
	if err := o.Suggest(ctx, by, id, text); err != nil {
		t.Fatal(err)
	}
	f, err := o.Suggested(ctx, form.Everything, id)
	if err != nil || len(f.Fields) != 1 || len(f.Fields[0].ID) != 36 {
		t.Fatalf("Suggested = %+v, %v", f, err)
	}
	o.change(t, renamed(nameID, "name", "who"))
	if again, err := o.Suggested(ctx, form.Everything, id); err != nil || !cmp.Equal(f, again) {
		t.Errorf("after a change: %+v, %v", again, err)
	}
	if _, err := o.Suggested(ctx, form.Within(o.domain+1), id); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("out of scope: %v, want ErrNotFound", err)
	}
	other := newTemplate(o.domain, "claim")
	other.Stage, other.Image = "", "another"
	o.save(t, other)
	if f, err := o.Suggested(ctx, form.Everything, id); err != nil || len(f.Fields) != 0 {
		t.Errorf("with another picture: %+v, %v", f, err)
	}
}

// A draft that the release before kept is there, and is edited on.
func TestADraftOfTheReleaseBefore(t *testing.T) {
	path, old := openAt(t, 14)
	definition, err := form.EncodeTemplate(newTemplate(1, "claim"))
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`INSERT INTO users (id, name, password_hash, created_at) VALUES (1, 'kim', '', 1)`,
		`INSERT INTO domains (id, name, languages, hash, created_at) VALUES (1, 'office', 'ko', printf('%064d', 1), 1)`,
		`INSERT INTO templates (id, domain_id, name, updated_at) VALUES (1, 1, 'claim', 1)`,
		`INSERT INTO template_drafts (template_id, definition, image, image_name, updated_at) VALUES (1, '` + string(definition) + `', 'x', 'a.png', 1234)`,
	} {
		if _, err := old.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(statement, err)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	o := &office{DB: openFile(t, path), domain: 1, user: 1, template: &form.Template{ID: 1}}
	d, err := o.Drafting(t.Context(), form.Everything, 1, 0)
	if err != nil || d.Revision != 1234 || d.ChangedBy != "" || len(d.Template.Fields) != 3 || d.Template.Image != "x" {
		t.Fatalf("Drafting = %+v, %v", d, err)
	}
	if f, err := o.Suggested(t.Context(), form.Everything, 1); err != nil || len(f.Fields) != 0 {
		t.Errorf("Suggested = %+v, %v", f, err)
	}
	if d, _ := o.change(t, renamed(nameID, "name", "who")); d.Revision != 1235 || d.ChangedBy != "kim" || d.Template.Fields[0].Name != "who" {
		t.Errorf("ChangeDraft = %+v", d)
	}
}
