package db

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/vault"
)

func TestWhatIsDueIsDestroyedWithoutATrace(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	const name, said = "박문수의비밀.png", "임꺽정의주소"
	now := time.Now()
	o.now = func() time.Time { return now.AddDate(0, 0, -40) }
	add := func() form.PageID {
		t.Helper()
		_, docs := o.submit(t, name)
		o.begin(t, docs[0], 1)
		page := o.read(t, docs[0], 1, sumID)
		if err := o.FinishDocument(ctx, docs[0]); err != nil {
			t.Fatal(err)
		}
		if _, _, err := o.AddCorrection(ctx, form.Person(o.user), form.Correction{Page: page, Run: 1, Field: sumID, Text: said}, 0); err != nil {
			t.Fatal(err)
		}
		return page
	}
	kim := form.Person(o.user)
	gone, trashed, held, heldInTrash := add(), add(), add(), add()
	if _, err := o.IndexPages(ctx); err != nil {
		t.Fatal(err)
	}
	o.now = func() time.Time { return now.AddDate(0, 0, -1) }
	if err := errors.Join(o.Trash(ctx, kim, trashed), o.Trash(ctx, kim, heldInTrash)); err != nil {
		t.Fatal(err)
	}
	hold, err := o.HoldPages(ctx, kim, 0, []form.PageID{held, heldInTrash, 9999}, "소송 2026가합1")
	if err != nil {
		t.Fatal(err)
	}
	rule := Retention{Template: o.template.ID, State: form.StateDone, Since: SinceFinished, Days: 39}
	if n, err := o.DestroyDue(ctx); n != 0 || err != nil {
		t.Errorf("without a rule: %d, %v", n, err)
	}
	if err := o.SetRetention(ctx, kim, rule); err != nil {
		t.Fatal(err)
	}
	if n, err := o.DestroyDue(ctx); n != 0 || err != nil {
		t.Errorf("a day too early: %d, %v", n, err)
	}
	if list, err := o.Retentions(ctx); err != nil || len(list) != 1 || list[0].Due != 2 {
		t.Errorf("tomorrow go %+v, %v", list, err)
	}
	o.now = func() time.Time { return now }
	for n, total := 1, 0; n > 0; total += n {
		if n, err = o.DestroyDue(ctx); err != nil || total > 2 {
			t.Fatal(total, err)
		}
	}
	list, err := o.Destructions(ctx, 9)
	if err != nil || len(list) != 1 || list[0].Pages != 2 || list[0].Ended.IsZero() || list[0].Rule.Days != 39 || list[0].Rule.Name != "claim" {
		t.Fatalf("certificates %+v, %v", list, err)
	}
	d, pages, err := o.DestructionOf(ctx, list[0].ID)
	if err != nil || len(pages) != 2 || pages[0].Page != gone || pages[1].Page != trashed {
		t.Fatalf("%+v, %+v, %v", d, pages, err)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s\n%d %s\n", pages[0].Page, pages[0].UID, pages[1].Page, pages[1].UID))
	if !bytes.Equal(sum[:], d.Digest) {
		t.Errorf("digest %x, want %x", d.Digest, sum)
	}
	if _, err := o.write.ExecContext(ctx, `UPDATE destructions SET pages = 1`); err == nil {
		t.Error("a certificate is changed")
	}
	// What is held stays, whoever would delete it.
	for what, err := range map[string]error{
		"trash":             o.Trash(ctx, kim, held),
		"delete":            o.DeletePage(ctx, kim, held),
		"purge":             second(o.Purge(ctx, kim, []form.PageID{heldInTrash})),
		"purge by the rest": o.PurgeOf(ctx, form.Program(o.domain), o.domain, o.table(t, `SELECT uid FROM trash`)[0]),
	} {
		if !errors.Is(err, form.ErrHeld) {
			t.Errorf("%s of what is held: %v", what, err)
		}
	}
	o.now = func() time.Time { return now.Add(2 * TrashTime) }
	if n, err := o.EmptyTrash(ctx); n != 0 || err != nil {
		t.Errorf("%d emptied, %v", n, err)
	}
	for _, statement := range []string{
		`INSERT INTO deletions (page_id, uid, document_id, number, part, submission_id, domain_id, actor, at) SELECT id, uid, document_id, 1, 0, 1, 1, 'system', 1 FROM pages`,
		`DELETE FROM holds`,
	} {
		if _, err := o.write.ExecContext(ctx, statement); err == nil {
			t.Errorf("%s is done", statement)
		}
	}
	if reasons, err := o.HoldsOf(ctx, form.Everything, held); err != nil || len(reasons) != 1 {
		t.Errorf("held for %q, %v", reasons, err)
	}
	if err := o.LiftHold(ctx, kim, hold, "확정"); err != nil {
		t.Fatal(err)
	}
	if err := o.LiftHold(ctx, kim, hold, "x"); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("lifted again: %v", err)
	}
	for n := 1; n > 0; {
		if n, err = o.DestroyDue(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.EmptyLog(context.WithoutCancel(ctx)); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{name, said, "박문수", "sum of 1/1"} {
		if bytes.Contains(o.readEverything(t), []byte(secret)) {
			t.Errorf("%q is still in the file", secret)
		}
	}
	if left := o.left(t); left != nil {
		t.Errorf("left behind in %s", left)
	}
	o.checkCounts(t)
	o.chained(t)
}

func TestATemplateIsHeld(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	_, _, pages := o.full(t)
	kim := form.Person(o.user)
	hold, err := o.HoldPages(ctx, kim, o.template.ID, nil, "감사")
	if err != nil {
		t.Fatal(err)
	}
	id, err := o.AddBulk(ctx, kim, Bulk{Act: BulkTrash}, pages)
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n > 0; {
		if n, err = o.DoBulk(ctx, noJobs); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := o.Bulk(ctx, o.user, id); err != nil || b.Skipped != 3 {
		t.Errorf("%+v, %v", b, err)
	}
	if list, err := o.Holds(ctx); err != nil || len(list) != 1 || list[0].Name != "claim" || list[0].By != "kim" {
		t.Errorf("holds %+v, %v", list, err)
	}
	// Read again, it is found to be no such form.
	if _, err := o.write.ExecContext(ctx, `UPDATE pages SET template_id = NULL, version = NULL WHERE id = ?`, pages[0]); err != nil {
		t.Fatal(err)
	}
	if err := o.DeletePage(ctx, kim, pages[0]); !errors.Is(err, form.ErrHeld) {
		t.Errorf("with another template: %v", err)
	}
	if err := o.LiftHold(ctx, kim, hold, ""); err != nil {
		t.Fatal(err)
	}
	if err := o.DeletePage(ctx, kim, pages[0]); err != nil {
		t.Error(err)
	}
}

// A hold of the release before keeps what is read with another template since.
func TestHoldsOfTheReleaseBefore(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	_, _, pages := o.full(t)
	if _, err := o.HoldPages(ctx, form.Person(o.user), o.template.ID, nil, "감사"); err != nil {
		t.Fatal(err)
	}
	old := o.before(t, 32, append(readTables, "holds")...)
	if _, err := old.write.ExecContext(ctx, `UPDATE pages SET template_id = NULL, version = NULL WHERE id = ?`, pages[0]); err != nil {
		t.Fatal(err)
	}
	if err := old.DeletePage(ctx, form.Person(o.user), pages[0]); !errors.Is(err, form.ErrHeld) {
		t.Errorf("DeletePage = %v", err)
	}
}

// A certificate says that keys are destroyed once no blob is left of which it tells.
func TestACertificateSaysWhenKeysAreGone(t *testing.T) {
	o, ctx := newServing(t), t.Context()
	now := time.Now()
	o.now = func() time.Time { return now.AddDate(0, 0, -40) }
	_, docs := o.submit(t, "a")
	o.begin(t, docs[0], 1)
	o.read(t, docs[0], 1)
	if err := o.FinishDocument(ctx, docs[0]); err != nil {
		t.Fatal(err)
	}
	o.now = func() time.Time { return now }
	if _, err := o.OpenVault(ctx, vault.Source{File: filepath.Join(t.TempDir(), "vault.key")}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(o.Keyring().SetSealed(ctx, blob.Shards), o.Keyring().SetSince(ctx)); err != nil {
		t.Fatal(err)
	}
	if err := o.SetRetention(ctx, form.Person(o.user), Retention{Template: o.template.ID, State: form.StateDone, Since: SinceFinished, Days: 30}); err != nil {
		t.Fatal(err)
	}
	for n, err := 1, error(nil); n > 0; {
		if n, err = o.DestroyDue(ctx); err != nil {
			t.Fatal(err)
		}
	}
	check := func(due int, said bool) {
		t.Helper()
		ids, err := o.KeysDue(ctx)
		if err != nil || len(ids) != due {
			t.Errorf("due are %v, %v, want %d", ids, err, due)
		}
		list, err := o.Destructions(ctx, 9)
		if err != nil || len(list) != 1 || list[0].KeysSince.IsZero() || list[0].KeysAt.IsZero() == said {
			t.Errorf("certificates %+v, %v", list, err)
		}
	}
	check(0, false)
	loose, err := o.LooseBlobs(ctx)
	if err != nil || len(loose) == 0 {
		t.Fatal(loose, err)
	}
	check(0, false)
	if err := o.BlobsRemoved(ctx, loose); err != nil {
		t.Fatal(err)
	}
	check(1, false)
	if err := o.KeysDestroyed(ctx, []int64{1}); err != nil {
		t.Fatal(err)
	}
	check(0, true)
}
