package reader

import (
	"bufio"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/seosik/seosik/internal/align"
	"github.com/seosik/seosik/internal/beside"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/ocr/ppocr"
	"github.com/seosik/seosik/internal/ocr/tesseract"
	"github.com/seosik/seosik/internal/scan"
)

var (
	benchDir    = flag.String("bench", "", "filled forms with truth.jsonl, to measure on; empty for those of the bench")
	benchLevels = flag.String("levels", "scan", "levels to measure, by comma")
	benchForm   = flag.String("form", "", "measure this form only")
	benchWrong  = flag.String("wrong", "", "write what was read wrong to this file")
	all         = flag.Bool("all", false, "read all electronic forms in all ways: make silent")
	benchTrue   = flag.Bool("true", false, "take the true homography instead of looking for it")
)

// TestMain is also the program of the engine's children.
func TestMain(m *testing.M) {
	if os.Getenv("SEOSIK_TEST_CHILD") == "" {
		os.Exit(m.Run())
	}
	engines, err := readers()
	if err == nil {
		err = ocr.Serve(os.Stdin, os.Stdout, engines...)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// readers returns both readers, or Tesseract alone where `make test` has not
// installed the second one.
func readers() ([]ocr.Engine, error) {
	first, err := tesseract.Open("")
	if err != nil {
		return nil, err
	}
	second, err := ppocr.Open([]string{"../../models"})
	if err != nil {
		return []ocr.Engine{first}, nil //nolint:nilerr // it need not be there
	}
	return []ocr.Engine{first, second}, nil
}

// openEngine returns a pool of the readers, or skips the test where Tesseract
// is not installed.
func openEngine(tb testing.TB, children int) *ocr.Pool {
	tb.Helper()
	if e, err := tesseract.Open(""); err != nil {
		tb.Skip(err)
	} else {
		e.Close()
	}
	exe, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	p, err := ocr.NewPool(tb.Context(), ocr.PoolConfig{Command: []string{exe}, Env: []string{"SEOSIK_TEST_CHILD=1"}, Children: children})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Close(); err != nil {
			tb.Error(err)
		}
	})
	return p
}

// A benchDoc is a line of truth.jsonl.
type benchDoc struct {
	File, Form, Level, Style string
	RealDigits               bool
	Homography               *[3][3]float64
	Fields                   map[form.FieldID]struct {
		Text    string
		Checked bool
	}
	Tables map[string][][]string
}

// bench is the documents to measure on and their templates.
type bench struct {
	docs      []benchDoc
	templates map[string]*form.Template
	catalog   *Catalog
}

func openBench(tb testing.TB) *bench {
	tb.Helper()
	if *benchDir == "" {
		*benchDir = beside.Bench(tb, "dev")
	}
	f, err := os.Open(filepath.Join(*benchDir, "truth.jsonl"))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	b := &bench{templates: map[string]*form.Template{}}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var d benchDoc
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			tb.Fatal(err)
		}
		if slices.Contains(strings.Split(*benchLevels, ","), d.Level) && (*benchForm == "" || *benchForm == d.Form) {
			b.docs = append(b.docs, d)
			b.addTemplate(tb, d.Form)
		}
	}
	pictures := map[blob.Key][]byte{}
	var list []*form.Template
	for name, t := range b.templates {
		data, err := os.ReadFile(filepath.Join(*benchDir, name, t.ImageName))
		if err != nil {
			tb.Fatal(err)
		}
		t.Image = blob.KeyOf(data)
		pictures[t.Image] = data
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b *form.Template) int { return cmp.Compare(a.ID, b.ID) })
	b.catalog, err = NewCatalog(list, func(k blob.Key) ([]byte, error) { return pictures[k], nil })
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func (b *bench) addTemplate(tb testing.TB, name string) {
	if b.templates[name] != nil {
		return
	}
	data, err := os.ReadFile(filepath.Join(*benchDir, name, "template.json"))
	if err != nil {
		tb.Fatal(err)
	}
	t, err := form.DecodeTemplate(data)
	if err != nil {
		tb.Fatal(err)
	}
	t.ID, t.Version = form.TemplateID(len(b.templates)+1), 1
	b.templates[name] = t
}

// plain returns s without what does not count: white space and width.
func plain(s string) string {
	return strings.Join(strings.FieldsFunc(norm.NFKC.String(s), unicode.IsSpace), "")
}

// A score counts what was read right, by group.
type score struct {
	mu           sync.Mutex
	right, total map[string]int
	sure         []sureness // of fields of text and rows
	wrong        []string
}

type sureness struct {
	confidence float64
	right      bool
}

