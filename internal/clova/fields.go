package clova

import (
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A Field2 is a field in version V2. What a kind of field does not have is left out.
type Field2 struct {
	Name            string         `json:"name"`
	ValueType       form.ValueType `json:"valueType"`
	BoundingPoly    Poly           `json:"boundingPoly"`
	InferText       string         `json:"inferText"`
	InferConfidence Number         `json:"inferConfidence"` // the probability that InferText is right
	Type            form.Kind      `json:"type"`
	SubFields       []SubField     `json:"subFields,omitempty"` // words of a NORMAL, boxes of a MULTI_BOX
	Checked         *bool          `json:"checked,omitempty"`   // of a CHECKBOX
	// Reviewed is an addition to the protocol: a person has said what InferText
	// is. It is in results only.
	Reviewed *bool `json:"reviewed,omitempty"`
	// Mark is one, too: what the person said instead of a text.
	Mark form.Mark `json:"mark,omitempty"`
}

// A Title2 is the title in version V2.
type Title2 struct {
	Name            string     `json:"name"`
	BoundingPoly    Poly       `json:"boundingPoly"`
	InferText       string     `json:"inferText"`
	InferConfidence Number     `json:"inferConfidence"`
	SubFields       []SubField `json:"subFields,omitempty"`
}

// A SubField is a word or a box.
type SubField struct {
	BoundingPoly    Poly   `json:"boundingPoly"`
	InferText       string `json:"inferText"`
	InferConfidence Number `json:"inferConfidence"`
	LineBreak       *bool  `json:"lineBreak,omitempty"` // of a word: it is the last one of its line
}

// A Poly is four corners in page pixels: top left, top right, bottom right,
// bottom left, as the text runs.
type Poly struct {
	Vertices [4]Vertex `json:"vertices"`
}

// A Vertex is a point in page pixels.
type Vertex struct {
	X Number `json:"x"`
	Y Number `json:"y"`
}

// A Field1 is a field in version V1.
type Field1 struct {
	Name            string         `json:"name"`
	Bounding        Bounding       `json:"bounding"`
	ValueType       form.ValueType `json:"valueType"`
	InferText       string         `json:"inferText"`
	InferConfidence Number         `json:"inferConfidence"`
}

// A Title1 is the title in version V1.
type Title1 struct {
	Name            string   `json:"name"`
	Bounding        Bounding `json:"bounding"`
	InferText       string   `json:"inferText"`
	InferConfidence Number   `json:"inferConfidence"`
}

// A Bounding is a box in page pixels.
type Bounding struct {
	Top    Number `json:"top"`
	Left   Number `json:"left"`
	Width  Number `json:"width"`
	Height Number `json:"height"`
}

// poly returns q as the protocol has it.
func poly(q geom.Quad) (p Poly) {
	for i := range q {
		p.Vertices[i] = Vertex{Number(q[i].X), Number(q[i].Y)}
	}
	return p
}

// bounding returns the smallest box that holds p.
func bounding(p Poly) Bounding {
	var q geom.Quad
	for i, v := range p.Vertices {
		q[i] = geom.Point{X: float64(v.X), Y: float64(v.Y)}
	}
	b := q.Bounds()
	return Bounding{Number(b.Min.Y), Number(b.Min.X), Number(b.Width()), Number(b.Height())}
}

// A page is what an image is built from.
type page struct {
	form.Page
	readings map[form.FieldID]*form.Reading
}

// reading returns what was read at a place: nothing, where there is no reading.
func (p *page) reading(id form.FieldID, place geom.Box) *form.Reading {
	r := p.readings[id]
	if r == nil {
		r = &form.Reading{Field: id}
	}
	if r.Where == (geom.Quad{}) {
		there := *r
		there.Where = p.TemplateToPage.ApplyQuad(place.Quad())
		r = &there
	}
	return r
}

// field returns what was read in f.
func (p *page) field(f *form.Field) Field2 {
	r := p.reading(f.ID, f.Box)
	field := Field2{
		Name:            f.Name,
		ValueType:       f.ValueType,
		InferText:       r.Text,
		InferConfidence: probability(r.Confidence),
		Type:            f.Kind,
	}
	switch f.Kind {
	case form.MultiBox:
		// The original gives such a field the place of its first box.
		field.SubFields = p.boxes(f, r)
		field.BoundingPoly = field.SubFields[0].BoundingPoly
	case form.Checkbox:
		field.BoundingPoly = poly(r.Where)
		field.Checked = &r.Checked
	default:
		field.BoundingPoly = poly(around(r))
		field.SubFields = words(r)
	}
	return field
}

// title returns what was read as the title. There always is one: clients rely on it.
func title(r *Result) *Title2 {
	t := &r.Template.Title
	readings := map[form.FieldID]*form.Reading{form.TitleID: &r.Title}
	reading := (&page{r.Page, readings}).reading(form.TitleID, t.Box)
	name := t.Name
	if name == "" {
		name = "title"
	}
	return &Title2{name, poly(around(reading)), reading.Text, probability(reading.Confidence), words(reading)}
}

// around returns where the text of r is, as the original draws it: around the
// upright union of several words, on one word as it lies, else the whole place.
func around(r *form.Reading) geom.Quad {
	switch len(r.Words) {
	case 0:
		return r.Where
	case 1:
		return r.Words[0].Where
	}
	var union geom.Box
	for i := range r.Words {
		union = union.Union(r.Words[i].Where.Bounds())
	}
	return union.Quad()
}

// words returns the words of r. The last one ends a line like any other that
// does: readings have a line break only between lines.
func words(r *form.Reading) []SubField {
	var subs []SubField
	for i := range r.Words {
		w := &r.Words[i]
		last := w.LineBreak || i == len(r.Words)-1
		subs = append(subs, SubField{poly(w.Where), w.Text, probability(w.Confidence), &last})
	}
	return subs
}

// boxes returns the boxes of f, the empty ones too.
func (p *page) boxes(f *form.Field, r *form.Reading) []SubField {
	subs := make([]SubField, len(f.Boxes))
	for i, box := range f.Boxes {
		if len(r.Words) == len(f.Boxes) {
			w := &r.Words[i]
			subs[i] = SubField{poly(w.Where), w.Text, probability(w.Confidence), nil}
		} else {
			subs[i] = SubField{BoundingPoly: poly(p.TemplateToPage.ApplyQuad(box.Quad()))}
		}
	}
	return subs
}

// probability returns c within [0, 1].
func probability(c float64) Number { return Number(min(max(c, 0), 1)) }

// combine returns the values that are made out of others.
func (p *page) combine(list []form.Combined) (c combined) {
	var all []CombineResult
	for i := range list {
		all = append(all, CombineResult{list[i].Name, list[i].Join(p.text)})
	}
	if len(all) > 0 {
		c.CombineResult = &all[0]
	}
	if len(all) > 1 {
		c.CombineResults = all
	}
	return c
}

// text returns what was read in a field.
func (p *page) text(id form.FieldID) string {
	if r := p.readings[id]; r != nil {
		return r.Text
	}
	return ""
}
