package handlers

import (
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// dashboard shows how a template fares.
func (s *server) dashboard(c echo.Context) error {
	ctx := c.Request().Context()
	var x form.Export
	var err error
	if x.Template, err = number[form.TemplateID](c.QueryParam("template")); err != nil {
		return err
	}
	m := views.DashboardPage{Frame: s.frame(c, "dashboard.title", views.Dashboards), Doubt: s.Doubt}
	if m.Templates, err = s.exportTemplates(c, &x); err != nil {
		return err
	}
	if m.Chosen = len(m.Templates) > 0; !m.Chosen {
		return s.draw(c, http.StatusOK, views.Dashboard(m))
	}
	versions, err := s.DB.Versions(ctx, scope(c), x.Template)
	if err == nil && len(versions) == 0 {
		err = form.ErrNotFound
	}
	if err != nil {
		return err
	}
	counts, err := s.DB.StateCounts(ctx, scope(c), x.Template)
	if err != nil {
		return err
	}
	for _, state := range form.States {
		if n := counts[state]; n > 0 || state == form.StateReview || state == form.StateDone {
			m.Counts = append(m.Counts, views.Count{State: state, Pages: n})
		}
	}
	if m.Trust, err = s.DB.Trust(ctx, scope(c), x.Template); err != nil {
		return err
	}
	h, err := s.DB.Health(ctx, scope(c), x.Template, time.Time{})
	if err != nil {
		return err
	}
	m.Fields = dashboardFields(versions[0], h)
	return s.draw(c, http.StatusOK, views.Dashboard(m))
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
