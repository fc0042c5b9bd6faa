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

func TestSaveDomain(t *testing.T) {
	o := newOffice(t)
	d, err := o.Domain(t.Context(), form.Everything, o.domain)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.SigningKey) != 64 || d.Settings != (form.Settings{Illegible: "●"}) {
		t.Errorf("a new domain has key %q and settings %+v", d.SigningKey, d.Settings)
	}
	d.Name, d.Languages = "총무과", []string{"ko", "ja"}
	d.Settings = form.Settings{Tables: true, Cells: true, FetchURLs: true, Together: 5, Quota: 100, PerMinute: 60, Webhook: "https://example.com/hook", Illegible: "?"}
	if err := o.SaveDomain(t.Context(), form.Command, d); err != nil {
		t.Fatal(err)
	}
	got, err := o.Domain(t.Context(), form.Everything, o.domain)
	if diff := cmp.Diff(d, got); err != nil || diff != "" {
		t.Errorf("saved %v (-want +got):\n%s", err, diff)
	}
	if err := o.RotateSigningKey(t.Context(), form.Command, d.ID); err != nil {
		t.Fatal(err)
	}
	if got, _ = o.Domain(t.Context(), form.Everything, o.domain); got.SigningKey == d.SigningKey {
		t.Error("the signing key stays")
	}
	for name, spoil := range map[string]func(*form.Domain){
		"no name":      func(d *form.Domain) { d.Name = "" },
		"language":     func(d *form.Domain) { d.Languages = []string{"fr"} },
		"quota":        func(d *form.Domain) { d.Settings.Quota = -1 },
		"per_minute":   func(d *form.Domain) { d.Settings.PerMinute = -1 },
		"together":     func(d *form.Domain) { d.Settings.Together = -1 },
		"no URL":       func(d *form.Domain) { d.Settings.Webhook = "hook" },
		"file URL":     func(d *form.Domain) { d.Settings.Webhook = "file:///etc/passwd" },
		"password":     func(d *form.Domain) { d.Settings.Webhook = "https://a:b@example.com/" },
		"without host": func(d *form.Domain) { d.Settings.Webhook = "https:///x" },
	} {
		bad := got
		spoil(&bad)
		if err, invalid := o.SaveDomain(t.Context(), form.Command, bad), new(form.InvalidError); !errors.As(err, &invalid) {
			t.Errorf("%s: %v, want an InvalidError", name, err)
		}
	}
	d.ID = 99
	if err := o.SaveDomain(t.Context(), form.Command, d); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("no such domain: %v", err)
	}
}

func TestUseCalls(t *testing.T) {
	o := newOffice(t)
	now := time.Date(2026, 11, 30, 23, 0, 0, 0, time.Local)
	o.now = func() time.Time { return now }
	d, _ := o.Domain(t.Context(), form.Everything, o.domain)
	d.Settings.Quota = 2
	if err := o.SaveDomain(t.Context(), form.Command, d); err != nil {
		t.Fatal(err)
	}
	useMany := func(n int, want bool) {
		t.Helper()
		if left, err := o.UseCalls(t.Context(), d.ID, n); err != nil || left != want {
			t.Errorf("UseCalls(%d) = %v, %v; want %v", n, left, err, want)
		}
	}
	use := func(want bool) {
		t.Helper()
		useMany(1, want)
	}
	useMany(3, false) // and none of them is counted
	use(true)
	use(true)
	use(false)
	if n, err := o.Calls(t.Context(), d.ID); n != 2 || err != nil {
		t.Errorf("Calls = %d, %v; want 2", n, err)
	}
	now = now.Add(time.Hour) // December
	useMany(2, true)
	d.Settings.Quota = 0
	if err := o.SaveDomain(t.Context(), form.Command, d); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		use(true)
	}
}

func TestSecretsThatAreGood(t *testing.T) {
	o := newOffice(t)
	now := time.UnixMilli(1_000_000).UTC()
	o.now = func() time.Time { return now }
	if _, err := o.RotateSecret(t.Context(), form.Command, o.domain, time.Hour); err != nil {
		t.Fatal(err)
	}
	list, err := o.Secrets(t.Context(), o.domain)
	if err != nil || len(list) != 2 {
		t.Fatalf("secrets %v, %v; want 2", list, err)
	}
	now = now.Add(time.Hour)
	if list, err = o.Secrets(t.Context(), o.domain); err != nil || len(list) != 1 || !list[0].ExpiresAt.IsZero() {
		t.Errorf("an hour later: secrets %v, %v; want the new one", list, err)
	}
}

func TestRequestKeys(t *testing.T) {
	o := newOffice(t)
	now := time.UnixMilli(1_000_000_000).UTC()
	o.now = func() time.Time { return now }
	submit := func() (form.SubmissionID, error) {
		s := form.Submission{Domain: o.domain, Key: form.RequestKey{Key: "k", Request: "sum"}}
		return o.AddSubmission(t.Context(), form.Command, s, []form.Document{{Name: "a", Blob: blob.KeyOf(nil)}}, func(*sql.Tx, []Chore) error { return nil })
	}
	if _, err := o.Keyed(t.Context(), o.domain, "k"); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("before: %v", err)
	}
	id, err := submit()
	if err != nil {
		t.Fatal(err)
	}
	got, err := o.Keyed(t.Context(), o.domain, "k")
	if want := (Keyed{"sum", id, now}); err != nil || got != want {
		t.Errorf("Keyed = %v, %v; want %v", got, err, want)
	}
	if _, err := submit(); !errors.Is(err, form.ErrConflict) {
		t.Errorf("the same key again: %v, want a conflict", err)
	}
	if err := o.DropKey(t.Context(), o.domain, "k", id); err != nil {
		t.Fatal(err)
	}
	if _, err := submit(); err != nil {
		t.Errorf("after it was dropped: %v", err)
	}
	now = now.Add(24 * time.Hour)
	if _, err := o.Keyed(t.Context(), o.domain, "k"); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("a day later: %v", err)
	}
	if _, err := submit(); err != nil {
		t.Errorf("a day later: %v", err)
	}
}

