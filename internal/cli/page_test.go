package cli

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"path/filepath"
	"slices"
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

// A desk is where prepared pages are reviewed.
type desk struct {
	tab
	site     string
	database *db.DB
	picture  blob.Key
	template *form.Template
	pages    []form.PageID
}

// openDesk serves a site with so many pages of a form of three fields, all of which
// are doubtful, and logs a person in. The first page is shown.
func openDesk(t testing.TB, pages int) desk {
	t.Helper()
	t.Setenv("SEOSIK_ADMIN_PASSWORD", deskPassword)
	data := t.TempDir()
	return openDeskAt(t, data, serve(t, data), pages)
}

const deskPassword = "열려라 참깨 123"

// openDeskAt is as openDesk, at a site that serves data.
func openDeskAt(t testing.TB, data, site string, pages int) desk {
	t.Helper()
	d := desk{tab: openTab(t), site: site}
	var err error
	if d.database, err = db.Open(t.Context(), filepath.Join(data, "seosik.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.database.Close() })
	blobs, err := blob.Open(filepath.Join(data, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	if d.picture, err = blobs.Put(t.Context(), lines(t)); err != nil {
		t.Fatal(err)
	}
	d.template = d.threeFields(d.picture)
	d.add(pages)
	d.logIn(d.site, "admin", deskPassword)
	d.do("show the first page",
		chromedp.Navigate(fmt.Sprintf("%s/pages/%d", d.site, d.pages[0])),
		chromedp.WaitVisible("form.value"),
	)
	d.until(`document.activeElement.matches(".doubtful input") && performance.getEntriesByName("first-contentful-paint").length > 0`)
	return d
}

func (t tab) logIn(site, user, password string) {
	t.Helper()
	t.do("log in",
		chromedp.Navigate(site),
		chromedp.SendKeys("#user", user),
		chromedp.SendKeys("#password", password+kb.Enter),
		chromedp.WaitVisible("#upload"),
	)
}

// add adds so many pages, and returns them.
func (d *desk) add(n int) []form.PageID {
	d.Helper()
	from := len(d.pages)
	for i := range n {
		d.pages = append(d.pages, d.addPage(d.template, d.picture, from+i))
	}
	return d.pages[from:]
}

// lines draws a page of A4 at 150 dpi.
func lines(t testing.TB) []byte {
	t.Helper()
	page := image.NewGray(image.Rect(0, 0, 1240, 1754))
	draw.Draw(page, page.Bounds(), image.White, image.Point{}, draw.Src)
	for y := 200; y < 1700; y += 100 {
		draw.Draw(page, image.Rect(100, y, 1140, y+3), image.NewUniform(color.Gray{90}), image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, page); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (d *desk) threeFields(picture blob.Key) *form.Template {
	d.Helper()
	domain, _, err := d.database.AddDomain(d.Context(), form.Command, "총무", []string{"ko"})
	if err != nil {
		d.Fatal(err)
	}
	t := &form.Template{
		Domain: domain.ID, Name: "신청서", Languages: []string{"ko"}, Stage: form.Service,
		Image: picture, ImageName: "template.png", Width: 1240, Height: 1754,
	}
	for i, name := range []string{"성명", "부서", "비고"} {
		t.Fields = append(t.Fields, form.Field{
			ID: form.FieldID(name), Name: name, Kind: form.Normal, ValueType: form.All,
			Box: geom.XYWH(100, 210+500*float64(i), 600, 80),
		})
	}
	if t, err = d.database.SaveTemplate(d.Context(), form.Command, t); err != nil {
		d.Fatal(err)
	}
	return t
}

// addPage adds page n, on which what was read in each field is "읽은 값 N-I".
func (d *desk) addPage(t *form.Template, picture blob.Key, n int) form.PageID {
	d.Helper()
	var readings []form.Reading
	for i, f := range t.Fields {
		readings = append(readings, form.Reading{
			Field: f.ID, Text: readAs(n, i), Confidence: .6, Reasons: []form.Reason{form.ReasonUnsure},
		})
	}
	return savePage(d, d.database, t, fmt.Sprintf("스캔-%02d.png", n), picture, readings)
}

// savePage adds a page of a template on which so was read, also beside its fields, as
// a file of its own.
func savePage(d testing.TB, database *db.DB, t *form.Template, name string, picture blob.Key, readings []form.Reading, margins ...geom.Quad) form.PageID {
	d.Helper()
	docs := []form.Document{{Name: name, Blob: picture, Size: 1}}
	var added db.Chore
	_, err := database.AddSubmission(d.Context(), form.Command, form.Submission{Domain: t.Domain}, docs, func(_ *sql.Tx, chores []db.Chore) error {
		added = chores[0]
		return nil
	})
	if err != nil {
		d.Fatal(err)
	}
	task, err := database.Begin(d.Context(), added)
	if err != nil {
		d.Fatal(err)
	}
	run := task.Open[0]
	if err := database.SaveRun(d.Context(), run.Page, run.Run, form.Page{
		Number: 1, State: form.StateReview, Width: t.Width, Height: t.Height, Image: picture,
		Template: t.ID, Version: t.Version, TemplateToPage: geom.Identity, Margins: margins,
	}, readings); err != nil {
		d.Fatal(err)
	}
	return run.Page
}

func readAs(page, field int) string { return fmt.Sprintf("읽은 값 %d-%d", page, field) }

// texts returns what the fields of a page hold, in order, and which a person said.
func (d desk) texts(page form.PageID) (texts []string, said int) {
	d.Helper()
	r, err := d.database.Record(d.Context(), form.Everything, page)
	if err != nil {
		d.Fatal(err)
	}
	for i := range r.Values {
		texts, said = append(texts, r.Values[i].Text()), said+len(r.Values[i].Corrections)
	}
	return texts, said
}

// Twenty pages with sixty doubtful fields, all read right, take sixty presses of
// Enter. Nobody waits between them, and none is lost.
func TestSixtyRightValuesTakeSixtyKeys(t *testing.T) {
	d := openDesk(t, 20)
	d.until(`(() => {
		const took = [];
		let pressed = 0;
		document.addEventListener("keydown", event => { if (event.key === "Enter") pressed = event.timeStamp; }, true);
		document.addEventListener("review:open", () => {
			took.push(Math.round(performance.now() - pressed));
			sessionStorage.setItem("took", took.join(" "));
		});
		return true;
	})()`)
	for range 60 {
		d.do("accept", chromedp.Func(pressEnter))
	}
	d.through()
	took, err := chromedp.Run(d.ctx, chromedp.Evaluate[string](`sessionStorage.getItem("took")`))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("ms from the last Enter to the next page's first field: %s", took)
	for n, page := range d.pages {
		texts, said := d.texts(page)
		want := []string{readAs(n, 0), readAs(n, 1), readAs(n, 2)}
		if said != 3 || !slices.Equal(texts, want) {
			t.Errorf("page %d: %d said, %q", n, said, texts)
		}
	}
}

// What is typed ahead goes to the pages it is meant for.
func TestWhatIsTypedAheadReachesTheNextPage(t *testing.T) {
	d := openDesk(t, 6)
	for n := range d.pages {
		d.do("type ahead",
			chromedp.KeyEvent(fmt.Sprint("name", n)), chromedp.Func(pressEnter),
			chromedp.Func(pressEnter),
			chromedp.KeyEvent(fmt.Sprint("note", n)), chromedp.Func(pressEnter),
		)
	}
	d.through()
	for n, page := range d.pages {
		texts, said := d.texts(page)
		want := []string{fmt.Sprint("name", n), readAs(n, 1), fmt.Sprint("note", n)}
		if said != 3 || !slices.Equal(texts, want) {
			t.Errorf("page %d: %d said, %q, want %q", n, said, texts, want)
		}
	}
}

// A held Enter accepts one value, and what an input method composes is not taken
// for a value before it is whole. The page just left comes back by a key, at the
// field it was left, and so it does by the button of the browser.
func TestKeysThatAreHeldAndComposed(t *testing.T) {
	d := openDesk(t, 3)
	d.do("hold", chromedp.Func(holdEnter))
	d.until(`document.activeElement.id === "field-1-input" && document.getElementById("saving").textContent === ""`)
	if _, said := d.texts(d.pages[0]); said != 1 {
		t.Errorf("a held Enter accepted %d values", said)
	}
	d.do("compose", chromedp.Func(compose("한")))
	if _, said := d.texts(d.pages[0]); said != 1 {
		t.Errorf("an Enter of the input method accepted a value")
	}
	d.do("commit", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, input.InsertText, input.InsertTextParams{Text: "한글"})
		return err
	}), chromedp.Func(pressEnter))
	d.until(`document.activeElement.id === "field-2-input" && document.getElementById("saving").textContent === ""`)
	if texts, _ := d.texts(d.pages[0]); texts[1] != "한글" {
		t.Errorf("composed %q", texts[1])
	}

	d.do("leave", chromedp.Func(press("F8", 119, 0)))
	d.at(d.pages[1], 0)
	d.do("go back", chromedp.Func(press("F8", 119, shift)))
	d.at(d.pages[0], 2)
	d.until(`(history.back(), true)`)
	d.at(d.pages[1], 0)
	axe(d.tab)
	d.do("help", chromedp.Func(press("F1", 112, 0)), chromedp.WaitVisible("#key-help"))
	axe(d.tab)
}

// through waits until no page is left.
func (d desk) through() {
	d.Helper()
	for _, page := range d.pages {
		d.until(fmt.Sprintf(`document.querySelector(".trouble") !== null || location.pathname !== "/pages/%d"`, page))
	}
	d.do("wait", chromedp.WaitVisible(".trouble"))
}

// at waits until a field of a page has the focus.
func (d desk) at(page form.PageID, field int) {
	d.Helper()
	d.until(fmt.Sprintf(`location.pathname === "/pages/%d" && document.activeElement.id === "field-%d-input" && workstation.root.dataset.page === "%d"`, page, field, page))
}

// holdEnter presses Enter and keeps it down until it has come thirty times more.
func holdEnter(ctx context.Context, target *chromedp.Target) error {
	event := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13, NativeVirtualKeyCode: 13}
	held := true
	for range 31 {
		if _, err := cdp.Call(ctx, target, input.DispatchKeyEvent, event); err != nil {
			return err
		}
		event.AutoRepeat = &held
	}
	event.Type, event.AutoRepeat = input.DispatchKeyEventTypeKeyUp, nil
	_, err := cdp.Call(ctx, target, input.DispatchKeyEvent, event)
	return err
}

// compose types a text with an input method, which takes an Enter for itself.
func compose(text string) func(context.Context, *chromedp.Target) error {
	return func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, input.ImeSetComposition, input.ImeSetCompositionParams{Text: text, SelectionStart: 1, SelectionEnd: 1}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, input.DispatchKeyEvent, input.DispatchKeyEventParams{
			Type: input.DispatchKeyEventTypeRawKeyDown, Key: "Process", Code: "Enter", WindowsVirtualKeyCode: 229, NativeVirtualKeyCode: 229,
		})
		return err
	}
}
