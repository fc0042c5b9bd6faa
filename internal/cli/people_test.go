package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/password"
)

// An office has two people at their browsers, and a server in a process of its own
// that can be killed.
type office struct {
	desk
	*testing.T
	kim     tab // the other one
	kimID   form.UserID
	wire    *wire
	kill    func()
	restart func()
	mixed   *form.Template
}

func openOffice(t *testing.T) *office {
	t.Helper()
	t.Setenv("SEOSIK_ADMIN_PASSWORD", deskPassword)
	data := t.TempDir()
	o := &office{T: t}
	address, kill := serveWith(t, ":", data)
	o.kill, o.wire = kill, openWire(t, address)
	o.restart = func() {
		t.Helper()
		if address, o.kill = serveWith(t, ":", data); address != "" {
			o.wire.lead(address)
		}
	}
	o.desk = openDeskAt(t, data, "http://"+o.wire.Addr().String(), 6)
	kim, err := o.database.AddUser(t.Context(), form.Command, "kim", password.Hash(deskPassword), form.Grant{Role: form.Reviewer})
	if err != nil {
		t.Fatal(err)
	}
	o.kimID = kim.ID
	o.kim = o.window(chromedp.WithNewBrowserContext())
	o.focused()
	o.kim.logIn(o.site, "kim", deskPassword)
	o.mix()
	return o
}

// window opens another window of the same browser.
func (o *office) window(how ...chromedp.ContextOption) tab {
	o.Helper()
	ctx, stop := chromedp.NewContext(o.ctx, how...)
	o.Cleanup(stop)
	t := tab{o.T, ctx}
	t.focused()
	return t
}

// focused has a window be as if it had the focus, whichever has.
func (t tab) focused() {
	t.Helper()
	t.do("focus", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	}))
}

// mix adds a template with a field that one person looks at, one that two people
// key, and a table of two rows.
func (o *office) mix() {
	o.Helper()
	table := form.Table{
		Name: "내역", Box: geom.XYWH(100, 1000, 600, 240), Header: 1, Columns: []form.Column{{Name: "품목"}, {Name: "수량"}}, Rows: make([]form.Row, 2),
	}
	for row := range 3 {
		y := 1000 + 80*float64(row)
		table.Cells = append(table.Cells, []geom.Box{geom.XYWH(100, y, 300, 80), geom.XYWH(400, y, 300, 80)})
	}
	var err error
	if o.mixed, err = o.database.SaveTemplate(o.Context(), form.Command, &form.Template{
		Domain: o.template.Domain, Name: "청구서", Languages: []string{"ko"}, Stage: form.Service,
		Image: o.picture, ImageName: "template.png", Width: 1240, Height: 1754, Tables: []form.Table{table},
		Fields: []form.Field{
			{Name: "성명", Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(100, 210, 600, 80)},
			{Name: "계좌", Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(100, 410, 600, 80), Handling: form.Handling{Review: form.ReviewTwo}},
		},
	}); err != nil {
		o.Fatal(err)
	}
}

// invoice adds a page with nothing in its table, where the last cell is doubtful, of which the admin has keyed the
// account.
func (o *office) invoice() form.PageID {
	o.Helper()
	var readings []form.Reading
	for i, place := range o.mixed.Places() {
		r := form.Reading{Field: place.ID, Confidence: .99}
		switch i {
		case 0:
			r.Text, r.Confidence, r.Reasons = "김", .6, []form.Reason{form.ReasonUnsure}
		case 1:
			r.Text, r.Reasons = "110", []form.Reason{form.ReasonTwo}
		case 5:
			r.Confidence, r.Reasons = .6, []form.Reason{form.ReasonUnsure} // so that one stays after the name
		}
		readings = append(readings, r)
	}
	page := savePage(o.T, o.database, o.mixed, "청구.png", o.picture, readings)
	admin, err := o.database.UserByName(o.Context(), "admin")
	if err != nil {
		o.Fatal(err)
	}
	account := o.mixed.Fields[1]
	if _, err := o.database.AddEntry(o.Context(), form.Person(admin.ID), account, form.Correction{Page: page, Run: 1, Field: account.ID, Text: "112"}, false); err != nil {
		o.Fatal(err)
	}
	return page
}

func (t tab) open(site string, page form.PageID) {
	t.Helper()
	t.do("open a page", chromedp.Navigate(fmt.Sprintf("%s/pages/%d", site, page)), chromedp.WaitReady("form.value"))
	t.until(`document.activeElement.matches("form.value input") && workstation.root.isConnected`)
}

// paste pastes a range into the first cell of the table.
func (t tab) paste(text string) {
	t.Helper()
	t.eval(fmt.Sprintf(`(() => {
		const cell = document.querySelector("form.cell [name=text]"), data = new DataTransfer();
		cell.focus();
		data.setData("text/plain", %q);
		cell.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
	})()`, text))
}

