package form

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
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
		Name          string    `json:"name"`
		Type          Kind      `json:"type"`
		ValueType     ValueType `json:"valueType,omitempty"`
		Box           fileBox   `json:"box"`
		Boxes         []fileBox `json:"boxes,omitempty"`
		Ignore        []fileBox `json:"ignore,omitempty"`
		CheckedText   string    `json:"checkedText,omitempty"`
		UncheckedText string    `json:"uncheckedText,omitempty"`
		Group         string    `json:"group,omitempty"`
		Rules         *Rules    `json:"rules,omitempty"`
	}
	fileTable struct {
		Name    string      `json:"name"`
		Box     fileBox     `json:"box"`
		Header  int         `json:"header"`
		Rows    int         `json:"rows"`
		Columns []string    `json:"columns"`
		Cells   [][]fileBox `json:"cells"`
		// One a column, both, where they are there at all.
		ValueTypes []ValueType `json:"valueTypes,omitempty"`
		Rules      []Rules     `json:"rules,omitempty"`
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
// domain, version, stage or picture yet. An error is an InvalidError that
// names the field and the reason.
func DecodeTemplate(data []byte) (*Template, error) {
	t, err := DecodeStored(data)
	if err != nil {
		return nil, err
	}
	if err := t.Validate(); err != nil {
		return nil, err
	}
	return t, nil
}

// DecodeStored reads a text as DecodeTemplate does, but does not validate the
// template. It is for a text that was validated when it was stored: that is
// work not to be done at every use, and a rule that came later must not make
// what is in use unreadable.
func DecodeStored(data []byte) (*Template, error) {
	var f fileTemplate
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields() // a misspelt rule must not be lost in silence
	if err := d.Decode(&f); err != nil {
		return nil, invalidJSON(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, Invalid("", "there is something after the template")
	}
	return f.template(), nil
}

// invalidJSON says in which member the text does not follow the format.
func invalidJSON(err error) error {
	if e, ok := errors.AsType[*InvalidError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return Invalid(e.Field, "has a %s where another kind of value belongs", e.Value)
	}
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return Invalid("", "not JSON at byte %d: %s", e.Offset, e.Error())
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return Invalid("", "not JSON: the text ends too early")
	}
	return Invalid("", "%s", strings.TrimPrefix(err.Error(), "json: "))
}

func (f *fileTemplate) template() *Template {
	t := &Template{
		Name:      f.Name,
		Languages: SplitLanguages(f.Lang),
		ImageName: f.Image,
		Width:     f.Width,
		Height:    f.Height,
	}
	if f.Title != nil {
		t.Title = Title{f.Title.Name, f.Title.Text, f.Title.Box.box()}
	}
	for _, ff := range f.Fields {
		t.Fields = append(t.Fields, ff.field())
	}
	for _, ft := range f.Tables {
		table := Table{Name: ft.Name, Box: ft.Box.box(), Header: ft.Header, Rows: ft.Rows, Columns: ft.Columns, ValueTypes: ft.ValueTypes, Rules: ft.Rules}
		for _, row := range ft.Cells {
			table.Cells = append(table.Cells, boxes(row))
		}
		t.Tables = append(t.Tables, table)
	}
	t.Groups = f.Groups
	for _, fc := range f.Combine {
		c := Combined{Name: fc.Name}
		for _, p := range fc.Parts {
			c.Parts = append(c.Parts, Part(p))
		}
		t.Combine = append(t.Combine, c)
	}
	return t
}

func (f *fileField) field() Field {
	field := Field{
		ID:            FieldID(f.Name),
		Name:          f.Name,
		Kind:          f.Type,
		ValueType:     f.ValueType,
		Box:           f.Box.box(),
		Boxes:         boxes(f.Boxes),
		Ignore:        boxes(f.Ignore),
		CheckedText:   f.CheckedText,
		UncheckedText: f.UncheckedText,
		Group:         f.Group,
	}
	if field.ValueType == "" {
		field.ValueType = All
	}
	if f.Rules != nil {
		field.Rules = *f.Rules
	}
	return field
}

func boxes(list []fileBox) []geom.Box {
	var bs []geom.Box
	for _, b := range list {
		bs = append(bs, b.box())
	}
	return bs
}

// EncodeTemplate returns the text of the template.json of t.
func EncodeTemplate(t *Template) ([]byte, error) {
	f := fileTemplate{
		Name:   t.Name,
		Lang:   strings.Join(t.Languages, ","),
		Image:  t.ImageName,
		Width:  t.Width,
		Height: t.Height,
		Fields: []fileField{},
	}
	if t.Title != (Title{}) {
		f.Title = &fileTitle{t.Title.Name, t.Title.Text, toFileBox(t.Title.Box)}
	}
	for _, field := range t.Fields {
		f.Fields = append(f.Fields, toFileField(field))
	}
	for _, table := range t.Tables {
		ft := fileTable{
			Name: table.Name, Box: toFileBox(table.Box), Header: table.Header, Rows: table.Rows, Columns: table.Columns,
			ValueTypes: table.ValueTypes, Rules: table.Rules,
		}
		for _, row := range table.Cells {
			ft.Cells = append(ft.Cells, fileBoxes(row))
		}
		f.Tables = append(f.Tables, ft)
	}
	f.Groups = t.Groups
	for _, c := range t.Combine {
		fc := fileCombined{Name: c.Name}
		for _, p := range c.Parts {
			fc.Parts = append(fc.Parts, filePart(p))
		}
		f.Combine = append(f.Combine, fc)
	}
	return json.MarshalIndent(f, "", " ")
}

func toFileField(f Field) fileField {
	ff := fileField{
		Name:          f.Name,
		Type:          f.Kind,
		ValueType:     f.ValueType,
		Box:           toFileBox(f.Box),
		Boxes:         fileBoxes(f.Boxes),
		Ignore:        fileBoxes(f.Ignore),
		CheckedText:   f.CheckedText,
		UncheckedText: f.UncheckedText,
		Group:         f.Group,
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

// CheckLanguages returns an InvalidError unless langs has at least one
// language and each is known and there once.
func CheckLanguages(langs []string) error {
	if len(langs) == 0 {
		return Invalid("lang", "must name at least one of %s", strings.Join(Languages, ", "))
	}
	for i, l := range langs {
		if !slices.Contains(Languages, l) {
			return Invalid("lang", "%q is not one of %s", l, strings.Join(Languages, ", "))
		}
		if slices.Contains(langs[:i], l) {
			return Invalid("lang", "%q is there twice", l)
		}
	}
	return nil
}

// Validate returns an InvalidError that names the first field of t that
// breaks a rule, and the rule, or nil.
func (t *Template) Validate() error {
	if err := checkName("name", t.Name); err != nil {
		return err
	}
	if err := CheckLanguages(t.Languages); err != nil {
		return err
	}
	if t.ImageName == "" || path.Base(t.ImageName) != t.ImageName || strings.ContainsAny(t.ImageName, `\/:`) {
		return Invalid("image", "must be the name of a file beside template.json")
	}
	if t.Width < 10 || t.Height < 10 || t.Width > maxSide || t.Height > maxSide {
		return Invalid("width, height", "must be from 10 to %d px", maxSide)
	}
	if err := t.validateTitle(); err != nil {
		return err
	}
	if err := t.validateFields(); err != nil {
		return err
	}
	for i := range t.Tables {
		if err := t.validateTable(i); err != nil {
			return err
		}
	}
	if err := t.validateRules(); err != nil {
		return err
	}
	places := t.Places()
	if len(places) == 0 {
		return Invalid("fields", "there is nothing to read: neither a field nor a table")
	}
	if len(places) > maxPlaces {
		return Invalid("fields", "there are %d fields and cells, more than %d", len(places), maxPlaces)
	}
	if covered(places) > maxCover*float64(t.Width)*float64(t.Height) {
		return Invalid("fields", "fields and cells are together larger than %d times the page", maxCover)
	}
	return t.validateCombine(places)
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

func (t *Template) validateTitle() error {
	if t.Title == (Title{}) {
		return nil
	}
	if t.Title.Name != "" {
		if err := checkName("title: name", t.Title.Name); err != nil {
			return err
		}
	}
	if len([]rune(t.Title.Text)) > maxText {
		return Invalid("title: text", "is longer than %d characters", maxText)
	}
	return t.checkBox("title: box", t.Title.Box)
}

func (t *Template) validateFields() error {
	seen := make(map[string]bool)
	for i := range t.Fields {
		f := &t.Fields[i]
		where := fmt.Sprintf("fields[%d]", i)
		if err := checkName(where+" name", f.Name); err != nil {
			return err
		}
		where += " " + f.Name
		if seen[f.Name] {
			return Invalid(where, "the name is there twice")
		}
		seen[f.Name] = true
		if err := t.validateField(where, f); err != nil {
			return err
		}
	}
	return nil
}

func (t *Template) validateField(where string, f *Field) error {
	if !slices.Contains([]Kind{Normal, MultiBox, Checkbox}, f.Kind) {
		return Invalid(where+": type", "%q is not NORMAL, MULTI_BOX or CHECKBOX", f.Kind)
	}
	if f.ValueType != All && f.ValueType != Numeric {
		return Invalid(where+": valueType", "%q is not ALL or NUMERIC", f.ValueType)
	}
	if err := t.checkBox(where+": box", f.Box); err != nil {
		return err
	}
	if (f.Kind == MultiBox) != (len(f.Boxes) > 0) {
		return Invalid(where+": boxes", "a MULTI_BOX field has them, and no other")
	}
	if len(f.Boxes) > maxBoxes {
		return Invalid(where+": boxes", "there are more than %d", maxBoxes)
	}
	for i, b := range f.Boxes {
		if err := t.checkBox(fmt.Sprintf("%s: boxes[%d]", where, i), b); err != nil {
			return err
		}
	}
	if len(f.Ignore) > maxBoxes {
		return Invalid(where+": ignore", "there are more than %d", maxBoxes)
	}
	for i, b := range f.Ignore {
		if err := t.checkBox(fmt.Sprintf("%s: ignore[%d]", where, i), b); err != nil {
			return err
		}
	}
	if f.Kind != Checkbox && (f.CheckedText != "" || f.UncheckedText != "" || f.Group != "") {
		return Invalid(where, "only a CHECKBOX has checkedText, uncheckedText and group")
	}
	if len([]rune(f.CheckedText)) > maxText || len([]rune(f.UncheckedText)) > maxText {
		return Invalid(where, "checkedText or uncheckedText is longer than %d characters", maxText)
	}
	if len([]rune(f.Group)) > maxName {
		return Invalid(where+": group", "is longer than %d characters", maxName)
	}
	return nil
}

func (t *Template) validateTable(i int) error {
	table := &t.Tables[i]
	where := fmt.Sprintf("tables[%d]", i)
	if err := checkName(where+" name", table.Name); err != nil {
		return err
	}
	where += " " + table.Name
	for _, other := range t.Tables[:i] {
		if other.Name == table.Name {
			return Invalid(where, "the name is there twice")
		}
	}
	if err := t.checkBox(where+": box", table.Box); err != nil {
		return err
	}
	if table.Header < 0 || table.Rows < 1 || table.Header+table.Rows != len(table.Cells) {
		return Invalid(where+": cells", "header and rows say %d+%d rows, there are %d", table.Header, table.Rows, len(table.Cells))
	}
	if len(table.Columns) == 0 {
		return Invalid(where+": columns", "there are none")
	}
	for k, c := range table.Columns {
		if err := checkName(fmt.Sprintf("%s: columns[%d]", where, k), c); err != nil {
			return err
		}
	}
	if n := len(table.ValueTypes); n > 0 && n != len(table.Columns) {
		return Invalid(where+": valueTypes", "has %d for %d columns", n, len(table.Columns))
	}
	for k, v := range table.ValueTypes {
		if v != All && v != Numeric {
			return Invalid(fmt.Sprintf("%s: valueTypes[%d]", where, k), "%q is not ALL or NUMERIC", v)
		}
	}
	if n := len(table.Rules); n > 0 && n != len(table.Columns) {
		return Invalid(where+": rules", "has %d for %d columns", n, len(table.Columns))
	}
	for r, row := range table.Cells {
		if len(row) != len(table.Columns) {
			return Invalid(fmt.Sprintf("%s: cells[%d]", where, r), "has %d boxes for %d columns", len(row), len(table.Columns))
		}
		for c, b := range row {
			if err := t.checkBox(fmt.Sprintf("%s: cells[%d][%d]", where, r, c), b); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *Template) validateCombine(places []Field) error {
	if len(t.Combine) > maxCombine {
		return Invalid("combine", "there are more than %d", maxCombine)
	}
	for i, c := range t.Combine {
		where := fmt.Sprintf("combine[%d]", i)
		if err := checkName(where+" name", c.Name); err != nil {
			return err
		}
		where += " " + c.Name
		if len(c.Parts) == 0 || len(c.Parts) > maxBoxes {
			return Invalid(where+": parts", "must be from 1 to %d", maxBoxes)
		}
		for _, p := range c.Parts {
			if (p.Field == "") == (p.Text == "") {
				return Invalid(where+": parts", "a part has either a field or a text")
			}
			if p.Field != "" && !slices.ContainsFunc(places, func(f Field) bool { return f.ID == p.Field }) {
				return Invalid(where+": parts", "there is no field %q", p.Field)
			}
		}
	}
	return nil
}

// checkBox wants a box with an area of at least a pixel, inside the picture.
// Half a pixel outside is forgiven, for boxes drawn along the edge.
func (t *Template) checkBox(where string, b geom.Box) error {
	for _, v := range []float64{b.Min.X, b.Min.Y, b.Max.X, b.Max.Y} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return Invalid(where, "is not made of numbers")
		}
	}
	if b.Width() < 1 || b.Height() < 1 {
		return Invalid(where, "is missing or smaller than a pixel")
	}
	picture := geom.XYWH(0, 0, float64(t.Width), float64(t.Height))
	if !b.In(picture.Grow(.5)) {
		return Invalid(where, "lies outside the picture of %d x %d px", t.Width, t.Height)
	}
	return nil
}

// checkName wants a name that can head a column and stand in a FieldID.
func checkName(where, name string) error {
	if strings.TrimSpace(name) == "" {
		return Invalid(where, "is missing")
	}
	if len([]rune(name)) > maxName {
		return Invalid(where, "is longer than %d characters", maxName)
	}
	if strings.HasPrefix(name, "#") || strings.ContainsAny(name, "[]") {
		return Invalid(where, "must not begin with # or contain [ or ]")
	}
	return checkVisible(where, name)
}
