package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
)

// Versions and drafts are scanned alike. A draft is version 0 and has the name
// that its file gives it; a version has that of the template.
const (
	versionColumns = `t.id, t.domain_id, t.name, v.stage, t.updated_at, t.validation, v.version, v.definition, v.image, v.image_name`
	draftColumns   = `t.id, t.domain_id, '', 'draft', d.updated_at, t.validation, 0, d.definition, d.image, d.image_name`
)

func scanTemplate(scan func(...any) error) (*form.Template, error) {
	var (
		id         form.TemplateID
		domain     form.DomainID
		name       string
		stage      form.Stage
		updated    int64
		validation string
		version    int
		definition []byte
		image      blob.Key
		imageName  string
	)
	if err := scan(&id, &domain, &name, &stage, &updated, &validation, &version, &definition, &image, &imageName); err != nil {
		return nil, err
	}
	t, err := form.DecodeStored(definition)
	if err != nil {
		return nil, err
	}
	t.ID, t.Domain, t.Stage, t.Version = id, domain, stage, version
	if name != "" {
		t.Name = name
	}
	t.Image, t.ImageName = image, imageName
	t.UpdatedAt, t.Validation = fromMillis(updated), validation
	return t, nil
}

// maxDefinition bounds a draft, in bytes.
const maxDefinition = 16 << 20

// SaveTemplate keeps f, whose Domain, Image and ImageName are set, and returns
// it as it is kept. It is of the template with f's ID, or for 0 of that of the
// domain which has its name, or else of a new one. In Beta and Service it
// becomes the next version, and the one before in that stage retires; without a
// Stage it becomes the draft. Nothing changes where it is no different from what
// is there. What has no id in f is identified by the draft or version before. It
// returns form.ErrConflict where another template has the name, and a
// *form.InvalidTemplateError where f has defects.
func (db *DB) SaveTemplate(ctx context.Context, by form.Actor, f *form.Template) (saved *form.Template, err error) {
	defer wrap(&err, "save template")
	if err := f.Validate(); err != nil {
		return nil, err
	}
	if f.Stage != "" && f.Stage != form.Draft && !f.Stage.Released() {
		return nil, form.Invalid("stage", "is none of draft, beta, service")
	}
	return db.keep(ctx, by, f)
}

// SaveDraft keeps f as the draft of its template, as SaveTemplate does, but with
// all its defects.
func (db *DB) SaveDraft(ctx context.Context, by form.Actor, f *form.Template) (saved *form.Template, err error) {
	defer wrap(&err, "save draft")
	draft := *f
	draft.Stage = form.Draft
	return db.keep(ctx, by, &draft)
}

// AddDraft keeps f, whose Domain, Image and ImageName are set, as the draft of a
// new template, with all its defects, and what is suggested for it, or nil. It
// returns form.ErrConflict where the domain has a template of its name.
func (db *DB) AddDraft(ctx context.Context, by form.Actor, f, suggested *form.Template) (saved *form.Template, err error) {
	defer wrap(&err, "add draft")
	err = db.act(ctx, by, "save_template", func(t tx) (of subject, err error) {
		id, err := db.newTemplate(ctx, t, f)
		if err != nil {
			return of, err
		}
		c, err := newContent(ctx, t, id, f)
		if err != nil {
			return of, err
		}
		if saved, err = db.putDraft(ctx, t, by, id, c); err != nil {
			return of, err
		}
		if suggested != nil {
			_, err = suggest(ctx, t, id, suggested)
		}
		return theTemplate(saved), err
	})
	return saved, err
}

func (db *DB) keep(ctx context.Context, by form.Actor, f *form.Template) (saved *form.Template, err error) {
	err = db.act(ctx, by, "save_template", func(t tx) (of subject, err error) {
		id, err := db.templateToSave(ctx, t, f)
		if err != nil {
			return of, err
		}
		c, err := newContent(ctx, t, id, f)
		if err != nil {
			return of, err
		}
		var changed bool
		if f.Stage.Released() {
			saved, changed, err = db.release(ctx, t, id, c, moving{by: by, to: f.Stage})
		} else {
			saved, changed, err = db.saveDraft(ctx, t, by, id, c)
		}
		if err != nil || !changed {
			return of, err
		}
		return theTemplate(saved), nil
	})
	return saved, err
}

