package db

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
)

// left returns which tables have rows about pages, documents and submissions.
func (o *office) left(t testing.TB) (tables []string) {
	t.Helper()
	for _, table := range []string{
		"submissions", "documents", "pages", "runs", "readings", "reading_details", "corrections", "validations", "notices",
		"request_keys", "received", "tiles", "snippets",
	} {
		if o.table(t, `SELECT 1 FROM `+table+` LIMIT 1`) != nil {
			tables = append(tables, table)
		}
	}
	return tables
}

// full adds a submission with a document of three pages of which all that can
// be kept is.
func (o *office) full(t testing.TB) (id form.SubmissionID, doc form.DocumentID, pages []form.PageID) {
	t.Helper()
	ctx := t.Context()
	d, err := o.Domain(ctx, form.Everything, o.domain)
	if err != nil {
		t.Fatal(err)
	}
	d.Settings.Webhook = "https://office.example/told"
	if err := o.SaveDomain(ctx, form.Command, d); err != nil {
		t.Fatal(err)
	}
	id, err = o.AddSubmission(ctx, form.Person(o.user), form.Submission{Domain: o.domain, Key: form.RequestKey{Key: "once", Request: "r"}},
		[]form.Document{{Name: "김철수.pdf", Blob: blob.KeyOf([]byte("file")), Size: 1}},
		func(_ *sql.Tx, chores []Chore) error {
			doc = chores[0].Document
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	o.begin(t, doc, 3)
	for number := 1; number <= 3; number++ {
		page := o.read(t, doc, number, sumID, nameID)
		pages = append(pages, page)
		if _, _, err := o.AddCorrection(ctx, form.Person(o.user), form.Correction{Page: page, Run: 1, Field: sumID, Text: "5"}, 0); err != nil {
			t.Fatal(err)
		}
		if err := o.AddSnippets(ctx, page, 1, form.Snippets{Blob: blob.KeyOf(nil), Parts: []form.Snippet{{Field: sumID}}}); err != nil {
			t.Fatal(err)
		}
		if err := o.SaveValidation(ctx, page, 1, form.Validation{Verdict: "VALID"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.FinishDocument(ctx, doc); err != nil {
		t.Fatal(err)
	}
	return id, doc, pages
}

func TestWhatIsDeletedLeavesNothingBehind(t *testing.T) {
	for _, tt := range []struct {
		name   string
		delete func(o *office, id form.SubmissionID, doc form.DocumentID, pages []form.PageID) error
	}{
		{"submission", func(o *office, id form.SubmissionID, _ form.DocumentID, _ []form.PageID) error {
			return o.DeleteSubmission(t.Context(), form.Program(o.domain), id)
		}},
		{"document", func(o *office, _ form.SubmissionID, doc form.DocumentID, _ []form.PageID) error {
			return o.DeleteDocument(t.Context(), form.Command, doc)
		}},
		{"all pages", func(o *office, _ form.SubmissionID, _ form.DocumentID, pages []form.PageID) (err error) {
			for _, page := range pages {
				err = errors.Join(err, o.DeletePage(t.Context(), form.Person(o.user), page))
			}
			return err
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newServing(t)
			id, doc, pages := o.full(t)
			if left := o.left(t); len(left) != 13 {
				t.Fatalf("only %s have rows", left)
			}
			if err := tt.delete(o, id, doc, pages); err != nil {
				t.Fatal(err)
			}
			if left := o.left(t); left != nil {
				t.Errorf("left behind in %s", left)
			}
			o.checkCounts(t)
			if found, err := o.Pages(t.Context(), form.Everything, PageFilter{Name: "김철"}); err != nil || len(found) > 0 {
				t.Errorf("found by its name: %v, %v", found, err)
			}
			if _, err := o.Keyed(t.Context(), o.domain, "once"); !errors.Is(err, form.ErrNotFound) {
				t.Errorf("its key is kept: %v", err)
			}
			if err := tt.delete(o, id, doc, pages); !errors.Is(err, form.ErrNotFound) {
				t.Errorf("deleted again: %v", err)
			}
		})
	}
}

func TestADeletionSaysWho(t *testing.T) {
	o := newServing(t)
	_, _, pages := o.full(t)
	uids := o.table(t, `SELECT uid FROM pages ORDER BY id`)
	o.now = func() time.Time { return time.UnixMilli(5) }
	for i, by := range []form.Actor{form.Person(o.user), form.Program(o.domain), form.System} {
		if err := o.DeletePage(t.Context(), by, pages[i]); err != nil {
			t.Fatal(err)
		}
	}
	var want []string
	for i, by := range []string{fmt.Sprint("person ", o.user), "program nobody", "system nobody"} {
		want = append(want, fmt.Sprintf("%d %s 1 %d 1 1 %s 5", pages[i], uids[i], i+1, by))
	}
	if diff := cmp.Diff(want, o.table(t, `
		SELECT concat_ws(' ', page_id, uid, document_id, number, submission_id, domain_id, actor, coalesce(user_id, 'nobody'), at)
		FROM deletions ORDER BY page_id`)); diff != "" {
		t.Errorf("deletions (-want +got):\n%s", diff)
	}
	_, docs := o.submit(t, "a.png")
	page := o.read(t, docs[0], 1)
	if err := o.DeletePage(t.Context(), form.Actor{}, page); err == nil {
		t.Error("nobody has deleted a page")
	}
}

func TestNothingElseDeletesWhatWasReadAndSaid(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	_, _, pages := o.full(t)
	if err := o.DeletePage(ctx, form.Command, pages[1]); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"corrections", "reading_details", "readings", "runs", "pages", "documents", "submissions", "deletions"} {
		conn, err := o.Pool().Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		// Without references: a trigger must hold by itself.
		if table != "documents" && table != "submissions" {
			if _, err := conn.ExecContext(ctx, `PRAGMA foreign_keys = 0`); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := conn.ExecContext(ctx, `DELETE FROM `+table); err == nil {
			t.Errorf("rows of %s can be deleted", table)
		}
		if _, err := conn.ExecContext(ctx, `PRAGMA foreign_keys = 1`); err != nil {
			t.Fatal(err)
		}
		conn.Close()
	}
	if _, err := o.Pool().ExecContext(ctx, `UPDATE deletions SET actor = 'system'`); err == nil {
		t.Error("a deletion can be changed")
	}
}

func TestOtherPagesOfADocumentStayAsTheyAre(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	id, doc, pages := o.full(t)
	before, err := o.PagesOf(ctx, form.Everything, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.DeletePage(ctx, form.Person(o.user), pages[1]); err != nil {
		t.Fatal(err)
	}
	after, err := o.PagesOf(ctx, form.Everything, id)
	if diff := cmp.Diff([]form.PageInfo{before[0], before[2]}, after); diff != "" || err != nil {
		t.Errorf("%v, other pages (-before +after):\n%s", err, diff)
	}
	// A list that ended with the page goes on, also by the name in the API.
	for _, p := range before {
		if found, err := o.PageID(ctx, o.domain, p.UID); err != nil || found != p.ID {
			t.Errorf("PageID = %d, %v, want %d", found, err, p.ID)
		}
		if _, err := o.PageID(ctx, o.domain+1, p.UID); !errors.Is(err, form.ErrNotFound) {
			t.Errorf("PageID of another domain: %v", err)
		}
	}
	if rest, err := o.PartOf(ctx, form.Everything, id, pages[1], 5); err != nil || len(rest) != 1 || rest[0].ID != pages[2] {
		t.Errorf("after the deleted page: %v, %v", rest, err)
	}
	s, err := o.Submission(ctx, form.Everything, id)
	if err != nil || s.Progress.Total() != 2 || !s.Progress.Finished() {
		t.Errorf("submission: %+v, %v", s, err)
	}
	if _, err := o.Document(ctx, form.Everything, doc); err != nil {
		t.Error(err)
	}
}

func TestADocumentIsFinishedWithoutItsDeletedPages(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	id, docs := o.submit(t, "a.pdf")
	doc := docs[0]
	first, _, err := o.openOf(ctx, doc, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.DeletePage(ctx, form.Command, first); !errors.Is(err, form.ErrConflict) {
		t.Errorf("a page is deleted before they are counted: %v", err)
	}
	o.begin(t, doc, 4)
	o.read(t, doc, 1)
	for _, number := range []int{2, 4} { // the one that is being read, and one that waits
		page, run, err := o.openOf(ctx, doc, number)
		if err == nil {
			err = o.DeletePage(ctx, form.Command, page)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := o.SaveRun(ctx, page, run, form.Page{State: form.StateUnmatched}, nil); !errors.Is(err, form.ErrNotFound) {
			t.Errorf("SaveRun of a deleted page = %v", err)
		}
		if err := o.Blame(ctx, page, run, form.FailEngine); !errors.Is(err, form.ErrNotFound) {
			t.Errorf("Blame of a deleted page = %v", err)
		}
	}
	task, err := o.SetPages(ctx, doc, 4)
	if err != nil || task.numbers() != "[3]" {
		t.Errorf("to be read: %s, %v", task.numbers(), err)
	}
	if err := o.FinishDocument(ctx, doc); !errors.Is(err, ErrOpen) {
		t.Errorf("FinishDocument = %v, want ErrOpen", err)
	}
	o.read(t, doc, 3)
	if err := o.FinishDocument(ctx, doc); err != nil {
		t.Error(err)
	}
	if got := o.states(t, id); got != "[done done]" {
		t.Errorf("pages are %s", got)
	}
	o.checkCounts(t)
}

func TestADeletedPageIsNotFoundAnewWhenItsDocumentIsCounted(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	_, docs := o.submit(t, "a.pdf")
	doc := docs[0]
	o.read(t, doc, 1) // as the release before the last left it: not counted
	page := o.read(t, doc, 2)
	if err := o.FailDocument(ctx, doc, form.FailDamaged); err != nil {
		t.Fatal(err)
	}
	if err := o.DeletePage(ctx, form.Command, page); err != nil {
		t.Fatal(err)
	}
	if _, err := o.RetryFailed(ctx, form.Person(o.user), form.Everything, FailedFilter{}, func(*sql.Tx, []Chore) error { return nil }); err != nil {
		t.Fatal(err)
	}
	task, err := o.SetPages(ctx, doc, 4)
	if err != nil || task.numbers() != "[3 4]" {
		t.Errorf("to be read: %q, %v", task.numbers(), err)
	}
}

func TestChoresOfWhatIsDeletedAreGone(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	id, docs := o.submit(t, "a.png", "b.png")
	page := o.unmatched(t, docs[1])
	again := o.again(t, page, 0)
	if err := o.DeleteSubmission(ctx, form.Person(o.user), id); err != nil {
		t.Fatal(err)
	}
	for _, c := range []Chore{{Document: docs[0]}, again} {
		if _, err := o.Begin(ctx, c); !errors.Is(err, form.ErrNotFound) {
			t.Errorf("Begin(%+v) = %v", c, err)
		}
		if err := o.GiveBack(ctx, c); err != nil {
			t.Errorf("GiveBack(%+v) = %v", c, err)
		}
		if _, err := o.Postpone(ctx, c, form.TroubleDisk); !errors.Is(err, form.ErrNotFound) {
			t.Errorf("Postpone(%+v) = %v", c, err)
		}
	}
	for what, err := range map[string]error{
		"count":  second(o.SetPages(ctx, docs[0], 2)),
		"finish": o.FinishDocument(ctx, docs[0]),
		"fail":   o.FailDocument(ctx, docs[0], form.FailDamaged),
	} {
		if !errors.Is(err, form.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := o.Recover(ctx, func(_ *sql.Tx, chores []Chore) error {
		t.Errorf("to be done: %v", chores)
		return nil
	}); err != nil {
		t.Error(err)
	}
}

func TestAllColumnsWithKeysOfBlobsAreLookedAt(t *testing.T) {
	schema, err := os.ReadFile("schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	table := regexp.MustCompile(`^CREATE TABLE "?(\w+)`)
	column := regexp.MustCompile(`^,? *(\w+) .*-- key of a blob`)
	var in string
	for line := range strings.Lines(string(schema)) {
		if m := table.FindStringSubmatch(line); m != nil {
			in = m[1]
		} else if m := column.FindStringSubmatch(line); m != nil {
			want = append(want, in+"."+m[1])
		}
	}
	for _, k := range blobKeys {
		got = append(got, k.table+"."+k.column)
	}
	if slices.Sort(want); !slices.Equal(want, got) || len(want) < 3 {
		t.Errorf("blobKeys = %v, want %v", got, want)
	}
}

// loose returns the loose blobs, each once.
func (o *office) loose(t testing.TB) (keys []blob.Key) {
	t.Helper()
	for {
		found, err := o.LooseBlobs(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(found) == 0 {
			slices.Sort(keys)
			return keys
		}
		for _, b := range found {
			keys = append(keys, b.Key)
		}
	}
}

func TestBlobsAreLooseWhenNothingRefersToThem(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	key := func(s string) blob.Key { return blob.KeyOf([]byte(s)) }
	_, docs := o.submit(t, "a.png", "b.png")
	_, same := o.submit(t, "a.png", "")
	pages := make([]form.PageID, 3)
	for i, doc := range []form.DocumentID{docs[0], docs[1], same[0]} {
		pages[i] = o.read(t, doc, 1) // with the same picture
		if _, err := o.Pool().ExecContext(ctx, `UPDATE documents SET pages = 1 WHERE id = ?`, doc); err != nil {
			t.Fatal(err)
		}
	}
	if got := o.loose(t); got != nil {
		t.Errorf("loose before anything is deleted: %v", got)
	}
	if err := o.DeletePage(ctx, form.Command, pages[0]); err != nil {
		t.Fatal(err)
	}
	if got := o.loose(t); got != nil {
		t.Errorf("loose, though another document has the same bytes: %v", got)
	}
	if err := o.DeletePage(ctx, form.Command, pages[1]); err != nil {
		t.Fatal(err)
	}
	if got := o.loose(t); !slices.Equal(got, []blob.Key{key("b.png")}) {
		t.Errorf("loose: %v, want that of b.png", got)
	}
	// A template that is being made has the picture, too.
	if _, err := o.Pool().ExecContext(ctx, `
		INSERT INTO template_drafts (template_id, definition, image, image_name, updated_at) VALUES (?, '', ?, '', 0)`,
		o.template.ID, blob.KeyOf(nil)); err != nil {
		t.Fatal(err)
	}
	if err := o.DeleteDocument(ctx, form.Command, same[0]); err != nil {
		t.Fatal(err)
	}
	if got := o.loose(t); !slices.Equal(got, []blob.Key{key("a.png")}) {
		t.Errorf("loose: %v, want that of a.png", got)
	}
}

func TestALooseBlobIsLookedAtUntilItIsRemoved(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	o.now = func() time.Time { return now }
	let := func() {
		id, _ := o.submit(t, "a.png")
		if err := o.DeleteSubmission(ctx, form.Command, id); err != nil {
			t.Fatal(err)
		}
	}
	look := func(want int) (found []LooseBlob) {
		t.Helper()
		found, err := o.LooseBlobs(ctx)
		if err != nil || len(found) != want {
			t.Fatalf("loose: %v, %v, want %d", found, err, want)
		}
		return found
	}
	removed := func(b LooseBlob) {
		t.Helper()
		if err := o.BlobsRemoved(ctx, []LooseBlob{b}); err != nil {
			t.Fatal(err)
		}
	}
	let()
	if b := look(1)[0]; b.Before != now.Add(-time.Hour) {
		t.Errorf("removed where it was stored before %s", b.Before)
	}
	look(0) // whoever got it removes it
	now = now.Add(time.Hour)
	b := look(1)[0] // did not, or it was too young
	let()
	removed(b)
	b = look(1)[0] // was let go once more meanwhile
	removed(b)
	now = now.Add(24 * time.Hour)
	look(0)
}

// readEverything returns the bytes of the files of a database.
func (o *office) readEverything(t testing.TB) (all []byte) {
	t.Helper()
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(o.path + suffix)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		all = append(all, data...)
	}
	return all
}

func TestDeletedWordsAreNotInTheFile(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	const name, said = "박문수의비밀.png", "임꺽정의주소"
	var ids []form.SubmissionID
	for range 40 {
		id, docs := o.submit(t, name)
		page := o.read(t, docs[0], 1, sumID)
		if _, _, err := o.AddCorrection(ctx, form.Person(o.user), form.Correction{Page: page, Run: 1, Field: sumID, Text: said}, 0); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	o.submit(t, "다른 사람.png")
	secrets := []string{name, said, "박문수", "sum of 7/1"}
	for _, s := range secrets {
		if !bytes.Contains(o.readEverything(t), []byte(s)) {
			t.Fatalf("%q is not in the file to begin with", s)
		}
	}
	for _, id := range ids {
		if err := o.DeleteSubmission(ctx, form.Command, id); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.EmptyLog(ctx); err != nil {
		t.Fatal(err)
	}
	for _, s := range secrets {
		if bytes.Contains(o.readEverything(t), []byte(s)) {
			t.Errorf("%q is still in the file", s)
		}
	}
	o.checkCounts(t)
}

func TestTheLogIsNotEmptiedUnderReaders(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	_, docs := o.submit(t, "a.png")
	if err := o.DeleteDocument(ctx, form.Command, docs[0]); err != nil {
		t.Fatal(err)
	}
	err := o.view(ctx, func(v tx) error {
		var n int
		if err := v.row(ctx, `SELECT count(*) FROM pages`)(&n); err != nil {
			return err
		}
		o.submit(t, "b.png")
		began := time.Now()
		if err := o.EmptyLog(context.WithoutCancel(ctx)); !errors.Is(err, form.ErrConflict) {
			t.Errorf("EmptyLog = %v, want ErrConflict", err)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("writers waited for %s", took)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	o.submit(t, "c.png")
	if err := o.EmptyLog(ctx); err != nil {
		t.Error(err)
	}
}

func TestAPictureOfADraftGoesWithIt(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	o.loose(t)
	first, second, released := blob.KeyOf([]byte("1")), blob.KeyOf([]byte("2")), blob.KeyOf([]byte("3"))
	draft := newTemplate(o.domain, "new")
	draft.Stage = ""
	save := func(picture blob.Key) {
		t.Helper()
		draft.Image = picture
		draft = o.save(t, draft)
	}
	save(first)
	save(second)
	if got := o.loose(t); !slices.Equal(got, []blob.Key{first}) {
		t.Errorf("loose once it has another: %v, want %v", got, first)
	}
	save(released)
	o.loose(t)
	if _, err := o.ReleaseTemplate(ctx, form.Command, draft.ID, 0, form.Beta, ""); err != nil {
		t.Fatal(err)
	}
	draft.Fields[0].Name = "other"
	draft.Version, draft.Stage = 0, ""
	save(second)
	if err := o.DiscardDraft(ctx, form.Command, draft.ID); err != nil {
		t.Fatal(err)
	}
	if got := o.loose(t); !slices.Equal(got, []blob.Key{second}) {
		t.Errorf("loose once it is discarded: %v, want %v", got, second)
	}
}

func TestWhatIsStoredAndNotUsedIsLoose(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	o.loose(t)
	used, unused := blob.KeyOf([]byte("used")), blob.KeyOf([]byte("unused"))
	if err := o.LoosenBlobs(ctx, used, unused, unused); err != nil {
		t.Fatal(err)
	}
	draft := newTemplate(o.domain, "new")
	draft.Stage, draft.Image = "", used
	o.save(t, draft)
	if got := o.loose(t); !slices.Equal(got, []blob.Key{unused}) {
		t.Errorf("loose: %v, want %v", got, unused)
	}
}
