package cli

import (
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/sample/demo"
)

// A box is half as high as what people write in it. The page of the template's
// health says so after five pages, and Enter puts the better box into the draft.
func TestABadBoxIsSeenAndMended(t *testing.T) {
	t.Setenv("SEOSIK_ADMIN_PASSWORD", "열려라 참깨 123")
	data := t.TempDir()
	site, tab := serve(t, data), openTab(t)
	database, err := db.Open(t.Context(), filepath.Join(data, "seosik.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	f, err := database.Template(t.Context(), form.Everything, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.Fields, f.Tables, f.Groups, f.Combine = f.Fields[:1], nil, nil, nil
	right := f.Fields[0].Box
	f.Fields[0].Box = geom.XYWH(right.Min.X, right.Min.Y, right.Width(), right.Height()/2)
	f.Stage = form.Service
	if _, err := database.SaveTemplate(t.Context(), form.Command, f); err != nil {
		t.Fatal(err)
	}

	tab.do("log in",
		chromedp.Navigate(site),
		chromedp.SendKeys("#user", "admin"),
		chromedp.SendKeys("#password", "열려라 참깨 123"+kb.Enter),
		chromedp.WaitVisible("#upload"),
	)
	tab.do("upload",
		chromedp.SetUploadFiles("#files", writeScans(t, demo.Load().Scans)),
		click("#upload button.main"),
		chromedp.WaitVisible("#pages"),
		chromedp.WaitNotPresent("#pages[hx-get]"),
	)
	tab.do("look at the boxes",
		chromedp.Navigate(site+"/templates/1/health"),
		chromedp.WaitVisible("table.health"),
		chromedp.WaitNotPresent("#health[hx-get]"),
		click("table.health a.found"),
		chromedp.WaitVisible(".crops .touching"),
		chromedp.WaitVisible(".proposal button[autofocus]"),
		chromedp.KeyEvent(kb.Enter),
		chromedp.WaitVisible(".proposal .saved"),
	)
	draft, err := database.Draft(t.Context(), form.Everything, 1)
	if err != nil {
		t.Fatal(err)
	}
	got := draft.Fields[0].Box
	if off := max(right.Min.Distance(got.Min), right.Max.Distance(got.Max)); off > 4 {
		t.Errorf("the box is %v, %.1f px from %v", got, off, right)
	}
}
