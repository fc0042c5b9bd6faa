package scan

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"testing"
)

func TestNth(t *testing.T) {
	single := encode(t, func(b *bytes.Buffer) error { return png.Encode(b, image.NewGray(image.Rect(0, 0, 40, 30))) })
	pages := make([]pdfPage, 3)
	for i := range pages {
		pages[i] = pdfPage{width: 72, height: float64(72 * (i + 1))}
	}
	pdf := writePDF(t, "", pages...)
	for _, tt := range []struct {
		name   string
		file   []byte
		n      int
		height int // least; 0 for ErrDamaged
	}{
		{"the only page", single, 1, 30},
		{"after the only page", single, 2, 0},
		{"second of a PDF", pdf, 2, 300},
		{"third of a PDF", pdf, 3, 450},
		{"after a PDF", pdf, 4, 0},
		{"damaged", single[:40], 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Nth(t.Context(), tt.file, tt.n, Limits{})
			if tt.height == 0 {
				if !errors.Is(err, ErrDamaged) {
					t.Errorf("Nth = %v, want ErrDamaged", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if h := p.Gray.Rect.Dy(); p.Number != tt.n || h < tt.height {
				t.Errorf("page %d, %s", p.Number, fmt.Sprint(p.Gray.Rect))
			}
		})
	}
}
