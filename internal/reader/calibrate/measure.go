package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/reader/drawn"
	"github.com/seosik/seosik/internal/sample"
)

// A tally counts the fields of pages in one situation.
type tally struct {
	pages, lost        int // lost: their form was not found
	fields, wrong      int
	silent             int // wrong, and certain
	doubtful, needless int // doubtful; of these right
}

func (t *tally) add(fields []drawn.Field) {
	t.pages++
	if len(fields) == 0 {
		t.lost++
	}
	for _, f := range fields {
		t.fields++
		doubtful := len(f.Reading.Reasons) > 0
		if doubtful {
			t.doubtful++
		}
		if f.Right && doubtful {
			t.needless++
		}
		if !f.Right {
			t.wrong++
		}
		if f.Silent() {
			t.silent++
		}
	}
}

// measure prints how many fields are silent, wrong and doubtful, of pages in
// each situation and in none.
func measure(d drawing) error {
	situations := append([]sample.Situation{""}, d.situations...)
	fmt.Printf("%-26s %6s %6s %7s %8s %10s %10s %9s\n", "situation", "pages", "lost", "fields", "wrong ‰", "silent ‰", "doubtful ‰", "needless")
	return withEngine(func(ctx context.Context, engine *ocr.Pool) error {
		for _, s := range situations {
			t, err := measureIn(ctx, engine, d, s)
			if err != nil {
				return err
			}
			per := func(n int) float64 { return 1000 * float64(n) / max(1, float64(t.fields)) }
			name := s
			if name == "" {
				name = "-"
			}
			fmt.Printf("%-26s %6d %6d %7d %8.1f %10.2f %10.1f %9.2f\n", name, t.pages, t.lost, t.fields, per(t.wrong), per(t.silent), per(t.doubtful), float64(t.needless)/max(1, float64(t.doubtful)))
		}
		return nil
	})
}

// measureIn reads pages in a situation.
func measureIn(ctx context.Context, engine *ocr.Pool, d drawing, s sample.Situation) (t tally, err error) {
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.NumCPU())
	for i := range d.pages {
		g.Go(func() error {
			seed := d.seed + uint64(i)
			fields, err := drawn.Read(ctx, engine, seed, s)
			mu.Lock()
			defer mu.Unlock()
			t.add(fields)
			for _, f := range fields {
				if d.verbose && f.Silent() {
					fmt.Printf("    seed %d, %s, %s: %q for %q, %.4f\n", seed, f.Kind, f.Name, f.Reading.Text, f.Want, f.Reading.Confidence)
				}
			}
			return err
		})
	}
	return t, errors.Join(g.Wait())
}