// What people say while others do, while the server is killed or their session ends,
// and on pages that they leave, is there, and nobody's is overwritten unseen.
func TestPeopleLoseNothing(t *testing.T) {
	o := openOffice(t)
	for _, part := range []struct {
		name string
		test func(*office)
	}{
		{"two people go through one queue", (*office).shareTheQueue},
		{"two people type into one field", (*office).typeIntoOneField},
		{"the server is killed between two keys", (*office).loseTheServer},
		{"sessions end", (*office).loseTheSession},
		{"a page is left", (*office).leaveAPage},
	} {
		t.Run(part.name, func(t *testing.T) {
			mine := *o
			mine.T, mine.TB, mine.kim.TB = t, t, t
			part.test(&mine)
			o.kill, o.pages = mine.kill, mine.pages
		})
	}
}

// seen is the page that a tab shows; 0 while it is between two, and -1 at the end.
func (t tab) seen() form.PageID {
	page, err := chromedp.Run(t.ctx, chromedp.Evaluate[int64](`(() => {
		if (document.querySelector(".trouble")) return -1;
		const row = document.activeElement.closest("form.value"), root = document.querySelector(".reviewing");
		return row && root && performance.getEntriesByName("first-contentful-paint").length > 0 ? Number(root.dataset.page) : 0;
	})()`))
	if err != nil {
		return 0 // the page is being left
	}
	return form.PageID(page)
}

// Two people press Enter in turn until nothing is left: neither is ever shown what
// the other one has.
func (o *office) shareTheQueue() {
	people := []tab{o.tab, o.kim}
	had := []map[form.PageID]bool{{}, {}}
	for _, p := range people {
		p.do("begin", chromedp.Navigate(o.site+"/review"))
	}
	ended := make([]bool, 2)
	for deadline := time.Now().Add(90 * time.Second); slices.Contains(ended, false); {
		if time.Now().After(deadline) {
			o.Fatalf("they do not come to an end: %v", had)
		}
		for i, p := range people {
			switch page := p.seen(); {
			case page < 0:
				ended[i] = true
			case page > 0:
				had[i][page] = true
				p.do("accept", chromedp.Func(pressEnter))
			}
		}
	}
	for page := range had[0] {
		if had[1][page] {
			o.Errorf("both had page %d", page)
		}
	}
	if n := len(had[0]) + len(had[1]); n != len(o.pages) || len(had[0]) == 0 || len(had[1]) == 0 {
		o.Errorf("%d and %d pages, want %d in all", len(had[0]), len(had[1]), len(o.pages))
	}
	for n, page := range o.pages {
		if texts, said := o.texts(page); said != 3 || texts[0] != readAs(n, 0) {
			o.Errorf("page %d: %d said, %q", n, said, texts)
		}
	}
	today := time.Now().Add(-time.Hour)
	for i, who := range []form.UserID{1, o.kimID} {
		if pace, err := o.database.Pace(o.Context(), who, 0, today); err != nil || pace.Done != len(had[i]) {
			o.Errorf("%d pages count as done by %d, who had %v, %v", pace.Done, who, slices.Sorted(maps.Keys(had[i])), err)
		}
	}
}

func (o *office) typeIntoOneField() {
	page := o.add(1)[0]
	o.open(o.site, page)
	o.do("type", chromedp.KeyEvent("가나"+kb.Tab))
	o.idle()
	o.kim.open(o.site, page)
	o.kim.until(`document.querySelector("#field-0 .leftover").textContent.includes("admin") && document.querySelector(".with-other") !== null`)
	o.kim.do("say something else", chromedp.KeyEvent("다라"), chromedp.Func(pressEnter))
	o.kim.idle()

	o.do("say what was typed", chromedp.Focus("#field-0-input"), chromedp.Func(pressEnter))
	o.until(`document.querySelector("#field-0 [role=alert]") && document.querySelector("#field-0 [role=alert]").textContent.includes("다라") && document.getElementById("field-0-input").value === "가나" && document.getElementById("field-0").matches("[data-open]")`)
	if v := o.values(page)[0]; v.Text() != "다라" || len(v.Corrections) != 1 {
		o.Errorf("overwritten unseen: %+v", v.Corrections)
	}
	o.do("say it all the same", chromedp.Focus("#field-0-input"), chromedp.Func(pressEnter))
	o.until(`document.activeElement.id === "field-1-input"`)
	for _, p := range []tab{o.tab, o.kim} {
		p.do("say the same", chromedp.Focus("#field-1-input"), chromedp.KeyEvent("같음"), chromedp.Func(pressEnter))
		p.idle()
		p.until(`document.querySelector("#field-1 [role=alert]") === null && !document.getElementById("field-1").matches(".doubtful")`)
	}
	vs := o.values(page)
	if vs[0].Text() != "가나" || len(vs[0].Corrections) != 2 || vs[1].Text() != "같음" || len(vs[1].Corrections) != 1 {
		o.Errorf("%+v, %+v", vs[0].Corrections, vs[1].Corrections)
	}
}

