package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// queuePart is how many pages one part of the queue lists.
const queuePart = 50

// queueNames are the parameters that say which pages of the queue are meant. They
// go along from page to page.
var queueNames = []string{"order", "template", "state", "who", "age"}

// queueQuery returns how the queue is asked for, to go along.
func queueQuery(c echo.Context) url.Values {
	q := make(url.Values)
	for _, name := range queueNames {
		if v := c.FormValue(name); v != "" {
			q.Set(name, v)
		}
	}
	return q
}

// queueFilter reads which pages of the queue are meant.
func (s *server) queueFilter(c echo.Context) (f db.QueueFilter, err error) {
	q := queueQuery(c)
	if f.Template, err = number[form.TemplateID](q.Get("template")); err != nil {
		return f, err
	}
	f.Order, f.Who = form.QueueOrder(q.Get("order")), db.Who(q.Get("who"))
	if !slices.Contains(form.QueueOrders, f.Order) || !slices.Contains([]db.Who{db.WhoCan, db.WhoMine, db.WhoHeld, db.WhoAll}, f.Who) {
		return f, errBadRequest
	}
	if lane := form.Lane(q.Get("state")); lane != "" {
		if f.Lanes = []form.Lane{lane}; !slices.Contains(form.Lanes, lane) {
			return f, errBadRequest
		}
	}
	days, err := number[int64](q.Get("age"))
	if err != nil || days > 10_000 {
		return f, errBadRequest
	}
	if days > 0 {
		f.Before = s.Now().AddDate(0, 0, -int(days))
	}
	return f, nil
}

// queue lists what needs a person.
func (s *server) queue(c echo.Context) error {
	f, err := s.queueFilter(c)
	if err != nil {
		return err
	}
	if f.After, err = number[form.PageID](c.QueryParam("after")); err != nil {
		return err
	}
	f.Limit = queuePart + 1 // one more, to know whether there are more
	rows, err := s.DB.Queue(c.Request().Context(), scope(c), user(c).ID, f)
	if err != nil {
		return err
	}
	m, err := s.queueModel(c, f)
	if err != nil {
		return err
	}
	query := queueQuery(c)
	if len(rows) > queuePart {
		rows = rows[:queuePart]
		m.Older = "/queue?" + with(query, "after", fmt.Sprint(rows[queuePart-1].Page.ID))
	}
	if len(rows) > 0 && f.Who != db.WhoHeld && f.Who != db.WhoAll {
		m.Start = withQuery("/review", query)
	}
	for _, r := range rows {
		m.Rows = append(m.Rows, queueRow(c, r, query))
	}
	return s.draw(c, http.StatusOK, views.QueueList(m))
}

// queueModel returns what stands around the list.
func (s *server) queueModel(c echo.Context, f db.QueueFilter) (m views.QueuePage, err error) {
	query := queueQuery(c)
	m = views.QueuePage{
		Frame:    s.frame(c, "queue.title", views.Review),
		Order:    f.Order,
		Template: query.Get("template"),
		Who:      query.Get("who"),
		Age:      query.Get("age"),
		Lane:     form.Lane(query.Get("state")),
	}
	if m.Templates, err = s.templateGroups(c, f.Template); err != nil {
		return m, err
	}
	counts, err := s.DB.QueueCounts(c.Request().Context(), scope(c), user(c).ID, f)
	if err != nil {
		return m, err
	}
	if m.Tally, err = s.tally(c, f); err != nil {
		return m, err
	}
	if f.After != 0 {
		m.First = withQuery("/queue", query)
	}
	m.Lanes = queueLanes(counts, query)
	return m, nil
}

// queueLanes returns all that waits, its lanes, and what is set aside.
func queueLanes(n map[form.Lane]int, query url.Values) []views.QueueLane {
	var waiting int
	for _, l := range form.Waiting {
		waiting += n[l]
	}
	lanes := []views.QueueLane{{Path: "/queue?" + with(query, "state", ""), Pages: waiting}}
	for _, l := range form.Lanes {
		lanes = append(lanes, views.QueueLane{
			Lane: l, Path: "/queue?" + with(query, "state", string(l)), Pages: n[l], Aside: slices.Contains(form.Asides, l),
		})
	}
	return lanes
}

