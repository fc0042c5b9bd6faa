package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/seosik/seosik/internal/cli/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m) }

// A moved house is that of the release before, served by the program as it is.
type movedHouse struct {
	house
	*testing.T
	data    string // folder
	answers string // folder; what the release before answered
	site    string
	program map[int]*client // by domain
	clerk   *client
}

// moveIn serves the house of the release before until the test ends, and waits
// until what that had left to do is done.
func moveIn(t *testing.T) *movedHouse {
	t.Helper()
	h := &movedHouse{T: t, program: make(map[int]*client)}
	text, err := os.ReadFile("testdata/house.json")
	h.ok(err)
	h.ok(json.Unmarshal(text, &h.house))
	dir := t.TempDir()
	h.ok(unpack("testdata/house.tar.gz", dir))
	h.data, h.answers = filepath.Join(dir, "data"), filepath.Join(dir, "answers")
	h.site = clitest.Serve(t, h.data)
	for _, d := range h.Domains {
		h.program[d.ID] = newClient(h.site, d.Secret)
	}
	h.clerk = h.login(h.Users[1])
	h.settle()
	return h
}

func (h *movedHouse) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *movedHouse) login(u user) *client {
	h.Helper()
	c, err := login(h.Context(), h.site, u)
	h.ok(err)
	return c
}

// settle waits until no page is to be read.
func (h *movedHouse) settle() {
	h.Helper()
	for _, d := range h.Domains {
		for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
			open := slices.DeleteFunc(h.records(d.ID), func(r record) bool { return r.State != "waiting" && r.State != "reading" })
			if len(open) == 0 {
				break
			}
			if time.Now().After(deadline) {
				h.Fatalf("%s is still %s", open[0].Document, open[0].State)
			}
		}
	}
}

// ask asks the program's own API, and puts what it answers into answer.
func (h *movedHouse) ask(domain int, path string, question, answer any) {
	h.Helper()
	h.ok(h.program[domain].ask(h.Context(), fmt.Sprintf("/api/v1/domains/%d/%s", domain, path), nil, question, answer))
}

func (h *movedHouse) records(domain int) []record {
	h.Helper()
	var answer struct{ Records []record }
	h.ask(domain, "records/search", map[string]any{"limit": 100}, &answer)
	return answer.Records
}

// record returns the record of a page, which may have come to be only now.
func (h *movedHouse) record(p page) record {
	h.Helper()
	records := h.records(p.Domain)
	i := slices.IndexFunc(records, func(r record) bool { return r.Document == p.Document && r.Number == p.Number })
	if i < 0 {
		h.Fatalf("%s, page %d, is gone", p.Document, p.Number)
	}
	return records[i]
}

func (h *movedHouse) page(document string) page {
	return h.Pages[slices.IndexFunc(h.Pages, func(p page) bool { return p.Document == document })]
}

// A data folder of the release before is served with all that was in it.
func TestUpgrade(t *testing.T) {
	h := moveIn(t)
	for _, tt := range []struct {
		name string
		test func(*movedHouse)
	}{
		{"values and corrections", (*movedHouse).checkRecords},
		{"answers of the API", (*movedHouse).checkAnswers},
		{"downloads", (*movedHouse).checkDownloads},
		{"templates", (*movedHouse).checkTemplates},
		{"settings and lists", (*movedHouse).checkSettings},
		{"review", (*movedHouse).checkReview},
		{"a correction", (*movedHouse).checkCorrection}, // changes what the others check
	} {
		t.Run(tt.name, func(t *testing.T) {
			of := *h
			of.T = t
			tt.test(&of)
		})
	}
}

// checkRecords sees that every page is there with every value, and with what
// people said of it.
func (h *movedHouse) checkRecords() {
	n := 0
	for _, d := range h.Domains {
		n += len(h.records(d.ID))
	}
	if n != len(h.Pages) {
		h.Errorf("%d pages, want %d", n, len(h.Pages))
	}
	for _, p := range h.Pages {
		r := h.record(p)
		if r.Template.ID != p.Template || r.Template.Version != p.Version {
			h.Errorf("%s %d is of template %d version %d, want %d version %d", p.Document, p.Number, r.Template.ID, r.Template.Version, p.Template, p.Version)
			continue
		}
		if p.Pending {
			if r.State != "done" && r.State != "review" {
				h.Errorf("%s is %s", p.Document, r.State)
			}
		} else if r.UID != p.UID || r.State != p.State && !p.Misfiled || r.Failure != p.Failure {
			h.Errorf("%s %d is %s %s, want %s %s", p.Document, p.Number, r.State, r.Failure, p.State, p.Failure)
		}
		if p.Pending && p.ID == "" {
			continue // nothing was known of it
		}
		if d := cmp.Diff(p.Validation, r.Validation); d != "" && !p.Pending { // who is asked of the new run is not there
			h.Errorf("%s %d: validation (-want +got):\n%s", p.Document, p.Number, d)
		}
		if d := cmp.Diff(p.Combined, r.Combined); d != "" && len(p.Combined)+len(r.Combined) > 0 {
			h.Errorf("%s %d: combined (-want +got):\n%s", p.Document, p.Number, d)
		}
		h.checkValues(p, r)
	}
}

