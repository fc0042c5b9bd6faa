package handlers

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/download"
	"github.com/seosik/seosik/internal/export"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

const (
	filesShown = 30
	// waitForFile is how long a person waits for a file in place, before the page
	// shows how far it is.
	waitForFile = 2 * time.Second
	minPassword = 10 // characters
)

// An asked is what a form asks for.
type asked struct {
	profile  form.Profile // what is saved of it; zero for none
	export   form.Export
	name     string // of the profile, as typed
	schedule form.Schedule
	password string
	own      bool // columns are chosen
	columns  []views.ExportColumn
	selected []db.Selected // what was chosen of; nil where nothing was
	wrong    string
	saved    bool
}

// exportPage shows a profile, or what there is to download of a template.
func (s *server) exportPage(c echo.Context) error {
	id, err := number[form.ProfileID](c.QueryParam("profile"))
	if err != nil {
		return err
	}
	a := asked{export: form.Export{Format: form.FormatCSV, States: []form.State{form.StateDone}}, saved: c.QueryParam("saved") != ""}
	if a.export.Template, err = number[form.TemplateID](c.QueryParam("template")); err != nil {
		return err
	}
	if err := s.readSelection(c, &a, c.QueryParam("selection")); err != nil {
		return err
	}
	if id != 0 {
		if a.profile, err = s.DB.Profile(c.Request().Context(), scope(c), id); err != nil {
			return err
		}
		a.export, a.name, a.schedule = a.profile.Export, a.profile.Name, a.profile.Schedule
		a.own = len(a.export.Columns) > 0
		for _, col := range a.export.Columns {
			a.columns = append(a.columns, views.ExportColumn{Key: col.Key, Name: col.Name, On: true})
		}
		if err := s.checkExport(c, &a.export); err != nil { // what was saved before the office asked for more
			a.wrong = explain(err).words
		}
	}
	return s.drawExport(c, http.StatusOK, a)
}

// exportForm draws the form again, with what it would write.
func (s *server) exportForm(c echo.Context) error {
	a, err := s.askedExport(c)
	if err != nil {
		return err
	}
	return s.drawExport(c, http.StatusOK, a)
}

// readSelection reads which pages were chosen, and chooses the template of most of
// them where none is.
func (s *server) readSelection(c echo.Context, a *asked, id string) (err error) {
	x := &a.export
	if x.Selection, err = number[form.SelectionID](id); err != nil || x.Selection == 0 {
		return err
	}
	if a.selected, err = s.DB.Selection(c.Request().Context(), scope(c), user(c).ID, x.Selection); err != nil {
		return err
	}
	for _, of := range a.selected {
		if x.Template == 0 {
			x.Template = of.Template
		}
	}
	return nil
}

// askedExport reads a form.
func (s *server) askedExport(c echo.Context) (a asked, err error) {
	values, err := c.FormParams()
	if err != nil {
		return a, errBadRequest
	}
	has := func(name string) bool { return values.Get(name) != "" }
	if id, err := number[form.ProfileID](strings.TrimPrefix(values.Get("profile"), "0")); err != nil {
		return a, err
	} else if id != 0 {
		if a.profile, err = s.DB.Profile(c.Request().Context(), scope(c), id); err != nil {
			return a, err
		}
	}
	x := &a.export
	x.Format, x.From, x.To = form.ExportFormat(values.Get("format")), values.Get("from"), values.Get("to")
	if x.Template, err = number[form.TemplateID](values.Get("template")); err != nil {
		return a, err
	}
	if err := s.readSelection(c, &a, values.Get("selection")); err != nil {
		return a, err
	}
	if has("days") {
		if x.Days, err = strconv.Atoi(values.Get("days")); err != nil {
			return a, errBadRequest
		}
	}
	for _, v := range values["state"] {
		x.States = append(x.States, form.State(v))
	}
	x.Purpose, x.Reason = form.Purpose(values.Get("purpose")), strings.TrimSpace(values.Get("reason"))
	x.Personal, x.Titles, x.Encrypted, x.Since = has("personal"), has("titles"), has("encrypt"), has("since")
	if x.Format == form.FormatCSV {
		x.Part, x.CP949, x.Literal = values.Get("part"), has("cp949"), values.Get("for") == "program"
	} else {
		x.Provenance = has("provenance")
	}
	x.Language, x.Site = views.Language(c.Request().Context()), c.Scheme()+"://"+c.Request().Host
	a.readColumns(values)
	a.name, a.password = strings.TrimSpace(values.Get("profile-name")), values.Get("password")
	if err := a.readSchedule(values); err != nil {
		return a, err
	}
	return a, x.Validate()
}

