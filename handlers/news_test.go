package handlers

import (
	"context"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// In a browser, news of a page take its place, and the other rows stay the
// elements that they are: who stands on one with the keyboard is not thrown off.
func TestNewsTakeTheirPlaceInABrowser(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	s := openSite(t)
	domain := strconv.Itoa(int(s.addDomain("총무과", "출장 신청서")))
	path := s.handIn("domain", domain, "file:가.jpg", "done", "file:나.jpg", "done")
	list, err := s.cfg.DB.Pages(t.Context(), form.Everything, db.PageFilter{})
	if err != nil || len(list) != 2 {
		t.Fatal(len(list), err)
	}
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	defer stop()
	ctx, stop = chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
	)...)
	defer stop()
	ctx, stop = chromedp.NewContext(ctx)
	defer stop()
	do := func(what string, steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, steps...); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	do("log in",
		chromedp.Navigate(s.server.URL+"/login"),
		chromedp.SendKeys("#user", "admin"),
		chromedp.SendKeys("#password", testPassword+kb.Enter),
		chromedp.WaitVisible("#upload"),
		chromedp.Navigate(s.server.URL+path),
		chromedp.WaitVisible("#page-1 .state.waiting"),
	)
	kept := func(want bool) {
		t.Helper()
		got, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.getElementById("page-1").kept === true`))
		if err != nil || got != want {
			t.Errorf("the first row is the same element: %v, %v, want %v", got, err, want)
		}
	}
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.getElementById("page-1").kept = true`)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.cfg.DB.Begin(t.Context(), db.Chore{Document: list[0].Document}); err != nil {
		t.Fatal(err)
	}
	do("news", chromedp.WaitVisible("#page-2 .state.reading"), chromedp.WaitNotPresent("#page-2 .state.waiting"))
	kept(true)
	for _, p := range list {
		if err := s.cfg.DB.FailDocument(t.Context(), p.Document, form.FailDamaged); err != nil {
			t.Fatal(err)
		}
	}
	do("end", chromedp.WaitNotPresent("#pages[hx-get]"), chromedp.WaitVisible("#page-1 .state.failed"), chromedp.WaitVisible("#page-2 .state.failed"))
}
