package cli

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/sample/demo"
)

// Somebody moves a field of a template to the wrong place, tries the draft on the
// pages that people have finished, sees what would be worse, and releases it to
// beta all the same, with a note.
func TestADraftIsTriedOnFinishedPages(t *testing.T) {
	t.Setenv("SEOSIK_ADMIN_PASSWORD", "열려라 참깨 123")
	data := t.TempDir()
	site, tab := serve(t, data), openTab(t)
	tab.do("log in",
		chromedp.Navigate(site),
		chromedp.SendKeys("#user", "admin"),
		chromedp.SendKeys("#password", "열려라 참깨 123"+kb.Enter),
		chromedp.WaitVisible("#upload"),
	)
	tab.do("upload",
		chromedp.SetUploadFiles("#files", writeScans(t, demo.Load().Scans[:3])),
		click("#upload button.main"),
		chromedp.WaitVisible("#pages"),
		chromedp.WaitNotPresent("#pages[hx-get]"),
	)
	database, err := db.Open(t.Context(), filepath.Join(data, "seosik.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	acceptAll(t, database)
	draft, err := database.Template(t.Context(), form.Everything, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	first := &draft.Fields[0]
	first.Box = geom.XYWH(first.Box.Min.X, first.Box.Min.Y+2*first.Box.Height(), first.Box.Width(), first.Box.Height())
	if _, err := database.SaveDraft(t.Context(), form.Command, draft); err != nil {
		t.Fatal(err)
	}

	tab.do("dry run",
		chromedp.Navigate(site+"/templates/1/release"),
		chromedp.SendKeys("#note", "첫 칸을 옮김"),
		click("#dry form button"),
		chromedp.WaitVisible(".verdict"),
	)
	tab.until(`[...document.querySelectorAll("h3.worse + table img")].length > 0`)
	if said := tab.eval(`document.querySelector(".verdict").textContent`).(string); !strings.HasPrefix(said, "3쪽에서") || strings.Contains(said, " 0개 나빠짐") {
		t.Errorf("it says %q", said)
	}
	tab.do("see a crop", chromedp.ScrollIntoView("h3.worse + table img"))
	tab.until(`document.querySelector("h3.worse + table img").naturalWidth > 0`)
	tab.do("release",
		click(`.go button[value="beta"]`),
		chromedp.WaitVisible(".log .note"),
	)
	if log := tab.eval(`document.querySelector(".log li").textContent`).(string); !strings.Contains(log, "첫 칸을 옮김") || !strings.Contains(log, "나빠짐") {
		t.Errorf("the log says %q", log)
	}
	if f, err := database.Template(t.Context(), form.Everything, 1, 2); err != nil || f.Stage != form.Beta {
		t.Errorf("version 2 is %+v, %v", f, err)
	}
}

// acceptAll has the administrator accept every value of every page as it was read.
func acceptAll(t *testing.T, database *db.DB) {
	t.Helper()
	pages, err := database.Pages(t.Context(), form.Everything, db.PageFilter{Limit: 9})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		r, err := database.Record(t.Context(), form.Everything, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range r.Values {
			if _, _, err := database.AddCorrection(t.Context(), form.Person(1), form.Correction{
				Page: p.ID, Run: p.Run, Field: v.Field.ID, Text: v.Reading.Text, Checked: v.Reading.Checked, Accepted: true,
			}, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
}
