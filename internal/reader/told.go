package reader

import (
	"cmp"
	"image"
	"slices"
	"strings"

	"github.com/seosik/seosik/internal/edit"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/mark"
	"github.com/seosik/seosik/internal/reader/ink"
	"github.com/seosik/seosik/internal/scan"
)

// A PDF may tell itself what stands on its page. That is a third reader, which
// makes no mistakes of the usual kind and others instead: a font may lie about
// its characters, and what is told may lie below something else. So it counts
// only where it explains the ink: the letters that it has in a field lie on ink
// that is not the template's print, and no ink lies beside them. Whether its
// fonts lie is known by comparing all it tells on the page with what was read
// there. What a scanner's program has read (hidden letters) is no reader of its
// own: it is mostly the engine that is asked here too.

// A fileText is what a PDF tells that a field holds.
type fileText struct {
	letters []fileLetter // in the order of reading
	exact   bool         // they explain the ink of the field, and all of it
	lacking bool         // some could not be drawn
	words   []form.Word  // what they are
	text    string       // words, joined
}

// A fileLetter is a letter in a window that shows a field.
type fileLetter struct {
	scan.Letter
	box  image.Rectangle // px of the window
	next bool            // it follows in the file on the letter before it
	row  int             // of the field, from 0
}

const (
	toldInk    = .9  // share of the ink of a field that lies on its letters at least
	toldSlack  = 1.5 // px of a template of 200 dpi by which ink may leave its letter
	toldBeside = .3  // of its height: how far ink may stand beside a letter of a font that is not in the file
	toldPrint  = .12 // share of the place of a letter that the template's print takes at least, where it is the same letter
	toldShade  = 160 // luma below which the template is printed
	shownTold  = 40  // how much darker than what is around it a letter is that is seen
	sameRow    = .9  // of the height of letters: how far the middles of those in a row are apart at most
	spaceAtAll = .3  // of that height: white that is a space where the file does not say
)

// reach returns where the ink of l may be.
func (l *fileLetter) reach() image.Rectangle {
	r := l.box.Inset(-1)
	if l.Lent {
		aside := int(toldBeside * float64(l.box.Dy()))
		r.Min.X, r.Max.X = r.Min.X-aside, r.Max.X+aside
	}
	return r
}

// tell returns what the file tells that stands in a window, parts to ignore left
// out.
func (p *placed) tell(w *ink.Window, lines []ink.Line, ignore []image.Rectangle) (t fileText) {
	toWindow, err := w.ToPage.Inverse()
	if len(p.letters) == 0 || err != nil {
		return t
	}
	near := w.ToPage.ApplyQuad(boxOf(w.Filled.Rect).Quad()).Bounds()
	slack := int(toldSlack*w.Unit() + .5)
	last := -1
	t.exact = true
	for i, l := range p.letters {
		quad := geom.XYWH(l.X, l.Y, l.Width, l.Height)
		if l.Hidden || quad.Intersect(near).Empty() {
			continue
		}
		k := fileLetter{Letter: l, box: pixelsOf(toWindow.ApplyQuad(quad.Quad()).Bounds())}
		middle := k.box.Min.Add(k.box.Max).Div(2)
		at := slices.IndexFunc(lines, func(l ink.Line) bool {
			line := l.Box().Inset(-slack)
			return middle.Y >= line.Min.Y && middle.Y < line.Max.Y && k.reach().Overlaps(line)
		})
		if at < 0 && !middle.In(w.Box) || slices.ContainsFunc(ignore, middle.In) {
			continue
		}
		written := 0
		if at >= 0 {
			written = lines[at].InkIn(k.reach())
		}
		switch printed := share(w.Blank, k.box) >= toldPrint; {
		case printed && written == 0:
			continue // it is of the template
		case l.Lacking:
			t.lacking = true
		case printed, written == 0 && !seen(p.Page, l), !l.Sound:
			t.exact = false
			continue
		}
		k.next = last == i-1
		last = i
		t.letters = append(t.letters, k)
	}
	t.exact = t.exact && len(t.letters) > 0 && !t.lacking && explained(lines, t.letters, slack)
	t.sort()
	t.words = t.inWords()
	t.text = joined(t.words)
	return t
}

