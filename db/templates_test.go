package db

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
)

// What is stored is validated once, when it is: a row that breaks a rule made
// since is still read, and its template is not saved so again.
func TestATemplateIsValidatedWhenItIsSaved(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	f := *o.template
	f.Fields = append([]form.Field(nil), f.Fields...)
	f.Fields[0].Rules.Pattern = strings.Repeat(`\pL{999}`, 120)
	_, err := o.SaveTemplate(ctx, form.Command, &f)
	if _, ok := errors.AsType[*form.InvalidTemplateError](err); !ok {
		t.Errorf("SaveTemplate = %v, want an InvalidTemplateError", err)
	}
	definition, err := form.EncodeTemplate(&f)
	if err != nil {
		t.Fatal(err)
	}
	err = o.update(ctx, func(t tx) error {
		_, err := t.exec(ctx, `
			INSERT INTO template_versions (template_id, version, stage, definition, image, image_name, created_at)
			SELECT template_id, 2, 'retired', ?, image, image_name, created_at FROM template_versions WHERE template_id = ?`,
			string(definition), f.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := o.Template(ctx, form.Everything, f.ID, 2)
	if err != nil || !cmp.Equal(got.Fields[0].Rules, f.Fields[0].Rules) {
		t.Errorf("Template: %v", err)
	}
}
