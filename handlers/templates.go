package handlers

import (
	"errors"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
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
	return s.drawTemplates(c, http.StatusOK, nil, 0)
}

// drawTemplates draws the list; wrong is what is wrong with a file that was to be
// imported, a line each.
func (s *server) drawTemplates(c echo.Context, status int, wrong []string, chosen form.DomainID) error {
	ctx := c.Request().Context()
	domains, err := s.DB.Domains(ctx, scope(c))
	if err != nil {
		return err
	}
	m := views.TemplatesPage{Frame: s.frame(c, "nav.templates", views.Templates), Wrong: wrong, Chosen: chosen}
	for _, d := range domains {
		of := views.DomainTemplates{Domain: d}
		if of.Templates, err = s.DB.Templates(ctx, d.ID); err != nil {
			return err
		}
		editions, err := s.DB.Editions(ctx, d.ID)
		if err != nil {
			return err
		}
		of.Editions = make(map[form.TemplateID][]views.Edition)
		for id, list := range editions {
			of.Editions[id] = shownEditions(list)
		}
		m.Domains = append(m.Domains, of)
	}
	return s.draw(c, status, views.TemplateList(m))
}

func shownEditions(list []db.Edition) (shown []views.Edition) {
	for _, e := range list {
		shown = append(shown, views.Edition{Version: e.Version, Stage: e.Stage})
	}
	return shown
}

// importTemplate adds the template file that was uploaded as the draft of the
// template of that name.
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
	if _, err := s.DB.Domain(ctx, scope(c), domain); err != nil {
		return err
	}
	f, err := templatefile.FromFiles(ctx, files)
	if e, ok := errors.AsType[*form.InvalidTemplateError](err); ok && (f == nil || form.CheckName(f.Template.Name) != nil) {
		return s.drawTemplates(c, http.StatusUnprocessableEntity, views.DefectLines(ctx, e), domain)
	}
	if _, ok := errors.AsType[*form.InvalidError](err); ok {
		return s.drawTemplates(c, http.StatusUnprocessableEntity, []string{explain(err).say(ctx)}, domain)
	}
	if f == nil {
		return err
	}
	if _, err := s.Blobs.Put(ctx, f.Picture); err != nil {
		return err
	}
	f.Template.Domain = domain
	t, err := s.DB.SaveDraft(ctx, actor(c), f.Template) // with its defects, if it has any
	if err != nil {
		return err
	}
	if t.Stage == form.Draft {
		return sendTo(c, templatePath(t.ID)+"/build")
	}
	return sendTo(c, templatePath(t.ID)+"?version="+strconv.Itoa(t.Version)) // which says the same
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

// template returns the template of the path: the version that is asked for, or
// the draft for 0, or without one that which stands for the template.
func (s *server) template(c echo.Context) (*form.Template, error) {
	ctx := c.Request().Context()
	id, err := id[form.TemplateID](c, "template")
	if err != nil {
		return nil, err
	}
	asked := c.QueryParam("version")
	if asked == "" {
		return s.DB.Template(ctx, scope(c), id, 0)
	}
	version, err := strconv.Atoi(asked)
	switch {
	case err != nil || version < 0:
		return nil, form.ErrNotFound
	case version == 0:
		return s.DB.Draft(ctx, scope(c), id)
	}
	return s.DB.Template(ctx, scope(c), id, version)
}

// templateDetail shows a version of a template with its fields drawn on its
// picture, and what other versions there are.
func (s *server) templateDetail(c echo.Context) error {
	t, err := s.template(c)
	if err != nil {
		return err
	}
	return s.drawTemplate(c, http.StatusOK, t, views.CopyForm{Domain: t.Domain, TemplateName: t.Name})
}

// drawTemplate draws the page of t, with what was typed to copy it.
func (s *server) drawTemplate(c echo.Context, status int, t *form.Template, copied views.CopyForm) error {
	ctx := c.Request().Context()
	editions, err := s.DB.Editions(ctx, t.Domain)
	if err != nil {
		return err
	}
	m := views.TemplatePage{
		Frame:    s.frame(c, "nav.templates", views.Templates),
		Template: t,
		Editions: shownEditions(editions[t.ID]),
		Copy:     copied,
	}
	domains, err := s.DB.Domains(ctx, scope(c))
	if err != nil {
		return err
	}
	for _, d := range domains {
		m.Copy.Domains = append(m.Copy.Domains, option(d.ID, d.Name, d.ID == copied.Domain))
	}
	if err := t.Validate(); t.Stage == form.Draft && err != nil {
		m.Defects = views.DefectLines(ctx, err)
	}
	m.Name = t.Name
	if m.Again, err = s.againModel(c, t.Domain, t); err != nil {
		return err
	}
	if m.Missing, err = s.missingLists(ctx, t); err != nil {
		return err
	}
	return s.draw(c, status, views.TemplateDetail(m))
}

// copyTemplate makes a draft of a version, or of a draft, as another template.
func (s *server) copyTemplate(c echo.Context) error {
	ctx := c.Request().Context()
	t, err := s.template(c)
	if err != nil {
		return err
	}
	typed := views.CopyForm{TemplateName: strings.TrimSpace(c.FormValue("name")), Open: true}
	if typed.Domain, err = number[form.DomainID](c.FormValue("domain")); err != nil {
		return err
	}
	if _, err := s.DB.Domain(ctx, scope(c), typed.Domain); err != nil {
		return err
	}
	if err = s.checkNewName(ctx, typed.Domain, typed.TemplateName); err == nil {
		made := t.Clone()
		made.Domain, made.Name = typed.Domain, typed.TemplateName
		t, err = s.DB.AddDraft(ctx, actor(c), made, nil)
	}
	if errors.Is(err, form.ErrConflict) {
		err = errNameTaken
	}
	if o, ok := mendable(err); ok {
		typed.Wrong = o.say(ctx)
		return s.drawTemplate(c, o.status, t, typed)
	}
	if err != nil {
		return err
	}
	return sendTo(c, templatePath(t.ID)+"/build")
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

// edition reads which version, or the draft for 0, a form is about.
func edition(c echo.Context) (t form.TemplateID, version int, err error) {
	if t, err = id[form.TemplateID](c, "template"); err != nil {
		return 0, 0, err
	}
	version, err = strconv.Atoi(c.FormValue("version"))
	if err != nil || version < 0 {
		return 0, 0, errBadRequest
	}
	return t, version, nil
}

// discardDraft forgets the draft, and a template that has nothing else.
func (s *server) discardDraft(c echo.Context) error {
	id, err := id[form.TemplateID](c, "template")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if _, err := s.DB.Draft(ctx, scope(c), id); err != nil {
		return err
	}
	if err := s.DB.DiscardDraft(ctx, actor(c), id); err != nil {
		return err
	}
	if _, err := s.DB.Template(ctx, scope(c), id, 0); errors.Is(err, form.ErrNotFound) {
		return sendTo(c, "/templates")
	}
	return sendTo(c, templatePath(id))
}

func templatePath(id form.TemplateID) string { return "/templates/" + strconv.FormatInt(int64(id), 10) }
