package db

import (
	"errors"
	"testing"

	"github.com/seosik/seosik/internal/form"
)

func TestSaveTemplate(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	first := o.template
	if first.Version != 1 || first.Stage != form.Service {
		t.Fatalf("a new template has version %d, stage %s", first.Version, first.Stage)
	}
	revision := func() int64 {
		r, err := o.CatalogRevision(ctx, o.domain)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	start := revision()
	for _, stage := range []form.Stage{form.Service, ""} {
		same := newTemplate(o.domain, "claim")
		same.Stage = stage
		if again := o.save(t, same); again.Version != 1 || again.ID != first.ID || revision() != start {
			t.Errorf("the same again: template %d version %d, revision %d after %d", again.ID, again.Version, revision(), start)
		}
	}
	changed := newTemplate(o.domain, "claim")
	changed.Fields = changed.Fields[:2]
	second := o.save(t, changed)
	if second.ID != first.ID || second.Version != 2 || second.Stage != form.Service || revision() == start {
		t.Errorf("a change: %+v", second)
	}
	old, err := o.Template(ctx, form.Everything, first.ID, 1)
	if err != nil || len(old.Fields) != 3 || old.Version != 1 || old.Stage != form.Retired {
		t.Errorf("version 1 is %+v, %v", old, err)
	}
	renamed := *second
	renamed.Name = "bill"
	third := o.save(t, &renamed)
	if third.ID != first.ID || third.Name != "bill" || third.Version != 3 {
		t.Errorf("renamed: %+v", third)
	}
	fourth := o.save(t, newTemplate(o.domain, "claim"))
	if fourth.ID == first.ID {
		t.Error("a free name has the old template")
	}
	fourth.Name = "bill"
	if _, err := o.SaveTemplate(ctx, form.Command, fourth); !errors.Is(err, form.ErrConflict) {
		t.Errorf("a taken name: %v, want ErrConflict", err)
	}
	for name, f := range map[string]func() error{
		"Template":        func() error { _, err := o.Template(ctx, form.Everything, 99, 0); return err },
		"version":         func() error { _, err := o.Template(ctx, form.Everything, first.ID, 99); return err },
		"Release":         func() error { _, err := o.ReleaseTemplate(ctx, form.Command, 99, 0, form.Beta, ""); return err },
		"Release version": func() error { _, err := o.ReleaseTemplate(ctx, form.Command, first.ID, 99, form.Beta, ""); return err },
		"Retire":          func() error { return o.RetireTemplate(ctx, form.Command, first.ID, 99, "") },
		"Draft":           func() error { _, err := o.Draft(ctx, form.Everything, first.ID); return err },
		"DiscardDraft":    func() error { return o.DiscardDraft(ctx, form.Command, first.ID) },
		"CatalogRevision": func() error { _, err := o.CatalogRevision(ctx, 99); return err },
		"SaveTemplate":    func() error { _, err := o.SaveTemplate(ctx, form.Command, newTemplate(99, "x")); return err },
	} {
		if err := f(); !errors.Is(err, form.ErrNotFound) {
			t.Errorf("%s of none: %v, want ErrNotFound", name, err)
		}
	}
	for _, table := range []string{"definition", "image", "version"} {
		if _, err := o.Pool().ExecContext(ctx, `UPDATE template_versions SET `+table+` = `+table); err == nil {
			t.Errorf("%s of a version can be changed", table)
		}
	}
}

// stagesOf returns the drafts and versions of a template as text.
func (o *office) stagesOf(t testing.TB, id form.TemplateID) (stages []form.Stage) {
	t.Helper()
	all, err := o.Editions(t.Context(), o.domain)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all[id] {
		stages = append(stages, e.Stage)
	}
	return stages
}

func (o *office) wantStages(t testing.TB, what string, want ...form.Stage) {
	t.Helper()
	got := o.stagesOf(t, o.template.ID)
	if len(got) != len(want) {
		t.Errorf("%s: stages are %v, want %v", what, got, want)
		return
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("%s: stages are %v, want %v", what, got, want)
		}
	}
}