// theTemplate returns a version or draft as what an act changed.
func theTemplate(f *form.Template) subject {
	return subject{kind: "template", id: int64(f.ID), domain: f.Domain, version: f.Version}
}

// templateToSave returns the row that f is of.
func (db *DB) templateToSave(ctx context.Context, t tx, f *form.Template) (id form.TemplateID, err error) {
	err = t.row(ctx, `
		SELECT id FROM templates
		WHERE domain_id = ? AND (id = ? OR (? = 0 AND name = ?))`, f.Domain, f.ID, f.ID, f.Name)(&id)
	if !errors.Is(err, sql.ErrNoRows) || f.ID != 0 {
		return id, err
	}
	return db.newTemplate(ctx, t, f)
}

// newTemplate adds a template with the domain and the name of f.
func (db *DB) newTemplate(ctx context.Context, t tx, f *form.Template) (id form.TemplateID, err error) {
	err = t.row(ctx, `
		INSERT INTO templates (domain_id, name, updated_at) VALUES (?, ?, ?)
		RETURNING id`, f.Domain, f.Name, millis(db.now()))(&id)
	return id, err
}

// A content is what a draft or version says.
type content struct {
	name       string
	definition string
	image      blob.Key
	imageName  string
}

// newContent returns what f says, with the ids of the version before.
func newContent(ctx context.Context, t tx, id form.TemplateID, f *form.Template) (c content, err error) {
	before, err := newest(ctx, t, id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return c, err
	}
	return contentAfter(before, f)
}

// contentAfter returns what f says, with the ids of before, an older one or nil.
func contentAfter(before, f *form.Template) (c content, err error) {
	named := f.Clone()
	named.Identify(before)
	definition, err := form.EncodeTemplate(named)
	if len(definition) > maxDefinition {
		return c, form.BadTemplate("", form.DefectLongBytes, maxDefinition)
	}
	return content{f.Name, string(definition), f.Image, f.ImageName}, err
}

// newest returns the draft of a template, or else its last version.
func newest(ctx context.Context, t tx, id form.TemplateID) (*form.Template, error) {
	f, err := draftByID(ctx, t, id)
	if !errors.Is(err, sql.ErrNoRows) {
		return f, err
	}
	return scanTemplate(t.row(ctx, `
		SELECT `+versionColumns+` FROM templates t JOIN template_versions v ON v.template_id = t.id
		WHERE t.id = ?
		ORDER BY v.version DESC LIMIT 1`, id))
}

// saveDraft keeps c as the draft, unless that is what is there.
func (db *DB) saveDraft(ctx context.Context, t tx, by form.Actor, id form.TemplateID, c content) (saved *form.Template, changed bool, err error) {
	last, err := newest(ctx, t, id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, false, err
	}
	if err == nil {
		if same, err := c.is(last); same || err != nil {
			return last, false, err
		}
	}
	saved, err = db.putDraft(ctx, t, by, id, c)
	return saved, true, err
}

// loosenDraft notes that the picture of a draft may soon be nobody's.
func loosenDraft(ctx context.Context, t tx, id form.TemplateID) error {
	_, err := t.exec(ctx, loosen(`image`, `template_drafts`, ` WHERE template_id = ?`), id)
	return err
}

// is reports whether f says what c does.
func (c content) is(f *form.Template) (bool, error) {
	definition, err := form.EncodeTemplate(f)
	return f.Name == c.name && string(definition) == c.definition && f.Image == c.image && f.ImageName == c.imageName, err
}

