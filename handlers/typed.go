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

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// keepTyped keeps what a person has typed and not accepted, and says which rules
// the values of the page would break with it.
func (s *server) keepTyped(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	r, err := s.record(c, id)
	if err != nil {
		return err
	}
	index, v, err := chosenValue(c, r)
	if err != nil {
		return err
	}
	reviews := may(c).May(form.MayReview, r.Page.Domain)
	if !reviews && !upToMe(v) {
		return errForbidden
	}
	said, seen, err := readCorrection(c, v)
	if err != nil {
		return err
	}
	held := form.Held{Text: said.Text, Checked: said.Checked}
	if v.Mark() == "" && held.Text == v.Text() && held.Checked == v.Checked() {
		err = s.DB.DropTyped(ctx, actor(c), id, v.Field.ID)
	} else {
		err = s.DB.KeepTyped(ctx, actor(c), form.Typed{Page: id, Run: said.Run, Field: v.Field.ID, Seen: seen, Held: held})
	}
	if err != nil {
		return err
	}
	if !reviews { // rules tell of other values, which are not this person's to see
		return c.JSON(http.StatusOK, echo.Map{"rows": map[string][]string{}})
	}
	typed, err := s.DB.Typed(ctx, scope(c), id)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, echo.Map{"rows": s.judged(c, r, index, typed)})
}

// judged says, by the index of the value, which rules are broken otherwise with
// what the person who asks has typed: of the value typed last always.
func (s *server) judged(c echo.Context, r form.Record, index int, typed []form.Typed) map[string][]string {
	before := r.Broken()
	r.Values = slices.Clone(r.Values)
	for i := range r.Values {
		v := &r.Values[i]
		for _, y := range typed {
			if y.Field == v.Field.ID && y.By == user(c).ID {
				v.Corrections = append(slices.Clone(v.Corrections), form.Correction{Text: y.Text, Checked: y.Checked})
			}
		}
	}
	rows, now := make(map[string][]string), r.Broken()
	for i, v := range r.Values {
		if id := v.Field.ID; i == index || !reflect.DeepEqual(before[id], now[id]) {
			rows[strconv.Itoa(i)] = views.Sentences(c.Request().Context(), now[id])
		}
	}
	return rows
}

// addTyped puts into rows what people have typed on a page and not accepted: what
// the person who asks typed, and of others that they did.
func (s *server) addTyped(c echo.Context, page form.PageID, rows []views.ReviewRow) error {
	typed, err := s.DB.Typed(c.Request().Context(), scope(c), page)
	if err != nil {
		return err
	}
	for i := range rows {
		for _, y := range typed {
			if row := &rows[i]; y.Field == row.Value.Field.ID && !row.Conflict {
				leave(row, y, user(c).ID)
			}
		}
	}
	return nil
}

func leave(row *views.ReviewRow, y form.Typed, me form.UserID) {
	stands := y.Seen == row.Value.Newest()
	switch {
	case y.By != me && stands && !row.Value.Secret(): // nobody is told that somebody else keys it
		row.LeftBy = append(row.LeftBy, y.ByName)
	case y.By != me:
	case stands:
		row.Left, row.Typed, row.Ticked = true, y.Text, y.Checked
	case row.Value.Latest() != nil: // somebody was faster
		row.Conflict, row.Typed, row.Ticked = true, y.Text, y.Checked
	}
}

// addAsks marks the rows of values that break rules and that nobody has kept so.
func addAsks(r form.Record, rows []views.ReviewRow) {
	unkept := r.Unkept()
	for i := range rows {
		rows[i].Ask = slices.Contains(unkept, rows[i].Value.Field.ID)
	}
}

// breaks reports whether a value would break a rule as said.
func breaks(r form.Record, index int, said form.Correction) bool {
	r.Values = slices.Clone(r.Values)
	v := &r.Values[index]
	v.Corrections = append(slices.Clone(v.Corrections), said)
	return len(r.Broken()[v.Field.ID]) > 0
}

// sayAgain says what was said of a value before, or that nothing was: undo
// and redo of corrections.
func (s *server) sayAgain(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	r, err := s.record(c, id)
	if err != nil {
		return err
	}
	_, v, err := chosenValue(c, r)
	if err != nil {
		return err
	}
	seen, err := correctionID(c.FormValue("seen"))
	if err != nil {
		return err
	}
	as, err := correctionID(c.FormValue("as"))
	if err != nil {
		return err
	}
	said := form.Correction{Mark: form.MarkWithdrawn}
	if as != 0 {
		i := slices.IndexFunc(v.Corrections, func(c form.Correction) bool { return c.ID == as })
		if i < 0 {
			return form.ErrConflict // the page was read with another template since
		}
		said = v.Corrections[i]
	}
	said.Page, said.Run, said.Field = id, r.Page.Run, v.Field.ID
	added, _, err := s.DB.AddCorrection(ctx, actor(c), said, seen)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, echo.Map{"said": added.ID})
}

// correctionID reads the id of a correction, 0 for none.
func correctionID(text string) (form.CorrectionID, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 0 {
		return 0, errBadRequest
	}
	return form.CorrectionID(id), nil
}

// tellSaid names, to a script that may want it undone, the correction that was
// added.
func tellSaid(c echo.Context, added form.Correction) {
	if added.By == user(c).ID {
		c.Response().Header().Set(saidHeader, fmt.Sprint(added.ID))
	}
}

const saidHeader = "X-Said"

// tellSaidMany names the corrections of many fields, in their order.
func tellSaidMany(c echo.Context, added []form.Correction) {
	ids := make([]string, len(added))
	for i, a := range added {
		ids[i] = fmt.Sprint(a.ID)
	}
	c.Response().Header().Set(saidHeader, strings.Join(ids, ","))
}

// keepStale keeps what a person said of a value and somebody else had said before,
// so that it is there when the person comes back to it.
func (s *server) keepStale(c echo.Context, said form.Correction) error {
	seen, err := correctionID(c.FormValue("seen"))
	if err != nil || said.Mark != "" {
		return err
	}
	err = s.DB.KeepTyped(c.Request().Context(), actor(c), form.Typed{
		Page: said.Page, Run: said.Run, Field: said.Field, Seen: seen, Held: form.Held{Text: said.Text, Checked: said.Checked},
	})
	if errors.Is(err, form.ErrConflict) || errors.Is(err, form.ErrNotFound) {
		return nil // there is nothing left that it could be of
	}
	return err
}
