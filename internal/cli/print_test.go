package cli

import (
	"context"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/sample/demo"
)

// What is printed is in the access log, of a page and of a list, and on the paper
// stands who printed it and when.
func TestPrintsAreLogged(t *testing.T) {
	t.Setenv("SEOSIK_ADMIN_PASSWORD", "열려라 참깨 123")
	data := t.TempDir()
	site, tab := serve(t, data), openTab(t)
	database, err := db.Open(t.Context(), filepath.Join(data, "seosik.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	tab.do("log in",
		chromedp.Navigate(site),
		chromedp.SendKeys("#user", "admin"),
		chromedp.SendKeys("#password", "열려라 참깨 123"+kb.Enter),
		chromedp.WaitVisible("#upload"),
	)
	tab.do("upload",
		chromedp.SetUploadFiles("#files", writeScans(t, demo.Load().Scans[:2])),
		click("#upload button.main"),
		chromedp.WaitVisible("#pages"), chromedp.WaitNotPresent("#pages[hx-get]"),
	)
	media := func(name string) chromedp.Action[chromedp.Void] {
		return func(ctx context.Context, target *chromedp.Target) (none chromedp.Void, err error) {
			_, err = cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: name})
			return none, err
		}
	}
	for i, tt := range []struct {
		path, subject string
		pages         int
	}{{"/pages/1", "page", 1}, {"/sheet?all=1", "sheet", 2}, {"/pages", "search", 2}} {
		tab.do("print", chromedp.Navigate(site+tt.path), media("print"))
		said, err := chromedp.Run(tab.ctx, chromedp.Evaluate[string](`(() => {
			dispatchEvent(new Event("beforeprint"));
			const at = document.querySelector(".printed");
			return at.checkVisibility() ? at.textContent : "";
		})()`))
		if err != nil {
			t.Fatal(err)
		}
		at := regexp.MustCompile(`^admin · (.*)에 인쇄함$`).FindStringSubmatch(said)
		if at == nil {
			t.Fatalf("%s: on the paper stands %q", tt.path, said)
		}
		if when, err := time.ParseInLocation("2006-01-02 15:04", at[1], time.Local); err != nil || time.Since(when).Abs() > 2*time.Minute {
			t.Errorf("%s: printed at %s, %v", tt.path, at[1], err)
		}
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			rows, err := database.AccessLog(t.Context(), db.AccessFilter{Act: db.AccessPrint})
			if err != nil || time.Now().After(deadline) {
				t.Fatalf("%s: the log says %+v, %v", tt.path, rows, err)
			}
			if len(rows) == i+1 {
				if rows[0].Subject != tt.subject || rows[0].Pages != tt.pages {
					t.Errorf("%s: the log says %+v", tt.path, rows[0])
				}
				break
			}
		}
		tab.do("look on", media(""))
	}
}
