package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seosik/seosik/internal/sample/demo"
)

// A browser whose upload is sent away for a while, since others have the server's
// hands full or its disk is, says so and sends it again by itself.
func TestAnUploadThatIsToldToWaitGoesOnByItself(t *testing.T) {
	t.Setenv("SEOSIK_ADMIN_PASSWORD", "열려라 참깨 123")
	at, err := url.Parse(serve(t, t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	var sent atomic.Int32
	pass := httputil.NewSingleHostReverseProxy(at)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/submissions" && sent.Add(1) <= 2 {
			w.Header().Set("Retry-After", "2")
			w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
			w.WriteHeader([]int{0, http.StatusServiceUnavailable, http.StatusInsufficientStorage}[sent.Load()])
			fmt.Fprintf(w, "%d번째입니다.", sent.Load())
			return
		}
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(site.Close)
	tab := openTab(t)
	tab.do("log in",
		chromedp.Navigate(site.URL),
		chromedp.SendKeys("#user", "admin"),
		chromedp.SendKeys("#password", "열려라 참깨 123"+kb.Enter),
		chromedp.WaitVisible("#upload"),
	)
	tab.do("upload",
		chromedp.SetUploadFiles("#files", writeScans(t, demo.Load().Scans[:1])),
		click("#upload button.main"),
	)
	for _, why := range []string{"1번째입니다.", "2번째입니다."} {
		tab.until(fmt.Sprintf(`/^%s .*다시 올립니다/.test(document.getElementById("progress-text").textContent)`, why))
	}
	tab.do("go on", chromedp.WaitVisible("#pages"))
	if sent.Load() != 3 {
		t.Errorf("it was sent %d times, want 3", sent.Load())
	}
}
