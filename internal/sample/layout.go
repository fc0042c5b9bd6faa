package sample

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A Design says which blank form to draw. Its zero fields mean the plain
// choice.
type Design struct {
	Seed     uint64
	Language string // "ko", "ja", "zh-TW" or "en"
	// Body is the seed of all below the heading, 0 for Seed. Designs that
	// differ in it alone are near twins: the same heading, another body.
	Body uint64
	// Revision above 0 moves rows by a few pixels and rewords a note, as a
	// new printing of the same form does.
	Revision uint64
}

// Layout draws the blank form of a seed in a language.
func Layout(seed uint64, language string) (*Blank, error) {
	return Draw(Design{Seed: seed, Language: language})
}

// paper is a size of page and its resolution.
type paper struct {
	width, height int     // px
	unit          float64 // px a 200th of an inch
}

// papers lists sizes, the usual one most often.
var papers = []paper{
	{1654, 2339, 1},
	{1654, 2339, 1},
	{1654, 2339, 1},
	{1654, 2339, 1},
	{1654, 2339, 1},
	{1240, 1754, .75}, // A4 at 150 dpi
	{2480, 3508, 1.5}, // A4 at 300 dpi
	{2339, 1654, 1},   // A4 lying
	{1166, 1654, .95}, // A5
	{1700, 2200, 1},   // Letter
	{1433, 2024, .95}, // B5
}

// A layout is a random form on its way.
type layout struct {
	*sheet
	head, body, revision *rand.Rand
	words                *vocabulary
	left, right, bottom  float64 // px; margins of what is printed
	y                    float64 // px; how far down the page is drawn
	pitch                float64 // px; usual height of a row
	labels               float64 // px; usual width of a label
	section              int
	moved                float64        // px; how much lower than in the first printing l.y is
	groups               []group        // of checkboxes that are still to come
	used                 map[string]int // how often a name of a field was taken
}

// Draw draws the blank form of a design. It returns ErrNoFont where there is
// no font for its language.
func Draw(d Design) (*Blank, error) {
	words, ok := vocabularies[d.Language]
	if !ok {
		return nil, fmt.Errorf("sample: no words in language %q", d.Language)
	}
	if d.Body == 0 {
		d.Body = d.Seed
	}
	l := &layout{
		head: newRand(d.Seed, "head "+d.Language), body: newRand(d.Body, "body "+d.Language),
		words: words, used: map[string]int{},
	}
	if d.Revision > 0 {
		l.revision = newRand(d.Revision, "revision")
	}
	if err := l.open(); err != nil {
		return nil, err
	}
	l.headline()
	foot := l.reserve()
	for l.section < 9 && l.block(l.bottom-foot-l.y+l.moved) {
	}
	l.foot()
	return l.blank(), nil
}

// open takes paper and fonts.
func (l *layout) open() error {
	r := l.head
	p := pick(r, papers)
	regular, err := needFonts(l.words.code, typed)
	if err != nil {
		return err
	}
	heavy := append(typefaces(l.words.code, bold), regular...)
	u := p.unit
	l.sheet = &sheet{
		canvas:   newCanvas(p.width, p.height),
		template: &form.Template{Languages: []string{l.words.code}, ImageName: "template.png", Width: p.width, Height: p.height},
		contents: map[form.FieldID]Content{},
		labels:   map[form.FieldID]string{},
		print:    withFallback(pick(r, regular), l.words.code),
		strong:   withFallback(pick(r, heavy[:max(1, len(heavy)-len(regular))]), l.words.code),
		size:     u * between(r, 22, 29), rule: u * between(r, 1.4, 2.6), border: u * between(r, 2, 5),
		inset: u * between(r, 0, 5), shade: gray(uint8(pick(r, []int{255, 240, 232, 224, 212}))), ink: gray(uint8(r.IntN(60))),
		corner: u * between(r, 11, 16),
	}
	margin := u * between(r, 90, 170)
	l.left, l.right = margin, float64(p.width)-margin
	l.y, l.bottom = u*between(r, 80, 150), float64(p.height)-u*between(r, 80, 130)
	l.pitch = u * between(r, 54, 78)
	l.labels = u * between(r, 160, 230)
	return nil
}