// tellRow returns what the file tells that stands in a row of boxes, of which w
// shows the cells.
func (p *placed) tellRow(w *ink.Window, boxes []image.Rectangle, cells []mark.Cell, toPage geom.Homography, f *form.Field) (t fileText) {
	toWindow, err := w.ToPage.Inverse()
	if len(p.letters) == 0 || err != nil {
		return t
	}
	near := w.ToPage.ApplyQuad(boxOf(w.Filled.Rect).Quad()).Bounds()
	t.exact = true
	in := make([]string, len(cells))
	for _, l := range p.letters {
		quad := geom.XYWH(l.X, l.Y, l.Width, l.Height)
		if l.Hidden || quad.Intersect(near).Empty() {
			continue
		}
		k := fileLetter{Letter: l, box: pixelsOf(toWindow.ApplyQuad(quad.Quad()).Bounds())}
		middle := k.box.Min.Add(k.box.Max).Div(2)
		i := slices.IndexFunc(boxes, middle.In)
		if i < 0 || share(w.Blank, k.box) >= toldPrint {
			continue
		}
		t.lacking = t.lacking || l.Lacking
		t.exact = t.exact && l.Sound && in[i] == ""
		in[i] += l.Text
		t.letters = append(t.letters, k)
	}
	for i, s := range in {
		t.exact = t.exact && (s == "") == cells[i].Blank
		t.words = append(t.words, form.Word{
			Text: s, Confidence: 1, Where: toPage.ApplyQuad(f.Boxes[i].Quad()), Symbols: []form.Symbol{{Text: s, Confidence: 1}},
		})
	}
	t.exact = t.exact && !t.lacking
	t.text = strings.Join(in, "")
	return t
}

// explained reports whether the ink of lines lies on letters.
func explained(lines []ink.Line, letters []fileLetter, slack int) bool {
	boxes := make([]image.Rectangle, len(letters))
	for i, l := range letters {
		boxes[i] = l.reach().Inset(1 - slack)
	}
	on, off := 0, 0
	for i := range lines {
		in, outside := lines[i].Covered(boxes)
		on, off = on+in, off+outside
	}
	return float64(off) <= (1-toldInk)*float64(on+off)
}

// sort puts letters into the order of reading: row by row.
func (t *fileText) sort() {
	if len(t.letters) == 0 {
		return
	}
	heights := make([]int, len(t.letters))
	for i, l := range t.letters {
		heights[i] = l.box.Dy()
	}
	slices.Sort(heights)
	high := float64(heights[len(heights)/2])
	middle := func(l fileLetter) float64 { return float64(l.box.Min.Y+l.box.Max.Y) / 2 }
	slices.SortStableFunc(t.letters, func(a, b fileLetter) int { return cmp.Compare(middle(a), middle(b)) })
	row, sum, n := 0, 0.0, 0.0
	for i := range t.letters {
		l := &t.letters[i]
		if n > 0 && middle(*l)-sum/n > sameRow*high {
			row, sum, n = row+1, 0, 0
		}
		l.row, sum, n = row, sum+middle(*l), n+1
	}
	slices.SortStableFunc(t.letters, func(a, b fileLetter) int {
		return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.box.Min.X+a.box.Max.X, b.box.Min.X+b.box.Max.X))
	})
}

// inWords returns the letters as words on the page.
func (t *fileText) inWords() (words []form.Word) {
	var box geom.Box
	for i, l := range t.letters {
		at := geom.XYWH(l.X, l.Y, l.Width, l.Height)
		if i == 0 || t.begins(i) {
			words = append(words, form.Word{Confidence: 1})
			if box = at; i > 0 {
				words[len(words)-2].LineBreak = l.row != t.letters[i-1].row
			}
		}
		w := &words[len(words)-1]
		w.Text += l.Text
		w.Symbols = append(w.Symbols, form.Symbol{Text: l.Text, Confidence: 1})
		box = box.Union(at)
		w.Where = box.Quad()
	}
	return words
}

// begins reports whether a word begins with letter i, which is not the first.
func (t *fileText) begins(i int) bool {
	before, l := t.letters[i-1], t.letters[i]
	white := float64(l.box.Min.X - before.box.Max.X)
	return l.row != before.row || l.next && l.Space || !l.next && white >= spaceAtAll*float64(max(l.box.Dy(), before.box.Dy()))
}

// weighTold has what the file tells count in what was found, where it does.
func (p *placed) weighTold(found []judged) {
	common, length := 0, 0
	for i := range found {
		if t := found[i].told; t.exact {
			c, n := inCommon(t.text, found[i].reading.Text)
			common, length = common+c, length+n
		}
	}
	for i := range found {
		found[i].hearTold(float64(common)/float64(max(1, length)), length)
		p.hearTick(&found[i])
	}
}

// How much of what a file tells on a page is as it was read there, and in a field.
const (
	toldTruly   = .5 // on the page: else its fonts lie
	toldSurely  = .8
	toldSimilar = .5 // in the field
	toldOther   = .34
	toldEnough  = 10 // characters on the page that show whether fonts lie
)

// How sure what a file tells is.
const (
	toldAgreed   = .998 // as it was read, too
	toldNearly   = .99  // it was read with a few other characters
	toldAlone    = .97  // it was read as something else, or not at all
	toldDoubtful = .8   // and both readers agree on something else
	toldLacking  = .5   // and part of it could not be drawn
)

