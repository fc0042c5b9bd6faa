package ppocr

import (
	"image"
	"slices"
	"strings"
	"unicode"

	"github.com/seosik/seosik/internal/ocr"
)

const (
	blank          = 0    // class of no symbol
	maxRivals      = 4    // alternatives of a symbol
	leastRival     = .002 // probability that an alternative has at least
	fullWidthFirst = '！'
	fullWidthLast  = '～'
)

// A decoder turns what a network says about a line into text.
//
// The network tells for each of a row of steps along the line how probable
// each class is: connectionist temporal classification (Graves et al., ICML
// 2006). The best class of each step is taken; equal neighbours are one
// symbol, and the blank parts symbols. Its posteriors are peaked: a symbol has
// one or two steps and the rest are blank.
type decoder struct {
	symbols []string // by class, less one
	// twins are pairs of classes: a letter or digit in full width, and the same
	// in the usual width, which is what is meant by both.
	twins [][2]int
}

func newDecoder(symbols []string) decoder {
	class := map[string]int{}
	for i, s := range symbols {
		class[s] = i + 1
	}
	d := decoder{symbols: symbols}
	for i, s := range symbols {
		n := narrow(s)
		if c, ok := class[n]; ok && n != s && !strings.ContainsFunc(n, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			d.twins = append(d.twins, [2]int{i + 1, c})
		}
	}
	return d
}

// A step is the best class at one step along the line.
type step struct {
	class int
	sure  float64 // its probability
}

// A run is a symbol and the steps that say so.
type run struct {
	text        string
	first, last int     // steps
	peak        int     // step that is surest
	sure        float64 // its probability there
	rivals      []ocr.Alternative
}

// decode reads probabilities, of which each step has one for each class, and
// which it changes. Only the characters of charset may come out; where it is
// empty, all may. A step is as wide as stepWidth pixels of img, which is what
// the network saw.
func (d decoder) decode(probabilities []float32, charset string, stepWidth float64, img *image.Gray) ocr.Text {
	classes := len(d.symbols) + 1
	allowed := d.allowed(charset)
	steps := make([]step, len(probabilities)/classes)
	for t := range steps {
		for _, twin := range d.twins {
			probabilities[t*classes+twin[1]] += probabilities[t*classes+twin[0]]
			probabilities[t*classes+twin[0]] = 0
		}
		steps[t] = d.best(probabilities[t*classes:][:classes], allowed)
	}
	var runs []run
	for t, s := range steps {
		if s.class == blank {
			continue
		}
		if last := len(runs) - 1; t > 0 && steps[t-1].class == s.class {
			runs[last].last = t
			if s.sure > runs[last].sure {
				runs[last].peak, runs[last].sure = t, s.sure
			}
			continue
		}
		runs = append(runs, run{text: d.text(s.class, charset), first: t, last: t, peak: t, sure: s.sure})
	}
	for i := range runs {
		r := &runs[i]
		r.rivals = d.rivals(probabilities[r.peak*classes:][:classes], allowed, r.text, charset)
	}
	d.forgive(runs, steps, probabilities)
	return words(runs, steps, stepWidth, img)
}

// forgive makes the steps between two symbols as sure as they are that there is
// nothing else: where a symbol ends is of no interest.
func (d decoder) forgive(runs []run, steps []step, probabilities []float32) {
	classes := len(d.symbols) + 1
	for i := 1; i < len(runs); i++ {
		before, after := steps[runs[i-1].last].class, steps[runs[i].first].class
		for t := runs[i-1].last + 1; t < runs[i].first; t++ {
			p := probabilities[t*classes:][:classes]
			sure := steps[t].sure + float64(p[before])
			if after != before {
				sure += float64(p[after])
			}
			steps[t].sure = min(1, sure)
		}
	}
}

// allowed reports for each class whether it may come out; nil where all may.
// The blank and the space always may.
func (d decoder) allowed(charset string) []bool {
	if charset == "" {
		return nil
	}
	allowed := make([]bool, len(d.symbols)+1)
	allowed[blank] = true
	for i, s := range d.symbols {
		allowed[i+1] = s == " " || strings.Contains(charset, s) || strings.Contains(charset, narrow(s))
	}
	return allowed
}

