package handlers

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

const (
	accessPart   = 100 // rows of the log in one part of it
	accessLately = 20  // rows of a page with its story
	accessPages  = 2000
	maxWhy       = 1000 // characters of what people write of it
)

// accessLog shows a part of the access log.
func (s *server) accessLog(c echo.Context) error { return s.drawAccessLog(c, http.StatusOK, "") }

func (s *server) drawAccessLog(c echo.Context, status int, wrong string) error {
	ctx, q := c.Request().Context(), c.QueryParams()
	f, err := accessFilter(q)
	if err != nil {
		return err
	}
	m := views.AccessPage{
		Frame: s.frame(c, "access.title", views.Administration), Page: q.Get("page"), From: q.Get("from"), To: q.Get("to"), Wrong: wrong,
		Filtered: f.Who != "" || f.Act != "" || f.Page != 0 || !f.From.IsZero() || !f.To.IsZero(),
	}
	f.Limit = accessPart + 1
	rows, err := s.DB.AccessLog(ctx, f)
	if err != nil {
		return err
	}
	if f.After != (db.AccessSpot{}) {
		m.Newest = accessPath(q, nil)
	}
	if len(rows) > accessPart {
		rows = rows[:accessPart]
		m.Older = accessPath(q, &rows[accessPart-1])
	}
	if m.Rows, err = s.accessRows(c, rows); err != nil {
		return err
	}
	return s.drawAccess(c, status, f, m)
}

// drawAccess adds to m what stands around the rows, and draws it.
func (s *server) drawAccess(c echo.Context, status int, f db.AccessFilter, m views.AccessPage) error {
	ctx := c.Request().Context()
	users, err := s.DB.Users(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		who := db.WhoPerson(u.ID)
		m.People = append(m.People, views.Option{Value: who, Text: u.Name, Chosen: who == f.Who})
	}
	domains, err := s.DB.Domains(ctx, form.Everything)
	if err != nil {
		return err
	}
	for _, d := range domains {
		who := db.WhoProgram(d.ID)
		m.People = append(m.People, views.Option{Value: who, Text: views.Say(ctx, "access.program", "Name", d.Name), Chosen: who == f.Who})
	}
	for _, who := range []string{"system", "command", "stranger"} {
		m.People = append(m.People, views.Option{Value: who, Text: views.Say(ctx, "access."+who), Chosen: who == f.Who})
	}
	for _, act := range views.Acts {
		m.Acts = append(m.Acts, views.Option{Value: act, Text: views.Say(ctx, "act."+act), Chosen: act == f.Act})
	}
	alarms, err := s.DB.Alarms(ctx, time.Time{}, time.Time{})
	if err != nil {
		return err
	}
	m.Alarms = alarmsOf(alarms)
	rules, err := s.DB.AccessRules(ctx)
	if err != nil {
		return err
	}
	m.Rules = views.AccessRules(rules)
	if m.Check, err = s.DB.LogCheck(ctx); err != nil {
		return err
	}
	last, err := s.DB.AccessLog(ctx, db.AccessFilter{Limit: 1})
	for _, r := range last {
		m.Last = fmt.Sprintf("%d %s", r.ID, hex.EncodeToString(r.Hash))
	}
	if err != nil {
		return err
	}
	return s.draw(c, status, views.AccessLog(m))
}

// accessFilter reads which rows are asked for.
func accessFilter(q url.Values) (f db.AccessFilter, err error) {
	f.Who, f.Act = q.Get("who"), q.Get("act")
	if f.Page, err = number[form.PageID](q.Get("page")); err != nil {
		return f, err
	}
	if f.From, f.To, err = daysIn(q); err != nil {
		return f, err
	}
	if after := q.Get("after"); after != "" {
		if n, err := fmt.Sscanf(after, "%d-%d", &f.After.At, &f.After.ID); n != 2 || err != nil {
			return f, errBadRequest
		}
	}
	return f, nil
}

