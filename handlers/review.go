package handlers

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/views"
)

const (
	maxValue   = 10_000 // characters of a corrected value
	cropMargin = 8.0    // template px shown around a field
	// A crop is shown as large as if the page were this wide, in pixels: that is more
	// than the screen of a desk has room for.
	cropSheet  = 1500.0
	cropWidth  = 1500.0 // pixels, as shown, at most
	cropHeight = 260.0
)

// reviewPage shows a page of a document with its values.
func (s *server) reviewPage(c echo.Context) error {
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	r, err := s.DB.Record(c.Request().Context(), scope(c), id)
	if err != nil {
		return err
	}
	if !may(c).May(form.MayReview, r.Page.Domain) {
		return sendTo(c, fmt.Sprintf("/pages/%d/story", id)) // which shows the same, and changes nothing
	}
	s.sawPage(c, db.AccessView, id)
	if err := s.plant(c, r); err != nil {
		return err
	}
	if r, err = s.shown(c, r); err != nil {
		return err
	}
	return s.drawReview(c, http.StatusOK, r, reviewRows(r))
}

func (s *server) drawReview(c echo.Context, status int, r form.Record, rows []views.ReviewRow) error {
	p := views.ReviewPage{
		Frame:      s.frame(c, "review.title", views.Review),
		Head:       reviewHead(r.Page),
		Width:      r.Page.Width,
		Height:     r.Page.Height,
		Part:       partOf(r.Page),
		Failure:    r.Page.Failure,
		Trouble:    r.Page.Trouble,
		Candidates: r.Page.Candidates,
		Whole:      wholeRow(r),
		Common:     commonReasons(r.Values),
	}
	err := s.addTyped(c, r.Page.ID, rows)
	if err != nil {
		return err
	}
	p.Grids, p.Rows = views.Grids(r.Template, views.Shuts(rows))
	if p.Retry, err = s.retryable(c, r.Page); err != nil {
		return err
	}
	if p.Queue, err = s.queueBar(c, r.Page.ID); err != nil {
		return err
	}
	history, err := s.DB.HistoryOf(c.Request().Context(), scope(c), r.Page.ID)
	if err != nil {
		return err
	}
	if p.History, err = s.reviewHistory(c, r.Page, history); err != nil {
		return err
	}
	if p.Reopened, err = s.reopened(c, r.Page); err != nil {
		return err
	}
	if r.Page.Image != "" {
		p.Image = fmt.Sprintf("/pages/%d/picture", r.Page.ID)
		p.Unprinted = fmt.Sprintf("/pages/%d/unprinted?run=%d", r.Page.ID, r.Page.Run)
	}
	p.WhyNotUnprinted = views.WhyNotUnprinted(r.Page)
	if p.Margins, err = s.marginRows(c, r.Page); err != nil {
		return err
	}
	if p.Trashed, err = number[form.PageID](c.QueryParam("trashed")); err != nil {
		return err
	}
	masks, err := s.masks(c)
	if err != nil {
		return err
	}
	p.Cover = masks.Cover
	p.Name = r.Page.DocumentName
	p.Path = reviewPath(c, r.Page.ID)
	if onlyReview(c) {
		return s.draw(c, status, views.Reviewing(p))
	}
	return s.draw(c, status, views.ReviewScreen(p))
}

// lookAt sends a row of a page under review with its value, which is masked until
// somebody looks at it.
func (s *server) lookAt(c echo.Context) error {
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	r, err := s.record(c, id)
	if err != nil {
		return err
	}
	rows := reviewRows(r)
	i := slices.IndexFunc(rows, func(row views.ReviewRow) bool { return strconv.Itoa(row.Index) == c.Param("place") })
	if i < 0 || strconv.Itoa(r.Page.Run) != c.QueryParam("run") || !r.Page.State.Final() {
		return form.ErrNotFound
	}
	s.sawValue(c, id, rows[i].Index)
	if err := s.addTyped(c, id, rows[i:i+1]); err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.Row(rows[i]))
}

// onlyReview reports whether a script asks for what is within the page: it puts it
// in the place of the page that it shows.
func onlyReview(c echo.Context) bool { return c.QueryParam("part") == "review" }

