package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/sample/demo"
)

// A builder is a tab in which the draft of a template is drawn.
type builder struct {
	tab
	site     string
	database *db.DB
	id       form.TemplateID
}

// openBuilder serves a site of which template 1, the sample, has a draft without
// fields, and opens that in the builder.
func openBuilder(t testing.TB, suggested string) builder {
	t.Helper()
	t.Setenv("SEOSIK_ADMIN_PASSWORD", "열려라 참깨 123")
	data := t.TempDir()
	b := builder{tab: openTab(t), site: serve(t, data), id: 1}
	var err error
	if b.database, err = db.Open(t.Context(), filepath.Join(data, "seosik.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.database.Close() })
	tpl, err := b.database.Template(t.Context(), form.Everything, b.id, 0)
	if err != nil {
		t.Fatal(err)
	}
	tpl.Fields, tpl.Tables, tpl.Combine, tpl.Groups, tpl.Title = nil, nil, nil, nil, form.Title{}
	if _, err := b.database.SaveDraft(t.Context(), form.Command, tpl); err != nil {
		t.Fatal(err)
	}
	if suggested != "" {
		if err := b.database.Suggest(t.Context(), form.Command, b.id, []byte(suggested)); err != nil {
			t.Fatal(err)
		}
	}
	if err := chromedp.Listen(b.ctx, func(event any) {
		if e, ok := event.(*runtime.EventExceptionThrown); ok {
			t.Errorf("the page: %s %v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception.Description)
		}
	}); err != nil {
		t.Fatal(err)
	}
	b.do("log in",
		chromedp.Navigate(b.site),
		chromedp.SendKeys("#user", "admin"),
		chromedp.SendKeys("#password", "열려라 참깨 123"+kb.Enter),
		chromedp.WaitVisible("#upload"),
	)
	b.open("/build")
	return b
}

// open goes to a page of the template that shows the builder.
func (b builder) open(path string) {
	b.Helper()
	b.do("open the builder",
		chromedp.Navigate(fmt.Sprintf("%s/templates/%d%s", b.site, b.id, path)),
		chromedp.WaitReady("#builder[data-ready]"),
	)
	b.until(`document.getElementById("viewer").dataset.open === "true"`)
	b.still()
}

// draft waits until all is saved, and returns the draft as the database has it.
func (b builder) draft() *form.Template {
	b.Helper()
	b.until(`document.getElementById("saving").textContent === "저장됨"`)
	return b.draftNow()
}

// field returns the only field of the draft.
func (b builder) field() form.Field {
	b.Helper()
	fields := b.draft().Fields
	if len(fields) != 1 {
		b.Fatalf("%d fields, want one", len(fields))
	}
	return fields[0]
}

// wantBox fails where got is farther off want than within, in template px.
func (b builder) wantBox(what string, got geom.Box, x, y, w, h, within float64) {
	b.Helper()
	want := geom.XYWH(x, y, w, h)
	if got.Min.Distance(want.Min) > within || got.Max.Distance(want.Max) > within {
		b.Errorf("%s: %v, want %v", what, got, want)
	}
}

// screen returns where a place of the template is in the window.
func (b builder) screen(x, y float64) (sx, sy float64) {
	b.Helper()
	at, err := chromedp.Run(b.ctx, chromedp.Evaluate[[2]float64](fmt.Sprintf(`(() => {
		const m = document.querySelector(".outlines > g").getScreenCTM();
		return [m.a * %f + m.e, m.d * %f + m.f];
	})()`, x, y)))
	if err != nil {
		b.Fatal(err)
	}
	return at[0], at[1]
}

// still waits until the picture moves no more.
func (b builder) still() {
	b.Helper()
	for last := ""; ; {
		now, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`new Promise(done => setTimeout(() => done(document.querySelector(".outlines > g").getAttribute("transform")), 300))`, chromedp.EvalAwaitPromise))
		if err != nil {
			b.Fatal(err)
		}
		if now == last {
			return
		}
		last = now
	}
}

// drag presses the mouse at the first of places, given as x, y in template px,
// and lets go at the last. Modifiers are held meanwhile.
func (b builder) drag(modifiers int64, places ...float64) {
	b.Helper()
	for i := 0; i+1 < len(places); i += 2 {
		x, y := b.screen(places[i], places[i+1])
		if i == 0 {
			b.mouse(input.DispatchMouseEventTypeMouseMoved, x, y, modifiers)
			b.mouse(input.DispatchMouseEventTypeMousePressed, x, y, modifiers)
		} else {
			b.mouse(input.DispatchMouseEventTypeMouseMoved, x, y, modifiers)
		}
		if i+2 == len(places) {
			b.mouse(input.DispatchMouseEventTypeMouseReleased, x, y, modifiers)
		}
	}
}

func (b builder) mouse(kind input.DispatchMouseEventType, x, y float64, modifiers int64) {
	b.Helper()
	p := input.DispatchMouseEventParams{Type: kind, X: x, Y: y, Modifiers: modifiers}
	if kind != input.DispatchMouseEventTypeMouseMoved {
		p.Button, p.ClickCount = input.MouseButtonLeft, 1
	}
	b.do("mouse", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, input.DispatchMouseEvent, p)
		return err
	}))
}

