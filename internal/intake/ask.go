package intake

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// Reread has a page read again, before what was uploaded: a person waits.
// R.Page is set; Template where a person has said which it is, and
// TemplateToPage where they placed it. The page waits when it returns. What is
// read is a new run: the readings before stay, and corrections count on if the
// template is the same. Where nothing comes of it, the page is as it was. It
// returns form.ErrConflict where the page is being read already or could never
// be, and form.ErrNotFound where its domain has no such template that is no
// draft.
func (in *Intake) Reread(ctx context.Context, by form.Actor, r form.Reread) error {
	if err := in.cfg.DB.AddReread(ctx, by, r, in.enqueue(ctx, calls)); err != nil {
		return err
	}
	if p, err := in.cfg.DB.Page(ctx, form.Everything, r.Page); err == nil {
		in.changes.signal(p.Submission)
	}
	return nil
}

// RereadUnmatched has all unmatched pages of a domain read again, with the
// template given or with all in service for 0, and returns how many they are.
// It returns form.ErrNotFound as Reread does.
func (in *Intake) RereadUnmatched(ctx context.Context, by form.Actor, domain form.DomainID, template form.TemplateID) (int, error) {
	return in.cfg.DB.RereadUnmatched(ctx, by, domain, form.Reread{Template: template}, in.enqueue(ctx, uploads))
}

// RetryFailed has the failed pages that f chooses read once more, before what
// was uploaded if a person waits for one of them, and returns how many they are.
func (in *Intake) RetryFailed(ctx context.Context, by form.Actor, whose form.Scope, f db.FailedFilter) (int, error) {
	class := uploads
	if f.Page != 0 {
		class = calls
	}
	n, err := in.cfg.DB.RetryFailed(ctx, by, whose, f, in.enqueue(ctx, class))
	if err != nil {
		return 0, fmt.Errorf("retry: %w", err)
	}
	return n, nil
}

// enqueue returns what adds the jobs for chores.
func (in *Intake) enqueue(ctx context.Context, c class) db.Enqueue {
	return func(tx *sql.Tx, chores []db.Chore) error { return in.queue.add(ctx, tx, c, chores) }
}

// Fit returns where a template lies on a page that has a picture: near
// templateToPage, where a person has put it, or anywhere where that is zero. It
// returns reader.ErrNoMatch where the template is not to be found, and
// form.ErrNotFound where there is no such template.
func (in *Intake) Fit(ctx context.Context, p form.Page, domain form.DomainID, template form.TemplateID, templateToPage geom.Homography) (Placement, error) {
	catalog, err := in.catalogs.find(ctx, domain, []form.TemplateID{template})
	if err != nil {
		return Placement{}, err
	}
	page, err := in.picture(ctx, p.Image)
	if err != nil {
		return Placement{}, err
	}
	return catalog.Fit(page.Gray, p.Region, templateToPage)
}
