package reader

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/sample/demo"
	"github.com/seosik/seosik/internal/scan"
)

// A timed engine measures how long another one takes.
type timed struct {
	ocr.Engine
	took atomic.Int64 // nanoseconds
}

func (e *timed) Read(ctx context.Context, crops []ocr.Crop) ([]ocr.Text, error) {
	start := time.Now()
	defer func() { e.took.Add(int64(time.Since(start))) }()
	return e.Engine.Read(ctx, crops)
}

// BenchmarkPage reads a page of the demo on one core, and reports where the
// time goes: decode, align, the engines, the second of them, and the rest, which is crops, boxes
// and checkboxes.
func BenchmarkPage(b *testing.B) {
	d := demo.Load()
	tpl, err := form.DecodeTemplate(d.Template)
	if err != nil {
		b.Fatal(err)
	}
	tpl.ID, tpl.Image = 1, blob.KeyOf(d.Picture)
	cat, err := NewCatalog([]*form.Template{tpl}, func(blob.Key) ([]byte, error) { return d.Picture, nil })
	if err != nil {
		b.Fatal(err)
	}
	pool := openEngine(b, 1)
	engine, second := &timed{Engine: pool}, &timed{Engine: pool.Second()}
	r := New(Config{Engine: engine, Second: second})
	if second.Engine == nil {
		r = New(Config{Engine: engine})
	}
	var decode, align time.Duration
	file := d.Scans[0].Data
	read := func() {
		for _, err := range r.Read(b.Context(), file, All(cat)) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	read() // the engine loads its data
	engine.took.Store(0)
	second.took.Store(0)
	for b.Loop() {
		read()
	}
	whole := b.Elapsed()
	b.StopTimer()
	for range b.N {
		start := time.Now()
		for page, err := range scan.Pages(b.Context(), file, scan.Limits{}) {
			if err != nil {
				b.Fatal(err)
			}
			decode += time.Since(start)
			start = time.Now()
			if _, err := cat.set.Find(page.Gray); err != nil {
				b.Fatal(err)
			}
			align += time.Since(start)
		}
	}
	inEngine := time.Duration(engine.took.Load() + second.took.Load())
	for name, took := range map[string]time.Duration{
		"decode": decode, "align": align, "engine": inEngine, "second": time.Duration(second.took.Load()), "rest": whole - decode - align - inEngine,
	} {
		b.ReportMetric(float64(took.Milliseconds())/float64(b.N), name+"-ms/op")
	}
}
