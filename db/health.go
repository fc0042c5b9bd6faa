package db

import (
	"context"
	"slices"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// HealthPages is how many pages of a template the health of its fields is told
// of: the newest.
const HealthPages = 1000

// longestLook bounds the time that a correction is taken to have cost: who took
// longer did something else meanwhile.
const longestLook = time.Minute

// A Health is how the fields of a template fared on pages, whatever version they
// were read with.
type Health struct {
	Pages  int // looked at: HealthPages at most
	Fields map[form.FieldID]*FieldHealth
}

// A FieldHealth is how a field fared.
type FieldHealth struct {
	Read      int // pages on which it was read
	Empty     int // where nothing was read
	Unchecked int // of a checkbox
	Doubtful  int // readings that a person was asked about
	Corrected int // where a person said something else
	Accepted  int // where a person left the reading as it was
	Unasked   int // of those two, where the machine was sure
	// Seconds are those between a person's correction and the one before it on
	// the same page, a minute at most; sorted. The first on a page has none.
	Seconds []float64
	Wrong   []form.PageID // of Corrected, the newest first
	Right   []form.PageID // of Accepted, the newest first
}

// Health returns how the fields of a template fared on its last pages that were
// received from from on and before to; zero is no bound.
func (db *DB) Health(ctx context.Context, in form.Scope, template form.TemplateID, from, to time.Time) (h Health, err error) {
	defer wrap(&err, "health of template %d", template)
	f := PageFilter{
		within: in, Template: template, States: []form.State{form.StateReview, form.StateDone}, From: from, To: to, Limit: HealthPages,
	}
	err = db.view(ctx, func(t tx) error {
		h = Health{Fields: make(map[form.FieldID]*FieldHealth)}
		ids, err := f.choose(ctx, t, newestFirst)
		if err != nil {
			return err
		}
		h.Pages = len(ids)
		pages, err := list(ids)
		if err != nil {
			return err
		}
		if err := h.addReadings(ctx, t, pages); err != nil {
			return err
		}
		return h.addCorrections(ctx, t, pages)
	})
	return h, err
}

func (h *Health) addReadings(ctx context.Context, t tx, pages string) error {
	return t.rows(ctx, func(scan func(...any) error) error {
		var id form.FieldID
		f := new(FieldHealth)
		err := scan(&id, &f.Read, &f.Empty, &f.Unchecked, &f.Doubtful)
		h.Fields[id] = f
		return err
	}, `
		SELECT
			r.field,
			count(*),
			count(*) FILTER (WHERE r.text = ''),
			count(*) FILTER (WHERE r.checked = 0),
			count(*) FILTER (WHERE r.reasons <> '')
		FROM `+t.each()+t.then(`pages p`, `p.id = n.value`)+t.then(`readings r`, `r.page_id = p.id AND r.run = p.run`)+`
		GROUP BY r.field`, pages)
}

// A verdict is what the last correction of a field says of its reading.
type verdict struct {
	page  form.PageID
	field form.FieldID
	right bool
	asked bool // the reading was doubtful
	mark  form.Mark
}

func (h *Health) addCorrections(ctx context.Context, t tx, pages string) error {
	type place struct {
		page  form.PageID
		field form.FieldID
	}
	last := make(map[place]verdict)
	if err := t.rows(ctx, func(scan func(...any) error) error {
		var v verdict
		var after int64
		if err := scan(&v.page, &v.field, &v.right, &v.asked, &v.mark, &after); err != nil {
			return err
		}
		last[place{v.page, v.field}] = v
		if after >= 0 {
			seconds := min(time.Duration(after)*time.Millisecond, longestLook).Seconds()
			h.Fields[v.field].Seconds = append(h.Fields[v.field].Seconds, seconds)
		}
		return nil
	}, `
		SELECT
			c.page_id,
			c.field,
			c.text = r.text AND c.checked = r.checked,
			r.reasons <> '',
			c.mark,
			coalesce(c.at - lag(c.at) OVER (PARTITION BY c.page_id, c.user_id ORDER BY c.id), -1)
		FROM `+t.each()+t.then(`pages p`, `p.id = n.value`)+t.then(`corrections c`, `c.page_id = p.id AND c.run >= p.said_from`)+
		t.then(`readings r`, `r.page_id = c.page_id AND r.run = p.run AND r.field = c.field`)+`
		ORDER BY c.id`, pages); err != nil {
		return err
	}
	for _, v := range last {
		if v.mark != form.MarkWithdrawn && !v.mark.Unknown() { // those tell nothing of the reading
			h.Fields[v.field].add(v)
		}
	}
	newest := func(a, b form.PageID) int { return int(b - a) }
	for _, f := range h.Fields {
		slices.Sort(f.Seconds)
		slices.SortFunc(f.Wrong, newest)
		slices.SortFunc(f.Right, newest)
	}
	return nil
}

func (f *FieldHealth) add(v verdict) {
	if v.right {
		f.Accepted++
		f.Right = append(f.Right, v.page)
	} else {
		f.Corrected++
		f.Wrong = append(f.Wrong, v.page)
	}
	if !v.asked {
		f.Unasked++
	}
}

// Unquestioned returns pages of a template, the newest first and at most n among
// its last ones, on which a field was read, nobody had to be asked about it, and
// a person who was asked about others let it stand.
func (db *DB) Unquestioned(ctx context.Context, in form.Scope, template form.TemplateID, field form.FieldID, n int) (ids []form.PageID, err error) {
	defer wrap(&err, "unquestioned readings of template %d", template)
	f := PageFilter{within: in, Template: template, States: []form.State{form.StateDone}, Limit: HealthPages}
	err = db.view(ctx, func(t tx) error {
		chosen, err := f.choose(ctx, t, newestFirst)
		if err != nil {
			return err
		}
		pages, err := list(chosen)
		if err != nil {
			return err
		}
		ids, err = collect(ctx, t, scanID[form.PageID], `
			SELECT p.id
			FROM `+t.each()+t.then(`pages p`, `p.id = n.value`)+t.then(`readings r`, `r.page_id = p.id AND r.run = p.run AND r.field = ?`)+`
			WHERE r.text <> '' AND r.reasons = ''
				AND NOT `+spokenOf+`
				AND EXISTS (SELECT 1 FROM corrections c WHERE c.page_id = p.id AND c.run >= p.said_from)
			ORDER BY p.document_id DESC, p.number, p.part LIMIT ?`, pages, field, n)
		return err
	})
	return ids, err
}
