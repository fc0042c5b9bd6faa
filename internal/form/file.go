package form

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seosik/seosik/internal/geom"
)

// Limits of a template. They bound the work that reading one page can ask for.
const (
	maxPlaces  = 4000 // fields and cells
	maxBoxes   = 100  // of one MULTI_BOX field, or to ignore in a field
	maxSide    = 8000 // pixels of the picture
	maxName    = 100  // characters of a name
	maxText    = 1000 // characters of a text or pattern
	maxCombine = 100
	maxCover   = 10 // times the area of the page that fields and cells may have together
)

// Languages lists the languages that a domain or template can have.
var Languages = []string{"ko", "ja", "zh-TW", "en"}

// The template file as it is written: all boxes are [x, y, width, height] in
// template px.
type (
	fileTemplate struct {
		Name    string         `json:"name"`
		Lang    string         `json:"lang"`
		Image   string         `json:"image"`
		Width   int            `json:"width"`
		Height  int            `json:"height"`
		Title   *fileTitle     `json:"title,omitempty"`
		Review  Review         `json:"review,omitempty"`
		Fields  []fileField    `json:"fields"`
		Tables  []fileTable    `json:"tables,omitempty"`
		Groups  []Group        `json:"groups,omitempty"`
		Combine []fileCombined `json:"combine,omitempty"`
	}
	fileTitle struct {
		Name string  `json:"name,omitempty"`
		Text string  `json:"text,omitempty"`
		Box  fileBox `json:"box"`
	}
	fileField struct {
		ID            string    `json:"id,omitempty"`
		Name          string    `json:"name"`
		Label         string    `json:"label,omitempty"`
		Type          Kind      `json:"type"`
		ValueType     ValueType `json:"valueType,omitempty"`
		Box           fileBox   `json:"box"`
		Boxes         []fileBox `json:"boxes,omitempty"`
		Ignore        []fileBox `json:"ignore,omitempty"`
		CheckedText   string    `json:"checkedText,omitempty"`
		UncheckedText string    `json:"uncheckedText,omitempty"`
		Group         string    `json:"group,omitempty"`
		Rules         *Rules    `json:"rules,omitempty"`
		Personal      Personal  `json:"personal,omitempty"`
		Review        Review    `json:"review,omitempty"`
		Confidence    float64   `json:"confidence,omitempty"`
	}
	fileTable struct {
		ID      string      `json:"id,omitempty"`
		Name    string      `json:"name"`
		Label   string      `json:"label,omitempty"`
		Box     fileBox     `json:"box"`
		Header  int         `json:"header"`
		Rows    int         `json:"rows"`
		Columns []string    `json:"columns"`
		Cells   [][]fileBox `json:"cells"`
		// One a column, each of these, where they are there at all.
		Labels     []string    `json:"labels,omitempty"` // empty for none
		ValueTypes []ValueType `json:"valueTypes,omitempty"`
		Rules      []Rules     `json:"rules,omitempty"`
		Personal   []Personal  `json:"personal,omitempty"`   // empty for none
		Review     []Review    `json:"review,omitempty"`     // empty for none
		Confidence []float64   `json:"confidence,omitempty"` // 0 for none
		ColumnIDs  []string    `json:"columnIds,omitempty"`
		RowIDs     []string    `json:"rowIds,omitempty"` // of the rows below the header
	}
	fileCombined struct {
		Name  string     `json:"name"`
		Parts []filePart `json:"parts"`
	}
	filePart struct {
		Field FieldID `json:"field,omitempty"`
		Text  string  `json:"text,omitempty"`
	}
	fileBox [4]float64
)

func (b fileBox) box() geom.Box { return geom.XYWH(b[0], b[1], b[2], b[3]) }

func toFileBox(b geom.Box) fileBox {
	// A hundredth of a pixel is finer than anything that is measured, and
	// keeps the file readable.
	round := func(v float64) float64 { return math.Round(v*100) / 100 }
	return fileBox{round(b.Min.X), round(b.Min.Y), round(b.Width()), round(b.Height())}
}

// DecodeTemplate reads the text of a template.json. The template has no ID,
// domain, version, stage or picture yet; what has no id in the file has none
// before Template.Identify. An error is an *InvalidTemplateError with all that
// is wrong.
func DecodeTemplate(data []byte) (*Template, error) {
	var d decoder
	var f fileTemplate
	d.decode(data, &f)
	sound := len(d.list) == 0 || d.list[0].Part != "" || d.list[0].Property != ""
	t := f.template(&d.defects)
	if sound {
		d.join(t.defects())
	}
	return t, d.err()
}

// DecodeStored reads a text that EncodeTemplate wrote, and does not validate
// the template: that is work not to be done at every use, a rule that came
// later must not make what is in use unreadable, and a draft may be incomplete.
func DecodeStored(data []byte) (*Template, error) {
	var f fileTemplate
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("stored template: %w", err)
	}
	return f.template(new(defects)), nil
}

