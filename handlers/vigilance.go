package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// vigilanceShares are the shares of pages that may carry a probe.
var vigilanceShares = []float64{0, .005, .01, .02, .05, .1}

const (
	vigilanceDays = 90 // of which the rate is told
	mostMisses    = 100
)

// plant puts a probe on a page that the person who asks is about to review, where
// the page is one of those that carry one. Which are is by chance, but the same
// whenever one looks.
func (s *server) plant(c echo.Context, r form.Record) error {
	if r.Page.State != form.StateReview || r.Page.Doubtful == 0 || r.Template == nil {
		return nil
	}
	share, err := s.DB.Vigilance(c.Request().Context())
	if err != nil || share == 0 {
		return err
	}
	seed, err := strconv.ParseUint(r.Page.UID[:16], 16, 64)
	if err != nil || float64(seed>>11)/(1<<53) >= share {
		return err
	}
	if p, ok := r.Probe(seed); ok {
		return s.DB.Plant(c.Request().Context(), actor(c), p)
	}
	return nil
}

// probe puts the probe of a page into r, of which it has the values, for the person
// who is to be shown it.
func (s *server) probe(c echo.Context, r *form.Record) error {
	if r.Page.State != form.StateReview && r.Page.State != form.StateDone {
		return nil
	}
	p, err := s.DB.Probe(c.Request().Context(), scope(c), r.Page.ID, user(c).ID)
	if errors.Is(err, form.ErrNotFound) || err == nil && r.Page.State == form.StateDone && p.Outcome != form.ProbeTold {
		return nil
	}
	if err != nil {
		return err
	}
	for i := range r.Values {
		if v := &r.Values[i]; v.Field.ID == p.Field && v.Latest() == nil {
			p.Show(v)
			r.Page.Doubtful++
		}
	}
	return nil
}

// watch notes what becomes of a probe when a person says what v holds, as it truly
// was read. It reports whether the person took the probe for right, without having
// seen yet what that is answered, which counts as nothing said.
func (s *server) watch(c echo.Context, v form.Value, said form.Correction) (told bool, err error) {
	ctx := c.Request().Context()
	p, err := s.DB.Probe(ctx, scope(c), said.Page, user(c).ID)
	if errors.Is(err, form.ErrNotFound) || err == nil && p.Field != v.Field.ID {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	outcome := p.Answer(&v, form.Held{Text: said.Text, Checked: said.Checked}, said.Mark, c.FormValue("told") == "yes")
	return outcome == form.ProbeTold, s.DB.AnswerProbe(ctx, actor(c), said.Page, outcome)
}

// vigilancePage shows which share of pages carries a probe, and what came of them.
func (s *server) vigilancePage(c echo.Context) error {
	ctx := c.Request().Context()
	share, err := s.DB.Vigilance(ctx)
	if err != nil {
		return err
	}
	rate, err := s.DB.MissRate(ctx, scope(c), s.Now().Add(-vigilanceDays*24*time.Hour))
	if err != nil {
		return err
	}
	misses, err := s.DB.Misses(ctx, scope(c), mostMisses)
	if err != nil {
		return err
	}
	m := views.VigilancePage{Frame: s.frame(c, "vigilance.title", views.Review), Share: share, Shares: vigilanceShares, Days: vigilanceDays, Rate: rate}
	for _, miss := range misses {
		m.Misses = append(m.Misses, views.VigilanceMiss{Miss: miss, Title: s.titleOf(c, miss)})
	}
	return s.draw(c, http.StatusOK, views.Vigilance(m))
}

// titleOf returns what people call the field of a miss; empty where it is no more.
func (s *server) titleOf(c echo.Context, m form.Miss) string {
	t, err := s.DB.Template(c.Request().Context(), scope(c), m.Template, m.Version)
	if err != nil {
		return ""
	}
	f, _ := t.Place(m.Field)
	return f.Title()
}

// setVigilance sets which share of pages carries a probe.
func (s *server) setVigilance(c echo.Context) error {
	share, err := strconv.ParseFloat(c.FormValue("share"), 64)
	if err != nil || !slices.Contains(vigilanceShares, share) {
		return errBadRequest
	}
	if err := s.DB.SetVigilance(c.Request().Context(), actor(c), share); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/vigilance")
}
