package handlers

import (
	"errors"
	"net/http"
	"reflect"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/intake"
	"github.com/seosik/seosik/views"
)

// maxSamples is how many files may be handed in at once to test a template by.
const maxSamples = 20

// A tested is an edition of a template and the pages by which it is tested.
type tested struct {
	template    *form.Template // with its lists
	places      []form.Field
	fingerprint string
	address     views.TestsAddress
}

// tested returns the edition that the address names, or else the draft, or else
// the version that stands for the template.
func (s *server) tested(c echo.Context) (t tested, err error) {
	ctx := c.Request().Context()
	id, err := id[form.TemplateID](c, "template")
	if err != nil {
		return t, err
	}
	t.address = views.TestsAddress{Template: id, Version: c.QueryParam("version")}
	if t.address.Version == "" {
		t.template, err = s.DB.Draft(ctx, scope(c), id)
	}
	if t.address.Version != "" || errors.Is(err, form.ErrNotFound) {
		t.template, err = s.template(c)
	}
	if err != nil {
		return t, err
	}
	if err := s.DB.AddLists(ctx, t.template); err != nil {
		return t, err
	}
	t.places = t.template.Places()
	t.fingerprint, err = t.template.Fingerprint()
	return t, err
}

// testsPage shows the pages by which a template is tested, and one of them with
// what was read on it.
func (s *server) testsPage(c echo.Context) error {
	return s.drawTests(c, http.StatusOK, "")
}

// drawTests draws the page; wrong is what is wrong with the files that were
// handed in.
func (s *server) drawTests(c echo.Context, status int, wrong string) error {
	ctx := c.Request().Context()
	t, err := s.tested(c)
	if err != nil {
		return err
	}
	s.saw(c, db.Access{Act: db.AccessView, Subject: "tests", ID: int64(t.template.ID)})
	m := views.TestsPage{
		Frame: s.frame(c, "nav.templates", views.Templates), Template: t.template,
		Wrong: wrong, Files: maxSamples, Bytes: s.UploadBytes,
	}
	m.Name = t.template.Name
	editions, err := s.DB.Editions(ctx, t.template.Domain)
	if err != nil {
		return err
	}
	m.Editions = slices.DeleteFunc(shownEditions(editions[t.template.ID]), func(e views.Edition) bool {
		return e.Stage == form.Retired && e.Version != t.template.Version
	})
	m.Defects = views.DefectLines(ctx, t.template.Validate())
	run := s.caseRun(t)
	cases, err := s.DB.Cases(ctx, scope(c), t.template.ID, t.fingerprint)
	if err != nil {
		return err
	}
	if len(m.Defects) == 0 && slices.ContainsFunc(cases, neverRead) { // left by a server that was stopped
		if err := s.Intake.BeginCases(t.template, false); err != nil {
			return err
		}
		run.Running = true
	}
	chosen, err := s.chosenCase(c, t, cases)
	if err != nil {
		return err
	}
	m.List = testList(t, run, cases)
	if chosen != nil {
		screen := testScreen(t, cases, *chosen)
		m.Chosen, m.List.Shown = &screen, chosen.ID
		if chosen.Result == nil && chosen.Failure == "" {
			m.List.Waiting = chosen.ID
		}
	}
	return s.draw(c, status, views.TestsScreen(m))
}

func neverRead(c form.Case) bool { return c.Failure == "" && c.Result == nil && c.Before == nil }

// chosenCase returns the case that the address names, or else the first of which
// something is left to be said, or else the first of all; nil where there is none.
func (s *server) chosenCase(c echo.Context, t tested, cases []form.Case) (*form.Case, error) {
	if len(cases) == 0 {
		return nil, nil
	}
	chosen := cases[max(0, slices.IndexFunc(cases, t.leaves))].ID
	if asked := c.QueryParam("case"); asked != "" {
		var err error
		if chosen, err = number[form.CaseID](asked); err != nil {
			return nil, form.ErrNotFound
		}
	}
	found, err := s.DB.Case(c.Request().Context(), scope(c), chosen, t.fingerprint)
	if err == nil && found.Template != t.template.ID {
		err = form.ErrNotFound
	}
	return &found, err
}