// text returns the symbol of a class. A full-width digit or sign is its narrow
// twin where only that may come out.
func (d decoder) text(class int, charset string) string {
	s := d.symbols[class-1]
	if charset != "" && !strings.Contains(charset, s) {
		return narrow(s)
	}
	return s
}

// narrow returns s without full-width forms.
func narrow(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= fullWidthFirst && r <= fullWidthLast {
			return r - fullWidthFirst + '!'
		}
		return r
	}, s)
}

// best returns the best of the allowed classes. Its probability is that under
// the condition that it is one of these.
func (d decoder) best(p []float32, allowed []bool) step {
	at, sum := blank, 0.0
	for class, v := range p {
		if allowed != nil && !allowed[class] {
			continue
		}
		sum += float64(v)
		if v > p[at] {
			at = class
		}
	}
	return step{at, share(p[at], sum)}
}

// share returns p of sum, in [0, 1].
func share(p float32, sum float64) float64 {
	if !(p > 0) || !(sum > 0) { // also NaN
		return 0
	}
	return min(1, float64(p)/sum)
}

// rivals returns what else than chosen a step may be, best first.
func (d decoder) rivals(p []float32, allowed []bool, chosen, charset string) []ocr.Alternative {
	sum := 0.0
	var likely []int
	for class, v := range p {
		if allowed != nil && !allowed[class] {
			continue
		}
		sum += float64(v)
		if class != blank && v >= leastRival/10 {
			likely = append(likely, class)
		}
	}
	slices.SortFunc(likely, func(a, b int) int {
		switch {
		case p[a] > p[b]:
			return -1
		case p[a] < p[b]:
			return 1
		}
		return a - b
	})
	var rivals []ocr.Alternative
	for _, class := range likely {
		a := ocr.Alternative{Text: d.text(class, charset), Confidence: share(p[class], sum)}
		known := a.Text == chosen || slices.ContainsFunc(rivals, func(o ocr.Alternative) bool { return o.Text == a.Text })
		if !known && a.Confidence >= leastRival && len(rivals) < maxRivals && strings.TrimSpace(a.Text) != "" {
			rivals = append(rivals, a)
		}
	}
	return rivals
}

// words parts runs at spaces, and figures where there is as much white between
// them: networks expect no space there. A word is as sure as the least sure of
// its steps, the blank ones among them: where a symbol is nearly overlooked, no
// other one is less sure for it.
func words(runs []run, steps []step, stepWidth float64, img *image.Gray) ocr.Text {
	var text ocr.Text
	boxes := make([]image.Rectangle, len(runs))
	for i := range runs {
		boxes[i] = inkIn(img, span(runs, i, stepWidth, img.Rect))
	}
	apart := gaps(runs, boxes, stepWidth, img)
	for i := 0; i < len(runs); {
		if isSpace(runs[i]) {
			i++
			continue
		}
		from := i
		for i++; i < len(runs) && !isSpace(runs[i]) && !apart[i]; {
			i++
		}
		text.Words = append(text.Words, word(runs, boxes, from, i, steps))
	}
	if n := len(text.Words); n > 0 {
		text.Words[n-1].LineBreak = true
	}
	return text
}

func isSpace(r run) bool { return strings.TrimSpace(r.text) == "" }

// gaps tells before which of runs, whose ink boxes are around, there is a space
// that the network has not seen: between two digits, as wide as a space is
// beside their height, and wider than the other gaps of the line. Two ones stand
// far apart in most typefaces, and tell nothing.
func gaps(runs []run, boxes []image.Rectangle, stepWidth float64, img *image.Gray) map[int]bool {
	const (
		ofHeight = .4
		ofGaps   = 2.5
	)
	figure := func(i int) bool { return len(runs[i].text) == 1 && runs[i].text[0] >= '0' && runs[i].text[0] <= '9' }
	white := map[int]int{}
	var widths, heights []int
	for i := 1; i < len(runs); i++ {
		if figure(i-1) && figure(i) {
			white[i] = whiteIn(img, int(center(runs[i-1], stepWidth)), int(center(runs[i], stepWidth)))
			widths, heights = append(widths, white[i]), append(heights, boxes[i].Dy())
		}
	}
	if len(widths) == 0 {
		return nil
	}
	slices.Sort(widths)
	slices.Sort(heights)
	least := max(ofHeight*float64(heights[len(heights)/2]), ofGaps*float64(widths[len(widths)/2]))
	apart := map[int]bool{}
	for i, w := range white {
		apart[i] = float64(w) >= least && (runs[i-1].text != "1" || runs[i].text != "1")
	}
	return apart
}

