package db

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
)

// Records come in the order in which they are asked for, each by the version
// that it was read with, and as they come one by one.
func TestRecordsOfManyPages(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	_, docs := o.submit(t, "a.png", "b.png", "c.png")
	first := o.read(t, docs[0], 1, sumID)
	if _, _, err := o.AddCorrection(ctx, form.Person(o.user), form.Correction{Page: first, Run: 1, Field: sumID, Text: "5"}, 0); err != nil {
		t.Fatal(err)
	}
	changed := *o.template
	changed.Fields = changed.Fields[:2]
	o.template = o.save(t, &changed)
	o.read(t, docs[1], 1) // and the third one waits
	pages, err := o.Pages(ctx, form.Everything, PageFilter{})
	if err != nil {
		t.Fatal(err)
	}
	uids := []string{strings.Repeat("0", 32)} // nobody has it
	for _, p := range pages {
		uids = append(uids, p.UID)
	}
	for range 2 {
		got, err := o.Records(ctx, o.domain, uids)
		if err != nil {
			t.Fatal(err)
		}
		var want []form.Record
		for _, uid := range uids[1:] {
			p, err := o.PageByUID(ctx, o.domain, uid)
			if err != nil {
				t.Fatal(err)
			}
			r, err := o.Record(ctx, form.Everything, p.ID)
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, r)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("records (-one by one +together):\n%s", diff)
		}
		slices.Reverse(uids[1:])
	}
	other, _, err := o.AddDomain(ctx, form.Command, "other", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	for _, none := range [][]string{uids, nil} {
		if got, err := o.Records(ctx, other.ID, none); err != nil || len(got) != 0 {
			t.Errorf("another domain has %v, %v", got, err)
		}
	}
}