// with returns query with another value of one parameter, or without it.
func with(query url.Values, name, value string) string {
	changed := make(url.Values, len(query)+1)
	for k, v := range query {
		changed[k] = v
	}
	changed.Set(name, value)
	if value == "" {
		changed.Del(name)
	}
	return changed.Encode()
}

func withQuery(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

func queueRow(c echo.Context, r form.QueueRow, query url.Values) views.QueueRow {
	return views.QueueRow{
		PageRow:    pageRows([]form.PageInfo{r.Page})[0],
		Path:       withQuery(fmt.Sprintf("/pages/%d", r.Page.ID), query),
		Lane:       r.Lane,
		Wrong:      r.Wrong,
		Held:       held(c, r.Held),
		AssignedTo: r.AssignedTo,
		Notes:      r.Notes,
	}
}

func held(c echo.Context, h form.Claim) views.Held {
	return views.Held{By: h.ByName, Mine: h.By == user(c).ID, Free: h.Free}
}

// tally returns how far the person is who asks.
func (s *server) tally(c echo.Context, f db.QueueFilter) (t views.QueueTally, err error) {
	ctx := c.Request().Context()
	counts, err := s.DB.QueueCounts(ctx, scope(c), user(c).ID, f)
	if err != nil {
		return t, err
	}
	lanes := f.Lanes
	if len(lanes) == 0 {
		lanes = form.Waiting
	}
	for _, l := range lanes {
		t.Left += counts[l]
	}
	now := s.Now().Local()
	pace, err := s.DB.Pace(ctx, user(c).ID, f.Template, time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location()))
	t.Done, t.Hour = pace.Done, pace.Hour
	return t, err
}

// pick gives the person the next page of the queue.
func (s *server) pick(c echo.Context, ahead bool) (next form.PageID, f db.QueueFilter, err error) {
	if f, err = s.queueFilter(c); err != nil {
		return 0, f, err
	}
	after, err := number[form.PageID](c.FormValue("after"))
	if err != nil {
		return 0, f, err
	}
	next, err = s.DB.NextInQueue(c.Request().Context(), actor(c), scope(c), f, after, ahead)
	return next, f, err
}

// nextPage goes to the next page that needs a person.
func (s *server) nextPage(c echo.Context) error {
	gone, err := number[form.PageID](c.QueryParam("trashed"))
	if err != nil {
		return err
	}
	next, _, err := s.pick(c, false)
	if errors.Is(err, form.ErrNotFound) {
		return s.draw(c, http.StatusOK, views.NothingToReview(s.frame(c, "review.title", views.Review), gone))
	}
	if err != nil {
		return err
	}
	query := queueQuery(c)
	if gone != 0 {
		query.Set("trashed", c.QueryParam("trashed"))
	}
	if onlyReview(c) {
		query.Set("part", "review")
	}
	return c.Redirect(http.StatusSeeOther, withQuery(fmt.Sprintf("/pages/%d", next), query))
}

// nextInQueue answers a script with the next page that needs a person.
func (s *server) nextInQueue(c echo.Context) error {
	next, f, err := s.pick(c, c.FormValue("with") == "ahead")
	if errors.Is(err, form.ErrNotFound) {
		return c.NoContent(http.StatusNoContent)
	}
	if err != nil {
		return err
	}
	t, err := s.tally(c, f)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, struct {
		Page form.PageID `json:"page"`
		Path string      `json:"path"`
		Left int         `json:"left"`
		Of   int         `json:"of"`
		Done int         `json:"done"`
	}{next, withQuery(fmt.Sprintf("/pages/%d", next), queueQuery(c)), t.Left, t.Done + t.Left, t.Done})
}

