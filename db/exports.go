package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
)

const (
	// ExportHeardFor is after how long a file of the command line is taken to be
	// made no more. ExportRenewal is how often its maker says that it is.
	ExportHeardFor = 2 * time.Minute
	ExportRenewal  = 15 * time.Second

	exportKept  = 24 * time.Hour      // that a file is kept here
	exportShown = 30 * 24 * time.Hour // that it is known of after that, unless what it wrote is remembered
)

// EnqueueExport adds the job that makes a file.
type EnqueueExport func(*sql.Tx, form.ExportID) error

// A NewExport is a file that is to be made.
type NewExport struct {
	Profile form.ProfileID // 0 for none
	Export  form.Export
	Sealed  []byte    // the password of what is encrypted
	Folder  string    // where it goes; empty to be kept here
	Due     time.Time // of a schedule; otherwise zero
}

// AddExport notes a file that is to be made; enqueue adds the job in the same
// transaction, and is nil for who makes it without one. It returns
// form.ErrNotFound where there is no such template, or no such profile in its
// domain.
func (db *DB) AddExport(ctx context.Context, by form.Actor, in form.Scope, x NewExport, enqueue EnqueueExport) (id form.ExportID, err error) {
	defer wrap(&err, "add export of template %d", x.Export.Template)
	err = db.update(ctx, func(t tx) error {
		id, err = db.addExport(ctx, t, by, in, x, enqueue)
		return err
	})
	return id, err
}

func (db *DB) addExport(ctx context.Context, t tx, by form.Actor, in form.Scope, x NewExport, enqueue EnqueueExport) (id form.ExportID, err error) {
	export, err := json.Marshal(x.Export)
	if err != nil {
		return 0, err
	}
	var domain form.DomainID
	err = t.row(ctx, `
		SELECT t.domain_id FROM templates t
		WHERE t.id = ? AND (? = 0 OR EXISTS (SELECT 1 FROM profiles p WHERE p.id = ? AND p.domain_id = t.domain_id))`,
		x.Export.Template, x.Profile, x.Profile)(&domain)
	if err := seen(in, domain, err); err != nil {
		return 0, err
	}
	var due any
	if !x.Due.IsZero() {
		due = millis(x.Due)
	}
	if err := t.row(ctx, `
		INSERT INTO exports (profile_id, domain_id, template_id, export, sealed, folder, due_at, actor, user_id, created_at)
		VALUES (?, ?, ?, ?, coalesce(?, x''), ?, ?, ?, ?, ?)
		RETURNING id`, orNull(x.Profile), domain, x.Export.Template, string(export), orEmpty(x.Sealed), x.Folder, due,
		by.Kind, orNull(by.User), millis(db.now()))(&id); err != nil || enqueue == nil {
		return id, err
	}
	return id, enqueue(t.Tx, id)
}

// An ExportInfo is a file that is, was or is to be made.
type ExportInfo struct {
	ID           form.ExportID
	Profile      form.ProfileID // 0 for none
	ProfileName  string
	Domain       form.DomainID
	TemplateName string
	Export       form.Export
	Sealed       []byte
	Folder       string
	Due          time.Time // zero for no schedule
	By           string    // who wanted it; empty for no person
	State        form.ExportState
	Failure      form.ExportFailure // why there is no file, or while State is open why not yet
	Name         string             // of the file
	Blob         blob.Key           // the file, while it is kept here
	Size         int64              // bytes
	Pages        int                // that were written
	Total        int                // pages of the template in the states that are written, whatever the other filters choose
	Misfits      form.Misfits
	CreatedAt    time.Time
	FinishedAt   time.Time
}

// Folded reports whether the file is for a folder.
func (x *ExportInfo) Folded() bool { return x.Folder != "" }

const exportColumns = `
	e.id, coalesce(e.profile_id, 0), coalesce(f.name, ''), e.domain_id, t.name, e.export, e.sealed, e.folder, e.due_at, coalesce(u.name, ''),
	e.state, e.failure, e.name, e.blob, e.size, e.pages, e.misfits, e.created_at, e.finished_at`

const exportTables = `
	FROM exports e
	JOIN templates t ON t.id = e.template_id
	LEFT JOIN profiles f ON f.id = e.profile_id
	LEFT JOIN users u ON u.id = e.user_id`

