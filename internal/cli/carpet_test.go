package cli

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"image"
	"image/png"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

const (
	lotPages = 130
	lotRow   = form.FieldID("0193a000-0000-7000-8000-000000000001")
	lotTick  = form.FieldID("0193a000-0000-7000-8000-000000000002")
	lotName  = form.FieldID("0193a000-0000-7000-8000-000000000003")
)

// A lot is a site with many pages, on each of which a digit and a name are
// doubtful, and on some a checkbox.
type lot struct {
	tab
	site     string
	database *db.DB
	pages    []form.PageID
}

func openLot(t *testing.T) lot {
	t.Helper()
	t.Setenv("SEOSIK_ADMIN_PASSWORD", "열려라 참깨 123")
	data := t.TempDir()
	l := lot{site: serve(t, data), tab: openTab(t)}
	var err error
	if l.database, err = db.Open(t.Context(), filepath.Join(data, "seosik.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.database.Close() })
	blobs, err := blob.Open(filepath.Join(data, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 200, 100))); err != nil {
		t.Fatal(err)
	}
	key, err := blobs.Put(t.Context(), picture.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	f, err := l.database.SaveTemplate(t.Context(), form.Command, &form.Template{
		Domain: 1, Name: "lot", Languages: []string{"ko"}, Stage: form.Service, Image: key, ImageName: "template.png", Width: 200, Height: 100,
		Fields: []form.Field{
			{ID: lotRow, Name: "번호", Kind: form.MultiBox, ValueType: form.Numeric, Box: geom.XYWH(10, 10, 40, 20), Boxes: []geom.Box{geom.XYWH(10, 10, 20, 20), geom.XYWH(30, 10, 20, 20)}},
			{ID: lotTick, Name: "동의", Kind: form.Checkbox, ValueType: form.All, Box: geom.XYWH(10, 40, 20, 20), CheckedText: "Y", UncheckedText: "N"},
			{ID: lotName, Name: "성명", Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(10, 70, 100, 20)},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	l.fill(f, key, int64(picture.Len()))
	l.do("log in",
		chromedp.Navigate(l.site),
		chromedp.SendKeys("#user", "admin"),
		chromedp.SendKeys("#password", "열려라 참깨 123"+kb.Enter),
		chromedp.WaitVisible("#upload"),
	)
	return l
}

// fill adds the pages, whose picture and those of whose values have so many bytes.
func (l *lot) fill(f *form.Template, key blob.Key, size int64) {
	l.Helper()
	ctx := l.Context()
	var document form.DocumentID
	if _, err := l.database.AddSubmission(ctx, form.Command, form.Submission{Domain: 1}, []form.Document{{Name: "스캔.pdf", Blob: key, Size: 1}},
		func(_ *sql.Tx, chores []db.Chore) error {
			document = chores[0].Document
			return nil
		}); err != nil {
		l.Fatal(err)
	}
	if _, err := l.database.Begin(ctx, db.Chore{Document: document}); err != nil {
		l.Fatal(err)
	}
	task, err := l.database.SetPages(ctx, document, lotPages)
	if err != nil {
		l.Fatal(err)
	}
	doubt := []form.Reason{form.ReasonUnsure}
	for i, run := range task.Open {
		readings := []form.Reading{
			{
				Field: lotRow, Text: "17", Confidence: .5 + float64(i)/1000, Reasons: doubt,
				Words: []form.Word{{Text: "1", Confidence: 1}, {Text: "7", Confidence: .5 + float64(i)/1000}},
			},
			{Field: lotTick, Text: "N", Confidence: 1},
			{Field: lotName, Text: "김철수", Confidence: .5, Reasons: doubt},
		}
		if i < 3 {
			readings[1].Reasons, readings[1].Confidence = doubt, .6
		}
		p := form.Page{
			Number: run.Number, State: form.StateReview, Width: 200, Height: 100, Image: key,
			Template: f.ID, Version: f.Version, TemplateToPage: geom.Identity,
		}
		for place, field := range []form.FieldID{lotTick, lotName, lotRow} {
			if i < 120 { // the others are cut when they are shown
				p.Snippets.Blob = key
				p.Snippets.Parts = append(p.Snippets.Parts, form.Snippet{Field: field, Place: place / 2 * 2, Size: size})
			}
		}
		if err := l.database.SaveRun(ctx, run.Page, run.Run, p, readings); err != nil {
			l.Fatal(err)
		}
		l.pages = append(l.pages, run.Page)
	}
}

// values returns what the fields of a page hold.
func (l *lot) values(i int) string {
	l.Helper()
	r, err := l.database.Record(l.Context(), form.Everything, l.pages[i])
	if err != nil {
		l.Fatal(err)
	}
	said := []string{string(r.Page.State)}
	for _, v := range r.Values {
		text := v.Text()
		if v.Doubtful() {
			text += "?"
		}
		said = append(said, text)
	}
	return strings.Join(said, " ")
}

// held has Enter come as from a key that is held down.
func held(ctx context.Context, target *chromedp.Target) error {
	_, err := cdp.Call(ctx, target, input.DispatchKeyEvent, input.DispatchKeyEventParams{
		Type: input.DispatchKeyEventTypeRawKeyDown, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13, NativeVirtualKeyCode: 13, AutoRepeat: new(true),
	})
	return err
}

// tiles waits for a screen that can be confirmed, with so many tiles.
func (l *lot) tiles(n int) {
	l.Helper()
	l.until(fmt.Sprintf(`document.querySelectorAll("#carpet .tile").length === %d && document.activeElement.closest("#carpet .tile") !== null`, n))
	l.eval(`window.seen = new WeakMap()`)
	l.until(`(s = document.querySelector("#carpet .screen"), seen.has(s) || seen.set(s, performance.now()), performance.now() - seen.get(s) > 450)`)
}

// By keyboard alone a clerk goes through what 130 pages were read as, mends one
// digit, leaves one open, takes a screen back, and finishes a column on the sheet.
func TestClerkReviewsManyPagesSideBySide(t *testing.T) {
	l := openLot(t)
	open := func(path string) {
		l.do(path, chromedp.Navigate(l.site+path))
	}
	open("/carpet")
	l.tiles(100)
	l.until(`document.querySelector(".lothead h2").textContent.includes("7(으)로 읽음") && document.querySelector(".lothead h2").textContent.includes("130개 가운데 100개")`)
	axe(l.tab)
	l.do("mend one and pick one", chromedp.Func(press("ArrowRight", 39, 0)), chromedp.KeyEvent("1"), chromedp.Func(press("ArrowRight", 39, 0)), chromedp.KeyEvent(" "))
	l.do("hold Enter", chromedp.Func(held), chromedp.Func(held))
	if n := l.eval(`document.querySelectorAll("#carpet .tile.odd").length`); n != 2. {
		t.Errorf("%v are picked, or a held key confirmed", n)
	}
	l.do("confirm", chromedp.Func(pressEnter))
	l.tiles(30)
	l.until(`document.getElementById("said").textContent.includes("99개")`)
	for i, want := range map[int]string{0: "review 17 N? 김철수?", 1: "review 11 N? 김철수?", 2: "review 17? N? 김철수?", 99: "review 17 N 김철수?", 100: "review 17? N 김철수?"} {
		if got := l.values(i); got != want {
			t.Errorf("page %d: %s, want %s", i, got, want)
		}
	}
	l.do("take it back", chromedp.Func(press("z", 90, ctrl)))
	l.tiles(100)
	l.do("mend another", chromedp.KeyEvent(kb.Home), chromedp.KeyEvent("9"), chromedp.Func(pressEnter))
	l.tiles(30)
	l.until(`document.getElementById("said").textContent.startsWith("1개")`)
	if got := l.values(0); got != "review 19 N? 김철수?" {
		t.Errorf("said again: %s", got)
	}
	l.do("confirm", chromedp.Func(pressEnter))
	l.tiles(3) // the checkboxes
	l.do("turn one over", chromedp.KeyEvent(" "), chromedp.Func(pressEnter))
	l.tiles(42)
	l.until(`document.getElementById("said").textContent.startsWith("3개")`)
	if got := l.values(0); got != "review 19 Y 김철수?" {
		t.Errorf("turned over: %s", got)
	}
	l.do("a name", chromedp.KeyEvent("김철호"), chromedp.Func(pressEnter), chromedp.Func(pressEnter))
	l.until(`document.getElementById("said").textContent.startsWith("42개")`)
	if got := l.values(0); got != "done 19 Y 김철호" {
		t.Errorf("at the end: %s", got)
	}

	open("/sheet?template=2&field=" + string(lotName))
	l.until(`document.querySelectorAll("#sheet tbody tr").length === 50 && document.activeElement.closest("tr") !== null`)
	axe(l.tab)
	for range 44 {
		l.do("down", chromedp.Func(pressEnter))
	}
	l.do("type", chromedp.KeyEvent("박영희"), chromedp.Func(pressEnter))
	l.until(`document.getElementById("said").textContent.startsWith("45개") && document.querySelectorAll("#sheet tbody tr").length > 50`)
	if got := l.values(42 + 44); got != "done 17 N 박영희" {
		t.Errorf("on the sheet: %s", got)
	}
	for _, language := range []string{"ko", "en"} {
		l.do("speak "+language, chromedp.Navigate(l.site+"/"), chromedp.WaitReady("main"))
		if now := l.eval(`document.documentElement.lang`); now != language {
			l.do("change", click(`button[name=language][value=`+language+`]`), chromedp.WaitReady(`html[lang=`+language+`]`))
		}
		for _, path := range []string{"/carpet", "/sheet?template=2", "/sheet"} {
			open(path)
			l.do(path, chromedp.WaitReady("main"))
			axe(l.tab)
		}
	}
}

// What is typed on a sheet and on a carpet and not confirmed is there again, whatever
// became of the page; on the sheet a mark is a key, or a button, and a key of an input
// method is none of the sheet's.
func TestWhatIsTypedSideBySideIsKept(t *testing.T) {
	l := openLot(t)
	sheet := l.site + "/sheet?template=2&field=" + string(lotName)
	show := func() {
		l.do("sheet", chromedp.Navigate(sheet))
		l.until(`document.querySelectorAll("#sheet tbody tr").length === 50 && document.activeElement.closest("#sheet tr") !== null`)
	}
	show()
	l.do("type and leave", chromedp.KeyEvent("박영희"))
	l.idle()
	show()
	l.until(`document.activeElement.value === "박영희" && document.querySelector("#sheet .left") !== null`)
	l.do("undo the typing", chromedp.KeyEvent(kb.Escape))
	l.idle()
	show()
	l.until(`document.activeElement.value === "김철수"`)
	l.eval(`document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "F8", keyCode: 229, bubbles: true, cancelable: true}))`)
	l.do("illegible by a key, and by the mouse what is right", chromedp.KeyEvent(kb.F4), click(`#sheet tbody tr:nth-child(2) [data-say=""]`))
	l.until(`document.getElementById("said").textContent.startsWith("2개")`)
	if l.eval(`document.querySelector("#sheet tbody tr .mark span").textContent`) != "판독 불가" || l.eval(`new URL(location).searchParams.get("field")`) != string(lotName) {
		t.Error("the row does not say its mark, or another field is shown")
	}
	for i, want := range []string{"review 17? N? ", "review 17? N? 김철수", "review 17? N? 김철수?"} {
		if got := l.values(i); got != want {
			t.Errorf("page %d: %q, want %q", i, got, want)
		}
	}

	l.do("carpet", chromedp.Navigate(l.site+"/carpet"))
	l.tiles(100)
	l.do("mend one and pick one", chromedp.KeyEvent("1"), chromedp.Func(press("ArrowRight", 39, 0)), chromedp.KeyEvent(" "))
	l.do("leave", chromedp.Navigate("about:blank"), chromedp.Navigate(l.site+"/carpet"))
	l.tiles(100)
	if got := l.eval(`[...document.querySelectorAll("#carpet .tile")].slice(0, 3).map(t => t.querySelector("input").value + t.matches(".odd")).join()`); got != "1true,true,false" {
		t.Errorf("the tiles are %v", got)
	}
	if kept, ok := l.eval(`JSON.stringify(localStorage)`).(string); !ok || strings.Contains(kept, "odd") {
		t.Errorf("in the browser lies %s", kept)
	}
	l.do("confirm", chromedp.Func(pressEnter))
	l.tiles(30)
	l.until(`document.getElementById("said").textContent.includes("99개")`)
	if got := l.values(0); got != "review 11 N? " {
		t.Errorf("mended is %q", got)
	}
	l.until(`Object.keys(outbox.left("carpet")).length === 0`)
}
