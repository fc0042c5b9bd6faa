package handlers

import (
	"bufio"
	"context"
	"iter"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/export"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

func (s *server) exportPage(c echo.Context) error {
	parts, err := s.exportParts(c)
	if err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.ExportPage(views.ExportForm{
		Frame:  s.frame(c, "export.title", views.Export),
		Parts:  parts,
		States: []form.State{form.StateDone},
	}))
}

// exportParts lists what can be written: of each template its fields and its
// tables, each of which makes a file of its own.
func (s *server) exportParts(c echo.Context) ([]views.Group, error) {
	ctx := c.Request().Context()
	all, err := s.templates(ctx)
	if err != nil {
		return nil, err
	}
	var groups []views.Group
	for _, of := range all {
		for _, t := range of.templates {
			id := strconv.FormatInt(int64(t.ID), 10)
			g := views.Group{Text: of.domain.Name + " · " + t.Name}
			if len(t.Fields) > 0 {
				g.Options = append(g.Options, views.Option{Value: id, Text: t.Name + " – " + views.Say(ctx, "export.fields")})
			}
			for _, table := range t.Tables {
				g.Options = append(g.Options, views.Option{
					Value: id + ":" + table.Name,
					Text:  t.Name + " – " + views.Say(ctx, "export.table", "Name", table.Name),
				})
			}
			groups = append(groups, g)
		}
	}
	return groups, nil
}

func (s *server) exportCSV(c echo.Context) error {
	ctx := c.Request().Context()
	f, table, err := exportFilter(c)
	if err != nil {
		return err
	}
	t, err := s.DB.Template(ctx, f.Template, 0)
	if err != nil {
		return err
	}
	return s.sendCSV(c, t, table, s.DB.Export(ctx, f), exportOptions(ctx, c.QueryParam("for")))
}

// sendCSV sends the file bit by bit. Once a part is sent, all it can do about
// an error is to break off, so that the download does not look whole.
func (s *server) sendCSV(c echo.Context, t *form.Template, table string, list iter.Seq2[form.Record, error], o export.Options) error {
	name := strings.Join([]string{t.Name, table, s.Now().Local().Format("20060102-1504")}, " ") + ".csv"
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	attach(header, name)
	w := bufio.NewWriterSize(c.Response(), 64<<10)
	err := writeCSV(w, t, table, list, o)
	if err == nil {
		return w.Flush()
	}
	if c.Response().Committed {
		s.Log.ErrorContext(c.Request().Context(), "download broken off", "template", int64(t.ID), "error", err)
		panic(http.ErrAbortHandler)
	}
	header.Del(echo.HeaderContentDisposition)
	return err
}

func writeCSV(w *bufio.Writer, t *form.Template, table string, list iter.Seq2[form.Record, error], o export.Options) error {
	if table != "" {
		return export.Table(w, t, table, list, o)
	}
	return export.Fields(w, t, list, o)
}

// exportFilter reads which pages are asked for, and the name of the table or
// "" for the fields.
func exportFilter(c echo.Context) (f db.ExportFilter, table string, err error) {
	id, table, _ := strings.Cut(c.QueryParam("part"), ":")
	if f.Template, err = number[form.TemplateID](id); err != nil {
		return f, "", err
	}
	if f.States, err = states(c); err != nil {
		return f, "", err
	}
	f.From, f.To, err = days(c)
	return f, table, err
}

func exportOptions(ctx context.Context, reader string) export.Options {
	o := export.Options{
		File: views.Say(ctx, "pages.document"),
		Page: views.Say(ctx, "pages.number"),
		Row:  views.Say(ctx, "export.row"),
	}
	if reader == "program" {
		o.For = export.Program
	}
	return o
}