func scanExport(scan func(...any) error) (x ExportInfo, err error) {
	var export, misfits []byte
	var due, finished sql.Null[int64]
	var created int64
	if err := scan(&x.ID, &x.Profile, &x.ProfileName, &x.Domain, &x.TemplateName, &export, &x.Sealed, &x.Folder, &due, &x.By,
		&x.State, &x.Failure, &x.Name, &x.Blob, &x.Size, &x.Pages, &misfits, &created, &finished); err != nil {
		return x, err
	}
	x.Due, x.CreatedAt, x.FinishedAt = fromNullMillis(due), fromMillis(created), fromNullMillis(finished)
	if err := json.Unmarshal(export, &x.Export); err != nil {
		return x, err
	}
	return x, json.Unmarshal(misfits, &x.Misfits)
}

// Exports returns the newest files, at most so many, and how many pages those have
// to write that are not finished.
func (db *DB) Exports(ctx context.Context, in form.Scope, most int) (list []ExportInfo, err error) {
	defer wrap(&err, "exports")
	term, args := within(in, `e.domain_id`)
	err = db.view(ctx, func(t tx) error {
		if list, err = collect(ctx, t, scanExport, `
			SELECT `+exportColumns+exportTables+` WHERE `+term+` ORDER BY e.id DESC LIMIT ?`, append(args, most)...); err != nil {
			return err
		}
		for i := range list {
			if err := countExport(ctx, t, &list[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// countExport counts the pages that x has to write, while it is not finished.
func countExport(ctx context.Context, t tx, x *ExportInfo) (err error) {
	switch {
	case !x.State.Open():
	case x.Export.Selection != 0:
		err = t.row(ctx, `SELECT coalesce(max(total), 0) FROM bulk_acts WHERE id = ?`, x.Export.Selection)(&x.Total)
	default:
		x.Total, err = countPages(ctx, t, &PageFilter{within: form.Within(x.Domain), Template: x.Export.Template, States: exportStates(x.Export.States)})
	}
	return err
}

// ExportOf returns a file.
func (db *DB) ExportOf(ctx context.Context, in form.Scope, id form.ExportID) (x ExportInfo, err error) {
	defer wrap(&err, "export %d", id)
	err = db.view(ctx, func(t tx) error {
		x, err = scanExport(t.row(ctx, `SELECT `+exportColumns+exportTables+` WHERE e.id = ?`, id))
		if err := seen(in, x.Domain, err); err != nil {
			return err
		}
		return countExport(ctx, t, &x)
	})
	return x, err
}

// BeginExport notes that a file is being made, from its beginning. What was noted
// of an earlier try is forgotten. It returns form.ErrNotFound where it is not to be
// made any more, and form.ErrConflict where it is of what is new and an earlier one
// of its profile has yet to be made, by somebody of whom something is heard.
func (db *DB) BeginExport(ctx context.Context, id form.ExportID) (err error) {
	defer wrap(&err, "begin export %d", id)
	return db.update(ctx, func(t tx) error {
		if err := db.endUnheard(ctx, t); err != nil { // without a server nobody else does
			return err
		}
		var earlier bool
		if err := t.row(ctx, `
			SELECT EXISTS (
				SELECT 1 FROM exports e JOIN exports o ON o.profile_id = e.profile_id
				WHERE e.id = ? AND o.id < e.id AND o.state IN ('waiting', 'running') AND e.export ->> 'since')`, id)(&earlier); err != nil {
			return err
		}
		if earlier { // what is new would be in both
			return form.ErrConflict
		}
		if err := t.row(ctx, `
			UPDATE exports SET state = 'running', pages = 0, heard_at = ? WHERE id = ? AND state IN ('waiting', 'running')
			RETURNING id`, millis(db.now()), id)(&id); err != nil {
			return err
		}
		_, err := t.exec(ctx, `DELETE FROM exported_pages WHERE export_id = ?`, id)
		return err
	})
}

// ExportWrote notes how many pages were written. It returns form.ErrNotFound where
// the file is not to be made any more, or not as it is: a page of it was deleted.
func (db *DB) ExportWrote(ctx context.Context, id form.ExportID, pages int) (err error) {
	defer wrap(&err, "progress of export %d", id)
	return db.update(ctx, func(t tx) error {
		return t.row(ctx, `UPDATE exports SET pages = ? WHERE id = ? AND state = 'running' RETURNING id`, pages, id)(&id)
	})
}

// ExportHeard notes that a file is still being made at the command line, which
// nobody would know otherwise.
func (db *DB) ExportHeard(ctx context.Context, id form.ExportID) (err error) {
	defer wrap(&err, "export %d", id)
	return db.update(ctx, func(t tx) error {
		_, err := t.exec(ctx, `UPDATE exports SET heard_at = ? WHERE id = ?`, millis(db.now()), id)
		return err
	})
}

// An ExportFile is a file that was made.
type ExportFile struct {
	Name    string
	Blob    blob.Key // empty where it lies in a folder
	Size    int64    // bytes
	Pages   int
	Misfits form.Misfits
	Of      []form.PageID // whose data is in it
}

// ExportMade notes that a file is whole: done where it is kept here, or else to
// get its name in its folder, which is another one where a file of before had it. From then on an export of what is new leaves out
// what it wrote. It returns form.ErrNotFound as ExportWrote does.
func (db *DB) ExportMade(ctx context.Context, id form.ExportID, f ExportFile) (err error) {
	defer wrap(&err, "made export %d", id)
	misfits, err := json.Marshal(f.Misfits)
	if err != nil {
		return err
	}
	return db.update(ctx, func(t tx) error {
		var text []byte
		var out bool
		if f.Name, err = unusedName(ctx, t, id, f.Name); err != nil {
			return err
		}
		a := Access{Act: AccessExportMade, Subject: "export", ID: int64(id), Pages: f.Of}
		if err := t.row(ctx, `
			UPDATE exports SET
				state = CASE folder WHEN '' THEN 'done' ELSE 'written' END, name = ?, blob = ?, size = ?, pages = ?, misfits = ?,
				failure = '', sealed = x'', finished_at = ?
			WHERE id = ? AND state = 'running'
			RETURNING actor, coalesce(user_id, 0), domain_id, export, folder <> ''`,
			f.Name, f.Blob, f.Size, f.Pages, string(misfits), millis(db.now()), id)(&a.By.Kind, &a.By.User, &a.By.Domain, &text, &out); err != nil {
			return err
		}
		if out || a.By.Kind == form.ByCommand { // nobody comes to take it
			a.Act = AccessExportTaken
		}
		var x form.Export
		if err := json.Unmarshal(text, &x); err != nil {
			return err
		}
		a.Purpose = x.Why()
		return db.saw(ctx, t, a)
	})
}

// unusedName returns name, or one like it that no other file has of those that go
// into the same folder for a saved download of the same name: two of them may be
// wanted within a minute, and one must not be written over the other.
func unusedName(ctx context.Context, t tx, id form.ExportID, name string) (string, error) {
	end := path.Ext(name)
	for n, as := 2, name; ; n, as = n+1, fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, end), n, end) {
		var used bool
		err := t.row(ctx, `
			SELECT EXISTS (
				SELECT 1 FROM exports e
				JOIN profiles f ON f.id = e.profile_id
				JOIN profiles g ON g.name = f.name
				JOIN exports o ON o.profile_id = g.id
				WHERE e.id = ? AND e.folder <> '' AND o.folder = e.folder AND o.id <> e.id AND o.name = ?)`, id, as)(&used)
		if err != nil || !used {
			return as, err
		}
	}
}

// FinishExport notes that a file has its name in its folder.
func (db *DB) FinishExport(ctx context.Context, id form.ExportID) (err error) {
	defer wrap(&err, "finish export %d", id)
	return db.update(ctx, func(t tx) error {
		_, err := t.exec(ctx, `UPDATE exports SET state = 'done', failure = '' WHERE id = ? AND state = 'written'`, id)
		return err
	})
}

// FailExport notes why there is no file: for good, or for now.
func (db *DB) FailExport(ctx context.Context, id form.ExportID, why form.ExportFailure, forNow bool) (err error) {
	defer wrap(&err, "failed export %d", id)
	return db.update(ctx, func(t tx) error {
		if _, err := t.exec(ctx, `
			UPDATE exports SET failure = ?, state = CASE state WHEN 'running' THEN 'waiting' ELSE state END
			WHERE id = ? AND state IN ('waiting', 'running', 'written')`, why, id); err != nil || forNow {
			return err
		}
		if _, err := t.exec(ctx, `
			UPDATE exports SET state = 'failed', sealed = x'', finished_at = ?
			WHERE id = ? AND state IN ('waiting', 'running')`, millis(db.now()), id); err != nil {
			return err
		}
		_, err := t.exec(ctx, `DELETE FROM exported_pages WHERE export_id = ?`, id)
		return err
	})
}

// DropExport ends the making of a file, or removes one that is kept here.
func (db *DB) DropExport(ctx context.Context, by form.Actor, in form.Scope, id form.ExportID) (err error) {
	defer wrap(&err, "drop export %d", id)
	return db.act(ctx, by, "drop_export", func(t tx) (of subject, err error) {
		var domain form.DomainID
		var state form.ExportState
		err = t.row(ctx, `SELECT domain_id, state FROM exports WHERE id = ?`, id)(&domain, &state)
		if err := seen(in, domain, err); err != nil || state == form.ExportWritten {
			return of, err
		}
		if _, err := t.exec(ctx, `
			DELETE FROM exported_pages WHERE export_id = (SELECT id FROM exports WHERE id = ? AND state IN ('waiting', 'running'))`, id); err != nil {
			return of, err
		}
		return subject{kind: "export", id: int64(id), domain: domain}, dropExports(ctx, t, `id = ?`, id)
	})
}

// dropExports removes the files that a term chooses, and leaves those alone that
// are to be made.
func dropExports(ctx context.Context, t tx, term string, arg any) error {
	for _, statement := range []string{
		loosen(`blob`, `exports`, ` WHERE `+term),
		`UPDATE exports SET blob = '', sealed = x'', state = CASE state WHEN 'failed' THEN 'failed' ELSE 'gone' END WHERE ` + term,
	} {
		if _, err := t.exec(ctx, statement, arg); err != nil {
			return err
		}
	}
	return nil
}

// DropOldExports removes files that were kept for a day, forgets those that went
// long ago and of which nothing has to be remembered, and ends those of the command
// line of which nothing is heard any more: they were killed.
func (db *DB) DropOldExports(ctx context.Context) (err error) {
	defer wrap(&err, "drop old exports")
	kept, shown, heard := millis(db.now().Add(-exportKept)), millis(db.now().Add(-exportShown)), millis(db.now().Add(-ExportHeardFor))
	var some bool
	if err := db.view(ctx, func(t tx) error {
		return t.row(ctx, `
			SELECT EXISTS (SELECT 1 FROM exports WHERE blob <> '' AND finished_at < ?)
				OR EXISTS (SELECT 1 FROM exports WHERE `+unheard+`)
				OR EXISTS (SELECT 1 FROM exports WHERE id IN (SELECT id FROM exports ORDER BY id LIMIT 100) AND `+forgettable+`)`, kept, heard, shown)(&some)
	}); err != nil || !some {
		return err
	}
	return db.update(ctx, func(t tx) error {
		if err := dropExports(ctx, t, `blob <> '' AND finished_at < ?`, kept); err != nil {
			return err
		}
		if err := db.endUnheard(ctx, t); err != nil {
			return err
		}
		_, err := t.exec(ctx, `DELETE FROM exports WHERE id IN (SELECT id FROM exports ORDER BY id LIMIT 100) AND `+forgettable, shown)
		return err
	})
}

// endUnheard ends those of the command line of which nothing is heard any more.
func (db *DB) endUnheard(ctx context.Context, t tx) error {
	heard := millis(db.now().Add(-ExportHeardFor))
	if _, err := t.exec(ctx, `DELETE FROM exported_pages WHERE export_id IN (SELECT id FROM exports WHERE `+unheard+`)`, heard); err != nil {
		return err
	}
	_, err := t.exec(ctx, `
		UPDATE exports SET state = 'failed', failure = ?, sealed = x'', finished_at = ? WHERE `+unheard,
		form.ExportStopped, millis(db.now()), heard)
	return err
}

// unheard is the term that who makes a file at the command line is gone.
const unheard = `state IN ('waiting', 'running', 'written') AND actor = 'command' AND coalesce(heard_at, created_at) < ?`

// forgettable is the term that nothing of a file has to be known any more.
const forgettable = `
	created_at < ? AND blob = '' AND NOT (state IN ('waiting', 'running', 'written') AND actor <> 'command')
	AND NOT EXISTS (SELECT 1 FROM exported_pages w WHERE w.export_id = exports.id)`