// accessPath returns the address of the log with the filter of q, after a row.
func accessPath(q url.Values, after *db.AccessRow) string {
	only := make(url.Values)
	for _, name := range []string{"who", "act", "page", "from", "to"} {
		if v := q.Get(name); v != "" {
			only.Set(name, v)
		}
	}
	if after != nil {
		only.Set("after", fmt.Sprintf("%d-%d", after.AtMillis, after.ID))
	}
	return strings.TrimSuffix("/admin/access?"+only.Encode(), "?")
}

// accessRows returns rows as they are shown.
func (s *server) accessRows(c echo.Context, rows []db.AccessRow) (shown []views.AccessRow, err error) {
	users, err := s.DB.Users(c.Request().Context())
	names := make(map[int64]string)
	for _, u := range users {
		names[int64(u.ID)] = u.Name
	}
	for _, r := range rows {
		row := views.AccessRow{
			ID: r.ID, At: r.At(), Account: r.Account, Who: r.Who, Address: r.Address, Act: r.Act, Subject: r.Subject, Of: r.SubjectID,
			Pages: r.Pages, Purpose: r.Purpose,
		}
		if r.Subject == "user" {
			row.Name = names[r.SubjectID]
		}
		shown = append(shown, row)
	}
	return shown, err
}

func alarmsOf(list []db.Alarm) (shown []views.AccessAlarm) {
	for _, a := range list {
		shown = append(shown, views.AccessAlarm{
			ID: a.ID, Day: a.Day, Row: views.AccessRow{Who: a.Who, Account: a.Account}, Kind: a.Kind, Pages: a.Pages, Usual: a.Usual, By: a.By, Note: a.Note, SeenAt: a.SeenAt,
		})
	}
	return shown
}

// accessPagesOf lists the pages of a row that is about several.
func (s *server) accessPagesOf(c echo.Context) error {
	row, err := id[int64](c, "row")
	if err != nil {
		return err
	}
	after, err := number[form.PageID](c.QueryParam("after"))
	if err != nil {
		return err
	}
	pages, err := s.DB.AccessPages(c.Request().Context(), row, after, accessPages+1)
	if err != nil {
		return err
	}
	m := views.AccessPages{Frame: s.frame(c, "access.title", views.Administration), Row: row, Pages: pages}
	if len(pages) > accessPages {
		m.Pages = pages[:accessPages]
		m.Next = fmt.Sprintf("/admin/access/rows/%d?after=%d", row, m.Pages[accessPages-1])
	}
	return s.draw(c, http.StatusOK, views.AccessPagesPage(m))
}

// setAccessRules sets how long the log is kept and what is unusual.
func (s *server) setAccessRules(c echo.Context) error {
	var r db.AccessRules
	for _, of := range []struct {
		into *int
		name string
	}{{&r.Months, "months"}, {&r.Seen, "seen"}, {&r.SeenMost, "seen_most"}, {&r.Taken, "taken"}, {&r.TakenMost, "taken_most"}} {
		n, err := strconv.Atoi(c.FormValue(of.name))
		if err != nil || n < 1 || n > 1_000_000_000 {
			return errBadRequest
		}
		*of.into = n
	}
	factor, err := strconv.ParseFloat(c.FormValue("factor"), 64)
	if err != nil {
		return errBadRequest
	}
	if r.Factor = factor; r.Months < db.LeastMonths || r.Months > 1200 || !(factor > 1 && factor <= 100) || r.SeenMost < r.Seen || r.TakenMost < r.Taken {
		return s.drawAccessLog(c, http.StatusUnprocessableEntity, "access.rules_wrong")
	}
	if err := s.DB.SetAccessRules(c.Request().Context(), actor(c), r); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/admin/access")
}

// why reads what a person writes of something; it must not be empty.
func why(c echo.Context, name string) (string, error) {
	text := strings.TrimSpace(c.FormValue(name))
	if text == "" || utf8.RuneCountInString(text) > maxWhy || !utf8.ValidString(text) {
		return "", errBadRequest
	}
	return text, nil
}

