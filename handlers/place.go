package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/reader"
	"github.com/seosik/seosik/views"
)

// placePage shows a page on which a person can say which template it is and
// where it lies.
func (s *server) placePage(c echo.Context) error {
	p, err := s.pageToPlace(c)
	if errors.Is(err, form.ErrConflict) {
		return c.Redirect(http.StatusSeeOther, pagePath(c.Param("page"))) // being read, or without a picture
	}
	if err != nil {
		return err
	}
	templates, err := s.placeable(c.Request().Context(), p.Domain)
	if err != nil {
		return err
	}
	m := views.PlacePage{
		Frame:     s.frame(c, "place.title", views.Review),
		Head:      reviewHead(p.PageInfo),
		Width:     p.Width,
		Height:    p.Height,
		Part:      partOf(p.PageInfo),
		Templates: templates,
	}
	for _, candidate := range p.Candidates {
		for _, t := range templates {
			if t.ID == candidate.Template {
				m.Nearest = append(m.Nearest, views.Nearest{Template: t, Score: candidate.Score})
			}
		}
	}
	for _, t := range templates {
		if t.ID == p.Template {
			m.Chosen = t.ID
			m.Corners = corners(p.TemplateToPage, p.TemplateWidth, p.TemplateHeight)
		}
	}
	m.Name = p.DocumentName
	return s.draw(c, http.StatusOK, views.PlaceScreen(m))
}

// A placedPage is a page with the sides, in pixels, of the version of the
// template that it was read with.
type placedPage struct {
	form.PageInfo
	TemplateWidth, TemplateHeight int
}

// pageToPlace returns the page, or form.ErrConflict if it cannot be placed now.
func (s *server) pageToPlace(c echo.Context) (p placedPage, err error) {
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return p, err
	}
	ctx := c.Request().Context()
	if p.PageInfo, err = s.DB.Page(ctx, scope(c), id); err != nil {
		return p, err
	}
	if !views.Placeable(p.State) || p.Image == "" {
		return p, form.ErrConflict
	}
	if p.Template == 0 {
		return p, nil
	}
	t, err := s.DB.Template(ctx, scope(c), p.Template, p.Version)
	if err != nil {
		return p, err
	}
	p.TemplateWidth, p.TemplateHeight = t.Width, t.Height
	return p, nil
}

// placeable returns the templates of a domain that a person can ask for, each in
// the version that is then read.
func (s *server) placeable(ctx context.Context, domain form.DomainID) ([]*form.Template, error) {
	catalog, err := s.DB.Catalog(ctx, domain)
	return catalog.Chosen, err
}

// asked returns a template in the version that who asks for it gets. It returns
// form.ErrNotFound where there is none.
func (s *server) asked(ctx context.Context, in form.Scope, id form.TemplateID) (*form.Template, error) {
	t, err := s.DB.Template(ctx, in, id, 0)
	if err != nil {
		return nil, err
	}
	list, err := s.placeable(ctx, t.Domain)
	if err != nil {
		return nil, err
	}
	for _, t := range list {
		if t.ID == id {
			return t, nil
		}
	}
	return nil, form.ErrNotFound
}

func pagePath(id string) string { return "/pages/" + id }

// corners returns where the corners of a sheet lie on a page, in page px.
func corners(templateToPage geom.Homography, width, height int) geom.Quad {
	return templateToPage.ApplyQuad(geom.XYWH(0, 0, float64(width), float64(height)).Quad())
}

// outline sends where the fields of a template are.
func (s *server) outline(c echo.Context) error {
	id, err := id[form.TemplateID](c, "template")
	if err != nil {
		return err
	}
	t, err := s.asked(c.Request().Context(), scope(c), id)
	if err != nil {
		return err
	}
	o := struct {
		Version int          `json:"version"` // that a page is then read with
		Width   int          `json:"width"`
		Height  int          `json:"height"`
		Boxes   [][4]float64 `json:"boxes"` // x, y, width and height in template px
	}{t.Version, t.Width, t.Height, nil}
	for _, f := range t.Places() {
		boxes := f.Boxes
		if len(boxes) == 0 {
			boxes = []geom.Box{f.Box}
		}
		for _, b := range boxes {
			o.Boxes = append(o.Boxes, [4]float64{b.Min.X, b.Min.Y, b.Width(), b.Height()})
		}
	}
	return c.JSON(http.StatusOK, o)
}

// A wish is what a person says about how a page lies.
type wish struct {
	template       *form.Template  // nil for any in service
	templateToPage geom.Homography // zero to find it
}

// readWish reads the template and the corners of a form; both may be empty.
func (s *server) readWish(c echo.Context) (w wish, err error) {
	id, err := number[form.TemplateID](c.FormValue("template"))
	if err != nil || id == 0 {
		return w, err
	}
	if w.template, err = s.asked(c.Request().Context(), scope(c), id); err != nil {
		return w, err
	}
	if c.FormValue("corners") == "" {
		return w, nil
	}
	quad, err := readQuad(c.FormValue("corners"))
	if err != nil {
		return w, err
	}
	sheet := geom.XYWH(0, 0, float64(w.template.Width), float64(w.template.Height)).Quad()
	if w.templateToPage, err = geom.Fit(sheet[:], quad[:], nil); err != nil {
		return w, errBadRequest
	}
	return w, nil
}

const maxCoordinate = 1e5 // px; how far outside the picture a corner may be

