package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/clerk"
)

// begin has pages read that there is something to say of.
func (h *house) begin(ctx context.Context, server *server, site string) error {
	m, err := newMaker(rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		return err
	}
	f := &file{name: "first.pdf", format: "pdf", pages: make([]bool, len(m.forms))}
	for i := range f.pages {
		f.pages[i] = true
	}
	f.data = writePDF(m.forms)
	f.key = blob.KeyOf(f.data)
	h.upload(ctx, site, f)
	return h.settle(ctx, server)
}

// A said is what a person said of one value of a page. It is sent as the outbox of
// a browser does: the same again and again, in later rounds too, until there is an
// answer.
type said struct {
	page     string
	form     url.Values
	text     string // no other has it
	answered time.Time
}

// review corrects values of pages that were read until ctx ends, and before anything
// else says again what had no answer.
func (h *house) review(ctx context.Context, site string, r *rand.Rand) {
	for _, s := range h.ledger.said {
		h.say(ctx, site, s)
	}
	for ctx.Err() == nil {
		h.reviewOne(ctx, site, r)
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// reviewOne corrects some values of one page, if there is one.
func (h *house) reviewOne(ctx context.Context, site string, r *rand.Rand) {
	list, err := h.ask(ctx, http.MethodGet, site+"/pages?state="+[]string{"review", "done"}[r.IntN(2)], "", nil)
	if err != nil {
		return
	}
	pages := clerk.Pages(list.body)
	if len(pages) == 0 {
		return
	}
	page := pages[r.IntN(len(pages))]
	shown, err := h.ask(ctx, http.MethodGet, site+"/pages/"+page, "", nil)
	if err != nil || shown.status != http.StatusOK {
		return
	}
	for _, v := range clerk.Texts(shown.body) {
		if ctx.Err() != nil {
			return
		}
		if r.IntN(3) == 0 {
			s := &said{page: page, text: fmt.Sprintf("S%d", len(h.ledger.said)+1)}
			s.form = url.Values{"field": {v.Field}, "run": {v.Run}, "seen": {v.Seen}, "text": {s.text}}
			h.ledger.said = append(h.ledger.said, s)
			h.say(ctx, site, s)
		}
	}
}

// say sends s until it is answered, or ctx ends.
func (h *house) say(ctx context.Context, site string, s *said) {
	for s.answered.IsZero() && ctx.Err() == nil {
		a, err := h.ask(ctx, http.MethodPost, site+"/pages/"+s.page+"/corrections", formKind, strings.NewReader(s.form.Encode()), "HX-Request", "true")
		switch {
		case err != nil:
			h.ledger.note("correction cut off", nil)
		case a.status == http.StatusOK:
			h.ledger.note("correction 200", func() { s.answered = time.Now() })
		default:
			h.ledger.note(fmt.Sprintf("correction %d", a.status), nil)
			if a.status < http.StatusInternalServerError && a.status != http.StatusTooManyRequests {
				h.ledger.complain("a correction was answered with %d", a.status)
				return
			}
		}
		if err == nil && a.status == http.StatusOK {
			return
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// checkSaid sees that each correction that was answered before then is there, and
// none twice, nor one that nobody sent.
func (h *house) checkSaid(ctx context.Context, found *finding, database *db.DB, before time.Time) error {
	times := make(map[string]int)
	err := each(ctx, database, `SELECT page_id || ' ' || text, count(*) FROM corrections GROUP BY page_id, text`, func(scan func(...any) error) error {
		var what string
		var n int
		err := scan(&what, &n)
		times[what] = n
		return err
	})
	for _, s := range h.ledger.said {
		what := s.page + " " + s.text
		if n := times[what]; n > 1 || n == 0 && !s.answered.IsZero() && s.answered.Before(before) {
			found.complain("a correction of page %s is there %d times; it was answered: %v", s.page, n, !s.answered.IsZero())
		}
		found.said += times[what]
		delete(times, what)
	}
	if len(times) > 0 {
		found.complain("%d corrections are there that nobody sent", len(times))
	}
	return errors.Join(err, ctx.Err())
}
