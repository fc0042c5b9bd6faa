package cli

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/sample"
)

// A page that lies on its side is found by no template, because the only one
// is in beta. A clerk places it by keyboard alone: the template is there, the
// corners are moved off, fitted to the print, and the page is read.
func TestClerkPlacesAPageByKeyboard(t *testing.T) {
	t.Setenv("SEOSIK_ADMIN_PASSWORD", "열려라 참깨 123")
	data := t.TempDir()
	site, tab := serve(t, data), openTab(t)
	database, err := db.Open(t.Context(), filepath.Join(data, "seosik.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	office, err := database.Domain(t.Context(), form.Everything, 1)
	if err != nil {
		t.Fatal(err)
	}
	office.Settings.Beta = true
	if err := database.SaveDomain(t.Context(), form.Command, office); err != nil {
		t.Fatal(err)
	}
	if _, err := database.ReleaseTemplate(t.Context(), form.Command, 1, 1, form.Beta, ""); err != nil {
		t.Fatal(err)
	}
	file, truth := turnedPage(t)

	tab.do("log in",
		chromedp.Navigate(site),
		chromedp.SendKeys("#user", "admin"),
		chromedp.SendKeys("#password", "열려라 참깨 123"+kb.Enter),
		chromedp.WaitVisible("#upload"),
	)
	tab.do("upload",
		chromedp.SetUploadFiles("#files", []string{file}),
		click("#upload button.main"),
		chromedp.WaitVisible("#pages"),
		chromedp.WaitNotPresent("#pages[hx-get]"),
		click("#next"),
		chromedp.WaitVisible("a.main"),
		chromedp.Focus("a.main"),
		chromedp.Func(pressEnter),
		chromedp.WaitVisible("button.corner"),
	)
	tab.until(`document.getElementById("corners").value !== "" && document.getElementById("said").textContent !== ""`)
	found := tab.corners()
	if off := apart(found, truth); off > 3 {
		t.Errorf("first shown %.1f px off", off)
	}
	// Tab goes from corner to corner, digits to theirs.
	tab.do("move two corners",
		chromedp.KeyEvent(kb.Tab), // to the second
		chromedp.Func(press("ArrowLeft", 37, 0)), chromedp.Func(press("ArrowLeft", 37, 0)), chromedp.Func(press("ArrowUp", 38, 0)),
		chromedp.KeyEvent("4"),
		chromedp.Func(press("ArrowDown", 40, shift)),
	)
	moved := tab.corners()
	if moved[0] != found[0] || moved[2] != found[2] {
		t.Errorf("corners moved that were not chosen: %v to %v", found, moved)
	}
	step := (found[1].X - moved[1].X) / 2 // page px for a pixel of the screen
	if up := found[1].Y - moved[1].Y; step < .5 || up < .8*step || up > 1.2*step {
		t.Errorf("two to the left and one up: %v to %v", found[1], moved[1])
	}
	if down := moved[3].Y - found[3].Y; down < 9.5*step || down > 10.5*step {
		t.Errorf("ten down: %.1f px, where one is %.1f px", down, step)
	}
	tab.do("turn and back", chromedp.KeyEvent("r"), chromedp.Func(press("R", 82, shift)))
	if back := tab.corners(); apart(back, moved) > 1 {
		t.Errorf("turned and back: %v to %v", moved, back)
	}
	tab.do("fit", chromedp.KeyEvent("f"))
	tab.until(`document.getElementById("said").textContent.includes("맞추었습니다")`)
	if off := apart(tab.corners(), truth); off > 3 {
		t.Errorf("fitted %.1f px off", off)
	}
	tab.do("read", chromedp.Func(pressEnter))
	tab.until(`document.querySelector("form.value") !== null`) // some lines of a table are folded away

	p, err := database.Page(t.Context(), form.Everything, 1)
	if err != nil || p.Run != 2 || p.Template != 1 || len(p.Faults) != 0 {
		t.Errorf("%v, page %+v", err, p)
	}
	record, err := database.Record(t.Context(), form.Everything, 1)
	if err != nil || record.Values[0].Text() == "" {
		t.Errorf("%v, values %+v", err, record.Values)
	}
}

// turnedPage writes a filled page that lies on its side, and returns where its
// corners are.
func turnedPage(t *testing.T) (file string, corners geom.Quad) {
	t.Helper()
	blank, err := sample.DrawDemo()
	if err != nil {
		t.Fatal(err)
	}
	filled, err := blank.Fill(3, sample.RandomStyle(3))
	if err != nil {
		t.Fatal(err)
	}
	page, templateToPage := sample.Degrade(filled.Image, sample.Rotated, 4)
	var b bytes.Buffer
	if err := png.Encode(&b, page); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "turned.png")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	sheet := geom.XYWH(0, 0, float64(blank.Template.Width), float64(blank.Template.Height))
	return file, templateToPage.ApplyQuad(sheet.Quad())
}

// until waits until a condition in the page holds.
func (t tab) until(condition string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if ok, err := chromedp.Run(t.ctx, chromedp.Evaluate[bool](condition)); err == nil && ok {
			return
		}
	}
	t.Fatalf("never %s", condition)
}

// corners returns where the corners of the form are on the screen's page.
func (t tab) corners() (q geom.Quad) {
	t.Helper()
	text, err := chromedp.Run(t.ctx, chromedp.Evaluate[string](`document.getElementById("corners").value`))
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range strings.Fields(text) {
		if _, err := fmt.Sscanf(p, "%f,%f", &q[i].X, &q[i].Y); err != nil {
			t.Fatal(err)
		}
	}
	return q
}

func apart(a, b geom.Quad) (far float64) {
	for i := range a {
		far = max(far, a[i].Distance(b[i]))
	}
	return far
}

const shift = 8 // the key held, in the protocol of the browser

// press presses a key that writes nothing.
func press(key string, code int64, with int64) func(context.Context, *chromedp.Target) error {
	return func(ctx context.Context, target *chromedp.Target) error {
		for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
			name := key
			if len(key) == 1 {
				name = "Key" + key
			}
			if _, err := cdp.Call(ctx, target, input.DispatchKeyEvent, input.DispatchKeyEventParams{
				Type: kind, Key: key, Code: name, Modifiers: with, WindowsVirtualKeyCode: code, NativeVirtualKeyCode: code,
			}); err != nil {
				return err
			}
		}
		return nil
	}
}
