package sample

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A Style says how a form is filled in. Its zero value is typed text in any
// font, no field left empty.
type Style struct {
	Hand  bool    // looks written by hand
	Font  string  // one of Fonts; empty for any
	Messy float64 // of handwriting, from 0 (neat) to 1 (hard to read, runs into lines)
	Empty float64 // share of the fields left empty, in [0, 1]
	// Digit, if not nil, returns a picture of a digit as a person wrote it,
	// black on white, for the boxes of MULTI_BOX fields.
	Digit func(r *rand.Rand, digit int) *image.Gray
}

// RandomStyle returns a style as it may come in any day's post.
func RandomStyle(seed uint64) Style {
	r := newRand(seed, "style")
	s := Style{Hand: chance(r, .5), Empty: between(r, 0, .3)}
	if s.Hand {
		s.Messy = r.Float64() * r.Float64()
	}
	return s
}

// A Value is what is to be written in a field.
type Value struct {
	Text    string
	Checked bool // of a checkbox; its Text is not used
}

// Invent returns plausible values for the fields of b, for all but the share
// empty of them.
func (b *Blank) Invent(seed uint64, empty float64) map[form.FieldID]Value {
	r := newRand(seed, "values")
	v, ok := vocabularies[b.language()]
	if !ok {
		v = english
	}
	values := map[form.FieldID]Value{}
	chosen := map[string]int{} // by group: the checkboxes still to come before the one that is ticked
	groups := map[string]int{}
	rows := map[string]int{} // by table: the rows that are filled in
	places := b.Template.Places()
	for _, f := range places {
		if f.Group != "" {
			groups[f.Group]++
		}
	}
	for _, t := range b.Template.Tables {
		rows[t.Name] = t.Header + r.IntN(len(t.Rows)+1)
	}
	for _, f := range places {
		c := b.content(f)
		skip := chance(r, empty)
		if f.Kind == form.Checkbox {
			if _, ok := chosen[f.Group]; !ok {
				chosen[f.Group] = r.IntN(groups[f.Group] + 1)
				if !chance(r, empty) {
					chosen[f.Group] = r.IntN(max(groups[f.Group], 1))
				}
			}
			checked := chance(r, .4)
			if c == OneOf {
				checked = chosen[f.Group] == 0
				chosen[f.Group]--
			}
			values[f.ID] = Value{Checked: checked}
			continue
		}
		text := v.value(r, c, len(f.Boxes))
		if skip || f.Table != "" && f.Row >= rows[f.Table] {
			continue
		}
		values[f.ID] = Value{Text: text}
	}
	return values
}

// language returns the language that leads on b.
func (b *Blank) language() string {
	if len(b.Template.Languages) == 0 {
		return "en"
	}
	return b.Template.Languages[0]
}

// content returns what f asks for.
func (b *Blank) content(f form.Field) Content {
	if c, ok := b.Contents[f.ID]; ok {
		return c
	}
	switch {
	case f.Kind == form.Checkbox:
		return AnyOf
	case f.Kind == form.MultiBox || f.ValueType == form.Numeric:
		return Digits
	default:
		return Words
	}
}

// Fill writes invented values on b.
func (b *Blank) Fill(seed uint64, style Style) (*Filled, error) {
	return b.Write(b.Invent(seed, style.Empty), seed, style)
}

// A writer is a person, or a machine, who fills in one form.
type writer struct {
	*canvas
	r     *rand.Rand
	style Style
	set   fontset
	latin fontset // for ASCII; may be set
	ink   color.RGBA
	truth map[form.FieldID]Truth

	size    float64 // of writing, of the height of a field
	slant   float64
	squeeze float64
	bold    float64    // px; how much thicker than the font's the lines are
	unit    float64    // px; what is one pixel on A4 at 200 dpi
	moved   geom.Point // px; how far beside its field text is written
	habit   habit

	odd func(f form.Field, checked bool) bool // marks a checkbox in its own way, or says no; may be nil
}

