package cli

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/sample/demo"
)

// A tab is a tab of Chromium that speaks Korean.
type tab struct {
	testing.TB
	ctx context.Context
}

// openTab opens a window of a person of its own, in the Chromium that all tests
// share: starting one takes as long as many a test.
func openTab(t testing.TB) tab {
	t.Helper()
	browser, err := chromium()
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(stop)
	// What follows may take four minutes, and the window outlives that.
	within, stop := context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(stop)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	return tab{t, within}
}

// chromium starts Chromium once.
var chromium = sync.OnceValues(func() (context.Context, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, fmt.Errorf("%w: run make test, which installs it", err)
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("accept-lang", "ko"),
		chromedp.WindowSize(1366, 768),
	)...)
	endChromium = stop // which waits for it
	ctx, _ = chromedp.NewContext(ctx)
	return ctx, chromedp.Do(ctx, chromedp.Navigate("about:blank"))
})

// endChromium ends what chromium has started.
var endChromium = func() {}

func (t tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(t.ctx, steps...); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// click clicks on an element once it lies still: where a page is still being
// put together, the mouse would arrive beside it.
func click(selector string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (none chromedp.Void, err error) {
		if none, err = chromedp.WaitVisible(selector)(ctx, target); err != nil {
			return none, err
		}
		for before, now := " ", ""; before != now; {
			before = now
			if now, err = chromedp.Evaluate[string](fmt.Sprintf(`new Promise(done => {
				const at = document.querySelector(%q);
				if (at) at.scrollIntoViewIfNeeded();
				setTimeout(() => done(at && at.isConnected ? JSON.stringify(at.getBoundingClientRect()) : ""), 60);
			})`, selector), chromedp.EvalAwaitPromise)(ctx, target); err != nil {
				return none, err
			}
		}
		return chromedp.Click(selector)(ctx, target)
	}
}

// A clerk logs in, uploads the sample scans, corrects by keyboard alone what
// is doubtful, and downloads the CSV.
func TestClerkReadsTheSamplesAndDownloadsTheCSV(t *testing.T) {
	t.Setenv("SEOSIK_ADMIN_PASSWORD", "열려라 참깨 123")
	data := t.TempDir()
	site, tab, scans := serve(t, data), openTab(t), demo.Load().Scans

	tab.do("log in",
		chromedp.Navigate(site),
		chromedp.SendKeys("#user", "admin"),
		chromedp.SendKeys("#password", "열려라 참깨 123"+kb.Enter),
		chromedp.WaitVisible("#upload"),
	)
	tab.do("upload",
		chromedp.SetUploadFiles("#files", writeScans(t, scans)),
		click("#upload button.main"),
		chromedp.WaitVisible("#pages"),
		chromedp.WaitNotPresent("#pages[hx-get]"), // no page is waited for any more
		click("#next"),
	)
	typed := tab.correctByKeyboard(scans)
	if len(typed) == 0 {
		t.Error("nothing was doubtful: the samples should show what review is")
	}
	if got, want := tab.download(site), wantCSV(t, data, scans, typed); got != want {
		t.Errorf("downloaded\n%s\nwant\n%s", got, want)
	}
}

// download presses the button of the export page and returns the file.
func (t tab) download(site string) string {
	t.Helper()
	return t.downloads(func() {
		t.do("download", chromedp.Navigate(site+"/export"), click("#export button.main"))
	})
}

// downloads returns the file that the browser is sent when something is done.
func (t tab) downloads(start func()) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := chromedp.CallBrowser(t.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir, BrowserContextID: chromedp.FromContext(t.ctx).BrowserContextID,
	}); err != nil {
		t.Fatal(err)
	}
	start()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		files, err := filepath.Glob(filepath.Join(dir, "*.csv")) // it has another name until it is whole
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 1 {
			data, err := os.ReadFile(files[0])
			if err != nil {
				t.Fatal(err)
			}
			return string(data)
		}
	}
	t.Fatal("the download does not end")
	return ""
}

