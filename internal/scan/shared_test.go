package scan

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/beside"
)

// allPages returns the pages of file that can be read, and all errors.
func allPages(ctx context.Context, file []byte, limits Limits) (pages []Page, errs []error) {
	for page, err := range Pages(ctx, file, limits) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		pages = append(pages, page)
	}
	return pages, errs
}

func isSentinel(err error) bool {
	for _, target := range []error{
		ErrUnsupported, ErrCoding, ErrHEIF, ErrEmpty, ErrDamaged, ErrEncrypted, ErrTooLarge, ErrTooManyPages, ErrResolution,
	} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

func TestOddFiles(t *testing.T) {
	dir := beside.Bench(t, "odd")
	text, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]struct {
		Expect string
		Truth  []string
	}
	if err := json.Unmarshal(text, &expected); err != nil {
		t.Fatal(err)
	}
	for name, want := range expected {
		t.Run(name, func(t *testing.T) {
			file, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			pages, errs := allPages(t.Context(), file, Limits{Pages: 5})
			took := time.Since(start)
			t.Logf("%d pages, %v, %v", len(pages), errs, took.Round(time.Millisecond))
			switch want.Expect {
			case "read", "no match":
				if len(pages) != len(want.Truth) || errs != nil {
					t.Errorf("%d pages, errors %v; want %d pages", len(pages), errs, len(want.Truth))
				}
			default:
				if len(pages) != 0 || len(errs) != 1 || !isSentinel(errs[0]) {
					t.Errorf("%d pages, errors %v; want one error of the package", len(pages), errs)
				}
			}
			checkPages(t, pages)
		})
	}
}

// checkPages checks what holds for any page.
func checkPages(t testing.TB, pages []Page) {
	t.Helper()
	for _, page := range pages {
		if page.Gray.Rect != page.Color.Bounds() || page.Gray.Rect.Min.X != 0 || page.Gray.Rect.Min.Y != 0 {
			t.Errorf("page %d: luma %v, colour %v", page.Number, page.Gray.Rect, page.Color.Bounds())
		}
	}
}

func TestBadFiles(t *testing.T) {
	dir := beside.Bench(t, "bad")
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			pages, errs := allPages(t.Context(), file, Limits{Pages: 5})
			took := time.Since(start)
			t.Logf("%d pages, %v, %v", len(pages), errs, took.Round(time.Millisecond))
			if len(pages)+len(errs) == 0 {
				t.Error("neither a page nor an error")
			}
			for _, err := range errs {
				if !isSentinel(err) {
					t.Errorf("not an error of the package: %v", err)
				}
			}
			if took > 10*time.Second { // 2 s, on a machine that does other things too
				t.Errorf("took %v", took)
			}
			checkPages(t, pages)
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
