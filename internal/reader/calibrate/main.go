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
	"io/fs"
	"log"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/seosik/seosik/internal/confidence"
	"github.com/seosik/seosik/internal/confidence/fit"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/ocr/ppocr"
	"github.com/seosik/seosik/internal/ocr/tesseract"
	"github.com/seosik/seosik/internal/reader/drawn"
	"github.com/seosik/seosik/internal/sample"
)

// childEnv marks a child that serves the engine.
const childEnv = "SEOSIK_CALIBRATE_CHILD"

// ridge holds back weights that few samples speak for.
const ridge = .5

// lowers are features that say how badly a place is seen: they make no reading
// surer, least of all one of an empty field.
var lowers = []string{
	"bilevel", "coarse", "residual", "blurred", "noisy", "faint", "tinted", "lost", "striped",
	"cut", "dust", "pale", "red", "soft", "tiny", "unread",
	"beside", "contested", "leaves", "odd", "on-print", "over", "stray", "struck", "tail",
}

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
	situations := flag.String("situations", "all", "situations that pages are in, by comma; all for any, nothing for none")
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
	// situations are what a third of the pages are in, or all where they are measured.
	situations []sample.Situation
	verbose    bool
}

// situation returns that of the page of a seed, "" for none.
func (d drawing) situation(seed uint64) sample.Situation {
	if len(d.situations) == 0 || seed/56%3 != 0 {
		return ""
	}
	return d.situations[seed/168%uint64(len(d.situations))]
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
			if !slices.Contains(d.languages, drawn.Language(seed)) {
				continue
			}
			g.Go(func() error {
				fields, err := drawn.Read(ctx, engine, seed, d.situation(seed))
				if err != nil {
					return fmt.Errorf("page %d: %w", i, err)
				}
				mu.Lock()
				defer mu.Unlock()
				for _, f := range thinned(fields) {
					found[f.Kind] = append(found[f.Kind], fit.Sample{Evidence: f.Evidence, Right: f.Right})
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

// thinned returns fields with no more checkboxes than other forms have: a sheet
// of a thousand ovals, all seen alike, would outweigh a hundred pages.
func thinned(fields []drawn.Field) []drawn.Field {
	const most = 60
	boxes := 0
	for _, f := range fields {
		if f.Kind == confidence.Checkbox {
			boxes++
		}
	}
	every := boxes/most + 1
	return slices.DeleteFunc(fields, func(f drawn.Field) bool {
		if f.Kind != confidence.Checkbox {
			return false
		}
		boxes--
		return boxes%every != 0
	})
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