// queueBar returns what stands about the queue on a page.
func (s *server) queueBar(c echo.Context, page form.PageID) (m views.QueueBarModel, err error) {
	ctx := c.Request().Context()
	care, err := s.DB.Care(ctx, scope(c), page)
	if err != nil {
		return m, err
	}
	m = views.QueueBarModel{
		Page: page, Query: queueQuery(c).Encode(), Lane: care.Lane, Held: held(c, care.Held),
		AssignedTo: care.AssignedTo, AsideBy: care.AsideBy, AsideAt: care.AsideAt, Notes: care.Notes,
	}
	p, err := s.DB.Page(ctx, scope(c), page)
	if err != nil {
		return m, err
	}
	users, err := s.DB.PeopleWho(ctx, p.Domain, form.MayReview)
	if err != nil {
		return m, err
	}
	for _, u := range users {
		m.People = append(m.People, option(u.ID, u.Name, u.ID == care.Assigned))
	}
	f, err := s.queueFilter(c)
	if err != nil {
		f = db.QueueFilter{} // an address that somebody wrote by hand
	}
	m.Tally, err = s.tally(c, f)
	return m, err
}

// queueNews draws the bar of a page anew.
func (s *server) queueNews(c echo.Context) error {
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	m, err := s.queueBar(c, id)
	if err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.QueueBar(m))
}

// claimPage says that the person has a page open, and answers who has it.
func (s *server) claimPage(c echo.Context) error {
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	after, err := number[form.PageID](c.FormValue("after"))
	if err != nil {
		return err
	}
	h, err := s.DB.ClaimPage(c.Request().Context(), actor(c), scope(c), id, after)
	if err != nil {
		return err
	}
	if h.By == 0 || h.By == user(c).ID {
		return c.JSON(http.StatusOK, map[string]any{"mine": true})
	}
	return c.JSON(http.StatusOK, map[string]any{"mine": false, "by": h.ByName, "free": int(h.Free.Seconds())})
}

// onPage does something about a page, and then draws its bar for a script, or
// sends the person to an address: to the page for an empty one.
func (s *server) onPage(c echo.Context, do func(page form.PageID) error, then string) error {
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	if err := do(id); err != nil {
		return err
	}
	if scripted(c) {
		return s.queueNews(c)
	}
	if then == "" {
		then = withQuery(fmt.Sprintf("/pages/%d", id), queueQuery(c))
	}
	return c.Redirect(http.StatusSeeOther, then)
}

// takePage takes a page over from whoever has it.
func (s *server) takePage(c echo.Context) error {
	return s.onPage(c, func(page form.PageID) error {
		return s.DB.TakePage(c.Request().Context(), actor(c), scope(c), page)
	}, "")
}

// leavePage gives a page back, and goes to the list. A browser that leaves the
// page asks for nothing then.
func (s *server) leavePage(c echo.Context) error {
	id, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	if err := s.DB.ReleasePage(c.Request().Context(), actor(c), scope(c), id); err != nil {
		return err
	}
	if c.FormValue("left") == "true" {
		return c.NoContent(http.StatusNoContent)
	}
	return c.Redirect(http.StatusSeeOther, withQuery("/queue", queueQuery(c)))
}

// assignPage hands a page over to somebody, with a note.
func (s *server) assignPage(c echo.Context) error {
	to, err := number[form.UserID](c.FormValue("user"))
	if err != nil {
		return err
	}
	return s.onPage(c, func(page form.PageID) error {
		return s.DB.AssignPage(c.Request().Context(), actor(c), scope(c), page, to, c.FormValue("note"))
	}, "")
}

// addNote adds what a person writes about a page.
func (s *server) addNote(c echo.Context) error {
	return s.onPage(c, func(page form.PageID) error {
		return s.DB.AddNote(c.Request().Context(), actor(c), scope(c), page, c.FormValue("text"))
	}, "")
}

// setAside sets a page aside, and goes on to the next one; or puts it back.
func (s *server) setAside(c echo.Context) error {
	lane := form.Lane(c.FormValue("kind"))
	switch {
	case lane == "none":
		lane = ""
	case !slices.Contains(form.Asides, lane):
		return errBadRequest
	}
	then := ""
	if lane != "" {
		query := queueQuery(c)
		query.Set("after", c.Param("page"))
		then = withQuery("/review", query)
	} else if back := c.FormValue("back"); back != "" {
		then = "/queue?" + url.Values{"state": {back}}.Encode()
	}
	return s.onPage(c, func(page form.PageID) error {
		err := s.DB.SetAside(c.Request().Context(), actor(c), scope(c), page, lane)
		if err == nil && lane != "" {
			c.Response().Header().Set("HX-Trigger", "queue:leave")
		}
		return err
	}, then)
}