// template returns f as a template, as far as it can be, and notes where lists
// that belong together are not of the same length.
func (f *fileTemplate) template(ds *defects) *Template {
	t := &Template{
		Name:      f.Name,
		Languages: SplitLanguages(f.Lang),
		ImageName: f.Image,
		Width:     f.Width,
		Height:    f.Height,
		Groups:    f.Groups,
		Review:    f.Review,
	}
	if f.Title != nil {
		t.Title = Title{f.Title.Name, f.Title.Text, f.Title.Box.box()}
	}
	for _, ff := range f.Fields {
		t.Fields = append(t.Fields, ff.field())
	}
	for i, ft := range f.Tables {
		t.Tables = append(t.Tables, ft.table(ds.of("tables", i, shown(ft.Name))))
	}
	for _, fc := range f.Combine {
		c := Combined{Name: fc.Name}
		for _, p := range fc.Parts {
			c.Parts = append(c.Parts, Part(p))
		}
		t.Combine = append(t.Combine, c)
	}
	t.renameParts(t.ids())
	return t
}

func (f *fileField) field() Field {
	field := Field{
		ID:            FieldID(f.ID),
		Name:          f.Name,
		Label:         f.Label,
		Kind:          f.Type,
		ValueType:     f.ValueType,
		Box:           f.Box.box(),
		Boxes:         boxes(f.Boxes),
		Ignore:        boxes(f.Ignore),
		CheckedText:   f.CheckedText,
		UncheckedText: f.UncheckedText,
		Group:         f.Group,
		Handling:      Handling{f.Personal, f.Review, f.Confidence},
	}
	if field.ID == "" {
		field.ID = provisional(f.Name)
	}
	if field.ValueType == "" {
		field.ValueType = All
	}
	if f.Rules != nil {
		field.Rules = *f.Rules
	}
	return field
}

// table returns f as a table: with as many rows as it has cells of.
func (f *fileTable) table(at spot) Table {
	t := Table{ID: f.ID, Name: f.Name, Label: f.Label, Box: f.Box.box(), Header: f.Header}
	for _, row := range f.Cells {
		t.Cells = append(t.Cells, boxes(row))
	}
	t.Rows = make([]Row, max(0, len(f.Cells)-max(0, f.Header)))
	if f.Header < 0 || f.Rows < 1 || f.Header+f.Rows != len(f.Cells) {
		at.add("cells", DefectTableRows, f.Header, f.Rows, len(f.Cells))
	}
	for _, name := range f.Columns {
		t.Columns = append(t.Columns, Column{Name: name})
	}
	perColumn := func(property string, n int, set func(c *Column, i int)) {
		if n > 0 && n != len(t.Columns) {
			at.add(property, DefectColumns, n, len(t.Columns))
		}
		for i := range min(n, len(t.Columns)) {
			set(&t.Columns[i], i)
		}
	}
	perColumn("labels", len(f.Labels), func(c *Column, i int) { c.Label = f.Labels[i] })
	perColumn("valueTypes", len(f.ValueTypes), func(c *Column, i int) { c.ValueType = f.ValueTypes[i] })
	perColumn("rules", len(f.Rules), func(c *Column, i int) { c.Rules = f.Rules[i] })
	perColumn("personal", len(f.Personal), func(c *Column, i int) { c.Personal = f.Personal[i] })
	perColumn("review", len(f.Review), func(c *Column, i int) { c.Review = f.Review[i] })
	perColumn("confidence", len(f.Confidence), func(c *Column, i int) { c.Confidence = f.Confidence[i] })
	perColumn("columnIds", len(f.ColumnIDs), func(c *Column, i int) { c.ID = f.ColumnIDs[i] })
	if n := len(f.RowIDs); n > 0 && n != len(t.Rows) {
		at.add("rowIds", DefectRowCount, n, len(t.Rows))
	}
	for i := range min(len(f.RowIDs), len(t.Rows)) {
		t.Rows[i].ID = f.RowIDs[i]
	}
	return t
}

func boxes(list []fileBox) []geom.Box {
	var bs []geom.Box
	for _, b := range list {
		bs = append(bs, b.box())
	}
	return bs
}

// EncodeTemplate returns the text of the template.json of t.
func EncodeTemplate(t *Template) ([]byte, error) { return json.MarshalIndent(fileOf(t), "", " ") }

// EncodeDocument returns t as a browser edits it: as in template.json, with all
// lists, also those that are empty.
func EncodeDocument(t *Template) ([]byte, error) {
	f := fileOf(t)
	return json.Marshal(struct {
		fileTemplate
		Tables  []fileTable    `json:"tables"`
		Groups  []Group        `json:"groups"`
		Combine []fileCombined `json:"combine"`
	}{f, orNone(f.Tables), orNone(f.Groups), orNone(f.Combine)})
}

