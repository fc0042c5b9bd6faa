package db

import (
	"testing"
	"time"

	"github.com/seosik/seosik/internal/form"
)

func TestTrust(t *testing.T) {
	o := newOffice(t)
	_, docs := o.submit(t, "a.pdf", "b.pdf")
	o.read(t, docs[0], 1)
	page := o.read(t, docs[1], 1, nameID, dateID)
	o.correct(t, page, "another")
	if _, err := o.DB.Pool().ExecContext(t.Context(), `INSERT INTO probe_counts (day, template_id, caught, missed) VALUES (99999, ?, 7, 1), (1, ?, 5, 5)`, o.template.ID, o.template.ID, time.Time{}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	trust, err := o.Trust(t.Context(), form.Everything, o.template.ID, time.Time{}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if trust.Pages != 2 || trust.Unseen != (form.Rate{N: 4, Of: 6}) || trust.Probes != (form.Rate{N: 1, Of: 8}) || trust.Keyed != (form.Rate{}) {
		t.Errorf("%+v", trust)
	}
	if len(trust.Bins) != 1 || trust.Bins[0].Confidence != 0.5 || trust.Bins[0].Expected != 3 || trust.Bins[0].Verified != (form.Rate{N: 1, Of: 1}) {
		t.Errorf("bins %+v", trust.Bins)
	}
	if counts, err := o.StateCounts(t.Context(), form.Everything, o.template.ID, time.Time{}, time.Time{}); err != nil || counts[form.StateDone] != 1 || counts[form.StateReview] != 1 {
		t.Errorf("%v, %v", counts, err)
	}
	if trust, err = o.Trust(t.Context(), form.Within(99), o.template.ID, time.Time{}, time.Time{}); err != nil || trust.Pages != 0 {
		t.Errorf("another domain sees %+v, %v", trust, err)
	}
	yesterday, tomorrow := o.now().AddDate(0, 0, -1), o.now().AddDate(0, 0, 1)
	for _, tt := range []struct {
		from, to time.Time
		pages    int
		probes   form.Rate
	}{
		{yesterday, tomorrow, 2, form.Rate{}},
		{tomorrow, time.Time{}, 0, form.Rate{N: 1, Of: 8}},
		{time.Time{}, yesterday, 0, form.Rate{}},
		{time.UnixMilli(0), tomorrow, 2, form.Rate{N: 5, Of: 10}},
	} {
		trust, err := o.Trust(t.Context(), form.Everything, o.template.ID, tt.from, tt.to)
		if err != nil || trust.Pages != tt.pages || trust.Probes != tt.probes {
			t.Errorf("from %v to %v: %+v, %v", tt.from, tt.to, trust, err)
		}
		for _, template := range []form.TemplateID{o.template.ID, 0} {
			counts, err := o.StateCounts(t.Context(), form.Everything, template, tt.from, tt.to)
			if n := counts[form.StateDone] + counts[form.StateReview]; err != nil || n != tt.pages {
				t.Errorf("from %v to %v: %v, %v", tt.from, tt.to, counts, err)
			}
		}
	}
}
