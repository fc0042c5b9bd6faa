package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// correctMany adds what a person said of many cells of the tables of a page at once: a
// range that was pasted, or lines that moved. All of it is kept, or nothing. What is
// sent are lists of the same length: field, seen and text.
func (s *server) correctMany(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	r, err := s.record(c, id)
	if err != nil {
		return err
	}
	said, indices, err := readMany(c, r)
	if err != nil {
		return err
	}
	before := r.Broken()
	added, page, err := s.DB.AddCorrections(ctx, actor(c), id, said)
	if stale, ok := errors.AsType[*form.StaleError](err); ok {
		return s.answerManyStale(c, id, said, indices, stale.Fields)
	}
	if err != nil {
		return err
	}
	if !scripted(c) {
		return c.Redirect(http.StatusSeeOther, fmt.Sprintf("/pages/%d", id))
	}
	tellSaidMany(c, added)
	r.Page = page
	for i, index := range indices {
		r.Values[index].Said(added[i])
	}
	m := views.Many{Head: reviewHead(page)}
	now, unkept := r.Broken(), r.Unkept()
	for i, v := range r.Values {
		said := slices.Contains(indices, i)
		if !said && reflect.DeepEqual(before[v.Field.ID], now[v.Field.ID]) {
			continue
		}
		row := reviewRow(r.Page, i, v)
		row.Problems, row.Ask = now[v.Field.ID], slices.Contains(unkept, v.Field.ID)
		if said {
			m.Rows = append(m.Rows, row)
		} else {
			m.Others = append(m.Others, row)
		}
	}
	m.Others = views.Shuts(m.Others)
	return s.draw(c, http.StatusOK, views.CorrectedMany(m))
}

// answerManyStale answers where somebody else was faster with some of the fields:
// it names those, and shows what they hold now.
func (s *server) answerManyStale(c echo.Context, id form.PageID, said []db.Said, indices []int, stale []form.FieldID) error {
	r, err := s.record(c, id)
	if err != nil {
		return err
	}
	if r.Page.Run != said[0].Run || indices[len(indices)-1] >= len(r.Values) {
		return form.ErrConflict
	}
	m := views.Many{Head: reviewHead(r.Page)}
	var names []string
	broken, unkept := r.Broken(), r.Unkept()
	for i, index := range indices {
		if !slices.Contains(stale, said[i].Field) {
			continue
		}
		row := reviewRow(r.Page, index, r.Values[index])
		row.Problems, row.Ask = broken[said[i].Field], slices.Contains(unkept, said[i].Field)
		m.Rows = append(m.Rows, row)
		names = append(names, row.Label())
	}
	m.Stale = strings.Join(names, ", ")
	return s.draw(c, http.StatusUnprocessableEntity, views.CorrectedMany(m))
}

// readMany reads what a person said of many fields of a page, each at most once,
// and which of the values of the page those are, in order.
func readMany(c echo.Context, r form.Record) (said []db.Said, indices []int, err error) {
	sent, err := c.FormParams()
	if err != nil {
		return nil, nil, errBadRequest
	}
	fields, seen, texts := sent["field"], sent["seen"], sent["text"]
	run, err := strconv.Atoi(c.FormValue("run"))
	if err != nil || len(fields) == 0 || len(fields) > len(r.Values) || len(seen) != len(fields) || len(texts) != len(fields) {
		return nil, nil, errBadRequest
	}
	for i := range fields {
		index, err := strconv.Atoi(fields[i])
		if err != nil || index < 0 || index >= len(r.Values) {
			return nil, nil, form.ErrNotFound
		}
		after, err := strconv.ParseInt(seen[i], 10, 64)
		if err != nil || len(indices) > 0 && index <= indices[len(indices)-1] {
			return nil, nil, errBadRequest
		}
		v := r.Values[index]
		if v.Secret() { // it is keyed by itself
			return nil, nil, form.ErrConflict
		}
		text, err := readText(texts[i])
		if err != nil || v.Field.Table == "" { // other fields may carry probes, which are watched one by one
			return nil, nil, errBadRequest
		}
		said = append(said, db.Said{
			Correction: form.Correction{Run: run, Field: v.Field.ID, Text: text, Accepted: text == v.Reading.Text},
			After:      form.CorrectionID(after),
		})
		indices = append(indices, index)
	}
	return said, indices, nil
}
