package handlers

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/intake"
)

var update = flag.Bool("update", false, "write the answers in testdata/contract")

// contract lists the rows.
var contract = []struct {
	name   string
	status int
	as     string // the row that has the same answer; "" for its own
}{
	{"success-v2", 200, ""}, // the example of the document
	{"success-v1", 200, ""},
	{"whole-v2", 200, ""}, // words, lines, a checkbox without a tick, empty fields, a table, combined fields
	{"whole-v1", 200, ""},
	{"tables-v2", 200, ""},         // what whole-v2 has, and its table
	{"tables-v1", 200, "whole-v1"}, // V1 has no tables
	{"cells-v2", 200, ""},          // of a domain that has cells among the fields
	{"cells-v1", 200, ""},
	{"pages-v2", 200, ""}, // five pages, which is the most
	{"pages-v1", 200, ""},
	{"multipart-java", 200, "success-v2"},       // no blank after the colon
	{"multipart-file-first", 200, "success-v2"}, // no closing boundary, message with a type
	{"multipart-dotnet", 200, "success-v2"},     // a boundary in quotes, with slash, space and colon
	{"json-as-form", 200, "success-v2"},         // curl --data-raw without a content type
	{"json-without-type", 200, "success-v2"},
	{"external-path", 200, "success-v2"}, // the URL behind the gateway
	{"loose-types", 200, ""},             // lower case, strings for numbers, blanks in lang, unknown and misspelt keys
	{"template-id-alone", 200, "success-v2"},
	{"template-ids-some-released", 200, "success-v2"},
	{"no-match-v2", 200, ""},
	{"no-match-v1", 200, ""},
	{"no-such-template-v2", 200, ""},
	{"no-such-template-v1", 200, ""},
	{"damaged-v2", 200, ""},
	{"damaged-v1", 200, ""},
	{"resolution-v2", 200, ""},
	{"resolution-v1", 200, ""},
	{"unsupported-v2", 200, ""},
	{"unsupported-v1", 200, ""},
	{"encrypted-v2", 200, ""},
	{"encrypted-v1", 200, ""},
	{"0001-domain", 400, ""},
	{"0001-hash", 400, ""},
	{"0001-get", 400, ""},
	{"0002-none", 401, ""},
	{"0002-wrong", 401, ""},
	{"0002-other-domain", 401, ""},
	{"0011-empty", 400, ""},
	{"0011-text", 400, ""},
	{"0011-cut-off", 400, ""},
	{"0011-no-images", 400, ""},
	{"0011-two-images", 400, ""},
	{"0011-format", 400, ""},
	{"0011-no-format", 400, ""},
	{"0011-no-file", 400, ""},
	{"0011-base64", 400, ""},
	{"0011-url", 400, ""}, // which is not fetched
	{"0011-timestamp", 400, ""},
	{"0011-template-ids", 400, ""},
	{"0011-no-message", 400, ""},
	{"0011-six-pages", 400, ""}, // one more than may be
	{"0021-version", 400, ""},
	{"0021-no-version", 400, ""},
	{"0022-model", 400, ""},
	{"0022-infer-twice", 400, ""},
	{"0500", 500, ""},
	{"0501", 500, ""},
	{"1021-nothing-released", 500, ""},
	{"1021-draft", 500, ""},
	{"general-v2", 200, ""},
	{"general-external", 200, "general-v2"},
	{"general-v1", 200, ""},
	{"general-tables-v2", 200, ""},
	{"general-tables-v1", 200, ""}, // V1 has no tables
	{"general-tables-not-wanted", 200, ""},
	{"general-no-text", 200, ""},
	{"general-damaged-v2", 200, ""},
	{"general-resolution-v1", 200, ""},
	{"0025-busy", 400, ""},
	{"0028-tables", 400, ""},
	{"0023-quota", 400, ""},
	{"0501-general", 500, ""},
	{"0002-general", 401, ""},
	{"0001-general", 400, ""},
	{"result", 200, ""},
	{"result-external", 200, "result"},
	{"0001-result", 400, ""},
	{"0001-result-other-domain", 400, ""},
	{"0002-result", 401, ""},
}

