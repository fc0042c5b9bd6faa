package clova

import (
	"strings"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A Table is a table in version V2. The name, which those of a template have,
// is an addition to the protocol.
type Table struct {
	Name            string `json:"name,omitempty"`
	Cells           []Cell `json:"cells"`
	BoundingPoly    Poly   `json:"boundingPoly"`
	InferConfidence Number `json:"inferConfidence"`
}

// A Cell is a cell of a table. Indexes count from 0, the header included.
type Cell struct {
	CellTextLines   []CellTextLine `json:"cellTextLines"` // at least one, which has no words where the cell is empty
	BoundingPoly    Poly           `json:"boundingPoly"`
	InferConfidence Number         `json:"inferConfidence"`
	RowSpan         int            `json:"rowSpan"`
	RowIndex        int            `json:"rowIndex"`
	ColumnSpan      int            `json:"columnSpan"`
	ColumnIndex     int            `json:"columnIndex"`
}

// A CellTextLine is a line of a cell.
type CellTextLine struct {
	CellWords       []CellWord `json:"cellWords"` // never null
	BoundingPoly    Poly       `json:"boundingPoly"`
	InferConfidence Number     `json:"inferConfidence"`
}

// A CellWord is a word of a line of a cell.
type CellWord struct {
	BoundingPoly    Poly   `json:"boundingPoly"`
	InferText       string `json:"inferText"`
	InferConfidence Number `json:"inferConfidence"`
}

// table returns what was read in t.
func (p *page) table(t *form.Table) Table {
	table := Table{
		Name:         t.Name,
		Cells:        p.header(t),
		BoundingPoly: poly(p.TemplateToPage.ApplyQuad(t.Box.Quad())),
	}
	var sum Number
	var n int
	for row := t.Header; row < len(t.Cells); row++ {
		for column, box := range t.Cells[row] {
			rows, columns := t.Span(row, column)
			if rows == 0 {
				continue
			}
			r := p.reading(t.CellID(row, column), box)
			where := p.TemplateToPage.ApplyQuad(box.Quad())
			table.Cells = append(table.Cells, Cell{
				CellTextLines:   lines(r, where),
				BoundingPoly:    poly(where),
				InferConfidence: probability(r.Confidence),
				RowSpan:         rows,
				RowIndex:        row,
				ColumnSpan:      columns,
				ColumnIndex:     column,
			})
			sum += probability(r.Confidence)
			n++
		}
	}
	if n > 0 {
		table.InferConfidence = sum / Number(n)
	}
	return table
}

// header returns the cells of the header of t, where clients look for the
// names of the columns. The header is not read: the template says what is
// printed there, and that is as sure as the template is.
func (p *page) header(t *form.Table) []Cell {
	cells := []Cell{}
	for column := range t.Columns {
		var box geom.Box
		for row := range min(t.Header, len(t.Cells)) {
			if column < len(t.Cells[row]) {
				box = box.Union(t.Cells[row][column])
			}
		}
		if box.Empty() {
			continue
		}
		r := &form.Reading{
			Text:       t.Columns[column].Name,
			Confidence: p.Score,
			Where:      p.TemplateToPage.ApplyQuad(box.Quad()),
		}
		cells = append(cells, Cell{
			CellTextLines:   lines(r, r.Where),
			BoundingPoly:    poly(r.Where),
			InferConfidence: probability(r.Confidence),
			RowSpan:         t.Header,
			ColumnSpan:      1,
			ColumnIndex:     column,
		})
	}
	return cells
}

// lines returns the lines of the cell that r was read in and that is where. An
// empty cell has a line without words: there are clients that look into the
// first line of each.
func lines(r *form.Reading, where geom.Quad) []CellTextLine {
	if r.Text == "" {
		return []CellTextLine{{CellWords: []CellWord{}, BoundingPoly: poly(where)}}
	}
	var lines []CellTextLine
	words := r.Words
	if joined(words) != r.Text {
		// The text is not that of the words any more, or there were none.
		words = wholeLines(r)
	}
	var line []form.Word
	for i := range words {
		line = append(line, words[i])
		if words[i].LineBreak || i == len(words)-1 {
			lines = append(lines, textLine(line))
			line = nil
		}
	}
	return lines
}

// joined returns the text that words make: by space, lines by line feed.
func joined(words []form.Word) string {
	var text strings.Builder
	for i := range words {
		if i > 0 && words[i-1].LineBreak {
			text.WriteByte('\n')
		} else if i > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(words[i].Text)
	}
	return text.String()
}

// wholeLines returns each line of r as a word, at the place of all of r.
func wholeLines(r *form.Reading) []form.Word {
	var words []form.Word
	for line := range strings.SplitSeq(r.Text, "\n") {
		words = append(words, form.Word{Text: line, Confidence: r.Confidence, Where: r.Where, LineBreak: true})
	}
	return words
}

func textLine(words []form.Word) CellTextLine {
	line := CellTextLine{BoundingPoly: poly(around(&form.Reading{Words: words}))}
	for i := range words {
		w := &words[i]
		line.CellWords = append(line.CellWords, CellWord{poly(w.Where), w.Text, probability(w.Confidence)})
		line.InferConfidence += probability(w.Confidence) / Number(len(words))
	}
	return line
}
