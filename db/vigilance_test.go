package db

import (
	"errors"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A probe is one person's, is answered once, and is counted where it is known
// what was right; the count stays when the page goes.
func TestProbes(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	people := o.people(t, 2)
	_, docs := o.submit(t, "a.png", "b.png", "c.png")
	if share, err := o.Vigilance(ctx); share != 0 || err != nil {
		t.Errorf("a share of %v at first, %v", share, err)
	}
	for _, share := range []float64{.05, .1} {
		if err := o.SetVigilance(ctx, form.Person(people[0]), share); err != nil {
			t.Fatal(err)
		}
	}
	if share, err := o.Vigilance(ctx); share != .1 || err != nil {
		t.Errorf("a share of %v, %v", share, err)
	}
	for i, outcomes := range [][]form.ProbeOutcome{{form.ProbeTold, form.ProbeMissed, form.ProbeMissed}, {form.ProbeCaught}, {form.ProbeVoid}} {
		page := o.read(t, docs[i], 1, sumID)
		for _, who := range people { // the first to come
			if err := o.Plant(ctx, form.Person(who), form.Probe{Page: page, Run: 1, Field: nameID, Shown: "나"}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := o.Probe(ctx, form.Everything, page, people[1]); !errors.Is(err, form.ErrNotFound) {
			t.Errorf("the other one has the probe too: %v", err)
		}
		if p, err := o.Probe(ctx, form.Everything, page, people[0]); err != nil || p.Shown != "나" || p.Outcome != form.ProbeOpen {
			t.Errorf("%+v, %v", p, err)
		}
		for _, outcome := range outcomes {
			if err := o.AnswerProbe(ctx, form.Person(people[0]), page, outcome); err != nil {
				t.Fatal(err)
			}
		}
	}
	check := func(misses int) {
		t.Helper()
		if r, err := o.MissRate(ctx, form.Everything, time.Now().Add(-time.Hour)); err != nil || r.N != 1 || r.Of != 2 {
			t.Errorf("%+v, %v", r, err)
		}
		if list, err := o.Misses(ctx, form.Everything, 9); err != nil || len(list) != misses {
			t.Errorf("%+v, %v", list, err)
		}
	}
	check(1)
	if err := o.DeleteDocument(ctx, form.Command, docs[0]); err != nil {
		t.Fatal(err)
	}
	check(0)
	if r, err := o.MissRate(ctx, form.Everything, time.Now().Add(48*time.Hour)); err != nil || r.Of != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}
