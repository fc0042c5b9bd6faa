package suggest

import (
	"cmp"
	"image"
	"math"
	"slices"
	"strings"

	"github.com/seosik/seosik/internal/form"
)

const (
	tickReach = 3.   // between a checkbox and its text, times its side
	tickLine  = 60.0 // millimetres of A4 between checkboxes of one question, at most
	tickPitch = 3.   // the same below each other, times the height of text
)

// A tick is a checkbox with what is printed at it.
type tick struct {
	box   image.Rectangle
	cell  int // that it is in, or -1
	text  string
	ok    bool // there is print for it
	leads bool // and that stands on its right
}

// checkboxes makes fields of checkboxes, those of one question in one group.
func (d *draft) checkboxes() {
	var ticks []tick
	for _, b := range d.ticks {
		t := tick{box: b, cell: d.cellOf(b)}
		t.text, t.ok, t.leads = d.tickText(b, t.cell)
		ticks = append(ticks, t)
	}
	for _, g := range d.questions(ticks) {
		d.question(g)
	}
}

// tickText returns what is printed on the right of a checkbox, or else on its
// left, or above it; leads says that it is on the right.
func (d *draft) tickText(b image.Rectangle, cell int) (text string, ok, leads bool) {
	best, nearest, found := "", int(tickReach*float64(b.Dx())), false
	for _, p := range d.phrases {
		gap := p.box.Min.X - b.Max.X
		if gap >= -b.Dx()/2 && gap < nearest && p.box.Min.Y < b.Max.Y-b.Dy()/4 && p.box.Max.Y > b.Min.Y+b.Dy()/4 {
			if text := clean(p.text); text != "" && !d.apart(b, p.box) {
				best, nearest, found = text, gap, true
			}
		}
	}
	if found {
		return best, true, true
	}
	if p, ok := d.phraseLeft(b, cell); ok {
		return clean(p.text), true, false
	}
	if cell >= 0 {
		if name := d.cellLabel(cell); name != "" {
			return name, true, false
		}
	}
	name := d.freeLabel(b)
	return name, name != "", false
}

// questions puts checkboxes together that answer one question: those of a cell,
// or those that stand in one line, or close below each other.
func (d *draft) questions(ticks []tick) [][]tick {
	var groups [][]tick
	for _, t := range ticks {
		i := slices.IndexFunc(groups, func(g []tick) bool { return d.sameQuestion(g[len(g)-1], t) || d.sameQuestion(g[0], t) })
		if i < 0 {
			groups = append(groups, []tick{t})
			continue
		}
		groups[i] = append(groups[i], t)
	}
	return groups
}

func (d *draft) sameQuestion(a, b tick) bool {
	if a.cell != b.cell {
		return false
	}
	level := abs(a.box.Min.Y-b.box.Min.Y) <= b.box.Dy()/2
	if a.cell >= 0 && d.cells[a.cell].box.Dy() < 8*d.body {
		return true
	}
	if level {
		return float64(abs(b.box.Min.X-a.box.Max.X)) <= tickLine*d.unit
	}
	return abs(a.box.Min.X-b.box.Min.X) <= b.box.Dx()/2 && float64(abs(b.box.Min.Y-a.box.Min.Y)) <= tickPitch*float64(d.body)
}

// question adds the checkboxes of one question.
func (d *draft) question(ticks []tick) {
	slices.SortStableFunc(ticks, func(a, b tick) int {
		if abs(a.box.Min.Y-b.box.Min.Y) <= b.box.Dy()/2 {
			return cmp.Compare(a.box.Min.X, b.box.Min.X)
		}
		return cmp.Compare(a.box.Min.Y, b.box.Min.Y)
	})
	d.trailing(ticks)
	group := ""
	if len(ticks) > 1 {
		group = d.questionName(ticks)
	}
	var texts []string
	for _, t := range ticks {
		f := form.Field{Name: t.text, Kind: form.Checkbox, ValueType: form.All, Box: boxOf(t.box), CheckedText: t.text, Group: group}
		sure := sureTick
		if !t.ok {
			sure = bareTick
		}
		if group != "" && d.names["tick "+t.text] {
			f.Name = strings.TrimSpace(group + " " + t.text)
		}
		d.names["tick "+t.text] = true
		texts = append(texts, t.text)
		d.add(f, sure)
	}
	if c := chooses(texts); group != "" && c != form.ChooseAny {
		d.out.Groups = append(d.out.Groups, form.Group{Name: group, Choose: c})
	}
}

const trailGap = 1.5 // between a text and the checkbox behind it, times the height of text

// trailing sets the texts of checkboxes that stand behind them, as in "예 □ 아니오 □":
// the last one has none on its right, and each has one close on its left.
func (d *draft) trailing(ticks []tick) {
	last := len(ticks) - 1
	if last < 1 || ticks[last].leads {
		return
	}
	texts := make([]string, len(ticks))
	for i, t := range ticks {
		p, ok := d.phraseLeft(t.box, t.cell)
		if texts[i] = clean(p.text); !ok || texts[i] == "" || float64(t.box.Min.X-p.box.Max.X) > trailGap*float64(d.body) || i > 0 && texts[i] == texts[i-1] {
			return
		}
	}
	for i := range ticks {
		ticks[i].text, ticks[i].ok = texts[i], true
	}
}