// leaves reports whether there are values of c, as it was read, of which nobody
// has said what they are.
func (t tested) leaves(c form.Case) bool { return t.left(c) > 0 }

func (t tested) left(c form.Case) (n int) {
	for _, f := range t.read(c) {
		if !slices.ContainsFunc(c.Expected, func(e form.Expected) bool { return e.Field == f.ID }) {
			n++
		}
	}
	return n
}

// read returns the places of the edition that were read on c: what has read it may
// have been another one.
func (t tested) read(c form.Case) (places []form.Field) {
	for _, f := range t.places {
		if _, ok := c.Result.Holds(f.ID); ok {
			places = append(places, f)
		}
	}
	return places
}

// caseRun returns how far the reading is. It is asked before the cases are: what is
// read between the two would be missed by a page that believes it to be over.
func (s *server) caseRun(t tested) intake.CaseRun {
	return s.Intake.CaseRun(t.template.ID, t.fingerprint)
}

// testList returns the list of the pages by which a template is tested.
func testList(t tested, run intake.CaseRun, cases []form.Case) views.TestList {
	l := views.TestList{Tests: t.address, Running: run.Running, Done: run.Done, Total: run.Total, Trouble: run.Trouble}
	for _, c := range cases {
		line := t.line(c)
		if len(c.Expected) > 0 {
			l.Cases = append(l.Cases, line)
		} else {
			l.Samples = append(l.Samples, line)
		}
	}
	return l
}

func (t tested) line(c form.Case) views.TestLine {
	return views.TestLine{Case: c, TestCount: views.CountTest(c.Outcomes(t.places))}
}

// next returns the address of the page after c of which something is left to be
// said, or "".
func (t tested) next(cases []form.Case, c form.CaseID) string {
	at := slices.IndexFunc(cases, func(other form.Case) bool { return other.ID == c })
	for _, other := range slices.Concat(cases[at+1:], cases[:max(0, at)]) {
		if t.leaves(other) {
			return t.address.Case(other.ID)
		}
	}
	return ""
}

func testScreen(t tested, cases []form.Case, c form.Case) views.TestScreen {
	screen := views.TestScreen{Head: t.head(cases, c)}
	if c.Result != nil && c.Result.Page.Image != "" {
		screen.Image = t.address.Picture(c)
	}
	screen.Rows = t.rows(c)
	slices.SortStableFunc(screen.Rows, func(a, b views.TestRow) int { return a.Rank() - b.Rank() })
	return screen
}

func (t tested) head(cases []form.Case, c form.Case) views.TestHead {
	return views.TestHead{Tests: t.address, Line: t.line(c), Left: t.left(c), Next: t.next(cases, c.ID)}
}

// rows returns a row for each place that was read on a case.
func (t tested) rows(c form.Case) []views.TestRow {
	if !c.Result.Read() {
		return nil
	}
	outcomes := make(map[form.FieldID]*form.Outcome)
	all := c.Outcomes(t.places)
	for i := range all {
		outcomes[all[i].Field] = &all[i]
	}
	values := form.ValuesAt(t.read(c), c.Result.Readings, nil)
	rows := make([]views.TestRow, len(values))
	for i, v := range values {
		if v.Field.Personal != "" { // a filled page that somebody handed in to test by, and works on
			v.Sight = form.SightFocus
		}
		row := views.ReviewRow{Index: i, Value: v, Languages: t.template.Languages, Outline: c.Result.Page.TemplateToPage.ApplyQuad(v.Field.Box.Quad())}
		row.Crop = cropOf(&c.Result.Page, v.Field.Box)
		rows[i] = views.NewTestRow(t.address, c, row, outcomes[v.Field.ID])
		values[i].Corrections = rows[i].Value.Corrections
	}
	broken := t.template.Broken(values)
	for i := range rows {
		rows[i].Problems = broken[rows[i].Value.Field.ID]
	}
	return rows
}

