package db

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/vault"
)

// lock has an office encrypt from now on.
func (o *office) lock(t testing.TB) {
	t.Helper()
	if _, err := o.OpenVault(t.Context(), vault.Source{File: filepath.Join(t.TempDir(), "vault.key")}); err != nil {
		t.Fatal(err)
	}
}

// secret makes the sum of the template a resident number.
func (o *office) secret(t testing.TB) {
	t.Helper()
	f := newTemplate(o.domain, "secret")
	f.Fields[2].Personal = form.PersonalResident
	o.template = o.save(t, f)
}

const resident = "881021-1068234"

// secretPage has a page be read, corrected, typed and keyed of which one field is secret.
func (o *office) secretPage(t testing.TB) form.PageID {
	t.Helper()
	_, docs := o.submit(t, "a")
	o.begin(t, docs[0], 1)
	page := o.read(t, docs[0], 1, nameID, sumID)
	if err := o.FinishDocument(t.Context(), docs[0]); err != nil {
		t.Fatal(err)
	}
	kim := form.Person(o.user)
	if err := o.KeepTyped(t.Context(), kim, form.Typed{Page: page, Run: 1, Field: sumID, Held: form.Held{Text: "typed secret"}}); err != nil {
		t.Fatal(err)
	}
	if err := o.Plant(t.Context(), kim, form.Probe{Page: page, Run: 1, Field: sumID, Shown: "shown secret"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := o.AddCorrection(t.Context(), kim, form.Correction{Page: page, Run: 1, Field: sumID, Text: resident}, 0); err != nil {
		t.Fatal(err)
	}
	if err := o.KeepTyped(t.Context(), kim, form.Typed{Page: page, Run: 1, Field: sumID, Seen: 99, Held: form.Held{Text: "typed secret"}}); err != nil {
		t.Fatal(err)
	}
	return page
}

var secrets = []string{resident, "8810211068234", "sum of 1/1", "sumof11", "typed secret", "shown secret"}

// checkSecret sees that what is secret of a page is told, and lies nowhere as it is.
func (o *office) checkSecret(t testing.TB, page form.PageID) {
	t.Helper()
	ctx := t.Context()
	for n := 1; n > 0; {
		var err error
		if n, err = o.IndexPages(ctx); err != nil {
			t.Fatal(err)
		}
	}
	r, err := o.Record(ctx, form.Everything, page)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range r.Values {
		if v.Field.ID == sumID && (v.Text() != resident || v.Reading.Text != "sum of 1/1" || len(v.Reading.Alternatives) != 1) {
			t.Errorf("the value is %+v", v)
		}
	}
	if typed, err := o.Typed(ctx, form.Everything, page); err != nil || len(typed) != 1 || typed[0].Text != "typed secret" {
		t.Errorf("typed is %+v, %v", typed, err)
	}
	if p, err := o.Probe(ctx, form.Everything, page, o.user); err != nil || p.Shown != "shown secret" {
		t.Errorf("the probe is %+v, %v", p, err)
	}
	for text, want := range map[string]int{"881021 1068234": 1, "８８１０２１－１０６８２３４": 1, "sum of 1/1": 1, "881021": 0, "sum": 0, "name of": 1} {
		found, err := o.Pages(ctx, form.Everything, PageFilter{Value: text, Personal: true})
		if err != nil || len(found) != want {
			t.Errorf("%q finds %d pages, %v, want %d", text, len(found), err, want)
		}
	}
	open := strings.Join(o.table(t, `SELECT text FROM page_texts`), "")
	for _, b := range []byte("0123456789abcdef!=-./") { // no part of a token
		if found, err := o.Pages(ctx, form.Everything, PageFilter{Value: string(b), Personal: true}); err != nil || len(found) > 0 && !strings.Contains(open, string(b)) {
			t.Errorf("%q finds %d pages, %v", b, len(found), err)
		}
	}
	if found, err := o.Pages(ctx, form.Everything, PageFilter{Value: resident}); err != nil || len(found) > 0 {
		t.Errorf("who must not see it finds %d pages, %v", len(found), err)
	}
	for n := 0; n < 100 && errors.Is(o.emptyLog(ctx, o.write), form.ErrConflict); n++ {
	}
	all := o.readEverything(t)
	for _, s := range secrets {
		if bytes.Contains(all, []byte(s)) {
			t.Errorf("%q is in the file", s)
		}
	}
	if !bytes.Contains(all, []byte("name of 1/1")) {
		t.Error("what is not secret is not in the file")
	}
}

func TestWhatIsSecretLiesEncrypted(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	o.lock(t)
	o.secret(t)
	page := o.secretPage(t)
	o.checkSecret(t, page)
	kim := form.Person(o.user)
	// Into the trash and back it is as it was.
	if err := o.Trash(ctx, kim, page); err != nil {
		t.Fatal(err)
	}
	for _, s := range secrets {
		if bytes.Contains(o.readEverything(t), []byte(s)) {
			t.Errorf("%q is in the trash", s)
		}
	}
	if _, err := o.Restore(ctx, kim, []form.PageID{page}, noJobs); err != nil {
		t.Fatal(err)
	}
	o.checkSecret(t, page)
	// Of what was deleted nobody reads a copy.
	texts := o.table(t, `SELECT text FROM corrections`)
	tell := func() (plain string) {
		t.Helper()
		if err := o.view(ctx, func(t tx) error { return t.row(ctx, `SELECT ?`, texts[0])(&plain) }); err != nil {
			t.Fatal(err)
		}
		return plain
	}
	if got := tell(); got != resident {
		t.Errorf("a copy has %q", got)
	}
	if err := o.DeletePage(ctx, kim, page); err != nil {
		t.Fatal(err)
	}
	if more, err := o.DestroyTextKeys(ctx); more || err != nil {
		t.Fatal(more, err)
	}
	if got := tell(); got != goneText {
		t.Errorf("a copy of what was deleted has %q", got)
	}
}

// What somebody alters, or types to look encrypted, keeps nobody from reading the rest.
func TestTextsThatOnlyLookEncrypted(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	o.lock(t)
	o.secret(t)
	page := o.secretPage(t)
	good := o.table(t, `SELECT text FROM corrections`)[0]
	other := []byte(good)
	other[len(other)-2] ^= 1
	var last form.CorrectionID
	for _, text := range []string{"\x01", "\x01abc", string(other), good[:len(good)-1], good} {
		said, _, err := o.AddCorrection(ctx, form.Person(o.user), form.Correction{Page: page, Run: 1, Field: nameID, Text: text}, last)
		if err != nil {
			t.Fatal(err)
		}
		last = said.ID
		r, err := o.Record(ctx, form.Everything, page)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(r.Values, func(v form.Value) bool { return v.Field.ID == nameID })
		if got := r.Values[i].Text(); got != text {
			t.Errorf("said was %q, and it is %q", text, got)
		}
		if _, err := o.write.ExecContext(ctx, `INSERT INTO notes (page_id, user_id, at, text) VALUES (?, ?, 1, ?)`, page, o.user, text); err != nil {
			t.Fatal(err)
		}
		if _, err := o.StoryOf(ctx, form.Everything, page); err != nil {
			t.Errorf("with a note %q: %v", text, err)
		}
	}
}

func TestWhatWasKeptBeforeIsEncrypted(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	o.secret(t)
	page := o.secretPage(t)
	if _, err := o.IndexPages(ctx); err != nil {
		t.Fatal(err)
	}
	o.lock(t)
	if n, err := o.UnsealedPages(ctx, 9); n != 1 || err != nil {
		t.Errorf("%d pages are left, %v", n, err)
	}
	for more := true; more; {
		var err error
		if more, err = o.SealTexts(ctx); err != nil {
			t.Fatal(err)
		}
	}
	o.checkSecret(t, page)
	for _, table := range []string{"readings", "corrections"} {
		for _, text := range []string{"x", "\x01x"} {
			if _, err := o.write.ExecContext(ctx, `UPDATE `+table+` SET text = ? WHERE field = ?`, text, sumID); err == nil {
				t.Errorf("%s are changed to %q", table, text)
			}
		}
		if _, err := o.write.ExecContext(ctx, `UPDATE `+table+` SET checked = 1 - checked`); err == nil {
			t.Errorf("%s are changed", table)
		}
	}
}

func TestWhatLayInTheTrashBeforeIsEncrypted(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	o.secret(t)
	page := o.secretPage(t)
	kim := form.Person(o.user)
	if err := o.Trash(ctx, kim, page); err != nil {
		t.Fatal(err)
	}
	o.lock(t)
	for more := true; more; {
		var err error
		if more, err = o.SealTexts(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.emptyLog(ctx, o.write); err != nil {
		t.Fatal(err)
	}
	for _, s := range append(secrets, "name of 1/1") {
		if bytes.Contains(o.readEverything(t), []byte(s)) {
			t.Errorf("%q is in the file", s)
		}
	}
	if n, err := o.Restore(ctx, kim, []form.PageID{page}, noJobs); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	o.checkSecret(t, page)
}

// Whatever people and programs do, all is told as before once it is encrypted, and
// goes on.
func TestALifeThatIsEncryptedInTheMiddle(t *testing.T) {
	l := newLife(t, 3)
	f := newTemplate(l.domain, "secret")
	f.Fields[1].Personal, f.Fields[2].Personal = form.PersonalHealth, form.PersonalResident
	l.templates[1] = l.save(t, f)
	act := func(times int) {
		t.Helper()
		for range times {
			if _, err := l.act(); impossible(err) {
				t.Fatal(err)
			}
		}
	}
	act(400)
	pages, submissions := l.tell(t)
	l.lock(t)
	for more := true; more; {
		var err error
		if more, err = l.SealTexts(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	pagesAfter, submissionsAfter := l.tell(t)
	if diff := cmp.Diff(pages, pagesAfter); diff != "" {
		t.Errorf("pages (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(submissions, submissionsAfter); diff != "" {
		t.Errorf("submissions (-before +after):\n%s", diff)
	}
	encrypted := func() int { return len(l.table(t, `SELECT 'x' FROM readings WHERE unicode(text) = 1`)) }
	some := encrypted()
	if some < 10 {
		t.Errorf("%d readings are encrypted", some)
	}
	act(200)
	l.checkCounts(t)
	for _, s := range []form.Sealing{{Names: true, Contacts: true, Others: true}, {}} {
		if err := l.SetSealing(t.Context(), form.Person(l.user), s); err != nil {
			t.Fatal(err)
		}
		act(100)
		pages, submissions = l.tell(t)
		l.seal(t)
		pagesAfter, submissionsAfter = l.tell(t)
		if diff := cmp.Diff(pages, pagesAfter); diff != "" {
			t.Errorf("%+v: pages (-before +after):\n%s", s, diff)
		}
		if diff := cmp.Diff(submissions, submissionsAfter); diff != "" {
			t.Errorf("%+v: submissions (-before +after):\n%s", s, diff)
		}
		if n := encrypted(); (n > 2*some) != s.Others {
			t.Errorf("%+v: %d readings are encrypted", s, n)
		}
		l.checkCounts(t)
	}
}

func TestTextsOfTestCasesLieEncrypted(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	kim := form.Person(o.user)
	keep := func(name string) form.CaseID {
		t.Helper()
		id := o.sample(t, o.template.ID, name, 1)
		if err := o.SaveCaseResult(ctx, id, caseRead("f", "read "+resident)); err != nil {
			t.Fatal(err)
		}
		if err := o.SetExpected(ctx, kim, id, []form.Expected{{Field: sumID, Held: form.Held{Text: resident}}}); err != nil {
			t.Fatal(err)
		}
		return id
	}
	before := keep("before")
	old := o.caseOf(t, before, "f")
	o.lock(t)
	for more := true; more; {
		var err error
		if more, err = o.SealTexts(ctx); err != nil {
			t.Fatal(err)
		}
	}
	after := keep("after")
	if diff := cmp.Diff(old, o.caseOf(t, before, "f")); diff != "" {
		t.Errorf("-before +after:\n%s", diff)
	}
	if c := o.caseOf(t, after, "f"); c.Expected[0].Text != resident || c.Result.Readings[0].Text != "read "+resident {
		t.Errorf("%+v", c)
	}
	if err := o.emptyLog(ctx, o.write); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(o.readEverything(t), []byte(resident)) {
		t.Error("it is in the file")
	}
	text := o.table(t, `SELECT text FROM case_values WHERE case_id = `+fmt.Sprint(after))[0]
	if err := o.DeleteCase(ctx, kim, after); err != nil {
		t.Fatal(err)
	}
	if _, err := o.DestroyTextKeys(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := o.vault.TextsOf(ctx, text); !errors.Is(err, vault.ErrDestroyed) {
		t.Errorf("the key is still there: %v", err)
	}
	if left := o.table(t, `SELECT name FROM keys_due`); len(left) > 0 {
		t.Errorf("due are %v", left)
	}
}

// As docs/operate.md says of an upgrade that went wrong: the database of before goes on
// with the keyring of after.
func TestTheDatabaseOfBeforeAnUpgrade(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	master := vault.Source{File: filepath.Join(t.TempDir(), "vault.key")}
	if _, err := o.OpenVault(ctx, master); err != nil {
		t.Fatal(err)
	}
	o.secret(t)
	kept, deleted := o.secretPage(t), o.secretPage(t)
	before := beforeName(o.path, 99, 98, 6)
	if err := o.CopyTo(ctx, before); err != nil {
		t.Fatal(err)
	}
	o.secretPage(t) // whose keys nothing needs after it
	if err := o.DeletePage(ctx, form.Person(o.user), deleted); err != nil {
		t.Fatal(err)
	}
	if _, err := o.DestroyTextKeys(ctx); err != nil {
		t.Fatal(err)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(o.path+end, o.path+".wrong"+end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if err := os.Rename(before, o.path); err != nil {
		t.Fatal(err)
	}
	again := &office{DB: openFile(t, o.path), domain: o.domain, user: o.user, template: o.template}
	if _, err := again.OpenVault(ctx, master); err != nil {
		t.Fatal(err)
	}
	for page, want := range map[form.PageID]string{kept: resident, deleted: goneText} {
		r, err := again.Record(ctx, form.Everything, page)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(r.Values, func(v form.Value) bool { return v.Field.ID == sumID })
		if got := r.Values[i].Text(); got != want {
			t.Errorf("page %d has %q, want %q", page, got, want)
		}
	}
	again.secretPage(t)
	if n, err := again.UnsealedPages(ctx, 9); err != nil {
		t.Errorf("%d pages are left, %v", n, err)
	}
}

// seal does what a server does beside its work.
func (o *office) seal(t testing.TB) {
	t.Helper()
	for more := true; more; {
		var err error
		if more, err = o.SealTexts(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// What the office wants encrypted is, whether it comes later or was there, and not any
// more once it does not want that.
func TestTheOfficeChoosesWhatIsEncrypted(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	kim := form.Person(o.user)
	if err := o.SetSealing(ctx, kim, form.Sealing{Others: true}); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("without keys: %v", err)
	}
	o.lock(t)
	o.secret(t)
	before := o.secretPage(t)
	o.seal(t)
	records := func(pages ...form.PageID) (all []form.Record) {
		t.Helper()
		for _, page := range pages {
			r, err := o.Record(ctx, form.Everything, page)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, r)
		}
		return all
	}
	check := func(plain bool) {
		t.Helper()
		if n, err := o.UnsealedPages(ctx, 9); n != 0 || err != nil {
			t.Errorf("%d pages are left, %v", n, err)
		}
		for n := 1; n > 0; {
			var err error
			if n, err = o.IndexPages(ctx); err != nil {
				t.Fatal(err)
			}
		}
		for text, want := range map[string]bool{"name of 1/1": true, "name": plain, resident: true, "881021": false} {
			found, err := o.Pages(ctx, form.Everything, PageFilter{Value: text, Personal: true})
			if err != nil || len(found) > 0 != want {
				t.Errorf("%q finds %d pages, %v, want some: %v", text, len(found), err, want)
			}
		}
		for n := 0; n < 100 && errors.Is(o.emptyLog(ctx, o.write), form.ErrConflict); n++ {
		}
		all := o.readEverything(t)
		if bytes.Contains(all, []byte("name of 1/1")) != plain || bytes.Contains(all, []byte("nameof11")) != plain {
			t.Errorf("it is in the file: %v, want %v", !plain, plain)
		}
		for _, s := range secrets {
			if bytes.Contains(all, []byte(s)) {
				t.Errorf("%q is in the file", s)
			}
		}
	}
	check(true)
	was, tiles := records(before), o.table(t, `SELECT format('%d %s %d %s %s', page_id, field, place, sort, text) FROM tiles ORDER BY 1`)
	if err := o.SetSealing(ctx, kim, form.Sealing{Names: true, Others: true}); err != nil {
		t.Fatal(err)
	}
	if n, err := o.UnsealedPages(ctx, 9); n != 1 || err != nil {
		t.Errorf("%d pages are left, %v", n, err)
	}
	after := o.secretPage(t)
	if plain := o.table(t, `SELECT text FROM readings WHERE unicode(text) <> 1 AND field <> '#title' AND page_id = `+fmt.Sprint(after)); len(plain) > 0 {
		t.Errorf("%q are written as they are", plain)
	}
	o.seal(t)
	check(false)
	if diff := cmp.Diff(was, records(before)); diff != "" {
		t.Errorf("-before +encrypted:\n%s", diff)
	}
	if s, err := o.Sealing(ctx); err != nil || s != (form.Sealing{Names: true, Others: true}) {
		t.Errorf("%+v, %v", s, err)
	}
	both := records(before, after)
	if err := o.SetSealing(ctx, kim, form.Sealing{}); err != nil {
		t.Fatal(err)
	}
	if err := o.SetSealing(ctx, kim, form.Sealing{}); err != nil { // which changes nothing
		t.Fatal(err)
	}
	o.seal(t)
	check(true)
	if diff := cmp.Diff(both, records(before, after)); diff != "" {
		t.Errorf("-encrypted +opened:\n%s", diff)
	}
	again := o.table(t, `SELECT format('%d %s %d %s %s', page_id, field, place, sort, text) FROM tiles WHERE page_id = `+fmt.Sprint(before)+` ORDER BY 1`)
	if diff := cmp.Diff(tiles, again); diff != "" {
		t.Errorf("tiles (-before +after):\n%s", diff)
	}
}

// BenchmarkExportEncrypted reads 2,000 records of three values: as they are, and
// encrypted.
func BenchmarkExportEncrypted(b *testing.B) {
	const documents, pages = 20, 100
	o := newOffice(b)
	o.lock(b)
	o.template = o.save(b, newTemplate(o.domain, "open"))
	for n := range documents {
		_, docs := o.submit(b, fmt.Sprint(n))
		o.begin(b, docs[0], pages)
		for page := range pages {
			o.read(b, docs[0], page+1)
		}
	}
	for _, s := range []form.Sealing{{}, {Names: true, Others: true}} {
		if err := o.SetSealing(b.Context(), form.Person(o.user), s); err != nil {
			b.Fatal(err)
		}
		o.seal(b)
		values := len(o.table(b, `SELECT 'x' FROM readings WHERE unicode(text) = 1`))
		b.Run(fmt.Sprintf("%d of 6000 values", values), func(b *testing.B) {
			for b.Loop() {
				n := 0
				for _, err := range o.Export(b.Context(), form.Everything, ExportFilter{Template: o.template.ID, States: []form.State{form.StateReview, form.StateDone}}) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
				if n != documents*pages {
					b.Fatalf("%d records", n)
				}
			}
		})
	}
}
