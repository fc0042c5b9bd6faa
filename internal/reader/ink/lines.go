package ink

import (
	"image"
	"math"
	"slices"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

// A Line is one line of writing.
type Line struct {
	picture *image.Gray     // of its ink, with a pixel of white around it
	ink     image.Rectangle // where that is in the window
	least   float64         // px of the window; a lower line counts as that high
}

// lines returns the lines of w from top to bottom.
func (w *penned) lines(unit float64) []Line {
	var ls []Line
	for _, r := range w.rows(unit) {
		ls = append(ls, Line{picture: w.picture(r), ink: r, least: 16 * unit}) // a lone dash is not blown up
	}
	return ls
}

// lineGap is how much white there is between two lines at least, as a share of
// the height of the higher one. The parts of Hangul syllables may have white
// rows between them too, but narrower ones.
const lineGap = .3

// Lines that are closer than that, single-spaced, are as high as each other; the
// upper and lower parts of the letters of one line are closer still, and begin
// and end together.
const (
	closeLow = .7  // the height of the lower one is at least such a share of the higher one's
	closeGap = .15 // as lineGap
	leastGap = .06 // the same, where they do not begin and end together
)

// rows returns the parts of the writing that are separated by enough white to
// be lines of their own.
func (w *penned) rows(unit float64) []image.Rectangle {
	var runs [][2]int
	for y := w.Bounds.Min.Y; y < w.Bounds.Max.Y; y++ {
		switch last := len(runs) - 1; {
		case !w.inked(y):
		case last >= 0 && runs[last][1] == y:
			runs[last][1]++
		default:
			runs = append(runs, [2]int{y, y + 1})
		}
	}
	rows := make([]image.Rectangle, len(runs))
	for i, r := range runs {
		rows[i] = w.inkIn(image.Rect(w.Bounds.Min.X, r[0], w.Bounds.Max.X, r[1]))
	}
	for {
		next, least := -1, 0 // the nearest that are one line
		for i := range len(rows) - 1 {
			if gap := rows[i+1].Min.Y - rows[i].Max.Y; (next < 0 || gap < least) && !w.apart(rows[i], rows[i+1], unit) {
				next, least = i, gap
			}
		}
		if next < 0 {
			return rows
		}
		rows[next] = rows[next].Union(rows[next+1])
		rows = slices.Delete(rows, next+1, next+2)
	}
}

// apart reports whether two parts of the writing, above each other, are lines of
// their own.
func (w *penned) apart(above, below image.Rectangle, unit float64) bool {
	low, high := min(above.Dy(), below.Dy()), max(above.Dy(), below.Dy())
	oneGlyph := w.Bounds.Dx() < (below.Max.Y-above.Min.Y)*3/2
	if oneGlyph || low < int(16*unit) {
		return false
	}
	gap := float64(below.Min.Y-above.Max.Y) / float64(high)
	if float64(low) < closeLow*float64(high) || min(above.Dx(), below.Dx()) <= high {
		return gap >= lineGap
	}
	ends := abs(above.Min.X-below.Min.X) + abs(above.Max.X-below.Max.X)
	return gap >= closeGap || gap >= leastGap && ends > high
}

func abs(n int) int { return max(n, -n) }

// inked reports whether row y has ink.
func (w *penned) inked(y int) bool {
	for _, v := range w.ink.at[y*w.ink.width+w.Bounds.Min.X : y*w.ink.width+w.Bounds.Max.X] {
		if v >= w.level {
			return true
		}
	}
	return false
}

// inkIn returns the smallest rectangle around the ink in r.
func (w *penned) inkIn(r image.Rectangle) image.Rectangle {
	var box image.Rectangle
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if w.ink.at[y*w.ink.width+x] >= w.level {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

// maxWidth bounds the ink of a picture of a line, in pixels.
const maxWidth = 4000

// A Picture is a line at one size, ready for an engine: dark ink on white.
type Picture struct {
	Image    *image.Gray
	ToWindow geom.Homography // px of the image to px of the window
	Margin   int             // px of white around the ink
}

// Picture returns l with its ink height pixels high and margin pixels of white
// around it.
func (l *Line) Picture(height, margin float64) Picture {
	scale := min(height/max(float64(l.ink.Dy()), l.least), maxWidth/float64(l.ink.Dx()))
	toWindow := geom.Shift(geom.Point{X: float64(l.ink.Min.X) - margin/scale, Y: float64(l.ink.Min.Y) - margin/scale}).
		After(geom.Scale(1/scale, 1/scale))
	toPicture := geom.Shift(geom.Point{X: float64(1 - l.ink.Min.X), Y: float64(1 - l.ink.Min.Y)}).After(toWindow)
	width := int(math.Ceil(float64(l.ink.Dx())*scale)) + 2*int(margin)
	high := int(math.Ceil(float64(l.ink.Dy())*scale)) + 2*int(margin)
	return Picture{Image: raster.Warp(l.picture, toPicture, width, high), ToWindow: toWindow, Margin: int(margin)}
}

// Height returns the height of the line in p, in pixels.
func (p *Picture) Height() int { return p.Image.Rect.Dy() - 2*p.Margin }

// White tells for each column of p whether it has no ink.
func (p *Picture) White() []bool {
	const paper = 200
	white := make([]bool, p.Image.Rect.Dx())
	for x := range white {
		white[x] = true
	}
	for y := range p.Image.Rect.Dy() {
		for x, v := range p.Image.Pix[y*p.Image.Stride:][:len(white)] {
			if v < paper {
				white[x] = false
			}
		}
	}
	return white
}

// Part returns the columns of p from left to right, which is not in it, with
// white at both sides.
func (p *Picture) Part(left, right, white int) Picture {
	img := raster.New(right-left+2*white, p.Image.Rect.Dy())
	for y := range img.Rect.Dy() {
		copy(img.Pix[y*img.Stride+white:], p.Image.Pix[y*p.Image.Stride+left:y*p.Image.Stride+right])
	}
	toImage := geom.Shift(geom.Point{X: float64(left - white)})
	return Picture{Image: img, ToWindow: p.ToWindow.After(toImage), Margin: p.Margin}
}

// picture returns the ink in r, dark on white, and a pixel around it.
func (w *penned) picture(r image.Rectangle) *image.Gray {
	img := raster.New(r.Dx()+2, r.Dy()+2)
	dark := w.darkest(r)
	for y := max(0, r.Min.Y-1); y < min(w.ink.height, r.Max.Y+1); y++ {
		for x := max(0, r.Min.X-1); x < min(w.ink.width, r.Max.X+1); x++ {
			if v := int(w.ink.at[y*w.ink.width+x]); v > 0 {
				img.Pix[(y-r.Min.Y+1)*img.Stride+x-r.Min.X+1] = uint8(255 - min(255, 255*v/dark))
			}
		}
	}
	return img
}

// darkest returns how dark the pen is in r: what a tenth of its ink reaches.
func (w *penned) darkest(r image.Rectangle) int {
	var hist [256]int
	total := 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, v := range w.ink.at[y*w.ink.width+r.Min.X : y*w.ink.width+r.Max.X] {
			if v >= w.level {
				hist[v]++
				total++
			}
		}
	}
	return max(1, quantile(hist[:], total, .9))
}
