package handlers

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/intake"
	"github.com/seosik/seosik/views"
)

// healthDays are the times to choose from: days, 0 for all.
var healthDays = []int{30, 90, 365, 0}

const (
	healthCrops  = 12   // pages on which a field is shown
	healthMargin = 40.0 // px at 200 dpi shown around its box
	// usualLook is how long a person is taken to look at a value where no time of
	// any is known, in seconds.
	usualLook = 5.0
)

// health shows how the fields of a template fare.
func (s *server) templateHealth(c echo.Context) error {
	t, table, err := s.healthTable(c)
	if err != nil {
		return err
	}
	m := views.HealthPage{Frame: s.frame(c, "health.title", views.Templates), Template: t, Table: table}
	m.Name = t.Name
	return s.draw(c, http.StatusOK, views.Health(m))
}

// healthNews sends the table alone, to a page that waits for more of it.
func (s *server) healthNews(c echo.Context) error {
	_, table, err := s.healthTable(c)
	if err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.HealthRows(table))
}

// lookAgain has the last pages looked at anew.
func (s *server) lookAgain(c echo.Context) error {
	t, err := s.template(c)
	if err != nil {
		return err
	}
	if _, err := s.checkup(c, t, true); err != nil {
		return err
	}
	return sendTo(c, templatePath(t.ID)+"/health")
}

// A checkup is what the boxes of a template were found to be.
type checkup struct {
	intake.Checkup
	running bool
}

// checkup returns what is known of the boxes of t, and has it found out where
// that is nothing; nothing is of what was never released.
func (s *server) checkup(c echo.Context, t *form.Template, again bool) (checkup, error) {
	if t.Version == 0 {
		return checkup{}, nil
	}
	if err := s.DB.AddLists(c.Request().Context(), t); err != nil {
		return checkup{}, err
	}
	known, running := s.Intake.Checkup(t, again)
	return checkup{known, running}, nil
}

// healthTable returns the template of the path, in the version that stands for
// it, and how its fields fare.
func (s *server) healthTable(c echo.Context) (*form.Template, views.HealthTable, error) {
	id, err := id[form.TemplateID](c, "template")
	if err != nil {
		return nil, views.HealthTable{}, err
	}
	ctx := c.Request().Context()
	t, err := s.DB.Template(ctx, scope(c), id, 0)
	if err != nil {
		return nil, views.HealthTable{}, err
	}
	m := views.HealthTable{Template: t, Days: readDays(c), Choices: healthDays, Sort: views.HealthLost, Most: db.HealthPages}
	if by := views.HealthSort(c.QueryParam("sort")); slices.Contains(views.HealthSorts, by) {
		m.Sort = by
	}
	rows, h, err := s.healthOf(c, t, m.Days)
	if err != nil {
		return nil, m, err
	}
	known, err := s.checkup(c, t, false)
	if err != nil {
		return nil, m, err
	}
	m.Running, m.Looked, m.ToLook, m.At, m.Pages = known.running, known.Looked, known.Pages, known.At, h.Pages
	for _, r := range rows {
		m.Rows = append(m.Rows, healthRow(r, h, known))
	}
	sortHealth(m.Rows, m.Sort)
	return t, m, nil
}

func readDays(c echo.Context) int {
	days, err := strconv.Atoi(c.QueryParam("days"))
	if err != nil || !slices.Contains(healthDays, days) {
		return healthDays[1]
	}
	return days
}

func (s *server) healthOf(c echo.Context, t *form.Template, days int) ([]healthField, db.Health, error) {
	var f db.PageFilter
	if days > 0 {
		f.From = s.Now().AddDate(0, 0, -days)
	}
	h, err := s.DB.Health(c.Request().Context(), scope(c), t.ID, f.From, f.To)
	return healthFields(t), h, err
}

// A healthField is a field of a template, or a column of one of its tables with
// all of its cells.
type healthField struct {
	id      string // of the field or column
	builder string // id of the field or table
	name    string
	kind    form.Kind // of a column empty
	box     geom.Box  // around all
	places  []form.FieldID
}

func healthFields(t *form.Template) (fields []healthField) {
	for _, f := range t.Fields {
		fields = append(fields, healthField{string(f.ID), string(f.ID), f.Title(), f.Kind, f.Box, []form.FieldID{f.ID}})
	}
	places := t.Places()
	for _, table := range t.Tables {
		for i, column := range table.Columns {
			f := healthField{id: column.ID, builder: table.ID, name: table.Title() + " · " + column.Title()}
			for _, p := range places {
				if p.Table == table.Name && p.Column == i {
					f.places = append(f.places, p.ID)
					f.box = f.box.Union(p.Box)
				}
			}
			if len(f.places) > 0 { // all of its cells may be parts of others
				fields = append(fields, f)
			}
		}
	}
	return fields
}

