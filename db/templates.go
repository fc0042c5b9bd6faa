package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
)

const templateColumns = `t.id, t.domain_id, t.name, t.stage, t.updated_at, t.validation, v.version, v.definition, v.image, v.image_name`

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
	t.ID, t.Domain, t.Name, t.Stage, t.Version = id, domain, name, stage, version
	t.Image, t.ImageName = image, imageName
	t.UpdatedAt, t.Validation = fromMillis(updated), validation
	return t, nil
}

// SaveTemplate keeps f, whose Domain, Image and ImageName are set, and
// returns it with its ID, version and stage. Where f has an ID, or its domain
// has a template of that name, f becomes the next version of that one, or
// nothing changes if f is no different from the current one; otherwise f is a
// new template. An empty Stage leaves the stage as it is; a new template is a
// draft. It returns form.ErrConflict where another template has the name, and a
// *form.InvalidError where f cannot be kept.
func (db *DB) SaveTemplate(ctx context.Context, f *form.Template) (saved *form.Template, err error) {
	defer wrap(&err, "save template")
	definition, err := form.EncodeTemplate(f)
	if err != nil {
		return nil, err
	}
	// Once here, so that it need not be done whenever the row is read.
	if _, err := form.DecodeTemplate(definition); err != nil {
		return nil, err
	}
	err = db.update(ctx, func(t tx) error {
		id, err := db.templateToSave(ctx, t, f)
		if err != nil {
			return err
		}
		if err := db.addVersion(ctx, t, id, f, definition); err != nil {
			return err
		}
		saved, err = templateByID(ctx, t, id, 0)
		return err
	})
	return saved, err
}

// templateToSave returns the row that f is a version of, with the name and
// stage that f asks for.
func (db *DB) templateToSave(ctx context.Context, t tx, f *form.Template) (form.TemplateID, error) {
	var id form.TemplateID
	var name string
	var stage form.Stage
	err := t.row(ctx, `
		SELECT id, name, stage FROM templates
		WHERE domain_id = ? AND (id = ? OR (? = 0 AND name = ?))`, f.Domain, f.ID, f.ID, f.Name)(&id, &name, &stage)
	if errors.Is(err, sql.ErrNoRows) && f.ID == 0 {
		stage = form.Draft
		if f.Stage != "" {
			stage = f.Stage
		}
		err := t.row(ctx, `
			INSERT INTO templates (domain_id, name, stage, version, updated_at) VALUES (?, ?, ?, 0, ?)
			RETURNING id`, f.Domain, f.Name, stage, millis(db.now()))(&id)
		return id, err
	}
	if err != nil {
		return 0, err
	}
	if f.Name == name && (f.Stage == "" || f.Stage == stage) {
		return id, nil
	}
	if f.Stage != "" {
		stage = f.Stage
	}
	if _, err := t.exec(ctx, `UPDATE templates SET name = ?, stage = ? WHERE id = ?`, f.Name, stage, id); err != nil {
		return 0, err
	}
	return id, db.templateChanged(ctx, t, id)
}

// addVersion adds f as a version of template id, unless it is the current one.
func (db *DB) addVersion(ctx context.Context, t tx, id form.TemplateID, f *form.Template, definition []byte) error {
	var same bool
	err := t.row(ctx, `
		SELECT v.definition = ? AND v.image = ? AND v.image_name = ?
		FROM templates t JOIN template_versions v ON v.template_id = t.id AND v.version = t.version
		WHERE t.id = ?`, string(definition), f.Image, f.ImageName, id)(&same)
	if same || err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	var version int
	if err := t.row(ctx, `UPDATE templates SET version = version + 1 WHERE id = ? RETURNING version`, id)(&version); err != nil {
		return err
	}
	if _, err := t.exec(ctx, `
		INSERT INTO template_versions (template_id, version, definition, image, image_name, created_at)
		VALUES (?, ?, ?, ?, ?, ?)`, id, version, string(definition), f.Image, f.ImageName, millis(db.now())); err != nil {
		return err
	}
	return db.templateChanged(ctx, t, id)
}