// reviewPath returns the address of a page under review, with how the queue was
// asked for it.
func reviewPath(c echo.Context, id form.PageID) string {
	query := maps.Clone(c.QueryParams())
	query.Del("part")
	query.Del("trashed")
	path := fmt.Sprintf("/pages/%d", id)
	if c.Request().Method != http.MethodGet || len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// partOf returns which part of its picture a page is, in px: left, top, width and
// height; empty for all of it.
func partOf(p form.PageInfo) string {
	if p.Part == 0 {
		return ""
	}
	b := geom.Scale(float64(p.Width), float64(p.Height)).ApplyQuad(p.Region).Bounds()
	return fmt.Sprintf("%.0f,%.0f,%.0f,%.0f", b.Min.X, b.Min.Y, b.Width(), b.Height())
}

func reviewHead(p form.PageInfo) views.ReviewHead {
	return views.ReviewHead{
		Page:       p.ID,
		Submission: p.Submission,
		File:       p.DocumentName,
		Label:      p.Label(),
		Template:   p.TemplateName,
		State:      p.State,
		Doubtful:   p.Doubtful,
		Validation: p.Validation,
		Faults:     p.Faults,
		Margins:    p.Unanswered,
		Place:      p.Image != "" && views.Placeable(p.State),
	}
}

// reviewHistory returns what became of a page before, as the person who asks sees it.
func (s *server) reviewHistory(c echo.Context, p form.PageInfo, h db.History) (views.ReviewHistory, error) {
	m := views.ReviewHistory{Failure: h.Failure}
	seen, err := s.seen(c, p.Domain)
	if err != nil {
		return m, err
	}
	for _, r := range h.Runs {
		run := views.ReviewRun{
			Number: r.Number, State: r.State, Failure: r.Failure, Counts: r.Counts, Template: r.TemplateName, Version: r.Version,
			ByHand: r.ByHand, By: r.By, At: r.At,
		}
		class, err := s.classNow(c, r.Template)
		if err != nil {
			return m, err
		}
		for _, said := range r.Corrections {
			f, known := r.Fields[said.Field]
			f.Personal = class(f)
			sight := seen.Of(f.Personal)
			if !known && said.Field != form.WholeID { // nobody knows the class
				continue
			}
			if sight == form.SightHidden {
				said = f.MaskCorrections([]form.Correction{said})[0]
			}
			run.Corrections = append(run.Corrections, views.RunCorrection{Correction: said, Of: f, Sight: sight, Look: storyLook(p.ID, lookRuns)})
		}
		m.Runs = append(m.Runs, run)
	}
	return m, nil
}

// reviewRows returns a row for each value, the doubtful ones first.
func reviewRows(r form.Record) []views.ReviewRow {
	rows := make([]views.ReviewRow, len(r.Values))
	broken, common := r.Broken(), commonReasons(r.Values)
	for i, v := range r.Values {
		rows[i] = reviewRow(r.Page, i, v)
		rows[i].Problems, rows[i].Languages, rows[i].Common = broken[v.Field.ID], languagesOf(r), common
	}
	addAsks(r, rows)
	slices.SortStableFunc(rows, func(a, b views.ReviewRow) int {
		switch da, db := a.Value.Doubtful(), b.Value.Doubtful(); {
		case da == db:
			return 0
		case da:
			return -1
		default:
			return 1
		}
	})
	return rows
}

// languagesOf returns what is written on the form of a page.
func languagesOf(r form.Record) []string {
	if r.Template == nil {
		return nil
	}
	return r.Template.Languages
}

func reviewRow(p form.PageInfo, index int, v form.Value) views.ReviewRow {
	box := placeOf(p, v)
	row := views.ReviewRow{
		Page:    p.ID,
		Run:     p.Run,
		Index:   index,
		Value:   v,
		Outline: p.TemplateToPage.ApplyQuad(box.Quad()),
	}
	if p.Image != "" {
		row.Crop = cropOf(&p.Page, box)
		row.Crop.Address = fmt.Sprintf("/pages/%d/crops/%d?run=%d", p.ID, index, p.Run)
	}
	return row
}

// placeOf returns the box of a field, in template px, with what was read where
// that leaves it.
func placeOf(p form.PageInfo, v form.Value) geom.Box {
	toTemplate, err := p.TemplateToPage.Inverse()
	if err != nil || v.Reading.Where == (geom.Quad{}) {
		return v.Field.Box
	}
	return v.Field.Box.Union(toTemplate.ApplyQuad(v.Reading.Where).Bounds())
}

// cropOf returns how the picture of a field is shown.
func cropOf(p *form.Page, field geom.Box) views.Crop {
	box := field.Grow(cropMargin)
	c := views.Crop{Box: box}
	if inverse, err := p.TemplateToPage.Inverse(); err == nil {
		c.FromPage = inverse
	}
	wide := float64(p.Width)
	if p.Part > 0 {
		wide *= p.Region.Bounds().Width()
	}
	scale := min(cropSheet/max(1, wide)*p.TemplateToPage.ScaleAt(box.Center()), 3, cropWidth/box.Width(), cropHeight/box.Height())
	c.Width, c.Height = int(math.Ceil(box.Width()*scale)), int(math.Ceil(box.Height()*scale))
	return c
}

// commonReasons returns the reasons that most doubtful values of a page have, of
// those that are the picture's: they are said once.
func commonReasons(values []form.Value) []form.Reason {
	const least, share = 4, .6
	counts, doubtful := make(map[form.Reason]int), 0
	for i := range values {
		if !values[i].Doubtful() {
			continue
		}
		doubtful++
		for _, reason := range values[i].Reading.Reasons {
			counts[reason]++
		}
	}
	var common []form.Reason
	for _, reason := range []form.Reason{form.ReasonBlurred, form.ReasonMisplaced, form.ReasonOtherForm, form.ReasonNotDrawn, form.ReasonPerson} {
		if n := counts[reason]; n >= least && float64(n) >= share*float64(doubtful) {
			common = append(common, reason)
		}
	}
	return common
}

func wholeRow(r form.Record) views.WholeRow {
	return views.WholeRow{Page: r.Page.ID, Run: r.Page.Run, Value: r.Whole, Place: r.Page.Image != ""}
}

// acceptWhole notes that a person has looked at a page as a whole.
func (s *server) acceptWhole(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	run, err := strconv.Atoi(c.FormValue("run"))
	if err != nil {
		return errBadRequest
	}
	r, err := s.record(c, id)
	if err != nil {
		return err
	}
	if len(r.Whole.Reading.Reasons) == 0 {
		return form.ErrNotFound
	}
	if r.Whole.Doubtful() { // two people who look at a page say the same of it
		said := form.Correction{Page: id, Run: run, Field: form.WholeID, Accepted: true}
		added, page, err := s.DB.AddCorrection(ctx, actor(c), said, 0)
		if err != nil {
			return err
		}
		r.Page, r.Whole.Corrections = page, append(r.Whole.Corrections, added)
	}
	if !scripted(c) {
		return c.Redirect(http.StatusSeeOther, fmt.Sprintf("/pages/%d", id))
	}
	return s.draw(c, http.StatusOK, views.WholeAccepted(wholeRow(r), reviewHead(r.Page)))
}

// correct adds what a person said a field holds.
func (s *server) correct(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	r, err := s.DB.Record(ctx, scope(c), id)
	if err != nil {
		return err
	}
	index, v, err := chosenValue(c, r)
	if err != nil {
		return err
	}
	correction, seen, err := readCorrection(c, v)
	if err != nil {
		return err
	}
	correction.Page = id
	if v.Secret() {
		return s.correctUnseen(c, v, index, correction, seen)
	}
	if told, err := s.watch(c, v, correction); err != nil {
		return err
	} else if told {
		return s.answerStale(c, correction, index)
	}
	if r, err = s.shown(c, r); err != nil {
		return err
	}
	correction.Override = c.FormValue("override") == "true" && breaks(r, index, correction)
	added, page, err := s.DB.AddCorrection(ctx, actor(c), correction, seen)
	if errors.Is(err, form.ErrConflict) {
		if err := s.keepStale(c, correction); err != nil {
			return err
		}
		return s.answerStale(c, correction, index)
	}
	if err != nil {
		return err
	}
	if !scripted(c) {
		return c.Redirect(http.StatusSeeOther, fmt.Sprintf("/pages/%d", id))
	}
	tellSaid(c, added)
	before := r.Broken()
	r.Page = page
	r.Values[index].Said(added)
	return s.draw(c, http.StatusOK, views.Corrected(corrected(r, index, before)))
}

// correctUnseen takes what a person keyed of a value without having seen what was
// read of it.
func (s *server) correctUnseen(c echo.Context, v form.Value, index int, said form.Correction, seen form.CorrectionID) error {
	if unticked(c, v) {
		return s.answerStale(c, said, index)
	}
	if _, err := s.key(c, v, said, seen); errors.Is(err, form.ErrConflict) {
		return s.answerStale(c, said, index)
	} else if err != nil {
		return err
	}
	if !scripted(c) {
		return c.Redirect(http.StatusSeeOther, fmt.Sprintf("/pages/%d", said.Page))
	}
	r, err := s.record(c, said.Page)
	if err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.Corrected(corrected(r, index, nil)))
}

