package sample

import (
	"math/rand/v2"
	"strings"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// textSituations are those of writing that does not keep to its box.
var textSituations = []situation{
	{name: "print off", writer: printOff},
	{name: "long values", values: longValues, writer: writeOn, more: overlaps},
	{name: "started before", writer: startBefore, more: overlaps},
	{name: "tall writing", writer: writeTall, more: overlaps},
	{name: "two lines", values: twoLines, writer: singleSpaced},
	{name: "notes below", more: notesBelow},
	{name: "hints", more: hints},
	{name: "print elsewhere", more: unitsElsewhere},
}

// printOff has a printer put all values lower than it should, and a little to
// the side.
func printOff(r *rand.Rand, b *Blank, w *writer) {
	height := b.fieldHeight()
	w.moved = geom.Point{X: between(r, -.3, .3) * height, Y: between(r, .3, 1) * height}
}

// texts returns the fields of text of b.
func (b *Blank) texts() (texts []form.Field) {
	for _, f := range b.Template.Places() {
		if f.Kind == form.Normal {
			texts = append(texts, f)
		}
	}
	return texts
}

// longValues makes some values twice as long.
func longValues(r *rand.Rand, b *Blank, v map[form.FieldID]Value) {
	more := b.Invent(r.Uint64(), 0)
	for _, f := range b.texts() {
		if text, second := v[f.ID].Text, more[f.ID].Text; text != "" && second != "" && chance(r, .3) {
			v[f.ID] = Value{Text: text + " " + second}
		}
	}
}

// writeOn has a writer go on over the border where there is no more room.
func writeOn(_ *rand.Rand, _ *Blank, w *writer) { w.habit = habit{share: 1, whole: true} }

// startBefore has a writer begin left of some boxes.
func startBefore(r *rand.Rand, _ *Blank, w *writer) {
	w.habit = habit{share: .3, before: between(r, .3, 1.5)}
}

// writeTall has a writer write some values so large that they leave their row.
func writeTall(r *rand.Rand, _ *Blank, w *writer) {
	w.habit = habit{share: .4, tall: between(r, 1.4, 2.1)}
}

// twoLines puts two values into some fields, below each other.
func twoLines(r *rand.Rand, b *Blank, v map[form.FieldID]Value) {
	more := b.Invent(r.Uint64(), 0)
	for _, f := range b.texts() {
		if text, second := v[f.ID].Text, more[f.ID].Text; text != "" && second != "" && chance(r, .4) {
			v[f.ID] = Value{Text: text + "\n" + second}
		}
	}
}

// singleSpaced has a writer put lines close below each other.
func singleSpaced(r *rand.Rand, _ *Blank, w *writer) {
	w.habit = habit{share: 1, pitch: between(r, .8, 1)}
}

// overlaps says that nobody can tell values of which one is written over another.
func overlaps(_ *rand.Rand, b *Blank, p *Paper, _ *writer) {
	places := b.Template.Places()
	for i, f := range places {
		for _, g := range places[i+1:] {
			if a, b := p.Truth[f.ID].Ink, p.Truth[g.ID].Ink; share(a, b) > .1 || share(b, a) > .1 {
				p.Unsure[f.ID], p.Unsure[g.ID] = struct{}{}, struct{}{}
			}
		}
	}
}

// share returns which share of a lies in b.
func share(a, b geom.Box) float64 {
	both := a.Intersect(b)
	if both.Empty() {
		return 0
	}
	return both.Width() * both.Height() / (a.Width() * a.Height())
}

// notesBelow writes notes on the lower border of some fields, which may be of
// their values or not.
func notesBelow(r *rand.Rand, b *Blank, p *Paper, w *writer) {
	more := b.Invent(r.Uint64(), 0)
	for _, f := range b.texts() {
		if text := more[f.ID].Text; text != "" && chance(r, .15) {
			size := between(r, .35, .5) * min(f.Box.Height(), 76*w.unit)
			at := geom.Point{X: f.Box.Min.X + between(r, .2, 1)*f.Box.Height(), Y: f.Box.Max.Y + between(r, .2, .6)*size}
			ink := w.line(w.cut(strings.Split(text, "\n")[0], .8*f.Box.Width()/size), at, size)
			for _, g := range b.Template.Places() {
				if share(ink, g.Box) > .2 && (g.ID == f.ID || p.Truth[g.ID].Ink.Empty()) || share(ink, p.Truth[g.ID].Ink) > .1 {
					p.Unsure[g.ID] = struct{}{}
				}
			}
		}
	}
}

// hints prints pale words into some fields of the form, which the paper has
// darker and a little elsewhere.
func hints(r *rand.Rand, b *Blank, p *Paper, w *writer) {
	shade, dark := uint8(between(r, 150, 225)), between(r, 0, 60)
	d := geom.Point{X: between(r, -3, 3) * w.unit, Y: between(r, -3, 3) * w.unit}
	seed := r.Uint64()
	texts := map[string][]string{
		"ko": {"(인)", "예: 홍길동", "○", "성명을 쓰세요", "년  월  일"}, "ja": {"印", "例：山田太郎", "○", "年  月  日", "（姓）"},
		"zh-TW": {"（簽章）", "例：王小明", "○", "年  月  日"}, "en": {"(seal)", "e.g. John Smith", "MM/DD/YYYY", "○", "please print"},
	}[b.language()]
	b.printed(w.canvas, func(c *canvas, on bool) {
		r, ink, off := newRand(seed, "hints"), gray(shade), geom.Point{}
		if on {
			ink, off = gray(uint8(float64(shade)-dark)), d
		}
		for _, f := range b.texts() {
			text, size := pick(r, texts), between(r, .3, .45)*min(f.Box.Height(), 70*w.unit)
			box := geom.XYWH(f.Box.Min.X+.2*f.Box.Height()+off.X, f.Box.Min.Y+off.Y, f.Box.Width()-.4*f.Box.Height(), f.Box.Height())
			if chance(r, .3) && p.Truth[f.ID].Ink.Empty() {
				c.textIn(w.set, text, box, size, pick(r, []align{left, center, right}), ink)
			}
		}
	})
}

// unitsElsewhere prints units into fields of the form, which the paper has a
// little elsewhere.
func unitsElsewhere(r *rand.Rand, b *Blank, p *Paper, w *writer) {
	texts := map[string][]string{
		"ko": {"원", "시간 분", "명", "년 월 일", "㎡"}, "ja": {"円", "時間 分", "名", "年 月 日"}, "zh-TW": {"元", "小時 分", "人", "年 月 日"}, "en": {"USD", "hrs", "days", "only"},
	}[b.language()]
	d := geom.Point{X: between(r, -9, 9) * w.unit, Y: between(r, -5, 5) * w.unit}
	seed := r.Uint64()
	b.printed(w.canvas, func(c *canvas, on bool) {
		r, off := newRand(seed, "units"), geom.Point{}
		if on {
			off = d
		}
		for _, f := range b.texts() {
			text, size := pick(r, texts), between(r, .35, .5)*min(f.Box.Height(), 70*w.unit)
			room := geom.XYWH(f.Box.Max.X-c.width(w.set, text)*size-.4*f.Box.Height()+off.X, f.Box.Min.Y+off.Y, c.width(w.set, text)*size, f.Box.Height())
			if clear := room.Grow(10 * w.unit).Intersect(p.Truth[f.ID].Ink).Empty(); chance(r, .5) && clear && room.Min.X > f.Box.Min.X {
				c.textIn(w.set, text, room, size, left, gray(30))
			}
		}
	})
}

// printed has draw print on the paper, and on the form too, where on is false.
func (b *Blank) printed(paper *canvas, draw func(c *canvas, on bool)) {
	draw(paper, true)
	blank := &canvas{img: toRGBA(b.Image)}
	draw(blank, false)
	b.Image = blank.picture()
}
