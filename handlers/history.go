package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/unicode/norm"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// historyPart is how many pages one part of the history lists.
const historyPart = 50

func (s *server) history(c echo.Context) error {
	f, err := historyFilter(c)
	if err != nil {
		return err
	}
	f.Limit = historyPart + 1 // one more, to know whether there are older ones
	pages, err := s.DB.Pages(c.Request().Context(), scope(c), f)
	if err != nil {
		return err
	}
	templates, err := s.templateGroups(c, f.Template)
	if err != nil {
		return err
	}
	m := views.HistoryPage{
		Frame:     s.frame(c, "history.title", views.History),
		Template:  c.QueryParam("template"),
		Templates: templates,
		From:      c.QueryParam("from"),
		To:        c.QueryParam("to"),
		Name:      f.Name,
	}
	if len(f.States) > 0 {
		m.State = f.States[0]
	}
	if m.State == form.StateUnmatched {
		if m.Again, err = s.againModel(c, 0, nil); err != nil {
			return err
		}
	}
	if m.State == form.StateFailed {
		if m.Failed, err = s.failed(c); err != nil {
			return err
		}
	}
	if f.After != 0 {
		m.Newest = historyPath(c, 0)
	}
	if len(pages) > historyPart {
		pages = pages[:historyPart]
		m.Older = historyPath(c, pages[historyPart-1].ID)
	}
	m.Pages = pageRows(pages)
	return s.draw(c, http.StatusOK, views.HistoryList(m))
}

// historyFilter reads what to list.
func historyFilter(c echo.Context) (f db.PageFilter, err error) {
	if f.Template, err = number[form.TemplateID](c.QueryParam("template")); err != nil {
		return f, err
	}
	if f.After, err = number[form.PageID](c.QueryParam("after")); err != nil {
		return f, err
	}
	if f.States, err = states(c); err != nil {
		return f, err
	}
	f.From, f.To, err = days(c)
	f.Name = norm.NFC.String(c.QueryParam("name")) // as names are stored
	return f, err
}

// historyPath returns the address of the part that follows a page, with the
// same filter.
func historyPath(c echo.Context, after form.PageID) string {
	q := make(url.Values)
	for _, name := range []string{"state", "template", "from", "to", "name"} {
		if v := c.QueryParam(name); v != "" {
			q.Set(name, v)
		}
	}
	if after != 0 {
		q.Set("after", strconv.FormatInt(int64(after), 10))
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
func states(c echo.Context) (list []form.State, _ error) {
	for _, v := range c.QueryParams()["state"] {
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
func days(c echo.Context) (from, to time.Time, err error) {
	if from, err = day(c.QueryParam("from")); err != nil {
		return from, to, err
	}
	if to, err = day(c.QueryParam("to")); err == nil && !to.IsZero() {
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
