package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// sheetPart is how many rows of a sheet come in one go.
const sheetPart = 50

// sheet shows many pages of a template as rows, of which one field is looked at.
func (s *server) sheet(c echo.Context) error {
	m, f, err := s.sheetChoice(c)
	if err != nil {
		return err
	}
	if f.Field != "" {
		if m.Rows, err = s.sheetPartOf(c, f); err != nil {
			return err
		}
	}
	return s.draw(c, http.StatusOK, views.Sheet(m))
}

// sheetRows sends the rows after a page alone.
func (s *server) sheetRows(c echo.Context) error {
	_, f, err := s.sheetChoice(c)
	if err != nil {
		return err
	}
	if f.After, err = number[form.PageID](c.QueryParam("after")); err != nil {
		return err
	}
	rows, err := s.sheetPartOf(c, f)
	if err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.SheetRows(rows))
}

// sheetChoice returns what is chosen to be looked at, and what there is to choose:
// for no field, the first that has something to look at.
func (s *server) sheetChoice(c echo.Context) (m views.SheetPage, f db.SheetFilter, err error) {
	ctx := c.Request().Context()
	m.Frame = s.frame(c, "sheet.title", views.Review)
	f = db.SheetFilter{Field: form.FieldID(c.QueryParam("field")), All: c.QueryParam("all") != "", For: user(c).ID, Limit: sheetPart}
	if f.Template, err = number[form.TemplateID](c.QueryParam("template")); err != nil {
		return m, f, err
	}
	if f.Template == 0 {
		if f.Template, err = s.DB.FirstSheet(ctx, scope(c)); errors.Is(err, form.ErrNotFound) {
			err = nil
		}
		if err != nil {
			return m, f, err
		}
	}
	if m.Templates, err = s.templateGroups(c, f.Template); err != nil || f.Template == 0 {
		return m, f, err
	}
	t, err := s.DB.Template(ctx, scope(c), f.Template, 0)
	if err != nil {
		return m, f, err
	}
	open, err := s.DB.SheetCounts(ctx, scope(c), f.Template)
	if err != nil {
		return m, f, err
	}
	m.Template, m.All = f.Template, f.All
	for _, place := range t.Places() {
		if place.AnyPerson() {
			m.Fields = append(m.Fields, views.SheetField{Field: place, Open: open[place.ID]})
		}
	}
	if !slices.ContainsFunc(m.Fields, func(of views.SheetField) bool { return of.Field.ID == f.Field }) {
		f.Field = ""
	}
	for _, of := range m.Fields {
		if f.Field == "" && (of.Open > 0 || f.All) {
			f.Field = of.Field.ID
		}
	}
	if f.Field == "" && len(m.Fields) > 0 {
		f.Field = m.Fields[0].Field.ID
	}
	m.Field = f.Field
	return m, f, nil
}

func (s *server) sheetPartOf(c echo.Context, f db.SheetFilter) ([]views.SheetRow, error) {
	ctx := c.Request().Context()
	list, err := s.DB.Sheet(ctx, scope(c), f)
	if err != nil {
		return nil, err
	}
	t, err := s.DB.Template(ctx, scope(c), f.Template, 0)
	if err != nil {
		return nil, err
	}
	seen, err := s.seen(c, t.Domain)
	if err != nil {
		return nil, err
	}
	class, err := s.classNow(c, f.Template)
	if err != nil {
		return nil, err
	}
	rows, pages := make([]views.SheetRow, len(list)), make([]form.PageID, len(list))
	for i, r := range list {
		rows[i], pages[i] = s.sheetRow(ctx, r), r.Page
		rows[i].Value.Field.Personal = class(r.Value.Field)
		rows[i].Value.Sight = seen.Of(rows[i].Value.Field.Personal)
	}
	s.sawPages(c, db.AccessView, "sheet", pages)
	return rows, nil
}