// readColumns reads the columns in the order in which they stand.
func (a *asked) readColumns(values map[string][]string) {
	a.own = slices.Contains(values["columns"], "own")
	for i, key := range values["key"] {
		col := views.ExportColumn{Key: key, On: slices.Contains(values["use"], key)}
		if i < len(values["name"]) {
			col.Name = strings.TrimSpace(values["name"][i])
		}
		a.columns = append(a.columns, col)
	}
	move := func(name string, by int) {
		i := slices.IndexFunc(a.columns, func(col views.ExportColumn) bool { return slices.Contains(values[name], col.Key) })
		if j := i + by; i >= 0 && j >= 0 && j < len(a.columns) {
			a.columns[i], a.columns[j] = a.columns[j], a.columns[i]
		}
	}
	move("up", -1)
	move("down", 1)
	if !a.own {
		return
	}
	for _, col := range a.columns {
		if col.On {
			a.export.Columns = append(a.export.Columns, form.ExportColumn{Key: col.Key, Name: col.Name})
		}
	}
}

func (a *asked) readSchedule(values map[string][]string) (err error) {
	get := func(name string) string { return strings.Join(values[name], "") }
	a.schedule.Folder = get("folder")
	if v := get("hours"); v != "" {
		if a.schedule.Hours, err = strconv.Atoi(v); err != nil {
			return errBadRequest
		}
	}
	if v := get("at"); v != "" {
		at, err := time.Parse("15:04", v)
		if err != nil {
			return errBadRequest
		}
		a.schedule.At = at.Hour()*60 + at.Minute()
	}
	return a.schedule.Validate()
}

// drawExport draws the page, or for scripts its form.
func (s *server) drawExport(c echo.Context, status int, a asked) error {
	m, err := s.exportModel(c, &a)
	if err != nil {
		return err
	}
	if scripted(c) {
		return s.draw(c, status, views.ExportBody(&m))
	}
	if m.Files, err = s.exportFiles(c); err != nil {
		return err
	}
	return s.draw(c, status, views.ExportPage(m))
}

func (s *server) exportModel(c echo.Context, a *asked) (m views.ExportForm, err error) {
	ctx := c.Request().Context()
	m = views.ExportForm{
		Frame: s.frame(c, "export.title", views.Export), Own: a.own, Password: len(a.profile.Sealed) > 0,
		Profile: a.profile.ID, Name: a.name, Schedule: a.schedule, NextAt: a.profile.NextAt, Folders: s.Exports.Folders, Wrong: a.wrong, Saved: a.saved,
	}
	if m.Templates, err = s.exportTemplates(c, &a.export); err != nil || len(m.Templates) == 0 {
		return m, err
	}
	profiles, err := s.DB.Profiles(ctx, scope(c))
	if err != nil {
		return m, err
	}
	for _, p := range profiles {
		m.Profiles = append(m.Profiles, views.ExportProfile{ID: p.ID, Name: p.Name, Format: p.Export.Format, NextAt: p.NextAt})
	}
	versions, err := s.DB.Versions(ctx, scope(c), a.export.Template)
	if err != nil {
		return m, err
	}
	m.Parts = exportParts(ctx, versions, &a.export)
	m.Export = a.export
	m.Selected = selectedPages(a.selected)
	m.Columns = exportColumns(versions, a)
	return m, s.preview(c, versions, a, &m)
}

// selectedPages says of which templates the pages are that were chosen.
func selectedPages(of []db.Selected) (list []views.ExportSelected) {
	at := make(map[form.TemplateID]int)
	for _, s := range of {
		i, known := at[s.Template]
		if !known {
			i = len(list)
			at[s.Template] = i
			list = append(list, views.ExportSelected{Template: s.Template, Name: s.Name})
		}
		list[i].Pages += s.Pages
		if s.State == form.StateDone {
			list[i].Done += s.Pages
		}
	}
	return list
}

