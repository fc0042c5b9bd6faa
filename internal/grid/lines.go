package grid

import (
	"image"

	"github.com/seosik/seosik/internal/raster"
)

// contrast is how much darker than what is on both sides of it a line is at
// least, in gray values. What is filled with gray has edges, but no such lines.
const contrast = 32

// A Line is a ruling line that runs along one axis, in pixels.
type Line struct {
	From, To  int // where it begins and ends on that axis; To is excluded
	Low, High int // between which it lies across; High is excluded
}

// Middle returns where the line lies across.
func (l Line) Middle() int { return (l.Low + l.High) / 2 }

// Lines returns the lines in img that are at least so many pixels long, level
// and upright, whether they are part of a table or not. Long strokes of
// letters are among them where least is small.
func Lines(img *image.Gray, least int) (level, upright []Line) {
	f := newFinder(img.Rect.Dx(), img.Rect.Dy())
	f.least = least
	level, _ = f.lines(img)
	upright, _ = f.lines(transposed(img))
	return level, upright
}

// lines returns the level lines of img, and which of its pixels they are.
func (f finder) lines(img *image.Gray) ([]Line, []bool) {
	width, height := img.Rect.Dx(), img.Rect.Dy()
	mask := make([]bool, width*height)
	thin := make([]bool, width)
	for y := range height {
		for x := range thin {
			thin[x] = f.thin(img, x, y)
		}
		f.runs(img.Pix[y*img.Stride:][:width], thin, mask[y*width:][:width])
	}
	_, pieces := raster.Pieces(mask, width)
	var lines []Line
	for _, p := range pieces {
		// A line that is not quite level crosses some rows.
		if p.Box.Dy() <= f.thick+p.Box.Dx()/50 {
			lines = append(lines, Line{p.Box.Min.X, p.Box.Max.X, p.Box.Min.Y, p.Box.Max.Y})
		}
	}
	return lines, mask
}

// thin reports whether it becomes lighter not far above (x, y), and below.
func (f finder) thin(img *image.Gray, x, y int) bool {
	i := y*img.Stride + x
	wanted := int(img.Pix[i]) + contrast
	if wanted > 255 {
		return false
	}
	return lighter(img, i, -img.Stride, min(f.thick, y), wanted) &&
		lighter(img, i, img.Stride, min(f.thick, img.Rect.Dy()-1-y), wanted)
}

// lighter reports whether one of the n pixels that follow i, step by step,
// reaches a gray value.
func lighter(img *image.Gray, i, step, n, wanted int) bool {
	for range n {
		i += step
		if int(img.Pix[i]) >= wanted {
			return true
		}
	}
	return false
}

// speck is a gap in a line that is overlooked, in pixels.
const speck = 3

// runs marks in out the runs of thin pixels of a row that are long enough for
// a line. A run goes on through another line that crosses it, where it is dark
// but not thin.
func (f finder) runs(row []uint8, thin, out []bool) {
	for x := 0; x < len(thin); x++ {
		if !thin[x] {
			continue
		}
		from, last, darkest := x, x, row[x]
		for x++; x < len(thin) && x-last <= f.thick; x++ {
			switch {
			case thin[x]:
				last, darkest = x, min(darkest, row[x])
			case x-last > speck && int(row[x]) > int(darkest)+contrast:
				x = len(thin) // light for too long
			}
		}
		if x = last; last+1-from >= f.least {
			for i := from; i <= last; i++ {
				out[i] = true
			}
		}
	}
}
