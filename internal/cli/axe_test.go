package cli

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/sample/demo"
)

var all = flag.Bool("all", false, "look at pages in both languages: make proof")

// languages returns those in which pages are looked at: the first, or all.
func languages(list ...string) []string {
	if *all {
		return list
	}
	return list[:1]
}

// On no page on which templates are made, tested, released or looked after does
// axe-core find what keeps people out, in Korean or English.
func TestThePagesOfTemplatesKeepNobodyOut(t *testing.T) {
	b := openBuilder(t, string(demo.Load().Template))
	tpl, err := b.database.Template(t.Context(), form.Everything, b.id, 0)
	if err != nil {
		t.Fatal(err)
	}
	tpl.Fields = tpl.Fields[:len(tpl.Fields)-2] // which are suggested
	if _, err := b.database.SaveDraft(t.Context(), form.Command, tpl); err != nil {
		t.Fatal(err)
	}
	scans := writeScans(t, demo.Load().Scans[:1])
	b.do("upload a page",
		chromedp.Navigate(b.site), chromedp.WaitVisible("#upload"),
		chromedp.SetUploadFiles("#files", scans),
		click("#upload button.main"),
		chromedp.WaitVisible("#pages"), chromedp.WaitNotPresent("#pages[hx-get]"),
	)
	b.do("test one",
		chromedp.Navigate(b.site+"/templates/1/tests"), chromedp.WaitVisible("#samples"),
		chromedp.SetUploadFiles("#files", scans),
		chromedp.WaitReady("form.value"), chromedp.WaitNotPresent("#cases[hx-get]"),
	)
	field := b.draftNow().Fields[0].ID
	pages := []struct {
		path, ready string
	}{
		{"/templates", "main"},
		{"/templates/new", "form.newtemplate"},
		{"/templates/1", "nav.tabs"},
		{"/templates/1?version=1", "nav.tabs"},
		{"/templates/1/build", "#builder[data-ready]"},
		{"/templates/1/build?version=1", "#builder[data-ready]"},
		{"/templates/1/replace", "main form"},
		{"/templates/1/tests", "form.value"},
		{"/templates/1/release", "#note"},
		{"/templates/1/health", "nav.tabs"},
		{"/templates/1/health/fields/" + string(field), "main"},
		{"/pages/1/place", ".outlines"},
	}
	for _, language := range languages("ko", "en") {
		t.Run(language, func(t *testing.T) {
			b := b
			b.TB = t
			if now := b.eval(`document.documentElement.lang`); now != language {
				b.do("speak "+language, click(`button[name=language][value=`+language+`]`), chromedp.WaitReady(`html[lang=`+language+`]`))
			}
			for _, p := range pages {
				t.Log(p.path)
				b.do(p.path, chromedp.Navigate(b.site+p.path), chromedp.WaitReady(p.ready))
				axe(b.tab)
			}
			b.dialogs()
			b.choosing()
		})
	}
}

// dialogs looks at the dialogs of the builder, one after the other.
func (b builder) dialogs() {
	b.Helper()
	b.do("build", chromedp.Navigate(b.site+"/templates/1/build"), chromedp.WaitReady("#builder[data-ready]"),
		click("#fields [role=option]"))
	for id, command := range map[string]string{"keys": "help", "array": "array", "split": "split"} {
		b.press(command)
		b.until(fmt.Sprintf(`document.getElementById(%q).open`, id))
		axe(b.tab)
		b.keys("Escape")
		b.until(fmt.Sprintf(`!document.getElementById(%q).open`, id))
	}
}

// choosing looks at the page on which pages are chosen to make templates of.
func (b builder) choosing() {
	b.Helper()
	var files []string
	for _, name := range []string{"1.png", "2.png"} {
		path := filepath.Join(b.TempDir(), name)
		if err := os.WriteFile(path, demo.Load().Picture, 0o600); err != nil {
			b.Fatal(err)
		}
		files = append(files, path)
	}
	b.do("choose", chromedp.Navigate(b.site+"/templates/new"), chromedp.WaitVisible("form.newtemplate"),
		chromedp.SetUploadFiles("#files", files), click("form.newtemplate button.main"), chromedp.WaitVisible(".thumbnails"))
	axe(b.tab)
}
