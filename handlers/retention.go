package handlers

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// certificates is how many are listed.
const certificates = 50

// retention shows how long pages are kept, what is held and what was destroyed.
func (s *server) retention(c echo.Context) error {
	ctx := c.Request().Context()
	m := views.RetentionPage{Frame: s.frame(c, "retention.title", views.Administration)}
	rules, err := s.DB.Retentions(ctx)
	if err != nil {
		return err
	}
	for _, r := range rules {
		m.Rules = append(m.Rules, ruleOf(r))
		m.Due += r.Due
	}
	held, err := s.DB.Holds(ctx)
	if err != nil {
		return err
	}
	for _, h := range held {
		m.Holds = append(m.Holds, views.HoldRow{
			ID: h.ID, Template: h.Name, Pages: h.Pages, First: h.First, Reason: h.Reason, By: h.By, At: h.At,
			LiftedBy: h.LiftedBy, LiftedAt: h.LiftedAt, Why: h.Why,
		})
	}
	done, err := s.DB.Destructions(ctx, certificates)
	if err != nil {
		return err
	}
	for _, d := range done {
		m.Done = append(m.Done, destructionOf(d))
	}
	if m.Templates, err = s.templateGroups(c, 0); err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.Retention(m))
}

func ruleOf(r db.Retention) views.RetentionRule { return views.RetentionRule(r) }

func destructionOf(d db.Destruction) views.DestructionRow {
	return views.DestructionRow{ID: d.ID, Rule: ruleOf(d.Rule), Began: d.Began, Ended: d.Ended, Pages: d.Pages, Digest: hex.EncodeToString(d.Digest), KeysSince: d.KeysSince, KeysAt: d.KeysAt}
}

// setRetention sets how long pages of a template in a state are kept.
func (s *server) setRetention(c echo.Context) error {
	r := db.Retention{State: form.State(c.FormValue("state")), Since: c.FormValue("since")}
	var err error
	if r.Template, err = number[form.TemplateID](strings.TrimPrefix(c.FormValue("template"), "0")); err != nil {
		return err
	}
	r.Days, err = strconv.Atoi(c.FormValue("days"))
	ending := []form.State{form.StateDone, form.StateReview, form.StateUnmatched, form.StateFailed}
	if err != nil || r.Days < 0 || r.Days > 36500 || !slices.Contains(ending, r.State) || r.Since != db.SinceReceived && r.Since != db.SinceFinished {
		return errBadRequest
	}
	if r.State == form.StateReview || r.State == form.StateUnmatched {
		r.Since = db.SinceReceived // they are not finished
	}
	if err := s.DB.SetRetention(c.Request().Context(), actor(c), r); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/admin/retention")
}

// hold holds a template, or the pages that a form chooses, as bulk does; of those
// it asks for the reason first.
func (s *server) hold(c echo.Context) error {
	ctx := c.Request().Context()
	if c.FormValue("template") != "" {
		template, err := number[form.TemplateID](c.FormValue("template"))
		if err == nil {
			_, err = s.DB.Template(ctx, scope(c), template, 0)
		}
		if err != nil {
			return err
		}
		return s.holdFor(c, template, nil)
	}
	pages, err := s.bulkPages(c, scope(c))
	if err != nil {
		return err
	}
	if c.FormValue("chosen") != "" {
		return s.holdFor(c, 0, pages)
	}
	m := views.HoldQuestion{
		Frame: s.frame(c, "hold.title", views.History), Pages: len(pages), Filter: c.FormValue("filter"), All: c.FormValue("all") != "",
	}
	if !m.All {
		m.Chosen = pages
	}
	return s.draw(c, http.StatusOK, views.HoldChosen(m))
}

func (s *server) holdFor(c echo.Context, template form.TemplateID, pages []form.PageID) error {
	reason, err := why(c, "reason")
	if err == nil {
		_, err = s.DB.HoldPages(c.Request().Context(), actor(c), template, pages, reason)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/admin/retention")
}

// liftHold ends a hold.
func (s *server) liftHold(c echo.Context) error {
	id, err := id[int64](c, "hold")
	if err != nil {
		return err
	}
	reason, err := why(c, "why")
	if err == nil {
		err = s.DB.LiftHold(c.Request().Context(), actor(c), id, reason)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/admin/retention")
}

// certificate shows what was destroyed.
func (s *server) certificate(c echo.Context) error {
	id, err := id[int64](c, "destruction")
	if err != nil {
		return err
	}
	d, pages, err := s.DB.DestructionOf(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.CertificatePage(views.Certificate{
		Frame: s.frame(c, "destroyed.title", views.Administration), DestructionRow: destructionOf(d), List: ranges(pages),
	}))
}

// ranges writes ids in order, those that follow each other as one.
func ranges(pages []db.Destroyed) string {
	var list []string
	for i := 0; i < len(pages); {
		j := i
		for j+1 < len(pages) && pages[j+1].Page == pages[j].Page+1 {
			j++
		}
		if i == j {
			list = append(list, fmt.Sprint(pages[i].Page))
		} else {
			list = append(list, fmt.Sprint(pages[i].Page, "–", pages[j].Page))
		}
		i = j + 1
	}
	return strings.Join(list, ", ")
}

// certificateList sends the list of pages of a certificate, of which it has the
// hash.
func (s *server) certificateList(c echo.Context) error {
	id, err := id[int64](c, "destruction")
	if err != nil {
		return err
	}
	_, pages, err := s.DB.DestructionOf(c.Request().Context(), id)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, p := range pages {
		fmt.Fprintf(&b, "%d %s\n", p.Page, p.UID)
	}
	attach(c.Response().Header(), fmt.Sprintf("destruction-%d.txt", id))
	return c.String(http.StatusOK, b.String())
}
