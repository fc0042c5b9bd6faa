package handlers

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/views"
)

// The sides of the picture of a field that is keyed, in pixels as shown, at most.
const (
	keyedWidth  = 860.0
	keyedHeight = 160.0
	keyedScale  = 2.0
)

// leastPeople are needed to settle what two people key differently.
const leastPeople = 3

// nextKeyed goes to the next page with a value that somebody else has keyed.
func (s *server) nextKeyed(c echo.Context) error {
	ctx := c.Request().Context()
	page, err := s.DB.NextKeyed(ctx, actor(c), scope(c))
	if err == nil {
		return c.Redirect(http.StatusSeeOther, fmt.Sprintf("/second/%d", page))
	}
	if !errors.Is(err, form.ErrNotFound) {
		return err
	}
	q, err := s.DB.KeyQueue(ctx, scope(c), user(c).ID)
	if err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.NothingToKey(views.SecondQueue{
		Frame: s.frame(c, "second.title", views.Review), Waiting: q.Waiting, Alone: q.Waiting > 0 && q.People < leastPeople,
	}))
}

// secondPage shows the values of a page that are up to the person who asks.
func (s *server) secondPage(c echo.Context) error {
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	r, err := s.record(c, id)
	if err != nil {
		return err
	}
	rows, err := s.secondRows(c, r)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return c.Redirect(http.StatusSeeOther, "/second")
	}
	if err := s.DB.HoldKeyed(c.Request().Context(), actor(c), id); err != nil {
		return err
	}
	s.sawPage(c, db.AccessView, id)
	p := views.SecondPage{
		Frame: s.frame(c, "second.title", views.Review),
		Page:  id, File: r.Page.DocumentName, Label: r.Page.Label(), Template: r.Page.TemplateName, Rows: rows,
	}
	p.Name = r.Page.DocumentName
	if r.Page.Image != "" {
		p.Image = fmt.Sprintf("/pages/%d/picture", id)
	}
	return s.draw(c, http.StatusOK, views.SecondScreen(p))
}

// secondRows returns the values of r, as it is shown to the person who asks, that
// others have keyed and are up to that person.
func (s *server) secondRows(c echo.Context, r form.Record) (rows []views.SecondRow, err error) {
	differ, err := s.DB.Disputed(c.Request().Context(), scope(c), r.Page.ID, user(c).ID)
	if err != nil {
		return nil, err
	}
	typed, err := s.DB.Typed(c.Request().Context(), scope(c), r.Page.ID)
	if err != nil {
		return nil, err
	}
	for i, v := range r.Values {
		if upToMe(v) {
			row := secondRow(r.Page, i, v)
			row.Said, row.Third = differ[v.Field.ID]
			for _, y := range typed {
				if y.By == user(c).ID && y.Field == v.Field.ID && y.Seen == row.Seen {
					row.Typed = &y.Held
				}
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// upToMe reports whether it is the person who is shown v that has to say something of
// it, now that one other has, or two.
func upToMe(v form.Value) bool { return len(v.Keyed.By) > 0 && !v.Keyed.Mine }

func secondRow(p form.PageInfo, index int, v form.Value) views.SecondRow {
	row := views.SecondRow{Page: p.ID, Run: p.Run, Index: index, Field: v.Field, Sight: v.Sight, Seen: v.Newest()}
	if p.Image != "" {
		row.Crop = fmt.Sprintf("/pages/%d/crops/%d?run=%d", p.ID, index, p.Run)
		row.CropW, row.CropH = keyedSize(placeOf(p, v))
	}
	return row
}

// keyedSize returns the sides, in pixels as shown, of the picture of a field.
func keyedSize(field geom.Box) (width, height int) {
	box := field.Grow(cropMargin)
	scale := min(keyedScale, keyedWidth/box.Width(), keyedHeight/box.Height())
	return int(math.Ceil(box.Width() * scale)), int(math.Ceil(box.Height() * scale))
}

// keySecond takes what a second person keyed, or how a third one settles it.
func (s *server) keySecond(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	raw, err := s.DB.Record(ctx, scope(c), id)
	if err != nil {
		return err
	}
	r, err := s.shown(c, raw)
	if err != nil {
		return err
	}
	index, v, err := chosenValue(c, raw)
	if err != nil {
		return err
	}
	row := secondRow(r.Page, index, r.Values[index])
	said, wrong, err := s.readKeyed(c, v, &row)
	if err != nil {
		return err
	}
	if wrong != "" {
		row.Wrong = wrong
		return s.answerKeyed(c, http.StatusUnprocessableEntity, row, false)
	}
	said.Page = id
	_, err = s.DB.AddEntry(ctx, actor(c), v.Field, said, row.Third)
	if err != nil && !errors.Is(err, form.ErrConflict) {
		return err
	}
	if err := s.DB.HoldKeyed(ctx, actor(c), id); err != nil {
		return err
	}
	return s.answerKeyed(c, http.StatusOK, row, err != nil)
}

// answerKeyed answers with the row. Late says that others were faster.
func (s *server) answerKeyed(c echo.Context, status int, row views.SecondRow, late bool) error {
	switch {
	case !scripted(c):
		return c.Redirect(http.StatusSeeOther, fmt.Sprintf("/second/%d", row.Page))
	case late:
		return s.draw(c, status, views.KeyedByOther(row))
	case row.Wrong == "":
		return s.draw(c, status, views.Keyed(row))
	case row.Third:
		return s.draw(c, status, views.ThirdEntry(row))
	default:
		return s.draw(c, status, views.SecondEntry(row))
	}
}

// readKeyed reads what was keyed of v, of which row becomes what is shown. Wrong is
// the id of why it cannot be taken.
func (s *server) readKeyed(c echo.Context, v form.Value, row *views.SecondRow) (said form.Correction, wrong string, err error) {
	run, err := strconv.Atoi(c.FormValue("run"))
	if err != nil {
		return said, "", errBadRequest
	}
	held, err := readHeld(c, v.Field)
	if err != nil {
		return said, "", err
	}
	take := c.FormValue("take")
	if row.Third = c.FormValue("third") != ""; row.Third {
		differ, err := s.DB.Disputed(c.Request().Context(), scope(c), row.Page, user(c).ID)
		if err != nil {
			return said, "", err
		}
		row.Said = differ[v.Field.ID]
	}
	keyed := form.Entry{Held: held}
	switch mark := form.Mark(c.FormValue("mark")); {
	case slices.Contains(form.Marks, mark):
		keyed = form.Entry{Mark: mark}
	case mark != "":
		return said, "", errBadRequest
	case row.Third && (take == "0" || take == "1"):
		keyed = row.Said[take[0]-'0']
	case unticked(c, v):
		wrong = "second.choose_first"
	}
	said = form.Correction{Run: run, Field: v.Field.ID, Text: keyed.Held.Text, Checked: keyed.Held.Checked, Mark: keyed.Mark}
	said.Accepted = keyed.Same(&v.Field, form.Entry{Held: v.Reading.Held()})
	return said, wrong, nil
}