func (h *movedHouse) checkValues(p page, r record) {
	if len(r.Values) != len(p.Values) {
		h.Errorf("%s %d has %d values, want %d", p.Document, p.Number, len(r.Values), len(p.Values))
		return
	}
	for i, want := range p.Values {
		got := r.Values[i]
		if got.Name != want.Name {
			h.Errorf("%s: value %d is %s, want %s", p.Document, i, got.Name, want.Name)
			continue
		}
		where := p.Document + " " + want.Name
		if !p.Pending {
			read := value{Name: got.Name, Text: got.Reading.Text, Checked: got.Reading.Checked, Confidence: got.Reading.Confidence}
			asRead := value{Name: want.Name, Text: want.Text, Checked: want.Checked, Confidence: want.Confidence}
			if d := cmp.Diff(asRead, read); d != "" {
				h.Errorf("%s (-want +got):\n%s", where, d)
			}
		}
		said := want.Said
		if !same(got.Corrections, said) {
			h.Errorf("%s: people said %+v, want %+v", where, got.Corrections, said)
		}
		text, checked := got.Reading.Text, got.Reading.Checked
		if n := len(said); n > 0 {
			text, checked = said[n-1].Text, said[n-1].Checked
		}
		if got.Text != text || (checked != nil && *checked != *got.Checked) {
			h.Errorf("%s holds %q, want %q", where, got.Text, text)
		}
		if doubtful := len(got.Reading.Reasons) > 0 && len(said) == 0; got.Doubtful != doubtful {
			h.Errorf("%s is doubtful: %v, want %v", where, got.Doubtful, doubtful)
		}
	}
}

// checkAnswers sees that programs are answered as before: what they know is
// there, and says the same.
func (h *movedHouse) checkAnswers() {
	left := make(map[string]bool)
	for _, p := range h.Pages {
		left[p.UID] = p.Pending || p.Misfiled
	}
	for _, d := range h.Domains {
		for name, path := range map[string]string{"results": "results", "records": "records/search"} {
			before, now := h.before(name, d.ID), []any(nil)
			var uids []string
			for _, b := range before {
				uids = append(uids, uidOf(b))
			}
			question := map[string]any{"uids": uids}
			if name == "records" {
				question = map[string]any{"limit": 100}
			}
			var answer map[string]any
			h.ask(d.ID, path, question, &answer)
			now = answer[name].([]any)
			for _, b := range before {
				uid := uidOf(b)
				i := slices.IndexFunc(now, func(v any) bool { return uidOf(v) == uid })
				if i < 0 {
					h.Errorf("%s of %s is gone", name, uid)
				} else if !left[uid] {
					for _, off := range missing("", b, now[i]) {
						h.Errorf("%s of %s: %s", name, uid, off)
					}
				}
			}
		}
	}
}

// before returns the list of that name that the release before answered.
func (h *movedHouse) before(name string, domain int) []any {
	h.Helper()
	data, err := os.ReadFile(filepath.Join(h.answers, fmt.Sprintf("%s-%d.json", name, domain)))
	h.ok(err)
	var answer map[string]any
	h.ok(json.Unmarshal(data, &answer))
	return answer[name].([]any)
}

// uidOf returns the uid of a record or a result.
func uidOf(v any) string {
	m := v.(map[string]any)
	if image, ok := m["image"].(map[string]any); ok {
		m = image
	}
	uid, _ := m["uid"].(string)
	return uid
}

// missing returns where now lacks, or has otherwise, what is in before. That an
// answer has more than before does no harm. When an answer was given is no part
// of it.
func missing(at string, before, now any) (off []string) {
	switch b := before.(type) {
	case map[string]any:
		n, ok := now.(map[string]any)
		if !ok {
			return []string{at + " is no object"}
		}
		for name, v := range b {
			if at == "" && name == "timestamp" {
				continue
			}
			off = append(off, missing(at+"."+name, v, n[name])...)
		}
	case []any:
		n, ok := now.([]any)
		if !ok || len(n) != len(b) {
			return []string{at + " has not as many elements as before"}
		}
		for i := range b {
			off = append(off, missing(fmt.Sprintf("%s[%d]", at, i), b[i], n[i])...)
		}
	default:
		if before != now {
			return []string{fmt.Sprintf("%s is %v, was %v", at, now, before)}
		}
	}
	return off
}