func writeScans(t *testing.T, scans []demo.Scan) []string {
	t.Helper()
	dir := t.TempDir()
	var files []string
	for _, s := range scans {
		file := filepath.Join(dir, s.Name)
		if err := os.WriteFile(file, s.Data, 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// A place is a field of a page of a file.
type place struct {
	file  string
	page  int
	field form.FieldID // by the file of the template, which has no ids: a field is its name
}

// A focus is the doubtful value that has the focus, or that there is none.
type focus struct {
	Done     bool // no page needs a person
	File     string
	Page     int
	Field    int
	Checkbox bool
	Checked  bool
}

// focus waits for a doubtful value that has the focus, on a page that has been
// painted: what is typed before that, Chromium drops.
func (t tab) focus() focus {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		at, err := chromedp.Run(t.ctx, chromedp.Evaluate[*focus](`(() => {
			if (document.querySelector(".trouble")) return {Done: true};
			const head = document.querySelector("#review-head"), field = document.activeElement;
			const row = field && field.closest("form.value[data-doubtful]");
			if (!head || !row || performance.getEntriesByName("first-contentful-paint").length === 0) return null;
			return {
				File: head.querySelector("h1").textContent,
				Page: parseInt(head.querySelector(".soft").textContent),
				Field: Number(row.querySelector("[name=field]").value),
				Checkbox: field.type === "checkbox",
				Checked: field.checked === true,
			};
		})()`))
		if err == nil && at != nil { // an error: the page is being left
			return *at
		}
	}
	t.Fatal("no doubtful value has the focus")
	return focus{}
}

// correctByKeyboard goes through all pages that need a person. Into each
// doubtful field it types what was written, and Enter. It returns what it
// typed.
func (t tab) correctByKeyboard(scans []demo.Scan) map[place]string {
	t.Helper()
	tpl, err := form.DecodeTemplate(demo.Load().Template)
	if err != nil {
		t.Fatal(err)
	}
	places, truth := tpl.Places(), truths(scans)
	typed := make(map[place]string)
	for {
		at := t.focus()
		if at.Done {
			return typed
		}
		where := place{at.File, at.Page, places[at.Field].ID}
		if _, again := typed[where]; again {
			t.Fatalf("%v is doubtful after it was corrected", where)
		}
		want := truth[where]
		typed[where] = want.Text
		keys := want.Text // what was read is selected: typing replaces it
		if keys == "" {
			keys = kb.Delete
		}
		if at.Checkbox {
			keys = ""
			if at.Checked != want.Checked {
				keys = " "
			}
		}
		t.do("type", chromedp.KeyEvent(keys), chromedp.Func(pressEnter))
	}
}

// pressEnter presses the key as a person does. chromedp.KeyEvent would follow
// it with a character, which goes to the next field.
func pressEnter(ctx context.Context, target *chromedp.Target) error {
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		if _, err := cdp.Call(ctx, target, input.DispatchKeyEvent, input.DispatchKeyEventParams{
			Type: kind, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13, NativeVirtualKeyCode: 13,
		}); err != nil {
			return err
		}
	}
	return nil
}

func truths(scans []demo.Scan) map[place]demo.Truth {
	m := make(map[place]demo.Truth)
	for _, s := range scans {
		for i, page := range s.Pages {
			for field, truth := range page {
				m[place{s.Name, i + 1, field}] = truth
			}
		}
	}
	return m
}

// wantCSV returns the file that should be downloaded: what was typed and, for
// the rest, what the machine read and nobody was asked about.
func wantCSV(t *testing.T, data string, scans []demo.Scan, typed map[place]string) string {
	t.Helper()
	database, err := db.Open(t.Context(), filepath.Join(data, "seosik.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	tpl, err := database.Template(t.Context(), form.Everything, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	head := []string{"파일", "쪽"}
	for _, f := range tpl.Fields {
		head = append(head, f.Name)
	}
	for _, c := range tpl.Combine {
		head = append(head, c.Name)
	}
	lines := [][]string{head}
	pages := 0
	for r, err := range database.Export(t.Context(), form.Everything, db.ExportFilter{Template: 1}) {
		if err != nil {
			t.Fatal(err)
		}
		pages++
		text := make(map[form.FieldID]string)
		line := []string{r.Page.DocumentName, strconv.Itoa(r.Page.Number)}
		for i, f := range tpl.Fields {
			s, ok := typed[place{r.Page.DocumentName, r.Page.Number, form.FieldID(f.Name)}]
			if !ok {
				s = r.Values[i].Reading.Text
			}
			text[f.ID] = s
			line = append(line, asExcelShows(s))
		}
		for _, c := range tpl.Combine {
			line = append(line, asExcelShows(c.Join(func(id form.FieldID) string { return text[id] })))
		}
		lines = append(lines, line)
	}
	want := 0
	for _, s := range scans {
		want += len(s.Pages)
	}
	if pages != want {
		t.Errorf("%d pages are done, want %d", pages, want)
	}
	if err := w.WriteAll(lines); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// asExcelShows writes numbers that Excel would shorten as formulas.
func asExcelShows(s string) string {
	_, err := strconv.ParseUint(s, 10, 64)
	if err == nil && (len(s) >= 12 || len(s) > 1 && s[0] == '0') {
		return fmt.Sprintf("=%q", s)
	}
	return s
}
