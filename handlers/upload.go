package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/sample/demo"
	"github.com/seosik/seosik/views"
)

// recentSubmissions is how many are shown beside the upload.
const recentSubmissions = 10

// uploadPage is the home page of those who may hand pages in. Others have their
// own.
func (s *server) uploadPage(c echo.Context) error {
	if ctx := c.Request().Context(); !views.May(ctx, form.MayReview, 0) {
		home := "/account"
		if list := views.Sections(ctx); len(list) > 0 {
			home = list[0].Path
		}
		return sendTo(c, home)
	}
	return s.drawUpload(c, http.StatusOK, "")
}

// drawUpload draws the upload page; wrong is the id of words, or empty.
func (s *server) drawUpload(c echo.Context, status int, wrong string) error {
	ctx := c.Request().Context()
	in := may(c).Scope(form.MayReview)
	all, err := s.templates(ctx, in)
	if err != nil {
		return err
	}
	list, err := s.DB.Submissions(ctx, in, db.SubmissionFilter{Uploads: true, Limit: recentSubmissions})
	if err != nil {
		return err
	}
	m := views.UploadForm{
		Frame:     s.frame(c, "upload.title", views.Upload),
		FileBytes: int64(s.Limits.Bytes),
		AllBytes:  s.UploadBytes,
		AllFiles:  s.UploadFiles,
		Wrong:     wrong,
		Recent:    submissionRows(list),
	}
	if len(all) > 0 {
		usual := all[usualDomain(all, list, user(c).ID)]
		for _, of := range all {
			m.Domains = append(m.Domains, option(of.domain.ID, of.domain.Name, of.domain.ID == usual.domain.ID))
		}
		m.Domain = usual.domain.ID
		chosen, err := s.placeable(ctx, usual.domain.ID)
		if err != nil {
			return err
		}
		m.Templates = choices(ctx, chosen)
		m.Samples = sampleNames(usual.templates)
		m.Idle = !anyInService(usual.templates)
	}
	return s.draw(c, status, views.UploadPage(m))
}

// usualDomain returns the index in all of the domain that the user's last
// upload was for, or else of the first.
func usualDomain(all []owned, uploads []db.SubmissionInfo, user form.UserID) int {
	for _, s := range uploads {
		if s.By == user {
			return max(0, slices.IndexFunc(all, func(of owned) bool { return of.domain.ID == s.Domain }))
		}
	}
	return 0
}

// upload takes files in.
func (s *server) upload(c echo.Context) error {
	done, err := s.beginUpload(c)
	if err != nil {
		return err
	}
	defer done()
	u, err := s.readUpload(c)
	defer u.discard()
	if err != nil {
		return err
	}
	if len(u.files) == 0 {
		return s.drawUpload(c, http.StatusUnprocessableEntity, "upload.none")
	}
	return s.submit(c, u)
}

// beginUpload waits until the files of a request may come, which they must do at
// some pace until done is called.
func (s *server) beginUpload(c echo.Context) (done func(), err error) {
	body := s.pace.paced(c, 0)
	leave, err := s.uploads.enter(c.Request().Context(), 1)
	if err != nil {
		body.end()
		if errors.Is(err, errBusy) {
			_, _ = io.Copy(io.Discard, c.Request().Body) // browsers read no answer before they have sent all
		}
		return nil, err
	}
	return func() { leave(); body.end() }, nil
}

// submit hands u in and sends the browser to where its progress is seen.
func (s *server) submit(c echo.Context, u upload) error {
	if _, err := s.DB.Domain(c.Request().Context(), scope(c), u.domain); err != nil {
		return err
	}
	to := form.Submission{Domain: u.domain}
	if u.template != 0 {
		to.Templates = []form.TemplateID{u.template}
	}
	id, err := s.Intake.Submit(c.Request().Context(), actor(c), to, u.files)
	if err != nil {
		return err
	}
	return sendTo(c, views.SubmissionPath(id))
}

// submitSamples takes in one of the scans of the demo, or all.
func (s *server) submitSamples(c echo.Context) error {
	domain, err := number[form.DomainID](c.FormValue("domain"))
	if err != nil {
		return err
	}
	scans := demo.Load().Scans
	if v := c.FormValue("sample"); v != "all" {
		i, err := strconv.Atoi(v)
		if err != nil || i < 0 || i >= len(scans) {
			return errBadRequest
		}
		scans = scans[i : i+1]
	}
	u := upload{domain: domain}
	defer u.discard()
	for _, scan := range scans {
		f, err := s.readFile(bytes.NewReader(scan.Data), int64(len(scan.Data)))
		if err != nil {
			return err
		}
		f.Name = scan.Name
		u.files = append(u.files, f)
	}
	return s.submit(c, u)
}

// sampleNames returns the names of the scans of the demo if one of the
// templates is the one they are of.
func sampleNames(list []*form.Template) []string {
	names := demoNames()
	for _, t := range list {
		if t.Name == names.template && t.Stage == form.Service {
			return names.scans
		}
	}
	return nil
}

// templateOptions answers with the templates of the chosen domain.
func (s *server) templateOptions(c echo.Context) error {
	domain, err := number[form.DomainID](c.QueryParam("domain"))
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if _, err := s.DB.Domain(ctx, scope(c), domain); err != nil {
		return err
	}
	list, err := s.placeable(ctx, domain)
	if err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.TemplateOptions(choices(ctx, list)))
}

// choices returns the templates that an upload may be said to be.
func choices(ctx context.Context, list []*form.Template) (options []views.Option) {
	for _, t := range list {
		options = append(options, option(t.ID, views.TemplateName(ctx, t), false))
	}
	return options
}

func anyInService(list []*form.Template) bool {
	return slices.ContainsFunc(list, func(t *form.Template) bool { return t.Stage == form.Service })
}

func option[T ~int64](id T, text string, chosen bool) views.Option {
	return views.Option{Value: strconv.FormatInt(int64(id), 10), Text: text, Chosen: chosen}
}

// owned is a domain and its templates.
type owned struct {
	domain    form.Domain
	templates []*form.Template
}

// templates returns the domains in scope with their templates.
func (s *server) templates(ctx context.Context, in form.Scope) ([]owned, error) {
	domains, err := s.DB.Domains(ctx, in)
	if err != nil {
		return nil, err
	}
	all := make([]owned, len(domains))
	for i, d := range domains {
		list, err := s.DB.Templates(ctx, d.ID)
		if err != nil {
			return nil, err
		}
		all[i] = owned{d, list}
	}
	return all, nil
}

// templateGroups returns all templates to choose from.
func (s *server) templateGroups(c echo.Context, chosen form.TemplateID) ([]views.Group, error) {
	all, err := s.templates(c.Request().Context(), scope(c))
	var groups []views.Group
	for _, of := range all {
		g := views.Group{Text: of.domain.Name}
		for _, t := range of.templates {
			g.Options = append(g.Options, option(t.ID, t.Name, t.ID == chosen))
		}
		groups = append(groups, g)
	}
	return groups, err
}

// demoNames returns the names of the template of the demo and of its scans.
var demoNames = sync.OnceValue(func() (names struct {
	template string
	scans    []string
},
) {
	set := demo.Load()
	var t struct {
		Name string `json:"name"`
	}
	if err := json.Unmarshal(set.Template, &t); err != nil {
		panic(err) // it is built in
	}
	names.template = t.Name
	for _, s := range set.Scans {
		names.scans = append(names.scans, s.Name)
	}
	return names
})
