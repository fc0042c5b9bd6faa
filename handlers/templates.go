package handlers

import (
	"errors"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/templatefile"
	"github.com/seosik/seosik/views"
)

const (
	maxTemplateUpload = 64 << 20 // bytes of a template file
	maxTemplateFiles  = 10       // chosen at once
)

// templateList shows the templates of all domains.
func (s *server) templateList(c echo.Context) error {
	return s.drawTemplates(c, http.StatusOK, "", 0)
}

func (s *server) drawTemplates(c echo.Context, status int, wrong string, chosen form.DomainID) error {
	ctx := c.Request().Context()
	domains, err := s.DB.Domains(ctx)
	if err != nil {
		return err
	}
	m := views.TemplatesPage{Frame: s.frame(c, "nav.templates", views.Templates), Wrong: wrong, Chosen: chosen}
	for _, d := range domains {
		ts, err := s.DB.Templates(ctx, d.ID)
		if err != nil {
			return err
		}
		m.Domains = append(m.Domains, views.DomainTemplates{Domain: d, Templates: ts})
	}
	return s.draw(c, status, views.TemplateList(m))
}

// importTemplate adds the template file that was uploaded, or the next
// version of the template of that name.
func (s *server) importTemplate(c echo.Context) error {
	ctx := c.Request().Context()
	done, err := s.imports.enter(ctx, 1)
	if err != nil {
		return err
	}
	defer done()
	domain, files, err := readTemplateUpload(c)
	if err != nil {
		return err
	}
	if _, err := s.DB.Domain(ctx, domain); err != nil {
		return err
	}
	f, err := templatefile.FromFiles(ctx, files)
	if _, ok := errors.AsType[*form.InvalidError](err); ok {
		return s.drawTemplates(c, http.StatusUnprocessableEntity, explain(err).say(ctx), domain)
	}
	if err != nil {
		return err
	}
	if _, err := s.Blobs.Put(ctx, f.Picture); err != nil {
		return err
	}
	f.Template.Domain = domain
	t, err := s.DB.SaveTemplate(ctx, f.Template)
	if err != nil {
		return err
	}
	return sendTo(c, "/templates/"+strconv.FormatInt(int64(t.ID), 10))
}

// readTemplateUpload reads the domain and the files of a form. The guard
// bounds the bytes of the request.
func readTemplateUpload(c echo.Context) (form.DomainID, map[string][]byte, error) {
	parts, err := c.Request().MultipartReader()
	if err != nil {
		return 0, nil, errBadRequest
	}
	var domain form.DomainID
	files := make(map[string][]byte)
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return domain, files, nil
		}
		if err != nil {
			return 0, nil, badUpload(err)
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return 0, nil, badUpload(err)
		}
		switch part.FormName() {
		case "domain":
			n, err := strconv.ParseInt(string(data), 10, 64)
			if err != nil {
				return 0, nil, form.ErrNotFound
			}
			domain = form.DomainID(n)
		case "file":
			files[path.Base(strings.ReplaceAll(part.FileName(), `\`, "/"))] = data
		}
		if len(files) > maxTemplateFiles {
			return 0, nil, errBadRequest
		}
	}
}

// badUpload tells an upload that is too large from one that broke off.
func badUpload(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return err
	}
	return errBadRequest
}

func (s *server) template(c echo.Context) (*form.Template, error) {
	id, err := id[form.TemplateID](c, "template")
	if err != nil {
		return nil, err
	}
	return s.DB.Template(c.Request().Context(), id, 0)
}

// templateDetail shows a template with its fields drawn on its picture.
func (s *server) templateDetail(c echo.Context) error {
	t, err := s.template(c)
	if err != nil {
		return err
	}
	m := views.TemplatePage{Frame: s.frame(c, "nav.templates", views.Templates), Template: t}
	m.Name = t.Name
	if m.Again, err = s.againModel(c, t.Domain, t); err != nil {
		return err
	}
	if m.Missing, err = s.missingLists(c.Request().Context(), t); err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.TemplateDetail(m))
}

// templatePicture sends the picture of the blank form.
func (s *server) templatePicture(c echo.Context) error {
	t, err := s.template(c)
	if err != nil {
		return err
	}
	return s.sendBlob(c, t.Image)
}

// templateExport sends the template file as a ZIP.
func (s *server) templateExport(c echo.Context) error {
	t, err := s.template(c)
	if err != nil {
		return err
	}
	picture, err := s.Blobs.Bytes(c.Request().Context(), t.Image)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "application/zip")
	attach(h, t.Name+".zip")
	if err := templatefile.Zip(c.Response(), &templatefile.File{Template: t, Picture: picture}); err != nil {
		panic(http.ErrAbortHandler) // half a file must not look like a whole one
	}
	return nil
}

// moveTemplate gives a template another stage.
func (s *server) moveTemplate(c echo.Context) error {
	t, err := s.template(c)
	if err != nil {
		return err
	}
	stage := form.Stage(c.FormValue("stage"))
	if !slices.Contains(form.Stages, stage) {
		return errBadRequest
	}
	if err := s.DB.SetStage(c.Request().Context(), t.ID, stage); err != nil {
		return err
	}
	return sendTo(c, "/templates")
}