func TestValidation(t *testing.T) {
	o := newOffice(t)
	_, docs := o.submit(t, "a")
	page := o.read(t, docs[0], 1)
	waiting := func(want int) {
		t.Helper()
		if pages, err := o.Unvalidated(t.Context(), docs[0]); err != nil || len(pages) != want {
			t.Errorf("Unvalidated = %v, %v; want %d", pages, err, want)
		}
	}
	waiting(0)
	if err := o.SetValidation(t.Context(), form.Command, o.template.ID, "http://10.0.0.1/check"); err != nil {
		t.Fatal(err)
	}
	if f, err := o.Template(t.Context(), form.Everything, o.template.ID, 0); err != nil || f.Validation != "http://10.0.0.1/check" || f.Version != o.template.Version {
		t.Errorf("template %+v, %v", f, err)
	}
	waiting(1)
	first := form.Validation{Verdict: form.NotValid, Message: "sum"}
	for _, v := range []form.Validation{first, {Verdict: form.Valid}} {
		if err := o.SaveValidation(t.Context(), page, 1, v); err != nil {
			t.Fatal(err)
		}
	}
	waiting(0)
	if p, err := o.Page(t.Context(), form.Everything, page); err != nil || p.Validation != first {
		t.Errorf("validation %+v, %v; want %+v", p.Validation, err, first)
	}
}

func TestNotices(t *testing.T) {
	o := newOffice(t)
	_, docs := o.submit(t, "unheard", "heard")
	o.read(t, docs[0], 1)
	d, _ := o.Domain(t.Context(), form.Everything, o.domain)
	d.Settings.Webhook = "https://example.com/hook"
	if err := o.SaveDomain(t.Context(), form.Command, d); err != nil {
		t.Fatal(err)
	}
	var ids []NoticeID
	queue := func(want int) {
		t.Helper()
		n, err := o.QueueNotices(t.Context(), func(_ *sql.Tx, new []NoticeID) error {
			ids = noted(ids, new...)
			return nil
		})
		if err != nil || n != want {
			t.Errorf("QueueNotices = %d, %v; want %d", n, err, want)
		}
	}
	o.begin(t, docs[1], 1)
	page := o.read(t, docs[1], 1, nameID)
	queue(0) // its document may have more pages
	if err := o.FinishDocument(t.Context(), docs[1]); err != nil {
		t.Fatal(err)
	}
	if _, err := o.QueueNotices(t.Context(), func(*sql.Tx, []NoticeID) error { return errors.New("no") }); err == nil {
		t.Error("no error, although no job was added")
	}
	queue(1)
	queue(0)
	if _, _, err := o.AddCorrection(t.Context(), form.Person(o.user), form.Correction{Page: page, Run: 1, Field: nameID, Text: "x"}, 0); err != nil {
		t.Fatal(err)
	}
	queue(1)
	for i, state := range []form.State{form.StateReview, form.StateDone} {
		n, err := o.Notice(t.Context(), ids[i])
		if err != nil || n.Page != page || n.State != state || n.Corrected || len(n.UID) != 32 || n.Domain.Settings.Webhook != d.Settings.Webhook {
			t.Errorf("notice %+v, %v; want state %s", n, err, state)
		}
	}
	// Further corrections are told together, once a person has had time for some.
	now := time.Now()
	o.now = func() time.Time { return now }
	correct := func(field form.FieldID, text string, after form.CorrectionID) form.CorrectionID {
		t.Helper()
		c, _, err := o.AddCorrection(t.Context(), form.Person(o.user), form.Correction{Page: page, Run: 1, Field: field, Text: text}, after)
		if err != nil {
			t.Fatal(err)
		}
		return c.ID
	}
	first := correct(sumID, "5", 0)
	now = now.Add(time.Second)
	correct(dateID, "6", 0)
	queue(0)
	now = now.Add(correctedWithin - time.Second)
	queue(1)
	queue(0)
	if n, err := o.Notice(t.Context(), ids[2]); err != nil || !n.Corrected || n.State != form.StateDone || n.Page != page {
		t.Errorf("notice %+v, %v; want one of a correction", n, err)
	}
	correct(sumID, "7", first)
	now = now.Add(-time.Hour) // the clock is set back
	queue(1)
	correct(sumID, "7", first) // who says what was said tells nothing new
	queue(0)
	for _, id := range ids[2:] {
		if err := o.NoticeDelivered(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.NoticeDelivered(t.Context(), ids[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Notice(t.Context(), ids[0]); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("after it was delivered: %v", err)
	}
	if n, err := o.Untold(t.Context(), o.domain); n != 1 || err != nil {
		t.Errorf("Untold = %d, %v; want 1", n, err)
	}
}
