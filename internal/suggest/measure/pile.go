package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
	"github.com/seosik/seosik/internal/sample"
	"github.com/seosik/seosik/internal/scan"
	"github.com/seosik/seosik/internal/suggest"
)

// A filledCopy is a filled copy and where it lies.
type filledCopy struct {
	picture image.Image
	toPage  geom.Homography // of template px
}

// lay makes the blank of b of filled copies.
func (b *blank) lay(ctx context.Context, copies []filledCopy) error {
	common, err := suggest.Pile(ctx, len(copies), func(i int) (*image.Gray, image.Image, error) {
		return sample.ToGray(copies[i].picture), copies[i].picture, nil
	})
	if err != nil {
		return err
	}
	if len(common.Strangers) > 0 {
		fmt.Printf("%s: copies that fell out: %v\n", b.name, common.Strangers)
	}
	fromLead, err := common.ToLead.Inverse()
	if err != nil {
		return err
	}
	b.toPage = fromLead.After(copies[common.Lead].toPage)
	toTemplate, err := b.toPage.Inverse()
	if err != nil {
		return err
	}
	truth := raster.Warp(b.gray, toTemplate, common.Gray.Rect.Dx(), common.Gray.Rect.Dy())
	b.gray, b.common = common.Gray, common
	fmt.Printf("%s: %.4f of the print is lost, %.4f as much is left over\n", b.name, lost(truth, b.gray), lost(b.gray, truth))
	return nil
}

const lostReach = 2 // pixels

// lost returns the share of the ink of a that has none of b nearby.
func lost(a, b *image.Gray) float64 {
	const dark = 128
	ink, gone := 0, 0
	for y := lostReach; y < a.Rect.Dy()-lostReach; y++ {
		for x := lostReach; x < a.Rect.Dx()-lostReach; x++ {
			if a.Pix[y*a.Stride+x] >= dark {
				continue
			}
			ink++
			there := false
			for dy := -lostReach; dy <= lostReach && !there; dy++ {
				row := b.Pix[(y+dy)*b.Stride+x-lostReach:][:2*lostReach+1]
				there = slices.Min(row) < dark+40
			}
			if !there {
				gone++
			}
		}
	}
	return float64(gone) / float64(max(1, ink))
}

// drawPile fills and degrades copies of a drawn form. "mixed" is clean, scanned and
// coarse copies in turn.
func (b *blank) drawPile(form *sample.Blank, o options, seed uint64) error {
	var copies []filledCopy
	for i := range o.pile {
		own := seed*100 + uint64(i)
		filled, err := form.Fill(own, sample.RandomStyle(own))
		if err != nil {
			return err
		}
		level := sample.Level(o.level)
		if o.level == "mixed" {
			level = []sample.Level{sample.Clean, sample.Scanned, sample.LowRes}[i%3]
		}
		page, toPage := sample.Degrade(filled.Image, level, own)
		copies = append(copies, filledCopy{page, toPage})
	}
	return b.lay(context.Background(), copies)
}

// pileOf takes the first filled copies of the form in dir that its truth has, of one
// level, or of all for "mixed".
func (b *blank) pileOf(ctx context.Context, dir string, n int, level string) error {
	file, err := os.Open(filepath.Join(filepath.Dir(filepath.Clean(dir)), "truth.jsonl"))
	if err != nil {
		return err
	}
	defer file.Close()
	var copies []filledCopy
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() && len(copies) < n {
		var t struct {
			File, Level string
			Homography  [3][3]float64
		}
		if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
			return err
		}
		if !strings.HasPrefix(t.File, b.name+"/") || level != "mixed" && t.Level != level {
			continue
		}
		data, err := os.ReadFile(filepath.Join(filepath.Dir(file.Name()), filepath.FromSlash(t.File)))
		if err != nil {
			return err
		}
		page, err := scan.Nth(ctx, data, 1, scan.Limits{})
		if err != nil {
			return err
		}
		h := t.Homography
		copies = append(copies, filledCopy{page.Color, geom.Homography{h[0][0], h[0][1], h[0][2], h[1][0], h[1][1], h[1][2], h[2][0], h[2][1], h[2][2]}})
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return b.lay(ctx, copies)
}
