package intake

import (
	"context"
	"errors"
	"slices"

	"github.com/seosik/seosik/internal/form"
)

const (
	// near is how much of its own score a picture may have as another template
	// for that to be called a twin.
	near = .6
	// filledTwins is how many filled pages of a twin are looked at.
	filledTwins = 3
)

// twins is the search for the templates that one may be taken for, or they for
// it.
type twins struct {
	own    []form.Candidate // that the picture of the template may be
	others []*form.Template // still to be looked at
	found  []form.Twin
}

// compare looks at the next of the other templates, or ends the dry run after
// the last.
func (d *dryRun) compare(ctx context.Context) error {
	if d.twins == nil {
		return d.beginTwins(ctx)
	}
	if len(d.twins.others) == 0 {
		return d.finish(ctx)
	}
	other := d.twins.others[0]
	twin, is, err := d.twin(ctx, other)
	if err != nil {
		return err
	}
	if is {
		d.twins.found = append(d.twins.found, twin)
	}
	d.twins.others = d.twins.others[1:]
	return nil
}

// finish ends the dry run, unless it was stopped.
func (d *dryRun) finish(ctx context.Context) error {
	print, err := d.template.Fingerprint()
	if err != nil {
		return err
	}
	cases, err := d.in.cfg.DB.Cases(ctx, form.Everything, d.template.ID, print)
	if err != nil {
		return err
	}
	err = d.in.cfg.DB.FinishDryRun(ctx, d.id, form.CountCases(cases, d.places), d.twins.found)
	if errors.Is(err, form.ErrNotFound) {
		err = nil
	}
	return err
}

func (d *dryRun) beginTwins(ctx context.Context) (err error) {
	t := new(twins)
	findable := d.among.Findable()
	for _, other := range findable {
		known := func(o *form.Template) bool { return o.ID == other.ID }
		if other.ID != d.template.ID && !slices.ContainsFunc(t.others, known) {
			t.others = append(t.others, other)
		}
	}
	if len(t.others) == len(findable) {
		t.others = nil // it has too little print to be found, and to be taken for another
	}
	if len(t.others) > 0 {
		if t.own, _, err = d.among.FindBlank(ctx, d.template); err != nil {
			return err
		}
	}
	d.twins = t
	return nil
}

// twin returns how like the template another is, and whether that is near.
func (d *dryRun) twin(ctx context.Context, other *form.Template) (w form.Twin, is bool, err error) {
	theirs, _, err := d.among.FindBlank(ctx, other)
	if err != nil {
		return w, false, err
	}
	w = form.Twin{
		Template: other.ID, Version: other.Version, Name: other.Name,
		Own: score(d.twins.own, d.template.ID), AsOther: score(d.twins.own, other.ID),
		Other: score(theirs, other.ID), AsOwn: score(theirs, d.template.ID),
	}
	if w.AsOther < near*w.Own && w.AsOwn < near*w.Other {
		return w, false, nil
	}
	pages, err := d.in.cfg.DB.FinishedPages(ctx, other.ID, filledTwins)
	if err != nil {
		return w, false, err
	}
	for _, image := range pages {
		page, err := d.in.picture(ctx, image)
		if err != nil {
			return w, false, err
		}
		found, sure := d.among.Find(page.Gray)
		w.Filled++
		if sure && found[0].Template == d.template.ID {
			w.Taken++
		}
	}
	return w, true, nil
}

// score returns that of a template among candidates, or 0.
func score(list []form.Candidate, id form.TemplateID) (best float64) {
	for _, c := range list {
		if c.Template == id {
			best = max(best, c.Score)
		}
	}
	return best
}
