package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/unicode/norm"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

const (
	// historyPart is how many pages one part of the history lists.
	historyPart = 50
	// historyCount is how many pages are counted that no count is kept of.
	historyCount = 1000
	// maxWords are the characters of what is looked for.
	maxWords = 200
)

// errForgotten is a search whose words are kept no more.
var errForgotten = errors.New("what was looked for is kept no more")

// filterNames are the parameters of the addresses of the history. Search is what
// the words are called that are looked for.
var filterNames = []string{"state", "template", "person", "from", "to", "search"}

func (s *server) history(c echo.Context) error {
	ctx, q := c.Request().Context(), c.QueryParams()
	f, words, err := s.historyFilter(c, q)
	forgotten := errors.Is(err, errForgotten)
	if err != nil && !forgotten {
		return err
	}
	if look := c.QueryParam("look"); look != "" && !forgotten {
		return s.lookAtMatches(c, look, f)
	}
	m, err := s.historyModel(c, f, words)
	if err != nil {
		return err
	}
	if m.Forgotten = forgotten; forgotten {
		return s.draw(c, http.StatusOK, views.HistoryList(m))
	}
	if err := s.listHistory(ctx, c, &m, f); err != nil {
		return err
	}
	if m.Count, m.More, err = s.DB.CountPages(ctx, scope(c), f, historyCount); err != nil {
		return err
	}
	if f.Value != "" || f.Person != 0 {
		if m.Unindexed, err = s.DB.Unindexed(ctx, historyCount); err != nil {
			return err
		}
	}
	if !words.empty() {
		a := db.Access{Act: db.AccessSearch, Subject: "search"}
		for _, p := range m.Pages {
			a.Pages = append(a.Pages, p.ID)
		}
		s.saw(c, a)
	}
	return s.draw(c, http.StatusOK, views.HistoryList(m))
}

// listHistory puts a part of the list into m: after a page, before one, or the
// last.
func (s *server) listHistory(ctx context.Context, c echo.Context, m *views.HistoryPage, f db.PageFilter) (err error) {
	before, err := number[form.PageID](c.QueryParam("before"))
	if err != nil {
		return err
	}
	f.Limit = historyPart + 1 // one more, to know whether there are others
	first := f.After == 0
	var pages []form.PageInfo
	if f.Back = before != 0 || c.QueryParam("end") != ""; f.Back {
		f.After, first = before, false
		if pages, err = s.DB.Pages(ctx, scope(c), f); err != nil {
			return err
		}
		if len(pages) <= historyPart { // the list begins here
			f.After, f.Back, first = 0, false, true
		} else {
			pages = pages[1:]
		}
	}
	older := before != 0
	if !f.Back {
		if pages, err = s.DB.Pages(ctx, scope(c), f); err != nil {
			return err
		}
		if older = len(pages) > historyPart; older {
			pages = pages[:historyPart]
		}
	}
	q := c.QueryParams()
	if !first {
		m.Newest = historyPath(q)
	}
	if n := len(pages); n > 0 {
		if !first {
			m.Newer = historyPath(q, "before", strconv.FormatInt(int64(pages[0].ID), 10))
		}
		if older {
			m.Older = historyPath(q, "after", strconv.FormatInt(int64(pages[n-1].ID), 10))
			m.Oldest = historyPath(q, "end", "1")
		}
	}
	m.Pages = pageRows(pages)
	return s.addMatches(ctx, c, m, f, pages)
}

// addMatches notes which values of the pages hold what is looked for.
func (s *server) addMatches(ctx context.Context, c echo.Context, m *views.HistoryPage, f db.PageFilter, pages []form.PageInfo) error {
	if f.Value == "" {
		return nil
	}
	ids := make([]form.PageID, len(pages))
	for i, p := range pages {
		ids[i] = p.ID
	}
	found, err := s.DB.ValuesWith(ctx, scope(c), ids, f.Value, f.Personal)
	if err != nil {
		return err
	}
	m.Matches = make(map[form.PageID][]views.Match)
	for _, p := range pages {
		if m.Matches[p.ID], err = s.matches(c, p, found[p.ID]); err != nil {
			return err
		}
	}
	return nil
}

// lookAtMatches sends what of a page holds what is looked for, and is masked until
// somebody looks at it.
func (s *server) lookAtMatches(c echo.Context, look string, f db.PageFilter) error {
	ctx := c.Request().Context()
	id, err := number[form.PageID](look)
	if err != nil {
		return err
	}
	p, err := s.DB.Page(ctx, scope(c), id)
	if err != nil {
		return err
	}
	found, err := s.DB.ValuesWith(ctx, scope(c), []form.PageID{id}, f.Value, f.Personal)
	if err != nil {
		return err
	}
	list, err := s.matches(c, p, found[id])
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Look = ""
	}
	s.saw(c, db.Access{Act: db.AccessReveal, Pages: []form.PageID{id}})
	return s.draw(c, http.StatusOK, views.Matches(list))
}

// matches returns values of a page that hold what is looked for, as the person who
// asks sees them.
func (s *server) matches(c echo.Context, p form.PageInfo, values []form.Value) (list []views.Match, err error) {
	if len(values) == 0 {
		return nil, nil
	}
	r := form.Record{Page: p, Template: &form.Template{ID: p.Template, Domain: p.Domain}, Values: values}
	err = s.mask(c, &r)
	page := strconv.FormatInt(int64(p.ID), 10)
	look := historyPath(c.QueryParams(), "look", page)
	for _, v := range r.Values {
		if v.Sight != form.SightHidden {
			list = append(list, views.Match{
				Field: v.Field, Text: v.Text(), Read: v.Reading.Text, Sight: v.Sight, Look: look, Name: fmt.Sprintf("match-%s-%x", page, string(v.Field.ID)),
			})
		}
	}
	return list, err
}

