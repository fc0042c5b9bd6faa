package form

import "github.com/seosik/seosik/internal/geom"

// A Sheet is all text of a page that is read without a template. Places are
// in page pixels.
type Sheet struct {
	Number        int     // of the page in its file, from 1
	Width, Height int     // pixels; 0 where the page could not be decoded
	Failure       Failure // why the page could not be read; empty where it was
	Words         []Word  // in reading order; confidences are the engine's own scores
	Grids         []Grid  // from top to bottom
}

// A Grid is a table that was found by its ruling lines.
type Grid struct {
	Where geom.Quad
	Cells []GridCell // row by row
}

// A GridCell is a cell of a Grid. Rows and columns count from 0.
type GridCell struct {
	Row, Column         int
	RowSpan, ColumnSpan int // at least 1
	Where               geom.Quad
	Words               []Word // those of the sheet that are in the cell
}