// checkDownloads sees that tables for people and programs are as before, where
// the template has one version.
func (h *movedHouse) checkDownloads() {
	var pending []string
	for _, p := range h.Pages {
		if p.Pending {
			pending = append(pending, p.Document)
		}
	}
	plain := func(data []byte) string {
		lines := strings.SplitAfter(string(data), "\r\n")
		return strings.Join(slices.DeleteFunc(lines, func(line string) bool {
			return slices.ContainsFunc(pending, func(name string) bool { return strings.HasPrefix(line, name) })
		}), "")
	}
	for _, t := range h.Templates {
		if t.Version > 1 {
			continue
		}
		for _, part := range t.parts() {
			for _, reader := range []string{"program", "spreadsheet"} {
				want, err := os.ReadFile(filepath.Join(h.answers, exportName(part, reader)))
				h.ok(err)
				got, err := h.clerk.get(h.Context(), exportPath(part, reader))
				h.ok(err)
				if d := cmp.Diff(plain(want), plain(got)); d != "" {
					h.Errorf("%s for %s (-want +got):\n%s", part, reader, d)
				}
			}
		}
	}
}

// parts returns what can be downloaded of a template: its fields, and each of
// its tables.
func (t *templateOfHouse) parts() []string {
	parts := []string{fmt.Sprint(t.ID)}
	for _, name := range t.Places {
		if table, _, ok := strings.Cut(name, "["); ok {
			if part := fmt.Sprintf("%d:%s", t.ID, table); !slices.Contains(parts, part) {
				parts = append(parts, part)
			}
		}
	}
	return parts
}

// checkTemplates sees that each is in its stage and version, with its fields.
func (h *movedHouse) checkTemplates() {
	type answered struct {
		ID, Version int
		Name, Stage string
		Fields      []struct{ Name string }
	}
	for _, d := range h.Domains {
		var answer struct{ Templates []answered }
		body, err := h.program[d.ID].get(h.Context(), fmt.Sprintf("/api/v1/domains/%d/templates", d.ID))
		h.ok(err)
		h.ok(json.Unmarshal(body, &answer))
		for _, want := range h.Templates {
			if want.Domain != d.ID {
				continue
			}
			i := slices.IndexFunc(answer.Templates, func(t answered) bool { return t.ID == want.ID })
			if i < 0 {
				h.Errorf("template %s is gone", want.Name)
				continue
			}
			got := answer.Templates[i]
			if want.Stage == "draft" {
				want.Version = 0 // it was a version so far
			}
			if got.Name != want.Name || got.Stage != want.Stage || got.Version != want.Version {
				h.Errorf("template %d is %s %s version %d, want %+v", want.ID, got.Name, got.Stage, got.Version, want)
			}
			for k, f := range got.Fields {
				if f.Name != want.Places[k] {
					h.Errorf("template %s: field %d is %s, want %s", want.Name, k, f.Name, want.Places[k])
				}
			}
		}
	}
}

// checkSettings sees that what was set is set.
func (h *movedHouse) checkSettings() {
	for path, fields := range map[string]map[string]string{
		"/domains/1": {"validation-1": "http://127.0.0.1:", "validation-2": "", "webhook": "", "quota": ""},
		"/domains/2": {"webhook": "http://127.0.0.1:", "quota": "1000"},
	} {
		root := h.see(path)
		for id, want := range fields {
			n := byID(root, id)
			if n == nil {
				h.Errorf("%s has no %s", path, id)
			} else if got := attribute(n, "value"); !strings.HasPrefix(got, want) || want == "" && got != "" {
				h.Errorf("%s: %s is %q, want %q", path, id, got, want)
			}
		}
	}
	const list = "영업부\n기술연구소\n품질관리부\n"
	if got := clitest.Run(h, "list", "show", "--data", h.data, "--domain", "1", "--name", "부서"); got != list {
		h.Errorf("the list is %q, want %q", got, list)
	}
}

