package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/sample"
)

// A hand is how a person works the program: with the mouse, or by keyboard alone.
type hand interface {
	press(selector string)       // a button, a link, what can be ticked
	write(selector, text string) // over all that is there; in a selection it chooses
	pick(ids ...string)          // neighbours in the list of the builder
	command(name string)         // of the builder
}

// A mouse presses buttons; what is written it writes with the keys all the same.
type mouse struct{ builder }

func (m mouse) press(selector string) {
	m.Helper()
	m.do("press "+selector, click(selector))
}

func (m mouse) write(selector, text string) {
	m.Helper()
	m.do("go to "+selector, chromedp.Focus(selector))
	m.eval(fmt.Sprintf(`(c => c.select && c.select())(document.querySelector(%q))`, selector))
	m.do("write into "+selector, chromedp.KeyEvent(text))
}

func (m mouse) pick(ids ...string) {
	m.Helper()
	for i, id := range ids {
		m.until(fmt.Sprintf(`(() => {
			const option = document.querySelector('#fields [data-key=%q]');
			if (option) option.dispatchEvent(new MouseEvent("click", {bubbles: true, ctrlKey: %t}));
			return option !== null;
		})()`, id, i > 0))
	}
}

func (m mouse) command(name string) {
	m.Helper()
	m.do(name, click("[data-do="+name+"]"))
}

// A keyboard comes to everything by Tab, and knows the keys that the help lists.
type keyboard struct{ builder }

// tabTo presses Tab, or Shift+Tab where that is shorter, until what has the focus
// is meant by a selector.
func (k keyboard) tabTo(selector string) {
	k.Helper()
	for range 200 {
		switch k.eval(fmt.Sprintf(`(() => {
			const at = document.activeElement, to = document.querySelector(%[1]q);
			if (at.matches(%[1]q)) return 0;
			return at !== document.body && to && at.compareDocumentPosition(to) & Node.DOCUMENT_POSITION_PRECEDING ? -1 : 1;
		})()`, selector)) {
		case 0.:
			return
		case -1.:
			k.keys("Shift+Tab")
		default:
			k.keys("Tab")
		}
	}
	k.Fatalf("Tab does not come to %s", selector)
}

func (k keyboard) press(selector string) {
	k.Helper()
	k.tabTo(selector)
	if k.eval(`document.activeElement.type === "checkbox"`) == true {
		k.do("tick "+selector, chromedp.KeyEvent(" "))
	} else {
		k.do("press "+selector, chromedp.KeyEvent(kb.Enter))
	}
}

func (k keyboard) write(selector, text string) {
	k.Helper()
	k.tabTo(selector)
	k.do("write into "+selector, chromedp.KeyEvent(text))
}

func (k keyboard) pick(ids ...string) {
	k.Helper()
	k.tabTo("#fields [role=option]")
	k.keys("Home")
	for range 200 {
		if k.eval(`document.activeElement.dataset.key`) == ids[0] {
			for range ids[1:] {
				k.keys("Shift+ArrowDown")
			}
			return
		}
		k.keys("ArrowDown")
	}
	k.Fatalf("%s is not in the list", ids[0])
}

func (k keyboard) command(name string) {
	k.Helper()
	keys, _ := k.eval(fmt.Sprintf(`document.querySelector("#keys [data-command=%s]").dataset.keys.split(" ")[0]`, name)).(string)
	at := strings.LastIndex(keys, "+") + 1
	if len(keys) == at+1 {
		keys = keys[:at] + "Key" + keys[at:]
	}
	k.keys(keys)
}

// A story is how a template comes about: from a blank form, drawn here so that
// what is written on its filled copy is known, to what programs and people get.
type story struct {
	builder
	by     hand
	blank  *sample.Blank
	filled *sample.Filled
	copied string // the file of the filled copy
	domain struct {
		ID         form.DomainID
		InvokePath string
		Secret     string
	}
}

// personNumber is where the story's form has the 13 boxes of a number, with a gap
// after the sixth, in template px.
var personNumber = struct{ x, y, side, height, gap float64 }{330, 2176, 42, 48, 30}

