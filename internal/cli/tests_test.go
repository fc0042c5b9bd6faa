package cli

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/sample/demo"
)

// A person drops a filled copy on a draft, says by keyboard what is right and the
// rest at once, moves a box of the draft, and reads again: it says which field is
// worse. Nothing of it is in the history.
func TestADraftIsTestedOnASample(t *testing.T) {
	t.Setenv("SEOSIK_ADMIN_PASSWORD", "열려라 참깨 123")
	data := t.TempDir()
	site, tab, scan := serve(t, data), openTab(t), demo.Load().Scans[:1]
	database, err := db.Open(t.Context(), filepath.Join(data, "seosik.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	draft, err := database.Template(t.Context(), form.Everything, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	save := func() {
		t.Helper()
		if _, err := database.SaveDraft(t.Context(), form.Command, draft); err != nil {
			t.Fatal(err)
		}
	}
	at := func(name string) *form.Field {
		return &draft.Fields[slices.IndexFunc(draft.Fields, func(f form.Field) bool { return f.Name == name })]
	}
	at("직위").Rules.Required = true
	save()

	read := []chromedp.Action[chromedp.Void]{chromedp.WaitVisible("form.value"), chromedp.WaitNotPresent("#cases[hx-get]")}
	tab.do("log in",
		chromedp.Navigate(site),
		chromedp.SendKeys("#user", "admin"),
		chromedp.SendKeys("#password", "열려라 참깨 123"+kb.Enter),
		chromedp.WaitVisible("#upload"),
		chromedp.Navigate(site+"/templates/1/tests"),
		chromedp.WaitVisible("#samples"),
	)
	tab.do("drop", append([]chromedp.Action[chromedp.Void]{chromedp.SetUploadFiles("#files", writeScans(t, scan))}, read...)...)
	if names := tab.eval(`document.querySelectorAll(".outlines polygon").length`); names != float64(len(draft.Places())) {
		t.Errorf("%v boxes are laid over the page, want %d", names, len(draft.Places()))
	}
	// Enter is right and next; what is ticked can be taken back.
	tab.until(`document.activeElement.closest("form.value[data-open]") !== null && performance.getEntriesByName("first-contentful-paint").length > 0`)
	first := tab.eval(`document.activeElement.id`)
	tab.do("say", chromedp.Func(pressEnter), chromedp.Func(pressEnter))
	tab.until(`document.querySelectorAll("form.value:not([data-open])").length === 2 && document.getElementById("saving").textContent === ""`)
	if now := tab.eval(`document.activeElement.id`); now == first || now == "" {
		t.Errorf("the focus is on %v", now)
	}
	tab.until(`document.querySelector(".lines").textContent.includes("2개 중 2개 맞음")`)
	tab.run(`document.querySelector("form.value:not([data-open]) [name=right]").focus()`)
	tab.do("take one back", chromedp.KeyEvent(" "))
	tab.until(`document.querySelector(".lines").textContent.includes("1개 중 1개 맞음")`)
	tab.do("the rest", append([]chromedp.Action[chromedp.Void]{click("#test-head form button"), chromedp.WaitNotPresent("form.value[data-open]")}, read...)...)

	at("직위").Box = at("성명").Box
	save()
	tab.do("open again", chromedp.Reload(), chromedp.WaitVisible("form.again button"))
	tab.until(`document.querySelector(".lines").textContent.includes("템플릿이 바뀌었습니다")`)
	tab.do("read again", append([]chromedp.Action[chromedp.Void]{click("form.again button")}, read...)...)
	tab.until(`document.querySelector(".lines").textContent.includes("1개 나빠짐: 직위")`)
	if said, _ := tab.eval(`document.querySelector("form.value").textContent`).(string); !strings.Contains(said, "직위") || !strings.Contains(said, "나빠짐") {
		t.Errorf("the first value says %q", said)
	}
	if pages, err := database.Pages(t.Context(), form.Everything, db.PageFilter{}); err != nil || len(pages) > 0 {
		t.Errorf("in the history: %v, %v", pages, err)
	}
}
