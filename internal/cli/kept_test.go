package cli

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// values returns the values of a page as they are in the database.
func (d desk) values(page form.PageID) []form.Value {
	d.Helper()
	r, err := d.database.Record(d.Context(), form.Everything, page)
	if err != nil {
		d.Fatal(err)
	}
	return r.Values
}

func (d desk) show(page form.PageID) {
	d.Helper()
	d.do("show the page", chromedp.Navigate(fmt.Sprintf("%s/pages/%d", d.site, page)), chromedp.WaitVisible("form.value"))
	d.until(`document.activeElement.matches("form.value input")`)
}

// A wire leads to a server, and can be cut.
type wire struct {
	net.Listener
	mu    sync.Mutex
	to    string
	broke bool
	open  []net.Conn
}

func openWire(t *testing.T, to string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{Listener: l, to: to}
	t.Cleanup(func() { l.Close(); w.cut(true) })
	go func() {
		for {
			here, err := l.Accept()
			if err != nil {
				return
			}
			go w.join(here)
		}
	}()
	return w
}

// lead has the wire lead to another server from now on.
func (w *wire) lead(to string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.to = to
}

func (w *wire) join(here net.Conn) {
	defer here.Close()
	w.mu.Lock()
	to := w.to
	w.mu.Unlock()
	there, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer there.Close()
	w.mu.Lock()
	broke := w.broke
	w.open = append(w.open, here, there)
	w.mu.Unlock()
	if broke {
		return
	}
	go func() {
		_, _ = io.Copy(there, here)
		there.Close()
	}()
	_, _ = io.Copy(here, there)
}

// cut cuts the wire, as a server does that is killed, or mends it.
func (w *wire) cut(broke bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broke = broke
	for _, c := range w.open {
		c.Close()
	}
	w.open = nil
}

// idle waits until the server has all.
func (t tab) idle() {
	t.Helper()
	t.until(`["", "saved"].includes(document.getElementById("outbox").dataset.state)`)
}

// What is typed and left is there again; a mark, and undo and redo over pages;
// a server that does not answer, and a session that ends, lose nothing.
func TestNothingTypedIsLost(t *testing.T) {
	d := openDesk(t, 2)
	wire := openWire(t, strings.TrimPrefix(d.site, "http://"))
	d.site = "http://" + wire.Addr().String()
	d.show(d.pages[0])
	d.do("type and leave", chromedp.KeyEvent("김철수"+kb.Tab))
	d.idle()
	d.show(d.pages[0])
	d.until(`document.getElementById("field-0-input").value === "김철수" && document.getElementById("field-0").matches("[data-left]")`)

	d.do("say that it is illegible", chromedp.KeyEvent(kb.F4))
	d.until(`document.querySelector("#field-0 .chip") && document.activeElement.id === "field-1-input"`)
	d.do("accept the rest", chromedp.Func(pressEnter), chromedp.Func(pressEnter))
	d.until(fmt.Sprintf(`location.pathname === "/pages/%d" && document.activeElement.id === "field-0-input"`, d.pages[1]))
	if vs := d.values(d.pages[0]); vs[0].Mark() != form.MarkIllegible || vs[2].Latest() == nil {
		t.Fatalf("%+v", vs)
	}
	d.idle() // the browser knows by now what was kept last
	d.do("undo", chromedp.KeyEvent("z", chromedp.KeyModifiers(2)))
	d.until(fmt.Sprintf(`location.pathname === "/pages/%d" && document.activeElement.id === "field-2-input"`, d.pages[0]))
	if v := d.values(d.pages[0])[2]; !v.Doubtful() {
		t.Fatalf("after undo: %+v", v)
	}
	d.do("redo", chromedp.KeyEvent("y", chromedp.KeyModifiers(2)))
	d.until(`!document.getElementById("field-2").matches(".doubtful")`)

	d.show(d.pages[1])
	wire.cut(true)
	d.do("type, and accept", chromedp.KeyEvent("부선"), chromedp.Func(pressEnter))
	d.until(`document.getElementById("outbox").dataset.state === "offline"`)
	d.run(`workstation.focus(document.getElementById("field-0"))`)
	d.do("say it anew", chromedp.KeyEvent("부산"), chromedp.Func(pressEnter), chromedp.KeyEvent("총무과"+kb.Tab))
	d.until(`document.getElementById("outbox").dataset.state === "offline"`)
	d.until(`Object.keys(localStorage).filter(k => k.startsWith("seosik.outbox.")).length === 3`)
	kept, err := chromedp.Run(d.ctx, chromedp.Evaluate[string](`JSON.stringify(localStorage)`))
	if err != nil || strings.Contains(kept, "부산") || strings.Contains(kept, "%EB%B6") {
		t.Errorf("in the browser: %s, %v", kept, err)
	}
	d.do("go", chromedp.Navigate("about:blank"))
	wire.cut(false)
	d.show(d.pages[1])
	d.idle()
	if v := d.values(d.pages[1])[0]; v.Text() != "부산" {
		t.Errorf("what was accepted without the server: %+v", v)
	}
	d.show(d.pages[1])
	d.until(`document.getElementById("field-1-input").value === "총무과"`)

	d.logOut()
	d.do("type on", chromedp.Focus("#field-2-input"), chromedp.KeyEvent("비고란"))
	d.logInAgain()
	d.until(`document.activeElement.id === "field-2-input"`)
	d.idle()
	if typed, err := d.database.Typed(d.Context(), form.Everything, d.pages[1]); err != nil || len(typed) != 2 {
		t.Errorf("typed %+v, %v", typed, err)
	}
}