// templateChanged dates a change, and lets running servers see it.
func (db *DB) templateChanged(ctx context.Context, t tx, id form.TemplateID) error {
	var domain form.DomainID
	if err := t.row(ctx, `UPDATE templates SET updated_at = ? WHERE id = ? RETURNING domain_id`, millis(db.now()), id)(&domain); err != nil {
		return err
	}
	return catalogChanged(ctx, t, domain)
}

// SetStage moves a template to a stage.
func (db *DB) SetStage(ctx context.Context, id form.TemplateID, stage form.Stage) (err error) {
	defer wrap(&err, "stage of template %d", id)
	if !slices.Contains(form.Stages, stage) {
		return form.Invalid("stage", "is none of draft, beta, service")
	}
	return db.update(ctx, func(t tx) error {
		if err := t.row(ctx, `UPDATE templates SET stage = ? WHERE id = ? RETURNING id`, stage, id)(&id); err != nil {
			return err
		}
		return db.templateChanged(ctx, t, id)
	})
}

// SetValidation has pages of a template checked at a URL, or not at all where
// that is empty.
func (db *DB) SetValidation(ctx context.Context, id form.TemplateID, url string) (err error) {
	defer wrap(&err, "validation of template %d", id)
	if err := form.CheckURL("validation", url); err != nil {
		return err
	}
	return db.update(ctx, func(t tx) error {
		if err := t.row(ctx, `UPDATE templates SET validation = ? WHERE id = ? RETURNING id`, url, id)(&id); err != nil {
			return err
		}
		return db.templateChanged(ctx, t, id)
	})
}

// Template returns a version of a template, the current one for version 0.
func (db *DB) Template(ctx context.Context, id form.TemplateID, version int) (f *form.Template, err error) {
	defer wrap(&err, "template %d version %d", id, version)
	err = db.view(ctx, func(t tx) error {
		f, err = templateByID(ctx, t, id, version)
		return err
	})
	return f, err
}

func templateByID(ctx context.Context, t tx, id form.TemplateID, version int) (*form.Template, error) {
	return scanTemplate(t.row(ctx, `
		SELECT `+templateColumns+`
		FROM templates t JOIN template_versions v ON v.template_id = t.id
		WHERE t.id = ? AND v.version = CASE ? WHEN 0 THEN t.version ELSE ? END`, id, version, version))
}

// Templates returns the templates of a domain, in every stage, by name.
func (db *DB) Templates(ctx context.Context, domain form.DomainID) (fs []*form.Template, err error) {
	defer wrap(&err, "templates of domain %d", domain)
	err = db.view(ctx, func(t tx) error {
		fs, err = templates(ctx, t, domain)
		return err
	})
	return fs, err
}

func templates(ctx context.Context, t tx, domain form.DomainID) ([]*form.Template, error) {
	return collect(ctx, t, scanTemplate, `
		SELECT `+templateColumns+`
		FROM templates t JOIN template_versions v ON v.template_id = t.id AND v.version = t.version
		WHERE t.domain_id = ?
		ORDER BY t.name`, domain)
}

// CatalogRevision returns a number that rises with every change of a template
// or list of a domain, also one that another process made.
func (db *DB) CatalogRevision(ctx context.Context, domain form.DomainID) (revision int64, err error) {
	defer wrap(&err, "catalog revision of domain %d", domain)
	err = db.view(ctx, func(t tx) error {
		return t.row(ctx, `SELECT catalog FROM domains WHERE id = ?`, domain)(&revision)
	})
	return revision, err
}

// Catalog returns the templates of a domain, in every stage, with the lists
// that they name, and the revision they are of.
func (db *DB) Catalog(ctx context.Context, domain form.DomainID) (fs []*form.Template, revision int64, err error) {
	defer wrap(&err, "catalog of domain %d", domain)
	err = db.view(ctx, func(t tx) error {
		if err := t.row(ctx, `SELECT catalog FROM domains WHERE id = ?`, domain)(&revision); err != nil {
			return err
		}
		if fs, err = templates(ctx, t, domain); err != nil {
			return err
		}
		return addLists(ctx, t, fs...)
	})
	return fs, revision, err
}