func (s *server) sheetRow(ctx context.Context, r db.SheetRow) views.SheetRow {
	return views.SheetRow{
		Page: r.Page, Run: r.Run, File: r.File, Label: form.PageLabel(r.Number, r.Part), Index: r.Index, Value: r.Value, Typed: r.Typed,
		Image: s.snippetAddress(ctx, r.Page, r.Run, r.Value.Reading.Field, 0, r.Snippet),
	}
}

// A sheetAsked is what a person says of a row.
type sheetAsked struct {
	Page     form.PageID       `json:"page"`
	Run      int               `json:"run"`
	Field    form.FieldID      `json:"field"`
	Text     string            `json:"text"`
	Checked  bool              `json:"checked"`
	Mark     form.Mark         `json:"mark"`     // instead of a text
	Override bool              `json:"override"` // it is to be kept though it breaks a rule
	Seen     form.CorrectionID `json:"seen"`
}

// of returns that as it is kept of v.
func (a *sheetAsked) of(v *form.Value) (said form.Correction, err error) {
	said = form.Correction{Page: a.Page, Run: a.Run, Field: a.Field, Mark: a.Mark}
	switch {
	case a.Mark != "":
		if !slices.Contains(form.Marks, a.Mark) {
			err = errBadRequest
		}
	case v.Field.Kind == form.Checkbox:
		held := v.Field.Marked(a.Checked)
		said.Text, said.Checked, said.Accepted = held.Text, held.Checked, held.Checked == v.Reading.Checked
	default:
		said.Text, err = readText(a.Text)
		said.Accepted = said.Text == v.Reading.Text
	}
	return said, err
}

// A sheetSaid is what became of a value that a person said something of.
type sheetSaid struct {
	Conflict  bool              `json:"conflict"` // somebody else said something of it meanwhile: Text is that
	Text      string            `json:"text"`
	Checked   bool              `json:"checked"`
	By        string            `json:"by"`
	Seen      form.CorrectionID `json:"seen"`
	Problems  []string          `json:"problems"`  // rules that it breaks
	Asks      bool              `json:"asks"`      // it is to be mended, or said once more with Override
	Elsewhere bool              `json:"elsewhere"` // nothing else is left to do on the page but such values in other fields
}

// saySheet keeps what a person said of a row.
func (s *server) saySheet(c echo.Context) error {
	ctx := c.Request().Context()
	var asked sheetAsked
	if err := json.NewDecoder(c.Request().Body).Decode(&asked); err != nil {
		return errBadRequest
	}
	r, err := s.DB.Record(ctx, scope(c), asked.Page)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(r.Values, func(v form.Value) bool { return v.Field.ID == asked.Field })
	if i < 0 || !r.Values[i].Field.AnyPerson() || r.Values[i].Secret() {
		return form.ErrNotFound
	}
	said, err := asked.of(&r.Values[i])
	if err != nil {
		return err
	}
	if r, err = s.shown(c, r); err != nil {
		return err
	}
	v := &r.Values[i]
	said.Override = asked.Override && breaks(r, i, said)
	added, page, err := s.DB.AddCorrection(ctx, actor(c), said, asked.Seen)
	answer, status := sheetSaid{Problems: []string{}}, http.StatusOK
	switch latest := v.Latest(); {
	case errors.Is(err, form.ErrConflict) && latest != nil && asked.Run == r.Page.Run && r.Page.State.Final():
		answer.Conflict, added, status = true, *latest, http.StatusUnprocessableEntity
	case err != nil:
		return err
	default:
		v.Said(added)
		unkept := r.Unkept()
		answer.Asks = slices.Contains(unkept, asked.Field)
		answer.Elsewhere = page.State == form.StateReview && page.Doubtful == 0 && len(unkept) > 0 && !answer.Asks
	}
	answer.Text, answer.Checked, answer.By, answer.Seen = added.Text, added.Checked, added.ByName, added.ID
	answer.Problems = append(answer.Problems, views.Sentences(ctx, r.Broken()[asked.Field])...)
	return c.JSON(status, answer)
}