// storyForm draws the blank form of the demo, and a number in single boxes below.
func storyForm(t *testing.T) *sample.Blank {
	t.Helper()
	b, err := sample.DrawDemo()
	if err != nil {
		t.Fatal(err)
	}
	text, err := form.EncodeTemplate(b.Template)
	if err != nil {
		t.Fatal(err)
	}
	if b.Template, err = form.DecodeTemplate(text); err != nil { // which names fields after themselves
		t.Fatal(err)
	}
	n, number := personNumber, form.Field{ID: "번호", Name: "번호", Kind: form.MultiBox, ValueType: form.Numeric}
	for i := range 13 {
		x := n.x + float64(i)*n.side
		if i >= 6 {
			x += n.gap
		}
		box := geom.XYWH(x, n.y, n.side, n.height)
		number.Boxes = append(number.Boxes, box)
		number.Box = number.Box.Union(box)
		outer := image.Rect(int(box.Min.X)-1, int(box.Min.Y)-1, int(box.Max.X)+1, int(box.Max.Y)+1)
		draw.Draw(b.Image, outer, image.NewUniform(color.Gray{20}), image.Point{}, draw.Src)
		draw.Draw(b.Image, outer.Inset(2), image.White, image.Point{}, draw.Src)
	}
	b.Template.Fields = append(b.Template.Fields, number)
	return b
}

// openStory serves a site with a domain without templates, and logs a person in.
func openStory(t *testing.T, by func(builder) hand) story {
	t.Helper()
	t.Setenv("SEOSIK_ADMIN_PASSWORD", "열려라 참깨 123")
	data := t.TempDir()
	s := story{builder: builder{tab: openTab(t), site: serve(t, data)}, blank: storyForm(t)}
	s.by = by(s.builder)
	if err := json.Unmarshal([]byte(run(t, "domain", "add", "--data", data, "--name", "총무", "--lang", "ko")), &s.domain); err != nil {
		t.Fatal(err)
	}
	var err error
	if s.database, err = db.Open(t.Context(), filepath.Join(data, "seosik.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.database.Close() })
	values := s.blank.Invent(1, 0)
	values["번호"] = sample.Value{Text: "9002151234567"}
	for i, f := range s.blank.Template.Fields {
		if f.Kind == form.Checkbox {
			values[f.ID] = sample.Value{Checked: i%2 == 0}
		}
	}
	if s.filled, err = s.blank.Write(values, 1, sample.Style{}); err != nil {
		t.Fatal(err)
	}
	s.copied = s.picture("신청서-홍.png", s.filled.Image)
	s.do("see the site", chromedp.Navigate(s.site), chromedp.WaitVisible("#user"))
	s.by.write("#user", "admin")
	s.by.write("#password", "열려라 참깨 123"+kb.Enter)
	s.do("be in", chromedp.WaitVisible("#upload"))
	return s
}

// picture writes a picture as a file, and returns its path.
func (s story) picture(name string, img image.Image) string {
	s.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		s.Fatal(err)
	}
	path := filepath.Join(s.TempDir(), name)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		s.Fatal(err)
	}
	return path
}

// begin makes a template of the blank scan, and comes to the builder.
func (s *story) begin() {
	s.Helper()
	s.by.press(`.sections a[href="/templates"]`)
	s.do("see the templates", chromedp.WaitVisible(`a[href="/templates/new"]`))
	s.by.press(`a[href="/templates/new"]`)
	s.do("be asked", chromedp.WaitVisible("form.newtemplate"))
	s.by.write("#domain", "총무")
	s.until(fmt.Sprintf(`document.getElementById("domain").value === "%d" && document.querySelectorAll("#languages input").length === 1`, s.domain.ID))
	s.by.write("#name", "여비 정산")
	s.do("choose the scan", chromedp.SetUploadFiles("#files", []string{s.picture("blank.png", s.blank.Image)}))
	s.by.press("form.newtemplate button.main")
	s.do("wait for the builder", chromedp.WaitReady("#builder[data-ready]"))
	path, _ := s.eval("location.pathname").(string)
	at := regexp.MustCompile(`^/templates/(\d+)/build$`).FindStringSubmatch(path)
	if at == nil {
		s.Fatalf("a new template leads to %s", path)
	}
	n, err := strconv.Atoi(at[1])
	if err != nil {
		s.Fatal(err)
	}
	s.id = form.TemplateID(n)
	s.until(`document.querySelector(".outlines > g").hasAttribute("transform") && performance.getEntriesByName("first-contentful-paint").length > 0`)
}