// questionName returns a name for a group of checkboxes that no other one has.
func (d *draft) questionName(ticks []tick) string {
	first := ticks[0]
	name := ""
	if first.cell >= 0 {
		name = d.cellLabel(first.cell)
	}
	if p, ok := d.phraseLeft(first.box, first.cell); ok && name == "" && clean(p.text) != first.text {
		name = clean(p.text)
	}
	if name == "" {
		name = d.freeLabel(first.box)
	}
	if name == "" {
		name = first.text
	}
	for n := 2; d.names["group "+name]; n++ {
		name = strings.TrimRight(name, "0123456789 ") + " " + string(rune('0'+n%10))
		if n > 9 {
			break
		}
	}
	d.names["group "+name] = true
	return name
}

// Sizes in millimetres of a page of A4, and others.
const (
	bracketLow  = 2.0
	bracketHigh = 8.0
	bracketSlim = .5  // width of a bracket, times its height, at most
	bracketBent = .12 // how far its ends are on one side, times its width, at least
	bracketTick = 2.5 // width of a pair that is a checkbox, times its height, at most
	bracketLong = 30. // of one to write in, at most
)

// bent returns -1 for a piece of ink whose ends point to the right, as those of (
// and [ do, 1 for the contrary, and 0 for others.
func (p *Page) bent(b image.Rectangle) int {
	h := float64(b.Dy())
	if h < bracketLow*p.unit || h > bracketHigh*p.unit || float64(b.Dx()) > bracketSlim*h || b.Dx() < 3 {
		return 0
	}
	width := p.img.Rect.Dx()
	mean := func(from, to int) float64 {
		sum, n := 0, 0
		for y := from; y < to; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				if p.ink[y*width+x] {
					sum, n = sum+x-b.Min.X, n+1
				}
			}
		}
		return (float64(sum)/float64(max(1, n)) + .5) / float64(b.Dx())
	}
	fifth := max(1, b.Dy()/5)
	top, bottom, between := mean(b.Min.Y, b.Min.Y+fifth), mean(b.Max.Y-fifth, b.Max.Y), mean(b.Min.Y+2*fifth, b.Max.Y-2*fifth)
	switch {
	case top-between >= bracketBent && bottom-between >= bracketBent:
		return -1
	case between-top >= bracketBent && between-bottom >= bracketBent:
		return 1
	}
	return 0
}

// brackets returns the pairs of brackets between which nothing is printed.
func (p *Page) brackets() []image.Rectangle {
	var opening, closing []image.Rectangle
	for _, q := range p.pieces {
		switch p.bent(q) {
		case -1:
			opening = append(opening, q)
		case 1:
			closing = append(closing, q)
		}
	}
	var pairs []image.Rectangle
	for _, a := range opening[:min(len(opening), maxPlaces)] {
		best, found := image.Rectangle{}, false
		for _, b := range closing[:min(len(closing), maxPlaces)] {
			if b.Min.X > a.Max.X && abs(a.Min.Y-b.Min.Y) <= a.Dy()/5 && abs(a.Max.Y-b.Max.Y) <= a.Dy()/5 && (!found || b.Min.X < best.Min.X) {
				best, found = b, true
			}
		}
		if !found || float64(best.Min.X-a.Max.X) > bracketLong*float64(a.Dy()) || 2*(best.Min.X-a.Max.X) < a.Dy() {
			continue
		}
		if p.inked(image.Rect(a.Max.X+1, a.Min.Y, best.Min.X-1, a.Max.Y)).Empty() {
			pairs = append(pairs, a.Union(best))
		}
	}
	return pairs
}

// blanks makes fields of brackets that are far apart.
func (d *draft) blanks() {
	for _, b := range d.wide {
		name := d.labelNear(b)
		value, rules := meant(name, 0)
		box := b
		box.Min.X, box.Max.X = b.Min.X+b.Dy()/3, b.Max.X-b.Dy()/3
		box = image.Rect(box.Min.X, box.Min.Y-b.Dy()/5, box.Max.X, box.Max.Y+b.Dy()/5).Intersect(d.img.Rect)
		if !d.taken(box) {
			d.add(form.Field{Name: name, Kind: form.Normal, ValueType: value, Box: boxOf(box), Rules: rules}, bareLine)
		}
	}
}

// rings returns the pieces of ink that are circles with nothing in them.
func (p *Page) rings() []image.Rectangle {
	var all []image.Rectangle
	for _, q := range p.pieces {
		if isSquare(q, p.unit) && abs(q.Dx()-q.Dy()) <= max(2, q.Dx()/8) && p.ring(q) {
			all = append(all, q)
		}
	}
	return all[:min(len(all), maxPlaces)]
}

// ring reports whether the ink in box is a circle that touches its sides: each of
// 24 rays from the middle meets ink at the distance of the radius and nowhere
// before or behind, as in the corners of a square.
func (p *Page) ring(box image.Rectangle) bool {
	const rays = 24
	cx, cy, radius := float64(box.Min.X+box.Max.X)/2, float64(box.Min.Y+box.Max.Y)/2, float64(box.Dx()+box.Dy())/4
	thick := max(3, .3*radius)
	width, hits := p.img.Rect.Dx(), 0
	for k := range rays {
		dy, dx := math.Sincos(2 * math.Pi * float64(k) / rays)
		hit := false
		for r := 0.; r <= 1.4*radius; r += .5 {
			x, y := int(cx+float64(dx*r)), int(cy+float64(dy*r))
			if !image.Pt(x, y).In(box) || !p.ink[y*width+x] {
				continue
			}
			if r < radius-thick || r > radius+2 {
				return false
			}
			hit = true
		}
		if hit {
			hits++
		}
	}
	return hits >= rays-1
}