func (s *score) add(d benchDoc, f form.Field, r form.Reading) {
	want, ok, group := "", false, ""
	switch {
	case f.Kind == form.Checkbox:
		ok, group = r.Checked == d.Fields[f.ID].Checked, "checkbox"
		want = fmt.Sprint(d.Fields[f.ID].Checked)
	case f.Table != "":
		want, group = d.Tables[f.Table][f.Row-1][f.Column], "cell-"+d.Style
	default:
		want, group = d.Fields[f.ID].Text, "text-"+d.Style
	}
	if f.Kind != form.Checkbox {
		ok = plain(r.Text) == plain(want)
		switch {
		case f.Kind == form.MultiBox && d.RealDigits:
			group = "multibox-digits"
		case f.Kind == form.MultiBox:
			group = "multibox-" + d.Style
		case want == "":
			group = strings.SplitN(group, "-", 2)[0] + "-blank"
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if ok && f.Kind == form.Normal && want != "" {
		s.total["spaces"]++
		if strings.Join(strings.Fields(r.Text), " ") == norm.NFKC.String(want) {
			s.right["spaces"]++
		}
	}
	for _, g := range []string{group, group + "/" + d.Level, group + "/" + d.Form} {
		s.total[g]++
		if ok {
			s.right[g]++
		}
	}
	if f.Kind != form.Checkbox && f.Table == "" {
		s.sure = append(s.sure, sureness{r.Confidence, ok})
	}
	if !ok {
		s.wrong = append(s.wrong, fmt.Sprintf("%s %s %s: want %q, got %q (%.3f) %v", group, d.File, f.ID, want, r.Text, r.Confidence, r.Reasons))
	}
}

// auroc returns the probability that a right reading is surer than a wrong one.
func (s *score) auroc() float64 {
	n, sum := 0.0, 0.0
	for _, a := range s.sure {
		for _, b := range s.sure {
			if a.right && !b.right {
				n++
				if a.confidence > b.confidence {
					sum++
				} else if a.confidence == b.confidence {
					sum += .5
				}
			}
		}
	}
	return sum / n
}

// calibrationError returns the mean distance between confidence and share of
// right readings, over ten bins.
func (s *score) calibrationError() float64 {
	var off [10]float64
	for _, a := range s.sure {
		right := 0.0
		if a.right {
			right = 1
		}
		off[min(9, int(a.confidence*10))] += a.confidence - right
	}
	sum := 0.0
	for _, o := range off {
		sum += math.Abs(o)
	}
	return sum / float64(len(s.sure))
}

// coverage returns the share of readings that may be accepted unseen with at
// most a share of limit wrong among them.
func (s *score) coverage(limit float64) float64 {
	sorted := slices.Clone(s.sure)
	slices.SortFunc(sorted, func(a, b sureness) int { return cmp.Compare(b.confidence, a.confidence) })
	best, wrong := 0, 0
	for i, a := range sorted {
		if !a.right {
			wrong++
		}
		if float64(wrong) <= limit*float64(i+1) && (i+1 == len(sorted) || sorted[i+1].confidence < a.confidence) {
			best = i + 1
		}
	}
	return float64(best) / float64(len(sorted))
}

// floors are the shares read right on plain scans below which nothing may fall
// any more.
var floors = map[string]float64{
	"text-typed": .985, "text-hand": .91, "text-blank": 1, "title": .8, "spaces": .975,
	"cell-typed": .98, "cell-hand": .93, "cell-blank": .99,
	"checkbox": .99, "multibox-typed": .98, "multibox-hand": .98, "multibox-digits": .93,
}

// TestBench prints the share of fields read exactly, by group.
func TestBench(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	b := openBench(t)
	s := &score{right: map[string]int{}, total: map[string]int{}}
	pool := openEngine(t, 2)
	r := New(Config{Engine: pool, Second: pool.Second()})
	docs := make(chan benchDoc)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for d := range docs {
				b.read(t, r, d, s)
			}
		})
	}
	for _, d := range b.docs {
		docs <- d
	}
	close(docs)
	wg.Wait()
	var groups []string
	for g := range s.total {
		groups = append(groups, g)
	}
	slices.Sort(groups)
	for _, g := range groups {
		if share := float64(s.right[g]) / float64(s.total[g]); *benchLevels == "scan" && share < floors[g] {
			t.Errorf("%s: %.4f read right, want %.2f", g, share, floors[g])
		}
		t.Logf("%-28s %.4f of %d", g, float64(s.right[g])/float64(s.total[g]), s.total[g])
	}
	t.Logf("confidence of text: AUROC %.4f, calibration error %.4f, coverage at 0.5 %% wrong %.4f", s.auroc(), s.calibrationError(), s.coverage(.005))
	if *benchWrong != "" {
		slices.Sort(s.wrong)
		if err := os.WriteFile(*benchWrong, []byte(strings.Join(s.wrong, "\n")+"\n"), 0o600); err != nil {
			t.Error(err)
		}
	}
}

// read reads a document and scores it.
func (b *bench) read(t *testing.T, r *Reader, d benchDoc, s *score) {
	data, err := os.ReadFile(filepath.Join(*benchDir, d.File))
	if err != nil {
		t.Error(err)
		return
	}
	want := b.templates[d.Form]
	res, err := b.result(t, r, d, data, want)
	if err != nil {
		t.Errorf("%s: %v", d.File, err)
		return
	}
	if res.Page.Template != want.ID {
		t.Logf("%s: template %d, want %d, state %s %s", d.File, res.Page.Template, want.ID, res.Page.State, res.Page.Failure)
		res.Readings = make([]form.Reading, len(want.Places()))
	}
	for i, f := range want.Places() {
		s.add(d, f, res.Readings[i])
	}
	if want.Title.Text != "" {
		s.mu.Lock()
		s.total["title"]++
		if plain(want.Title.Text) == plain(res.Title.Text) {
			s.right["title"]++
		}
		s.mu.Unlock()
	}
}

func (b *bench) result(t *testing.T, r *Reader, d benchDoc, data []byte, want *form.Template) (Result, error) {
	if !*benchTrue {
		for res, err := range r.Read(t.Context(), data, All(b.catalog)) {
			return res, err
		}
		return Result{}, scan.ErrEmpty
	}
	for page, err := range scan.Pages(t.Context(), data, scan.Limits{}) {
		if err != nil {
			return Result{}, err
		}
		var fit align.Fit
		for i := range fit.TemplateToPage {
			fit.TemplateToPage[i] = d.Homography[i/3][i%3]
		}
		res := Result{Page: form.Page{Number: 1}}
		err := r.fill(t.Context(), &res, page, b.catalog, b.catalog.Only(want.ID).entries[0], fit)
		return res, err
	}
	return Result{}, scan.ErrEmpty
}
