package cli

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// veil has the fields of the template be personal data from now on.
func (d *desk) veil() {
	d.Helper()
	f := *d.template
	f.Fields = slices.Clone(f.Fields)
	for i := range f.Fields {
		f.Fields[i].Personal = form.PersonalHealth
	}
	var err error
	if d.template, err = d.database.SaveTemplate(d.Context(), form.Command, &f); err != nil {
		d.Fatal(err)
	}
}

// What is masked until somebody looks at it comes to the browser when they do, within
// a tenth of a second, is logged, and takes no key from who types ahead.
func TestAValueComesWhenItIsLookedAt(t *testing.T) {
	d := openDesk(t, 6)
	d.veil()
	d.show(d.pages[0])
	d.until(`document.activeElement.value === "` + readAs(0, 0) + `"`)
	html := d.eval(`document.documentElement.outerHTML`).(string)
	if strings.Contains(html, readAs(0, 1)) || strings.Contains(html, readAs(0, 2)) || !strings.Contains(html, readAs(0, 0)) {
		t.Error("the browser has values that nobody has looked at")
	}
	axe(d.tab)
	d.shot("veiled")
	d.until(`(() => {
		const took = [];
		let at = 0;
		document.addEventListener("focusin", event => {
			const row = event.target.closest("form.value");
			if (!row) return;
			if (row.matches("[data-shut]")) at = performance.now();
			else if (at) {
				took.push(Math.round(performance.now() - at));
				at = 0;
				sessionStorage.setItem("took", took.join(" "));
			}
		}, true);
		return true;
	})()`)
	for n := range d.pages {
		d.do("type ahead",
			chromedp.KeyEvent(fmt.Sprint("name", n)), chromedp.Func(pressEnter),
			chromedp.Func(pressEnter),
			chromedp.KeyEvent(fmt.Sprint("note", n)), chromedp.Func(pressEnter),
		)
	}
	d.through()
	t.Logf("ms from the focus to the value: %s", d.eval(`sessionStorage.getItem("took")`))
	typed := make(map[string]bool)
	for n, page := range d.pages { // in which order they came is the queue's
		texts, said := d.texts(page)
		of := strings.TrimPrefix(texts[0], "name")
		if want := []string{"name" + of, readAs(n, 1), "note" + of}; said != 3 || typed[of] || !slices.Equal(texts, want) {
			t.Errorf("page %d: %d said, %q, want %q", n, said, texts, want)
		}
		typed[of] = true
	}
	rows, err := d.database.AccessLog(d.Context(), db.AccessFilter{Act: db.AccessReveal, Limit: 100})
	if err != nil || len(rows) < 3*len(d.pages) {
		t.Errorf("%d values were logged as looked at, %v", len(rows), err)
	}
}

// Keys that work on a value work on none that is not there yet: where the server does
// not answer, and once it does, Enter has it come.
func TestAValueThatDoesNotCome(t *testing.T) {
	d := openDesk(t, 1)
	d.veil()
	d.show(d.pages[0])
	d.until(`document.activeElement.value === "` + readAs(0, 0) + `"`)
	d.run(`const real = window.fetch; window.cut = true; window.fetch = (path, o) => window.cut && String(path).includes("/values/") ? Promise.reject(new TypeError("cut")) : real(path, o)`)
	d.do("accept", chromedp.Func(pressEnter))
	d.until(`document.getElementById("saving").textContent.includes("Enter")`)
	for _, key := range []string{"Escape", "ArrowDown", "F4", "F2"} {
		code := map[string]int64{"Escape": 27, "ArrowDown": 40, "F4": 115, "F2": 113}[key]
		d.do(key, chromedp.Func(press(key, code, 0)))
	}
	d.do("type", chromedp.KeyEvent("x"), chromedp.Func(pressEnter))
	d.until(`document.getElementById("field-1-input").value === "●●●"`)
	d.run(`window.cut = false`)
	d.do("try again", chromedp.Func(pressEnter))
	d.until(`document.activeElement.value === "` + readAs(0, 1) + `"`)
	if texts, said := d.texts(d.pages[0]); said != 1 || texts[1] != readAs(0, 1) {
		t.Errorf("%d said, %q", said, texts)
	}
	d.do("show all", chromedp.Func(press("V", 86, alt)))
	d.until(`document.getElementById("field-2-input").value === "` + readAs(0, 2) + `"`)
}

// Where a page is told, and where it is downloaded, in both languages: what is masked
// comes once it has the focus, and what is taken says what for.
func TestPersonalDataIsLookedAtAndTaken(t *testing.T) {
	d := openDesk(t, 1)
	d.veil()
	story := fmt.Sprintf("%s/pages/%d/story", d.site, d.pages[0])
	for _, language := range []string{"ko", "en"} {
		d.do("speak", chromedp.Navigate(story), chromedp.WaitReady(".veil"))
		if language == "en" {
			d.do("speak English", click(`button[name=language][value=en]`), chromedp.WaitReady(`html[lang=en]`), chromedp.WaitReady(".veil"))
		}
		if strings.Contains(d.eval(`document.documentElement.outerHTML`).(string), readAs(0, 0)) {
			t.Error("the story has a value that nobody has looked at")
		}
		d.run(`document.querySelector(".veil").focus()`)
		d.until(`document.querySelector(".veil .clear").innerText === "` + readAs(0, 0) + `" && document.querySelector(".veil .dots").offsetParent === null`)
		axe(d.tab)
		d.shot("story-" + language)
		d.do("set masks", chromedp.Navigate(d.site+"/admin/masks"), chromedp.WaitReady("form.masks"))
		axe(d.tab)
		d.shot("masks-" + language)
		d.do("download", chromedp.Navigate(fmt.Sprintf("%s/export?template=%d", d.site, d.template.ID)), chromedp.WaitReady("#export"), click("#state-review"), chromedp.WaitVisible(".preview"))
		d.until(`!document.querySelector(".preview").innerText.includes("` + d.template.Fields[0].Name + `")`)
		d.do("with personal data", click("#personal"), chromedp.WaitVisible("#reason"))
		d.until(`document.querySelector(".preview").innerText.includes("` + d.template.Fields[0].Name + `")`)
		if text := d.eval(`document.querySelector(".preview").innerText`).(string); strings.Contains(text, readAs(0, 0)) || !strings.Contains(text, "●") {
			t.Errorf("%s: the preview shows %q", language, text)
		}
		axe(d.tab)
		d.shot("taken-" + language)
	}
	d.run(`document.getElementById("purpose").value = "work"; document.getElementById("reason").value = "audit"`)
	if file := d.downloads(func() { d.do("download", click("#export button.main")) }); !strings.Contains(file, readAs(0, 0)) {
		t.Errorf("downloaded %q", file)
	}
}