// whiteIn returns the width of the widest white between columns from and to of
// img. The boxes of symbols do not tell: what white parts from a symbol's ink is
// left out of them.
func whiteIn(img *image.Gray, from, to int) int {
	widest, last := 0, from
	for _, ink := range inkedColumns(img, image.Rect(from, 0, to, img.Rect.Dy()).Intersect(img.Rect)) {
		widest, last = max(widest, ink[0]-last), ink[1]
	}
	return max(widest, to-last)
}

// word returns the word of runs[from:to], whose ink boxes are around.
func word(runs []run, boxes []image.Rectangle, from, to int, steps []step) ocr.Word {
	w := ocr.Word{Confidence: 1}
	for i := from; i < to; i++ {
		w.Text += runs[i].text
		w.Box = w.Box.Union(boxes[i])
		w.Symbols = append(w.Symbols, ocr.Symbol{
			Text: runs[i].text, Confidence: runs[i].sure, Box: boxes[i], Alternatives: runs[i].rivals,
		})
	}
	for t := runs[from].first; t <= runs[to-1].last; t++ {
		// Within a symbol the surest step counts.
		if inside := slices.ContainsFunc(runs[from:to], func(r run) bool { return t >= r.first && t <= r.last }); !inside {
			w.Confidence = min(w.Confidence, steps[t].sure)
		}
	}
	for _, s := range w.Symbols {
		w.Confidence = min(w.Confidence, s.Confidence)
	}
	return w
}

// center returns the middle of r along the line, in px.
func center(r run, stepWidth float64) float64 { return (float64(r.first+r.last) + 1) / 2 * stepWidth }

// span returns the part of the line that is nearer to symbol i than to its
// neighbours, and not much further from it than a symbol is wide.
func span(runs []run, i int, stepWidth float64, line image.Rectangle) image.Rectangle {
	at := center(runs[i], stepWidth)
	reach := float64(line.Dy()) * .6
	left, right := at-reach, at+reach
	if i > 0 {
		left = max(left, (center(runs[i-1], stepWidth)+at)/2)
	}
	if i+1 < len(runs) {
		right = min(right, (at+center(runs[i+1], stepWidth))/2)
	}
	return image.Rect(int(left), line.Min.Y, int(right+.5), line.Max.Y).Intersect(line)
}

// inkIn returns the smallest rectangle around what is dark in r, or r itself
// where nothing is. Ink at the sides of r that white parts from other ink is a
// neighbour's.
func inkIn(img *image.Gray, r image.Rectangle) image.Rectangle {
	runs := inkedColumns(img, r)
	inner := slices.DeleteFunc(slices.Clone(runs), func(c [2]int) bool { return c[0] == r.Min.X || c[1] == r.Max.X })
	if len(inner) > 0 {
		runs = inner
	}
	if len(runs) == 0 {
		return r
	}
	r.Min.X, r.Max.X = runs[0][0], runs[len(runs)-1][1]
	for r.Min.Y < r.Max.Y && !inkedRow(img, r, r.Min.Y) {
		r.Min.Y++
	}
	for r.Max.Y > r.Min.Y && !inkedRow(img, r, r.Max.Y-1) {
		r.Max.Y--
	}
	return r
}

const dark = 160 // gray value up to which a pixel is ink

// inkedColumns returns the runs of columns of r that have ink.
func inkedColumns(img *image.Gray, r image.Rectangle) [][2]int {
	var runs [][2]int
	for x := r.Min.X; x < r.Max.X; x++ {
		inked := false
		for y := r.Min.Y; y < r.Max.Y && !inked; y++ {
			inked = img.Pix[y*img.Stride+x] < dark
		}
		switch n := len(runs); {
		case !inked:
		case n > 0 && runs[n-1][1] == x:
			runs[n-1][1]++
		default:
			runs = append(runs, [2]int{x, x + 1})
		}
	}
	return runs
}

// inkedRow reports whether row y of r has ink.
func inkedRow(img *image.Gray, r image.Rectangle, y int) bool {
	return slices.ContainsFunc(img.Pix[y*img.Stride+r.Min.X:y*img.Stride+r.Max.X], func(v uint8) bool { return v < dark })
}
