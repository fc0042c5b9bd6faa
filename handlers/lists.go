package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// maxListForm is how many bytes a list may have as a browser sends it: a
// Korean syllable, 3 bytes, is sent as 9.
const maxListForm = 3*form.MaxListBytes + 1<<20

// lists shows the value lists of a domain.
func (s *server) lists(c echo.Context) error {
	d, err := s.domain(c)
	if err != nil {
		return err
	}
	return s.drawLists(c, http.StatusOK, views.ListsPage{Domain: d})
}

// drawLists draws m, whose Domain is set.
func (s *server) drawLists(c echo.Context, status int, m views.ListsPage) error {
	ctx := c.Request().Context()
	m.Frame = s.frame(c, "list.title", views.Domains)
	lists, err := s.DB.Lists(ctx, m.Domain.ID)
	if err != nil {
		return err
	}
	used, err := s.listsUsed(ctx, m.Domain.ID)
	if err != nil {
		return err
	}
	for _, l := range lists {
		m.Lists = append(m.Lists, listRow(l, used))
	}
	return s.draw(c, status, views.ListList(m))
}

func listRow(l db.ListInfo, used map[string][]string) views.ListRow {
	return views.ListRow{ID: l.ID, Name: l.Name, Values: l.Values, UpdatedAt: l.UpdatedAt, Used: used[l.Name]}
}

// listsUsed returns the names of the templates of a domain that name a list,
// by the name of that.
func (s *server) listsUsed(ctx context.Context, domain form.DomainID) (map[string][]string, error) {
	templates, err := s.DB.Templates(ctx, domain)
	if err != nil {
		return nil, err
	}
	used := make(map[string][]string)
	for _, t := range templates {
		for _, name := range t.ListNames() {
			used[name] = append(used[name], t.Name)
		}
	}
	return used, nil
}

// addList adds a list.
func (s *server) addList(c echo.Context) error {
	ctx := c.Request().Context()
	d, err := s.domain(c)
	if err != nil {
		return err
	}
	name, text, err := readList(c)
	if err != nil {
		return err
	}
	refuse := func(wrong string) error {
		return s.drawLists(c, http.StatusUnprocessableEntity, views.ListsPage{Domain: d, Typed: name, Text: text, Wrong: wrong})
	}
	l, err := form.ParseList(name, text)
	if err == nil {
		if _, taken := s.DB.ListNamed(ctx, d.ID, l.Name); taken == nil {
			return refuse(views.Say(ctx, "list.taken"))
		}
	}
	return s.saveList(c, d, l, err, refuse)
}

// replaceList gives a list other values.
func (s *server) replaceList(c echo.Context) error {
	d, info, err := s.list(c)
	if err != nil {
		return err
	}
	_, text, err := readList(c)
	if err != nil {
		return err
	}
	l, err := form.ParseList(info.Name, text)
	return s.saveList(c, d, l, err, func(wrong string) error {
		return s.drawList(c, http.StatusUnprocessableEntity, d, info, views.ListPage{Text: text, Wrong: wrong})
	})
}

// saveList keeps l, unless there is something against it already, and shows
// it; or has what is wrong refused.
func (s *server) saveList(c echo.Context, d form.Domain, l *form.List, against error, refuse func(wrong string) error) error {
	ctx := c.Request().Context()
	var id form.ListID
	if against == nil {
		id, against = s.DB.SaveList(ctx, actor(c), d.ID, l)
	}
	if _, invalid := errors.AsType[*form.InvalidError](against); invalid {
		return refuse(explain(against).say(ctx))
	}
	if against != nil {
		return against
	}
	return c.Redirect(http.StatusSeeOther, listAddress(d.ID, id)+"?saved")
}

func listAddress(domain form.DomainID, id form.ListID) string {
	return "/domains/" + strconv.FormatInt(int64(domain), 10) + "/lists/" + strconv.FormatInt(int64(id), 10)
}

func readList(c echo.Context) (name, text string, err error) {
	values, err := c.FormParams()
	if err != nil {
		return "", "", badUpload(err)
	}
	return strings.TrimSpace(values.Get("name")), values.Get("values"), nil
}

// list returns the domain and the list of the path.
func (s *server) list(c echo.Context) (form.Domain, db.ListInfo, error) {
	d, err := s.domain(c)
	if err != nil {
		return d, db.ListInfo{}, err
	}
	id, err := id[form.ListID](c, "list")
	if err != nil {
		return d, db.ListInfo{}, err
	}
	lists, err := s.DB.Lists(c.Request().Context(), d.ID)
	if err != nil {
		return d, db.ListInfo{}, err
	}
	i := slices.IndexFunc(lists, func(l db.ListInfo) bool { return l.ID == id })
	if i < 0 {
		return d, db.ListInfo{}, form.ErrNotFound
	}
	return d, lists[i], nil
}

// listDetail shows the values of a list.
func (s *server) listDetail(c echo.Context) error {
	d, info, err := s.list(c)
	if err != nil {
		return err
	}
	l, err := s.DB.List(c.Request().Context(), d.ID, info.ID)
	if err != nil {
		return err
	}
	return s.drawList(c, http.StatusOK, d, info, views.ListPage{Text: l.Text(), Saved: c.QueryParams().Has("saved")})
}

func (s *server) drawList(c echo.Context, status int, d form.Domain, info db.ListInfo, m views.ListPage) error {
	used, err := s.listsUsed(c.Request().Context(), d.ID)
	if err != nil {
		return err
	}
	m.Frame, m.Domain, m.List = s.frame(c, "list.title", views.Domains), d, listRow(info, used)
	m.Name = info.Name
	return s.draw(c, status, views.ListDetail(m))
}

// removeList removes a list.
func (s *server) removeList(c echo.Context) error {
	d, info, err := s.list(c)
	if err != nil {
		return err
	}
	if err := s.DB.RemoveList(c.Request().Context(), actor(c), d.ID, info.ID); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/domains/"+strconv.FormatInt(int64(d.ID), 10)+"/lists")
}

// missingLists returns the lists that rules of t name and that are not there.
func (s *server) missingLists(ctx context.Context, t *form.Template) ([]string, error) {
	names := t.ListNames()
	if len(names) == 0 {
		return nil, nil
	}
	lists, err := s.DB.Lists(ctx, t.Domain)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(names, func(name string) bool {
		return slices.ContainsFunc(lists, func(l db.ListInfo) bool { return l.Name == name })
	}), nil
}
