package cli

import (
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seosik/seosik/internal/sample/demo"
)

// A clerk chooses what to download, sees it, saves it and has it made, without a
// page that keeps anybody out.
func TestClerkChoosesADownload(t *testing.T) {
	t.Setenv("SEOSIK_ADMIN_PASSWORD", "열려라 참깨 123")
	site, tab := serve(t, t.TempDir()), openTab(t)
	tab.do("log in",
		chromedp.Navigate(site),
		chromedp.SendKeys("#user", "admin"),
		chromedp.SendKeys("#password", "열려라 참깨 123"+kb.Enter),
		chromedp.WaitVisible("#upload"),
		chromedp.SetUploadFiles("#files", writeScans(t, demo.Load().Scans[:1])),
		click("#upload button.main"),
		chromedp.WaitVisible("#pages"), chromedp.WaitNotPresent("#pages[hx-get]"),
	)
	for _, language := range []string{"ko", "en"} {
		if language == "en" {
			tab.do("speak English", click(`button[name=language][value=en]`), chromedp.WaitReady(`html[lang=en]`))
		}
		tab.do("open", chromedp.Navigate(site+"/export"), chromedp.WaitReady("#export"))
		axe(tab)
		tab.do("choose pages", click("#state-review"), chromedp.WaitVisible(".preview tbody tr"))
		tab.do("choose a workbook", click("#format-xlsx"), chromedp.WaitNotPresent("#part"))
		tab.do("choose columns", click("#columns-own"), chromedp.WaitVisible(".columns ol"))
		axe(tab)
		tab.shot("export-" + language)
		tab.do("look at the dashboard", chromedp.Navigate(site+"/dashboard"), chromedp.WaitReady("table.list"))
		axe(tab)
		tab.do("look at one template", chromedp.Navigate(site+"/dashboard?template=1"), chromedp.WaitReady("svg.plot"))
		axe(tab)
		tab.shot("dashboard-" + language)
		tab.do("go back", chromedp.Navigate(site+"/export"), chromedp.WaitReady("#export"))
	}
	tab.do("save", chromedp.SendKeys("#profile-name", "monthly"), click(`button[formaction="/export/profiles"]`), chromedp.WaitVisible(".saved"))
	axe(tab)
}

// shot keeps a picture of the page where SEOSIK_SHOTS names a folder.
func (t tab) shot(name string) {
	dir := os.Getenv("SEOSIK_SHOTS")
	if dir == "" {
		return
	}
	for _, size := range [][2]int64{{1366, 768}, {1920, 1080}} {
		t.do("size", chromedp.EmulateViewport(size[0], size[1]))
		data, err := chromedp.Run(t.ctx, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(dir+"/"+name+fmt.Sprintf("-%d.png", size[0]), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
