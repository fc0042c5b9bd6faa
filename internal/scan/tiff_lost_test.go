package scan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"slices"
	"testing"
)

// Strips that lack are not white: they are unseen.
func TestTIFFStripsThatLack(t *testing.T) {
	img := tiffPixels()
	size := img.Bounds().Size()
	for _, s := range []storing{
		{compression: compressionNone, bits: 8, photometric: isRGB, rows: 4},
		{compression: compressionLZW, bits: 8, photometric: isRGB, rows: 4},
		{compression: compressionDeflate, bits: 8, photometric: isRGB, rows: 4},
		{compression: compressionPackBits, bits: 8, photometric: isRGB, rows: 4},
	} {
		s.order = binary.LittleEndian
		file := func(change func(dir *tiffDir)) []byte {
			dir := s.dir(t, img)
			change(&dir)
			return tiffFile{s.order, []tiffDir{dir}}.bytes()
		}
		n := (size.Y + 3) / 4
		plain := onePage(t, file(func(*tiffDir) {}))
		for _, tt := range []struct {
			name   string
			change func(*tiffDir)
			unseen image.Rectangle
		}{
			{"the last is empty", func(d *tiffDir) { d.strips[n-1] = nil }, image.Rect(0, 4*(n-1), size.X, size.Y)},
			{"the last two are not told", func(d *tiffDir) { d.strips = d.strips[:n-2] }, image.Rect(0, 4*(n-2), size.X, size.Y)},
			{"the second is empty", func(d *tiffDir) { d.strips[1] = nil }, image.Rect(0, 4, size.X, 8)},
		} {
			page := onePage(t, file(tt.change))
			if !slices.Equal(page.Unseen, []image.Rectangle{tt.unseen}) {
				t.Errorf("compression %d, %s: unseen %v, want %v", s.compression, tt.name, page.Unseen, tt.unseen)
				continue
			}
			for y := range size.Y {
				for x := range size.X {
					want := plain.Gray.GrayAt(x, y).Y
					if (image.Point{x, y}).In(tt.unseen) {
						want = 128
					}
					if got := page.Gray.GrayAt(x, y).Y; got != want {
						t.Fatalf("compression %d, %s: pixel %d, %d is %d, want %d", s.compression, tt.name, x, y, got, want)
					}
				}
			}
		}
		half := file(func(d *tiffDir) {
			for i := n / 2; i < n; i++ {
				d.strips[i] = nil
			}
		})
		if pages, errs := allPages(t.Context(), half, Limits{}); len(pages) != 0 || len(errs) != 1 || !errors.Is(errs[0], ErrDamaged) {
			t.Errorf("compression %d, half of it: %d pages, errors %v", s.compression, len(pages), errs)
		}
	}
}

// A fax whose last rows lack, made square afterwards.
func TestFaxThatIsCutOff(t *testing.T) {
	rows := faxRows(200, 100, 5)
	for _, kind := range faxKinds {
		dir := faxDir(rows, kind.kind, kind.plane)
		dir.ratios = map[uint16][2]uint32{tagXResolution: {204, 1}, tagYResolution: {102, 1}}
		whole := onePage(t, tiffFile{binary.LittleEndian, []tiffDir{dir}}.bytes())
		dir.strips[0] = dir.strips[0][:len(dir.strips[0])*9/10]
		page := onePage(t, tiffFile{binary.LittleEndian, []tiffDir{dir}}.bytes())
		if len(page.Unseen) != 1 || page.Unseen[0].Max != (image.Point{200, 200}) || page.Unseen[0].Min.X != 0 || page.Unseen[0].Min.Y < 140 {
			t.Fatalf("%v: unseen %v", kind, page.Unseen)
		}
		seen := page.Gray.Pix[:200*(page.Unseen[0].Min.Y-4)]
		if !bytes.Equal(seen, whole.Gray.Pix[:len(seen)]) {
			t.Errorf("%v: what is seen differs", kind)
		}
	}
}