// Between two keys the server is killed, while one types and pastes, and the other
// one keys from the picture: what was saved is there, and the rest comes when there
// is a server again.
func (o *office) loseTheServer() {
	page := o.invoice()
	o.open(o.site, page)
	o.do("type", chromedp.KeyEvent("김철"))
	o.idle()
	o.kim.do("key", chromedp.Navigate(fmt.Sprintf("%s/second/%d", o.site, page)), chromedp.WaitVisible("form.keyed"))
	o.kim.until(`document.activeElement.matches("form.keyed textarea")`)
	o.kim.do("type", chromedp.KeyEvent("11"))
	o.kim.idle()
	o.kill()
	typed, err := o.database.Typed(o.Context(), form.Everything, page)
	if err != nil || len(typed) != 2 || typed[0].Text != "김철" && typed[1].Text != "김철" {
		o.Errorf("saved was %+v, %v", typed, err)
	}

	o.do("type on", chromedp.KeyEvent("수"), chromedp.Func(pressEnter))
	o.paste("볼펜\t12\n공책\t3\n")
	o.kim.do("type on", chromedp.KeyEvent("2"), chromedp.Func(pressEnter))
	for _, p := range []tab{o.tab, o.kim} {
		p.until(`document.getElementById("outbox").dataset.state === "offline"`)
	}
	o.until(`[...document.querySelectorAll("form.cell [name=text]")].map(c => c.value).join() === "볼펜,12,공책,3"`)
	o.restart()
	for _, p := range []tab{o.tab, o.kim} {
		p.eval(`dispatchEvent(new Event("online"))`)
		p.idle()
	}
	o.kim.until(`document.querySelector(".trouble") !== null`) // nothing else is to be keyed
	o.until(`document.querySelector("#grid-said button") !== null`)
	o.want(page, "김철수 112 볼펜 12 공책 3")
}

// want wants the values of a page.
func (o *office) want(page form.PageID, want string) {
	o.Helper()
	var texts []string
	vs := o.values(page)
	for i := range vs {
		texts = append(texts, vs[i].Text())
	}
	if got := strings.Join(texts, " "); got != want {
		o.Errorf("page %d holds %q, want %q", page, got, want)
	}
}

func (o *office) loseTheSession() {
	page := o.invoice()
	o.open(o.site, page)
	o.kim.do("key", chromedp.Navigate(fmt.Sprintf("%s/second/%d", o.site, page)), chromedp.WaitVisible("form.keyed"))
	o.kim.until(`document.activeElement.matches("form.keyed textarea")`)
	for _, p := range []tab{o.tab, o.kim} {
		if _, err := chromedp.Call(p.ctx, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
			o.Fatal(err)
		}
	}
	o.paste("자\t1\n칼\t2\n")
	o.kim.do("key", chromedp.KeyEvent("112"), chromedp.Func(pressEnter))
	for _, p := range []tab{o.tab, o.kim} {
		p.until(`document.getElementById("relogin").open`)
		p.do("log in", chromedp.KeyEvent(deskPassword), chromedp.Click("#relogin button"))
		p.until(`!document.getElementById("relogin").open`)
		p.idle()
	}
	o.kim.until(`document.querySelector(".trouble") !== null`)
	o.want(page, "김 112 자 1 칼 2")
}

// What was typed last is there after Back, and after the tab was closed at once.
func (o *office) leaveAPage() {
	page := o.add(1)[0]
	o.do("see the queue", chromedp.Navigate(o.site+"/queue"))
	o.open(o.site, page)
	o.do("type and go back", chromedp.KeyEvent("뒤로"))
	o.eval(`history.back()`)
	o.until(`location.pathname === "/queue"`)
	o.idle() // what was typed is on its way
	o.open(o.site, page)
	o.until(`document.getElementById("field-0-input").value === "뒤로"`)

	other := o.window()
	other.open(o.site, page)
	other.do("type and close", chromedp.Focus("#field-1-input"), chromedp.KeyEvent("닫음"))
	if _, err := chromedp.CallBrowser(o.ctx, target.CloseTarget, target.CloseTargetParams{TargetID: chromedp.FromContext(other.ctx).Target.TargetID}); err != nil {
		o.Fatal(err)
	}
	o.open(o.site, page)
	o.idle()
	o.open(o.site, page)
	o.until(`document.getElementById("field-1-input").value.startsWith("닫음")`)
}
