// Calibrate fits the model of package confidence: it draws forms that nobody
// has seen before, fills them in with invented values, spoils them as
// scanners, faxes and telephones do, reads them, and writes the weights under
// which right readings were likely and wrong ones were not.
//
//	go run ./internal/reader/calibrate -pages 1600 -out internal/confidence/weights.json
//
// It takes 1.4 seconds a page and core. With -samples the evidence is
// kept in a file, and fitted to again without drawing if that file exists; of
// several files each may have been drawn in other languages.
//
//	go run ./internal/reader/calibrate -measure -situations all -pages 24 -seed 90001
//
// reads pages in each situation of package sample, and in none, and says how
// many fields of 1,000 are wrong and called certain.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io/fs"
	"log"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/unicode/norm"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/confidence"
	"github.com/seosik/seosik/internal/confidence/fit"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/ocr/ppocr"
	"github.com/seosik/seosik/internal/ocr/tesseract"
	"github.com/seosik/seosik/internal/reader"
	"github.com/seosik/seosik/internal/sample"
)

// childEnv marks a child that serves the engine.
const childEnv = "SEOSIK_CALIBRATE_CHILD"

// ridge holds back weights that few samples speak for.
const ridge = .5

// lowers are features that say how badly a place is seen: they make no reading
// surer, least of all one of an empty field.
var lowers = []string{"bilevel", "coarse", "cut", "dust", "pale", "red", "residual", "soft", "tiny", "unread"}