// checkReview sees that everybody can log in, and that people see what the
// machine read and what was said.
func (h *movedHouse) checkReview() {
	for _, u := range h.Users {
		h.login(u)
	}
	for _, p := range h.Pages {
		if p.ID == "" {
			continue
		}
		root := h.see("/pages/" + p.ID)
		whole := textOf(root)
		if !strings.Contains(whole, p.Document) {
			h.Errorf("page %s does not show its name", p.ID)
		}
		for i, v := range p.Values {
			row := byID(root, fmt.Sprintf("field-%d", i))
			if row == nil {
				h.Errorf("%s: %s is not shown", p.Document, v.Name)
				continue
			}
			h.checkRow(p, v, row)
		}
		for _, s := range p.Past {
			text := s.Text
			if s.Checked != nil { // said in words: which text stands for it is the template's
				text = map[bool]string{true: "체크함", false: "체크 안 함"}[*s.Checked]
			}
			if !strings.Contains(whole, s.By) || !strings.Contains(whole, text) {
				h.Errorf("%s does not show that %s said %q of %s", p.Document, s.By, s.Text, s.Name)
			}
		}
		if n := runs(root); n != p.Runs && p.Runs > 1 {
			h.Errorf("%s shows %d runs, want %d", p.Document, n, p.Runs)
		}
		if p.State != "failed" {
			_, err := h.clerk.get(h.Context(), "/pages/"+p.ID+"/picture")
			h.ok(err)
		}
	}
}

func (h *movedHouse) checkRow(p page, v value, row *html.Node) {
	said := v.Said
	want, checked := v.Text, v.Checked != nil && *v.Checked
	if n := len(said); n > 0 {
		want, checked = said[n-1].Text, said[n-1].Checked != nil && *said[n-1].Checked
	}
	input := byID(row, attribute(row, "id")+"-input")
	if input == nil {
		h.Errorf("%s: %s cannot be typed", p.Document, v.Name)
		return
	}
	if run := byName(row, "run"); run == nil || attribute(run, "value") != fmt.Sprint(p.Runs) {
		h.Errorf("%s: %s is not of run %d", p.Document, v.Name, p.Runs)
	}
	switch {
	case p.Pending && len(said) == 0:
	case v.Checked != nil:
		if got := has(input, "checked"); got != checked {
			h.Errorf("%s: %s is marked: %v, want %v", p.Document, v.Name, got, checked)
		}
	case input.Data == "input" && attribute(input, "value") != want, input.Data == "textarea" && textOf(input) != want:
		h.Errorf("%s: %s shows %q, want %q", p.Document, v.Name, attribute(input, "value")+textOf(input), want)
	}
	shown := textOf(row)
	for _, s := range said {
		if !strings.Contains(shown, s.By) || v.Checked == nil && !strings.Contains(shown, s.Text) {
			h.Errorf("%s: %s does not show what %s said", p.Document, v.Name, s.By)
		}
	}
}

// checkCorrection sees that what was said before can be corrected, by who has
// seen it.
func (h *movedHouse) checkCorrection() {
	p := h.page("신청 04.png")
	index := slices.IndexFunc(p.Values, func(v value) bool { return v.Name == "성명" })
	stale := url.Values{"field": {fmt.Sprint(index)}, "run": {fmt.Sprint(p.Runs)}, "seen": {"0"}, "text": {"백철문"}}
	if _, err := h.clerk.form(h.Context(), "/pages/"+p.ID+"/corrections", stale); err == nil {
		h.Error("who has not seen what was said before may correct it")
	}
	h.ok(h.clerk.correct(h.Context(), p.ID, index, false, "백철문"))
	r := h.record(p)
	got := r.corrections("성명")
	want := p.Values[index].Said
	if len(got) != len(want)+1 || !same(got[:len(want)], want) || got[len(want)].Text != "백철문" || got[len(want)].By != h.Users[1].Name {
		h.Errorf("people said %+v after %+v", got, want)
	}
}

// see returns a page of the site.
func (h *movedHouse) see(path string) *html.Node {
	h.Helper()
	body, err := h.clerk.get(h.Context(), path)
	h.ok(err)
	root, err := html.Parse(bytes.NewReader(body))
	h.ok(err)
	return root
}

func byID(root *html.Node, id string) *html.Node { return by(root, "id", id) }

func byName(root *html.Node, name string) *html.Node { return by(root, "name", name) }

// by returns the first element below root that has an attribute with that value.
func by(root *html.Node, name, value string) *html.Node {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && has(n, name) && attribute(n, name) == value {
			return n
		}
	}
	return nil
}

// runs returns how many runs the history on a page shows.
func runs(root *html.Node) (n int) {
	history := by(root, "class", "runs")
	if history == nil {
		return 0
	}
	for item := range history.Descendants() {
		if item.Data == "li" && item.Parent.Parent == history {
			n++
		}
	}
	return n
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func textOf(root *html.Node) string {
	var b strings.Builder
	for n := range root.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return b.String()
}
