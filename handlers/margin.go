package handlers

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

const (
	marginPart     = 50       // places that one part of the list has
	marginCount    = 1000     // places that are counted, at most
	marginAround   = 30.0     // template px shown around a place
	keptUnprinted  = 32 << 20 // bytes of pages without their form
	unprintedEntry = 1 << 10  // bytes that one takes besides its picture
)

// An unprintedKey is a page as it was read, without what its form has printed.
type unprintedKey struct {
	image    blob.Key
	page     form.PageID
	run      int
	template form.TemplateID
	version  int
}

// unprinted sends a page without what its form has printed on it.
func (s *server) unprinted(c echo.Context) error {
	p, err := s.pageOf(c)
	if err != nil {
		return err
	}
	if views.WhyNotUnprinted(p) != "" {
		return form.ErrNotFound
	}
	s.sawPart(c, p.ID)
	h, tag := c.Response().Header(), fmt.Sprintf(`"%d-%d-%d"`, p.ID, p.Run, p.Version)
	h.Set("ETag", tag)
	if c.Request().Header.Get("If-None-Match") == tag {
		return c.NoContent(http.StatusNotModified)
	}
	ctx := c.Request().Context()
	leave, err := s.singly(ctx, user(c).ID)
	if err != nil {
		return err
	}
	defer leave()
	key := unprintedKey{p.Image, p.ID, p.Run, p.Template, p.Version}
	picture, done, err := s.unprintedKept.Take(ctx, key, func(reserve func(int64) error) ([]byte, error) {
		return s.unprint(ctx, p, reserve)
	})
	if err != nil {
		return err
	}
	defer done()
	if err := s.logged(c); err != nil {
		return err
	}
	h.Set(echo.HeaderContentType, "image/jpeg")
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(picture))
	return nil
}

func (s *server) unprint(ctx context.Context, p form.PageInfo, reserve func(int64) error) ([]byte, error) {
	t, err := s.DB.Template(ctx, form.Within(p.Domain), p.Template, p.Version)
	if err != nil {
		return nil, err
	}
	picture, err := s.Intake.Unprinted(ctx, p.Page, t)
	if err != nil {
		return nil, err
	}
	return picture, reserve(unprintedEntry + int64(len(picture)))
}

// pageOf returns the page of the path.
func (s *server) pageOf(c echo.Context) (p form.PageInfo, err error) {
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return p, err
	}
	return s.DB.Page(c.Request().Context(), scope(c), id)
}

// margin returns the page and the place of the path.
func (s *server) margin(c echo.Context) (p form.PageInfo, m form.Margin, err error) {
	place, err := id[int64](c, "place")
	if err != nil {
		return p, m, err
	}
	if p, err = s.pageOf(c); err != nil {
		return p, m, err
	}
	list, err := s.DB.Margins(c.Request().Context(), scope(c), p.ID)
	if err != nil {
		return p, m, err
	}
	i := slices.IndexFunc(list, func(m form.Margin) bool { return int64(m.Place) == place })
	if i < 0 {
		return p, m, form.ErrNotFound
	}
	return p, list[i], nil
}

// marginCrop sends the picture of a place where something is written in no field.
func (s *server) marginCrop(c echo.Context) error {
	p, m, err := s.margin(c)
	if err != nil {
		return err
	}
	toTemplate, err := p.TemplateToPage.Inverse()
	if err != nil || p.Image == "" {
		return form.ErrNotFound
	}
	s.sawPart(c, p.ID)
	return s.sendPageCrop(c, p, p.TemplateToPage, toTemplate.ApplyQuad(m.Where).Bounds().Grow(marginAround-cropMargin))
}