func main() {
	log.SetFlags(0)
	if os.Getenv(childEnv) != "" {
		if err := serve(); err != nil {
			log.Fatal(err)
		}
		return
	}
	pages := flag.Int("pages", 1600, "pages to draw")
	seed := flag.Uint64("seed", 20001, "of what is drawn")
	out := flag.String("out", "internal/confidence/weights.json", "file for the weights")
	langs := flag.String("languages", strings.Join(form.Languages, ","), "languages of what is drawn, by comma")
	situations := flag.String("situations", "", "situations that pages are in, by comma; all for any, nothing for none")
	measured := flag.Bool("measure", false, "say what is wrong and called certain, in each situation; fit nothing")
	verbose := flag.Bool("v", false, "name each silent field that is measured")
	kept := flag.String("samples", "", "files of samples, by comma: one that is not there is drawn and kept")
	flag.Parse()
	d := drawing{*pages, *seed, form.SplitLanguages(*langs), chosen(*situations), *verbose}
	err := error(nil)
	if *measured {
		err = measure(d)
	} else {
		err = run(d, strings.Split(*kept, ","), *out)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// chosen returns the situations that a flag names.
func chosen(names string) (situations []sample.Situation) {
	switch names {
	case "":
		return nil
	case "all":
		return sample.Situations()
	}
	for name := range strings.SplitSeq(names, ",") {
		situations = append(situations, sample.Situation(name))
	}
	return situations
}

func serve() error {
	e, err := tesseract.Open("")
	if err != nil {
		return err
	}
	second, err := ppocr.Open([]string{"models"})
	if err != nil {
		return err
	}
	return ocr.Serve(os.Stdin, os.Stdout, e, second)
}

// A drawing says what to draw.
type drawing struct {
	pages     int
	seed      uint64
	languages []string
	// situations are what half of the pages are in, or all where they are measured.
	situations []sample.Situation
	verbose    bool
}

// situation returns that of the page of a seed, "" for none.
func (d drawing) situation(seed uint64) sample.Situation {
	if len(d.situations) == 0 || seed/56%2 == 0 {
		return ""
	}
	return d.situations[seed/112%uint64(len(d.situations))]
}

func run(d drawing, kept []string, out string) error {
	all := samples{}
	for _, file := range kept {
		s, err := keptOrDrawn(file, d)
		if err != nil {
			return err
		}
		for kind := range s {
			all[kind] = append(all[kind], s[kind]...)
		}
	}
	model := confidence.Default()
	for _, kind := range []confidence.Kind{confidence.Line, confidence.Cell, confidence.Blank, confidence.Row, confidence.Checkbox} {
		w, err := fitted(kind, all[kind])
		if errors.Is(err, fit.ErrSamples) {
			log.Printf("%s: kept as it was: %v", kind, err)
			continue
		}
		model[kind] = w
		report(kind, all[kind], w)
	}
	data, err := json.Marshal(rounded(model))
	if err != nil {
		return err
	}
	data = bytes.ReplaceAll(data, []byte(`},"`), []byte("},\n\"")) // a kind a line
	return os.WriteFile(out, append(data, '\n'), 0o644)
}

// fitted returns weights: of a network where there are readers with evidence of many kinds.
func fitted(kind confidence.Kind, samples []fit.Sample) (confidence.Weights, error) {
	if kind == confidence.Line || kind == confidence.Cell {
		return fit.Network(samples)
	}
	return fit.Linear(samples, ridge, lowers...)
}

// samples are the samples of each kind.
type samples map[confidence.Kind][]fit.Sample

// keptOrDrawn returns the samples in the file kept, or draws them and keeps
// them there.
func keptOrDrawn(kept string, d drawing) (samples, error) {
	if kept == "" {
		return draw(d)
	}
	data, err := os.ReadFile(kept)
	if err == nil {
		var s samples
		err := json.Unmarshal(data, &s)
		return s, err
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	s, err := draw(d)
	if err != nil {
		return nil, err
	}
	if data, err = json.Marshal(s); err != nil {
		return nil, err
	}
	return s, os.WriteFile(kept, data, 0o644)
}

// rounded returns m with as many digits as matter.
func rounded(m confidence.Model) confidence.Model {
	round := func(x *float64) { *x = math.Round(*x*1e4) / 1e4 }
	all := func(xs []float64) {
		for i := range xs {
			round(&xs[i])
		}
	}
	for kind, w := range m {
		round(&w.Bias)
		all(w.Linear)
		for i := range w.Units {
			u := &w.Units[i]
			round(&u.Bias)
			all(u.In)
			round(&u.Out)
		}
		m[kind] = w
	}
	return m
}

// report prints how well the weights fit.
func report(kind confidence.Kind, samples []fit.Sample, w confidence.Weights) {
	right, off := 0, [10]float64{}
	for _, s := range samples {
		p := w.Probability(s.Evidence)
		off[min(9, int(p*10))] += p
		if s.Right {
			right++
			off[min(9, int(p*10))]--
		}
	}
	sum := 0.0
	for _, o := range off {
		sum += math.Abs(o)
	}
	log.Printf("%s: %d samples, %.4f right, calibration error %.4f", kind, len(samples), float64(right)/float64(len(samples)), sum/float64(len(samples)))
}

// draw draws and reads pages and returns samples of each kind.
func draw(d drawing) (samples, error) {
	found, mu := samples{}, sync.Mutex{}
	err := withEngine(func(ctx context.Context, engine *ocr.Pool) error {
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(runtime.NumCPU())
		for i := range d.pages {
			seed := d.seed + uint64(i)
			if !slices.Contains(d.languages, language(seed)) {
				continue
			}
			g.Go(func() error {
				fields, err := readDrawn(ctx, engine, seed, d.situation(seed))
				if err != nil {
					return fmt.Errorf("page %d: %w", i, err)
				}
				mu.Lock()
				defer mu.Unlock()
				for _, f := range fields {
					found[f.kind] = append(found[f.kind], fit.Sample{Evidence: f.evidence, Right: f.right})
				}
				if i%50 == 49 {
					log.Printf("%d pages", i+1)
				}
				return nil
			})
		}
		return g.Wait()
	})
	return found, err
}

// withEngine has use read by the engines of this program.
func withEngine(use func(ctx context.Context, engine *ocr.Pool) error) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	ctx := context.Background()
	pool, err := ocr.NewPool(ctx, ocr.PoolConfig{Command: []string{exe}, Env: []string{childEnv + "=1"}})
	if err != nil {
		return err
	}
	defer pool.Close()
	return use(ctx, pool)
}

// language returns the language of the page of a seed.
func language(seed uint64) string { return form.Languages[seed%uint64(len(form.Languages))] }

// A fieldRead is a field of a drawn page as it was read.
type fieldRead struct {
	reading  form.Reading
	kind     confidence.Kind
	evidence confidence.Evidence
	right    bool
	name     string
	want     string
}

// readDrawn draws, spoils and reads one page. There are no fields where its form
// was not found.
func readDrawn(ctx context.Context, engine *ocr.Pool, seed uint64, situation sample.Situation) ([]fieldRead, error) {
	level := sample.Levels[seed/4%uint64(len(sample.Levels))]
	blank, err := sample.Layout(seed, language(seed))
	if err != nil {
		return nil, err
	}
	paper, err := drawPage(blank, seed, situation, level)
	if err != nil {
		return nil, err
	}
	cat, err := catalog(blank)
	if err != nil {
		return nil, err
	}
	file, err := encoded(paper.Image)
	if err != nil {
		return nil, err
	}
	evidence := map[form.FieldID]confidence.Evidence{}
	kinds := map[form.FieldID]confidence.Kind{}
	second := engine.Second()
	if seed%5 == 4 { // what one reader is worth alone
		second = nil
	}
	r := reader.New(reader.Config{Engine: engine, Second: second, Observe: func(_ int, id form.FieldID, k confidence.Kind, e confidence.Evidence) {
		evidence[id], kinds[id] = e, k
	}})
	var fields []fieldRead
	for res, err := range r.Read(ctx, file, reader.All(cat)) {
		if err != nil {
			return nil, err
		}
		if res.Page.Template == 0 {
			log.Printf("seed %d, %s, %s: %s", seed, level, situation, res.Page.State)
		}
		for _, f := range compared(blank.Template, paper, res.Readings) {
			f.kind, f.evidence = kinds[f.reading.Field], evidence[f.reading.Field]
			fields = append(fields, f)
		}
	}
	return fields, nil
}

// drawPage fills a form in and spoils it.
func drawPage(blank *sample.Blank, seed uint64, situation sample.Situation, level sample.Level) (*sample.Paper, error) {
	style := sample.RandomStyle(seed)
	values := blank.Invent(seed, style.Empty)
	rareNames(rand.New(rand.NewPCG(seed, 1)), blank, values)
	ruled := seed/28%2 == 0 // half of each language and level
	if ruled {
		checkDigits(rand.New(rand.NewPCG(seed, 2)), blank, values)
		sums(blank, values)
	}
	paper, err := blank.Meet(situation, values, seed, style, level)
	if err == nil && ruled {
		addRules(blank, paper.Truth)
	}
	return paper, err
}

// rareNames gives some people in Korean forms names of any syllables: real
// names have many that vocabularies of samples have not.
func rareNames(r *rand.Rand, b *sample.Blank, values map[form.FieldID]sample.Value) {
	if b.Template.Languages[0] != "ko" {
		return
	}
	for _, f := range b.Template.Places() {
		letters := []rune(values[f.ID].Text)
		if b.Contents[f.ID] != sample.Name || len(letters) < 2 || r.IntN(3) > 0 {
			continue
		}
		for i := range letters[1:] {
			letters[i+1] = syllable(r)
		}
		values[f.ID] = sample.Value{Text: string(letters)}
	}
}

// syllable returns one of the 2,350 syllables of KS X 1001.
func syllable(r *rand.Rand) rune {
	for {
		s := '가' + rune(r.IntN('힣'-'가'+1))
		code, err := korean.EUCKR.NewEncoder().String(string(s))
		if err == nil && code[0] >= 0xa1 && code[1] >= 0xa1 { // not one of those that Windows added
			return s
		}
	}
}

// checkDigits makes numbers of those that have a check digit, where one is as
// long, and gives their fields the rule.
func checkDigits(r *rand.Rand, b *sample.Blank, values map[form.FieldID]sample.Value) {
	for i := range b.Template.Fields {
		f := &b.Template.Fields[i]
		if c := b.Contents[f.ID]; c != sample.Digits && c != sample.Account {
			continue
		}
		for _, n := range r.Perm(len(form.Checks)) {
			if text := fitting(form.Checks[n], values[f.ID].Text); text != "" {
				values[f.ID] = sample.Value{Text: text}
				f.Rules.Check = form.Checks[n]
				break
			}
		}
	}
}

// fitting returns text with another last digit, so that check fits, or "" where
// there is none.
func fitting(check form.Check, text string) string {
	for digit := range "0123456789" {
		if n := len(text); n > 0 {
			if made := text[:n-1] + string(rune('0'+digit)); check.Fits(made) {
				return made
			}
		}
	}
	return ""
}

// sums makes fields that hold an amount the sum of a column of a table, and gives
// them the rule.
func sums(b *sample.Blank, values map[form.FieldID]sample.Value) {
	for i := range b.Template.Tables {
		t := &b.Template.Tables[i]
		for c, column := range t.Columns {
			total := slices.IndexFunc(b.Template.Fields, func(f form.Field) bool {
				return b.Contents[f.ID] == sample.Amount && f.Kind == form.Normal && f.Rules.Sum == nil
			})
			sum := sumOf(t, c, values)
			if total < 0 || sum == nil || b.Contents[t.CellID(t.Header, c)] != sample.Amount {
				continue
			}
			f := &b.Template.Fields[total]
			values[f.ID] = sample.Value{Text: form.FormatAmount(sum)}
			f.Rules.Sum = []string{t.Name + "." + column.Name}
		}
	}
}

// sumOf returns the sum of a column, or nil where it has none.
func sumOf(t *form.Table, column int, values map[form.FieldID]sample.Value) *big.Rat {
	sum, filled := new(big.Rat), 0
	for row := t.Header; row < t.Header+len(t.Rows); row++ {
		text := values[t.CellID(row, column)].Text
		amount, ok := form.ParseAmount(text)
		switch {
		case ok:
			sum.Add(sum, amount)
			filled++
		case text != "":
			return nil
		}
	}
	if filled == 0 {
		return nil
	}
	return sum
}

// addRules gives fields the rules that an office would, but none that what was
// written breaks.
func addRules(b *sample.Blank, truth map[form.FieldID]sample.Truth) {
	known := map[sample.Content][]string{}
	for seed := range uint64(30) {
		for id, v := range b.Invent(seed, 0) {
			if c := b.Contents[id]; v.Text != "" && !slices.Contains(known[c], v.Text) {
				known[c] = append(known[c], v.Text)
			}
		}
	}
	ticked := map[string]int{}
	for i := range b.Template.Fields {
		f := &b.Template.Fields[i]
		if b.Contents[f.ID] == sample.OneOf && truth[f.ID].Checked {
			ticked[f.Group]++
		}
		if f.Kind != form.Normal {
			continue
		}
		usual(&f.Rules, b.Contents[f.ID], known)
		if len(f.Problems(truth[f.ID].Text)) > 0 {
			f.Rules = form.Rules{}
		}
	}
	for i := range b.Template.Tables {
		t := &b.Template.Tables[i]
		for c := range t.Columns {
			t.Columns[c].Rules = form.Rules{}
			usual(&t.Columns[c].Rules, b.Contents[t.CellID(t.Header, c)], known)
		}
	}
	for _, f := range b.Template.Places() {
		if i := slices.IndexFunc(b.Template.Tables, func(t form.Table) bool { return t.Name == f.Table }); i >= 0 && len(f.Problems(truth[f.ID].Text)) > 0 {
			b.Template.Tables[i].Columns[f.Column].Rules = form.Rules{}
		}
	}
	for group, n := range ticked {
		if n == 1 {
			b.Template.Groups = append(b.Template.Groups, form.Group{Name: group, Choose: form.ChooseOne})
		}
	}
}

// usual adds the rules that what holds c mostly has, of which the values known
// may stand in lists.
func usual(r *form.Rules, c sample.Content, known map[sample.Content][]string) {
	least := 0.0
	switch c {
	case sample.Date:
		r.Date = true
	case sample.Amount, sample.Count:
		r.Min = &least
	case sample.Bank, sample.Relation, sample.Position, sample.Department:
		r.In = form.In{Texts: known[c]}
	}
}

func catalog(b *sample.Blank) (*reader.Catalog, error) {
	var picture bytes.Buffer
	if err := png.Encode(&picture, b.Image); err != nil {
		return nil, err
	}
	b.Template.ID, b.Template.Version, b.Template.Image = 1, 1, blob.KeyOf(picture.Bytes())
	return reader.NewCatalog([]*form.Template{b.Template}, func(blob.Key) ([]byte, error) { return picture.Bytes(), nil })
}

// encoded returns page as a file: as it is where it has no colour.
func encoded(page image.Image) ([]byte, error) {
	var b bytes.Buffer
	if _, ok := page.(*image.YCbCr); ok {
		err := jpeg.Encode(&b, page, &jpeg.Options{Quality: 90})
		return b.Bytes(), err
	}
	err := png.Encode(&b, page)
	return b.Bytes(), err
}

// compared compares readings with the truth.
func compared(t *form.Template, paper *sample.Paper, readings []form.Reading) []fieldRead {
	var fields []fieldRead
	places := t.Places()
	for _, r := range readings {
		i := slices.IndexFunc(places, func(f form.Field) bool { return f.ID == r.Field })
		want := paper.Truth[r.Field]
		right := plain(want.Text) == plain(r.Text)
		if places[i].Kind == form.Checkbox {
			right = want.Checked == r.Checked
		}
		if _, unsure := paper.Unsure[r.Field]; unsure {
			right = false
		}
		fields = append(fields, fieldRead{reading: r, right: right, name: places[i].Name, want: want.Text})
	}
	return fields
}

// plain returns s without what is not counted as a difference.
func plain(s string) string { return strings.Join(strings.Fields(norm.NFKC.String(s)), "") }
