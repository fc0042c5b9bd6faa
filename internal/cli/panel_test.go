package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// A panelTab is a tab in which the draft of the sample template is in the builder.
type panelTab struct {
	tab
	database *db.DB
}

func openPanel(t *testing.T) panelTab {
	t.Helper()
	t.Setenv("SEOSIK_ADMIN_PASSWORD", "열려라 참깨 123")
	data := t.TempDir()
	site, p := serve(t, data), panelTab{tab: openTab(t)}
	var err error
	if p.database, err = db.Open(t.Context(), filepath.Join(data, "seosik.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.database.Close() })
	tpl, err := p.database.Template(t.Context(), form.Everything, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	tpl.Name += " 2" // or else there would be no draft
	if _, err := p.database.SaveDraft(t.Context(), form.Command, tpl); err != nil {
		t.Fatal(err)
	}
	setList(t, p.database, tpl.Domain, "신한은행")
	p.do("open the builder",
		chromedp.Navigate(site),
		chromedp.SendKeys("#user", "admin"),
		chromedp.SendKeys("#password", "열려라 참깨 123"+kb.Enter),
		chromedp.WaitVisible("#upload"),
		chromedp.Navigate(site+"/templates/1/build"),
		chromedp.WaitReady("#builder[data-ready]"),
	)
	return p
}

// until waits for the page.
func (p panelTab) until(expression string) {
	p.Helper()
	for deadline := time.Now().Add(20 * time.Second); p.eval(expression) != true; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.Fatalf("it never came to %s: the panel is\n%v", expression, p.eval(`document.getElementById("panel").innerText`))
		}
	}
}

// says waits until an element has a text in it.
func (p panelTab) says(selector, text string) {
	p.Helper()
	p.until(fmt.Sprintf("document.querySelector(%q).textContent.includes(%s)", selector, quoted(text)))
}

func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // it is a string
	}
	return string(b)
}

// pick selects fields and tables by their names.
func (p panelTab) pick(names ...string) {
	p.Helper()
	for i, name := range names {
		p.until(fmt.Sprintf(`(() => {
			const option = [...document.querySelectorAll("#fields [role=option]")].find(o => o.querySelector(".name").textContent === %s);
			if (option) option.dispatchEvent(new MouseEvent("click", {bubbles: true, ctrlKey: %t}));
			return option !== undefined;
		})()`, quoted(name), i > 0))
	}
}

// keys types where the focus is put, over all that is there.
func (p panelTab) keys(selector, text string) {
	p.Helper()
	p.until(fmt.Sprintf(`(() => {
		const control = document.querySelector(%q);
		control.focus();
		if (control.select) control.select();
		return document.activeElement === control;
	})()`, selector))
	p.do("type into "+selector, chromedp.KeyEvent(text))
}

// news waits until the server has answered two questions for news.
func (p panelTab) news() {
	p.Helper()
	p.until(`(() => {
		const asked = performance.getEntriesByType("resource").filter(r => r.name.includes("/draft/news") && r.responseEnd > 0).length;
		window.until ??= asked + 2;
		return asked >= window.until;
	})()`)
}

// draft waits until all is saved, and returns what is.
func (p panelTab) draft() *form.Template {
	p.Helper()
	p.until(`document.getElementById("saving").textContent === "저장됨"`)
	t, err := p.database.Draft(p.Context(), form.Everything, 1)
	if err != nil {
		p.Fatal(err)
	}
	return t
}

// field returns a field of the draft by its name.
func (p panelTab) field(name string) form.Field {
	p.Helper()
	t := p.draft()
	i := slices.IndexFunc(t.Fields, func(f form.Field) bool { return f.Name == name })
	if i < 0 {
		p.Fatalf("there is no field %s", name)
	}
	return t.Fields[i]
}

