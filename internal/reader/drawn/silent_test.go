package drawn

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/ocr/ppocr"
	"github.com/seosik/seosik/internal/ocr/tesseract"
	"github.com/seosik/seosik/internal/sample"
)

// TestMain is also the program of the engine's children.
func TestMain(m *testing.M) {
	if os.Getenv("SEOSIK_TEST_CHILD") == "" {
		os.Exit(m.Run())
	}
	first, err := tesseract.Open("")
	if err == nil {
		var second ocr.Engine
		if second, err = ppocr.Open([]string{"../../../models"}); err == nil {
			err = ocr.Serve(os.Stdin, os.Stdout, first, second)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

var all = flag.Bool("all", false, "read pages in all situations, not in every other: make silent")

// How many pages are read in each situation, and how many of their fields may be
// wrong and called certain, of 1,000. What was measured on more pages stands in
// the README.
const (
	pagesEach  = 2
	silentOnce = 100 // in one situation
	silentAll  = 8   // in all of them together
)

// On paper as offices have it, of forms that nobody has seen before, what is wrong
// is not called certain.
func TestLittleIsWrongAndCalledCertain(t *testing.T) {
	if testing.Short() {
		t.Skip("reads some hundred pages")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	engine, err := ocr.NewPool(t.Context(), ocr.PoolConfig{Command: []string{exe}, Env: []string{"SEOSIK_TEST_CHILD=1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	situations := append([]sample.Situation{""}, sample.Situations()...)
	read := make([][]Field, len(situations)*pagesEach)
	g, ctx := errgroup.WithContext(t.Context())
	g.SetLimit(runtime.NumCPU())
	for i := range read {
		if !*all && i/pagesEach%2 == 1 {
			continue
		}
		g.Go(func() (err error) {
			read[i], err = Read(ctx, engine, 700_001+uint64(i), situations[i/pagesEach])
			return err
		})
	}
	if err := g.Wait(); errors.Is(err, sample.ErrNoFont) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	fieldsRead, wrong := 0, 0
	for i, s := range situations {
		fields := slices.Concat(read[i*pagesEach : (i+1)*pagesEach]...)
		silent := 0
		for _, f := range fields {
			if f.Silent() {
				silent++
				t.Logf("%s: %s %q is %.4f sure of %q, and %q was written", s, f.Kind, f.Name, f.Reading.Confidence, f.Reading.Text, f.Want)
			}
		}
		if 1000*silent > silentOnce*len(fields) {
			t.Errorf("%q: %d of %d fields are wrong and called certain", s, silent, len(fields))
		}
		fieldsRead, wrong = fieldsRead+len(fields), wrong+silent
	}
	t.Logf("%d of %d fields are wrong and called certain", wrong, fieldsRead)
	if 1000*wrong > silentAll*fieldsRead {
		t.Errorf("%d of %d fields are wrong and called certain", wrong, fieldsRead)
	}
}
