package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/sample/demo"
)

// A clerk looks after the table of a page by keyboard alone: goes from cell to cell,
// pastes a range, puts a line in and takes one out, and sees the sum meanwhile.
func TestClerkWorksOnATableByKeyboard(t *testing.T) {
	t.Setenv("SEOSIK_ADMIN_PASSWORD", "열려라 참깨 123")
	data := t.TempDir()
	site, tab := serve(t, data), openTab(t)
	database, err := db.Open(t.Context(), filepath.Join(data, "seosik.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	tab.do("log in and upload",
		chromedp.Navigate(site),
		chromedp.SendKeys("#user", "admin"),
		chromedp.SendKeys("#password", "열려라 참깨 123"+kb.Enter),
		chromedp.WaitVisible("#upload"),
		chromedp.SetUploadFiles("#files", writeScans(t, demo.Load().Scans[:1])),
		click("#upload button.main"),
		chromedp.WaitVisible("#pages"), chromedp.WaitNotPresent("#pages[hx-get]"),
		chromedp.Navigate(site+"/pages/1"),
		chromedp.WaitReady("form.cell"),
	)
	tab.until(`document.activeElement.matches("[name=text], [name=checked]")`)
	held := func() string {
		r, err := database.Record(t.Context(), form.Everything, 1)
		if err != nil {
			t.Fatal(err)
		}
		var rows []string
		for _, v := range r.Values {
			if f := v.Field; f.Table != "" && f.Column == 3 {
				rows = append(rows, v.Text())
			}
		}
		return strings.Join(rows, " ")
	}
	cell := func(row, column int) string {
		return fmt.Sprintf(`document.querySelectorAll(".table tbody tr")[%d].querySelectorAll("form.cell [name=text]")[%d]`, row, column)
	}
	at := func(row, column int) {
		t.Helper()
		tab.until(`document.activeElement === ` + cell(row, column))
	}
	paste := func(text string) {
		tab.eval(fmt.Sprintf(`(() => {
			const data = new DataTransfer();
			data.setData("text/plain", %q);
			document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
		})()`, text))
	}

	tab.eval(`workstation.focus(` + cell(0, 2) + `.form)`)
	tab.do("right", chromedp.KeyEvent(kb.ArrowRight))
	at(0, 3)
	tab.do("down", chromedp.KeyEvent(kb.ArrowDown))
	at(1, 3)
	tab.until(`getComputedStyle(document.activeElement.form.querySelector(".strip")).display === "flex"`)
	tab.do("edit", chromedp.KeyEvent(kb.F2), chromedp.KeyEvent(kb.ArrowLeft))
	at(1, 3)

	// What a range overwrites is shown before.
	tab.do("up", chromedp.KeyEvent(kb.F2), chromedp.KeyEvent(kb.ArrowUp))
	at(0, 3)
	before := held()
	paste("1,000\n2,000\n3,000\n4,000\n5,000\n")
	tab.until(`document.getElementById("grid-over").open`)
	axe(tab)
	tab.do("cancel", chromedp.KeyEvent(kb.Escape))
	if got := held(); got != before {
		t.Errorf("a range that was not wanted left %q of %q", got, before)
	}
	paste("1,000\n2,000\n3,000\n\n\n")
	tab.until(`document.getElementById("grid-over").open`)
	tab.do("overwrite", click(`#grid-over button[value=keep]`))
	tab.until(`document.querySelector("#grid-said button") !== null`)
	if got := held(); got != "1,000 2,000 3,000  " {
		t.Errorf("pasted %q", got)
	}
	tab.until(`document.querySelector(".added").textContent === "6,000"`)
	at(0, 3)
	// It is undone in one, and done again.
	tab.do("undo the range", chromedp.KeyEvent("z", chromedp.KeyModifiers(2)))
	tab.until(cell(0, 3) + `.value !== "1,000"`)
	if got := held(); got != before {
		t.Errorf("undone to %q, was %q", got, before)
	}
	tab.do("redo the range", chromedp.KeyEvent("y", chromedp.KeyModifiers(2)))
	tab.until(cell(0, 3) + `.value === "1,000"`)
	if got := held(); got != "1,000 2,000 3,000  " {
		t.Errorf("done again %q", got)
	}
	tab.eval(`workstation.focus(` + cell(0, 3) + `.form)`)
	at(0, 3)
	tab.do("type", chromedp.KeyEvent("1,500"))
	tab.until(`document.querySelector(".added").textContent === "6,500" && document.querySelector(".total").matches(".off")`)
	tab.do("undo", chromedp.KeyEvent(kb.Escape))

	tab.do("to the second line", chromedp.KeyEvent(kb.ArrowDown))
	at(1, 3)
	// What is typed before the server has answered stays.
	tab.eval(`(() => {
		const usual = window.fetch, answers = new Promise(done => { window.answer = done; });
		window.fetch = async (...of) => (await answers, usual(...of));
	})()`)
	tab.do("insert", chromedp.Func(press("Insert", 45, alt)))
	tab.until(cell(2, 3) + `.value === "2,000"`)
	tab.do("type", chromedp.KeyEvent("70"), chromedp.KeyEvent(kb.ArrowLeft))
	tab.run(`window.answer()`)
	tab.idle()
	tab.until(`document.activeElement.value === "70" && document.activeElement.selectionStart === 1 && document.activeElement.selectionEnd === 1`)
	if seen := tab.eval(`document.activeElement.form.elements.seen.value`); seen == "0" {
		t.Error("the cell has not seen what it was said to hold")
	}
	tab.do("undo", chromedp.KeyEvent(kb.Escape))
	tab.idle()
	if got := held(); got != "1,000  2,000 3,000 " {
		t.Errorf("with a line more: %q", got)
	}
	at(1, 3)
	tab.do("remove", chromedp.Func(press("Delete", 46, alt)))
	tab.until(cell(1, 3) + `.value === "2,000"`)
	tab.do("and back", click("#grid-said button"))
	tab.until(cell(2, 3) + `.value === "2,000"`)
	tab.idle()
	if got := held(); got != "1,000  2,000 3,000 " {
		t.Errorf("after the line came back: %q", got)
	}
	axe(tab)

	// A row of boxes is typed straight through, with what an input method writes too.
	tab.eval(`workstation.focus([...document.querySelectorAll("[data-boxes]")].at(-1))`)
	tab.until(`document.activeElement.form.matches(".boxed") && document.querySelector(".boxed .boxes .at") !== null`)
	boxed := func(want string) {
		t.Helper()
		tab.until(fmt.Sprintf(`[...document.activeElement.form.querySelectorAll(".boxes b")].map(b => b.textContent).join("").startsWith(%q) && document.activeElement.value.startsWith(%[1]q)`, want))
	}
	tab.do("type", chromedp.KeyEvent(kb.Home), chromedp.KeyEvent("987"))
	boxed("987")
	tab.do("back", chromedp.KeyEvent(kb.Backspace), chromedp.KeyEvent("6"))
	boxed("986")
	tab.do("compose", chromedp.KeyEvent(kb.Home), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, input.ImeSetComposition, input.ImeSetCompositionParams{Text: "하", SelectionStart: 1, SelectionEnd: 1}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, input.InsertText, input.InsertTextParams{Text: "한"})
		return err
	}))
	boxed("한86")
	axe(tab)
	tab.do("undo", chromedp.KeyEvent(kb.Escape))

	// Words of the picture, by their numbers.
	tab.eval(`workstation.focus(document.getElementById("field-2-input").form)`)
	tab.eval(`document.dispatchEvent(new KeyboardEvent("keydown", {key: "Alt", code: "AltLeft", altKey: true, bubbles: true}))`)
	tab.until(`document.querySelectorAll("#viewer .words text").length > 0`)
	tab.eval(`document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "1", code: "Digit1", altKey: true, bubbles: true, cancelable: true}))`)
	tab.until(`document.activeElement.value !== "" && document.activeElement.value !== document.activeElement.dataset.initial`)
}
