package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
)

// exported is what was asked for of exports: files that are kept to be taken, and
// files that go into a folder.
type exported struct {
	sent, answered int
}

// exportForm asks for all pages of the only template.
func exportForm(more ...string) url.Values {
	f := url.Values{"template": {"1"}, "format": {"csv"}, "state": {"done", "review"}, "columns": {"all"}}
	for i := 0; i+1 < len(more); i += 2 {
		f.Set(more[i], more[i+1])
	}
	return f
}

// saveProfile saves a download whose files go into a folder, each with what is new
// since the one before.
func (h *house) saveProfile(ctx context.Context, site string) error {
	f := exportForm("profile-name", "soak", "since", "yes", "folder", h.out, "at", "23:59")
	a, err := h.ask(ctx, http.MethodPost, site+"/export/profiles", formKind, strings.NewReader(f.Encode()))
	if err == nil && a.status != http.StatusSeeOther {
		err = fmt.Errorf("save a download: status %d", a.status)
	}
	return err
}

var exportLink = regexp.MustCompile(`^/export/files/(\d+)$`)

// exports has files made until ctx ends, and takes those that are there.
func (h *house) exports(ctx context.Context, site string, r *rand.Rand) {
	for ctx.Err() == nil {
		if r.IntN(2) == 0 {
			h.fold(ctx, site)
		} else if a := h.export(ctx, "export", &h.ledger.kept, site+"/export/files", exportForm()); exportLink.MatchString(a.location) {
			h.take(ctx, site, exportLink.FindStringSubmatch(a.location)[1])
		}
		select {
		case <-time.After(time.Duration(100+r.IntN(900)) * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// fold has a file made in the folder.
func (h *house) fold(ctx context.Context, site string) answer {
	return h.export(ctx, "export into a folder", &h.ledger.folded, site+"/export/profiles/1/make", nil)
}

func (h *house) export(ctx context.Context, what string, count *exported, address string, f url.Values) answer {
	count.sent++
	a, err := h.ask(ctx, http.MethodPost, address, formKind, strings.NewReader(f.Encode()))
	if err != nil {
		h.ledger.note(what+" cut off", nil)
		return answer{}
	}
	h.ledger.note(fmt.Sprintf("%s %d", what, a.status), func() {
		if a.status == http.StatusSeeOther {
			count.answered++
		}
	})
	return a
}

// take takes the file of an export, and notes what it was.
func (h *house) take(ctx context.Context, site, id string) {
	a, err := h.ask(ctx, http.MethodGet, site+"/export/files/"+id, "", nil)
	if err != nil {
		h.ledger.note("export taken, cut off", nil)
		return
	}
	h.ledger.note(fmt.Sprintf("export taken %d", a.status), func() {
		if a.status == http.StatusOK {
			h.ledger.taken[id] = blob.KeyOf(a.body)
		}
	})
}

// An exportRow is an export as it is stored.
type exportRow struct {
	id, folder, state, name string
	blob                    blob.Key
	size                    int64
	pages, listed           int
}

// checkExports sees that each file that was answered was made once, and is what it
// is said to be; and that no change of a page went into the folder twice.
func (h *house) checkExports(ctx context.Context, found *finding, database *db.DB, store blob.Store) error {
	var kept, folded int
	names := make(map[string]bool)
	err := each(ctx, database, `
		SELECT id, folder, state, name, blob, size, pages, (SELECT count(*) FROM exported_pages p WHERE p.export_id = x.id)
		FROM exports x`, func(scan func(...any) error) error {
		var x exportRow
		if err := scan(&x.id, &x.folder, &x.state, &x.name, &x.blob, &x.size, &x.pages, &x.listed); err != nil {
			return err
		}
		if x.state != "done" {
			found.complain("export %s is %s", x.id, x.state)
		}
		if x.folder != "" {
			if folded++; x.pages != x.listed {
				found.complain("export %s has %d pages, of which %d are remembered", x.id, x.pages, x.listed)
			}
			names[x.name] = true
			h.checkFolded(found, &x)
			return nil
		}
		kept++
		checkBlob(ctx, found, store, x.blob)
		if was, ok := h.ledger.taken[x.id]; ok && was != x.blob {
			found.complain("export %s is not what was taken", x.id)
		}
		return nil
	})
	found.exports += kept + folded
	for what, n := range map[string]struct {
		exported
		there int
	}{"to be taken": {h.ledger.kept, kept}, "in the folder": {h.ledger.folded, folded}} {
		if n.there < n.answered || n.there > n.sent {
			found.complain("%d files are there %s, of which %d were asked for and %d answered", n.there, what, n.sent, n.answered)
		}
	}
	return errors.Join(err, h.checkFolder(found, names), checkOnce(ctx, found, database))
}

func (h *house) checkFolded(found *finding, x *exportRow) {
	if info, err := os.Stat(filepath.Join(h.out, x.name)); err != nil || info.Size() != x.size {
		found.complain("export %s is not in its folder, or not as large as it was", x.id)
	}
}

// checkFolder sees that nothing else is in the folder.
func (h *house) checkFolder(found *finding, names map[string]bool) error {
	list, err := os.ReadDir(h.out)
	for _, f := range list {
		if !names[f.Name()] {
			found.complain("%s is in the folder of exports, and is none", f.Name())
		}
	}
	return err
}

// checkOnce sees that what was new of a page is in one file of the folder, and in
// one only.
func checkOnce(ctx context.Context, found *finding, database *db.DB) error {
	for _, wrong := range []struct{ what, query string }{
		{"changes of pages went into the folder twice", `
			SELECT count(*) FROM (SELECT 1 FROM exported_pages p JOIN exports x ON x.id = p.export_id
			WHERE x.folder <> '' GROUP BY p.page_id, p.run, p.said HAVING count(*) > 1)`},
		{"changes of pages are in no file of the folder", `
			SELECT count(*) FROM pages p WHERE p.state IN ('done', 'review') AND NOT EXISTS (
				SELECT 1 FROM exported_pages e JOIN exports x ON x.id = e.export_id WHERE x.folder <> '' AND e.page_id = p.id
				AND e.said = coalesce((SELECT max(c.id) FROM corrections c WHERE c.page_id = p.id), 0))`},
	} {
		n, err := number(ctx, database, wrong.query)
		if err != nil {
			return err
		}
		if n > 0 {
			found.complain("%d %s", n, wrong.what)
		}
	}
	return nil
}
