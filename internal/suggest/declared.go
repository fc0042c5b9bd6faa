package suggest

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/scan"
)

const (
	sureDeclared  = .99 // the file says so
	samePlace     = .6  // share of the smaller of two boxes that is in the other, where both are of one place
	declaredTexts = 100 // that a field may be one of
)

// DeclareFrom adds the fields that page n of a file declares, see Declare. Where the
// file is too broken to tell, there are none: the page could be drawn all the same.
func (f *Form) DeclareFrom(ctx context.Context, file []byte, n int, limits scan.Limits, languages []string) error {
	fields, err := scan.DeclaredFields(ctx, file, n, limits)
	if err != nil && !errors.Is(err, scan.ErrDamaged) {
		return err
	}
	f.Declare(fields, languages)
	return nil
}

// Declare adds the fields that the file itself declares, given in pixels of the
// page as it was. What was found in the same place gives way, and leaves its name
// where the declared one says nothing.
func (f *Form) Declare(fields []scan.Declared, languages []string) {
	toStraight, err := f.StraightToPage.Inverse()
	if err != nil || len(fields) == 0 {
		return
	}
	m := merger{found: f.Fields, nameless: namelessIn(languages), gone: make([]bool, len(f.Fields))}
	size := f.Picture.Bounds()
	page := geom.XYWH(0, 0, float64(size.Dx()), float64(size.Dy()))
	for _, d := range fields {
		box := toStraight.ApplyQuad(geom.XYWH(d.X, d.Y, d.Width, d.Height).Quad()).Bounds().Intersect(page)
		if !box.Empty() {
			m.add(&d, box)
		}
	}
	f.Tables = slices.DeleteFunc(f.Tables, m.covers)
	f.Fields = m.fields()
	f.Groups = m.groups(f.Groups)
}

// A merger puts declared fields and found ones together.
type merger struct {
	found    []Field
	gone     []bool // which of them gave way
	declared []Field
	choices  []form.Group // of radio buttons
	nameless string
}

// shared returns how much of the smaller of two boxes is in the other, in [0, 1].
func shared(a, b geom.Box) float64 {
	both := a.Intersect(b)
	if both.Empty() {
		return 0
	}
	return both.Width() * both.Height() / min(a.Width()*a.Height(), b.Width()*b.Height())
}

// add makes a field of d, which stands in box.
func (m *merger) add(d *scan.Declared, box geom.Box) {
	mark := d.Kind == scan.DeclaredCheckbox || d.Kind == scan.DeclaredRadio
	best, most := Field{}, 0.
	for i, f := range m.found {
		s := shared(f.Box, box)
		if s < samePlace {
			continue
		}
		m.gone[i] = true
		if (f.Kind == form.Checkbox) == mark && s > most {
			best, most = f, s
		}
	}
	f := form.Field{Name: m.name(d, best.Name), Kind: form.Normal, ValueType: form.All, Box: box}
	switch {
	case mark:
		m.mark(d, &f, best)
	case d.Kind == scan.DeclaredChoice:
		f.Rules.In.Texts = choices(d.Options)
	default:
		text(d, &f, best)
	}
	if len(m.declared) < maxPlaces {
		m.declared = append(m.declared, Field{f, sureDeclared})
	}
}

// Names that say nothing: those that programs give, and numbers.
var blankNames = regexp.MustCompile(`^(?i:text|txt|field|fld|untitled|undefined|input|check|check\s?box|chk|cb|radio|radio\s?button|rb|group|option|choice|combo\s?box|drop\s?down|list\s?box|fill|form|page|row|cell|텍스트|필드|체크\s?박스|확인란|입력|그룹|テキスト|チェックボックス|[cfpt])?[\s_.#-]*(?:\d+[\s_.-]*)*$`)

var indices = regexp.MustCompile(`\[\d+\]`)

// says returns the part of a declared name that people gave, or "".
func says(name string) string {
	name = indices.ReplaceAllString(name, "")
	name = strings.TrimSpace(name[strings.LastIndexByte(name, '.')+1:])
	if blankNames.MatchString(name) || !hasLetters(name) {
		return ""
	}
	return clean(name)
}

// name returns the name of d: its own, what people are told, or what is printed.
func (m *merger) name(d *scan.Declared, printed string) string {
	for _, name := range []string{says(d.Name), clean(d.Label), printed} {
		if hasLetters(name) {
			return name
		}
	}
	return m.nameless
}