// readQuad reads four points in page px, "x,y x,y x,y x,y", clockwise from the
// top left corner of the form. A form that is folded over, or shown in a
// mirror, is none.
func readQuad(s string) (q geom.Quad, err error) {
	points := strings.Fields(s)
	if len(points) != len(q) {
		return q, errBadRequest
	}
	for i, p := range points {
		x, y, _ := strings.Cut(p, ",")
		if q[i].X, err = strconv.ParseFloat(x, 64); err != nil {
			return q, errBadRequest
		}
		if q[i].Y, err = strconv.ParseFloat(y, 64); err != nil {
			return q, errBadRequest
		}
		if !(max(q[i].X, -q[i].X, q[i].Y, -q[i].Y) < maxCoordinate) { // also NaN
			return q, errBadRequest
		}
	}
	for i := range q {
		a, b := q[(i+1)%4].Sub(q[i]), q[(i+2)%4].Sub(q[(i+1)%4])
		if a.X*b.Y-a.Y*b.X < 1 {
			return q, errBadRequest
		}
	}
	return q, nil
}

// fit answers where the print of the template is, near the corners that a
// person has set.
func (s *server) fit(c echo.Context) error {
	p, err := s.pageToPlace(c)
	if err != nil {
		return err
	}
	w, err := s.readWish(c)
	if err != nil {
		return err
	}
	if w.template == nil {
		return errBadRequest
	}
	ctx := c.Request().Context()
	found, err := s.Intake.Fit(ctx, p.Page, p.Domain, w.template.ID, w.templateToPage)
	if errors.Is(err, reader.ErrNoMatch) {
		return c.String(http.StatusUnprocessableEntity, views.Say(ctx, "place.no_fit"))
	}
	if err != nil {
		return err
	}
	words := []string{views.Say(ctx, "place.fitted", "Pixels", strconv.FormatFloat(found.Residual, 'f', 1, 64))}
	for _, f := range found.Faults {
		words = append(words, views.Say(ctx, "fault."+string(f)))
	}
	return c.JSON(http.StatusOK, struct {
		Corners  string  `json:"corners"`
		Residual float64 `json:"residual"` // template px
		Words    string  `json:"words"`
	}{views.Points(corners(found.TemplateToPage, w.template.Width, w.template.Height)), found.Residual, strings.Join(words, " ")})
}

// place has a page read again.
func (s *server) place(c echo.Context) error {
	p, err := s.pageToPlace(c)
	if err != nil {
		return err
	}
	w, err := s.readWish(c)
	if err != nil {
		return err
	}
	r := form.Reread{Page: p.ID, TemplateToPage: w.templateToPage}
	if w.template != nil {
		r.Template = w.template.ID
	}
	if err := s.Intake.Reread(c.Request().Context(), actor(c), r); err != nil {
		return err
	}
	return sendTo(c, fmt.Sprintf("/pages/%d", p.ID))
}

// ready has the page that is shown be shown anew once it has been read.
func (s *server) ready(c echo.Context) error {
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	p, err := s.DB.Page(c.Request().Context(), scope(c), id)
	if err != nil {
		return err
	}
	if p.State.Final() {
		c.Response().Header().Set("HX-Refresh", "true")
	}
	return c.NoContent(http.StatusNoContent)
}

// again shows how many unmatched pages there are: of all domains, or of that
// of a template.
func (s *server) again(c echo.Context) error {
	domain, t, err := s.againOf(c)
	if err != nil {
		return err
	}
	m, err := s.againModel(c, domain, t)
	if err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.AgainPanel(m))
}

// readAgain has them read again: with the templates in service, or with the
// one given.
func (s *server) readAgain(c echo.Context) error {
	ctx := c.Request().Context()
	domain, t, err := s.againOf(c)
	if err != nil {
		return err
	}
	domains := []form.DomainID{domain}
	if domain == 0 {
		if domains, err = s.domainIDs(c); err != nil {
			return err
		}
	}
	var template form.TemplateID
	if t != nil {
		template = t.ID
	}
	for _, d := range domains {
		if _, err := s.Intake.RereadUnmatched(ctx, actor(c), d, template); err != nil {
			return err
		}
	}
	if scripted(c) {
		return s.again(c)
	}
	if t != nil {
		return sendTo(c, fmt.Sprintf("/templates/%d", t.ID))
	}
	return sendTo(c, "/pages?state="+string(form.StateUnmatched))
}

func (s *server) domainIDs(c echo.Context) (ids []form.DomainID, err error) {
	domains, err := s.DB.Domains(c.Request().Context(), scope(c))
	for _, d := range domains {
		ids = append(ids, d.ID)
	}
	return ids, err
}

// againOf returns the template of the request and its domain, or nil and 0
// where it is about all domains.
func (s *server) againOf(c echo.Context) (form.DomainID, *form.Template, error) {
	if c.Param("template") == "" {
		return 0, nil, nil
	}
	t, err := s.template(c)
	if err != nil {
		return 0, nil, err
	}
	return t.Domain, t, nil
}

func (s *server) againModel(c echo.Context, domain form.DomainID, t *form.Template) (m views.Again, err error) {
	m.Path = "/pages/again"
	if t != nil {
		m.Path = fmt.Sprintf("/templates/%d/again", t.ID)
		m.Template = t.Name
		if !t.Stage.Released() {
			return m, nil // drafts are for nobody's pages yet
		}
	}
	m.Unmatched, m.Waiting, err = s.DB.Unmatched(c.Request().Context(), scope(c), domain)
	return m, err
}
