package db

import (
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
)

// everything returns all rows about pages, documents and submissions, but for
// revisions, which only rise.
func (o *office) everything(t testing.TB) map[string][]string {
	t.Helper()
	all := map[string][]string{
		"pages":       o.table(t, `SELECT concat_ws('|', id, document_id, domain_id, number, part, region, uid, state, failure, template_id, version, run, created_at, updated_at, finished_at, said_from, doubtful) FROM pages ORDER BY id`),
		"submissions": o.table(t, `SELECT concat_ws('|', id, domain_id, user_id, templates, created_at, documents, open, waiting, reading, review, done, unmatched, failed) FROM submissions ORDER BY id`),
		"counts":      o.table(t, `SELECT concat_ws('|', domain_id, template_id, state, n) FROM page_counts WHERE n > 0 ORDER BY 1`),
		"readings":    o.table(t, `SELECT concat_ws('|', page_id, run, field, text, checked, printf('%.17g', confidence), reasons, engine) FROM readings ORDER BY page_id, run, field`),
		"names":       o.table(t, `SELECT rowid FROM document_names WHERE document_names MATCH '"김철"*'`),
	}
	for _, table := range []string{"documents", "runs", "reading_details", "corrections", "validations", "notices", "received"} {
		all[table] = o.table(t, `SELECT * FROM `+table+` ORDER BY 1, 2, 3`)
	}
	return all
}

func TestATrashedPageIsNowhereAndComesBackAsItWas(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	id, _, pages := o.full(t)
	enqueue := func(_ *sql.Tx, chores []Chore) error {
		if len(chores) > 0 {
			t.Errorf("to be read: %v", chores)
		}
		return nil
	}
	before := o.everything(t)
	record, err := o.Record(ctx, form.Everything, pages[1])
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		trash func() error
	}{
		{"a page", func() error { return o.Trash(ctx, form.Person(o.user), pages[1]) }},
		{"all pages, one by one", func() error {
			return errors.Join(o.Trash(ctx, form.Person(o.user), pages[1]),
				o.Trash(ctx, form.Person(o.user), pages[0]), o.Trash(ctx, form.Person(o.user), pages[2]))
		}},
		{"the submission", func() error { return o.TrashSubmission(ctx, form.Person(o.user), id) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.trash(); err != nil {
				t.Fatal(err)
			}
			o.checkCounts(t)
			if _, err := o.Page(ctx, form.Everything, pages[1]); !errors.Is(err, form.ErrNotFound) {
				t.Errorf("it is found: %v", err)
			}
			if _, err := o.PageByUID(ctx, o.domain, record.Page.UID); !errors.Is(err, form.ErrNotFound) {
				t.Errorf("it is found by its uid: %v", err)
			}
			if found, err := o.PageID(ctx, o.domain, record.Page.UID); err != nil || found != pages[1] {
				t.Errorf("a list that ended with it does not go on: %v", err)
			}
			loose, err := o.LooseBlobs(ctx)
			if err != nil || len(loose) > 0 {
				t.Errorf("blobs to be removed: %v, %v", loose, err)
			}
			in, err := o.InTrash(ctx, form.Everything, 0, 10)
			if err != nil || len(in) == 0 {
				t.Fatalf("trash: %v, %v", in, err)
			}
			if in[0].Name != "김철수.pdf" || in[0].By == "" || in[0].State != form.StateReview {
				t.Errorf("in the trash: %+v", in[0])
			}
			var all []form.PageID
			for _, p := range in {
				all = append(all, p.Page)
			}
			if n, err := o.Restore(ctx, form.Person(o.user), append(all, 999), enqueue); err != nil || n != len(all) {
				t.Fatalf("restored %d of %d: %v", n, len(all), err)
			}
			o.checkCounts(t)
			after := o.everything(t)
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("rows (-before +after):\n%s", diff)
			}
			again, err := o.Record(ctx, form.Everything, pages[1])
			again.Page.Revision = record.Page.Revision
			if diff := cmp.Diff(record, again); diff != "" || err != nil {
				t.Errorf("%v, the record (-before +after):\n%s", err, diff)
			}
			if n, err := o.CountTrash(ctx, form.Everything, 10); err != nil || n != 0 {
				t.Errorf("%d pages are left in the trash, %v", n, err)
			}
			if rows := o.table(t, `PRAGMA foreign_key_check`); len(rows) > 0 {
				t.Errorf("rows that refer to none: %q", rows)
			}
		})
	}
}