// exportTemplates lists the templates that have a version, and chooses the first
// where none is.
func (s *server) exportTemplates(c echo.Context, x *form.Export) (groups []views.Group, err error) {
	all, err := s.templates(c.Request().Context(), scope(c))
	for _, of := range all {
		g := views.Group{Text: of.domain.Name}
		for _, t := range of.templates {
			if t.Version == 0 && t.Stage == form.Draft {
				if versions, err := s.DB.Versions(c.Request().Context(), scope(c), t.ID); err != nil || len(versions) == 0 {
					continue
				}
			}
			if x.Template == 0 {
				x.Template = t.ID
			}
			g.Options = append(g.Options, option(t.ID, t.Name, t.ID == x.Template))
		}
		if len(g.Options) > 0 {
			groups = append(groups, g)
		}
	}
	return groups, err
}

// exportParts lists what makes a CSV file of its own: the fields of versions, the
// newest first, its tables, and where values come from. A table that only older
// ones have is marked. A part that the template does not have is forgotten.
func exportParts(ctx context.Context, versions []*form.Template, x *form.Export) (options []views.Option) {
	options = []views.Option{{Text: views.Say(ctx, "export.fields")}}
	known := make(map[string]bool)
	for i, t := range versions {
		for _, table := range t.Tables {
			if known[table.ID] {
				continue
			}
			known[table.ID] = true
			text := views.Say(ctx, "export.table", "Name", table.Title())
			if i > 0 {
				text = views.Say(ctx, "export.retired", "Name", text, "Version", t.Version)
			}
			options = append(options, views.Option{Value: table.ID, Text: text})
		}
	}
	options = append(options, views.Option{Value: form.PartProvenance, Text: views.Say(ctx, "export.provenance_sheet")})
	i := slices.IndexFunc(options, func(o views.Option) bool { return o.Value == x.Part })
	if i < 0 {
		i, x.Part = 0, ""
	}
	options[i].Chosen = true
	return options
}

// exportColumns lists the columns to choose from: those of a in its order, and
// those that it does not know.
func exportColumns(versions []*form.Template, a *asked) (list []views.ExportColumn) {
	plain := a.export
	plain.Columns = nil
	choices := export.Choices(versions, download.Options(&plain))
	add := func(choice export.Choice, col views.ExportColumn) {
		col.Key, col.Head, col.Table = choice.Key, choice.Head, choice.Table
		list = append(list, col)
	}
	for _, col := range a.columns {
		if i := slices.IndexFunc(choices, func(choice export.Choice) bool { return choice.Key == col.Key }); i >= 0 {
			add(choices[i], col)
		}
	}
	for _, choice := range choices {
		if !slices.ContainsFunc(a.columns, func(col views.ExportColumn) bool { return col.Key == choice.Key }) {
			add(choice, views.ExportColumn{On: choice.Usual && len(a.columns) == 0})
		}
	}
	return list
}

// checkExport returns an error where no file must be made as x says. What makes it
// looks again.
func (s *server) checkExport(c echo.Context, x *form.Export) error {
	m, err := s.masks(c)
	if err != nil {
		return err
	}
	return m.CheckExport(x)
}

// masking yields records as a list shows them: masked wherever the person who asks
// is not shown all as it is.
func (s *server) masking(c echo.Context, records iter.Seq2[form.Record, error]) iter.Seq2[form.Record, error] {
	return func(yield func(form.Record, error) bool) {
		for r, err := range records {
			if err == nil {
				err = s.classify(c, &r)
			}
			var seen form.Seen
			if err == nil {
				seen, err = s.seen(c, r.Page.Domain)
			}
			r.Mask(seen.Listed())
			if !yield(r, err) {
				return
			}
		}
	}
}