// truthAt returns the truth of the one field of the form that a place covers.
func (s story) truthAt(f form.Field) (sample.Truth, bool) {
	for _, known := range s.blank.Template.Places() {
		common := f.Box.Intersect(known.Box)
		area := func(b geom.Box) float64 { return b.Width() * b.Height() }
		if !common.Empty() && area(common) > area(f.Box)/2 && area(common) > area(known.Box)/2 {
			return s.filled.Truth[known.ID], true
		}
	}
	return sample.Truth{}, false
}

// accept accepts all suggestions, and takes away what is no field after all.
func (s story) accept() {
	s.Helper()
	s.by.command("accept_all")
	for _, f := range s.draft().Fields {
		if _, ok := s.truthAt(f); !ok || f.Box.Min.Y > personNumber.y-20 {
			s.by.pick(string(f.ID))
			s.by.command("delete")
		}
	}
	if d := s.draft(); len(d.Fields) < 18 || len(d.Tables) != 1 || d.Title.Text != s.blank.Template.Title.Text {
		s.Fatalf("suggested were only %d fields, %d tables, and the title %q", len(d.Fields), len(d.Tables), d.Title.Text)
	}
}

// fieldOf returns the field of the draft that covers one of the form.
func (s story) fieldOf(name string) form.Field {
	s.Helper()
	for _, known := range s.blank.Template.Fields {
		for _, f := range s.draft().Fields {
			if known.Name == name && f.Box.Intersect(known.Box).Width() > known.Box.Width()/2 && !f.Box.Intersect(known.Box).Empty() {
				return f
			}
		}
	}
	s.Fatalf("no field covers %s", name)
	return form.Field{}
}

// array fills in the dialog: 13 boxes, and a gap after the sixth.
func (s story) array() {
	s.Helper()
	if s.eval(`document.getElementById("array").open`) != true {
		s.by.command("array")
	}
	s.do("13 boxes", chromedp.WaitVisible("#array"),
		chromedp.KeyEvent("13"+kb.Tab+"0"+kb.Tab+"6"+kb.Tab+strconv.Itoa(int(personNumber.gap))+kb.Enter))
	s.said("13칸")
}

// wantNumber wants the boxes of the number where they are printed.
func (s story) wantNumber() {
	s.Helper()
	got, want := s.fieldOf("번호"), s.blank.Template.Fields[len(s.blank.Template.Fields)-1]
	if len(got.Boxes) != len(want.Boxes) {
		s.Fatalf("%d boxes, want %d", len(got.Boxes), len(want.Boxes))
	}
	for i, b := range want.Boxes {
		s.wantBox("box "+strconv.Itoa(i+1), got.Boxes[i], b.Min.X, b.Min.Y, b.Width(), b.Height(), 5)
	}
}

// rules says what fields may hold: one is a date, one needed, one in a list.
func (s story) rules() {
	s.Helper()
	s.by.pick(string(s.fieldOf("신청일").ID))
	if s.eval(`document.getElementById("p-rules-date").checked`) != true {
		s.by.press("#p-rules-date")
	}
	s.by.pick(string(s.fieldOf("성명").ID))
	s.by.write("#p-name", "신청인 성명"+kb.Enter)
	s.by.press("#p-rules-required")
	s.by.pick(string(s.fieldOf("은행명").ID))
	s.by.write("#p-rules-in", "값을")
	s.by.write("#p-rules-in-own", "한국은행\n"+s.filled.Truth["은행명"].Text)
	s.by.write("#try-text", "없는은행")
	s.until(`document.getElementById("try-verdict").className === "breaks"`)
	name, bank := s.fieldOf("성명"), s.fieldOf("은행명")
	if !s.fieldOf("신청일").Rules.Date || name.Name != "신청인 성명" || !name.Rules.Required || len(bank.Rules.In.Texts) != 2 {
		s.Errorf("the rules are not kept: %+v, %+v", name, bank)
	}
}