func TestStages(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	id := o.template.ID
	next := newTemplate(o.domain, "claim")
	next.Stage, next.Fields[0].Name = "", "who"
	draft := o.save(t, next)
	o.wantStages(t, "imported", form.Draft, form.Service)
	if draft.Version != 0 || draft.Stage != form.Draft || draft.Fields[0].ID != nameID {
		t.Errorf("draft is %+v", draft)
	}
	draft.Fields[0].Name = ""
	if _, err := o.SaveDraft(ctx, form.Command, draft); err != nil {
		t.Errorf("an incomplete draft: %v", err)
	}
	var defects *form.InvalidTemplateError
	if _, err := o.ReleaseTemplate(ctx, form.Command, id, 0, form.Beta, ""); !errors.As(err, &defects) {
		t.Errorf("a draft with defects is released: %v", err)
	}
	o.wantStages(t, "not released", form.Draft, form.Service)
	draft.Fields[0].Name = "whom"
	if _, err := o.SaveDraft(ctx, form.Command, draft); err != nil {
		t.Error(err)
	}
	beta, err := o.ReleaseTemplate(ctx, form.Command, id, 0, form.Beta, "")
	if err != nil || beta.Version != 2 || beta.Stage != form.Beta || beta.Fields[0].Name != "whom" || beta.Fields[0].ID != nameID {
		t.Errorf("Release = %+v, %v", beta, err)
	}
	o.wantStages(t, "in beta", form.Beta, form.Service)
	chosen := func() (service, chosen int) {
		c, err := o.Catalog(ctx, o.domain)
		if err != nil || len(c.Service) > 1 || len(c.Chosen) > 1 {
			t.Fatalf("Catalog = %+v, %v", c, err)
		}
		return c.Service[0].Version, c.Chosen[0].Version
	}
	if s, c := chosen(); s != 1 || c != 1 {
		t.Errorf("without leave, %d is looked for and %d chosen", s, c)
	}
	d, err := o.Domain(ctx, form.Everything, o.domain)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := o.CatalogRevision(ctx, o.domain)
	d.Settings.Beta = true
	if err := o.SaveDomain(ctx, form.Command, d); err != nil {
		t.Fatal(err)
	}
	if after, _ := o.CatalogRevision(ctx, o.domain); after == before {
		t.Error("nobody sees that versions in beta may be chosen")
	}
	if s, c := chosen(); s != 1 || c != 2 {
		t.Errorf("with leave, %d is looked for and %d chosen", s, c)
	}
	if moved, err := o.ReleaseTemplate(ctx, form.Command, id, 2, form.Service, ""); err != nil || moved.Version != 2 {
		t.Errorf("Release = %+v, %v", moved, err)
	}
	o.wantStages(t, "in service", form.Service, form.Retired)
	if _, err := o.ReleaseTemplate(ctx, form.Command, id, 1, form.Service, ""); err != nil { // back to the one before
		t.Error(err)
	}
	o.wantStages(t, "taken back", form.Retired, form.Service)
	if err := o.RetireTemplate(ctx, form.Command, id, 1, ""); err != nil {
		t.Error(err)
	}
	o.wantStages(t, "retired", form.Retired, form.Retired)
	if f, err := o.Template(ctx, form.Everything, id, 0); err != nil || f.Version != 2 {
		t.Errorf("%+v stands for the template, %v", f, err)
	}
}

func TestDiscardDraft(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	next := newTemplate(o.domain, "claim")
	next.Stage, next.Fields = "", next.Fields[:1]
	o.save(t, next)
	if err := o.DiscardDraft(ctx, form.Command, o.template.ID); err != nil {
		t.Error(err)
	}
	o.wantStages(t, "discarded", form.Service)
	only := newTemplate(o.domain, "other")
	only.Stage = ""
	only = o.save(t, only)
	if list, err := o.Templates(ctx, o.domain); err != nil || len(list) != 2 || list[1].Stage != form.Draft || list[1].Version != 0 {
		t.Errorf("Templates = %+v, %v", list, err)
	}
	if err := o.DiscardDraft(ctx, form.Command, only.ID); err != nil {
		t.Error(err)
	}
	if _, err := o.Template(ctx, form.Everything, only.ID, 0); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("a template without anything: %v", err)
	}
}

func TestANewDraftIsOfANewTemplate(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	f := newTemplate(o.domain, "new")
	f.Fields = nil // a draft may have nothing to read
	saved, err := o.AddDraft(ctx, form.Command, f, newTemplate(o.domain, "new"))
	if err != nil || saved.ID == o.template.ID || saved.Stage != form.Draft {
		t.Fatalf("AddDraft = %+v, %v", saved, err)
	}
	if got, err := o.Suggested(ctx, form.Everything, saved.ID); err != nil || len(got.Fields) != 3 {
		t.Errorf("suggested %+v, %v", got, err)
	}
	for _, name := range []string{"new", o.template.Name} {
		f.Name = name
		if _, err := o.AddDraft(ctx, form.Command, f, nil); !errors.Is(err, form.ErrConflict) {
			t.Errorf("another %q: %v, want ErrConflict", name, err)
		}
	}
	if _, err := o.Draft(ctx, form.Everything, o.template.ID); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("the template that had the name has got a draft: %v", err)
	}
	f.Domain, f.Name = 99, "nowhere"
	if _, err := o.AddDraft(ctx, form.Command, f, nil); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("in no domain: %v, want ErrNotFound", err)
	}
}