// answerAlarm notes who has looked into what was unusual.
func (s *server) answerAlarm(c echo.Context) error {
	id, err := id[int64](c, "alarm")
	if err != nil {
		return err
	}
	note, err := why(c, "note")
	if err == nil {
		err = s.DB.AnswerAlarm(c.Request().Context(), actor(c), id, note)
	}
	if err != nil {
		return err
	}
	s.newMatters()
	return c.Redirect(http.StatusSeeOther, "/admin/access")
}

// accessMonth reads which month is asked for, and returns when it begins: without
// one, the last that is over.
func (s *server) accessMonth(text string) (time.Time, error) {
	now := s.Now().Local()
	if text == "" {
		return time.Date(now.Year(), now.Month()-1, 1, 0, 0, 0, 0, time.Local), nil
	}
	begins, err := time.ParseInLocation("2006-01", text, time.Local)
	if err != nil || begins.After(now) {
		return begins, errBadRequest
	}
	return begins, nil
}

// accessReport shows the report of a month.
func (s *server) accessReport(c echo.Context) error {
	begins, err := s.accessMonth(c.QueryParam("month"))
	if err != nil {
		return err
	}
	r, err := s.DB.AccessReport(c.Request().Context(), begins)
	if err != nil {
		return err
	}
	next := begins.AddDate(0, 1, 0)
	m := views.AccessReport{
		Frame: s.frame(c, "report.title", views.Administration), Month: r.Month, Before: begins.AddDate(0, -1, 0).Format("2006-01"),
		Over: !s.Now().Before(next), Alarms: alarmsOf(r.Alarms), Rows: r.Rows, Last: strings.TrimSpace(fmt.Sprint(r.LastRow, " ", r.Hash)),
		Taken: listedRows(r.Taken), Failed: listedRows(r.Failed), Granted: listedRows(r.Granted),
	}
	if !next.After(s.Now()) {
		m.After = next.Format("2006-01")
	}
	if r.Signed != nil {
		m.By, m.Note, m.At = r.Signed.By, r.Signed.Note, r.Signed.At
	}
	for _, t := range r.Tallies {
		m.People = append(m.People, views.AccessCount{Row: views.AccessRow{Who: t.Who, Account: t.Account, Act: t.Act}, Times: t.Times, Pages: t.Pages})
	}
	return s.draw(c, http.StatusOK, views.AccessReportPage(m))
}

func listedRows(list []db.Listed) (rows []views.AccessRow) {
	for _, l := range list {
		rows = append(rows, views.AccessRow{
			At: l.At, Who: l.Who, Account: l.Account, Address: l.Address, Act: l.Act, Subject: l.Subject, Of: l.ID, Name: l.Name, Pages: l.Pages, Purpose: l.Purpose,
		})
	}
	return rows
}

// signReport notes who has looked through the report of a month. Whoever finds
// that somebody has before sees that.
func (s *server) signReport(c echo.Context) error {
	begins, err := s.accessMonth(c.FormValue("month"))
	if err != nil {
		return err
	}
	note, err := why(c, "note")
	if err == nil {
		err = s.DB.SignReport(c.Request().Context(), actor(c), begins, note)
	}
	if err != nil && !errors.Is(err, form.ErrConflict) {
		return err
	}
	s.newMatters()
	return c.Redirect(http.StatusSeeOther, "/admin/access/report?month="+begins.Format("2006-01"))
}

// whoSaw returns who saw a page lately, to who may know.
func (s *server) whoSaw(c echo.Context, page form.PageID) ([]views.AccessRow, error) {
	if !may(c).May(form.MayManage, 0) {
		return nil, nil
	}
	rows, err := s.DB.AccessLog(c.Request().Context(), db.AccessFilter{Page: page, Limit: accessLately})
	if err != nil {
		return nil, err
	}
	return s.accessRows(c, rows)
}
