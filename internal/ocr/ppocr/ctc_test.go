package ppocr

import (
	"image"
	"image/draw"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/ocr"
)

// letters are the classes of the tests: 1 is "O", 2 is "0", 3 is the full-width
// comma, 4 the space.
var letters = newDecoder([]string{"O", "0", "，", " "})

// at returns a step in which class has probability p and the blank the rest.
func at(class int, p float32) []float32 {
	s := make([]float32, 5)
	s[blank] = 1 - p
	s[class] = p
	return s
}

func steps(ss ...[]float32) []float32 {
	var all []float32
	for _, s := range ss {
		all = append(all, s...)
	}
	return all
}

func TestDecode(t *testing.T) {
	none := at(blank, 1)
	for _, tt := range []struct {
		name    string
		in      []float32
		charset string
		want    string
	}{
		{"nothing", steps(none, none), "", ""},
		{"no steps", nil, "", ""},
		{"neighbours are one", steps(at(1, .9), at(1, .6), none), "", "O"},
		{"a blank parts", steps(at(1, .9), none, at(1, .6)), "", "OO"},
		{"others are two", steps(at(1, .9), at(2, .9)), "", "O0"},
		{"a space parts words", steps(at(1, .9), at(4, .9), at(2, .9)), "", "O 0"},
		{"spaces at the ends", steps(at(4, .9), at(1, .9), at(4, .9)), "", "O"},
		{"only the charset", steps([]float32{.1, .6, .3, 0, 0}), "01", "0"},
		{"nothing of the charset", steps([]float32{.1, .9, 0, 0, 0}), "01", ""},
		{"full width as it is", steps(at(3, .9)), "", "，"},
		{"full width in a charset", steps(at(3, .9)), "01,", ","},
		{"not a number", steps([]float32{.5, float32(math.NaN()), .4, 0, 0}), "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := letters.decode(tt.in, tt.charset, 8, image.NewGray(image.Rect(0, 0, 64, 48)))
			if got.String() != tt.want {
				t.Errorf("decode = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestDecodeTakesFullWidthDigitsForDigits(t *testing.T) {
	d := newDecoder([]string{"7", "７", "1"})
	w := d.decode([]float32{.1, .3, .35, .25}, "", 8, image.NewGray(image.Rect(0, 0, 8, 48))).Words[0]
	if w.Text != "7" || math.Abs(w.Confidence-.65) > 1e-6 {
		t.Errorf("read %q at %.3f, want 7 at .65", w.Text, w.Confidence)
	}
}

func TestDecodeScores(t *testing.T) {
	in := steps(
		[]float32{.1, .7, .2, 0, 0}, // O, perhaps 0
		[]float32{.4, .5, .1, 0, 0}, // still O
		[]float32{.5, .5, 0, 0, 0},  // O ends: of no interest
		[]float32{.7, 0, 0, .3, 0},  // was there something?
		at(2, .8),
	)
	w := letters.decode(in, "", 8, image.NewGray(image.Rect(0, 0, 40, 48))).Words[0]
	near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-6 })
	want := []ocr.Symbol{
		{Text: "O", Confidence: .7, Alternatives: []ocr.Alternative{{Text: "0", Confidence: .2}}},
		{Text: "0", Confidence: .8},
	}
	for i := range w.Symbols {
		w.Symbols[i].Box = image.Rectangle{}
	}
	if d := cmp.Diff(want, w.Symbols, near); d != "" {
		t.Error(d)
	}
	if math.Abs(w.Confidence-.7) > 1e-6 {
		t.Errorf("confidence = %.3f, want .7: that of O and of the gap", w.Confidence)
	}
	// With digits only, what cannot be does not count.
	digits := letters.decode(in[:5], "01", 8, image.NewGray(image.Rect(0, 0, 8, 48))).Words[0]
	if got := digits.Confidence; math.Abs(got-2.0/3) > 1e-6 {
		t.Errorf("confidence of 0 with digits only = %.3f, want .667", got)
	}
}

func TestGapsBetweenFigures(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		left       []int // of each symbol, 10 wide and 20 high
		trimmed    int   // px that the boxes are too small
		want       []int // symbols before which there is a space
	}{
		{"as wide as a space", "2748", []int{0, 12, 34, 46}, 0, []int{2}},
		{"as far apart as all", "2748", []int{0, 20, 40, 60}, 0, nil},
		{"narrower than a space", "2748", []int{0, 12, 29, 41}, 0, nil},
		{"letters know their spaces", "ab48", []int{0, 12, 34, 46}, 0, nil},
		{"ones", "2115", []int{0, 12, 34, 46}, 0, nil},
		{"boxes that miss ink", "2023", []int{0, 12, 24, 36}, 4, nil},
		{"one figure", "7", []int{0}, 0, nil},
	} {
		img := image.NewGray(image.Rect(0, 0, 80, 20))
		draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
		var runs []run
		var boxes []image.Rectangle
		for i, c := range tt.text {
			box := image.Rect(tt.left[i], 0, tt.left[i]+10, 20)
			draw.Draw(img, box, image.Black, image.Point{}, draw.Src)
			runs = append(runs, run{text: string(c), first: tt.left[i] + 5, last: tt.left[i] + 5})
			boxes = append(boxes, box.Inset(tt.trimmed))
		}
		apart := gaps(runs, boxes, 1, img)
		for i := range runs {
			if apart[i] != slices.Contains(tt.want, i) {
				t.Errorf("%s: apart before %d is %v", tt.name, i, apart[i])
			}
		}
	}
}

func TestDecodeBoxesAreTightInk(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 80, 48))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for y := 10; y < 30; y++ {
		for _, x := range []int{8, 20, 52, 70} {
			img.Pix[y*img.Stride+x] = 0
		}
	}
	none := at(blank, 1)
	in := steps(none, at(1, 1), none, none, none, none, none, at(2, 1), none, none) // 10 steps of 8 px
	w := letters.decode(in, "", 8, img).Words[0]
	if got, want := w.Symbols[0].Box, image.Rect(8, 10, 21, 30); got != want {
		t.Errorf("box of the first = %v, want %v", got, want)
	}
	if got, want := w.Symbols[1].Box, image.Rect(52, 10, 71, 30); got != want {
		t.Errorf("box of the second = %v, want %v", got, want)
	}
	if got, want := w.Box, image.Rect(8, 10, 71, 30); got != want {
		t.Errorf("box of the word = %v, want %v", got, want)
	}
}