// mark makes f a checkbox. Best is the one that was found there, or zero.
func (m *merger) mark(d *scan.Declared, f *form.Field, best Field) {
	f.Kind, f.CheckedText, f.Group = form.Checkbox, best.CheckedText, best.Group
	value := says(d.Value)
	switch strings.ToLower(value) {
	case "yes", "on", "true", "checked":
		value = ""
	}
	if f.CheckedText == "" {
		f.CheckedText = value
	}
	if d.Kind == scan.DeclaredCheckbox {
		if f.CheckedText == "" {
			f.CheckedText = f.Name
		}
		return
	}
	f.Group = f.Name // that of the question
	for _, name := range []string{f.CheckedText, best.Name} {
		if name != "" {
			f.Name = name
			break
		}
	}
	if !slices.ContainsFunc(m.choices, func(g form.Group) bool { return g.Name == f.Group }) {
		m.choices = append(m.choices, form.Group{Name: f.Group, Choose: form.ChooseAtMostOne})
	}
}

// text makes f hold text: in single boxes where d has a comb, or where those were
// found.
func text(d *scan.Declared, f *form.Field, best Field) {
	boxes := d.Comb
	switch {
	case best.Kind == form.MultiBox && (boxes == 0 || boxes == len(best.Boxes)) && shared(best.Box, f.Box) > .8 && best.Box.Width() > samePlace*f.Box.Width():
		f.Kind, f.Box, f.Boxes = form.MultiBox, best.Box, best.Boxes // as they are printed
	case boxes > 1:
		f.Kind, f.Boxes = form.MultiBox, evenly(f.Box, min(boxes, 100))
	}
	f.ValueType, f.Rules = meant(f.Name, len(f.Boxes))
	f.Personal = personal(f.Name)
	if best.Name != "" && f.ValueType == form.All && f.Rules.IsZero() {
		f.ValueType, f.Rules = meant(best.Name, len(f.Boxes)) // a name in English on a form in Korean
	}
	if f.Personal == "" {
		f.Personal = personal(best.Name)
	}
}

// evenly divides box into n side by side.
func evenly(box geom.Box, n int) (boxes []geom.Box) {
	wide := box.Width() / float64(n)
	for i := range n {
		boxes = append(boxes, geom.XYWH(box.Min.X+float64(i)*wide, box.Min.Y, wide, box.Height()))
	}
	return boxes
}

// choices returns the texts that may be chosen.
func choices(options []string) (texts []string) {
	for _, o := range options {
		o = strings.TrimSpace(strings.Map(printable, o))
		if o != "" && !slices.Contains(texts, o) {
			texts = append(texts, o)
		}
	}
	if len(texts) > declaredTexts {
		return nil
	}
	return texts
}

// covers reports whether most cells of a table are declared as fields.
func (m *merger) covers(t Table) bool {
	cells, covered := 0, 0
	for _, row := range t.Cells[min(t.Header, len(t.Cells)):] {
		for _, cell := range row {
			cells++
			if slices.ContainsFunc(m.declared, func(f Field) bool { return shared(f.Box, cell) >= samePlace }) {
				covered++
			}
		}
	}
	return 2*covered > cells
}

// fields returns what is declared and what else was found, in order, each with a
// name of its own.
func (m *merger) fields() []Field {
	all := m.declared
	for i, f := range m.found {
		if !m.gone[i] && len(all) < maxPlaces {
			all = append(all, f)
		}
	}
	all = inOrder(all)
	names := make(map[string]bool)
	for i := range all {
		f := &all[i]
		base := f.Name
		for n := 2; names[f.Name]; n++ {
			f.Name = base + " " + strconv.Itoa(n)
		}
		names[f.Name] = true
		f.ID = form.FieldID(f.Name)
	}
	return all
}

// groups returns the groups of checkboxes that there are still, with those of radio
// buttons.
func (m *merger) groups(found []form.Group) []form.Group {
	all := slices.Clone(m.choices)
	for _, g := range found {
		if !slices.ContainsFunc(all, func(o form.Group) bool { return o.Name == g.Name }) {
			all = append(all, g)
		}
	}
	return slices.DeleteFunc(all, func(g form.Group) bool {
		member := func(f Field) bool { return f.Group == g.Name }
		left := slices.ContainsFunc(m.declared, member)
		for i, f := range m.found {
			left = left || !m.gone[i] && member(f)
		}
		return !left
	})
}
