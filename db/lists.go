package db

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A ListInfo is what is known of a list without its values.
type ListInfo struct {
	ID        form.ListID
	Name      string
	Values    int
	UpdatedAt time.Time
}

// SaveList keeps l as the list of that name of a domain, in the place of the
// one there is. Running servers judge by it what they read from then on. It
// returns a *form.InvalidError where the domain has too many lists.
func (db *DB) SaveList(ctx context.Context, by form.Actor, domain form.DomainID, l *form.List) (id form.ListID, err error) {
	defer wrap(&err, "save list of domain %d", domain)
	if _, err := form.ParseList(l.Name, l.Text()); err != nil {
		return 0, err
	}
	err = db.act(ctx, by, "save_list", func(t tx) (of subject, err error) {
		var others int
		if err := t.row(ctx, `SELECT count(*) FROM lists WHERE domain_id = ? AND name <> ?`, domain, l.Name)(&others); err != nil {
			return of, err
		}
		if others >= form.MaxLists {
			return of, form.Invalid("lists", "there are %d already", form.MaxLists)
		}
		if err := t.row(ctx, `
			INSERT INTO lists (domain_id, name, n, list, updated_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (domain_id, name) DO UPDATE SET n = excluded.n, list = excluded.list, updated_at = excluded.updated_at
			RETURNING id`, domain, l.Name, len(l.Values), l.Text(), millis(db.now()))(&id); err != nil {
			return of, err
		}
		return subject{kind: "list", id: int64(id), domain: domain}, catalogChanged(ctx, t, domain)
	})
	return id, err
}

// RemoveList removes a list of a domain. Templates may still name it, and are
// not judged by it then.
func (db *DB) RemoveList(ctx context.Context, by form.Actor, domain form.DomainID, id form.ListID) (err error) {
	defer wrap(&err, "remove list %d of domain %d", id, domain)
	return db.act(ctx, by, "remove_list", func(t tx) (of subject, err error) {
		if err := t.row(ctx, `DELETE FROM lists WHERE id = ? AND domain_id = ? RETURNING id`, id, domain)(&id); err != nil {
			return of, err
		}
		return subject{kind: "list", id: int64(id), domain: domain}, catalogChanged(ctx, t, domain)
	})
}

// Lists returns the lists of a domain, by name.
func (db *DB) Lists(ctx context.Context, domain form.DomainID) (list []ListInfo, err error) {
	defer wrap(&err, "lists of domain %d", domain)
	err = db.view(ctx, func(t tx) error {
		list, err = collect(ctx, t, scanListInfo, `
			SELECT id, name, n, updated_at FROM lists WHERE domain_id = ? ORDER BY name`, domain)
		return err
	})
	return list, err
}

func scanListInfo(scan func(...any) error) (l ListInfo, err error) {
	var updated int64
	err = scan(&l.ID, &l.Name, &l.Values, &updated)
	l.UpdatedAt = fromMillis(updated)
	return l, err
}

// List returns a list of a domain.
func (db *DB) List(ctx context.Context, domain form.DomainID, id form.ListID) (l *form.List, err error) {
	defer wrap(&err, "list %d of domain %d", id, domain)
	err = db.view(ctx, func(t tx) error {
		l, err = scanList(t.row(ctx, `SELECT `+listColumns+` FROM lists WHERE domain_id = ? AND id = ?`, domain, id))
		return err
	})
	return l, err
}

// ListNamed returns the list of a domain that has a name.
func (db *DB) ListNamed(ctx context.Context, domain form.DomainID, name string) (l *form.List, err error) {
	defer wrap(&err, "list of domain %d", domain)
	err = db.view(ctx, func(t tx) error {
		l, err = scanList(t.row(ctx, `SELECT `+listColumns+` FROM lists WHERE domain_id = ? AND name = ?`, domain, name))
		return err
	})
	return l, err
}

const listColumns = `id, name, list, updated_at`

func scanList(scan func(...any) error) (*form.List, error) {
	l := new(form.List)
	var values string
	var updated int64
	err := scan(&l.ID, &l.Name, &values, &updated)
	l.Values = strings.Split(strings.TrimSuffix(values, "\n"), "\n")
	l.UpdatedAt = fromMillis(updated)
	return l, err
}

// AddLists gives t the lists that its rules name, as far as they are there.
func (db *DB) AddLists(ctx context.Context, t *form.Template) (err error) {
	defer wrap(&err, "lists of template %d", t.ID)
	return db.view(ctx, func(tx tx) error { return addLists(ctx, tx, t) })
}

// addLists gives templates of one domain the lists that their rules name, as
// far as they are there.
func addLists(ctx context.Context, t tx, fs ...*form.Template) error {
	known := make(map[string]*form.List)
	for _, f := range fs {
		f.Lists = make(map[string]*form.List)
		for _, name := range f.ListNames() {
			l, ok := known[name]
			if !ok {
				var err error
				l, err = scanList(t.row(ctx, `SELECT `+listColumns+` FROM lists WHERE domain_id = ? AND name = ?`, f.Domain, name))
				if errors.Is(err, sql.ErrNoRows) {
					l = nil
				} else if err != nil {
					return err
				}
				known[name] = l
			}
			if l != nil {
				f.Lists[name] = l
			}
		}
	}
	return nil
}

// catalogChanged lets running servers see that they must judge and find by
// other templates or lists.
func catalogChanged(ctx context.Context, t tx, domain form.DomainID) error {
	return t.row(ctx, `UPDATE domains SET catalog = catalog + 1 WHERE id = ? RETURNING id`, domain)(&domain)
}
