package handlers

import (
	"context"
	"errors"
	"image"
	"image/draw"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/grid"
	"github.com/seosik/seosik/internal/suggest"
	"github.com/seosik/seosik/views"
)

// buildPage shows the screen on which a template is drawn: its draft, or a
// version, in which nothing can be changed. Where there is no draft that is the
// version that stands for the template.
func (s *server) buildPage(c echo.Context) error {
	t, err := s.drawn(c)
	if err != nil {
		return err
	}
	m := views.BuilderPage{Frame: s.frame(c, "builder.title", views.Templates), Template: t}
	lists, err := s.DB.Lists(c.Request().Context(), t.Domain)
	if err != nil {
		return err
	}
	for _, l := range lists {
		m.Lists = append(m.Lists, l.Name)
	}
	m.Name = t.Name
	return s.draw(c, http.StatusOK, views.Builder(m))
}

// drawn returns the draft or version that the builder shows.
func (s *server) drawn(c echo.Context) (*form.Template, error) {
	if c.QueryParam("version") != "" {
		return s.template(c)
	}
	id, err := id[form.TemplateID](c, "template")
	if err != nil {
		return nil, err
	}
	ctx := c.Request().Context()
	t, err := s.DB.Draft(ctx, scope(c), id)
	if errors.Is(err, form.ErrNotFound) {
		return s.DB.Template(ctx, scope(c), id, 0)
	}
	return t, err
}

// keptLines bounds the memory of the printed lines of pictures, in bytes.
const keptLines = 16 << 20

// printedLines are the lines on the picture of a template, as JSON has them:
// for each the two sides of its stroke, where it begins and where it ends, in
// template px.
type printedLines struct {
	Upright [][4]int `json:"x"`
	Level   [][4]int `json:"y"`
}

// templateLines sends the lines that are printed on the picture of a template,
// so that fields can be laid along them.
func (s *server) templateLines(c echo.Context) error {
	t, err := s.template(c)
	if err != nil {
		return err
	}
	lines, done, err := s.lines.Take(c.Request().Context(), t.Image, func(reserve func(int64) error) (printedLines, error) {
		return s.findLines(c.Request().Context(), t.Image, reserve)
	})
	if err != nil {
		return err
	}
	defer done()
	return c.JSON(http.StatusOK, lines)
}

// findLines looks for the lines of one picture at a time: that takes several
// times the memory of the picture.
func (s *server) findLines(ctx context.Context, key blob.Key, reserve func(int64) error) (found printedLines, err error) {
	img, done, err := s.pictures.take(ctx, key)
	if err != nil {
		return found, err
	}
	defer done()
	s.finding.Lock()
	defer s.finding.Unlock()
	gray := image.NewGray(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	draw.Draw(gray, gray.Rect, img, img.Bounds().Min, draw.Src)
	upright, level := suggest.Look(gray).Printed()
	found = printedLines{segments(upright), segments(level)}
	const each = 4 * 8 // bytes
	return found, reserve(int64(len(upright)+len(level)) * each)
}

func segments(lines []grid.Line) [][4]int {
	list := make([][4]int, len(lines))
	for i, l := range lines {
		list[i] = [4]int{l.Low, l.High, l.From, l.To}
	}
	return list
}