// release puts c into a stage: as a new version, unless the last one in beta or
// service says the same.
func (db *DB) release(ctx context.Context, t tx, id form.TemplateID, c content, m moving) (saved *form.Template, changed bool, err error) {
	released, err := collect(ctx, t, scanTemplate, `
		SELECT `+versionColumns+` FROM templates t JOIN template_versions v ON v.template_id = t.id
		WHERE t.id = ? AND v.stage IN ('beta', 'service')
		ORDER BY v.stage = ? DESC`, id, m.to)
	if err != nil {
		return nil, false, err
	}
	for _, f := range released {
		same, err := c.is(f)
		if err != nil {
			return nil, false, err
		}
		switch {
		case same && f.Stage == m.to:
			return f, false, nil
		case same && m.to == form.Service:
			saved, err = db.move(ctx, t, id, f.Version, m)
			return saved, true, err
		}
	}
	var version int
	err = t.row(ctx, `
		INSERT INTO template_versions (template_id, version, stage, definition, image, image_name, created_at)
		SELECT ?, 1 + coalesce(max(version), 0), 'retired', ?, ?, ?, ? FROM template_versions WHERE template_id = ?
		RETURNING version`, id, c.definition, c.image, c.imageName, millis(db.now()), id)(&version)
	if err != nil {
		return nil, false, err
	}
	if _, err := t.exec(ctx, `UPDATE templates SET name = ? WHERE id = ? AND name <> ?`, c.name, id, c.name); err != nil {
		return nil, false, err
	}
	m.fresh = true
	saved, err = db.move(ctx, t, id, version, m)
	return saved, true, err
}

// ReleaseTemplate puts the draft of a template, for version 0, or one of its versions
// into Beta or Service. The draft becomes a version and is gone; the version
// before in that stage retires. The note, which may be empty, is kept with that. It
// returns a *form.InvalidTemplateError where the draft has defects.
func (db *DB) ReleaseTemplate(ctx context.Context, by form.Actor, id form.TemplateID, version int, stage form.Stage, note string) (f *form.Template, err error) {
	defer wrap(&err, "release template %d version %d", id, version)
	if !stage.Released() {
		return nil, form.Invalid("stage", "is none of beta, service")
	}
	if note, err = form.CheckNote(note); err != nil {
		return nil, err
	}
	m := moving{by: by, to: stage, note: note}
	err = db.act(ctx, by, "release_template", func(t tx) (of subject, err error) {
		if version != 0 {
			f, err = db.move(ctx, t, id, version, m)
		} else {
			f, err = db.releaseDraft(ctx, t, id, m)
		}
		if err != nil {
			return of, err
		}
		return theTemplate(f), nil
	})
	return f, err
}

func (db *DB) releaseDraft(ctx context.Context, t tx, id form.TemplateID, m moving) (*form.Template, error) {
	draft, err := draftByID(ctx, t, id)
	if err != nil {
		return nil, err
	}
	if err := draft.Validate(); err != nil {
		return nil, err
	}
	c, err := newContent(ctx, t, id, draft)
	if err != nil {
		return nil, err
	}
	if _, err := t.exec(ctx, `DELETE FROM template_drafts WHERE template_id = ?`, id); err != nil {
		return nil, err
	}
	f, _, err := db.release(ctx, t, id, c, m)
	return f, err
}

// RetireTemplate takes a version of a template out of its stage. The note, which
// may be empty, is kept with that.
func (db *DB) RetireTemplate(ctx context.Context, by form.Actor, id form.TemplateID, version int, note string) (err error) {
	defer wrap(&err, "retire template %d version %d", id, version)
	if note, err = form.CheckNote(note); err != nil {
		return err
	}
	return db.act(ctx, by, "retire_template", func(t tx) (of subject, err error) {
		f, err := db.move(ctx, t, id, version, moving{by: by, to: form.Retired, note: note})
		if err != nil {
			return of, err
		}
		return theTemplate(f), nil
	})
}

// DiscardDraft forgets the draft of a template, and the template too where it
// has no version.
func (db *DB) DiscardDraft(ctx context.Context, by form.Actor, id form.TemplateID) (err error) {
	defer wrap(&err, "discard draft of template %d", id)
	return db.act(ctx, by, "discard_draft", func(t tx) (of subject, err error) {
		of = subject{kind: "template", id: int64(id)}
		if err := loosenDraft(ctx, t, id); err != nil {
			return of, err
		}
		if err := dropDryRun(ctx, t, id, `version = 0`); err != nil {
			return of, err
		}
		if err := t.row(ctx, `
			DELETE FROM template_drafts WHERE template_id = ?
			RETURNING (SELECT domain_id FROM templates WHERE id = template_id)`, id)(&of.domain); err != nil {
			return of, err
		}
		const unused = ` AND NOT EXISTS (SELECT 1 FROM template_versions WHERE template_id = `
		if err := deleteCases(ctx, t, ` WHERE template_id = ?`+unused+`template_cases.template_id)`, id); err != nil {
			return of, err
		}
		_, err = t.exec(ctx, `DELETE FROM templates WHERE id = ?`+unused+`templates.id)`, id)
		return of, err
	})
}

