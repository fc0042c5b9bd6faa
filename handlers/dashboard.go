package handlers

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// waitForFigures is how long a person waits for figures in place, before the page
// says that they are being reckoned.
const waitForFigures = time.Second

// A figuresOf is what figures are about: of which domains, of a template, 0 for all,
// and when pages were received.
type figuresOf struct {
	domains  string // form.Scope.String
	template form.TemplateID
	from, to time.Time // zero for no bound
}

// dashboard shows how all templates fare, or one.
func (s *server) dashboard(c echo.Context) error {
	in := scope(c)
	of := figuresOf{domains: in.String()}
	var err error
	if of.template, err = number[form.TemplateID](c.QueryParam("template")); err != nil {
		return err
	}
	if of.from, of.to, err = days(c); err != nil {
		return err
	}
	m := views.DashboardPage{
		Frame: s.frame(c, "dashboard.title", views.Dashboards), Doubt: s.Doubt, Template: of.template, From: c.QueryParam("from"), To: c.QueryParam("to"),
	}
	x := form.Export{Template: of.template}
	if m.Templates, err = s.exportTemplates(c, &x); err != nil {
		return err
	}
	if m.Chosen = len(m.Templates) > 0; !m.Chosen {
		return s.draw(c, http.StatusOK, views.Dashboard(m))
	}
	if of.template == 0 {
		for _, g := range m.Templates {
			for i := range g.Options {
				g.Options[i].Chosen = false
			}
		}
		m.All, m.At, err = s.allFigures.get(c.Request().Context(), of, waitForFigures, func(ctx context.Context) ([]views.DashboardDomain, error) {
			return s.figuresOfAll(ctx, in, of)
		})
	} else {
		m.One, m.At, err = s.oneFigures.get(c.Request().Context(), of, waitForFigures, func(ctx context.Context) (views.DashboardTemplate, error) {
			return s.figuresOfOne(ctx, in, of)
		})
	}
	if err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.Dashboard(m))
}

// figuresOfOne reckons how a template fares.
func (s *server) figuresOfOne(ctx context.Context, in form.Scope, of figuresOf) (m views.DashboardTemplate, err error) {
	versions, err := s.DB.Versions(ctx, in, of.template)
	if err == nil && len(versions) == 0 {
		err = form.ErrNotFound
	}
	if err != nil {
		return m, err
	}
	counts, err := s.DB.StateCounts(ctx, in, of.template, of.from, of.to)
	if err != nil {
		return m, err
	}
	for _, state := range form.States {
		if n := counts[state]; n > 0 || state == form.StateReview || state == form.StateDone {
			m.Counts = append(m.Counts, views.Count{State: state, Pages: n})
		}
	}
	if m.Trust, err = s.DB.Trust(ctx, in, of.template, of.from, of.to); err != nil {
		return m, err
	}
	h, err := s.DB.Health(ctx, in, of.template, of.from, of.to)
	m.Fields = dashboardFields(versions[0], h)
	return m, err
}

// figuresOfAll reckons how all templates fare, by domain.
func (s *server) figuresOfAll(ctx context.Context, in form.Scope, of figuresOf) (list []views.DashboardDomain, err error) {
	all, err := s.templates(ctx, in)
	if err != nil {
		return nil, err
	}
	for _, owned := range all {
		d := views.DashboardDomain{Name: owned.domain.Name}
		for _, t := range owned.templates {
			line := views.DashboardLine{Template: t.ID, Name: t.Name}
			if line.Counts, err = s.DB.StateCounts(ctx, in, t.ID, of.from, of.to); err != nil {
				return nil, err
			}
			if line.Trust, err = s.DB.Trust(ctx, in, t.ID, of.from, of.to); err != nil {
				return nil, err
			}
			d.Lines = append(d.Lines, line)
		}
		if len(d.Lines) > 0 {
			list = append(list, d)
		}
	}
	return list, nil
}

// dashboardFields returns what people do for the fields of t, and for its columns,
// most first.
func dashboardFields(t *form.Template, h db.Health) (list []views.DashboardField) {
	at := make(map[string]int)
	seconds := make(map[string][]float64)
	for _, f := range t.Places() {
		fared := h.Fields[f.ID]
		if fared == nil {
			continue
		}
		name := f.Title()
		if f.Table != "" {
			name = f.TableTitle + " · " + name
		}
		i, known := at[name]
		if !known {
			i = len(list)
			at[name] = i
			list = append(list, views.DashboardField{Name: name})
		}
		list[i].Read += fared.Read
		list[i].Corrected += fared.Corrected
		list[i].Accepted += fared.Accepted
		seconds[name] = append(seconds[name], fared.Seconds...)
	}
	for i := range list {
		if of := seconds[list[i].Name]; len(of) > 0 {
			slices.Sort(of)
			list[i].Seconds = of[len(of)/2]
		}
	}
	slices.SortStableFunc(list, func(a, b views.DashboardField) int {
		return b.Corrected + b.Accepted - a.Corrected - a.Accepted
	})
	return list
}
