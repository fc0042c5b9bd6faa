package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/sample/demo"
)

// openPages serves a site with some pages of the demo's form: one under review, one
// with a value that somebody else has keyed, one that is done and one in the trash;
// and logs a person in.
func openPages(t *testing.T) (site string, at tab, pages []form.PageID) {
	t.Helper()
	t.Setenv("SEOSIK_ADMIN_PASSWORD", deskPassword)
	data := t.TempDir()
	site, at = serve(t, data), openTab(t)
	database, err := db.Open(t.Context(), filepath.Join(data, "seosik.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { database.Close() })
	blobs, err := blob.Open(filepath.Join(data, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	picture, err := blobs.Put(t.Context(), demo.Load().Picture)
	if err != nil {
		t.Fatal(err)
	}
	tpl, err := database.Template(t.Context(), form.Everything, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 4 {
		var readings []form.Reading
		for i, place := range tpl.Places() {
			r := form.Reading{Field: place.ID, Text: "읽은 값", Confidence: .99}
			if place.Kind == form.Checkbox {
				r.Text, r.Checked = place.CheckedText, true
			}
			switch {
			case n == 1 && i == 0:
				r.Reasons = []form.Reason{form.ReasonTwo}
			case n != 2 && i%3 == 1:
				r.Confidence, r.Reasons = .6, []form.Reason{form.ReasonUnsure}
			}
			readings = append(readings, r)
		}
		pages = append(pages, savePage(t, database, tpl, fmt.Sprintf("출장 여비 정산 신청서 스캔-%02d.png", n), picture, readings))
	}
	kim, err := database.AddUser(t.Context(), form.Command, "kim", "none")
	if err != nil {
		t.Fatal(err)
	}
	keyed := tpl.Places()[0]
	if _, err := database.AddEntry(t.Context(), form.Person(kim.ID), keyed, form.Correction{Page: pages[1], Run: 1, Field: keyed.ID, Text: "가"}, false); err != nil {
		t.Fatal(err)
	}
	trashed, err := database.Page(t.Context(), form.Everything, pages[3])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := database.SetPages(t.Context(), trashed.Document, 1); err != nil {
		t.Fatal(err)
	}
	if err := database.Trash(t.Context(), form.Person(1), pages[3]); err != nil {
		t.Fatal(err)
	}
	at.logIn(site, "admin", deskPassword)
	return site, at, pages
}

// cut returns what is wrong with how a page is laid out: that it scrolls sideways,
// what lies outside of the screen, and what cannot be pressed since something else
// lies over it, or is cut off.
const cut = `(() => {
	const said = [], wide = innerWidth, name = e => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + "." + [...e.classList].join(".") + " " + (e.textContent || e.value || "").trim().slice(0, 30);
	const within = e => { for (let p = e.parentElement; p; p = p.parentElement) if (/auto|scroll/.test(getComputedStyle(p).overflowX) && p.scrollWidth > p.clientWidth) return true; return false; };
	const seen = e => { const r = e.getBoundingClientRect(); return r.width > 1 && r.height > 1 && e.checkVisibility({opacityProperty: true, visibilityProperty: true}); };
	const over = document.documentElement.scrollWidth - wide;
	if (over > 0) said.push("scrolls sideways by " + over + " px");
	for (const e of document.querySelectorAll("body *")) {
		if (!seen(e) || e.closest("svg, .unseen, .skip, .viewer, dialog")) continue;
		const r = e.getBoundingClientRect();
		if ((r.right > wide + 1 || r.left < -1) && !within(e)) said.push("outside: " + name(e) + " " + Math.round(r.left) + "–" + Math.round(r.right));
	}
	for (const e of document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary")) {
		if (!seen(e) || e.closest("svg, .unseen, .skip, .viewer, dialog") || e.disabled) continue;
		e.scrollIntoView({block: "center", inline: "center"});
		const r = e.getBoundingClientRect(), x = r.left + r.width / 2, y = r.top + r.height / 2, at = document.elementFromPoint(x, y);
		if (at && at !== e && !e.contains(at) && !at.contains(e) && !(e.labels && [...e.labels].some(l => l.contains(at)))) said.push("covered: " + name(e) + " by " + name(at));
		if (e.matches("button, a.button, summary") && e.scrollWidth > e.clientWidth + 1) said.push("cut: " + name(e));
	}
	return [...new Set(said)].slice(0, 12);
})()`

// At 200 % on a screen of 1366 by 768 no page scrolls sideways, nothing lies over
// what can be pressed, and axe-core finds nothing that keeps people out; in both
// languages.
func TestPagesAtTwoHundredPercent(t *testing.T) {
	site, at, pages := openPages(t)
	at.do("zoom", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 683, Height: 384, DeviceScaleFactor: 2})
		return err
	}))
	paths := []struct {
		path string
		axe  bool // by no other test
	}{
		{"/", true},
		{"/queue", true},
		{fmt.Sprintf("/pages/%d", pages[0]), true},
		{fmt.Sprintf("/pages/%d/story", pages[0]), true},
		{fmt.Sprintf("/second/%d", pages[1]), true},
		{"/carpet", false},
		{"/sheet", false},
		{"/vigilance", true},
		{"/dashboard", true},
		{"/pages", true},
		{"/trash", true},
		{"/export", true},
		{"/submissions/1", true},
		{"/templates", false},
		{"/templates/1", false},
		{"/templates/1/tests", false},
		{"/templates/1/release", false},
		{"/templates/1/health", false},
		{"/margin", true},
		{"/admin", true},
		{"/admin/people", true},
		{"/admin/people/1", true},
		{"/admin/access", true},
		{"/admin/access/report", true},
		{"/admin/retention", true},
		{"/admin/machine", true},
		{"/admin/masks", true},
		{"/account", true},
		{"/domains", true},
		{"/domains/1", true},
		{"/domains/1/lists", true},
	}
	for _, language := range languages("en", "ko") {
		t.Run(language, func(t *testing.T) {
			at := tab{t, at.ctx}
			if now := at.eval(`document.documentElement.lang`); now != language {
				at.do("speak "+language, chromedp.Click(`button[name=language][value=`+language+`]`), chromedp.WaitReady(`html[lang=`+language+`]`))
			}
			for _, p := range paths {
				at.do(p.path, chromedp.Navigate(site+p.path), chromedp.WaitReady("main"))
				wrong, err := chromedp.Run(at.ctx, chromedp.Evaluate[[]string](cut))
				if err != nil {
					t.Fatal(err)
				}
				for _, w := range wrong {
					t.Errorf("%s: %s", p.path, w)
				}
				if p.axe {
					t.Log(p.path)
					axe(at)
				}
			}
		})
	}
}
