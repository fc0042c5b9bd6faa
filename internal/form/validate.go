package form

import (
	"cmp"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/seosik/seosik/internal/geom"
)

// CheckLanguages returns an InvalidError unless langs has at least one
// language and each is known and there once.
func CheckLanguages(langs []string) error {
	if code, args := languageDefect(langs); code != "" {
		return Invalid("lang", "%s", code.say(args))
	}
	return nil
}

func languageDefect(langs []string) (code DefectCode, args []string) {
	if len(langs) == 0 {
		return DefectNoLanguage, []string{strings.Join(Languages, ", ")}
	}
	for i, l := range langs {
		if !slices.Contains(Languages, l) {
			return DefectNotOneOf, []string{shown(l), strings.Join(Languages, ", ")}
		}
		if slices.Contains(langs[:i], l) {
			return DefectTwice, []string{l}
		}
	}
	return "", nil
}

// CheckName returns an InvalidError unless a template can have that name.
func CheckName(name string) error { return checkName("name", name) }

// checkName wants a name that can head a column and be referred to.
func checkName(where, name string) error {
	if code, args := nameDefect(name); code != "" {
		return Invalid(where, "%s", code.say(args))
	}
	return nil
}

func nameDefect(name string) (code DefectCode, args []string) {
	switch {
	case strings.TrimSpace(name) == "":
		return DefectMissing, nil
	case len([]rune(name)) > maxName:
		return DefectLong, []string{"100"}
	case strings.HasPrefix(name, "#") || strings.ContainsAny(name, "[]"):
		return DefectNameForm, nil
	case hidden(name):
		return DefectHidden, nil
	}
	return "", nil
}

// Validate returns an *InvalidTemplateError with all defects of t, or nil.
func (t *Template) Validate() error {
	ds := t.defects()
	return ds.err()
}

// Defects returns what keeps t from being released, in the order of the file:
// the first thousand.
func (t *Template) Defects() []Defect { return t.defects().list }

func (t *Template) defects() (ds defects) {
	ds.in("").name("name", t.Name)
	if code, args := languageDefect(t.Languages); code != "" {
		ds.in("lang").add("", code, anys(args)...)
	}
	if t.ImageName == "" || path.Base(t.ImageName) != t.ImageName || strings.ContainsAny(t.ImageName, `\/:`) {
		ds.in("image").add("", DefectImageName)
	}
	if t.Width < 10 || t.Height < 10 || t.Width > maxSide || t.Height > maxSide {
		ds.in("width, height").add("", DefectSize, maxSide)
	}
	t.checkTitle(&ds)
	t.Review.check(ds.in(""), "review")
	t.checkFields(&ds)
	t.checkTables(&ds)
	t.checkIDs(&ds)
	t.checkRules(&ds)
	t.checkPlaces(&ds)
	t.checkCombine(&ds)
	return ds
}

func anys(list []string) []any {
	all := make([]any, len(list))
	for i, s := range list {
		all[i] = s
	}
	return all
}

// name notes what is wrong with a name that s has as a property.
func (s spot) name(property, name string) {
	if code, args := nameDefect(name); code != "" {
		s.add(property, code, anys(args)...)
	}
}

// label notes what is wrong with what people call something. Two may be called
// the same, as two dates of one form are.
func (s spot) label(property, label string) {
	switch {
	case len([]rune(label)) > maxName:
		s.add(property, DefectLong, maxName)
	case hidden(label):
		s.add(property, DefectHidden)
	case label != "" && strings.TrimSpace(label) == "":
		s.add(property, DefectMissing)
	}
}

// box wants a box with an area of at least a pixel, inside the picture. Half a
// pixel outside is forgiven, for boxes drawn along the edge.
func (s spot) box(t *Template, b geom.Box) {
	for _, v := range []float64{b.Min.X, b.Min.Y, b.Max.X, b.Max.Y} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			s.add("", DefectNotNumbers)
			return
		}
	}
	if b.Width() < 1 || b.Height() < 1 {
		s.add("", DefectSmall)
		return
	}
	picture := geom.XYWH(0, 0, float64(t.Width), float64(t.Height))
	if !picture.Empty() && !b.In(picture.Grow(.5)) {
		s.add("", DefectOutside, t.Width, t.Height)
	}
}

// boxes wants so few boxes, each of them sound.
func (s spot) boxes(t *Template, list []geom.Box) {
	if len(list) > maxBoxes {
		s.add("", DefectMany, maxBoxes)
		return
	}
	for i, b := range list {
		s.in("[%d]", i).box(t, b)
	}
}

func (t *Template) checkTitle(ds *defects) {
	if t.Title == (Title{}) {
		return
	}
	if t.Title.Name != "" {
		ds.in("title").name("name", t.Title.Name)
	}
	if len([]rune(t.Title.Text)) > maxText {
		ds.in("title").add("text", DefectLong, maxText)
	}
	ds.in("title").in("box").box(t, t.Title.Box)
}