// A habit is how a writer does not keep to boxes. Its zero value is none.
type habit struct {
	share  float64 // of the fields in which it shows
	whole  bool    // what is too long is written on as it is
	before float64 // heights of the field; how far left of it writing starts
	tall   float64 // how many times as high as usual writing is; 0 for as usual
	pitch  float64 // of lines, where 1 is as usual; 0 for that
}

// Write writes values on b. Text that is too long for its field is written
// smaller, and then cut, as people do; Truth says what was written in the
// end. Fields without a value stay empty. It returns ErrNoFont where there is
// no font for the language of b.
func (b *Blank) Write(values map[form.FieldID]Value, seed uint64, style Style) (*Filled, error) {
	w, err := b.writer(seed, style)
	if err != nil {
		return nil, err
	}
	w.fill(b, values)
	return &Filled{Image: w.img, Truth: w.truth}, nil
}

// fill writes values on the sheet of b.
func (w *writer) fill(b *Blank, values map[form.FieldID]Value) {
	mark := pick(w.r, marks)
	for _, f := range b.Template.Places() {
		v := values[f.ID]
		switch f.Kind {
		case form.Checkbox:
			w.check(f, v.Checked, mark)
		case form.MultiBox:
			w.boxes(f, v.Text)
		default:
			f.Box = geom.Box{Min: f.Box.Min.Add(w.moved), Max: f.Box.Max.Add(w.moved)}
			w.field(f, v.Text, b.content(f))
		}
	}
}

// writer chooses a hand or a typeface.
func (b *Blank) writer(seed uint64, style Style) (*writer, error) {
	language, use := b.language(), typed
	if style.Hand {
		use = hand
	}
	faces, err := needFonts(language, use)
	if err != nil {
		return nil, err
	}
	r := newRand(seed, "writer")
	face := pick(r, faces)
	if style.Font != "" {
		if face, err = findTypeface(style.Font); err != nil {
			return nil, fmt.Errorf("style: %w", err)
		}
	}
	w := &writer{
		canvas: &canvas{img: toRGBA(b.Image)}, r: r, style: style, set: withFallback(face, language), truth: map[form.FieldID]Truth{},
		size: between(r, .42, .58), squeeze: 1, unit: math.Sqrt(float64(b.Template.Width) * float64(b.Template.Height) / (1654 * 2339)),
	}
	w.latin = w.set
	w.ink = pick(r, []color.RGBA{{25, 25, 28, 255}, {40, 40, 45, 255}, {20, 20, 20, 255}, {35, 35, 60, 255}})
	if style.Hand {
		w.ink = pick(r, []color.RGBA{{25, 35, 130, 255}, {35, 55, 160, 255}, {30, 30, 35, 255}, {55, 55, 60, 255}, {20, 30, 90, 255}})
		w.size = between(r, .48, .72) + penSize(face.name)
		w.slant = between(r, -.05, .15)
		w.squeeze = between(r, .9, 1.1)
		w.bold = between(r, 0, .8) * w.unit
		// In some fonts only the letters of the language itself look written.
		if others := typefaces("en", hand); style.Font == "" && len(others) > 0 && chance(r, .5) {
			w.latin = withFallback(pick(r, others), language)
		}
	}
	return w, nil
}

// font returns the fonts to write a character with.
func (w *writer) font(c rune) fontset {
	if c < 128 {
		return w.latin
	}
	return w.set
}

// step returns how far w moves on for a character, in em.
func (w *writer) step(c rune) float64 {
	a := w.advance(w.font(c), c)
	if c == ' ' {
		a = max(a, .24) // some fonts leave hardly any room between words
	}
	return a * w.squeeze
}

// penSize returns by how much a handwriting font must be larger than others,
// because its letters fill less of the em.
func penSize(name string) float64 {
	switch name {
	case "Nanum Pen", "Nanum Brush":
		return .42
	case "Breip", "Delphine":
		return .12
	default:
		return 0
	}
}

