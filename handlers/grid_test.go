package handlers

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// addInvoice adds a page of a form with a table of four rows, and a total of what
// stands in its second column. The first two rows are filled in, and the second
// amount is doubtful.
func (s *site) addInvoice() form.PageID {
	s.Helper()
	t := s.addTemplate()
	table := form.Table{
		Name: "내역", Box: geom.XYWH(10, 60, 80, 50), Header: 1,
		Columns: []form.Column{{Name: "품목"}, {Name: "금액", ValueType: form.Numeric}},
		Rows:    make([]form.Row, 4),
	}
	for row := range 5 {
		y := 60 + 10*float64(row)
		table.Cells = append(table.Cells, []geom.Box{geom.XYWH(10, y, 40, 10), geom.XYWH(50, y, 40, 10)})
	}
	t.Name = "청구서"
	t.ID = 0
	t.Tables = []form.Table{table}
	t.Fields = append(t.Fields[:1:1], form.Field{
		ID: "합계", Name: "합계", Kind: form.Normal, ValueType: form.Numeric, Box: geom.XYWH(10, 30, 40, 10), Rules: form.Rules{Sum: []string{"내역.금액"}},
	})
	for i := range t.Fields {
		t.Fields[i].ID = ""
	}
	t, err := s.cfg.DB.SaveTemplate(s.Context(), form.Command, t)
	if err != nil {
		s.Fatal(err)
	}
	texts := []string{"2026-11-22", "3,000", "볼펜", "1,000", "공책", "2,000", "", "", "", ""}
	readings := make([]form.Reading, len(texts))
	for i, place := range t.Places() {
		readings[i] = form.Reading{Field: place.ID, Text: texts[i], Confidence: .99}
	}
	readings[5].Reasons = []form.Reason{form.ReasonUnsure}
	return s.savePage(t, readings)
}

func (s *site) savePage(t *form.Template, readings []form.Reading) form.PageID {
	s.Helper()
	ctx := s.Context()
	key, err := s.cfg.Blobs.Put(ctx, blankPNG(s, 100, 120))
	if err != nil {
		s.Fatal(err)
	}
	var added db.Chore
	if _, err := s.cfg.DB.AddSubmission(ctx, form.Command, form.Submission{Domain: t.Domain}, []form.Document{{Name: "청구.png", Blob: key, Size: 1}}, func(_ *sql.Tx, chores []db.Chore) error {
		added = chores[0]
		return nil
	}); err != nil {
		s.Fatal(err)
	}
	task, err := s.cfg.DB.Begin(ctx, added)
	if err != nil {
		s.Fatal(err)
	}
	run := task.Open[0]
	if err := s.cfg.DB.SaveRun(ctx, run.Page, run.Run, form.Page{
		Number: 1, State: form.StateReview, Width: 100, Height: 120, Image: key,
		Template: t.ID, Version: t.Version, TemplateToPage: geom.Identity,
	}, readings); err != nil {
		s.Fatal(err)
	}
	return run.Page
}

func TestTablesAreGrids(t *testing.T) {
	s := openSite(t)
	a := s.get(fmt.Sprintf("/pages/%d", s.addInvoice())).status(http.StatusOK)
	if n := len(a.all("th[scope=row]")); n != 4+1 { // and the sums
		t.Errorf("%d rows", n)
	}
	if n := len(a.all("tr.spare")); n != 1 { // behind the one that is next
		t.Errorf("%d rows put away", n)
	}
	if n := len(a.all("form.cell")); n != 8 {
		t.Errorf("%d cells", n)
	}
	a.says(".left", "확인할 값 1개").says("thead", "금액").says("form.doubtful", "내역 2 · 금액")
	if got := attr(a.one("#field-5-input"), "aria-label"); got != "내역 2 · 금액" {
		t.Errorf("the doubtful cell is called %q", got)
	}
	total := a.one("span.total")
	if got := attr(total, "data-total") + ": " + attr(total, "data-parts"); got != "1: 3 5 7 9" {
		t.Errorf("total %s", got)
	}
	for _, n := range a.all("img[loading=lazy]") {
		s.get(attr(n, "src")).status(http.StatusOK)
	}
}