// headline prints what stands above the first section.
func (l *layout) headline() {
	r, w := l.head, l.words
	title := pick(r, w.titles)
	l.template.Name = title
	printed := title
	if w.code != "en" && len([]rune(title)) < 9 && !strings.Contains(title, " ") && chance(r, .4) {
		printed = strings.Join(strings.Split(title, ""), " ")
	}
	wide := l.right - l.left
	size := l.size * between(r, 1.7, 2.5)
	if chance(r, .6) {
		l.textIn(l.print, pick(r, w.organisations), geom.XYWH(l.left, l.y, wide, l.size*1.4), l.size*.9, pick(r, []align{left, right}), l.ink)
		l.y += 1.8 * l.size
	}
	box := l.textIn(l.strong, printed, geom.XYWH(l.left, l.y, wide, size*1.3), size, pick(r, []align{center, center, center, left}), l.ink)
	l.template.Title = form.Title{Text: printed, Box: box.Grow(.15 * size).Intersect(l.page())}
	l.y += size * 1.5
	switch r.IntN(4) {
	case 0:
		l.hline(box.Min.X-l.size, box.Max.X+l.size, l.y, l.rule, l.ink)
		l.hline(box.Min.X-l.size, box.Max.X+l.size, l.y+3*l.rule, l.rule, l.ink)
	case 1:
		l.frame(box.Grow(.4*size), l.border, l.ink)
		l.y += .2 * size
	case 2:
		l.hline(l.left, l.right, l.y, l.border, l.ink)
	}
	l.y += .8 * l.size
	if chance(r, .4) { // a box for the office
		b := geom.XYWH(l.right-.42*wide, l.y, .42*wide, .85*l.pitch)
		l.row(b, cell{width: .4 * b.Width(), label: pick(r, w.labels[Digits])}, cell{put: l.place(Digits, "office")})
		l.frame(b, l.rule, l.ink)
		l.y = b.Max.Y + .6*l.size
	}
	for range r.IntN(3) {
		l.note(pick(r, w.notes))
	}
}

// page returns the box of the whole page.
func (l *layout) page() geom.Box {
	return geom.XYWH(0, 0, float64(l.template.Width), float64(l.template.Height))
}

// note prints a line of small print.
func (l *layout) note(text string) {
	l.textIn(l.print, text, geom.XYWH(l.left, l.y, l.right-l.left, l.size*1.1), .8*l.size, left, l.ink)
	l.y += 1.25 * l.size
}

// name returns a name for a field that is not taken.
func (l *layout) name(stem string) string {
	l.used[stem]++
	if n := l.used[stem]; n > 1 {
		return stem + strconv.Itoa(n)
	}
	return stem
}

// contentNames are the stems of the names of fields.
var contentNames = map[Content]string{
	Words: "words", Name: "name", Phonetic: "phonetic", Phone: "phone", Email: "email", Address: "address", Postcode: "postcode", Date: "date",
	Birth: "birth", Period: "period", Amount: "amount", Count: "count", Digits: "number", Account: "account", Code: "code", Bank: "bank",
	Company: "company", Department: "department", Position: "position", Place: "place", Item: "item", Relation: "relation", Reason: "reason",
}

// place returns a cell that is a NORMAL field.
func (l *layout) place(c Content, stem string) func(geom.Box) {
	return l.field(l.name(stem), c, form.Rules{})
}

// shift returns by how many px a revised form moves what follows down. What
// is on the form stays the same: it only takes up room that was left.
func (l *layout) shift() float64 {
	if l.revision == nil {
		return 0
	}
	d := max(0, min(between(l.revision, -.3, .7)*l.size, .8*l.pitch-l.moved))
	l.moved += d
	return d
}

// block draws a section that is at most room px high and reports whether
// there was room for one.
func (l *layout) block(room float64) bool {
	r := l.body
	titled := chance(r, .75)
	need := 2 * l.pitch
	if titled {
		need += 2 * l.size
	}
	if room < need+l.size {
		return false
	}
	l.section++
	l.y += l.shift()
	if titled {
		number := pick(r, []string{strconv.Itoa(l.section) + ". ", "■ ", "", strconv.Itoa(l.section) + ") "})
		l.y += 2 * l.size
		l.heading(number+pick(r, l.words.headings), l.left, l.y)
	}
	room -= need - 2*l.pitch
	if room > 4*l.pitch && chance(r, .3) {
		l.ruledTable(room)
	} else {
		l.grid(room)
	}
	l.y += l.size * between(r, .5, 1.2)
	return true
}

// grid draws rows of labels and places.
func (l *layout) grid(room float64) {
	r := l.body
	top := l.y
	rows := min(1+r.IntN(6), int(room/l.pitch)-1)
	columns := 2
	if chance(r, .2) {
		columns = 1
	}
	for range max(rows, 1) {
		height := l.pitch
		cells := l.cells(columns, &height)
		height = min(height, top+room-l.y)
		if d := l.shift() / 4; d > 0 {
			l.moved -= 3 * d
			height, room = height+d, room+d
		}
		l.y = l.row(geom.XYWH(l.left, l.y, l.right-l.left, height), cells...)
		if l.y > top+room-1.2*l.pitch {
			break
		}
	}
	l.frame(geom.XYWH(l.left, top, l.right-l.left, l.y-top), l.border, l.ink)
}

// short and long list what stands in half a row and in a whole one.
var (
	short = []Content{
		Name, Name, Name, Phone, Phone, Email, Date, Date, Amount, Count, Digits, Code, Bank, Company, Department, Position, Place, Relation, Words, Postcode,
	}
	long    = []Content{Address, Address, Reason, Reason, Words, Company, Period, Email}
	inBoxes = []Content{Birth, Digits, Account, Account, Postcode, Digits, Code}
)