// historyModel returns the page of the history without its list.
func (s *server) historyModel(c echo.Context, f db.PageFilter, words search) (m views.HistoryPage, err error) {
	ctx, q := c.Request().Context(), c.QueryParams()
	m = views.HistoryPage{
		Frame:    s.frame(c, "history.title", views.History),
		Template: q.Get("template"),
		From:     q.Get("from"), To: q.Get("to"),
		Name: words.name, Value: words.value,
		Filter: queryOf(q).Encode(),
	}
	if len(f.States) > 0 {
		m.State = f.States[0]
	}
	if m.Templates, err = s.templateGroups(c, f.Template); err != nil {
		return m, err
	}
	if m.People, err = s.people(ctx, f.Person); err != nil {
		return m, err
	}
	reviewers, err := s.DB.PeopleWho(ctx, 0, form.MayReview)
	if err != nil {
		return m, err
	}
	for _, u := range reviewers {
		m.Assignees = append(m.Assignees, option(u.ID, u.Name, false))
	}
	saved, err := s.DB.Views(ctx, user(c).ID)
	if err != nil {
		return m, err
	}
	for _, v := range saved {
		m.Views = append(m.Views, views.SavedView{ID: v.ID, Name: v.Name, By: v.ByName, Mine: v.By == user(c).ID, Shared: v.Shared})
	}
	if m.State == form.StateUnmatched {
		if m.Again, err = s.againModel(c, 0, nil); err != nil {
			return m, err
		}
	}
	if m.State == form.StateFailed {
		m.Failed, err = s.failed(c)
	}
	return m, err
}

// people returns all people to choose from.
func (s *server) people(ctx context.Context, chosen form.UserID) (options []views.Option, err error) {
	list, err := s.DB.Users(ctx)
	for _, u := range list {
		options = append(options, option(u.ID, u.Name, u.ID == chosen))
	}
	return options, err
}

// findPages keeps the words that are looked for, and shows what has them.
func (s *server) findPages(c echo.Context) error {
	words := search{by: user(c).ID, value: c.FormValue("value"), name: c.FormValue("name")}
	if utf8.RuneCountInString(words.value) > maxWords || utf8.RuneCountInString(words.name) > maxWords {
		return errBadRequest
	}
	q := make(url.Values)
	for _, name := range filterNames {
		if name != "search" {
			q.Set(name, c.FormValue(name))
		}
	}
	if !words.empty() {
		q.Set("search", s.searches.keep(words))
	}
	return c.Redirect(http.StatusSeeOther, historyPath(q))
}

// historyFilter reads what to list, with the words that are looked for. It returns
// errForgotten where these are kept no more.
func (s *server) historyFilter(c echo.Context, q url.Values) (f db.PageFilter, words search, err error) {
	if f.Template, err = number[form.TemplateID](q.Get("template")); err != nil {
		return f, words, err
	}
	if f.Person, err = number[form.UserID](q.Get("person")); err != nil {
		return f, words, err
	}
	if f.After, err = number[form.PageID](q.Get("after")); err != nil {
		return f, words, err
	}
	if f.States, err = statesIn(q["state"]); err != nil {
		return f, words, err
	}
	if f.From, f.To, err = daysIn(q); err != nil {
		return f, words, err
	}
	if id := q.Get("search"); id != "" {
		var kept bool
		if words, kept = s.searches.find(user(c).ID, id); !kept {
			return f, words, errForgotten
		}
	}
	f.Name, f.Value = norm.NFC.String(words.name), words.value // names as they are stored
	f.Personal, err = s.seesPersonal(c)
	return f, words, err
}

// queryOf returns what of q is the filter of the history.
func queryOf(q url.Values) url.Values {
	only := make(url.Values)
	for _, name := range filterNames {
		if v := q.Get(name); v != "" {
			only.Set(name, v)
		}
	}
	return only
}

// historyPath returns the address of the list with the filter of q and, in pairs,
// more.
func historyPath(q url.Values, more ...string) string {
	q = queryOf(q)
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	if len(q) == 0 {
		return "/pages"
	}
	return "/pages?" + q.Encode()
}

// number reads an ID from a form; an empty string is 0.
func number[T ~int64](s string) (T, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 {
		return 0, errBadRequest
	}
	return T(n), nil
}

// states reads the states that are asked for, which may be none.
func states(c echo.Context) (list []form.State, _ error) { return statesIn(c.QueryParams()["state"]) }

func statesIn(values []string) (list []form.State, _ error) {
	for _, v := range values {
		if v == "" {
			continue
		}
		if !slices.Contains(form.States, form.State(v)) {
			return nil, errBadRequest
		}
		list = append(list, form.State(v))
	}
	return list, nil
}

// days reads the first and the last day that are asked for, and returns the
// time when the first begins and the one when the last is over. Days are those
// of the machine.
func days(c echo.Context) (from, to time.Time, err error) { return daysIn(c.QueryParams()) }

func daysIn(q url.Values) (from, to time.Time, err error) {
	if from, err = day(q.Get("from")); err != nil {
		return from, to, err
	}
	if to, err = day(q.Get("to")); err == nil && !to.IsZero() {
		to = to.AddDate(0, 0, 1)
	}
	return from, to, err
}

func day(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, s, time.Local)
	if err != nil {
		return t, errBadRequest
	}
	return t, nil
}
