package main

import (
	"math/rand/v2"
	"testing"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/scan"
)

// What is counted on is that each page of a file is read as it was drawn.
func TestFilesHaveThePagesThatTheySay(t *testing.T) {
	m, err := newMaker(rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	seen, kinds := make(map[blob.Key]bool), make(map[string]int)
	for range 24 {
		f, err := m.next(6)
		if err != nil {
			t.Fatal(err)
		}
		if seen[f.key] {
			t.Errorf("%s is the same as another", f.name)
		}
		seen[f.key] = true
		kinds[f.format]++
		if n, err := scan.Count(t.Context(), f.data, scan.Limits{}); err != nil || n != len(f.pages) {
			t.Errorf("%s: %d pages, %v, want %d", f.name, n, err, len(f.pages))
		}
		for page, err := range scan.Pages(t.Context(), f.data, scan.Limits{}) {
			if err != nil {
				t.Fatalf("%s: page %d: %v", f.name, page.Number, err)
			}
			if isForm := page.Gray.Rect.Dx() > 1000; isForm != f.pages[page.Number-1] {
				t.Errorf("%s: page %d is a form: %v, want %v", f.name, page.Number, isForm, !isForm)
			}
		}
	}
	for _, kind := range []string{"pdf", "tiff", "png", "jpg"} {
		if kinds[kind] == 0 {
			t.Errorf("no %s among %v", kind, kinds)
		}
	}
}
