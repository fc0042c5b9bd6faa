// Package suggest proposes the fields of a blank form: the cells between its
// rules, rows of single boxes, checkboxes, underlines and tables, each with the
// name that is printed beside or above it and with the value type and rules
// that the name asks for.
//
// It looks at a picture and at what is read in the lines of print on it, and at
// nothing else: [Straighten] levels the page, [Look] finds what is drawn and
// printed, [Page.Read] has the print read, and [Page.Suggest] puts both together.
// [Blank] does all of it. A filled copy will do where there is no blank: what is
// written in a cell beside a label is not taken for another label where labels are
// shaded, or ask for something known.
//
// # Coordinates
//
// Pixels of the straight page, whose origin is (0, 0). Sizes that are looked for
// are parts of the longer side of the page, as if it were A4.
//
// # Limits
//
// Time and memory are bounded for any picture: rules, cells, pieces of ink and
// lines beyond what a form may have are left out, and there are never more
// fields and cells than a template may have.
package suggest

import (
	"cmp"
	"image"
	"slices"
	"strconv"
	"strings"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A Suggestion is what the fields of a page may be, from top to bottom.
type Suggestion struct {
	Title  form.Title // zero where there is none
	Name   string     // of the template, from its title; may be empty
	Fields []Field
	Tables []Table
	Groups []form.Group // of checkboxes, where it is plain how many are marked
}

// A Field is a field that may be there.
type Field struct {
	form.Field
	Confidence float64 // in [0, 1]: how plain it is that this is a field
}

// A Table is a table that may be there.
type Table struct {
	form.Table
	Confidence float64 // as of a field
}

const (
	maxPlaces = 4000 // fields and cells, as of a template
	maxNormal = .3   // share of the page that one field has at most
)

// Sizes in millimetres of a page of A4.
const (
	placeHigh  = 3.0 // a cell to write in, at least
	placeWide  = 5.0
	cellInset  = .3  // of a field from the rules around it
	tableInset = .15 // of a cell of a table
)

// Confidences, by what speaks for a field. They order suggestions, and are no
// probabilities that were fitted.
const (
	sureBoxes   = .97
	sureTick    = .95
	sureCell    = .95
	sureTable   = .93
	sureCaption = .85
	sureLine    = .8
	bareTick    = .7
	bareCell    = .6
	bareLine    = .5
)

// A role is what a cell is.
type role int

const (
	useless  role = iota // too small, or a frame around others
	label                // has print that names what is beside or below it
	place                // to write in
	captions             // both: its name is printed in a corner of it
	holder               // has boxes or checkboxes in it
)

// A draft is a suggestion that is being made.
type draft struct {
	*Page
	phrases []phrase
	within  []int   // the cell of each phrase, or -1
	texts   [][]int // the phrases of each cell
	roles   []role
	shades  bool // labels are shaded here
	copied  bool // most cells beside labels have text too: the form is filled in
	left    []int
	above   []int // the neighbours of each cell, or -1
	used    []bool
	out     Suggestion
	names   map[string]bool
}

// Suggest returns what the fields of p may be, given the text of each of its
// Lines, which may be empty. The languages are those of the form, the leading one first.
func (p *Page) Suggest(texts, languages []string) Suggestion {
	d := &draft{Page: p, names: make(map[string]bool)}
	for i, box := range p.print {
		if text := printed(texts[i]); text != "" {
			d.phrases = append(d.phrases, phrase{text, box, box.Dy()})
		}
	}
	d.assign()
	d.judge()
	d.title()
	d.tables()
	d.places()
	d.boxRows()
	d.checkboxes()
	d.underlines()
	d.blanks()
	d.finish(languages)
	return d.out
}

// apart reports whether an upright rule, a checkbox or a row of boxes stands
// between two places of a line.
func (p *Page) apart(left, right image.Rectangle) bool {
	between := image.Rect(left.Max.X, max(left.Min.Y, right.Min.Y), right.Min.X, min(left.Max.Y, right.Max.Y))
	if between.Empty() {
		return false
	}
	y := (between.Min.Y + between.Max.Y) / 2
	for _, u := range p.upright {
		if m := u.Middle(); m > between.Min.X && m < between.Max.X && u.From < y && u.To > y && u.length() > 2*(left.Dy()+right.Dy())/3 {
			return true
		}
	}
	inGap := func(b image.Rectangle) bool {
		return b.Min.X >= between.Min.X-2 && b.Max.X <= between.Max.X+2 && b.Min.Y < y && b.Max.Y > y
	}
	return slices.ContainsFunc(p.ticks, inGap) || slices.ContainsFunc(p.rows, func(r row) bool { return inGap(r.bounds()) })
}

// assign finds the phrases and neighbours of each cell.
func (d *draft) assign() {
	n := len(d.cells)
	d.texts, d.roles, d.used = make([][]int, n), make([]role, n), make([]bool, n)
	d.left, d.above = make([]int, n), make([]int, n)
	d.within = make([]int, len(d.phrases))
	for i, p := range d.phrases {
		d.within[i] = d.cellOf(p.box)
		if c := d.within[i]; c >= 0 {
			d.texts[c] = append(d.texts[c], i)
		}
	}
	near := max(3, int(.6*d.unit))
	for i, c := range d.cells {
		d.left[i], d.above[i] = -1, -1
		bestLeft, bestAbove := 0, 0
		for j, o := range d.cells {
			if abs(o.box.Max.X-c.box.Min.X) <= near {
				if s := min(o.box.Max.Y, c.box.Max.Y) - max(o.box.Min.Y, c.box.Min.Y); s > bestLeft && 2*s >= min(o.box.Dy(), c.box.Dy()) {
					d.left[i], bestLeft = j, s
				}
			}
			if abs(o.box.Max.Y-c.box.Min.Y) <= near {
				if s := min(o.box.Max.X, c.box.Max.X) - max(o.box.Min.X, c.box.Min.X); s > bestAbove && 2*s >= min(o.box.Dx(), c.box.Dx()) {
					d.above[i], bestAbove = j, s
				}
			}
		}
	}
}

// textOf returns what is printed in a cell.
func (d *draft) textOf(i int) string {
	var ps []phrase
	for _, k := range d.texts[i] {
		ps = append(ps, d.phrases[k])
	}
	return inLines(ps)
}

// extent returns the box around what is printed in a cell.
func (d *draft) extent(i int) (all image.Rectangle) {
	for _, k := range d.texts[i] {
		all = all.Union(d.phrases[k].box)
	}
	return all
}

// judge finds the role of each cell.
func (d *draft) judge() {
	shadedText, texts := 0, 0
	shaded := make([]bool, len(d.cells))
	for i, c := range d.cells {
		shaded[i] = d.shaded(c.inner)
		if len(d.texts[i]) > 0 {
			texts++
			if shaded[i] {
				shadedText++
			}
		}
	}
	d.shades = shadedText >= 3 && 10*shadedText >= 3*texts
	d.frames()
	d.copied = d.filled || d.isCopy(shaded)
	for range 2 { // a neighbour may come later in the order of cells
		for i, c := range d.cells {
			if d.roles[i] != holder && !d.used[i] {
				d.roles[i] = d.roleOf(i, c, shaded[i])
			}
		}
	}
	clear(d.used)
}

// frames marks the cells that hold others, and those that hold boxes.
func (d *draft) frames() {
	for i, c := range d.cells {
		for j, o := range d.cells {
			if i != j && holds(c.box, o.box) && 10*o.box.Dx()*o.box.Dy() < 9*c.box.Dx()*c.box.Dy() && d.worthy(o) {
				d.used[i] = true // for the time being: useless
				break
			}
		}
	}
	hold := func(b image.Rectangle) {
		if i := d.cellOf(b); i >= 0 && !d.used[i] {
			d.roles[i] = holder
		}
	}
	for _, t := range d.ticks {
		hold(t)
	}
	for _, r := range d.rows {
		hold(r.bounds())
	}
}

// isCopy reports whether most cells on the right of a label have text that is none.
// Labels are shaded or, where none are, known.
func (d *draft) isCopy(shaded []bool) bool {
	isLabel := func(i int) bool {
		if d.shades {
			return shaded[i] && len(d.texts[i]) > 0
		}
		return known(clean(d.textOf(i)))
	}
	overBlank := make([]bool, len(d.cells)) // as the header of a table is
	for i, a := range d.above {
		if a >= 0 && len(d.texts[i]) == 0 {
			overBlank[a] = true
		}
	}
	cells, texts := 0, 0
	for i, l := range d.left {
		if l < 0 || d.used[i] || d.roles[i] == holder || isLabel(i) || !isLabel(l) || overBlank[i] && len(d.texts[i]) > 0 {
			continue
		}
		cells++
		if text := d.textOf(i); text != "" && !isHint(text) {
			texts++
		}
	}
	return 2*texts > cells
}

// roleOf returns what a cell is that holds no others.
func (d *draft) roleOf(i int, c cell, shaded bool) role {
	text := d.textOf(i)
	switch {
	case text == "" && (!d.worthy(c) || c.open && d.left[i] < 0 && d.above[i] < 0 && !slices.Contains(d.above, i)):
		return useless
	case text == "" && shaded:
		if d.shades {
			return useless // not to be filled in
		}
		return place
	case text == "":
		if d.unread(c.inner) && !d.named(i) {
			return useless
		}
		return place
	case shaded && d.shades:
		return label
	case d.worthy(c) && isHint(text):
		return place
	case d.worthy(c) && d.named(i):
		return place
	}
	if _, ok := d.beyondCaption(i); ok {
		return captions
	}
	return label
}

// named reports whether the cell beside i or above it names it, so that what
// stands in it was written. The cells to the left and above are judged before.
func (d *draft) named(i int) bool {
	l, a := d.left[i], d.above[i]
	switch {
	case !d.copied:
		return false
	case d.shades:
		return l >= 0 && d.roles[l] == label || a >= 0 && (d.roles[a] == label || d.roles[a] == place && abs(d.cells[a].box.Dx()-d.cells[i].box.Dx()) <= 4)
	}
	return l >= 0 && d.roles[l] == label && known(clean(d.textOf(l))) && !known(clean(d.textOf(i)))
}

// unread reports whether there are letters in box, though none were read.
func (d *draft) unread(box image.Rectangle) bool {
	return slices.ContainsFunc(d.print, func(l image.Rectangle) bool { return holds(box, l) && 10*l.Dy() >= 4*d.body })
}

const (
	captionRoom = .8 // height of what is left under a caption, times that of its text
	captionHigh = .5 // white above it, as a share of that below, at most
	captionWide = .5 // width of a caption beside which there is room, as a share of the cell, at most
)

// beyondCaption returns the part of a cell that is left for writing under the
// print in its upper left corner, or beside it.
func (d *draft) beyondCaption(i int) (image.Rectangle, bool) {
	inner, text := d.cells[i].inner, d.extent(i)
	below, over := inner.Max.Y-text.Max.Y, text.Min.Y-inner.Min.Y
	room := max(captionRoom*float64(d.body), .8*placeHigh*d.unit)
	if float64(below) >= room && float64(over) <= captionHigh*float64(below) && float64(text.Min.X-inner.Min.X) <= max(4*d.unit, .2*float64(inner.Dx())) {
		return image.Rect(inner.Min.X, text.Max.Y+1, inner.Max.X, inner.Max.Y), true
	}
	beside := inner.Max.X - text.Max.X
	colon := len(d.texts[i]) == 1 && endings.MatchString(d.phrases[d.texts[i][0]].text)
	if float64(text.Dx()) <= captionWide*float64(inner.Dx()) && float64(beside) >= 15*d.unit && float64(text.Min.X-inner.Min.X) <= 4*d.unit && d.worthy(d.cells[i]) &&
		(colon || known(clean(d.textOf(i)))) && !slices.Contains(d.left, i) && !d.heads(i) {
		return image.Rect(text.Max.X+int(d.unit), inner.Min.Y, inner.Max.X, inner.Max.Y), true
	}
	return image.Rectangle{}, false
}

// heads reports whether a row of boxes hangs below a cell, or another cell whose
// header it is.
func (d *draft) heads(i int) bool {
	c := d.cells[i].box
	return slices.Contains(d.above, i) || slices.ContainsFunc(d.rows, func(r row) bool {
		b := r.bounds()
		return float64(abs(b.Min.Y-c.Max.Y)) <= 2*d.unit && b.Min.X < c.Max.X && b.Max.X > c.Min.X
	})
}

// places makes fields of cells.
func (d *draft) places() {
	for i, c := range d.cells {
		if d.used[i] || d.roles[i] != place && d.roles[i] != captions {
			continue
		}
		box, name, sure := c.box.Inset(max(1, int(cellInset*d.unit))), "", sureCell
		if d.roles[i] == captions {
			rest, _ := d.beyondCaption(i)
			box, name, sure = rest, clean(d.textOf(i)), sureCaption
		} else {
			box = d.besideUnit(i, box)
			name = d.cellLabel(i)
		}
		if name == "" && c.open && d.left[i] < 0 && d.above[i] < 0 && !slices.Contains(d.above, i) {
			continue // between others
		}
		if name == "" {
			name, sure = d.freeLabel(box), bareCell
		}
		if sealed.MatchString(keyOf(name)) || d.tooLarge(box) {
			continue
		}
		value, rules := meant(name, 0)
		d.add(form.Field{Name: name, Kind: form.Normal, ValueType: value, Box: boxOf(box), Rules: rules}, sure)
	}
}

func (d *draft) tooLarge(box image.Rectangle) bool {
	return float64(box.Dx()*box.Dy()) > maxNormal*float64(d.img.Rect.Dx()*d.img.Rect.Dy())
}

// besideUnit returns box without the unit that is printed at its right end.
func (d *draft) besideUnit(i int, box image.Rectangle) image.Rectangle {
	for _, k := range d.texts[i] {
		p := d.phrases[k]
		if unitHint.MatchString(keyOf(p.text)) && p.box.Min.X > box.Min.X+box.Dx()*3/5 {
			box.Max.X = min(box.Max.X, p.box.Min.X-1)
		}
	}
	return box
}

// cellLabel returns the name of a cell that its neighbours print: the one to the
// left, the one above, or the next label to the left beyond other places.
func (d *draft) cellLabel(i int) string {
	if l := d.left[i]; l >= 0 && d.roles[l] == label {
		return clean(d.textOf(l))
	}
	for a, n := d.above[i], 0; a >= 0 && n < 50; a, n = d.above[a], n+1 {
		if d.roles[a] == label && d.cells[a].box.Dx() <= 2*d.cells[i].box.Dx() {
			return clean(d.textOf(a))
		}
		if d.roles[a] != place {
			break
		}
	}
	for l, n := d.left[i], 0; l >= 0 && n < 50; l, n = d.left[l], n+1 {
		if d.roles[l] == label {
			return clean(d.textOf(l))
		}
	}
	return ""
}

// boxRows makes fields of rows of boxes. Those between which a dash is printed, or
// wide white, are fields of their own, unless the label asks for something that has as
// many characters as there are boxes in all.
func (d *draft) boxRows() {
	for _, r := range d.rows {
		name := d.labelNear(r.bounds())
		parts := r.parts()
		if _, rules := meant(name, len(r)); len(parts) == 1 || rules.Check != "" || rules.Date {
			d.boxRow(name, r)
			continue
		}
		for i, part := range parts {
			if name == "" {
				d.boxRow("", part)
			} else {
				d.boxRow(name+"_"+strconv.Itoa(i+1), part)
			}
		}
	}
}

func (d *draft) boxRow(name string, r row) {
	f := form.Field{Name: name, Kind: form.MultiBox, Box: boxOf(r.bounds())}
	for _, b := range r[:min(len(r), 100)] {
		f.Boxes = append(f.Boxes, boxOf(b))
	}
	f.ValueType, f.Rules = meant(strings.TrimRight(name, "_0123456789"), len(r))
	d.add(f, sureBoxes)
}

// labelNear returns the name of what stands in box: the print on its left, the
// label of its cell, or the print above.
func (d *draft) labelNear(box image.Rectangle) string {
	cell := d.cellOf(box)
	if p, ok := d.phraseAbove(box, d.body); ok && cell < 0 && abs(p.box.Min.X-box.Min.X) <= 2*d.body {
		return clean(p.text)
	}
	if p, ok := d.phraseLeft(box, cell); ok {
		return clean(p.text)
	}
	if cell >= 0 {
		if name := d.cellLabel(cell); name != "" {
			return name
		}
	}
	return d.freeLabel(box)
}

// freeLabel returns the name of box that is printed on its left, or above it.
func (d *draft) freeLabel(box image.Rectangle) string {
	if p, ok := d.phraseLeft(box, -1); ok {
		return clean(p.text)
	}
	if p, ok := d.phraseAbove(box, 2*d.body); ok {
		return clean(p.text)
	}
	return ""
}

// phraseAbove returns the nearest print above box, not farther away than reach.
func (d *draft) phraseAbove(box image.Rectangle, reach int) (best phrase, ok bool) {
	for _, p := range d.phrases {
		gap := box.Min.Y - p.box.Max.Y
		if gap >= -p.size/3 && gap < reach && p.box.Min.X < box.Max.X && p.box.Max.X > box.Min.X && p.box.Min.X > box.Min.X-4*d.body && hasLetters(p.text) {
			best, reach, ok = p, gap, true
		}
	}
	return best, ok
}

const labelReach = 8 // between a label and what it names, times the height of text

// phraseLeft returns the nearest print on the left of box, in the given cell or,
// for -1, anywhere.
func (d *draft) phraseLeft(box image.Rectangle, cell int) (best phrase, ok bool) {
	nearest := labelReach * d.body
	for i, p := range d.phrases {
		gap := box.Min.X - p.box.Max.X
		middle := (p.box.Min.Y + p.box.Max.Y) / 2
		if gap < -d.body/2 || gap >= nearest || middle < box.Min.Y-d.body/3 || middle > box.Max.Y+d.body/3 || !hasLetters(p.text) {
			continue
		}
		if cell >= 0 && d.within[i] != cell || d.apart(p.box, image.Rect(box.Min.X, p.box.Min.Y, box.Max.X, p.box.Max.Y)) {
			continue
		}
		best, nearest, ok = p, gap, true
	}
	return best, ok
}

// add adds a field, if the form has room for one more.
func (d *draft) add(f form.Field, sure float64) {
	if len(d.out.Fields) < maxPlaces {
		if f.Kind != form.Checkbox { // the label of that is what may be chosen
			f.Personal = personal(f.Name)
		}
		d.out.Fields = append(d.out.Fields, Field{f, sure})
	}
}

// finish orders the fields and gives each a name of its own.
func (d *draft) finish(languages []string) {
	if f := d.out.Fields; len(f) > 1 {
		d.out.Fields = inOrder(f)
	}
	cells := 0
	d.out.Tables = slices.DeleteFunc(d.out.Tables, func(t Table) bool {
		cells += len(t.Cells) * len(t.Columns)
		return len(d.out.Fields)+cells > maxPlaces
	})
	nameless := namelessIn(languages)
	for i := range d.out.Tables {
		t := &d.out.Tables[i]
		for c := range t.Columns {
			if !hasLetters(t.Columns[c].Name) {
				t.Columns[c].Name = nameless + " " + strconv.Itoa(c+1)
			}
		}
		if t.Name == "" {
			t.Name = nameless
		}
		t.Name = d.unique(t.Name)
	}
	clear(d.names)
	for i := range d.out.Fields {
		f := &d.out.Fields[i]
		if f.Name == "" || !hasLetters(f.Name) {
			f.Name = nameless
		}
		f.Name = d.unique(f.Name)
		f.ID = form.FieldID(f.Name)
	}
}

// inOrder returns fields as they are read: those that stand beside each other
// from left to right, then what is below.
func inOrder(fields []Field) []Field {
	slices.SortStableFunc(fields, func(a, b Field) int { return cmp.Compare(a.Box.Min.Y, b.Box.Min.Y) })
	var all []Field
	for len(fields) > 0 {
		n, first := 1, fields[0].Box
		for n < len(fields) && fields[n].Box.Min.Y < first.Center().Y {
			n++
		}
		line := fields[:n]
		slices.SortStableFunc(line, func(a, b Field) int { return cmp.Compare(a.Box.Min.X, b.Box.Min.X) })
		all = append(all, line...)
		fields = fields[n:]
	}
	return all
}

// unique returns name, numbered where it is taken.
func (d *draft) unique(name string) string {
	for n := 1; ; n++ {
		tried := name
		if n > 1 {
			tried += " " + strconv.Itoa(n)
		}
		if !d.names[tried] {
			d.names[tried] = true
			return tried
		}
	}
}

// Nameless reports whether name is one that nothing on the form gave: whoever makes
// the template is to say what the field is.
func Nameless(name string, languages []string) bool {
	number, ok := strings.CutPrefix(name, namelessIn(languages))
	return ok && strings.Trim(number, " _0123456789") == ""
}

// namelessIn returns the name of fields that nothing names.
func namelessIn(languages []string) string {
	words := map[string]string{"ko": "항목", "ja": "項目", "zh-TW": "欄位", "en": "Field"}
	if len(languages) > 0 && words[languages[0]] != "" {
		return words[languages[0]]
	}
	return words["en"]
}

func boxOf(r image.Rectangle) geom.Box {
	return geom.XYWH(float64(r.Min.X), float64(r.Min.Y), float64(r.Dx()), float64(r.Dy()))
}