// preview reads the first rows of what a writes.
func (s *server) preview(c echo.Context, versions []*form.Template, a *asked, m *views.ExportForm) error {
	x := a.export
	if a.own && len(x.Columns) == 0 { // just begun: the usual ones are ticked
		for _, col := range m.Columns {
			if col.On {
				x.Columns = append(x.Columns, form.ExportColumn{Key: col.Key, Name: col.Name})
			}
		}
	}
	f := download.Filter(&x, s.Now())
	if x.Since {
		f.Since = a.profile.ID
	}
	var pages []form.PageID
	records := s.masking(c, noting(first(s.DB.Export(c.Request().Context(), scope(c), f), views.PreviewRows), &pages))
	defer func() { s.sawPages(c, db.AccessPreview, "preview", pages) }()
	o, err := s.Exports.Options(c.Request().Context(), versions, &x)
	if err != nil {
		return err
	}
	if x.Format == form.FormatJSONL {
		var b bytes.Buffer
		err := export.Write(&b, versions, &x, records, o)
		m.Lines, m.Empty = b.String(), b.Len() == 0
		return err
	}
	list, err := export.Previews(versions, &x, records, views.PreviewRows, o)
	if err != nil {
		return err
	}
	m.Empty = true
	for _, p := range list {
		m.Empty = m.Empty && len(p.Rows) == 0
		m.Previews = append(m.Previews, views.ExportPreview(p))
	}
	return nil
}

// first yields the first n of records.
func first(records iter.Seq2[form.Record, error], n int) iter.Seq2[form.Record, error] {
	return func(yield func(form.Record, error) bool) {
		left := n
		for r, err := range records {
			if left--; !yield(r, err) || err != nil || left == 0 {
				return
			}
		}
	}
}

// exportFiles lists the newest files.
func (s *server) exportFiles(c echo.Context) (files []views.ExportFile, err error) {
	list, err := s.DB.Exports(c.Request().Context(), scope(c), filesShown)
	for _, x := range list {
		files = append(files, views.ExportFile{
			ID: x.ID, Name: x.Name, Template: x.TemplateName, Folder: x.Folder, By: x.By, Scheduled: !x.Due.IsZero(), At: x.CreatedAt,
			State: x.State, Failure: x.Failure, Kept: x.Blob != "", Size: x.Size, Pages: x.Pages, Total: x.Total, Misfits: x.Misfits,
		})
	}
	return files, err
}

// listExports draws the list of files, for the page that looks at it.
func (s *server) listExports(c echo.Context) error {
	files, err := s.exportFiles(c)
	if err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.ExportFiles(files))
}

// makeExport has a file made. One that is there soon, and whole, is sent; else the
// page shows how far it is, or what did not fit.
func (s *server) makeExport(c echo.Context) error {
	a, err := s.askedExport(c)
	if err != nil {
		return err
	}
	if err := s.checkExport(c, &a.export); err != nil {
		a.wrong = explain(err).words
		return s.drawExport(c, http.StatusUnprocessableEntity, a)
	}
	a.export.Since = a.export.Since && a.profile.ID != 0
	x := db.NewExport{Profile: a.profile.ID, Export: a.export}
	if x.Sealed, a.wrong, err = s.sealed(&a); err != nil {
		return err
	}
	if a.wrong != "" {
		return s.drawExport(c, http.StatusUnprocessableEntity, a)
	}
	id, err := s.Intake.AddExport(c.Request().Context(), actor(c), scope(c), x)
	if err != nil {
		return err
	}
	return s.awaitExport(c, id, a.profile.ID)
}

// sealed returns the password of a as it is kept; it is one that was typed, or that
// of the profile. What is wrong with it is words.
func (s *server) sealed(a *asked) (sealed []byte, wrong string, err error) {
	switch {
	case !a.export.Encrypted:
		return nil, "", nil
	case a.password == "" && len(a.profile.Sealed) > 0:
		return a.profile.Sealed, "", nil
	case len([]rune(a.password)) < minPassword:
		return nil, "export.no_password", nil
	}
	sealed, err = s.Exports.Seal(a.password)
	return sealed, "", err
}

func (s *server) awaitExport(c echo.Context, id form.ExportID, profile form.ProfileID) error {
	ctx := c.Request().Context()
	for end := time.Now().Add(waitForFile); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		x, err := s.DB.ExportOf(ctx, scope(c), id)
		if err != nil {
			return err
		}
		if x.Blob != "" && x.Misfits.N == 0 {
			return sendTo(c, "/export/files/"+strconv.FormatInt(int64(id), 10))
		}
		if !x.State.Open() {
			break
		}
	}
	return sendTo(c, exportPath(profile)+"#files")
}

