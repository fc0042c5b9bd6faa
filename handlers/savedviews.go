package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
)

// openView shows the pages that a saved view chooses.
func (s *server) openView(c echo.Context) error {
	id, err := id[int64](c, "view")
	if err != nil {
		return err
	}
	v, err := s.DB.View(c.Request().Context(), user(c).ID, id)
	if err != nil {
		return err
	}
	f := v.Filter
	q := url.Values{"state": {f.State}, "template": {f.Template}, "person": {f.Person}, "from": {f.From}, "to": {f.To}}
	_, all := scope(c).Domains()
	// What others looked for may say whom they look after, in a domain of theirs.
	if words := (search{by: user(c).ID, value: f.Value, name: f.Name}); !words.empty() && (all || v.By == user(c).ID) {
		q.Set("search", s.searches.keep(words))
	}
	return c.Redirect(http.StatusSeeOther, historyPath(q))
}

// saveView keeps the filter of the history under a name. What is looked for is
// kept with it only where the person says so.
func (s *server) saveView(c echo.Context) error {
	q, err := url.ParseQuery(c.FormValue("filter"))
	if err != nil {
		return errBadRequest
	}
	_, words, err := s.historyFilter(c, q)
	if err != nil {
		return err
	}
	v := db.SavedView{Name: strings.TrimSpace(strings.Map(printed, c.FormValue("name"))), Shared: c.FormValue("shared") != ""}
	if v.Name == "" || utf8.RuneCountInString(v.Name) > maxWords {
		return errBadRequest
	}
	v.Filter = db.SavedFilter{State: q.Get("state"), Template: q.Get("template"), Person: q.Get("person"), From: q.Get("from"), To: q.Get("to")}
	if c.FormValue("words") != "" {
		v.Filter.Name, v.Filter.Value = words.name, words.value
	}
	if _, err := s.DB.SaveView(c.Request().Context(), actor(c), v); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, historyPath(q))
}

// removeView removes a saved view.
func (s *server) removeView(c echo.Context) error {
	id, err := id[int64](c, "view")
	if err == nil {
		err = s.DB.RemoveView(c.Request().Context(), actor(c), id)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/pages")
}