func (t *Template) checkFields(ds *defects) {
	seen := make(map[string]bool)
	for i := range t.Fields {
		f := &t.Fields[i]
		at := ds.of("fields", i, shown(f.Name))
		if seen[f.Name] && f.Name != "" {
			at.add("", DefectNameTwice)
		}
		seen[f.Name] = true
		at.name("name", f.Name)
		at.label("label", f.Label)
		t.checkField(at, f)
	}
}

func (t *Template) checkField(at spot, f *Field) {
	if !slices.Contains([]Kind{Normal, MultiBox, Checkbox}, f.Kind) {
		at.add("type", DefectNotOneOf, shown(string(f.Kind)), "NORMAL, MULTI_BOX, CHECKBOX")
	}
	at.valueType("valueType", f.ValueType)
	at.in("box").box(t, f.Box)
	if (f.Kind == MultiBox) != (len(f.Boxes) > 0) {
		at.add("boxes", DefectBoxesKind)
	}
	at.in("boxes").boxes(t, f.Boxes)
	at.in("ignore").boxes(t, f.Ignore)
	if f.Kind != Checkbox && (f.CheckedText != "" || f.UncheckedText != "" || f.Group != "") {
		at.add("", DefectCheckboxOnly)
	}
	for property, text := range map[string]string{"checkedText": f.CheckedText, "uncheckedText": f.UncheckedText} {
		if len([]rune(text)) > maxText {
			at.add(property, DefectLong, maxText)
		}
	}
	if len([]rune(f.Group)) > maxName {
		at.add("group", DefectLong, maxName)
	}
	f.check(at, func(property string) string { return property })
}

func (s spot) valueType(property string, v ValueType) {
	if v != All && v != Numeric {
		s.add(property, DefectNotOneOf, shown(string(v)), "ALL, NUMERIC")
	}
}

func (t *Template) checkTables(ds *defects) {
	seen := make(map[string]bool)
	for i := range t.Tables {
		table := &t.Tables[i]
		at := ds.of("tables", i, shown(table.Name))
		if seen[table.Name] && table.Name != "" {
			at.add("", DefectNameTwice)
		}
		seen[table.Name] = true
		at.name("name", table.Name)
		at.label("label", table.Label)
		t.checkTable(at, table)
	}
}

func (t *Template) checkTable(at spot, table *Table) {
	at.in("box").box(t, table.Box)
	if len(table.Rows) < 1 || table.Header < 0 || table.Header+len(table.Rows) != len(table.Cells) {
		at.add("cells", DefectTableRows, table.Header, len(table.Rows), len(table.Cells))
	}
	if len(table.Columns) == 0 {
		at.add("columns", DefectNone)
	}
	for k, c := range table.Columns {
		at.in("columns").name(indexed(k), c.Name)
		at.in("labels").label(indexed(k), c.Label)
		at.in("valueTypes").valueType(indexed(k), cmp.Or(c.ValueType, All))
		c.check(at, func(property string) string { return property + indexed(k) })
	}
	for r, row := range table.Cells {
		if len(row) != len(table.Columns) {
			at.in("cells").add(indexed(r), DefectRowBoxes, len(row), len(table.Columns))
			continue
		}
		for c, b := range row {
			at.in("cells[%d][%d]", r, c).box(t, b)
		}
	}
}

func (t *Template) checkPlaces(ds *defects) {
	places := t.Places()
	if len(places) == 0 {
		ds.in("fields").add("", DefectNothing)
	}
	if len(places) > maxPlaces {
		ds.in("fields").add("", DefectPlaces, len(places), maxPlaces)
	}
	if area := float64(t.Width) * float64(t.Height); area > 0 && covered(places) > maxCover*area {
		ds.in("fields").add("", DefectCovered, maxCover)
	}
}

// covered returns the area of the boxes of places; cells of the same box are one.
func covered(places []Field) float64 {
	area, cells := 0.0, make(map[geom.Box]bool)
	for _, f := range places {
		if f.Table == "" || !cells[f.Box] {
			area += f.Box.Width() * f.Box.Height()
		}
		cells[f.Box] = cells[f.Box] || f.Table != ""
	}
	return area
}

func (t *Template) checkCombine(ds *defects) {
	if len(t.Combine) > maxCombine {
		ds.in("combine").add("", DefectMany, maxCombine)
		return
	}
	places := t.references()
	for i, c := range t.Combine {
		at := ds.of("combine", i, shown(c.Name))
		at.name("name", c.Name)
		if len(c.Parts) == 0 || len(c.Parts) > maxBoxes {
			at.add("parts", DefectParts, maxBoxes)
			continue
		}
		for _, p := range c.Parts {
			if (p.Field == "") == (p.Text == "") {
				at.add("parts", DefectPart)
			} else if _, ok := places[p.Field]; p.Field != "" && !ok {
				at.add("parts", DefectNoField, shownReference(p.Field))
			}
		}
	}
}