// answerMargin keeps what a person says of such a place: a note, or that it says
// nothing; or takes that back.
func (s *server) answerMargin(c echo.Context) error {
	p, m, err := s.margin(c)
	if err != nil {
		return err
	}
	run, err := strconv.Atoi(c.FormValue("run")) // a page that was read again has other places
	if err != nil {
		return errBadRequest
	}
	answer := form.MarginAnswer(c.FormValue("answer"))
	note := c.FormValue("text")
	switch answer {
	case form.MarginNothing:
	case form.MarginNote:
		if strings.TrimSpace(note) == "" {
			return errBadRequest
		}
	case "open":
		answer = form.MarginOpen
	default:
		return errBadRequest
	}
	ctx := c.Request().Context()
	if err := s.DB.AnswerMargin(ctx, actor(c), scope(c), p.ID, run, m.Place, answer, note); err != nil {
		return err
	}
	listed := c.FormValue("in") == "list"
	if !scripted(c) {
		if listed {
			return c.Redirect(http.StatusSeeOther, withQuery("/margin", marginQuery(c)))
		}
		return c.Redirect(http.StatusSeeOther, pagePath(c.Param("page")))
	}
	if p, m, err = s.margin(c); err != nil {
		return err
	}
	row := marginRow(p, m, listed)
	if listed {
		return s.draw(c, http.StatusOK, views.Margin(row))
	}
	return s.draw(c, http.StatusOK, views.MarginAnswered(row, reviewHead(p)))
}

func marginRow(p form.PageInfo, m form.Margin, listed bool) views.MarginRow {
	r := views.MarginRow{
		Page: p.ID, Domain: p.Domain, Run: m.Run, Place: m.Place, Outline: m.Where, Answer: m.Answer, By: m.ByName, At: m.At,
		Listed: listed, Document: p.DocumentName, Label: p.Label(), Template: p.TemplateName, State: p.State,
	}
	if toTemplate, err := p.TemplateToPage.Inverse(); err == nil && p.Image != "" {
		crop := cropOf(&p.Page, toTemplate.ApplyQuad(m.Where).Bounds().Grow(marginAround-cropMargin))
		r.Crop, r.CropWidth, r.CropHeight = fmt.Sprintf("/pages/%d/margin/%d", p.ID, m.Place), crop.Width, crop.Height
	}
	return r
}

// marginRows returns where something is written on a page in no field.
func (s *server) marginRows(c echo.Context, p form.PageInfo) (rows []views.MarginRow, err error) {
	list, err := s.DB.Margins(c.Request().Context(), scope(c), p.ID)
	for _, m := range list {
		rows = append(rows, marginRow(p, m, false))
	}
	return rows, err
}

// marginQuery returns which places a list has, to go along.
func marginQuery(c echo.Context) url.Values {
	q := make(url.Values)
	for _, name := range []string{"template", "after"} {
		if v := c.FormValue(name); v != "" {
			q.Set(name, v)
		}
	}
	return q
}

// margins lists where something is written in no field, over all pages.
func (s *server) margins(c echo.Context) (err error) {
	ctx := c.Request().Context()
	var f db.MarginFilter
	if f.Template, err = number[form.TemplateID](c.QueryParam("template")); err != nil {
		return err
	}
	m := views.MarginPage{Frame: s.frame(c, "margin.title", views.Review), Template: c.QueryParam("template")}
	if m.Templates, err = s.templateGroups(c, f.Template); err != nil {
		return err
	}
	if m.Count, err = s.DB.CountMargins(ctx, scope(c), f, marginCount); err != nil {
		return err
	}
	m.Many = m.Count == marginCount
	if f.After, f.AfterPlace, err = readAfter(c.QueryParam("after")); err != nil {
		return err
	}
	if f.After != 0 {
		first := marginQuery(c)
		first.Del("after")
		m.First = withQuery("/margin", first)
	}
	f.Limit = marginPart + 1
	rows, err := s.DB.OpenMargins(ctx, scope(c), f)
	if err != nil {
		return err
	}
	if len(rows) > marginPart {
		rows = rows[:marginPart]
		last := rows[marginPart-1]
		m.More = "/margin?" + with(marginQuery(c), "after", fmt.Sprintf("%d-%d", last.Page.ID, last.Place))
	}
	var seen []form.PageID
	for _, r := range rows {
		m.Rows = append(m.Rows, marginRow(r.Page, r.Margin, true))
		seen = append(seen, r.Page.ID)
	}
	s.sawPages(c, db.AccessView, "margin", slices.Compact(seen))
	return s.draw(c, http.StatusOK, views.Margins(m))
}

// readAfter reads a place of a page, "12-3", after which a list goes on.
func readAfter(text string) (page form.PageID, place int, err error) {
	if text == "" {
		return 0, 0, nil
	}
	before, after, _ := strings.Cut(text, "-")
	page, err = number[form.PageID](before)
	place, bad := strconv.Atoi(after)
	if err != nil || bad != nil {
		return 0, 0, errBadRequest
	}
	return page, place, nil
}
