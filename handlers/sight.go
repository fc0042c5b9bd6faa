package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"golang.org/x/image/vector"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/views"
)

// What people are not to see is taken out here, of texts and of pictures, before
// it comes near an answer: shown does so for records, seenPicture for pictures.

const (
	keptCovered = 128 << 20 // bytes of pictures with places that are covered
	coverMargin = 6.0       // template px around a field that are covered with it
	coveredJPEG = 85
	maxRevealed = 200 // pages of a screen
)

// keyMasks is where is noted what the office set, once a request.
const keyMasks = "masks"

// errMasked reports a picture on which nobody knows where is what a person must not
// see.
var errMasked = errors.New("a picture may show what the person must not see")

func (s *server) masks(c echo.Context) (form.Masks, error) {
	if m, ok := c.Get(keyMasks).(form.Masks); ok {
		return m, nil
	}
	m, err := s.DB.Masks(c.Request().Context())
	if err == nil {
		c.Set(keyMasks, m)
	}
	return m, err
}

// seen returns how the person who asks sees what is in a domain.
func (s *server) seen(c echo.Context, domain form.DomainID) (form.Seen, error) {
	m, err := s.masks(c)
	return m.For(visit(c).Grants, domain), err
}

// seesPersonal reports whether who is asking may find pages by personal data: who
// is shown all of it, wherever that person may see pages. Whoever is not could
// find out by asking.
func (s *server) seesPersonal(c echo.Context) (bool, error) {
	m, err := s.masks(c)
	grants := visit(c).Grants
	return len(grants) > 0 && !m.Least(grants).Hides(), err
}

// mask takes out of r what the person who asks must not see, and says of the rest
// how it is seen. What two people key is seen by those who do.
func (s *server) mask(c echo.Context, r *form.Record) error {
	if err := s.classify(c, r); err != nil {
		return err
	}
	seen, err := s.seen(c, r.Page.Domain)
	if err != nil {
		return err
	}
	r.Mask(seen)
	if !may(c).May(form.MayKey, r.Page.Domain) {
		return nil
	}
	for i := range r.Values {
		if v := &r.Values[i]; v.Sight == form.SightHidden && v.Secret() && v.Reading.Policy() == form.ReviewTwo {
			v.Sight = form.SightFocus
		}
	}
	return nil
}

// classify gives the values of a page that an older version of its template has
// read the classes that they have by now.
func (s *server) classify(c echo.Context, r *form.Record) error {
	if r.Template == nil {
		return nil
	}
	class, err := s.classNow(c, r.Template.ID)
	if err != nil {
		return err
	}
	for i := range r.Values {
		r.Values[i].Field.Personal = class(r.Values[i].Field)
	}
	return nil
}

// keyClasses is where is noted which classes templates have by now, each looked up
// once a request.
const keyClasses = "classes"

// classNow returns a function that says which class a field of a template has: by the
// version that stands for the template, which may have mended it, or else by its own.
func (s *server) classNow(c echo.Context, id form.TemplateID) (func(form.Field) form.Personal, error) {
	known, _ := c.Get(keyClasses).(map[form.TemplateID]map[form.FieldID]form.Personal)
	if known == nil {
		known = make(map[form.TemplateID]map[form.FieldID]form.Personal)
		c.Set(keyClasses, known)
	}
	now, looked := known[id]
	if !looked {
		var err error
		if now, err = s.classes(c.Request().Context(), id); err != nil {
			return nil, err
		}
		known[id] = now
	}
	return func(f form.Field) form.Personal { return cmp.Or(now[f.ID], f.Personal) }, nil
}

// classes returns the class of each field of the version that stands for a template,
// whoever asks.
func (s *server) classes(ctx context.Context, id form.TemplateID) (map[form.FieldID]form.Personal, error) {
	of := make(map[form.FieldID]form.Personal)
	t, err := s.DB.Template(ctx, form.Everything, id, 0)
	if errors.Is(err, form.ErrNotFound) {
		return of, nil
	}
	if err != nil {
		return nil, err
	}
	for _, f := range t.Places() {
		of[f.ID] = f.Personal
	}
	return of, nil
}

// A coveredKey is a page as it was read, with some classes covered.
type coveredKey struct {
	image   blob.Key
	page    form.PageID
	run     int
	covered string
}