func TestManyCellsAreCorrectedAtOnce(t *testing.T) {
	s := openSite(t)
	id := s.addInvoice()
	post := fmt.Sprintf("/pages/%d/corrections/many", id)
	many := func(seen ...string) url.Values {
		return url.Values{"run": {"1"}, "field": {"4", "5", "6"}, "seen": seen, "text": {"", "2,000", "공책"}}
	}
	a := s.post(post, many("0", "0", "0"), "HX-Request", "true").status(http.StatusOK)
	if n := len(a.all("form[hx-swap-oob]")); n != 3 {
		t.Errorf("%d cells in the answer", n)
	}
	a.says(".state", "완료").says("#field-5-mark", "확인함").says("#field-6-mark", "고침").says("button", "판독 불가")
	if said := a.Header.Get("X-Said"); said != "1,2,3" {
		t.Errorf("said are %q", said)
	}
	seen := attr(a.all("input[name=seen]")[1], "value")

	// What breaks a rule asks, also of the total, to be kept so once more.
	odd := url.Values{"run": {"1"}, "field": {"4", "5"}, "seen": {"0", "0"}, "text": {"공책", "2,500"}}
	a = s.post(fmt.Sprintf("/pages/%d/corrections/many", s.addInvoice()), odd, "HX-Request", "true").status(http.StatusOK)
	a.says("#field-1-ask", "그대로 둠")
	odd["text"][1] = "두천"
	a = s.post(fmt.Sprintf("/pages/%d/corrections/many", s.addInvoice()), odd, "HX-Request", "true").status(http.StatusOK)
	a.says("#field-5-ask", "그대로 둠")
	if asks := func(n *html.Node) bool {
		return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "data-ask" })
	}; !asks(a.one("#field-5")) || asks(a.one("#field-4")) {
		t.Error("another cell asks than the one that breaks a rule")
	}

	other := many("0", seen, "0")
	other["text"] = []string{"연필", "2,000", "지우개"} // who says the same contradicts nobody
	a = s.post(post, other, "HX-Request", "true").status(http.StatusUnprocessableEntity)
	a.says("#grid-said", "내역 2 · 품목, 내역 3 · 품목")
	if n := len(a.all("form[hx-swap-oob]")); n != 2 {
		t.Errorf("%d cells in the answer", n)
	}
	r, err := s.cfg.DB.Record(t.Context(), form.Everything, id)
	if err != nil || len(r.Values[5].Corrections) != 1 {
		t.Errorf("%v, %d corrections of the one that was not stale", err, len(r.Values[5].Corrections))
	}

	for name, tt := range map[string]struct {
		change func(url.Values)
		status int
	}{
		"no field":          {func(v url.Values) { v["field"] = nil }, http.StatusBadRequest},
		"fewer texts":       {func(v url.Values) { v["text"] = v["text"][:2] }, http.StatusBadRequest},
		"twice the same":    {func(v url.Values) { v["field"][1] = "4" }, http.StatusBadRequest},
		"no such field":     {func(v url.Values) { v["field"][2] = "10" }, http.StatusNotFound},
		"no cell":           {func(v url.Values) { v["field"][0] = "1" }, http.StatusBadRequest},
		"seen is no number": {func(v url.Values) { v["seen"][0] = "x" }, http.StatusBadRequest},
		"too long":          {func(v url.Values) { v["text"][0] = strings.Repeat("가", maxValue+1) }, http.StatusBadRequest},
		"another reading":   {func(v url.Values) { v.Set("run", "2") }, http.StatusConflict},
	} {
		v := many("0", "0", "0")
		tt.change(v)
		t.Log(name)
		s.post(post, v, "HX-Request", "true").status(tt.status)
	}
	s.post(post, url.Values{"run": {"1"}, "field": {"8"}, "seen": {"0"}, "text": {"자"}}).status(http.StatusSeeOther)
}