// corrected returns the row of a value that was corrected, the rows of others
// of which there is now something else to say than before, and the head.
func corrected(r form.Record, index int, before map[form.FieldID][]form.Problem) (row views.ReviewRow, others []views.ReviewRow, h views.ReviewHead) {
	now, unkept := r.Broken(), r.Unkept()
	for i, v := range r.Values {
		id := v.Field.ID
		if i != index && len(now[id]) == 0 && len(before[id]) == 0 {
			continue
		}
		changed := reviewRow(r.Page, i, v)
		changed.Problems, changed.Languages, changed.Ask = now[id], languagesOf(r), slices.Contains(unkept, id)
		if i == index {
			row = changed
		} else {
			others = append(others, changed)
		}
	}
	return row, views.Shuts(others), reviewHead(r.Page)
}

// answerStale answers a correction by someone who had not seen the latest one:
// it shows that beside what was typed. Where no script asks, that is on the
// whole page.
func (s *server) answerStale(c echo.Context, typed form.Correction, index int) error {
	r, err := s.record(c, typed.Page)
	if err != nil {
		return err
	}
	if typed.Run != r.Page.Run || !r.Page.State.Final() || index >= len(r.Values) {
		return form.ErrConflict // what the person saw is no longer there
	}
	rows := reviewRows(r)
	i := slices.IndexFunc(rows, func(row views.ReviewRow) bool { return row.Index == index })
	row := &rows[i]
	row.Conflict, row.Typed, row.Ticked = row.Value.Latest() != nil, typed.Text, typed.Checked
	if !scripted(c) {
		return s.drawReview(c, http.StatusUnprocessableEntity, r, rows)
	}
	return s.draw(c, http.StatusUnprocessableEntity, views.Corrected(*row, nil, reviewHead(r.Page)))
}