// healthRow returns how f fared.
func healthRow(f healthField, h db.Health, known checkup) views.HealthRow {
	r := views.HealthRow{ID: f.id, Builder: f.builder, Name: f.name, Kind: f.kind, Measured: !known.At.IsZero() && (f.kind == form.Normal || f.kind == "")}
	var seconds []float64
	pages, looked := 0, 0
	for _, id := range f.places {
		if p := h.Fields[id]; p != nil {
			pages = max(pages, p.Read)
			r.Read += p.Read
			r.Doubtful += p.Doubtful
			r.Corrected += p.Corrected
			r.Accepted += p.Accepted
			looked += p.Doubtful + p.Unasked
			seconds = append(seconds, p.Seconds...)
			if r.Blank += p.Empty; f.kind == form.Checkbox {
				r.Blank = p.Unchecked
			}
		}
		k := known.Fields[id]
		r.Written += k.Written
		r.Touching += len(k.Touching)
		r.Better = r.Better || !k.Better.Empty()
		r.Repair = views.HealthRepair(k.Repair)
	}
	if median, ok := median(seconds); ok {
		r.Seconds, r.Timed = median, true
	}
	r.Lost = 100 * float64(looked) * look(r, h) / float64(max(1, pages))
	return r
}

// look returns how long a person looks at a value of r, in seconds.
func look(r views.HealthRow, h db.Health) float64 {
	if r.Timed {
		return r.Seconds
	}
	var all []float64
	for _, f := range h.Fields {
		all = append(all, f.Seconds...)
	}
	if median, ok := median(all); ok {
		return median
	}
	return usualLook
}

func median(list []float64) (float64, bool) {
	if len(list) == 0 {
		return 0, false
	}
	slices.Sort(list)
	return list[len(list)/2], true
}

// sortHealth sorts rows: the worst first, and names as they are read.
func sortHealth(rows []views.HealthRow, by views.HealthSort) {
	slices.SortStableFunc(rows, func(a, b views.HealthRow) int {
		if by == views.HealthName {
			return strings.Compare(a.Name, b.Name)
		}
		return cmp.Compare(b.By(by), a.By(by))
	})
}

// healthOfField returns the field of the path among those of the template that is
// there too.
func (s *server) healthOfField(c echo.Context) (t *form.Template, f healthField, err error) {
	id, err := id[form.TemplateID](c, "template")
	if err != nil {
		return nil, f, err
	}
	if t, err = s.DB.Template(c.Request().Context(), scope(c), id, 0); err != nil {
		return nil, f, err
	}
	fields := healthFields(t)
	i := slices.IndexFunc(fields, func(f healthField) bool { return f.id == c.Param("field") })
	if i < 0 {
		return nil, f, form.ErrNotFound
	}
	return t, fields[i], nil
}

// fieldHealth shows a field on the last pages, with the box that would be better.
func (s *server) fieldHealth(c echo.Context) error {
	ctx := c.Request().Context()
	t, f, err := s.healthOfField(c)
	if err != nil {
		return err
	}
	_, h, err := s.healthOf(c, t, 0)
	if err != nil {
		return err
	}
	known, err := s.checkup(c, t, false)
	if err != nil {
		return err
	}
	k := known.Fields[f.places[0]]
	m := views.HealthFieldPage{
		Frame: s.frame(c, "health.title", views.Templates), Template: t,
		Row: healthRow(f, h, known), Box: f.box, Better: k.Better, Running: known.running, Drafted: f.box,
	}
	draft, err := s.DB.Draft(ctx, scope(c), t.ID)
	if err != nil && !errors.Is(err, form.ErrNotFound) {
		return err
	}
	if err == nil {
		for _, d := range healthFields(draft) {
			if d.id == f.id {
				m.Drafted = d.box
			}
		}
	}
	around := f.box.Union(k.Better).Union(k.Repair.Box).Grow(healthMargin * float64(max(t.Width, t.Height)) / 2339)
	m.Around = around.Intersect(geom.XYWH(0, 0, float64(t.Width), float64(t.Height)))
	if m.Crops, err = s.healthCrops(c, t, f, known); err != nil {
		return err
	}
	m.Name = f.name
	return s.draw(c, http.StatusOK, views.HealthField(m))
}

