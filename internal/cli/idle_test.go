package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"

	"github.com/seosik/seosik/internal/form"
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
	d.run(`Date.now = () => was() + 61 * 60e3`) // the computer slept
	d.do("press the key that accepts", chromedp.Func(pressEnter))
	d.until(`document.getElementById("relogin").open`)
	if v := d.values(d.pages[0])[0]; v.Latest() != nil {
		t.Error("who comes by could accept a value")
	}
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

// openProvider serves a log-in server of the office at which whoever comes is the
// person of that name, and returns its address.
func openProvider(t *testing.T, name string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	described := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "1", Algorithm: oidc.ES256}}, Algorithms: []string{oidc.ES256}}
	var nonce atomic.Value
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	described.SetIssuer(server.URL)
	mux.Handle("/", described)
	mux.HandleFunc("/auth", func(w http.ResponseWriter, r *http.Request) {
		nonce.Store(r.FormValue("nonce"))
		http.Redirect(w, r, r.FormValue("redirect_uri")+"?"+url.Values{"code": {"x"}, "state": {r.FormValue("state")}}.Encode(), http.StatusSeeOther)
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		claims := fmt.Sprintf(`{"iss": %q, "aud": "seosik", "sub": "1", "exp": %d, "nonce": %q, "preferred_username": %q}`, server.URL, time.Now().Add(time.Hour).Unix(), nonce.Load(), name)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token": "x", "token_type": "Bearer", "id_token": %q}`, oidctest.SignIDToken(key, "1", oidc.ES256, claims))
	})
	return server.URL
}

// Who has no password here logs in elsewhere, in another tab, and goes on.
func TestAPageOfWhoLogsInElsewhereIsUncovered(t *testing.T) {
	wire := openWire(t, "")
	t.Setenv("SEOSIK_OIDC_ISSUER", openProvider(t, "kim"))
	t.Setenv("SEOSIK_OIDC_CLIENT", "seosik")
	t.Setenv("SEOSIK_OIDC_SECRET", "office-secret")
	t.Setenv("SEOSIK_OIDC_SITE", "http://"+wire.Addr().String())
	d := openDesk(t, 1)
	wire.lead(strings.TrimPrefix(d.site, "http://"))
	d.site = "http://" + wire.Addr().String()
	if _, err := d.database.AddUser(t.Context(), form.Command, "kim", "", form.Grant{Role: form.Reviewer}); err != nil {
		t.Fatal(err)
	}
	d.logOut()
	d.do("log in elsewhere", chromedp.Navigate(d.site+"/login"), click(`a[href^="/login/oidc"]`), chromedp.WaitVisible("#upload"))
	d.show(d.pages[0])
	d.do("type", chromedp.KeyEvent("부산"))
	d.idle()
	d.run(`window.was = Date.now; Date.now = () => was() + 61 * 60e3; dispatchEvent(new Event("pageshow"))`)
	d.until(`document.getElementById("relogin").open`)
	axe(d.tab)
	d.run(`window.asked = 0, window.usual = fetch; fetch = async (...of) => {
		const answer = await usual(...of);
		if (of[0] === "/account/here") asked++;
		return answer;
	}`)
	d.do("go on too soon", click("#relogin button"))
	d.until(`document.querySelector("#relogin .wrong").textContent !== ""`)
	d.run(`Date.now = was; dispatchEvent(new Event("focus"))`)
	d.until(`asked > 1`)
	if d.eval(`document.getElementById("relogin").open`) != true {
		t.Error("it is uncovered though nobody has logged in")
	}
	d.do("log in again", click("#relogin a.button"))
	d.until(`!document.getElementById("relogin").open`)
	if _, err := chromedp.Call(d.ctx, page.BringToFront, cdp.Empty{}); err != nil { // dialogs that close behind other tabs say so later
		t.Fatal(err)
	}
	d.until(`!document.getElementById("relogin").open && !document.documentElement.hasAttribute("data-covered") && document.activeElement.value === "부산"`)
	d.do("accept", chromedp.Func(pressEnter))
	d.idle()
	if v := d.values(d.pages[0])[0]; v.Text() != "부산" {
		t.Errorf("what was typed before: %+v", v)
	}
}
