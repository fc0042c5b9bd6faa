package db

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
)

func TestHealth(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	now := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	o.now = func() time.Time { return now }
	_, old := o.submit(t, "old.png")
	o.read(t, old[0], 1, nameID)
	now = now.AddDate(0, 0, 40)
	_, docs := o.submit(t, "a.png", "b.png", "c.png")
	var pages []form.PageID
	for _, doc := range docs {
		pages = append(pages, o.read(t, doc, 1, nameID, sumID))
	}
	other, err := o.AddUser(ctx, form.Command, "lee", "hash")
	if err != nil {
		t.Fatal(err)
	}
	say := func(by form.UserID, page form.PageID, field form.FieldID, text string, after form.CorrectionID, seconds int) form.CorrectionID {
		t.Helper()
		now = now.Add(time.Duration(seconds) * time.Second)
		c, _, err := o.AddCorrection(ctx, form.Person(by), form.Correction{Page: page, Run: 1, Field: field, Text: text}, after)
		if err != nil {
			t.Fatal(err)
		}
		return c.ID
	}
	as := func(name string, doc form.DocumentID) string { // as it was read
		return name + " of " + string(rune('0'+doc)) + "/1"
	}
	first := say(o.user, pages[0], nameID, "홍길동", 0, 0)
	say(o.user, pages[0], sumID, as("sum", docs[0]), 0, 5)
	say(o.user, pages[0], nameID, "홍길돈", first, 600)    // a minute
	say(other.ID, pages[0], dateID, "2026-01-01", 0, 2) // the first of another person, who was not asked
	say(o.user, pages[1], nameID, "김", 0, 4)
	say(o.user, pages[1], sumID, "7", 0, 3)

	h, err := o.Health(ctx, form.Everything, o.template.ID, now.AddDate(0, 0, -30), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	delete(h.Fields, form.TitleID)
	want := Health{Pages: 3, Fields: map[form.FieldID]*FieldHealth{
		nameID: {Read: 3, Unchecked: 3, Doubtful: 3, Corrected: 2, Seconds: []float64{60}, Wrong: []form.PageID{pages[1], pages[0]}},
		dateID: {Read: 3, Unchecked: 3, Corrected: 1, Unasked: 1, Wrong: []form.PageID{pages[0]}},
		sumID: {
			Read: 3, Unchecked: 3, Doubtful: 3, Corrected: 1, Accepted: 1, Seconds: []float64{3, 5},
			Wrong: []form.PageID{pages[1]}, Right: []form.PageID{pages[0]},
		},
	}}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Error(diff)
	}
	if h, err = o.Health(ctx, form.Everything, o.template.ID, time.Time{}, time.Time{}); err != nil || h.Pages != 4 || h.Fields[nameID].Read != 4 {
		t.Errorf("of all: %+v, %v", h, err)
	}
	ids, err := o.Unquestioned(ctx, form.Everything, o.template.ID, dateID, 5)
	if diff := cmp.Diff([]form.PageID{pages[1]}, ids); diff != "" || err != nil {
		t.Errorf("unquestioned: %s, %v", diff, err)
	}
}

func TestHealthOfNothing(t *testing.T) {
	o := newOffice(t)
	h, err := o.Health(t.Context(), form.Everything, o.template.ID, time.Time{}, time.Time{})
	if err != nil || h.Pages != 0 || len(h.Fields) != 0 {
		t.Errorf("%+v, %v", h, err)
	}
}