// healthCrops returns the last pages on which f can be shown.
func (s *server) healthCrops(c echo.Context, t *form.Template, f healthField, known checkup) (crops []views.HealthCrop, err error) {
	ctx := c.Request().Context()
	alike, err := s.sameSheet(c, t)
	if err != nil {
		return nil, err
	}
	pages, err := s.DB.Pages(ctx, scope(c), db.PageFilter{
		Template: t.ID, States: []form.State{form.StateReview, form.StateDone}, Limit: 4 * healthCrops,
	})
	if err != nil {
		return nil, err
	}
	touching := make(map[form.PageID]bool)
	for _, id := range f.places {
		for _, page := range known.Fields[id].Touching {
			touching[page] = true
		}
	}
	for _, p := range pages {
		if len(crops) < healthCrops && alike[p.Version] && p.Image != "" {
			crops = append(crops, views.HealthCrop{Page: p.ID, File: p.DocumentName, Label: p.Label(), Touching: touching[p.ID]})
		}
	}
	return crops, nil
}

// sameSheet returns the versions of t that have its picture: what lies on their
// pages lies so on t.
func (s *server) sameSheet(c echo.Context, t *form.Template) (map[int]bool, error) {
	versions, err := s.DB.Versions(c.Request().Context(), scope(c), t.ID)
	if err != nil {
		return nil, err
	}
	alike := make(map[int]bool)
	for _, v := range versions {
		alike[v.Version] = v.Image == t.Image
	}
	return alike, nil
}

// healthCrop sends the part of a page that shows a place of the template, or of
// the blank for page 0.
func (s *server) healthCrop(c echo.Context) error {
	ctx := c.Request().Context()
	t, _, err := s.healthOfField(c)
	if err != nil {
		return err
	}
	box, err := readBox(c.QueryParam("box"), t)
	if err != nil {
		return form.ErrNotFound
	}
	if c.Param("page") == "0" {
		img, done, err := s.pictures.take(ctx, t.Image)
		if err != nil {
			return err
		}
		defer done()
		return s.sendCrop(c, img, geom.Identity, box)
	}
	page, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	p, err := s.DB.Page(ctx, scope(c), page)
	if err != nil {
		return err
	}
	if alike, err := s.sameSheet(c, t); err != nil || p.Template != t.ID || !alike[p.Version] || p.Image == "" {
		return errors.Join(err, form.ErrNotFound)
	}
	s.sawPart(c, page)
	img, done, err := s.seenPicture(c, p)
	if err != nil {
		return err
	}
	defer done()
	return s.sendCrop(c, img, p.TemplateToPage, box)
}

// readBox reads x, y, width and height of a box on t.
func readBox(text string, t *form.Template) (box geom.Box, err error) {
	var n [4]float64
	if err := json.Unmarshal([]byte("["+text+"]"), &n); err != nil {
		return box, errBadRequest
	}
	box = geom.XYWH(n[0], n[1], n[2], n[3])
	if box.Empty() || !box.In(geom.XYWH(0, 0, float64(t.Width), float64(t.Height))) {
		return box, errBadRequest
	}
	return box, nil
}

// repairField puts a better box into the draft of a template, which begins where
// there is none. It is a conflict where the box is no longer the one that the
// person saw.
func (s *server) repairField(c echo.Context) error {
	ctx := c.Request().Context()
	t, f, err := s.healthOfField(c)
	if err != nil {
		return err
	}
	box, err := readBox(c.FormValue("box"), t)
	if err != nil {
		return err
	}
	was, err := readBox(c.FormValue("was"), t)
	if err != nil || f.kind != form.Normal {
		return errBadRequest
	}
	draft, err := s.DB.StartDraft(ctx, actor(c), t.ID, 0)
	if err != nil {
		return err
	}
	if draft.Image != t.Image {
		return form.ErrConflict // its boxes are on another sheet
	}
	_, refused, _, err := s.DB.ChangeDraft(ctx, actor(c), scope(c), t.ID, []form.Change{{
		Part: "fields", ID: f.id, Before: boxProperty(was), After: boxProperty(box),
	}})
	if err != nil {
		return err
	}
	if len(refused) > 0 {
		return form.ErrConflict
	}
	return sendTo(c, fmt.Sprintf("%s/health/fields/%s", templatePath(t.ID), f.id))
}

func boxProperty(b geom.Box) map[string]json.RawMessage {
	return map[string]json.RawMessage{"box": json.RawMessage("[" + views.BoxText(b) + "]")}
}