// orNone returns list, or for nil an empty one.
func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// fileOf returns t as it is written.
func fileOf(t *Template) fileTemplate {
	f := fileTemplate{
		Name:   t.Name,
		Lang:   strings.Join(t.Languages, ","),
		Image:  t.ImageName,
		Width:  t.Width,
		Height: t.Height,
		Review: t.Review,
		Fields: []fileField{},
	}
	if t.Title != (Title{}) {
		f.Title = &fileTitle{t.Title.Name, t.Title.Text, toFileBox(t.Title.Box)}
	}
	for _, field := range t.Fields {
		f.Fields = append(f.Fields, toFileField(field))
	}
	for i := range t.Tables {
		f.Tables = append(f.Tables, toFileTable(&t.Tables[i]))
	}
	f.Groups = append(f.Groups, t.Groups...) // nil for none, as documents are compared
	references := t.references()
	for _, c := range t.Combine {
		fc := fileCombined{Name: c.Name}
		for _, p := range c.Parts {
			if name, ok := references[p.Field]; ok {
				p.Field = name
			}
			fc.Parts = append(fc.Parts, filePart(p))
		}
		f.Combine = append(f.Combine, fc)
	}
	return f
}

// Clone returns a copy of t that shares nothing with it that has an id.
func (t *Template) Clone() *Template {
	c := *t
	c.Fields, c.Groups, c.Tables, c.Combine = slices.Clone(t.Fields), slices.Clone(t.Groups), slices.Clone(t.Tables), slices.Clone(t.Combine)
	for i := range c.Tables {
		table := &c.Tables[i]
		table.Columns, table.Rows = slices.Clone(table.Columns), slices.Clone(table.Rows)
	}
	for i := range c.Combine {
		c.Combine[i].Parts = slices.Clone(c.Combine[i].Parts)
	}
	return &c
}

func toFileTable(t *Table) fileTable {
	ft := fileTable{ID: t.ID, Name: t.Name, Label: t.Label, Box: toFileBox(t.Box), Header: t.Header, Rows: len(t.Rows)}
	for _, row := range t.Cells {
		ft.Cells = append(ft.Cells, fileBoxes(row))
	}
	for _, c := range t.Columns {
		ft.Columns = append(ft.Columns, c.Name)
	}
	ft.Labels = perEntry(t.Columns, "", func(c Column) string { return c.Label })
	ft.ValueTypes = perEntry(t.Columns, All, func(c Column) ValueType { return cmp.Or(c.ValueType, All) })
	if slices.ContainsFunc(t.Columns, func(c Column) bool { return !c.Rules.IsZero() }) {
		for _, c := range t.Columns {
			ft.Rules = append(ft.Rules, c.Rules)
		}
	}
	ft.Personal = perEntry(t.Columns, "", func(c Column) Personal { return c.Personal })
	ft.Review = perEntry(t.Columns, "", func(c Column) Review { return c.Review })
	ft.Confidence = perEntry(t.Columns, 0, func(c Column) float64 { return c.Confidence })
	ft.ColumnIDs = perEntry(t.Columns, "", func(c Column) string { return c.ID })
	ft.RowIDs = perEntry(t.Rows, "", func(r Row) string { return r.ID })
	return ft
}

// perEntry returns a property of each column or row, or nil where none has another
// value than usual.
func perEntry[E any, P comparable](entries []E, usual P, of func(E) P) (list []P) {
	if !slices.ContainsFunc(entries, func(e E) bool { return of(e) != usual }) {
		return nil
	}
	for _, e := range entries {
		list = append(list, of(e))
	}
	return list
}

func toFileField(f Field) fileField {
	ff := fileField{
		ID:            f.ID.lasting(),
		Name:          f.Name,
		Label:         f.Label,
		Type:          f.Kind,
		ValueType:     f.ValueType,
		Box:           toFileBox(f.Box),
		Boxes:         fileBoxes(f.Boxes),
		Ignore:        fileBoxes(f.Ignore),
		CheckedText:   f.CheckedText,
		UncheckedText: f.UncheckedText,
		Group:         f.Group,
		Personal:      f.Personal,
		Review:        f.Review,
		Confidence:    f.Confidence,
	}
	if !f.Rules.IsZero() {
		ff.Rules = &f.Rules
	}
	return ff
}

func fileBoxes(bs []geom.Box) []fileBox {
	var list []fileBox
	for _, b := range bs {
		list = append(list, toFileBox(b))
	}
	return list
}

// SplitLanguages returns the languages of a list separated by commas. It does
// not look whether they are known.
func SplitLanguages(list string) []string {
	var langs []string
	for l := range strings.SplitSeq(list, ",") {
		if l = strings.TrimSpace(l); l != "" {
			langs = append(langs, l)
		}
	}
	return langs
}
