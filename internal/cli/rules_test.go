package cli

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/sample/demo"
)

// A clerk types a total that is not the sum, and accepts the rest: before the
// page is left, the total has the focus again, and a second Enter keeps it. A
// list that is replaced while the server runs holds for the next page.
func TestARuleIsSaidBeforeThePageIsLeft(t *testing.T) {
	t.Setenv("SEOSIK_ADMIN_PASSWORD", "열려라 참깨 123")
	data := t.TempDir()
	site, tab, scans := serve(t, data), openTab(t), demo.Load().Scans[:1]
	database, err := db.Open(t.Context(), filepath.Join(data, "seosik.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	tpl, err := database.Template(t.Context(), form.Everything, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	bank := slices.IndexFunc(tpl.Fields, func(f form.Field) bool { return f.Name == "은행명" })
	tpl.Fields[bank].Rules.In.Ref = "list:은행"
	if _, err := database.SaveTemplate(t.Context(), form.Command, tpl); err != nil {
		t.Fatal(err)
	}
	setList(t, database, tpl.Domain, "국민은행") // it is 신한은행 that stands there
	tab.do("log in",
		chromedp.Navigate(site),
		chromedp.SendKeys("#user", "admin"),
		chromedp.SendKeys("#password", "열려라 참깨 123"+kb.Enter),
		chromedp.WaitVisible("#upload"),
	)
	upload := []chromedp.Action[chromedp.Void]{
		chromedp.SetUploadFiles("#files", writeScans(t, scans)),
		click("#upload button.main"),
		chromedp.WaitVisible("#pages"),
		chromedp.WaitNotPresent("#pages[hx-get]"),
	}
	tab.do("upload", append(upload, click("#next"))...)
	tab.focus()
	if said := tab.said("은행명"); !strings.Contains(said, "‘은행’ 목록에 없는 값입니다") {
		t.Errorf("of the bank it says %q", said)
	}
	tab.eval(`rowOf("합계").querySelector("input[name=text]").select()`)
	tab.do("type a total", chromedp.KeyEvent("1"), chromedp.Func(pressEnter))
	if typed := tab.eval(`rowOf("합계").querySelector("input[name=text]").value`); typed != "1" {
		t.Fatalf("the total is %v, want what was typed", typed)
	}
	for deadline := time.Now().Add(time.Minute); tab.eval(`document.activeElement.closest("form") === rowOf("합계")`) != true; {
		if time.Now().After(deadline) || tab.eval(`location.pathname !== "/pages/1"`) == true {
			t.Fatal("the page was left without a word about its total")
		}
		tab.do("accept", chromedp.Func(pressEnter), chromedp.Sleep(100*time.Millisecond))
	}
	if said := tab.said("합계"); !strings.Contains(said, "여비 · 금액의 합은 412,600입니다") {
		t.Errorf("of the total it says %q", said)
	}
	tab.do("keep it", chromedp.Func(pressEnter), chromedp.WaitVisible(".trouble")) // no page needs a person
	r, err := database.Record(t.Context(), form.Everything, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range r.Values {
		if v.Field.Name == "합계" && v.Text() != "1" {
			t.Errorf("the total is %q, want what was typed", v.Text())
		}
	}

	setList(t, database, tpl.Domain, "국민은행\n신한 은행")
	tab.do("upload again", append([]chromedp.Action[chromedp.Void]{chromedp.Navigate(site), chromedp.WaitVisible("#upload")}, upload...)...)
	if r, err = database.Record(t.Context(), form.Everything, 2); err != nil {
		t.Fatal(err)
	}
	if v := r.Values[bank]; slices.Contains(v.Reading.Reasons, form.ReasonNotInList) || v.Text() != "신한은행" {
		t.Errorf("the bank is %q, %v, by the list as it is now", v.Text(), v.Reading.Reasons)
	}
}

func setList(t testing.TB, database *db.DB, domain form.DomainID, values string) {
	t.Helper()
	l, err := form.ParseList("은행", values)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := database.SaveList(t.Context(), form.Command, domain, l); err != nil {
		t.Fatal(err)
	}
}

// eval evaluates an expression, which may call rowOf with the label of a value.
func (t tab) eval(expression string) any {
	t.Helper()
	v, err := chromedp.Run(t.ctx, chromedp.Evaluate[any](`(() => {
		const rowOf = label => [...document.querySelectorAll("form.value")].find(r => r.querySelector("label")?.textContent === label);
		return `+expression+`;
	})()`))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// said returns what is said of the value with a label.
func (t tab) said(label string) string {
	t.Helper()
	words, _ := t.eval(`rowOf("` + label + `").querySelector(".why").textContent`).(string)
	return words
}
