package reader

import (
	"image"
	"math"
	"slices"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/raster"
)

// What the engine likes best, in pixels of its crops.
const (
	inkHeight    = 36 // of a line, from its highest to its lowest ink
	secondInk    = 30 // the same, for a second look
	padding      = 12 // of white around the ink
	tightInk     = 38 // for the second reader, which sees lines 48 high
	tightPadding = 5
	maxWidth     = 4000
)

// A line is a picture of one line of writing, ready for the engine, and what
// the engine has read in it.
type line struct {
	picture  *image.Gray     // of its ink, with a pixel of white around it
	ink      image.Rectangle // where that is in the window
	least    float64         // px of the window; a lower line counts as that high
	language string          // of the form
	looks    []look
	parts    []latin
	fused    *look // what both readers together have read; nil where one of them counts
	cased    bool  // the two readers had letters in different cases
	chosen   *look // by a rule of the field; nil where none had to choose
}

// A look is a picture of a line at one size, and what the engine reads in it.
type look struct {
	image     *image.Gray
	toWindow  geom.Homography // px of image to px of the window
	round     int             // in which it is read
	english   bool            // read in English, not in the languages of the template
	second    bool            // read by the second reader
	languages []string        // in which the second reader reads it
	alphabet  *alphabet       // characters that can come out
	margin    int             // px of white around the ink
	text      ocr.Text
}

// lines returns the lines of w, in a form in a language, from top to bottom.
func (w *writing) lines(unit float64, language string) []line {
	var ls []line
	for _, r := range w.rows(unit) {
		l := w.line(r, unit)
		l.language = language
		ls = append(ls, l)
	}
	return ls
}

// lineGap is how much white there is between two lines at least, as a share of
// the height of the higher one. The parts of Hangul syllables may have white
// rows between them too, but narrower ones.
const lineGap = .3

// rows returns the parts of the writing that are separated by enough white to
// be lines of their own.
func (w *writing) rows(unit float64) []image.Rectangle {
	var runs [][2]int
	for y := w.bounds.Min.Y; y < w.bounds.Max.Y; y++ {
		switch last := len(runs) - 1; {
		case !w.inked(y):
		case last >= 0 && runs[last][1] == y:
			runs[last][1]++
		default:
			runs = append(runs, [2]int{y, y + 1})
		}
	}
	least := int(16 * unit)
	for i := 0; i+1 < len(runs); {
		above, below := runs[i], runs[i+1]
		low, high := min(above[1]-above[0], below[1]-below[0]), max(above[1]-above[0], below[1]-below[0])
		oneGlyph := w.bounds.Dx() < (below[1]-above[0])*3/2
		if gap := below[0] - above[1]; !oneGlyph && low >= least && float64(gap) >= lineGap*float64(high) {
			i++
			continue
		}
		runs[i][1] = below[1]
		runs = slices.Delete(runs, i+1, i+2)
		i = max(0, i-1)
	}
	rows := make([]image.Rectangle, len(runs))
	for i, r := range runs {
		rows[i] = w.inkIn(image.Rect(w.bounds.Min.X, r[0], w.bounds.Max.X, r[1]))
	}
	return rows
}

// inked reports whether row y has ink.
func (w *writing) inked(y int) bool {
	for _, v := range w.ink.at[y*w.ink.width+w.bounds.Min.X : y*w.ink.width+w.bounds.Max.X] {
		if v >= w.level {
			return true
		}
	}
	return false
}

// inkIn returns the smallest rectangle around the ink in r.
func (w *writing) inkIn(r image.Rectangle) image.Rectangle {
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

// line returns the line in r.
func (w *writing) line(r image.Rectangle, unit float64) line {
	return line{picture: w.picture(r), ink: r, least: 16 * unit} // a lone dash is not blown up
}

// look returns l with its ink height pixels high and padding pixels around it.
func (l *line) look(height, padding float64) look {
	scale := min(height/max(float64(l.ink.Dy()), l.least), maxWidth/float64(l.ink.Dx()))
	toWindow := geom.Shift(geom.Point{X: float64(l.ink.Min.X) - padding/scale, Y: float64(l.ink.Min.Y) - padding/scale}).
		After(geom.Scale(1/scale, 1/scale))
	toPicture := geom.Shift(geom.Point{X: float64(1 - l.ink.Min.X), Y: float64(1 - l.ink.Min.Y)}).After(toWindow)
	width := int(math.Ceil(float64(l.ink.Dx())*scale)) + 2*int(padding)
	high := int(math.Ceil(float64(l.ink.Dy())*scale)) + 2*int(padding)
	return look{image: raster.Warp(l.picture, toPicture, width, high), toWindow: toWindow, margin: int(padding)}
}

// picture returns the ink in r, dark on white, and a pixel around it.
func (w *writing) picture(r image.Rectangle) *image.Gray {
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
func (w *writing) darkest(r image.Rectangle) int {
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