// chosenValue returns the value that the form is about.
func chosenValue(c echo.Context, r form.Record) (int, form.Value, error) {
	index, err := strconv.Atoi(c.FormValue("field"))
	if err != nil || index < 0 || index >= len(r.Values) {
		return 0, form.Value{}, form.ErrNotFound
	}
	return index, r.Values[index], nil
}

// readCorrection reads what the person typed, and the newest correction that
// the person had seen.
func readCorrection(c echo.Context, v form.Value) (form.Correction, form.CorrectionID, error) {
	seen, err := strconv.ParseInt(c.FormValue("seen"), 10, 64)
	if err != nil {
		return form.Correction{}, 0, errBadRequest
	}
	run, err := strconv.Atoi(c.FormValue("run"))
	if err != nil {
		return form.Correction{}, 0, errBadRequest
	}
	said := form.Correction{Run: run, Field: v.Field.ID, Mark: form.Mark(c.FormValue("mark"))}
	if said.Mark != "" {
		if !slices.Contains(form.Marks, said.Mark) {
			return form.Correction{}, 0, errBadRequest
		}
		return said, form.CorrectionID(seen), nil
	}
	held, err := readHeld(c, v.Field)
	if err != nil {
		return form.Correction{}, 0, err
	}
	said.Text, said.Checked = held.Text, held.Checked
	said.Accepted = held.Text == v.Reading.Text
	if v.Field.Kind == form.Checkbox {
		said.Accepted = held.Checked == v.Reading.Checked
	}
	return said, form.CorrectionID(seen), nil
}

// readHeld reads what the person says that a field holds.
func readHeld(c echo.Context, f form.Field) (held form.Held, err error) {
	if f.Kind == form.Checkbox {
		if c.FormValue("checked") == "true" {
			return form.Held{Text: f.CheckedText, Checked: true}, nil
		}
		return form.Held{Text: f.UncheckedText}, nil
	}
	held.Text, err = readText(c.FormValue("text"))
	return held, err
}

// readText returns what was typed as it is kept.
func readText(typed string) (string, error) {
	text := strings.TrimSpace(strings.Map(printed, typed))
	if !utf8.ValidString(typed) || utf8.RuneCountInString(text) > maxValue {
		return "", errBadRequest
	}
	return text, nil
}

// printed drops control characters, which nobody can see: browsers put \r before
// \n, and more comes along with what is pasted.
func printed(r rune) rune {
	if unicode.IsControl(r) && r != '\n' && r != '\t' {
		return -1
	}
	return r
}

// picture sends a page as people see it.
func (s *server) picture(c echo.Context) error {
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	p, err := s.DB.Page(c.Request().Context(), scope(c), id)
	if err != nil {
		return err
	}
	s.sawPart(c, id)
	return s.sendSeen(c, p)
}

// crop sends the picture of one field, upright.
func (s *server) crop(c echo.Context) error {
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	index, err := strconv.Atoi(c.Param("field"))
	if err != nil {
		return form.ErrNotFound
	}
	r, err := s.record(c, id)
	if err != nil {
		return err
	}
	if r.Page.Image == "" || index < 0 || index >= len(r.Values) {
		return form.ErrNotFound
	}
	s.sawPart(c, id)
	return s.sendPageCrop(c, r.Page, r.Page.TemplateToPage, placeOf(r.Page, r.Values[index]))
}