// group has at least one of the checkboxes be marked, which are selected.
func (s story) group() {
	s.Helper()
	s.by.write("#p-group", "교통"+kb.Enter)
	s.until(`!document.getElementById("p-choose").closest("[hidden]")`)
	s.by.write("#p-choose", "적")
	for _, f := range s.draft().Fields {
		if f.Kind == form.Checkbox && f.Group != "교통" {
			s.Errorf("%s is in the group %q", f.Name, f.Group)
		}
	}
	if g := s.draft().Groups; !slices.ContainsFunc(g, func(g form.Group) bool { return g.Name == "교통" && g.Choose == form.ChooseAtLeastOne }) {
		s.Errorf("the groups are %+v", g)
	}
}

// combine makes one of two fields. Nothing is selected.
func (s story) combine() {
	s.Helper()
	s.by.press("[data-do=add_combined]")
	s.do("name it", chromedp.WaitVisible("#panel-combined > li"), chromedp.KeyEvent("누구"))
	s.by.write("#panel-combined input[data-c=field]", s.fieldOf("성명").Name+kb.Enter)
	s.by.press("#panel-combined button[data-c=text]")
	s.until(`document.activeElement.matches("#panel-combined input[data-c=text]")`) // a key may overtake a click in the browser
	s.do("between them", chromedp.KeyEvent(" / "))
	s.by.write("#panel-combined input[data-c=field]", s.fieldOf("직위").Name+kb.Enter)
	s.until(`document.querySelector("#panel-combined output").textContent.split("‹").length === 3`)
	if c := s.draft().Combine; len(c) != 1 || c[0].Name != "누구" || len(c[0].Parts) != 3 || c[0].Parts[1].Text != " / " {
		s.Errorf("the combined fields are %+v", c)
	}
}

// try has the filled copy read, and calls everything right.
func (s story) try() {
	s.Helper()
	s.by.press(`nav.tabs a[href$="/tests"]`)
	s.do("test", chromedp.WaitVisible("#samples"), chromedp.SetUploadFiles("#files", []string{s.copied}),
		chromedp.WaitVisible("form.value"), chromedp.WaitNotPresent("#cases[hx-get]"))
	s.by.press("#test-head form button")
	s.do("all is right", chromedp.WaitNotPresent("form.value[data-open]"))
}

// release brings the draft to beta, and on to service.
func (s story) release() {
	s.Helper()
	s.by.press(`nav.tabs a[href$="/release"]`)
	for i, stage := range []form.Stage{form.Beta, form.Service} {
		s.do("release", chromedp.WaitVisible(`.go button[value="`+string(stage)+`"]`))
		s.by.write("#note", "처음")
		s.by.press(`.go button[value="` + string(stage) + `"]`)
		s.until(fmt.Sprintf(`document.querySelectorAll(".log > li").length === %d`, i+1))
	}
	if tpl, err := s.database.Template(s.Context(), form.Everything, s.id, 1); err != nil || tpl.Stage != form.Service {
		s.Fatalf("version 1 is %+v, %v", tpl, err)
	}
}

// An answer is what the API says of a page.
type answer struct {
	Images []struct {
		InferResult   string
		Fields        []struct{ Name, InferText string }
		CombineResult struct{ Name, Text string }
		Tables        []struct {
			Cells []struct {
				RowIndex, ColumnIndex int
				CellTextLines         []struct{ CellWords []struct{ InferText string } }
			}
		}
	}
}

// infer sends the filled copy to the API, as a program does.
func (s story) infer() answer {
	s.Helper()
	file, err := os.ReadFile(s.copied)
	if err != nil {
		s.Fatal(err)
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if err := w.WriteField("message", `{"version":"V2","requestId":"1","timestamp":0,"lang":"ko","enableTableDetection":true,"images":[{"format":"png","name":"1"}]}`); err != nil {
		s.Fatal(err)
	}
	part, err := w.CreateFormFile("file", "1.png")
	if err != nil {
		s.Fatal(err)
	}
	if _, err := part.Write(file); err != nil {
		s.Fatal(err)
	}
	w.Close()
	req, err := http.NewRequestWithContext(s.Context(), http.MethodPost, s.site+s.domain.InvokePath, &body)
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set("X-OCR-SECRET", s.domain.Secret)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		s.Fatalf("the API answers %d %s, %v", resp.StatusCode, text, err)
	}
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		s.Fatal(err)
	}
	return a
}

