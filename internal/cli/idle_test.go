package cli

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// sessions returns in how many browsers the first user is logged in.
func (d *desk) sessions() int {
	d.Helper()
	list, err := d.database.Sessions(d.Context(), 1)
	if err != nil {
		d.Fatal(err)
	}
	return len(list)
}

// A page that its person has left shows nothing, and the session is over; with the
// password, and a code, one goes on where one was.
func TestAPageThatIsLeftIsCovered(t *testing.T) {
	d := openDesk(t, 2)
	title := d.eval(`document.title`)
	d.do("type", chromedp.KeyEvent("부산"))
	d.idle()
	clock := func(minutes float64) {
		d.Helper()
		d.run(fmt.Sprintf(`window.was ??= Date.now; Date.now = () => was() + %f * 60e3; dispatchEvent(new Event("pageshow"))`, minutes))
	}
	clock(29.5)
	d.until(`document.getElementById("idle").textContent !== "" && !document.getElementById("relogin").open`)
	axe(d.tab)
	d.do("press a key", chromedp.KeyEvent(kb.Shift))
	d.until(`document.getElementById("idle").textContent === ""`)
	clock(31)
	if d.eval(`document.getElementById("relogin").open`) != false {
		t.Error("it is covered though somebody was there two minutes ago")
	}
	clock(61)
	d.until(`document.getElementById("relogin").open`)
	if shown := d.eval(`[...document.querySelectorAll("body *")].filter(e => !e.closest("#relogin") && e.checkVisibility({visibilityProperty: true})).map(e => e.outerHTML.slice(0, 80)).join("\n")`); shown != "" {
		t.Errorf("it still shows\n%s", shown)
	}
	if now := d.eval(`document.title`); now == title {
		t.Errorf("the window is still called %q", now)
	}
	d.until(`performance.getEntriesByType("resource").some(e => e.name.endsWith("/account/leave") && e.responseEnd > 0)`)
	if got := d.sessions(); got != 0 {
		t.Errorf("%d sessions, where nobody is", got)
	}
	axe(d.tab)
	d.do("press keys of the page", chromedp.KeyEvent(kb.F8), chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent(kb.Escape))
	d.until(`document.getElementById("relogin").open && document.documentElement.hasAttribute("data-covered")`)
	d.do("log in", chromedp.Focus("#relogin-password"), chromedp.KeyEvent(deskPassword+kb.Enter))
	d.until(`!document.getElementById("relogin").open && document.activeElement.value === "부산"`)
	if got := d.eval(`document.title + location.pathname`); got != fmt.Sprintf("%v/pages/%d", title, d.pages[0]) {
		t.Errorf("then it is %q", got)
	}
	d.do("accept", chromedp.KeyEvent(kb.Enter))
	d.idle()
	if v := d.values(d.pages[0])[0]; v.Text() != "부산" {
		t.Errorf("what was typed before: %+v", v)
	}
	if got := d.sessions(); got != 1 {
		t.Errorf("%d sessions", got)
	}
}