// field writes text in a NORMAL field.
func (w *writer) field(f form.Field, text string, c Content) {
	if text == "" {
		w.truth[f.ID] = Truth{}
		return
	}
	var own habit
	if w.habit.share > 0 && chance(w.r, w.habit.share) {
		own = w.habit
	}
	room := f.Box.Grow(-2 * w.unit)
	pad := min(between(w.r, .1, .35)*min(f.Box.Height(), 70*w.unit), .06*room.Width())
	height := min(f.Box.Height(), 76*w.unit)
	size := w.size * height * cmp.Or(own.tall, 1)
	lines := strings.Split(text, "\n")
	if len(lines) > 1 {
		size = min(size, .8*f.Box.Height()/float64(len(lines)))
	}
	wide := room.Width() - 2*pad
	if f.Box.Height() > 84*w.unit && w.measure(text)*size > wide {
		lines = w.wrap(text, wide/size, max(1, int(f.Box.Height()/(1.25*size))))
	}
	least := .62
	if own.whole {
		least = 1
		wide = float64(w.img.Rect.Dx()) - 40*w.unit - f.Box.Min.X
	}
	for i, line := range lines {
		lines[i] = w.cut(line, wide/(least*size))
		if !own.whole {
			size = min(size, max(.62*size, wide/w.measure(lines[i])))
		}
	}
	written := Truth{Text: strings.Join(lines, "\n")}
	pitch := 1.25 * size * cmp.Or(own.pitch, 1)
	y := f.Box.Center().Y - pitch*float64(len(lines)-1)/2 + .35*size
	for _, line := range lines {
		x := room.Min.X + pad - own.before*f.Box.Height()
		if free := wide - w.measure(line)*size; w.rightwards(c) && !own.whole {
			x += free
		} else if w.style.Hand && free > 0 {
			x += free * .3 * w.r.Float64() * w.r.Float64()
		}
		written.Ink = written.Ink.Union(w.line(line, geom.Point{X: x, Y: y}, size))
		y += pitch
	}
	w.truth[f.ID] = written
}

// rightwards reports whether what c asks for is set at the right end.
func (w *writer) rightwards(c Content) bool { return c == Amount && !w.style.Hand }

// measure returns the width of a line as w writes it, in em.
func (w *writer) measure(s string) float64 {
	em := 0.0
	for _, c := range s {
		em += w.step(c)
	}
	return em
}

// cut returns as much of s as has at most the given width in em: whole words
// where it can be.
func (w *writer) cut(s string, width float64) string {
	rs := []rune(s)
	for len(rs) > 1 && w.measure(string(rs)) > width {
		if i := strings.LastIndexByte(string(rs), ' '); i > 0 {
			rs = []rune(string(rs)[:i])
		} else {
			rs = rs[:len(rs)-1]
		}
	}
	return string(rs)
}

// wrap breaks s into at most n lines of a width in em, between words where it
// has any, and drops the rest.
func (w *writer) wrap(s string, width float64, n int) []string {
	var lines []string
	for s != "" && len(lines) < n {
		line := w.cut(s, width)
		lines = append(lines, line)
		s = strings.TrimSpace(strings.TrimPrefix(s, line))
	}
	return lines
}