// want returns what each field of the template holds on the filled copy, by its
// name, and each cell of its table by row and column.
func (s story) want() (fields map[string]string, cells map[[2]int]string) {
	s.Helper()
	tpl, err := s.database.Template(s.Context(), form.Everything, s.id, 1)
	if err != nil {
		s.Fatal(err)
	}
	fields, cells = make(map[string]string), make(map[[2]int]string)
	for _, f := range tpl.Places() {
		truth, ok := s.truthAt(f)
		if !ok {
			s.Fatalf("%s is no field of the form", f.Name)
		}
		switch {
		case f.Table != "":
			cells[[2]int{f.Row, f.Column}] = truth.Text
		case f.Kind != form.Checkbox:
			fields[f.Name] = truth.Text
		case truth.Checked:
			fields[f.Name] = f.CheckedText
		default:
			fields[f.Name] = f.UncheckedText
		}
	}
	fields["누구"] = s.filled.Truth["성명"].Text + " / " + s.filled.Truth["직위"].Text
	return fields, cells
}

// checkAnswer wants the API to say what was written.
func (s story) checkAnswer() {
	s.Helper()
	fields, cells := s.want()
	a := s.infer()
	if len(a.Images) != 1 || a.Images[0].InferResult != "SUCCESS" || len(a.Images[0].Tables) != 1 {
		s.Fatalf("the API says %+v", a)
	}
	page := a.Images[0]
	got := map[string]string{page.CombineResult.Name: page.CombineResult.Text}
	for _, f := range page.Fields {
		got[f.Name] = f.InferText
	}
	for name, text := range fields {
		if got[name] != text {
			s.Errorf("the API reads %q in %s, which holds %q", got[name], name, text)
		}
	}
	for _, c := range page.Tables[0].Cells {
		var words []string
		for _, line := range c.CellTextLines {
			for _, w := range line.CellWords {
				words = append(words, w.InferText)
			}
		}
		if text, ok := cells[[2]int{c.RowIndex, c.ColumnIndex}]; ok && strings.Join(words, " ") != text {
			s.Errorf("the API reads %q in the cell %d, %d, which holds %q", words, c.RowIndex, c.ColumnIndex, text)
		}
	}
}

// checkCSV uploads the filled copy, goes through what is doubtful, and downloads
// what was written on it, and on what the program sent.
func (s story) checkCSV() {
	s.Helper()
	s.by.press(`.sections a[href="/"]`)
	s.do("see the upload", chromedp.WaitVisible("#upload"))
	s.by.write("#domain", "총무")
	s.do("upload", chromedp.SetUploadFiles("#files", []string{s.copied}))
	s.by.press("#upload button.main")
	s.do("wait", chromedp.WaitVisible("#pages"), chromedp.WaitNotPresent("#pages[hx-get]"))
	if s.eval(`document.getElementById("next").getAttribute("href").startsWith("/pages/")`) == true {
		s.by.press("#next")
		for !s.focus().Done {
			s.do("accept", chromedp.Func(pressEnter))
		}
	}
	s.by.press(`.sections a[href="/export"]`)
	s.do("see the download", chromedp.WaitVisible("#export"))
	s.by.write("#template", "여비 정산")
	s.by.press("[name=personal]")
	s.do("see what is asked of personal data", chromedp.WaitVisible("#reason"))
	s.by.write("#purpose", "업무 처리")
	s.by.write("#reason", "여비 정산")
	text := s.downloads(func() { s.by.press("#export button.main") })
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
	if err != nil || len(lines) != 3 { // with what the program sent
		s.Fatalf("the CSV is %q, %v", text, err)
	}
	fields, _ := s.want()
	for name, want := range fields {
		at := slices.Index(lines[0], name)
		if at < 0 || lines[1][at] != asExcelShows(want) || lines[2][at] != asExcelShows(want) {
			s.Errorf("the CSV has not %q for %s: %q", want, name, lines)
		}
	}
}