// An answer that leads elsewhere does not say that a value is kept: it is sent again
// once the person may go on.
func TestWhatIsLedElsewhereIsNotLost(t *testing.T) {
	d := openDesk(t, 1)
	admit := func(duty form.FactorDuty) {
		t.Helper()
		a, err := d.database.Admission(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		a.Factor = duty
		if err := d.database.SetAdmission(t.Context(), form.Command, a); err != nil {
			t.Fatal(err)
		}
	}
	admit(form.FactorAll)
	d.do("accept", chromedp.KeyEvent("부산"), chromedp.Func(pressEnter))
	d.until(`location.pathname === "/account" && document.getElementById("outbox").dataset.state === "offline"`)
	if v := d.values(d.pages[0])[0]; v.Latest() != nil {
		t.Fatalf("it is kept: %+v", v)
	}
	admit(form.FactorNobody)
	d.show(d.pages[0])
	d.idle()
	if v := d.values(d.pages[0])[0]; v.Text() != "부산" {
		t.Errorf("what was accepted meanwhile: %+v", v)
	}
}

// Who says something else of a value before the first was answered is not taken for
// two people, and what is typed meanwhile stays.
func TestWhatIsSaidAnewBeforeTheAnswer(t *testing.T) {
	d := openDesk(t, 2)
	hold := func() {
		d.eval(`(() => {
			const usual = XMLHttpRequest.prototype.send;
			XMLHttpRequest.prototype.send = function (...of) {
				XMLHttpRequest.prototype.send = usual;
				window.answer = () => usual.apply(this, of);
			};
		})()`)
	}
	holds := func(page form.PageID, first string, want string) {
		t.Helper()
		v := d.values(page)[0]
		if v.Text() != want || len(v.Corrections) != 2 || v.Corrections[0].Text != first {
			t.Errorf("page %d: %+v", page, v.Corrections)
		}
		if clash := d.eval(`document.querySelector("form.value .conflict, #outbox[data-state=clash]") !== null`); clash != false {
			t.Errorf("page %d: it says that somebody else was faster", page)
		}
	}

	hold()
	d.do("say it", chromedp.KeyEvent("부선"), chromedp.Func(pressEnter))
	d.run(`workstation.focus(document.getElementById("field-0"))`)
	d.do("type anew", chromedp.KeyEvent("부산"))
	d.run(`window.answer()`)
	d.until(`document.getElementById("field-0-input").dataset.initial === "부선"`)
	d.idle()
	if got := d.eval(`document.activeElement.id + document.activeElement.value`); got != "field-0-input부산" {
		t.Errorf("what is typed is gone: %v", got)
	}
	if typed, err := d.database.Typed(t.Context(), form.Everything, d.pages[0]); err != nil || len(typed) != 1 || typed[0].Text != "부산" {
		t.Errorf("typed: %+v, %v", typed, err)
	}
	d.do("say it", chromedp.Func(pressEnter))
	d.idle()
	holds(d.pages[0], "부선", "부산")

	d.show(d.pages[1])
	hold()
	d.do("say it", chromedp.KeyEvent("대군"), chromedp.Func(pressEnter))
	d.run(`workstation.focus(document.getElementById("field-0"))`)
	d.do("say it anew at once", chromedp.KeyEvent("대구"), chromedp.Func(pressEnter))
	d.run(`window.answer()`)
	d.until(`document.getElementById("field-0-input").dataset.initial === "대구"`)
	d.idle()
	holds(d.pages[1], "대군", "대구")
}

// What somebody else was faster with of tiles, whose screen is gone by the time of the
// answer, leads to its page.
func TestMissedTilesLeadToTheirPage(t *testing.T) {
	d := openDesk(t, 1)
	d.run(fmt.Sprintf(`fetch = () => new Promise(() => {}); void outbox.deliver("/carpet/say", "carpet", [{page: %d, run: 9, field: "x", place: 0, after: 0, again: false, text: "x"}])`, d.pages[0]))
	d.show(d.pages[0])
	d.until(fmt.Sprintf(`document.querySelector("#outbox a")?.getAttribute("href") === "/pages/%d"`, d.pages[0]))
}

// Where the browser keeps nothing for pages, all goes on, and the page says so.
func TestABrowserThatKeepsNothing(t *testing.T) {
	d := openDesk(t, 1)
	if _, err := chromedp.Call(d.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, {get() { throw new DOMException("denied", "SecurityError"); }});`,
	}); err != nil {
		t.Fatal(err)
	}
	d.show(d.pages[0])
	d.until(`document.getElementById("outbox").dataset.state === "unkept"`)
	d.do("accept", chromedp.KeyEvent("부산"), chromedp.Func(pressEnter))
	d.until(`document.activeElement.id === "field-1-input" && document.getElementById("outbox").dataset.state === "unkept" && !document.getElementById("field-0").matches(".doubtful")`)
	if v := d.values(d.pages[0])[0]; v.Text() != "부산" {
		t.Errorf("it holds %+v", v)
	}
}

// logOut ends the session of the browser, of which its page does not know.
func (t tab) logOut() {
	t.Helper()
	if _, err := chromedp.Call(t.ctx, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
}

// logInAgain answers when the page asks for the password in place.
func (t tab) logInAgain() {
	t.Helper()
	t.until(`document.getElementById("relogin").open`)
	t.do("log in", chromedp.KeyEvent(deskPassword), click("#relogin button"))
	t.until(`!document.getElementById("relogin").open`)
}

// Notes of what is written beside fields are kept after a session has ended, and by
// who leaves without Enter; what has been kept leads nobody away from a value.
func TestNotesBesideFieldsAreKept(t *testing.T) {
	d := openDesk(t, 1)
	page := savePage(t, d.database, d.template, "여백.png", d.picture, []form.Reading{{Field: d.template.Fields[0].ID, Confidence: .6, Reasons: []form.Reason{form.ReasonUnsure}}},
		geom.XYWH(100, 20, 300, 60).Quad(), geom.XYWH(500, 20, 300, 60).Quad(), geom.XYWH(900, 20, 300, 60).Quad())
	row := func(place int) string { return fmt.Sprintf("#margin-%d-%d", page, place) }

	d.do("list", chromedp.Navigate(d.site+"/margin"), chromedp.WaitVisible(row(1)))
	d.logOut()
	d.do("note", chromedp.Focus(row(1)+"-text"), chromedp.KeyEvent("전화"+kb.Enter))
	d.logInAgain()
	d.until(fmt.Sprintf(`document.querySelector(%q).matches(".said")`, row(1)))

	d.show(page)
	d.eval(`(() => {
		const usual = XMLHttpRequest.prototype.send;
		XMLHttpRequest.prototype.send = function (...of) {
			XMLHttpRequest.prototype.send = usual;
			window.answer = () => usual.apply(this, of);
		};
	})()`)
	d.do("note", chromedp.Focus(row(2)+"-text"), chromedp.KeyEvent("다시"+kb.Enter), chromedp.Focus("#field-0-input"))
	d.run(`window.answer()`)
	d.until(fmt.Sprintf(`document.querySelector(%q).matches(".said")`, row(2)))
	if at := d.eval(`document.activeElement.id`); at != "field-0-input" {
		t.Errorf("the focus has gone to %v", at)
	}

	d.do("note, and leave", chromedp.Focus(row(3)+"-text"), chromedp.KeyEvent("도장"), chromedp.KeyEvent(kb.F8))
	d.until(fmt.Sprintf(`location.pathname === "/pages/%d"`, d.pages[0]))
	list, err := d.database.Margins(t.Context(), form.Everything, page)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		if m.Answer != form.MarginNote {
			t.Errorf("place %d is %q", m.Place, m.Answer)
		}
	}
}