// hearTold has what the file tells count in j, where it does. A share of what it
// tells on the page, in which there are length characters, is as it was read.
func (j *judged) hearTold(share float64, length int) {
	t := &j.told
	if len(t.letters) == 0 {
		return
	}
	c, n := inCommon(t.text, j.reading.Text)
	similar := float64(c) / float64(max(1, n))
	same := strings.EqualFold(form.Plain(t.text), form.Plain(j.reading.Text))
	switch {
	case length >= toldEnough && share < toldTruly: // its fonts lie
	case t.lacking:
		j.take(t.words, t.text)
		j.atMost, j.reasons = toldLacking, append(j.reasons, form.ReasonNotDrawn)
	case !t.exact:
	case same:
		j.take(t.words, t.text)
		j.atLeast = toldAgreed
	case j.settled && (similar < toldOther || length < toldEnough):
		j.atMost, j.reasons = toldDoubtful, append(j.reasons, form.ReasonFile)
	case j.settled:
		j.take(t.words, t.text)
		j.atMost, j.reasons = toldDoubtful, append(j.reasons, form.ReasonFile)
	case similar >= toldSimilar:
		j.take(t.words, t.text)
		j.atLeast = toldNearly
	case share >= toldSurely && length >= toldEnough:
		j.take(t.words, t.text)
		j.atLeast = toldAlone
	default:
		j.atMost, j.reasons = toldDoubtful, append(j.reasons, form.ReasonFile)
	}
}

// take has words, which are text, stand in the place of what was read, which is
// shown beside them.
func (j *judged) take(words []form.Word, text string) {
	r := &j.reading
	if r.Text != "" && form.Plain(text) != form.Plain(r.Text) {
		r.Alternatives = append([]form.Alternative{{Text: r.Text, Confidence: unlikely}}, r.Alternatives...)
	}
	r.Alternatives = slices.DeleteFunc(r.Alternatives, func(a form.Alternative) bool { return a.Text == text })
	j.reasons = slices.DeleteFunc(j.reasons, func(r form.Reason) bool {
		return r == form.ReasonLowSymbol || r == form.ReasonInkUnread
	})
	r.Text, r.Ruled, r.Words = text, "", words
	r.Where = around(words, r.Where)
}

// inCommon returns how many characters two texts have in common, and how many the
// longer one has. Case and spaces do not count.
func inCommon(a, b string) (common, length int) {
	x, y := []rune(strings.ToLower(form.Plain(a))), []rune(strings.ToLower(form.Plain(b)))
	_, common = edit.Differences(x, y)
	return common, max(len(x), len(y))
}

// hearTick compares a checkbox with that of the file's form which stands there.
func (p *placed) hearTick(j *judged) {
	if j.field.Kind != form.Checkbox {
		return
	}
	at := p.ToPage(j.field.Box).ApplyQuad(j.field.Box.Quad()).Bounds()
	for _, f := range p.filled {
		box := geom.XYWH(f.X, f.Y, f.Width, f.Height)
		if f.Kind != scan.DeclaredCheckbox && f.Kind != scan.DeclaredRadio || 2*area(box.Intersect(at)) < min(area(box), area(at)) {
			continue
		}
		if f.Checked == j.reading.Checked {
			j.atLeast = toldAgreed
			return
		}
		j.atMost, j.reasons = toldLacking, append(j.reasons, form.ReasonFile)
	}
}

// notDrawn reports whether part of what v holds could not be drawn.
func notDrawn(v form.Reading) bool { return slices.Contains(v.Reasons, form.ReasonNotDrawn) }

// pixelsOf returns the pixels that b lies in.
func pixelsOf(b geom.Box) image.Rectangle {
	return image.Rect(int(b.Min.X), int(b.Min.Y), int(b.Max.X)+1, int(b.Max.Y)+1)
}

// share returns which share of r is printed in blank.
func share(blank *image.Gray, r image.Rectangle) float64 {
	r = r.Intersect(blank.Rect)
	printed := 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, v := range blank.Pix[y*blank.Stride+r.Min.X : y*blank.Stride+r.Max.X] {
			if v < toldShade {
				printed++
			}
		}
	}
	return float64(printed) / float64(max(1, r.Dx()*r.Dy()))
}

// seen reports whether page has something where l stands that is darker than what
// is around it.
func seen(page *image.Gray, l scan.Letter) bool {
	r := pixelsOf(geom.XYWH(l.X, l.Y, l.Width, l.Height))
	low, high := 255, 0
	for y := max(0, r.Min.Y-2); y < min(page.Rect.Dy(), r.Max.Y+2); y++ {
		for x := max(0, r.Min.X-2); x < min(page.Rect.Dx(), r.Max.X+2); x++ {
			v := int(page.Pix[y*page.Stride+x])
			high = max(high, v)
			if image.Pt(x, y).In(r) {
				low = min(low, v)
			}
		}
	}
	return high-low >= shownTold
}
