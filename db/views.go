package db

import (
	"context"
	"encoding/json"

	"github.com/seosik/seosik/internal/form"
)

// A SavedView is a filter of the history under a name.
type SavedView struct {
	ID     int64
	By     form.UserID
	ByName string
	Name   string
	Shared bool // others see it, too
	Filter SavedFilter
}

// A SavedFilter is a filter as people write it.
type SavedFilter struct {
	State    string `json:"state,omitempty"`
	Template string `json:"template,omitempty"`
	Person   string `json:"person,omitempty"`
	From     string `json:"from,omitempty"`
	To       string `json:"to,omitempty"`
	Name     string `json:"name,omitempty"`  // of the file
	Value    string `json:"value,omitempty"` // a part of one; mostly left out, since it may say who is meant
}

const viewColumns = `v.id, v.user_id, u.name, v.name, v.shared, v.filter`

const viewTables = ` FROM saved_views v JOIN users u ON u.id = v.user_id`

func scanView(scan func(...any) error) (v SavedView, err error) {
	var filter []byte
	if err = scan(&v.ID, &v.By, &v.ByName, &v.Name, &v.Shared, &filter); err != nil {
		return v, err
	}
	return v, json.Unmarshal(filter, &v.Filter)
}

// maxViews is how many views a person may have.
const maxViews = 100

// SaveView keeps a view of the person by whom it is, instead of the one that had
// its name. It returns form.ErrConflict where there are too many.
func (db *DB) SaveView(ctx context.Context, by form.Actor, v SavedView) (id int64, err error) {
	defer wrap(&err, "save view")
	filter, err := json.Marshal(v.Filter)
	if err != nil {
		return 0, err
	}
	err = db.act(ctx, by, "save_view", func(t tx) (of subject, err error) {
		var n int
		if err := t.row(ctx, `SELECT count(*) FROM saved_views WHERE user_id = ? AND name <> ?`, by.User, v.Name)(&n); err != nil {
			return of, err
		}
		if n >= maxViews {
			return of, form.ErrConflict
		}
		err = t.row(ctx, `
			INSERT INTO saved_views (user_id, name, shared, filter, created_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (user_id, name) DO UPDATE SET shared = excluded.shared, filter = excluded.filter
			RETURNING id`, by.User, v.Name, v.Shared, string(filter), millis(db.now()))(&id)
		return subject{kind: "view", id: id}, err
	})
	return id, err
}

// RemoveView removes a view of the person by whom it is.
func (db *DB) RemoveView(ctx context.Context, by form.Actor, id int64) (err error) {
	defer wrap(&err, "remove view %d", id)
	return db.act(ctx, by, "remove_view", func(t tx) (subject, error) {
		err := t.row(ctx, `DELETE FROM saved_views WHERE id = ? AND user_id = ? RETURNING id`, id, by.User)(&id)
		return subject{kind: "view", id: id}, err
	})
}

// Views returns the views that a person sees: the person's own, and those that
// others share, by name.
func (db *DB) Views(ctx context.Context, user form.UserID) (views []SavedView, err error) {
	defer wrap(&err, "views")
	err = db.view(ctx, func(t tx) error {
		views, err = collect(ctx, t, scanView, `SELECT `+viewColumns+viewTables+`
			WHERE v.user_id = ? OR v.shared = 1 ORDER BY v.user_id <> ?, v.name, v.id LIMIT 300`, user, user)
		return err
	})
	return views, err
}

// View returns a view that the person sees.
func (db *DB) View(ctx context.Context, user form.UserID, id int64) (v SavedView, err error) {
	defer wrap(&err, "view %d", id)
	err = db.view(ctx, func(t tx) error {
		v, err = scanView(t.row(ctx, `SELECT `+viewColumns+viewTables+` WHERE v.id = ? AND (v.user_id = ? OR v.shared = 1)`, id, user))
		return err
	})
	return v, err
}
