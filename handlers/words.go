package handlers

import (
	"context"
	"image"
	"math"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/semaphore"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/reader"
	"github.com/seosik/seosik/views"
)

const (
	keptWords = 4 << 20 // bytes of words that were read on request
	wordBytes = 400     // of a word, about
	// How much around a field is read for its words, in shares of the sheet; and into
	// how many parts a sheet is divided for those where somebody clicks.
	aroundX, aroundY = .12, .03
	partsX, partsY   = 3, 10
	partsOver        = .03 // of the sheet, that parts have in common
)

// A part of a page, whose words are read.
type wordsKey struct {
	image blob.Key
	run   int
	page  form.PageID
	box   geom.Box // template px
}

// A shownWord is a word of a page as the script of the review screen has it.
type shownWord struct {
	Text    string `json:"text"`
	Outline string `json:"outline"` // corners, page px
}

// words answers the words around a field of a page, or around a point of its
// picture, without the print of the form: a person puts them into fields. They are
// read now, for one request of a person at a time.
func (s *server) words(c echo.Context) error {
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	r, err := s.record(c, id)
	if err != nil {
		return err
	}
	if r.Page.Image == "" || r.Template == nil || s.Words == nil {
		return form.ErrNotFound
	}
	box, err := wordsBox(c, r)
	if err != nil {
		return err
	}
	s.sawPart(c, id)
	ctx := c.Request().Context()
	leave, err := s.singly(ctx, user(c).ID)
	if err != nil {
		return err
	}
	defer leave()
	key := wordsKey{r.Page.Image, r.Page.Run, id, box}
	found, done, err := s.wordsRead.Take(ctx, key, func(reserve func(int64) error) ([]form.Word, error) {
		return s.readWords(ctx, r, box, reserve)
	})
	if err != nil {
		return err
	}
	defer done()
	list := []shownWord{}
	for _, w := range found {
		if !secretAt(r, w.Where.Bounds().Center()) {
			list = append(list, shownWord{w.Text, views.Points(r.Page.TemplateToPage.ApplyQuad(w.Where))})
		}
	}
	if err := s.logged(c); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, list)
}

// singly waits until a person has no other request of this kind in hand.
func (s *server) singly(ctx context.Context, id form.UserID) (leave func(), err error) {
	kept, _ := s.wording.LoadOrStore(id, semaphore.NewWeighted(1))
	room := kept.(*semaphore.Weighted)
	if err := room.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	return func() { room.Release(1) }, nil
}

// wordsBox returns the part of the sheet, in template px, that is asked for.
func wordsBox(c echo.Context, r form.Record) (geom.Box, error) {
	sheet := geom.XYWH(0, 0, float64(r.Template.Width), float64(r.Template.Height))
	if c.QueryParam("field") != "" {
		index, err := strconv.Atoi(c.QueryParam("field"))
		if err != nil || index < 0 || index >= len(r.Values) || r.Values[index].Secret() {
			return geom.Box{}, form.ErrNotFound
		}
		b := placeOf(r.Page, r.Values[index])
		more := geom.Point{X: aroundX * sheet.Width(), Y: aroundY * sheet.Height()}
		return within(geom.Box{Min: b.Min.Sub(more), Max: b.Max.Add(more)}, sheet)
	}
	x, errX := strconv.ParseFloat(c.QueryParam("x"), 64)
	y, errY := strconv.ParseFloat(c.QueryParam("y"), 64)
	toTemplate, err := r.Page.TemplateToPage.Inverse()
	if errX != nil || errY != nil || err != nil {
		return geom.Box{}, errBadRequest
	}
	at := toTemplate.Apply(geom.Point{X: x, Y: y})
	if !(at.X >= 0 && at.Y >= 0 && at.X < sheet.Max.X && at.Y < sheet.Max.Y) { // also NaN
		return geom.Box{}, form.ErrNotFound
	}
	w, h := sheet.Width()/partsX, sheet.Height()/partsY
	over := partsOver * sheet.Width()
	return within(geom.XYWH(math.Floor(at.X/w)*w, math.Floor(at.Y/h)*h, w, h).Grow(over), sheet)
}

// within returns the part of b on the sheet, in whole pixels.
func within(b, sheet geom.Box) (geom.Box, error) {
	b = b.Intersect(sheet)
	b = geom.Box{
		Min: geom.Point{X: math.Floor(b.Min.X), Y: math.Floor(b.Min.Y)},
		Max: geom.Point{X: math.Ceil(b.Max.X), Y: math.Ceil(b.Max.Y)},
	}
	if b.Width() < 1 || b.Height() < 1 {
		return b, form.ErrNotFound
	}
	return b, nil
}

// readWords reads the words in box. Their places are in template px.
func (s *server) readWords(ctx context.Context, r form.Record, box geom.Box, reserve func(int64) error) (words []form.Word, err error) {
	shown, err := s.grayCrop(ctx, r.Page.Image, r.Page.TemplateToPage, box)
	if err != nil {
		return nil, err
	}
	blank, err := s.grayCrop(ctx, r.Template.Image, geom.Identity, box)
	if err != nil {
		return nil, err
	}
	err = s.Intake.Aside(ctx, func(ctx context.Context) error {
		words, err = reader.Around(ctx, s.Words, s.Print(r.Template.Languages), shown, blank, r.Template.Languages)
		return err
	})
	if err != nil {
		return nil, err
	}
	// A crop may be smaller than its box.
	toTemplate := geom.Shift(box.Min).After(geom.Scale(box.Width()/float64(shown.Rect.Dx()), box.Height()/float64(shown.Rect.Dy())))
	for i := range words {
		words[i].Where = toTemplate.ApplyQuad(words[i].Where)
	}
	return words, reserve(wordBytes * int64(1+len(words)))
}

func (s *server) grayCrop(ctx context.Context, key blob.Key, templateToPage geom.Homography, box geom.Box) (*image.Gray, error) {
	img, done, err := s.pictures.take(ctx, key)
	if err != nil {
		return nil, err
	}
	defer done()
	return reader.GrayOf(reader.Crop(img, templateToPage, box)), nil
}

// secretAt reports whether a point, in template px, is in a field of which nothing
// read may be seen.
func secretAt(r form.Record, p geom.Point) bool {
	for i := range r.Values {
		if v := &r.Values[i]; v.Secret() && v.Field.Box.Quad().Contains(p) {
			return true
		}
	}
	return false
}