// seenPicture returns the picture of a page as the person who asks may see it,
// until done is called. It is not to be changed.
func (s *server) seenPicture(c echo.Context, p form.PageInfo) (_ image.Image, done func(), err error) {
	ctx := c.Request().Context()
	seen, err := s.seen(c, p.Domain)
	if err != nil {
		return nil, nil, err
	}
	if !seen.Hides() {
		return s.pictures.take(ctx, p.Image)
	}
	if p.Template == 0 || len(p.Faults) > 0 {
		return nil, nil, errMasked
	}
	r, err := s.DB.Record(ctx, form.Within(p.Domain), p.ID)
	if err == nil {
		err = s.mask(c, &r)
	}
	if err != nil {
		return nil, nil, err
	}
	var covers []geom.Quad
	var of strings.Builder
	for i, v := range r.Values {
		if v.Sight == form.SightHidden {
			covers = append(covers, p.TemplateToPage.ApplyQuad(placeOf(p, v).Grow(coverMargin).Quad()))
			fmt.Fprint(&of, i, " ")
		}
	}
	return s.covered.Take(ctx, coveredKey{p.Image, p.ID, p.Run, of.String()}, func(reserve func(int64) error) (image.Image, error) {
		return s.cover(ctx, p, covers, reserve)
	})
}

// cover returns the picture of a page with places, in page px, covered, and what is
// of other forms on it.
func (s *server) cover(ctx context.Context, p form.PageInfo, places []geom.Quad, reserve func(int64) error) (image.Image, error) {
	whole, done, err := s.pictures.take(ctx, p.Image)
	if err != nil {
		return nil, err
	}
	defer done()
	b := whole.Bounds()
	if err := reserve(4 * int64(b.Dx()) * int64(b.Dy())); err != nil {
		return nil, err
	}
	picture := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	ink := image.NewUniform(color.Gray{Y: 0x60})
	if p.Part == 0 {
		draw.Draw(picture, picture.Rect, whole, b.Min, draw.Src)
	} else {
		own := geom.Scale(float64(p.Width), float64(p.Height)).ApplyQuad(p.Region).Bounds()
		r := image.Rect(int(own.Min.X), int(own.Min.Y), int(math.Ceil(own.Max.X)), int(math.Ceil(own.Max.Y)))
		draw.Draw(picture, picture.Rect, ink, image.Point{}, draw.Src)
		draw.Draw(picture, r, whole, b.Min.Add(r.Min), draw.Src)
	}
	for _, q := range places {
		fill(picture, q, ink)
	}
	return picture, nil
}

// fill fills a quad of a picture, in its pixels.
func fill(picture draw.Image, q geom.Quad, ink image.Image) {
	z := vector.NewRasterizer(picture.Bounds().Dx(), picture.Bounds().Dy())
	z.MoveTo(float32(q[0].X), float32(q[0].Y))
	for _, p := range q[1:] {
		z.LineTo(float32(p.X), float32(p.Y))
	}
	z.ClosePath()
	z.Draw(picture, picture.Bounds(), ink, image.Point{})
}

// sendSeen sends the picture of a page as the person who asks may see it: the file
// itself, where that is all of it.
func (s *server) sendSeen(c echo.Context, p form.PageInfo) error {
	seen, err := s.seen(c, p.Domain)
	if err != nil {
		return err
	}
	if !seen.Hides() {
		return s.sendBlob(c, p.Image)
	}
	picture, done, err := s.seenPicture(c, p)
	if err != nil {
		return err
	}
	defer done()
	if err := s.logged(c); err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentType, "image/jpeg")
	c.Response().WriteHeader(http.StatusOK)
	return jpeg.Encode(c.Response(), picture, &jpeg.Options{Quality: coveredJPEG})
}

// reveal notes that a person has all shown that is masked on a page, or on a screen
// of several.
func (s *server) reveal(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil || len(values["page"]) == 0 || len(values["page"]) > maxRevealed {
		return errBadRequest
	}
	var pages []form.PageID
	for _, text := range values["page"] {
		id, err := number[form.PageID](text)
		if err == nil {
			_, err = s.DB.Page(c.Request().Context(), scope(c), id)
		}
		if err != nil {
			return err
		}
		pages = append(pages, id)
	}
	s.saw(c, db.Access{Act: db.AccessReveal, Pages: pages})
	if err := s.logged(c); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// masksPage shows what is set about personal data on screens and in files.
func (s *server) masksPage(c echo.Context) error {
	m, err := s.masks(c)
	if err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.MasksPage(views.MasksModel{Frame: s.frame(c, "masks.title", views.Administration), Masks: m}))
}

// setMasks sets that. A form that does not say all, as one of another release, sets
// nothing.
func (s *server) setMasks(c echo.Context) error {
	m := form.Masks{Of: make(map[form.Role]map[form.Personal]form.Sight), Cover: c.FormValue("cover") != "", Locked: c.FormValue("locked") != ""}
	for _, role := range form.Roles {
		m.Of[role] = make(map[form.Personal]form.Sight)
		for _, class := range form.PersonalClasses {
			for _, sight := range form.Sights {
				if c.FormValue(views.SightName(role, class)) == views.SightWord(sight) {
					m.Of[role][class] = sight
				}
			}
		}
	}
	if err := s.DB.SetMasks(c.Request().Context(), actor(c), m); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/admin/masks")
}