// cells chooses the cells of a row. It may make the row higher.
func (l *layout) cells(columns int, height *float64) []cell {
	r := l.body
	switch n := r.IntN(10); {
	case n < 2: // checkboxes
		if len(l.groups) == 0 {
			l.groups = slices.Clone(l.words.groups)
		}
		i := r.IntN(len(l.groups))
		g := l.groups[i]
		l.groups = slices.Delete(l.groups, i, i+1)
		return []cell{{width: l.labels, label: g.label}, {put: l.checkboxes(g)}}
	case n < 4: // single characters
		c := pick(r, inBoxes)
		return []cell{{width: l.labels, label: pick(r, l.words.labels[c])}, {put: l.squares(c)}}
	case n < 6 || columns == 1: // one wide field
		c := pick(r, long)
		if c == Reason && chance(r, .5) {
			*height *= between(r, 1.4, 2.2)
		}
		return []cell{l.labelOf(c), {put: l.place(c, contentNames[c])}}
	case n == 6 && l.template.Width > 1600: // three narrow ones
		var cells []cell
		for _, c := range []Content{pick(r, short), Count, pick(r, []Content{Date, Name, Relation})} {
			cells = append(cells, cell{width: .8 * l.labels, label: pick(r, l.words.labels[c])}, cell{put: l.place(c, contentNames[c])})
		}
		return cells
	case l.words.phonetic != nil && n == 7:
		return []cell{l.labelOf(Phonetic), {put: l.place(Phonetic, "phonetic")}, l.labelOf(Phone), {put: l.place(Phone, "phone")}}
	}
	a, b := pick(r, short), pick(r, short)
	return []cell{l.labelOf(a), {put: l.place(a, contentNames[a])}, l.labelOf(b), {put: l.place(b, contentNames[b])}}
}

// labelOf returns a cell with a label that asks for c.
func (l *layout) labelOf(c Content) cell {
	return cell{width: l.labels, label: pick(l.body, l.words.labels[c])}
}

// checkboxes returns a cell with a group of checkboxes.
func (l *layout) checkboxes(g group) func(geom.Box) {
	group := l.name("group")
	c, yes, no := AnyOf, l.words.yes, l.words.no
	if g.single {
		c = OneOf
	}
	return func(b geom.Box) {
		var choices []choice
		for i, label := range g.choices {
			choices = append(choices, choice{group + "_" + strconv.Itoa(i+1), label})
		}
		l.checks(group, c, yes, no, choices, b)
	}
}

// squares returns a cell with a row of boxes.
func (l *layout) squares(c Content) func(geom.Box) {
	r := l.body
	name := l.name(contentNames[c])
	n, dashes := 4+r.IntN(10), []int(nil)
	switch c {
	case Birth:
		n = pick(r, []int{6, 8})
	case Postcode:
		n = pick(r, []int{5, 7})
	case Account:
		n = 10 + r.IntN(6)
	}
	if n > 6 && chance(r, .4) {
		dashes = []int{3 + r.IntN(n-5)}
	}
	if c == Birth && n == 8 && chance(r, .5) {
		dashes = []int{4, 6}
	}
	start := between(r, .2, .8) * l.size
	return func(b geom.Box) { l.boxes(name, n, c, b.Min.X+start, b, dashes, form.Rules{}) }
}

// ruledTable draws a table with a header.
func (l *layout) ruledTable(room float64) {
	r := l.body
	w := pick(r, l.words.tables)
	pitch := l.pitch * between(r, .75, 1)
	rows := min(2+r.IntN(7), int(room/pitch)-2)
	columns, total := append([]column(nil), w.columns...), 0.0
	for i := range columns {
		columns[i].width *= between(r, .8, 1.2)
		total += columns[i].width
	}
	for i := range columns {
		columns[i].width /= total
	}
	height := pitch * float64(rows+1)
	l.table(l.name("table"), geom.XYWH(l.left, l.y, l.right-l.left, height), pitch*between(r, .8, 1), rows, columns)
	l.y += height
}

// reserve returns the height of the foot.
func (l *layout) reserve() float64 { return 3*l.pitch + 4*l.size }

// foot prints what stands below the last section.
func (l *layout) foot() {
	r, w := l.body, l.words
	l.y += l.size + l.shift()
	l.textIn(l.print, pick(r, w.declarations), geom.XYWH(l.left, l.y, l.right-l.left, 1.3*l.size), l.size, pick(r, []align{center, left}), l.ink)
	l.y += 1.8 * l.size
	sign := pick(r, w.signatures)
	x := l.left + between(r, .1, .3)*(l.right-l.left)
	half := (l.right - x) / 2
	for i, c := range []Content{Date, Name} {
		b := l.text(l.print, sign[i], geom.Point{X: x, Y: l.y + .8*l.pitch}, l.size, 0, l.ink)
		line := geom.Box{
			Min: geom.Point{X: b.Max.X + .5*l.size, Y: l.y + .1*l.pitch}, Max: geom.Point{X: x + half - l.size, Y: l.y + .95*l.pitch},
		}
		l.labelled(sign[i], func() { l.underlined(l.name("sign_"+contentNames[c]), c, line, form.Rules{}) })
		x += half
	}
	l.y += 1.4 * l.pitch
	if l.revision != nil {
		r = l.revision
	}
	for range r.IntN(3) {
		if l.y < l.bottom {
			l.note(pick(r, w.notes))
		}
	}
}
