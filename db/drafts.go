package db

import (
	"context"
	"database/sql"
	"errors"

	"github.com/seosik/seosik/internal/form"
)

// A Drafting is a draft while it is edited.
type Drafting struct {
	Template  *form.Template // nil where nothing has changed since the revision that is known
	Revision  int64          // rises with every change, from one draft of a template to the next too
	ChangedBy string         // name of the person who changed it last; empty for nobody
}

// Drafting returns the draft of a template. Since is the revision that who asks
// knows, or 0.
func (db *DB) Drafting(ctx context.Context, in form.Scope, id form.TemplateID, since int64) (d Drafting, err error) {
	defer wrap(&err, "draft of template %d", id)
	err = db.view(ctx, func(t tx) error {
		d, err = drafting(ctx, t, in, id, since)
		return err
	})
	return d, err
}

func drafting(ctx context.Context, t tx, in form.Scope, id form.TemplateID, since int64) (d Drafting, err error) {
	var domain form.DomainID
	err = t.row(ctx, `
		SELECT t.domain_id, d.revision, coalesce(u.name, '')
		FROM templates t JOIN template_drafts d ON d.template_id = t.id LEFT JOIN users u ON u.id = d.changed_by
		WHERE t.id = ?`, id)(&domain, &d.Revision, &d.ChangedBy)
	if err := seen(in, domain, err); err != nil {
		return Drafting{}, err
	}
	if d.Revision != since {
		d.Template, err = draftByID(ctx, t, id)
	}
	return d, err
}

// ChangeDraft changes the draft of a template, as form.Template.Change does, and
// returns it with what was refused and who had changed it last before. It keeps
// all its defects.
func (db *DB) ChangeDraft(ctx context.Context, by form.Actor, in form.Scope, id form.TemplateID, changes []form.Change) (d Drafting, refused []form.Refusal, before string, err error) {
	defer wrap(&err, "change draft of template %d", id)
	err = db.act(ctx, by, "change_draft", func(t tx) (of subject, err error) {
		if d, err = drafting(ctx, t, in, id, 0); err != nil {
			return of, err
		}
		before = d.ChangedBy
		var next *form.Template
		if next, refused, err = d.Template.Change(changes); err != nil {
			return of, err
		}
		c, err := contentAfter(d.Template, next)
		if err != nil {
			return of, err
		}
		if same, err := c.is(d.Template); same || err != nil {
			return of, err
		}
		if _, err := t.exec(ctx, `
			UPDATE template_drafts SET definition = ?, revision = revision + 1, changed_by = ?, updated_at = ? WHERE template_id = ?`,
			c.definition, orNull(by.User), millis(db.now()), id); err != nil {
			return of, err
		}
		d, err = drafting(ctx, t, in, id, 0)
		return theTemplate(d.Template), err
	})
	return d, refused, before, err
}

// StartDraft makes a draft of a version of a template, for 0 of the one that
// stands for it, also where it says the same. Where there is a draft, that is what
// it returns.
func (db *DB) StartDraft(ctx context.Context, by form.Actor, id form.TemplateID, version int) (f *form.Template, err error) {
	defer wrap(&err, "start draft of template %d", id)
	err = db.act(ctx, by, "start_draft", func(t tx) (of subject, err error) {
		if f, err = draftByID(ctx, t, id); !errors.Is(err, sql.ErrNoRows) {
			return of, err
		}
		from, err := templateByID(ctx, t, id, version)
		if err != nil {
			return of, err
		}
		c, err := contentAfter(nil, from)
		if err != nil {
			return of, err
		}
		f, err = db.putDraft(ctx, t, by, id, c)
		return theTemplate(from), err
	})
	return f, err
}

// putDraft makes c the draft of a template. Where the picture is another, nothing
// is suggested any more.
func (db *DB) putDraft(ctx context.Context, t tx, by form.Actor, id form.TemplateID, c content) (*form.Template, error) {
	if err := loosenDraft(ctx, t, id); err != nil {
		return nil, err
	}
	now := millis(db.now())
	if _, err := t.exec(ctx, `
		INSERT INTO template_drafts (template_id, definition, image, image_name, revision, changed_by, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (template_id) DO UPDATE SET
			suggested = CASE WHEN image = excluded.image THEN suggested ELSE '' END,
			definition = excluded.definition, image = excluded.image, image_name = excluded.image_name,
			revision = revision + 1, changed_by = excluded.changed_by, updated_at = excluded.updated_at`,
		id, c.definition, c.image, c.imageName, now, orNull(by.User), now); err != nil {
		return nil, err
	}
	return draftByID(ctx, t, id)
}

// Suggest keeps fields that the draft of a template may have, as the text of a
// template file. What has no id there gets one, so that people who accept the
// same have the same.
func (db *DB) Suggest(ctx context.Context, by form.Actor, id form.TemplateID, text []byte) (err error) {
	defer wrap(&err, "suggest fields of template %d", id)
	suggested, err := form.DecodeStored(text)
	if err != nil {
		return err
	}
	return db.act(ctx, by, "suggest_fields", func(t tx) (of subject, err error) {
		return suggest(ctx, t, id, suggested)
	})
}

func suggest(ctx context.Context, t tx, id form.TemplateID, f *form.Template) (of subject, err error) {
	of = subject{kind: "template", id: int64(id)}
	c, err := contentAfter(nil, f)
	if err != nil {
		return of, err
	}
	err = t.row(ctx, `
		UPDATE template_drafts SET suggested = ? WHERE template_id = ?
		RETURNING (SELECT domain_id FROM templates WHERE id = template_id)`, c.definition, id)(&of.domain)
	return of, err
}

// Suggested returns what Suggest kept: a template that has nothing but that, and
// nothing at all where none was.
func (db *DB) Suggested(ctx context.Context, in form.Scope, id form.TemplateID) (f *form.Template, err error) {
	defer wrap(&err, "suggested fields of template %d", id)
	var domain form.DomainID
	var text string
	err = db.view(ctx, func(t tx) error {
		err := t.row(ctx, `
			SELECT t.domain_id, d.suggested FROM templates t JOIN template_drafts d ON d.template_id = t.id WHERE t.id = ?`, id)(&domain, &text)
		return seen(in, domain, err)
	})
	if err != nil || text == "" {
		return new(form.Template), err
	}
	return form.DecodeStored([]byte(text))
}
