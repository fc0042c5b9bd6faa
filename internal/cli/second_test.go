package cli

import (
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/sample/demo"
)

// Somebody has keyed three values of a page. Somebody else keys them once more, by
// keyboard alone and without waiting: what is the same is settled, and for what is
// not a third person is wanted.
func TestSecondPersonKeysByKeyboard(t *testing.T) {
	t.Setenv("SEOSIK_ADMIN_PASSWORD", "열려라 참깨 123")
	data := t.TempDir()
	site, tab := serve(t, data), openTab(t)
	database, err := db.Open(t.Context(), filepath.Join(data, "seosik.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	tpl, err := database.Template(t.Context(), form.Everything, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	var keyed []form.Field
	for i := range tpl.Fields {
		if f := &tpl.Fields[i]; f.Kind == form.Normal && len(keyed) < 3 {
			f.Review = form.ReviewTwo
			keyed = append(keyed, *f)
		}
	}
	tpl.Stage = form.Service
	if _, err := database.SaveTemplate(t.Context(), form.Command, tpl); err != nil {
		t.Fatal(err)
	}
	tab.do("log in",
		chromedp.Navigate(site),
		chromedp.SendKeys("#user", "admin"),
		chromedp.SendKeys("#password", "열려라 참깨 123"+kb.Enter),
		chromedp.WaitVisible("#upload"),
	)
	tab.do("upload",
		chromedp.SetUploadFiles("#files", writeScans(t, demo.Load().Scans[:1])),
		click("#upload button.main"),
		chromedp.WaitVisible("#pages"), chromedp.WaitNotPresent("#pages[hx-get]"),
	)
	kim, err := database.AddUser(t.Context(), form.Command, "kim", "none")
	if err != nil {
		t.Fatal(err)
	}
	for i, said := range []form.Correction{{Text: "홍길동"}, {Text: "가"}, {Mark: form.MarkIllegible}} {
		said.Page, said.Run, said.Field = 1, 1, keyed[i].ID
		if _, err := database.AddEntry(t.Context(), form.Person(kim.ID), keyed[i], said, false); err != nil {
			t.Fatal(err)
		}
	}
	tab.do("take the next page", chromedp.Navigate(site+"/second"), chromedp.WaitVisible("form.keyed"))
	axe(tab)
	tab.until(`document.activeElement.matches("form.keyed textarea")`)
	// A server that does not answer, and then has another page there, is told of.
	tab.eval(`(() => {
		XMLHttpRequest.prototype.send = function () { this.dispatchEvent(new ProgressEvent("error")); };
		window.fetch = async () => new Response("", {status: 409});
	})()`)
	tab.do("key in vain", chromedp.KeyEvent("김"), chromedp.Func(pressEnter))
	tab.until(`document.getElementById("saving").textContent === document.querySelector(".second").dataset.unsaved && document.activeElement.value === "김"`)
	tab.do("begin again", chromedp.Reload(), chromedp.WaitVisible("form.keyed"))
	tab.until(`document.activeElement.matches("form.keyed textarea") && document.activeElement.value === ""`)
	tab.do("key all", chromedp.KeyEvent("홍 길동"+kb.Enter+"나"+kb.Enter), chromedp.KeyEvent(kb.F4))
	tab.until(`location.pathname === "/second" && Boolean(document.querySelector(".trouble"))`)
	axe(tab)
	r, err := database.Record(t.Context(), form.Everything, 1)
	if err != nil {
		t.Fatal(err)
	}
	texts, marks := make(map[form.FieldID]string), make(map[form.FieldID]form.Mark)
	for _, v := range r.Values {
		if c := v.Latest(); c != nil {
			texts[v.Field.ID], marks[v.Field.ID] = c.Text, c.Mark
		}
	}
	if texts[keyed[0].ID] != "홍 길동" || texts[keyed[1].ID] != "" || marks[keyed[2].ID] != form.MarkIllegible {
		t.Errorf("settled is %q, %q", texts, marks)
	}
	if q, err := database.KeyQueue(t.Context(), form.Everything, 0); err != nil || q.Waiting != 1 {
		t.Errorf("%+v, %v", q, err)
	}
	// What is typed ahead reaches the next page.
	tab.do("upload two more", chromedp.Navigate(site), chromedp.WaitVisible("#upload"),
		chromedp.SetUploadFiles("#files", writeScans(t, demo.Load().Scans[1:3])),
		click("#upload button.main"),
		chromedp.WaitVisible("#pages"), chromedp.WaitNotPresent("#pages[hx-get]"),
	)
	for page := form.PageID(2); page <= 3; page++ {
		said := form.Correction{Page: page, Run: 1, Field: keyed[0].ID, Text: "홍길동"}
		if _, err := database.AddEntry(t.Context(), form.Person(kim.ID), keyed[0], said, false); err != nil {
			t.Fatal(err)
		}
	}
	tab.do("take the next page", chromedp.Navigate(site+"/second"), chromedp.WaitVisible("form.keyed"))
	tab.until(`document.activeElement.matches("form.keyed textarea")`)
	first := tab.eval(`location.pathname`)
	tab.do("look at the keys", chromedp.KeyEvent(kb.F1), chromedp.WaitVisible("#key-help"), chromedp.KeyEvent(kb.Escape))
	tab.do("key, and type ahead", chromedp.KeyEvent("홍길동"+kb.Enter+"12"))
	tab.until(`document.activeElement.matches("form.keyed textarea") && document.activeElement.value === "12"`)
	if tab.eval(`location.pathname`) == first {
		t.Error("the page is the same")
	}
	axe(tab)
	tab.do("it is empty", chromedp.KeyEvent(kb.F4, chromedp.KeyModifiers(8)))
	tab.until(`location.pathname === "/second" && Boolean(document.querySelector(".trouble"))`)
	if last, err := database.Record(t.Context(), form.Everything, 3); err != nil || last.Values[0].Latest() != nil && last.Values[0].Text() == "홍길동" {
		t.Errorf("%+v, %v", last.Values[0], err)
	}
	if q, err := database.KeyQueue(t.Context(), form.Everything, 0); err != nil || q.Waiting != 2 {
		t.Errorf("%+v, %v", q, err)
	}
	tab.do("see how vigilant people are", chromedp.Navigate(site+"/vigilance"), chromedp.WaitVisible("#share"))
	axe(tab)
}
