package cli

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/factor"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/sample/demo"
)

// On no page by which people get in does axe-core find what keeps them out, and
// nothing lies outside of the screen: from the set-up to a log-in in two steps, with
// masks and the certificate of what was destroyed.
func TestTheWaysInKeepNobodyOut(t *testing.T) {
	for _, language := range languages("ko", "en") {
		t.Run(language, func(t *testing.T) {
			data := t.TempDir()
			site, at := serve(t, data), openTab(t)
			destroy(t, data)
			at.do("come", chromedp.Navigate(site), chromedp.WaitVisible("#again"))
			if at.eval(`document.documentElement.lang`) != language {
				at.do("speak "+language, click(`button[name=language][value=`+language+`]`), chromedp.WaitReady(`html[lang=`+language+`]`))
			}
			at.look("setup")
			at.do("set the password", chromedp.SendKeys("#password", deskPassword), chromedp.SendKeys("#again", deskPassword+kb.Enter), chromedp.WaitVisible("#upload"))
			for path, ready := range map[string]string{"/account": "#factor", "/admin/masks": "main form", "/admin/retention": "#days", "/admin/destructions/1": ".certificate"} {
				at.do(path, chromedp.Navigate(site+path), chromedp.WaitVisible(ready))
				at.look(path)
			}
			recovery := at.twoSteps(site)
			at.do("log out", click(`form[action="/logout"] button`), chromedp.WaitVisible("#user"))
			at.look("login")
			at.do("log in", chromedp.SendKeys("#user", "admin"), chromedp.SendKeys("#password", deskPassword+kb.Enter), chromedp.WaitVisible("#code"))
			at.look("code")
			at.do("get it wrong", chromedp.SendKeys("#code", "000000"+kb.Enter), chromedp.WaitVisible(".wrong"))
			at.look("code that is wrong")
			at.do("get in", chromedp.SendKeys("#code", recovery+kb.Enter), chromedp.WaitVisible("#upload"))
		})
	}
}

// twoSteps sets up a second factor, and returns a recovery code.
func (t tab) twoSteps(site string) string {
	t.Helper()
	t.do("begin", chromedp.Navigate(site+"/account"), chromedp.SendKeys("#factor-current", deskPassword+kb.Enter), chromedp.WaitVisible(".factor-picture"))
	t.look("second factor")
	code, err := factor.Secret(strings.ReplaceAll(fmt.Sprint(t.eval(`document.querySelector(".factor code").textContent`)), " ", "")).Code(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	t.do("confirm", chromedp.SendKeys("#code", code+kb.Enter), chromedp.WaitVisible(".factor-codes"))
	t.look("recovery codes")
	recovery := fmt.Sprint(t.eval(`document.querySelector(".factor-codes code").textContent`))
	t.do("see that it is on", chromedp.Navigate(site+"/account"), chromedp.WaitVisible(`[formaction="/account/factor/codes"]`))
	t.look("account with a second factor")
	return recovery
}

// look has axe-core look at a page, and sees that nothing is cut off.
func (t tab) look(name string) {
	t.Helper()
	t.Log(name)
	wrong, err := chromedp.Run(t.ctx, chromedp.Evaluate[[]string](cut))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range wrong {
		t.Errorf("%s: %s", name, w)
	}
	axe(t)
}

// destroy has a page be destroyed since its time is over, which has a certificate.
func destroy(t *testing.T, data string) {
	t.Helper()
	database, err := db.Open(t.Context(), filepath.Join(data, "seosik.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
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
	savePage(t, database, tpl, "출장 여비 정산 신청서.png", picture, nil)
	if err := database.SetRetention(t.Context(), form.Command, db.Retention{Template: 1, State: form.StateDone, Since: db.SinceFinished, Days: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := database.Pool().ExecContext(t.Context(), `UPDATE pages SET state = 'done', finished_at = 1`); err != nil {
		t.Fatal(err)
	}
	for n := 1; n > 0; {
		if n, err = database.DestroyDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