// testsList answers a page that shows the list while pages are read. Once the one
// that it shows was, it is drawn anew.
func (s *server) testsList(c echo.Context) error {
	t, err := s.tested(c)
	if err != nil {
		return err
	}
	waiting, err := number[form.CaseID](c.QueryParam("waiting"))
	if err != nil {
		return err
	}
	shown, err := number[form.CaseID](c.QueryParam("case"))
	if err != nil {
		return err
	}
	run := s.caseRun(t)
	cases, err := s.DB.Cases(c.Request().Context(), scope(c), t.template.ID, t.fingerprint)
	if err != nil {
		return err
	}
	isRead := func(c form.Case) bool { return c.ID == waiting && (c.Result != nil || c.Failure != "") }
	if slices.ContainsFunc(cases, isRead) {
		c.Response().Header().Set("HX-Refresh", "true")
		return c.NoContent(http.StatusOK)
	}
	l := testList(t, run, cases)
	l.Shown, l.Waiting = shown, waiting
	return s.draw(c, http.StatusOK, views.TestCases(l, false))
}

// addSamples takes files in to test a template by.
func (s *server) addSamples(c echo.Context) error {
	ctx := c.Request().Context()
	t, err := s.tested(c)
	if err != nil {
		return err
	}
	body := s.pace.paced(c, 0)
	defer body.end()
	done, err := s.uploads.enter(ctx, 1)
	if err != nil {
		return err
	}
	defer done()
	u, err := s.readUpload(c)
	defer u.discard()
	if err != nil {
		return err
	}
	switch {
	case len(u.files) == 0:
		return s.refuseSamples(c, views.Say(ctx, "upload.none"))
	case len(u.files) > maxSamples:
		return s.refuseSamples(c, views.Say(ctx, "test.too_many", "Count", maxSamples))
	}
	ids, err := s.Intake.AddSamples(ctx, actor(c), t.template.ID, u.files)
	if _, ok := errors.AsType[*form.InvalidError](err); ok {
		return s.refuseSamples(c, views.Say(ctx, "test.no_room", "Count", form.MaxCases))
	}
	if err != nil {
		return err
	}
	err = s.Intake.BeginCases(t.template, false)
	if _, ok := errors.AsType[*form.InvalidTemplateError](err); err != nil && !ok { // the page says what is to be mended
		return err
	}
	return sendTo(c, t.address.Case(ids[0]))
}

func (s *server) refuseSamples(c echo.Context, words string) error {
	if scripted(c) {
		return s.draw(c, http.StatusUnprocessableEntity, views.SamplesWrong(words))
	}
	return s.drawTests(c, http.StatusUnprocessableEntity, words)
}

// readTests reads the pages by which a template is tested with the edition as it
// is now: those that it has not read or, where there are none, all once more.
func (s *server) readTests(c echo.Context) error {
	t, err := s.tested(c)
	if err != nil {
		return err
	}
	cases, err := s.DB.Cases(c.Request().Context(), scope(c), t.template.ID, t.fingerprint)
	if err != nil {
		return err
	}
	unread := func(c form.Case) bool { return c.Failure == "" && c.Result == nil }
	err = s.Intake.BeginCases(t.template, !slices.ContainsFunc(cases, unread))
	if _, ok := errors.AsType[*form.InvalidTemplateError](err); err != nil && !ok {
		return err
	}
	return sendTo(c, t.address.List())
}

// testedCase returns the edition and the case of the path, as it was read by what
// the request names.
func (s *server) testedCase(c echo.Context, fingerprint string) (t tested, of form.Case, err error) {
	if t, err = s.tested(c); err != nil {
		return t, of, err
	}
	id, err := id[form.CaseID](c, "case")
	if err != nil {
		return t, of, err
	}
	of, err = s.DB.Case(c.Request().Context(), scope(c), id, fingerprint)
	if err == nil && of.Template != t.template.ID {
		err = form.ErrNotFound
	}
	return t, of, err
}