// templateChanged dates a change, and lets running servers see it.
func (db *DB) templateChanged(ctx context.Context, t tx, id form.TemplateID) error {
	var domain form.DomainID
	if err := t.row(ctx, `UPDATE templates SET updated_at = ? WHERE id = ? RETURNING domain_id`, millis(db.now()), id)(&domain); err != nil {
		return err
	}
	return catalogChanged(ctx, t, domain)
}

// SetValidation has pages of a template checked at a URL, or not at all where
// that is empty.
func (db *DB) SetValidation(ctx context.Context, by form.Actor, id form.TemplateID, url string) (err error) {
	defer wrap(&err, "validation of template %d", id)
	if err := form.CheckURL("validation", url); err != nil {
		return err
	}
	return db.act(ctx, by, "set_validation", func(t tx) (of subject, err error) {
		of = subject{kind: "template", id: int64(id)}
		if err := t.row(ctx, `UPDATE templates SET validation = ? WHERE id = ? RETURNING domain_id`, url, id)(&of.domain); err != nil {
			return of, err
		}
		return of, db.templateChanged(ctx, t, id)
	})
}

// current is the version of template t that stands for it: the one in service,
// or else in beta, or else the last one. Where all have retired and there is a
// draft, none does.
const current = `(
	SELECT version FROM template_versions
	WHERE template_id = t.id AND (stage <> 'retired' OR NOT EXISTS (SELECT 1 FROM template_drafts WHERE template_id = t.id))
	ORDER BY stage = 'service' DESC, stage = 'beta' DESC, version DESC LIMIT 1)`