// A person makes a template from one blank scan with the mouse, tests it, and
// releases it; programs and people then get what stands on a filled copy.
func TestATemplateIsMadeWithTheMouse(t *testing.T) {
	s := openStory(t, func(b builder) hand { return mouse{b} })
	s.begin()
	s.accept()
	s.do("all in view", click("[data-zoom=fit]"))
	s.still()

	n := personNumber
	s.by.command("tool_boxes")
	s.drag(ctrl, n.x, n.y, n.x+100, n.y+20, n.x+13*n.side+n.gap, n.y+n.height)
	s.until(`document.getElementById("array").open || document.activeElement.id === "p-name"`)
	s.array()
	s.wantNumber()
	s.by.write("#p-name", "번호"+kb.Enter)

	s.by.command("tool_select")
	s.drag(0, 330, 902, 600, 930, 1300, 958)
	s.group()

	table := s.table()
	at := table.Cells[3][1].Min
	s.by.pick(table.ID)
	s.by.write("#p-name", "여비"+kb.Enter)
	s.drag(ctrl, at.X, at.Y+20, at.X+20, at.Y+20, at.X+50, at.Y+20)
	if by := s.table().Cells[3][1].Min.X - at.X; by < 40 || by > 60 {
		s.Errorf("the line of a table moved by %.1f px, want 50", by)
	}
	s.drag(0, at.X+50, at.Y+20, at.X+20, at.Y+20, at.X+2, at.Y+20) // back to the printed line
	if by := s.table().Cells[3][1].Min.X - at.X; by < -4 || by > 4 {
		s.Errorf("the line came to rest %.1f px off the printed one", by)
	}

	s.rules()
	s.drag(0, 60, 60) // nothing is there
	s.combine()
	s.try()
	s.release()
	s.checkAnswer()
	s.checkCSV()
}

// The same by keyboard alone; only files are handed to the browser, whose own
// dialog asks for them.
func TestATemplateIsMadeByKeyboardAlone(t *testing.T) {
	s := openStory(t, func(b builder) hand { return keyboard{b} })
	s.begin()
	k := s.by.(keyboard)
	k.tabTo("#viewer")
	s.accept()

	n := personNumber
	k.tabTo("#viewer")
	s.keys("Shift+KeyM")
	if s.eval(`document.getElementById("array").open`) == true {
		s.keys("Escape")
	}
	for side, v := range map[string]float64{"x": n.x, "y": n.y, "w": 13*n.side + n.gap, "h": n.height} {
		s.by.write("#p-"+side, strconv.Itoa(int(v)))
	}
	s.keys("Escape")
	s.array()
	s.wantNumber()
	s.keys("F2")
	s.do("name it", chromedp.KeyEvent("번호"+kb.Enter))

	var boxes []string
	for _, f := range s.draft().Fields {
		if f.Kind == form.Checkbox {
			boxes = append(boxes, string(f.ID))
		}
	}
	s.by.pick(boxes...)
	s.group()

	table := s.table()
	s.by.pick(table.ID)
	s.keys("F2")
	s.do("name it", chromedp.KeyEvent("여비"+kb.Enter))
	s.keys("Enter", "ArrowDown", "ArrowDown")
	for _, key := range []string{"Alt+ArrowRight", "Alt+ArrowLeft"} {
		for range 8 {
			s.keys(key)
		}
		if by := s.table().Cells[3][1].Min.X - table.Cells[3][1].Min.X; by != map[string]float64{"Alt+ArrowRight": 8}[key] {
			s.Errorf("after 8 times %s the line is moved by %.1f px", key, by)
		}
	}
	s.keys("Escape")

	s.rules()
	s.keys("Escape", "Escape", "Escape") // out of the panel, the picture, what is selected
	s.combine()
	s.try()
	s.release()
	s.checkAnswer()
	s.checkCSV()
}