// What a field is, is said in the panel of the builder, by the keyboard.
func TestPanel(t *testing.T) {
	p := openPanel(t)

	// With nothing selected: a combined field, of which one part is moved up.
	p.do("add a combined field", click("[data-do=add_combined]"))
	const combined = "#panel-combined > li:last-child "
	p.until(`document.activeElement === document.querySelector("` + combined + `[data-c=name]")`)
	p.do("name it", chromedp.KeyEvent("연락"))
	p.keys(combined+"input[data-c=field]", "휴대전화"+kb.Enter)
	p.says(combined+"output", "‹휴대전화›")
	p.do("add a text", click(combined+"button[data-c=text]"))
	p.do("write and move it", chromedp.KeyEvent("☎ "), chromedp.KeyEvent(kb.ArrowUp, chromedp.KeyModifiers(1)))
	p.says(combined+"output", "☎ ‹휴대전화›")
	if p.eval(`document.activeElement.value`) != "☎ " {
		t.Errorf("the focus did not go along with what was moved")
	}
	axe(p.tab)

	// Rules, tried before they are saved; a name that others refer to.
	p.pick("휴대전화")
	p.keys("#p-rules-pattern", "휴") // 휴대폰
	p.keys("#try-text", "02-123")
	p.says("#try-verdict", "✗ 정해진 형식과 다릅니다")
	p.says("#try-rules", "형식: 휴대폰")
	p.keys("#try-text", "010-1234-5678")
	p.says("#try-verdict", "✓ 규칙에 맞습니다")
	p.keys("#p-name", "성명") // another's, on the way to its own
	p.says("#panel-defects", "같은 이름이 두 번 있습니다")
	p.do("go on", chromedp.KeyEvent("의 전화"))
	phone := p.field("성명의 전화")
	if !strings.HasPrefix(phone.Rules.Pattern, "01[") {
		t.Errorf("the pattern is %q", phone.Rules.Pattern)
	}
	if c := p.draft().Combine; len(c) == 0 || c[len(c)-1].Name != "연락" || len(c[len(c)-1].Parts) != 2 || c[len(c)-1].Parts[1].Field != phone.ID {
		t.Errorf("the combined fields are %+v", c)
	}
	p.pick("은행명")
	p.keys("#p-rules-in", kb.ArrowDown)
	p.keys("#try-text", "한국은행")
	p.says("#try-verdict", "‘은행’ 목록에 없는 값입니다")
	if in := p.field("은행명").Rules.In.List(); in != "은행" {
		t.Errorf("the list is %q", in)
	}
	axe(p.tab)

	// A group of checkboxes with its rule.
	p.pick("교통_열차", "교통_버스")
	p.keys("#p-group", "대중")
	p.news() // what the server tells meanwhile takes nothing away
	p.do("go on", chromedp.KeyEvent("교통"+kb.Enter))
	p.until(`!document.getElementById("p-choose").closest("[hidden]")`)
	p.keys("#p-choose", "꼭") // 꼭 하나만 표시
	if p.field("교통_버스").Group != "대중교통" || p.field("교통_항공").Group != "교통수단" {
		t.Error("the group is not that of both checkboxes alone")
	}
	if g := p.draft().Groups; !slices.ContainsFunc(g, func(g form.Group) bool { return g.Name == "대중교통" && g.Choose == form.ChooseOne }) {
		t.Errorf("the groups are %+v", g)
	}
	axe(p.tab)

	// Several fields at once: what differs is said to, and one step changes all.
	p.pick("소속", "사번")
	p.until(`document.getElementById("p-x").placeholder === "(여러 값)" && document.getElementById("p-type").value === "(mixed)"`)
	p.keys("#p-personal", "이") // 이름
	p.keys("#p-confidence", "99.5"+kb.Tab)
	want := form.Handling{Personal: form.PersonalName, Confidence: .995}
	if p.field("소속").Handling != want || p.field("사번").Handling != want {
		t.Errorf("they are %+v and %+v, want %+v", p.field("소속").Handling, p.field("사번").Handling, want)
	}

	// A syllable that is still being put together belongs to what was selected.
	p.pick("직위")
	p.keys("#p-name", "")
	p.do("begin a syllable", func(ctx context.Context, target *chromedp.Target) (none chromedp.Void, err error) {
		_, err = cdp.Call(ctx, target, input.ImeSetComposition, input.ImeSetCompositionParams{Text: "직급", SelectionStart: 2, SelectionEnd: 2})
		return none, err
	})
	p.until(`document.getElementById("p-name").value === "직급"`)
	p.pick("비고")
	p.until(`document.getElementById("p-name").value === "비고"`)
	p.field("직급")
	p.keys("#p-label", "기타 사항")
	if f := p.field("비고"); f.Title() != "기타 사항" {
		t.Errorf("the field is called %q", f.Title())
	}

	// A column of a table.
	p.pick("여비")
	p.do("choose a column", click("#panel-columns > li:nth-child(3) [data-c=rules]"))
	p.says("#panel-column", "열 ‘내용’")
	p.keys("#p-column-label", "세부 내용")
	p.keys("#p-review", "늘")
	if c := p.draft().Tables[0].Columns; c[2].Review != form.ReviewPerson || c[1].Review != "" || c[2].Label != "세부 내용" {
		t.Errorf("the columns are %+v", c)
	}
	axe(p.tab)
}