// line writes a line of text from the left end of its baseline.
func (w *writer) line(s string, at geom.Point, size float64) geom.Box {
	if !w.style.Hand {
		return w.text(w.set, s, at, size, 0, w.ink)
	}
	r, m := w.r, .35+w.style.Messy
	slope := math.Tan(r.NormFloat64() * .008 * m)
	at.Y += r.NormFloat64() * .06 * m * size
	var ink geom.Box
	start := at.X
	for _, c := range s {
		l := letter{
			r: c, at: geom.Point{X: at.X, Y: at.Y + (at.X-start)*slope + r.NormFloat64()*.025*m*size},
			size: size * (1 + r.NormFloat64()*.05*m), squeeze: w.squeeze * (1 + r.NormFloat64()*.05*m),
			turn: r.NormFloat64() * .035 * m, slant: w.slant + r.NormFloat64()*.04*m,
			wobble: .012 * m * (.5 + r.Float64()), phase: 2 * math.Pi * r.Float64(),
		}
		ink = ink.Union(w.pen(l))
		at.X += w.step(c) * size * (1 + r.NormFloat64()*.04*m)
		if c == ' ' {
			at.X += between(r, -.1, .2) * size * m
		}
	}
	return ink
}

// pen writes one letter with lines as thick as w's pen makes them.
func (w *writer) pen(l letter) geom.Box {
	ink := w.ink
	fade := uint8(w.r.IntN(1 + int(40*(.3+w.style.Messy))))
	ink.R, ink.G, ink.B = lighter(ink.R, fade), lighter(ink.G, fade), lighter(ink.B, fade)
	b := w.letter(w.font(l.r), l, ink)
	if w.bold > 0 {
		l.at.X += w.bold
		b = b.Union(w.letter(w.font(l.r), l, ink))
	}
	return b
}

func lighter(v, by uint8) uint8 { return uint8(min(255, int(v)+int(by))) }

// boxes writes one character in each box of a MULTI_BOX field.
func (w *writer) boxes(f form.Field, text string) {
	written := Truth{}
	for i, c := range []rune(text) {
		if i >= len(f.Boxes) {
			break
		}
		written.Text += string(c)
		written.Ink = written.Ink.Union(w.inBox(f.Boxes[i], c))
	}
	w.truth[f.ID] = written
}

// inBox writes one character in the middle of a box, as far as a person hits it.
func (w *writer) inBox(b geom.Box, c rune) geom.Box {
	if w.style.Digit != nil && c >= '0' && c <= '9' {
		return w.paste(w.style.Digit(w.r, int(c-'0')), b)
	}
	r := w.r
	size := .66 * b.Height()
	l := letter{r: c, size: size, squeeze: 1}
	at := geom.Point{X: b.Center().X - w.advance(w.font(c), c)*size/2, Y: b.Center().Y + .36*size}
	if w.style.Hand {
		m := .35 + w.style.Messy
		size *= between(r, .85, 1.1) + penSize(w.font(c)[0].name)
		l = letter{
			r: c, size: size, squeeze: 1 + r.NormFloat64()*.1*m, turn: r.NormFloat64() * .07 * m, slant: w.slant + r.NormFloat64()*.08*m,
			wobble: .018 * m * (.5 + r.Float64()), phase: 2 * math.Pi * r.Float64(),
		}
		at = geom.Point{
			X: b.Center().X - w.advance(w.font(c), c)*size*l.squeeze/2 + r.NormFloat64()*.06*m*b.Width(),
			Y: b.Center().Y + .36*size + r.NormFloat64()*.05*m*b.Height(),
		}
	}
	l.at = at
	if !w.style.Hand {
		return w.letter(w.font(l.r), l, w.ink)
	}
	return w.pen(l)
}

// paste puts a picture of a character in a box, in the colour of the ink.
func (w *writer) paste(picture *image.Gray, b geom.Box) geom.Box {
	pw, ph := float64(picture.Rect.Dx()), float64(picture.Rect.Dy())
	if pw == 0 || ph == 0 {
		return geom.Box{}
	}
	scale := between(w.r, .8, 1.05) * min(b.Width()/pw, b.Height()/ph)
	origin := geom.Point{
		X: b.Center().X - pw*scale/2 + w.r.NormFloat64()*.04*b.Width(),
		Y: b.Center().Y - ph*scale/2 + w.r.NormFloat64()*.04*b.Height(),
	}
	return w.stain(picture, geom.Shift(origin).After(geom.Scale(scale, scale)))
}