// jsonType is the Content-Type of all that programs are answered.
const jsonType = "application/json;charset=UTF-8"

// retries are the Retry-After of rows that have one.
var retries = map[string]string{"0025-busy": "1"}

// TestContract has a row for each row of the contract: the bytes of a request,
// in testdata/contract/NAME.http, and the answer, in NAME.json. In the bytes
// words in braces stand for what is only known when the test runs; in the
// answers too, and a time is 0 there.
func TestContract(t *testing.T) {
	a := newContract(t, nil)
	for _, tt := range contract {
		t.Run(tt.name, func(t *testing.T) {
			a.in(t)
			sent := a.wire(a.requestFile(tt.name))
			if sent.StatusCode != tt.status {
				t.Fatalf("status %d, want %d: %s", sent.StatusCode, tt.status, sent.body)
			}
			if got := sent.Header.Get("Content-Type"); got != jsonType {
				t.Errorf("content type %q", got)
			}
			if got, want := sent.Header.Get("Retry-After"), retries[tt.name]; got != want {
				t.Errorf("Retry-After %q, want %q", got, want)
			}
			got := a.timeless(sent.body)
			row := tt.name
			if tt.as != "" {
				row = tt.as
			}
			path := filepath.Join("testdata", "contract", row+".json")
			if *update && tt.as == "" {
				writeIndented(t, path, got)
			}
			if diff := cmp.Diff(exact(t, readFile(t, path)), exact(t, got)); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

// Every request in testdata is sent.
func TestContractIsWhole(t *testing.T) {
	rows := make(map[string]bool)
	for _, tt := range contract {
		rows[tt.name] = true
	}
	files, err := filepath.Glob(filepath.Join("testdata", "contract", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)); !rows[name] {
			t.Errorf("%s is of no row", file)
		}
	}
}

// The example of the document is answered as the document answers it. Its two
// identifiers are its own.
func TestDocumentExample(t *testing.T) {
	want := readFile(t, filepath.Join("testdata", "document.json"))
	got := readFile(t, filepath.Join("testdata", "contract", "success-v2.json"))
	for _, r := range []struct{ pattern, ours string }{
		{`"uid": "[0-9a-f]{32}"`, `"uid": "{uid}"`},
		{`"timestamp": [0-9]{13}`, `"timestamp": 0`},
		{`"id": 390`, `"id": 1`},
	} {
		want = regexp.MustCompile(r.pattern).ReplaceAll(want, []byte(r.ours))
	}
	if diff := cmp.Diff(exact(t, want), exact(t, got)); diff != "" {
		t.Errorf("answer (-document +got):\n%s", diff)
	}
}

// A contractSite is a domain with two templates in service and a draft, two
// other domains, and a reader that knows what the files of testdata/contract
// show.
type contractSite struct {
	*api
	empty       form.Domain // without templates; General calls may ask for tables
	emptySecret string
	spent       form.Domain // without a call left
	spentSecret string
	busy        form.Domain // with one call at the same time
	busySecret  string
	cells       form.Domain // with cells among the fields, and the whole template
	cellsSecret string
}

// newContract returns a contractSite that reads photo, if it is not nil, as the
// document's example. Before it is started it is prepared.
func newContract(t testing.TB, photo []byte, prepare ...func(*contractSite)) *contractSite {
	t.Helper()
	a := &contractSite{api: newDomain(t)}
	a.empty, a.emptySecret = a.addSet("empty", form.Settings{Tables: true})
	a.spent, a.spentSecret = a.addSet("spent", form.Settings{Quota: 1})
	a.busy, a.busySecret = a.addSet("busy", form.Settings{Together: 1})
	if _, err := a.cfg.DB.UseCalls(t.Context(), a.spent.ID, 1); err != nil {
		t.Fatal(err)
	}
	a.cells, a.cellsSecret = a.addSet("cells", form.Settings{Cells: true})
	save := func(d form.Domain, f *form.Template, stage form.Stage) *form.Template {
		picture, err := a.cfg.Blobs.Put(t.Context(), page)
		if err != nil {
			t.Fatal(err)
		}
		f.Domain, f.Stage, f.Image, f.ImageName = d.ID, stage, picture, "template.png"
		f.Languages, f.Width, f.Height = []string{"ko"}, 1000, 1400
		saved, err := a.cfg.DB.SaveTemplate(t.Context(), form.Command, f)
		if err != nil {
			t.Fatal(err)
		}
		return saved
	}
	a.template = save(a.domain, documentTemplate(), form.Service)
	whole := save(a.domain, wholeTemplate(), form.Service)
	a.draft = save(a.domain, &form.Template{Name: "초안", Fields: documentTemplate().Fields}, form.Draft)
	reader := known{a.template, whole, save(a.cells, wholeTemplate(), form.Service), photo}
	a.cfg.General = reader
	for _, p := range prepare {
		p(a)
	}
	a.readWith(reader)
	return a
}

// addSet adds a domain with settings, and returns it with its secret.
func (a *contractSite) addSet(name string, settings form.Settings) (form.Domain, string) {
	a.Helper()
	d, secret, err := a.cfg.DB.AddDomain(a.Context(), form.Command, name, []string{"ko"})
	if err != nil {
		a.Fatal(err)
	}
	d.Settings = settings
	if err := a.cfg.DB.SaveDomain(a.Context(), form.Command, d); err != nil {
		a.Fatal(err)
	}
	return d, secret
}

// A known reader knows the files of the contract by their bytes. Any other
// file is damaged to it.
type known struct {
	document, whole, cells *form.Template

	photo []byte // one more picture of the document's example
}

func (k known) Pages(_ context.Context, file []byte) (int, form.Failure, error) {
	return len(k.pages(string(file))), "", nil
}

func (k known) Read(_ context.Context, file []byte, want func(int) (intake.Want, bool)) iter.Seq2[intake.Result, error] {
	return func(yield func(intake.Result, error) bool) {
		for i, r := range k.pages(string(file)) {
			r.Page.Number = i + 1
			if _, wanted := want(i + 1); wanted && !yield(r, nil) {
				return
			}
		}
	}
}

func (k known) pages(file string) []intake.Result {
	blank := intake.Result{Page: form.Page{State: form.StateUnmatched, Width: 1000, Height: 1400}}
	failed := func(f form.Failure) intake.Result {
		return intake.Result{Page: form.Page{State: form.StateFailed, Failure: f}}
	}
	if k.photo != nil && file == string(k.photo) {
		file = "document"
	}
	switch file {
	case "document":
		return []intake.Result{documentPage(k.document)}
	case "whole":
		return []intake.Result{wholePage(k.whole)}
	case "cells":
		return []intake.Result{wholePage(k.cells)}
	case "blank":
		return []intake.Result{blank}
	case tiffOf(5):
		return []intake.Result{documentPage(k.document), blank, failed(form.FailDamaged), blank, blank}
	case "empty", "unsupported", "encrypted", "resolution", "engine", "internal":
		return []intake.Result{failed(form.Failure(file))}
	}
	return []intake.Result{failed(form.FailDamaged)}
}

// Sheets reads a file without a template: pages of the whole as text in a
// table of a row, others as pages without text.
func (k known) Sheets(_ context.Context, file []byte, _ []string) iter.Seq2[form.Sheet, error] {
	return func(yield func(form.Sheet, error) bool) {
		for i, r := range k.pages(string(file)) {
			sheet := form.Sheet{Number: i + 1, Width: r.Page.Width, Height: r.Page.Height, Failure: r.Page.Failure}
			if len(r.Title.Words) > 0 {
				sheet.Words = r.Title.Words
				sheet.Grids = []form.Grid{{Where: r.Title.Where, Cells: []form.GridCell{
					{RowSpan: 1, ColumnSpan: 2, Where: r.Title.Where, Words: r.Title.Words},
					{Row: 1, RowSpan: 1, ColumnSpan: 1, Where: geom.XYWH(450, 165, 300, 60).Quad()},
					{Row: 1, Column: 1, RowSpan: 1, ColumnSpan: 1, Where: geom.XYWH(750, 165, 300, 60).Quad()},
				}}}
			}
			if !yield(sheet, nil) {
				return
			}
		}
	}
}

// documentTemplate is the template that the document's example was read with.
func documentTemplate() *form.Template {
	id := form.Field{ID: "id", Name: "id", Kind: form.MultiBox, ValueType: form.Numeric, Box: geom.XYWH(489, 285, 374, 49)}
	for i := range 6 {
		id.Boxes = append(id.Boxes, geom.XYWH(489+62.5*float64(i), 285, 61.5, 49))
	}
	return &form.Template{
		Name:  "template",
		Title: form.Title{Name: "title", Box: geom.XYWH(450, 50, 520, 60)},
		Fields: []form.Field{
			id,
			{ID: "name", Name: "name", Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(280, 280, 110, 55)},
			{ID: "fax-checkbox", Name: "fax-checkbox", Kind: form.Checkbox, ValueType: form.All, Box: geom.XYWH(87, 737, 53, 55)},
		},
	}
}

// documentPage is what was read on the document's example.
func documentPage(t *form.Template) intake.Result {
	digit := func(text string, confidence float64, corners ...float64) form.Word {
		return form.Word{Text: text, Confidence: confidence, Where: corner(corners...)}
	}
	return intake.Result{
		Page:  form.Page{State: form.StateDone, Width: 1000, Height: 1400, Template: t.ID, Version: t.Version, TemplateToPage: geom.Identity, Score: 0.9},
		Title: form.Reading{Field: form.TitleID, Text: "보험금 청구서 (인보험月)", Confidence: 0.94674826, Where: corner(453.7125, 54.1125, 961.5375, 54.1125, 961.5375, 108.225, 453.7125, 108.225)},
		Readings: named(t, []form.Reading{
			{
				Field: "id", Text: "102831", Confidence: 0.9319761, Where: geom.XYWH(489, 285, 374, 49).Quad(),
				Words: []form.Word{
					digit("1", 0.9798796, 488.88235, 284.92896, 550.3732, 284.93716, 550.39166, 333.93698, 488.90073, 333.9292),
					digit("0", 0.6391636, 551.37305, 284.9373, 612.86285, 284.9455, 612.88153, 333.94495, 551.39154, 333.9371),
					digit("2", 0.99591047, 613.86273, 284.94562, 675.3515, 284.95383, 675.3702, 333.95288, 613.8812, 333.94504),
					digit("8", 0.99782735, 676.3513, 284.95395, 737.8392, 284.9622, 737.8579, 333.96082, 676.37006, 333.953),
					digit("3", 0.99916536, 738.83887, 284.96228, 800.3257, 284.97052, 800.34454, 333.96872, 738.8577, 333.9609),
					digit("1", 0.9799099, 801.3255, 284.97064, 862.8112, 284.97882, 862.8301, 333.97662, 801.3443, 333.96884),
				},
			},
			{Field: "name", Text: "David", Confidence: 0.99630755, Where: corner(287.2125, 287.2125, 380.86874, 287.2125, 380.86874, 328.8375, 287.2125, 328.8375)},
			{Field: "fax-checkbox", Checked: true, Confidence: 0.99464625, Where: corner(87.08151, 736.90735, 140.0801, 736.91125, 140.10016, 791.9156, 87.101494, 791.9121)},
		}),
	}
}

// corner returns the quad with the given x and y in turn.
func corner(xy ...float64) (q geom.Quad) {
	for i := range q {
		q[i] = geom.Point{X: xy[2*i], Y: xy[2*i+1]}
	}
	return q
}

// wholeTemplate has all that a template can have.
func wholeTemplate() *form.Template {
	cell := func(row, column float64) geom.Box { return geom.XYWH(100+column*200, 600+row*50, 200, 50) }
	return &form.Template{
		Name:  "서식 2호",
		Title: form.Title{Text: "여비 정산 신청서", Box: geom.XYWH(300, 50, 400, 60)},
		Fields: []form.Field{
			{ID: "주소", Name: "주소", Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(100, 150, 600, 100)},
			{ID: "비고", Name: "비고", Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(100, 260, 600, 50)},
			{ID: "동의", Name: "동의", Kind: form.Checkbox, ValueType: form.All, Box: geom.XYWH(100, 350, 30, 30), CheckedText: "예", UncheckedText: "아니오"},
			{
				ID: "번호", Name: "번호", Kind: form.MultiBox, ValueType: form.Numeric, Box: geom.XYWH(100, 400, 100, 50),
				Boxes: []geom.Box{geom.XYWH(100, 400, 50, 50), geom.XYWH(150, 400, 50, 50)},
			},
		},
		Tables: []form.Table{{
			Name: "내역", Box: geom.XYWH(100, 600, 400, 100), Header: 1, Rows: make([]form.Row, 1), Columns: []form.Column{{Name: "품목"}, {Name: "금액"}},
			Cells: [][]geom.Box{{cell(0, 0), cell(0, 1)}, {cell(1, 0), cell(1, 1)}},
		}},
		Combine: []form.Combined{{Name: "번호와 주소", Parts: []form.Part{{Field: "번호"}, {Text: "/"}, {Field: "주소"}}}},
	}
}

// wholePage is a page of wholeTemplate, half as large again.
func wholePage(t *form.Template) intake.Result {
	word := func(text string, confidence, x, y, width float64, last bool) form.Word {
		return form.Word{Text: text, Confidence: confidence, Where: geom.XYWH(x, y, width, 30).Quad(), LineBreak: last}
	}
	return intake.Result{
		Page: form.Page{State: form.StateReview, Width: 1500, Height: 2100, Template: t.ID, Version: t.Version, TemplateToPage: geom.Scale(1.5, 1.5), Score: 0.875},
		Title: form.Reading{
			Field: form.TitleID, Text: "여비 정산", Confidence: 0.75, Where: geom.XYWH(450, 75, 600, 90).Quad(),
			Words: []form.Word{word("여비", 0.5, 460, 80, 100, false), word("정산", 1, 600, 82, 100, false)},
		},
		Readings: named(t, []form.Reading{
			{
				Field: "주소", Text: "서울 <중구>\n세종대로 \"110\"", Confidence: 0.625, Where: geom.XYWH(150, 225, 900, 150).Quad(), Reasons: []form.Reason{form.ReasonUnsure},
				Words: []form.Word{
					word("서울", 0.75, 160, 230, 80, false), word("<중구>", 0.5, 260, 230, 90, true),
					word("세종대로", 0.75, 160, 280, 120, false), word(`"110"`, 0.5, 300, 280, 60, false),
				},
			},
			{Field: "비고", Confidence: 0.984375, Where: geom.XYWH(150, 390, 900, 75).Quad()},
			{Field: "동의", Text: "아니오", Confidence: 0.96875, Where: geom.XYWH(150, 525, 45, 45).Quad()},
			{Field: "번호", Text: "7", Confidence: 0.5, Where: geom.XYWH(150, 600, 150, 75).Quad(), Words: []form.Word{
				word("7", 0.5, 150, 600, 75, false), {Confidence: 1, Where: geom.XYWH(225, 600, 75, 75).Quad()},
			}},
			{Field: "내역[1,0]", Text: "기차표", Confidence: 0.5, Where: geom.XYWH(160, 980, 90, 30).Quad(), Words: []form.Word{word("기차표", 0.5, 160, 980, 90, false)}},
			{Field: "내역[1,1]", Confidence: 0.9375, Where: geom.XYWH(450, 975, 300, 75).Quad()},
		}),
	}
}

// requestFile returns the bytes of a request of the contract.
func (a *contractSite) requestFile(name string) []byte {
	a.Helper()
	request := readFile(a, filepath.Join("testdata", "contract", name+".http"))
	switch {
	case bytes.Contains(request, []byte("{busy}")):
		a.begin(a.busy, a.busySecret)
		return a.fill(request)
	case !bytes.Contains(request, []byte("{uid}")):
		return a.fill(request)
	}
	read := a.wire(a.requestFile("success-v2"))
	var answer struct{ Images []struct{ UID string } }
	if err := json.Unmarshal(read.body, &answer); err != nil {
		a.Fatal(err)
	}
	return a.fill(request, "{uid}", answer.Images[0].UID)
}

// fill puts what this site has into the bytes of a request.
func (a *contractSite) fill(request []byte, more ...string) []byte {
	filled := strings.NewReplacer(append([]string{
		"{domain}", strconv.FormatInt(int64(a.domain.ID), 10),
		"{hash}", a.domain.Hash,
		"{secret}", a.secret,
		"{template}", strconv.FormatInt(int64(a.template.ID), 10),
		"{empty}", strconv.FormatInt(int64(a.empty.ID), 10),
		"{empty-hash}", a.empty.Hash,
		"{empty-secret}", a.emptySecret,
		"{spent}", strconv.FormatInt(int64(a.spent.ID), 10),
		"{spent-hash}", a.spent.Hash,
		"{spent-secret}", a.spentSecret,
		"{busy}", strconv.FormatInt(int64(a.busy.ID), 10),
		"{busy-hash}", a.busy.Hash,
		"{busy-secret}", a.busySecret,
		"{cells}", strconv.FormatInt(int64(a.cells.ID), 10),
		"{cells-hash}", a.cells.Hash,
		"{cells-secret}", a.cellsSecret,
		"{draft}", strconv.FormatInt(int64(a.draft.ID), 10),
	}, more...)...).Replace(string(request))
	_, body, _ := strings.Cut(filled, "\r\n\r\n")
	return []byte(strings.Replace(filled, "{length}", strconv.Itoa(len(body)), 1))
}

// wire sends bytes and returns the answer.
func (a *contractSite) wire(request []byte) *answer {
	a.Helper()
	conn := a.dial()
	defer conn.Close()
	if _, err := conn.Write(request); err != nil {
		a.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		a.Fatal(err)
	}
	defer resp.Body.Close()
	got := &answer{s: a.site, Response: resp}
	if got.body, err = io.ReadAll(resp.Body); err != nil {
		a.Fatal(err)
	}
	return got
}

var (
	traces = regexp.MustCompile(`"traceId":"[0-9a-f]{32}"`)
	uids   = regexp.MustCompile(`("uid":"|/results/)[0-9a-f]{32}"`)
)

// timeless returns an answer with placeholders for what no test can know.
func (a *contractSite) timeless(body []byte) []byte {
	body = traces.ReplaceAll(body, []byte(`"traceId":"{trace}"`))
	body = uids.ReplaceAll(body, []byte(`$1{uid}"`))
	body = times.ReplaceAll(body, []byte(`"timestamp":0`))
	body = bytes.ReplaceAll(body, []byte(a.empty.Hash), []byte("{empty-hash}"))
	body = bytes.ReplaceAll(body, []byte(a.spent.Hash), []byte("{spent-hash}"))
	body = bytes.ReplaceAll(body, []byte(a.busy.Hash), []byte("{busy-hash}"))
	return bytes.ReplaceAll(body, []byte(a.domain.Hash), []byte("{hash}"))
}

// exact returns parsed JSON with numbers as they are written: 1.0 is not 1 to
// some clients.
func exact(t testing.TB, text []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// compact returns JSON without blanks between its parts.
func compact(t testing.TB, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return b.Bytes()
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func writeIndented(t testing.TB, path string, text []byte) {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
