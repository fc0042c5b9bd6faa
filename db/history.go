package db

import (
	"context"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A Run is one of the times a page was read.
type Run struct {
	Number       int
	State        form.State   // as it left the page, or people did
	Failure      form.Failure // why nothing came of it
	Counts       bool
	Template     form.TemplateID // 0 without
	TemplateName string          // empty without a template
	Version      int
	ByHand       bool      // a person had said where the form lies
	By           string    // who wanted the page read again; empty for the first run
	At           time.Time // when that was
	// Corrections of this run that count no longer, because the page was read
	// with another template since; oldest first.
	Corrections []form.Correction
	Fields      map[form.FieldID]form.Field // of these
}

// A History is what became of a page before.
type History struct {
	Runs    []Run        // that are over, oldest first; one of them for a page that was never read again
	Failure form.Failure // why nothing came of it when the page was to be read again last; mostly empty
}

// HistoryOf returns the history of a page.
func (db *DB) HistoryOf(ctx context.Context, in form.Scope, id form.PageID) (h History, err error) {
	defer wrap(&err, "history of page %d", id)
	err = db.view(ctx, func(t tx) error {
		var domain form.DomainID
		err := t.row(ctx, `SELECT domain_id FROM pages WHERE id = ?`, id)(&domain)
		if err := seen(in, domain, err); err != nil {
			return err
		}
		if h.Runs, err = collect(ctx, t, scanRun, `
			SELECT r.number, r.state, r.failure, r.number = p.run, coalesce(r.template_id, 0), coalesce(t.name, ''), coalesce(r.version, 0),
				r.why = 'by_hand', CASE WHEN r.why = 'first' THEN '' ELSE coalesce(u.name, '') END, r.created_at
			FROM runs r
			JOIN pages p ON p.id = r.page_id
			LEFT JOIN templates t ON t.id = r.template_id
			LEFT JOIN users u ON u.id = r.user_id
			WHERE r.page_id = ? AND r.finished_at IS NOT NULL
			ORDER BY r.number`, id); err != nil {
			return err
		}
		if n := len(h.Runs); n > 0 && !h.Runs[n-1].Counts {
			h.Failure = h.Runs[n-1].Failure
		}
		old, err := collect(ctx, t, scanCorrection, `
			SELECT `+correctionColumns+`
			FROM corrections c JOIN pages p ON p.id = c.page_id AND c.run < p.said_from JOIN users u ON u.id = c.user_id
			WHERE p.id = ?
			ORDER BY c.id`, id)
		for _, c := range old {
			for i := range h.Runs {
				if h.Runs[i].Number == c.Run {
					h.Runs[i].Corrections = append(h.Runs[i].Corrections, c)
				}
			}
		}
		if err != nil {
			return err
		}
		for i := range h.Runs {
			if err := h.Runs[i].nameFields(ctx, t); err != nil {
				return err
			}
		}
		return nil
	})
	return h, err
}

// nameFields notes the fields that were corrected in r.
func (r *Run) nameFields(ctx context.Context, t tx) error {
	if len(r.Corrections) == 0 || r.Template == 0 {
		return nil
	}
	f, err := templateByID(ctx, t, r.Template, r.Version)
	if err != nil {
		return err
	}
	r.Fields = make(map[form.FieldID]form.Field)
	for _, p := range f.Places() {
		r.Fields[p.ID] = p
	}
	return nil
}

func scanRun(scan func(...any) error) (Run, error) {
	var r Run
	var at int64
	err := scan(&r.Number, &r.State, &r.Failure, &r.Counts, &r.Template, &r.TemplateName, &r.Version, &r.ByHand, &r.By, &at)
	r.At = fromMillis(at)
	return r, err
}