const (
	ctrl = 2
	alt  = 1
)

// keyCodes are the virtual codes of keys that have a name.
var keyCodes = map[string]int64{
	"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Enter": 13, "Escape": 27, "Delete": 46, "Tab": 9, "F2": 113, "F8": 119,
	"Home": 36, "End": 35,
}

// keys presses keys one after the other, as "Shift+KeyN" or "Ctrl+ArrowLeft": by
// their place, as under a Korean input method.
func (b builder) keys(names ...string) {
	b.Helper()
	for _, name := range names {
		var with int64
		for prefix, bit := range map[string]int64{"Ctrl+": ctrl, "Alt+": alt, "Shift+": shift} {
			if strings.Contains(name, prefix) {
				with |= bit
			}
		}
		code := name[strings.LastIndex(name, "+")+1:]
		key, virtual := code, keyCodes[code]
		if code == "." {
			code, virtual = "Period", 190
		}
		if letter, ok := strings.CutPrefix(code, "Key"); ok {
			key, virtual = "ㅁ", int64(letter[0]) // what an input method makes of it
		}
		b.do(name, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
				if _, err := cdp.Call(ctx, target, input.DispatchKeyEvent, input.DispatchKeyEventParams{
					Type: kind, Key: key, Code: code, Modifiers: with, WindowsVirtualKeyCode: virtual, NativeVirtualKeyCode: virtual,
				}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

// said waits until the page has told those who cannot see it something.
func (b builder) said(part string) {
	b.Helper()
	b.until(fmt.Sprintf(`document.getElementById("said").textContent.includes(%q)`, part))
}

// axe fails where axe-core finds what keeps people out of the page as it is.
func axe(t tab) {
	t.Helper()
	script, err := os.ReadFile("../../node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Run(t.ctx, chromedp.Evaluate[*struct{}](string(script)+";null")); err != nil {
		t.Fatal(err)
	}
	found, err := chromedp.Run(t.ctx, chromedp.Evaluate[[]string](`axe.run().then(r => r.violations.flatMap(
		v => v.nodes.map(n => v.id + " (" + v.impact + "): " + v.help + ": " + n.target.join(" ") + " " + n.failureSummary)))`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		t.Errorf("axe: %s", f)
	}
}

// press clicks the button of a command.
func (b builder) press(command string) {
	b.Helper()
	b.do(command, click("[data-do="+command+"]"))
}

func TestBuilderWithTheMouse(t *testing.T) {
	b := openBuilder(t, "")
	b.press("tool_field")
	b.drag(ctrl, 330, 470, 500, 500, 815, 520)
	b.wantBox("drawn", b.field().Box, 330, 470, 485, 50, 2)
	b.press("tool_select")
	b.drag(ctrl, 500, 495, 520, 530, 600, 595)
	b.wantBox("moved", b.field().Box, 430, 570, 485, 50, 3)
	b.drag(ctrl, 915, 620, 920, 630, 965, 650)
	b.wantBox("resized", b.field().Box, 430, 570, 535, 80, 4)
	after := b.field().Box
	b.drag(0, 600, 600, 590, 590, 498, 502) // near the printed cell, where it comes to rest
	snapped := b.field().Box
	b.drag(0, 600, 520, 602, 523) // by less than it takes to leave the line
	if again := b.field().Box; again != snapped {
		t.Errorf("snapped to %v, and then to %v", snapped, again)
	}
	for range 4 {
		b.press("undo")
	}
	if n := len(b.draft().Fields); n != 0 {
		t.Errorf("%d fields when all is undone", n)
	}
	for range 3 {
		b.press("redo")
	}
	b.wantBox("redone", b.field().Box, after.Min.X, after.Min.Y, after.Width(), after.Height(), 0)
	b.press("delete")

	b.press("tool_field")
	b.drag(0, 500, 570) // a click takes the printed cell
	b.wantBox("cell", b.field().Box, 322, 534, 503, 68, 5)
	b.press("tool_boxes")
	b.drag(ctrl, 1030, 468, 1100, 500, 1344, 524)
	fields := b.draft().Fields
	if len(fields) != 2 || len(fields[1].Boxes) != 7 {
		t.Fatalf("fields %+v, want one with the 7 boxes that are printed", fields)
	}
	b.wantBox("boxes", fields[1].Box, 1037, 471, 301, 50, 5)
}

func TestBuilderTableByDividers(t *testing.T) {
	b := openBuilder(t, "")
	b.do("all in view", click("[data-zoom=fit]"))
	b.still()
	b.press("tool_table")
	b.drag(ctrl, 124, 1034, 300, 1100, 1530, 1410)
	table := b.table()
	if len(table.Columns) != 4 || len(table.Cells) != 6 || table.Header != 1 {
		t.Fatalf("%d columns, %d rows, header %d; want the 4 columns and 6 rows that are printed", len(table.Columns), len(table.Cells), table.Header)
	}
	b.wantBox("table", table.Box, 130, 1040, 1394, 364, 5)
	b.press("tool_select")
	divider := table.Cells[2][1].Min
	b.drag(ctrl, divider.X-1, divider.Y+20, divider.X+20, divider.Y+20, divider.X+60, divider.Y+20)
	moved := b.table()
	if by := moved.Cells[2][1].Min.X - divider.X; by < 52 || by > 68 || moved.Cells[2][1].Max != table.Cells[2][1].Max || moved.Cells[2][0].Max.X <= table.Cells[2][0].Max.X+50 {
		t.Errorf("a divider moved by 60 px: %v, %v; before %v, %v", moved.Cells[2][0], moved.Cells[2][1], table.Cells[2][0], table.Cells[2][1])
	}
	wide := moved.Cells[3][2].Center()
	b.doubleClick(wide.X, wide.Y)
	more := b.table()
	if len(more.Columns) != 5 || more.Columns[0].ID != table.Columns[0].ID || more.Columns[4].ID != table.Columns[3].ID {
		t.Fatalf("columns %+v after one was divided, of %+v", more.Columns, table.Columns)
	}
	first, last := more.Cells[4][2].Center(), more.Cells[5][3].Center()
	b.drag(0, first.X, first.Y)
	b.drag(shift, last.X, last.Y)
	b.press("merge")
	merged := b.table()
	if c := merged.Cells; c[4][2] != c[5][3] || c[4][2] != c[4][3] || c[4][2] == c[4][1] {
		t.Errorf("merged cells are %v, %v; beside them %v", c[4][2], c[5][3], c[4][1])
	}
	b.press("undo")
	b.press("undo")
	b.press("undo")
	b.press("undo")
	if n := len(b.draft().Tables); n != 0 {
		t.Errorf("%d tables when all is undone", n)
	}
}

// table returns the only table of the draft.
func (b builder) table() form.Table {
	b.Helper()
	list := b.draft().Tables
	if len(list) != 1 {
		b.Fatalf("%d tables, want one", len(list))
	}
	return list[0]
}

// doubleClick clicks twice at a place of the template.
func (b builder) doubleClick(x, y float64) {
	b.Helper()
	x, y = b.screen(x, y)
	for n := range int64(2) {
		b.do("click", chromedp.MouseClickXY(x, y, chromedp.ClickCount(int(n+1))))
	}
}

// focusPicture presses Tab until the picture has the focus.
func (b builder) focusPicture() {
	b.Helper()
	for range 60 {
		if at, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.activeElement.id`)); err != nil || at == "viewer" {
			return
		}
		b.do("Tab", chromedp.KeyEvent(kb.Tab))
	}
	b.Fatal("Tab does not come to the picture")
}

func TestBuilderByKeyboardAlone(t *testing.T) {
	b := openBuilder(t, "")
	b.focusPicture()
	b.keys("Shift+KeyN")
	b.said("이름 없음")
	box := b.field().Box
	b.keys("ArrowRight", "ArrowRight", "Shift+ArrowDown", "Alt+ArrowLeft", "Alt+Shift+ArrowDown")
	b.wantBox("nudged and resized", b.field().Box, box.Min.X+2, box.Min.Y+10, box.Width()-1, box.Height()+10, 0)

	b.keys("Shift+KeyM")
	if open, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`document.getElementById("array").open`)); err != nil || !open {
		b.keys("KeyA") // there were boxes in mid-view
	}
	b.do("13 boxes, a gap of 12 after the sixth",
		chromedp.KeyEvent("13"+kb.Tab+kb.Tab+"6"+kb.Tab+"12"+kb.Enter))
	b.said("13칸")
	boxes := b.draft().Fields[1].Boxes
	if gap := boxes[6].Min.X - boxes[5].Max.X; len(boxes) != 13 || gap < 11.9 || gap > 12.1 {
		t.Errorf("%d boxes, gap %.2f", len(boxes), gap)
	}

	b.keys("Shift+KeyC", "Ctrl+KeyD", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowUp")
	before := b.draft()
	b.keys("Escape") // to the list
	b.until(`document.activeElement.matches("#fields [role=option]")`)
	b.keys("Shift+ArrowUp", "Ctrl+ArrowUp") // both checkboxes, in one line
	list := b.draft().Fields
	if n := len(list); n != 4 || list[2].Box.Min.Y != list[3].Box.Min.Y || list[3].Box.Min.X != before.Fields[3].Box.Min.X {
		t.Errorf("aligned: %+v", list)
	}
	b.keys("End", "Alt+ArrowUp", "Alt+ArrowUp")
	if moved := b.draft().Fields; moved[1].ID != list[3].ID {
		t.Errorf("the last field is not the second: %+v", moved)
	}

	b.focusPicture()
	b.keys("Shift+KeyT")
	columns := len(b.table().Columns)
	b.keys("Enter", "KeyK", "KeyR", "Alt+Shift+ArrowRight", "ArrowDown", "ArrowDown", "Shift+ArrowDown", "KeyG")
	table := b.table()
	if n := len(table.Columns); n != columns+1 || table.Cells[2][0] != table.Cells[3][0] {
		t.Errorf("%d columns of %d, cells %v", n, columns, table.Cells)
	}
	b.keys("Escape", "Delete")
	if n := len(b.draft().Tables); n != 0 {
		t.Errorf("%d tables left", n)
	}

	b.do("a name", chromedp.Focus("#viewer"))
	b.keys(".", "F2")
	b.do("type it", chromedp.KeyEvent("생년월일"), chromedp.Func(pressEnter))
	b.until(`document.activeElement.id === "viewer"`)
	b.keys("ArrowLeft")
	b.said("생년월일: ")
	if f := b.draft().Fields; !slices.ContainsFunc(f, func(f form.Field) bool { return f.Name == "생년월일" }) {
		t.Errorf("no field has the name: %+v", f)
	}
	b.keys("F8") // the others have no name
	b.until(`document.activeElement.id === "p-name" && document.getElementById("p-name").value === ""`)
	axe(b.tab)
}

func TestBuilderUndoes200Steps(t *testing.T) {
	b := openBuilder(t, "")
	b.focusPicture()
	b.keys("Shift+KeyN")
	start := b.field()
	for range 100 {
		b.keys("ArrowRight", "Alt+ArrowDown") // two steps: the keys differ in what they do
	}
	end := b.field()
	b.wantBox("200 steps", end.Box, start.Box.Min.X+100, start.Box.Min.Y, start.Box.Width(), start.Box.Height()+100, 0)
	for range 200 {
		b.keys("Ctrl+KeyZ")
	}
	b.wantBox("all undone", b.field().Box, start.Box.Min.X, start.Box.Min.Y, start.Box.Width(), start.Box.Height(), 0)
	b.keys("Ctrl+KeyZ")
	if n := len(b.draft().Fields); n != 0 {
		t.Errorf("%d fields when all is undone", n)
	}
	for range 201 {
		b.keys("Ctrl+KeyY")
	}
	b.wantBox("all redone", b.field().Box, end.Box.Min.X, end.Box.Min.Y, end.Box.Width(), end.Box.Height(), 0)
}

func TestBuilderAcceptsSuggestions(t *testing.T) {
	b := openBuilder(t, string(demo.Load().Template))
	want, err := form.DecodeTemplate(demo.Load().Template)
	if err != nil {
		t.Fatal(err)
	}
	b.drag(0, 500, 630) // a click on one
	b.said("휴대전화")
	b.drag(0, 318, 458, 400, 500, 830, 604) // a frame around two
	b.said("제안 2개")
	if f := b.draft().Fields; len(f) != 3 || f[0].Name != "성명" || f[2].Name != "휴대전화" {
		t.Fatalf("fields %+v", f)
	}
	b.do("list", chromedp.Focus(`#fields [tabindex="0"]`))
	b.keys("End", "Enter")
	if n := len(b.draft().Tables); n != 1 {
		t.Fatalf("%d tables after Enter on the last suggestion, which is one", n)
	}
	b.keys("Shift+Enter")
	got := b.draft()
	var names, wanted []string
	for _, f := range got.Fields {
		names = append(names, f.Name)
	}
	for _, f := range want.Fields {
		wanted = append(wanted, f.Name)
	}
	if strings.Join(names, " ") != strings.Join(wanted, " ") || got.Title.Box != want.Title.Box {
		t.Errorf("accepted %q, title %v; suggested are %q, %v", names, got.Title, wanted, want.Title)
	}
	axe(b.tab)

	b.open("/build?version=1")
	b.keys("Shift+KeyN", "Delete")
	b.drag(0, 500, 630, 560, 700)
	b.do("select", click("#fields [role=option]"), chromedp.WaitVisible(".notice button"))
	if n := len(b.draftNow().Fields); n != len(want.Fields) {
		t.Errorf("%d fields after a version was looked at", n)
	}
}

// draftNow returns the draft as the database has it.
func (b builder) draftNow() *form.Template {
	b.Helper()
	tpl, err := b.database.Draft(b.Context(), form.Everything, b.id)
	if err != nil {
		b.Fatal(err)
	}
	return tpl
}

// sixty is the text of a template of 60 fields, in 4 columns.
func sixty(tb testing.TB) string {
	tb.Helper()
	t, err := form.DecodeTemplate(demo.Load().Template)
	if err != nil {
		tb.Fatal(err)
	}
	t.Fields, t.Tables, t.Combine, t.Groups, t.Title = nil, nil, nil, nil, form.Title{}
	for i := range 60 {
		box := geom.XYWH(float64(60+400*(i%4)), float64(60+60*(i/4)), 300, 40)
		t.Fields = append(t.Fields, form.Field{Name: fmt.Sprint("필드 ", i+1), Kind: form.Normal, ValueType: form.All, Box: box})
	}
	text, err := form.EncodeTemplate(t)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// BenchmarkBuilderDrag drags one of 60 fields over the page, and then all of
// them, and tells from the browser's own trace how long the tasks of the page
// take meanwhile, of which each frame has one: as seen, and of a processor, which
// is what a machine that has nothing else to do would show.
func BenchmarkBuilderDrag(b *testing.B) {
	at := openBuilder(b, sixty(b))
	at.press("accept_all")
	at.draft()
	for _, what := range []string{"one", "all"} {
		b.Run(what, func(b *testing.B) {
			var longest, busiest, slow float64
			for b.Loop() {
				at.do("select", chromedp.Focus("#viewer"))
				at.keys("Escape")
				if what == "all" {
					at.keys("Ctrl+KeyA")
				}
				at.still()
				for _, task := range at.trace(at.dragSlowly) {
					longest, busiest = max(longest, task.Dur/1000), max(busiest, task.Tdur/1000)
					if task.Tdur > 50_000 {
						slow++
					}
				}
				at.keys("Ctrl+KeyZ")
			}
			b.ReportMetric(longest, "ms-longest")
			b.ReportMetric(busiest, "ms-busiest")
			b.ReportMetric(slow, "tasks>50ms")
		})
	}
}

// dragSlowly drags what is at (200, 80) by 150 small steps.
func (b builder) dragSlowly() {
	b.Helper()
	x, y := b.screen(200, 80)
	b.mouse(input.DispatchMouseEventTypeMouseMoved, x, y, 0)
	b.mouse(input.DispatchMouseEventTypeMousePressed, x, y, 0)
	for i := range 150 {
		b.mouse(input.DispatchMouseEventTypeMouseMoved, x+float64(i), y+float64(i)/2, 0)
	}
	b.mouse(input.DispatchMouseEventTypeMouseReleased, x+149, y+74, 0)
}

// A traced is an event of the browser's trace. Times are in microseconds.
type traced struct {
	Name     string
	Pid, Tid int
	Dur      float64
	Tdur     float64 // of a processor
	Args     struct{ Name string }
}

// trace returns the tasks of the page's main thread while do is done.
func (b builder) trace(do func()) (tasks []traced) {
	b.Helper()
	var mu sync.Mutex
	var events []traced
	complete := make(chan struct{})
	ctx, stop := context.WithCancel(b.ctx)
	defer stop()
	if err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *tracing.EventDataCollected:
			mu.Lock()
			defer mu.Unlock()
			for _, v := range e.Value {
				var t traced
				if json.Unmarshal(v, &t) == nil {
					events = append(events, t)
				}
			}
		case *tracing.EventTracingComplete:
			close(complete)
		}
	}); err != nil {
		b.Fatal(err)
	}
	b.do("trace", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, tracing.Start, tracing.StartParams{
			TransferMode: tracing.StartTransferModeReportEvents,
			TraceConfig:  &tracing.TraceConfig{IncludedCategories: []string{"toplevel", "__metadata", "disabled-by-default-devtools.timeline"}},
		})
		return err
	}))
	do()
	b.do("end of the trace", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, tracing.End, cdp.Empty{})
		return err
	}))
	<-complete
	mu.Lock()
	defer mu.Unlock()
	main := make(map[[2]int]bool)
	for _, e := range events {
		if e.Name == "thread_name" && e.Args.Name == "CrRendererMain" {
			main[[2]int{e.Pid, e.Tid}] = true
		}
	}
	for _, e := range events {
		if e.Name == "RunTask" && main[[2]int{e.Pid, e.Tid}] {
			tasks = append(tasks, e)
		}
	}
	return tasks
}
