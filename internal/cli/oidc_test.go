package cli

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/vouch/vouchtest"
)

// A browser logs in at the log-in server of the office, sees pages, and once somebody
// has logged out of it, asks the next one there who that is.
func TestABrowserLogsInElsewhere(t *testing.T) {
	const given = "열려라 참깨 123"
	office, data, address := vouchtest.Open(t), t.TempDir(), freeAddress(t)
	for name, value := range map[string]string{
		"ADMIN_PASSWORD": given, "OIDC_ISSUER": office.URL, "OIDC_CLIENT": vouchtest.Client, "OIDC_SECRET": vouchtest.Secret,
		"OIDC_SITE": "http://" + address, "OIDC_NAME": "사내 로그인",
	} {
		t.Setenv("SEOSIK_"+name, value)
	}
	site, tab := serveAt(t, data, address), openTab(t)
	addVouched(t, data, "kim", "lee")

	const button, out = `a[href^="/login/oidc"]`, `form[action="/logout"] button`
	for _, language := range []string{"ko", "en"} {
		if language == "en" {
			tab.do("speak English", click(`button[name=language][value=en]`), chromedp.WaitReady(`html[lang=en]`))
		}
		tab.do("look at the log-in page", chromedp.Navigate(site+"/login?next=/queue"), chromedp.WaitVisible(button))
		axe(tab)
		tab.shot("login-" + language)
	}
	at := func(path, name string) {
		t.Helper()
		got, err := chromedp.Run(tab.ctx, chromedp.Evaluate[string](`location.pathname + " " + document.querySelector("a[href='/account']").textContent`))
		if err != nil || got != path+" "+name {
			t.Errorf("at %q, %v, want %s of %s", got, err, path, name)
		}
	}
	tab.do("log in", click(button), chromedp.WaitVisible("#name"), chromedp.SendKeys("#name", "kim"+kb.Enter), chromedp.WaitVisible(out))
	at("/queue", "kim")

	tab.do("log out", click(out), chromedp.WaitVisible(button))
	tab.do("the next one", click(button), chromedp.WaitVisible("#name"), chromedp.SendKeys("#name", "lee"+kb.Enter), chromedp.WaitVisible(out))
	at("/", "lee")

	tab.do("log out", click(out), chromedp.WaitVisible(button))
	tab.do("a stranger", click(button), chromedp.WaitVisible("#name"), chromedp.SendKeys("#name", "choe"+kb.Enter), chromedp.WaitVisible(".wrong"))
	tab.shot("login-stranger")
}

func addVouched(t *testing.T, data string, names ...string) {
	t.Helper()
	database, err := db.Open(t.Context(), data+"/seosik.db")
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	for _, name := range names {
		if _, err := database.AddUser(t.Context(), form.Command, name, "", form.Grant{Role: form.Reviewer}); err != nil {
			t.Fatal(err)
		}
	}
}