func TestWhatIsToBeReadComesBackToBeRead(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	_, docs := o.submit(t, "a.pdf")
	doc := docs[0]
	o.begin(t, doc, 3)
	o.read(t, doc, 1)
	page, run, err := o.openOf(ctx, doc, 2)
	if err == nil {
		err = o.Trash(ctx, form.Person(o.user), page)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := o.SaveRun(ctx, page, run, form.Page{State: form.StateUnmatched}, nil); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("SaveRun of a page in the trash = %v", err)
	}
	o.read(t, doc, 3)
	if err := o.FinishDocument(ctx, doc); err != nil {
		t.Fatal(err)
	}
	var chores []Chore
	if n, err := o.Restore(ctx, form.Person(o.user), []form.PageID{page}, func(_ *sql.Tx, c []Chore) error {
		chores = c
		return nil
	}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if diff := cmp.Diff([]Chore{{Document: doc}}, chores); diff != "" {
		t.Errorf("chores (-want +got):\n%s", diff)
	}
	if task, err := o.Begin(ctx, chores[0]); err != nil || task.numbers() != "[2]" {
		t.Errorf("to be read: %s, %v", task.numbers(), err)
	}
	o.checkCounts(t)
}

func TestTheTrashIsEmptied(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	id, _, pages := o.full(t)
	now := time.UnixMilli(1_700_000_000_000)
	o.now = func() time.Time { return now }
	if err := o.Trash(ctx, form.Person(o.user), pages[0]); err != nil {
		t.Fatal(err)
	}
	now = now.Add(TrashTime - time.Second)
	if err := o.Trash(ctx, form.Person(o.user), pages[1]); err != nil {
		t.Fatal(err)
	}
	if n, err := o.EmptyTrash(ctx); n != 0 || err != nil {
		t.Errorf("EmptyTrash too early = %d, %v", n, err)
	}
	now = now.Add(time.Second)
	if n, err := o.EmptyTrash(ctx); n != 1 || err != nil {
		t.Errorf("EmptyTrash = %d, %v", n, err)
	}
	if n, err := o.Purge(ctx, form.Person(o.user), pages); n != 1 || err != nil { // only what is in the trash
		t.Errorf("Purge = %d, %v", n, err)
	}
	if got := o.table(t, `SELECT concat_ws(' ', page_id, actor, user_id, at) FROM deletions ORDER BY page_id`); len(got) != 2 {
		t.Errorf("deletions: %q", got)
	}
	if n, err := o.Restore(ctx, form.Person(o.user), pages, noJobs); n != 0 || err != nil {
		t.Errorf("restored %d, %v", n, err)
	}
	// The others go by contract, at once, and with them what is in the trash.
	if err := o.Trash(ctx, form.Person(o.user), pages[2]); err != nil {
		t.Fatal(err)
	}
	if err := o.DeleteSubmission(ctx, form.Program(o.domain+1), id); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("a program of another domain deletes what is in the trash: %v", err)
	}
	if err := o.DeleteSubmission(ctx, form.Program(o.domain), id); err != nil {
		t.Errorf("DeleteSubmission = %v", err)
	}
	if left := o.left(t); left != nil {
		t.Errorf("left behind in %s", left)
	}
	if rows := o.table(t, `SELECT page_id FROM trash UNION ALL SELECT page_id FROM trash_blobs`); len(rows) > 0 {
		t.Errorf("left in the trash: %q", rows)
	}
	o.now = func() time.Time { return now.Add(2 * time.Hour) }
	loose, err := o.LooseBlobs(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var found bool
	for _, b := range loose {
		found = found || b.Key == blob.KeyOf([]byte("file"))
	}
	if !found {
		t.Errorf("the file is kept: %v", loose)
	}
}