func exportPath(profile form.ProfileID) string {
	if profile == 0 {
		return "/export"
	}
	return "/export?profile=" + strconv.FormatInt(int64(profile), 10)
}

// exportFile sends a file that is kept.
func (s *server) exportFile(c echo.Context) error {
	id, err := id[form.ExportID](c, "export")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	x, err := s.DB.ExportOf(ctx, scope(c), id)
	if err != nil {
		return err
	}
	if x.Blob == "" {
		return form.ErrNotFound
	}
	f, err := s.Blobs.Open(ctx, x.Blob)
	if err != nil {
		return err
	}
	defer f.Close()
	pages, err := s.DB.ExportedPages(ctx, id)
	if err != nil {
		return err
	}
	s.saw(c, db.Access{Act: db.AccessExportTaken, Subject: "export", ID: int64(id), Pages: pages, Purpose: x.Export.Why()})
	if err := s.logged(c); err != nil {
		return err
	}
	header := c.Response().Header()
	attach(header, x.Name)
	header.Set(echo.HeaderContentType, contentType(&x.Export))
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, f)
	return nil
}

func contentType(x *form.Export) string {
	switch {
	case x.Encrypted:
		return "application/zip"
	case x.Format == form.FormatXLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case x.Format == form.FormatJSONL:
		return "application/jsonl"
	case x.CP949:
		return mime.FormatMediaType("text/csv", map[string]string{"charset": "euc-kr"})
	}
	return "text/csv; charset=utf-8"
}

// dropExport removes a file, or ends its making.
func (s *server) dropExport(c echo.Context) error {
	id, err := id[form.ExportID](c, "export")
	if err != nil {
		return err
	}
	if err := s.DB.DropExport(c.Request().Context(), actor(c), scope(c), id); err != nil {
		return err
	}
	return sendTo(c, "/export#files")
}

// saveProfile saves an export under a name: in the place of the profile that is
// shown, where that has the name, or else as a new one.
func (s *server) saveProfile(c echo.Context) error {
	a, err := s.askedExport(c)
	if err != nil {
		return err
	}
	refuse := func(wrong string) error {
		a.wrong = wrong
		return s.drawExport(c, http.StatusUnprocessableEntity, a)
	}
	if err := s.checkExport(c, &a.export); err != nil {
		return refuse(explain(err).words)
	}
	if err := form.CheckProfileName(a.name); err != nil {
		return err
	}
	p := form.Profile{Name: a.name, Export: a.export, Schedule: a.schedule}
	p.Export.Selection = 0 // what is made again is of what fits then
	if a.profile.Name == a.name {
		p.ID = a.profile.ID
	}
	if p.Schedule.Set() && !slices.Contains(s.Exports.Folders, path.Clean(p.Schedule.Folder)) {
		return errBadRequest
	}
	if p.Sealed, a.wrong, err = s.sealed(&a); err != nil {
		return err
	}
	if a.wrong != "" {
		return refuse(a.wrong)
	}
	id, err := s.DB.SaveProfile(c.Request().Context(), actor(c), scope(c), p)
	if errors.Is(err, form.ErrConflict) {
		return refuse("export.name_taken")
	}
	if err != nil {
		return err
	}
	return sendTo(c, exportPath(id)+"&saved=yes")
}

// makeProfile has the file made of what is saved, where it always goes: also
// before it is due.
func (s *server) makeProfile(c echo.Context) error {
	id, err := id[form.ProfileID](c, "profile")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	p, err := s.DB.Profile(ctx, scope(c), id)
	if err != nil {
		return err
	}
	if err := s.checkExport(c, &p.Export); err != nil { // it may have been saved before that was asked for
		return err
	}
	x := db.NewExport{Profile: p.ID, Export: p.Export, Sealed: p.Sealed, Folder: p.Schedule.Folder}
	made, err := s.Intake.AddExport(ctx, actor(c), scope(c), x)
	if err != nil {
		return err
	}
	return s.awaitExport(c, made, p.ID)
}

func (s *server) deleteProfile(c echo.Context) error {
	id, err := id[form.ProfileID](c, "profile")
	if err != nil {
		return err
	}
	if err := s.DB.DeleteProfile(c.Request().Context(), actor(c), scope(c), id); err != nil {
		return err
	}
	return sendTo(c, "/export")
}