// sayValue records what a person says that a field of a case holds, or that
// nothing is said of it any more.
func (s *server) sayValue(c echo.Context) error {
	ctx := c.Request().Context()
	t, of, err := s.testedCase(c, c.FormValue("read"))
	if err != nil {
		return err
	}
	before := t.rows(of)
	i := slices.IndexFunc(before, func(r views.TestRow) bool { return string(r.Value.Field.ID) == c.FormValue("field") })
	if i < 0 {
		return form.ErrConflict // the template is another one by now
	}
	field := before[i].Value.Field
	if c.FormValue("right") == "true" {
		var held form.Held
		if held, err = readHeld(c, field); err == nil {
			err = s.DB.SetExpected(ctx, actor(c), of.ID, []form.Expected{{Field: field.ID, Held: held}})
		}
	} else {
		err = s.DB.SetExpected(ctx, actor(c), of.ID, nil, field.ID)
	}
	if err != nil {
		return err
	}
	if !scripted(c) {
		return c.Redirect(http.StatusSeeOther, t.address.Case(of.ID))
	}
	return s.drawSaid(c, t, of, i, before)
}

// drawSaid draws what is to be seen once something was said of a value.
func (s *server) drawSaid(c echo.Context, t tested, of form.Case, i int, before []views.TestRow) error {
	ctx := c.Request().Context()
	of, err := s.DB.Case(ctx, scope(c), of.ID, of.Result.Fingerprint)
	if err != nil {
		return err
	}
	run := s.caseRun(t)
	cases, err := s.DB.Cases(ctx, scope(c), t.template.ID, t.fingerprint)
	if err != nil {
		return err
	}
	rows := t.rows(of)
	if len(rows) != len(before) {
		return form.ErrConflict // what was read is forgotten by now
	}
	m := views.TestAnswer{Row: rows[i], Head: t.head(cases, of), List: testList(t, run, cases)}
	m.List.Shown = of.ID
	for k := range rows {
		if k != i && !reflect.DeepEqual(rows[k].Problems, before[k].Problems) {
			m.Others = append(m.Others, rows[k].ReviewRow)
		}
	}
	return s.draw(c, http.StatusOK, views.TestSaid(m))
}

// sayAllRight records that all values of a case of which nothing was said are
// what was read.
func (s *server) sayAllRight(c echo.Context) error {
	t, of, err := s.testedCase(c, c.FormValue("read"))
	if err != nil {
		return err
	}
	var set []form.Expected
	for _, row := range t.rows(of) {
		if v := row.Value; v.Latest() == nil {
			set = append(set, form.Expected{Field: v.Field.ID, Held: v.Reading.Held()})
		}
	}
	if err := s.DB.SetExpected(c.Request().Context(), actor(c), of.ID, set); err != nil {
		return err
	}
	return sendTo(c, t.address.Case(of.ID))
}

// deleteCase deletes a page by which a template is tested.
func (s *server) deleteCase(c echo.Context) error {
	t, of, err := s.testedCase(c, "")
	if err != nil {
		return err
	}
	if err := s.DB.DeleteCase(c.Request().Context(), actor(c), of.ID); err != nil {
		return err
	}
	return sendTo(c, t.address.List())
}

// casePicture sends a page by which a template is tested, as people see it.
func (s *server) casePicture(c echo.Context) error {
	_, of, err := s.testedCase(c, c.QueryParam("read"))
	if err != nil {
		return err
	}
	if of.Result == nil || of.Result.Page.Image == "" {
		return form.ErrNotFound
	}
	s.sawCase(c, of.ID)
	return s.sendBlob(c, of.Result.Page.Image)
}

// caseCrop sends the picture of one field of a case, upright.
func (s *server) caseCrop(c echo.Context) error {
	t, of, err := s.testedCase(c, c.QueryParam("read"))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(t.places, func(f form.Field) bool { return string(f.ID) == c.Param("field") })
	if i < 0 || !of.Result.Read() || of.Result.Page.Image == "" {
		return form.ErrNotFound
	}
	s.sawCase(c, of.ID)
	img, done, err := s.pictures.take(c.Request().Context(), of.Result.Page.Image)
	if err != nil {
		return err
	}
	defer done()
	return s.sendCrop(c, img, of.Result.Page.TemplateToPage, t.places[i].Box.Grow(cropMargin))
}
