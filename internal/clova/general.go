package clova

import (
	"math"
	"slices"
	"time"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A General2 is one page in an answer of General OCR of version V2.
type General2 struct {
	head
	ConvertedImageInfo *ConvertedImageInfo `json:"convertedImageInfo,omitempty"`
	Fields             []GeneralField2     `json:"fields"` // words in reading order; never null
	Tables             []Table             `json:"tables,omitempty"`
}

// A GeneralField2 is a word in version V2.
type GeneralField2 struct {
	ValueType       form.ValueType `json:"valueType"` // ALL
	BoundingPoly    Poly           `json:"boundingPoly"`
	InferText       string         `json:"inferText"`
	InferConfidence Number         `json:"inferConfidence"`
	Type            form.Kind      `json:"type"` // NORMAL
	LineBreak       bool           `json:"lineBreak"`
}

// A General1 is one page in an answer of General OCR of version V1.
type General1 struct {
	head
	Fields []GeneralField1 `json:"fields"` // never null
}

// A GeneralField1 is a word in version V1.
type GeneralField1 struct {
	ValueType       form.ValueType `json:"valueType"`
	BoundingPoly    Poly           `json:"boundingPoly"`
	InferText       string         `json:"inferText"`
	InferConfidence Number         `json:"inferConfidence"`
}

// NewGeneral returns the answer of General OCR to r at the time at.
func NewGeneral(r *Request, at time.Time, sheets []form.Sheet) *Response {
	answer := &Response{Version: r.Version, RequestID: r.ID, Timestamp: at.UnixMilli(), Images: []any{}}
	for i := range sheets {
		image := newGeneral2(r, &sheets[i])
		if r.Version == V1 {
			answer.Images = append(answer.Images, image.v1())
		} else {
			answer.Images = append(answer.Images, image)
		}
	}
	return answer
}

func newGeneral2(r *Request, s *form.Sheet) *General2 {
	image := &General2{
		head: head{
			UID: NewID(), Name: r.Image.Name, InferResult: success, Message: success,
			ValidationResult: ValidationResult{Result: notRequested},
		},
		// The original has it in General answers about any file, not only of pages.
		ConvertedImageInfo: converted(&form.Page{Number: s.Number, Width: s.Width, Height: s.Height}),
		Fields:             []GeneralField2{},
	}
	if s.Failure != "" {
		image.fail(s.Failure)
		return image
	}
	for i, w := range whole(s.Words) {
		image.Fields = append(image.Fields, GeneralField2{form.All, poly(w.Where), w.Text, probability(w.Confidence), form.Normal, w.LineBreak || i == len(s.Words)-1})
	}
	if r.Tables {
		for i := range s.Grids {
			image.Tables = append(image.Tables, gridTable(&s.Grids[i]))
		}
	}
	return image
}

// v1 returns image as version V1 has it.
func (image *General2) v1() *General1 {
	old := &General1{head: image.head, Fields: []GeneralField1{}}
	for i := range image.Fields {
		f := &image.Fields[i]
		old.Fields = append(old.Fields, GeneralField1{f.ValueType, f.BoundingPoly, f.InferText, f.InferConfidence})
	}
	return old
}

// whole returns words with their corners on whole pixels: there are clients of
// General OCR that read coordinates as integers.
func whole(words []form.Word) []form.Word {
	rounded := slices.Clone(words)
	for i := range rounded {
		rounded[i].Where = wholeQuad(rounded[i].Where)
	}
	return rounded
}

func wholeQuad(q geom.Quad) geom.Quad {
	for i, p := range q {
		q[i] = geom.Point{X: math.Round(p.X) + 0, Y: math.Round(p.Y) + 0} // + 0 makes 0 of -0
	}
	return q
}

// gridTable returns a table that was found by its lines. Confidences are means
// of those of the words; an empty cell has 0.
func gridTable(g *form.Grid) Table {
	table := Table{Cells: []Cell{}, BoundingPoly: poly(wholeQuad(g.Where))}
	var filled int
	for i := range g.Cells {
		c := &g.Cells[i]
		words, where := whole(c.Words), wholeQuad(c.Where)
		cell := Cell{
			CellTextLines: lines(&form.Reading{Text: joined(words), Words: words}, where),
			BoundingPoly:  poly(where),
			RowSpan:       c.RowSpan, RowIndex: c.Row, ColumnSpan: c.ColumnSpan, ColumnIndex: c.Column,
		}
		for j := range c.Words {
			cell.InferConfidence += probability(c.Words[j].Confidence) / Number(len(c.Words))
		}
		if len(c.Words) > 0 {
			filled++
			table.InferConfidence += cell.InferConfidence
		}
		table.Cells = append(table.Cells, cell)
	}
	table.InferConfidence /= Number(max(1, filled))
	return table
}

// SheetRefusal is Refusal for General OCR.
func SheetRefusal(sheets []form.Sheet) error {
	results := make([]Result, len(sheets))
	for i := range sheets {
		results[i].Page.State = form.StateDone
		if f := sheets[i].Failure; f != "" {
			results[i].Page.State, results[i].Page.Failure = form.StateFailed, f
		}
	}
	return Refusal(results)
}
