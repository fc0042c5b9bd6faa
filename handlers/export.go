package handlers

import (
	"bufio"
	"iter"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/download"
	"github.com/seosik/seosik/internal/export"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

func (s *server) exportCSV(c echo.Context) error {
	ctx := c.Request().Context()
	f, table, err := exportFilter(c)
	if err != nil {
		return err
	}
	versions, err := s.DB.Versions(ctx, scope(c), f.Template)
	if err != nil {
		return err
	}
	if len(versions) == 0 {
		return form.ErrNotFound
	}
	x := &form.Export{
		Template: f.Template, Format: form.FormatCSV, Part: table, Personal: c.QueryParam("personal") != "",
		Purpose: form.Purpose(c.QueryParam("purpose")), Reason: c.QueryParam("reason"),
		Literal: c.QueryParam("for") == "program", Language: views.Language(ctx), States: f.States,
	}
	if err := s.checkExport(c, x); err != nil {
		return err
	}
	a := db.Access{Act: db.AccessExportTaken, Subject: "template", ID: int64(f.Template), Purpose: x.Why()}
	return s.sendCSV(c, versions, x, s.taking(c, a, s.DB.Export(ctx, scope(c), f)))
}

// sendCSV sends the file bit by bit. Once a part is sent, all it can do about
// an error is to break off, so that the download does not look whole.
func (s *server) sendCSV(c echo.Context, versions []*form.Template, x *form.Export, list iter.Seq2[form.Record, error]) error {
	o, err := s.Exports.Options(c.Request().Context(), versions, x)
	if err != nil {
		return err
	}
	name := strings.Join([]string{versions[0].Name, download.PartName(versions, x), s.Now().Local().Format("20060102-1504")}, " ") + ".csv"
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	attach(header, name)
	w := bufio.NewWriterSize(c.Response(), 64<<10)
	err = export.Write(w, versions, x, list, o)
	if err == nil {
		return w.Flush()
	}
	if c.Response().Committed {
		s.Log.ErrorContext(c.Request().Context(), "download broken off", "template", int64(versions[0].ID), "error", err)
		panic(http.ErrAbortHandler)
	}
	header.Del(echo.HeaderContentDisposition)
	return err
}

// exportFilter reads which pages are asked for, and the id of the table or
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
