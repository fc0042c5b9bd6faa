package handlers

import (
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/form"
)

// record returns a page with its values as the person who asks may see it. All
// that shows people readings goes through here.
func (s *server) record(c echo.Context, id form.PageID) (form.Record, error) {
	r, err := s.DB.Record(c.Request().Context(), scope(c), id)
	if err != nil {
		return r, err
	}
	return s.shown(c, r)
}

// shown returns r as the person who asks may see it, and leaves r as it is:
// without what the machine read of values that people are to key, with how far
// those are that two people key, with the probe of that person, and without what
// is masked for good.
func (s *server) shown(c echo.Context, r form.Record) (form.Record, error) {
	r.Values = slices.Clone(r.Values)
	two := func(v form.Value) bool { return v.Reading.Policy() == form.ReviewTwo }
	if slices.ContainsFunc(r.Values, two) {
		keyed, err := s.DB.KeyedOf(c.Request().Context(), scope(c), r.Page.ID)
		if err != nil {
			return r, err
		}
		for i := range r.Values {
			k := keyed[r.Values[i].Field.ID]
			k.Mine = slices.Contains(k.By, user(c).ID)
			r.Values[i].Keyed = k
		}
	}
	r.Blind()
	if err := s.probe(c, &r); err != nil {
		return r, err
	}
	return r, s.mask(c, &r)
}

// key adds what the person who asks keyed of a value without having seen what was
// read, or said, of it.
func (s *server) key(c echo.Context, v form.Value, said form.Correction, seen form.CorrectionID) (form.PageInfo, error) {
	if v.Reading.Policy() == form.ReviewTwo {
		return s.DB.AddEntry(c.Request().Context(), actor(c), v.Field, said, false)
	}
	_, p, err := s.DB.AddCorrection(c.Request().Context(), actor(c), said, seen)
	return p, err
}

// unticked reports whether the form is about a checkbox, of which nothing is
// said: what one must not see is not taken for none.
func unticked(c echo.Context, v form.Value) bool {
	return v.Field.Kind == form.Checkbox && c.FormValue("checked") == "" && c.FormValue("mark") == ""
}