// Template returns a version of a template. Version 0 is the one that stands for
// it: in service, or else in beta, or else the draft, or else the last one.
func (db *DB) Template(ctx context.Context, in form.Scope, id form.TemplateID, version int) (f *form.Template, err error) {
	defer wrap(&err, "template %d version %d", id, version)
	err = db.view(ctx, func(t tx) error {
		f, err = templateByID(ctx, t, id, version)
		if version == 0 && errors.Is(err, sql.ErrNoRows) {
			f, err = draftByID(ctx, t, id)
		}
		if err != nil {
			return err
		}
		return seen(in, f.Domain, nil)
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

func templateByID(ctx context.Context, t tx, id form.TemplateID, version int) (*form.Template, error) {
	return scanTemplate(t.row(ctx, `
		SELECT `+versionColumns+`
		FROM templates t JOIN template_versions v ON v.template_id = t.id
		WHERE t.id = ? AND v.version = CASE ? WHEN 0 THEN `+current+` ELSE ? END`, id, version, version))
}

// Draft returns the draft of a template.
func (db *DB) Draft(ctx context.Context, in form.Scope, id form.TemplateID) (f *form.Template, err error) {
	defer wrap(&err, "draft of template %d", id)
	err = db.view(ctx, func(t tx) error {
		if f, err = draftByID(ctx, t, id); err != nil {
			return err
		}
		return seen(in, f.Domain, nil)
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

func draftByID(ctx context.Context, t tx, id form.TemplateID) (*form.Template, error) {
	return scanTemplate(t.row(ctx, `
		SELECT `+draftColumns+` FROM templates t JOIN template_drafts d ON d.template_id = t.id WHERE t.id = ?`, id))
}

// Templates returns the templates of a domain, each as Template does for version
// 0, by name.
func (db *DB) Templates(ctx context.Context, domain form.DomainID) (fs []*form.Template, err error) {
	defer wrap(&err, "templates of domain %d", domain)
	err = db.view(ctx, func(t tx) error {
		fs, err = collect(ctx, t, scanTemplate, `
			SELECT * FROM (
				SELECT `+versionColumns+`
				FROM templates t JOIN template_versions v ON v.template_id = t.id AND v.version = `+current+`
				WHERE t.domain_id = ?
				UNION ALL
				SELECT t.id, t.domain_id, t.name, 'draft', d.updated_at, t.validation, 0, d.definition, d.image, d.image_name
				FROM templates t JOIN template_drafts d ON d.template_id = t.id
				WHERE t.domain_id = ? AND `+current+` IS NULL)
			ORDER BY name`, domain, domain)
		return err
	})
	return fs, err
}

// Versions returns the versions of a template, the newest first.
func (db *DB) Versions(ctx context.Context, in form.Scope, id form.TemplateID) (fs []*form.Template, err error) {
	defer wrap(&err, "versions of template %d", id)
	err = db.view(ctx, func(t tx) error {
		fs, err = collect(ctx, t, scanTemplate, `
			SELECT `+versionColumns+` FROM templates t JOIN template_versions v ON v.template_id = t.id
			WHERE t.id = ?
			ORDER BY v.version DESC`, id)
		return err
	})
	return slices.DeleteFunc(fs, func(f *form.Template) bool { return !in.Has(f.Domain) }), err
}

// An Edition is a version or the draft of a template, without what it says.
type Edition struct {
	Template form.TemplateID
	Version  int // 0 for the draft
	Stage    form.Stage
}

// Editions returns the drafts and versions of the templates of a domain: of each
// the draft first, then the newest version.
func (db *DB) Editions(ctx context.Context, domain form.DomainID) (all map[form.TemplateID][]Edition, err error) {
	defer wrap(&err, "editions of domain %d", domain)
	all = make(map[form.TemplateID][]Edition)
	err = db.view(ctx, func(t tx) error {
		return t.rows(ctx, func(scan func(...any) error) error {
			var e Edition
			err := scan(&e.Template, &e.Version, &e.Stage)
			all[e.Template] = append(all[e.Template], e)
			return err
		}, `
			SELECT * FROM (
				SELECT t.id, 0 AS version, 'draft' FROM templates t JOIN template_drafts d ON d.template_id = t.id WHERE t.domain_id = ?
				UNION ALL
				SELECT t.id, v.version, v.stage FROM templates t JOIN template_versions v ON v.template_id = t.id WHERE t.domain_id = ?)
			ORDER BY version = 0 DESC, version DESC`, domain, domain)
	})
	return all, err
}

// CatalogRevision returns a number that rises with every change of a released
// template or list of a domain, also one that another process made.
func (db *DB) CatalogRevision(ctx context.Context, domain form.DomainID) (revision int64, err error) {
	defer wrap(&err, "catalog revision of domain %d", domain)
	err = db.view(ctx, func(t tx) error {
		return t.row(ctx, `SELECT catalog FROM domains WHERE id = ?`, domain)(&revision)
	})
	return revision, err
}

// A Catalog is the templates of a domain that pages are read with.
type Catalog struct {
	Revision int64 // of the domain's templates and lists
	Service  []*form.Template
	Chosen   []*form.Template // each template as who asks for it gets it: in beta where it is and the domain allows that, or else in service
}

// Catalog returns the templates of a domain that pages are read with, with the
// lists that they name.
func (db *DB) Catalog(ctx context.Context, domain form.DomainID) (c Catalog, err error) {
	defer wrap(&err, "catalog of domain %d", domain)
	err = db.view(ctx, func(t tx) error {
		var beta bool
		if err := t.row(ctx, `SELECT catalog, beta FROM domains WHERE id = ?`, domain)(&c.Revision, &beta); err != nil {
			return err
		}
		released, err := collect(ctx, t, scanTemplate, `
			SELECT `+versionColumns+` FROM templates t JOIN template_versions v ON v.template_id = t.id
			WHERE t.domain_id = ? AND (v.stage = 'service' OR v.stage = 'beta' AND ?)
			ORDER BY t.name, v.stage`, domain, beta) // beta first
		if err != nil {
			return err
		}
		for _, f := range released {
			if f.Stage == form.Service {
				c.Service = append(c.Service, f)
			}
			if n := len(c.Chosen); n == 0 || c.Chosen[n-1].ID != f.ID {
				c.Chosen = append(c.Chosen, f)
			}
		}
		return addLists(ctx, t, released...)
	})
	return c, err
}
