package form

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/geom"
)

// IDs have types, so that two arguments cannot be swapped. All count from 1.
// A TemplateID fits into 32 bits: clients of the API read it so.
type (
	DomainID     int64
	TemplateID   int64
	SubmissionID int64
	DocumentID   int64
	PageID       int64
	CorrectionID int64
	UserID       int64
	SessionID    int64
	ListID       int64
)

// A Domain owns templates, an API secret, an invoke URL and languages.
type Domain struct {
	ID        DomainID
	Name      string
	Languages []string // "ko", "ja", "zh-TW", "en"; at least one
	Hash      string   // 64 hexadecimal digits, part of the invoke URL
	CreatedAt time.Time

	Settings   Settings
	SigningKey string // 64 hexadecimal digits; signs what is sent to the URLs of the domain
}

// InvokePath returns the path of the invoke URL of d.
func (d Domain) InvokePath() string {
	return "/custom/v1/" + strconv.FormatInt(int64(d.ID), 10) + "/" + d.Hash + "/infer"
}

// A Stage says who meets a version of a template. At most one version is in
// beta, and one in service.
type Stage string

// The stages.
const (
	Draft   Stage = "draft"   // nobody: it is being made, and is no version yet
	Beta    Stage = "beta"    // who asks for the template, where the domain allows that
	Service Stage = "service" // all: it is looked for
	Retired Stage = "retired" // pages that were read with it
)

// Stages lists the stages in their order.
var Stages = []Stage{Draft, Beta, Service, Retired}

// Released reports whether pages are read with what is in s.
func (s Stage) Released() bool { return s == Beta || s == Service }

// A Kind is what a field holds.
type Kind string

// The kinds of a field.
const (
	Normal   Kind = "NORMAL"    // text
	MultiBox Kind = "MULTI_BOX" // a row of boxes with one character in each
	Checkbox Kind = "CHECKBOX"
)

// A ValueType limits the characters of a field.
type ValueType string

// The value types.
const (
	All     ValueType = "ALL"
	Numeric ValueType = "NUMERIC" // digits and the signs that stand among digits
)

// A FieldID is what a field is known by in all versions of its template: the
// UUID of a field; of a cell that of its row, a point, and that of its column.
// Before Template.Identify has given those it is the field's name, or
// "items[2,0]" for the cell in row 2, column 0 of the table items, where row 0
// is the first row of the table's header. No other package builds or parses it.
type FieldID string

// TitleID is the FieldID of the title, which no field can have as its name.
const TitleID FieldID = "#title"

// A Template is a blank form: its picture, title and fields. All its boxes
// are in pixels of its picture.
type Template struct {
	ID      TemplateID
	Domain  DomainID
	Version int // from 1; 0 for a draft
	Stage   Stage

	Name          string
	Languages     []string // as of a domain; the first one leads
	Image         blob.Key // the picture, PNG or JPEG
	ImageName     string   // its file name in the template file
	Width, Height int      // pixels
	Title         Title
	Fields        []Field
	Tables        []Table
	Groups        []Group // rules for groups of checkboxes
	Review        Review  // of fields and columns that have none of their own
	Combine       []Combined
	UpdatedAt     time.Time

	// Lists are those of the domain that rules name, by name, where values are
	// to be judged; without those that are not there. Not of the version, and
	// not in the file.
	Lists map[string]*List

	Validation string // URL that is asked about each page; empty for none. Not of the version, and not in the file
}

// A Title is the text at the head of a form by which people know it.
type Title struct {
	Name string // may be empty
	Text string // as printed; may be empty
	Box  geom.Box
}

// A Field is one place on a template that is read: a field of its own, or a
// cell of a table.
type Field struct {
	ID            FieldID // never changes, where the name may
	Name          string  // a cell has the name of its column
	Label         string  // what people call it, in their language; may be empty
	Kind          Kind
	ValueType     ValueType
	Box           geom.Box
	Boxes         []geom.Box // of MultiBox, one a character, left to right
	Ignore        []geom.Box // parts not to read
	CheckedText   string     // what a checked Checkbox stands for; may be empty
	UncheckedText string
	Group         string // checkboxes that belong together; may be empty
	Rules         Rules
	Handling

	// Of what Template.Places returns:
	Language string // of the template: it says in what order days are written
	List     *List  // that Rules.In means; nil where that is not there

	Table       string // of a cell; otherwise empty
	TableTitle  string // what people call that table
	Row, Column int    // of a cell, from 0, header included
}

// Title returns what people call f: its label, or else its name.
func (f *Field) Title() string { return cmp.Or(f.Label, f.Name) }

// Title returns what people call t.
func (t *Table) Title() string { return cmp.Or(t.Label, t.Name) }

// Title returns what people call c.
func (c *Column) Title() string { return cmp.Or(c.Label, c.Name) }

// A Table is a grid of cells. IDs are UUIDs that never change, or empty before
// Template.Identify.
type Table struct {
	ID      string
	Name    string
	Label   string // what people call it; may be empty
	Box     geom.Box
	Header  int // rows of the header, which are not read
	Columns []Column
	Rows    []Row        // below the header
	Cells   [][]geom.Box // one list a row, header first; one box a column. Neighbours with the same box are one cell
}

// A Column is a column of a table, with what its cells may hold.
type Column struct {
	ID        string
	Name      string
	Label     string    // of its cells
	ValueType ValueType // empty for ALL
	Rules     Rules
	Handling
}

// A Row is a row of a table below its header.
type Row struct {
	ID string
}

// cell returns the field in a row and column of t.
func (t *Table) cell(row, column int) Field {
	c := &t.Columns[column]
	return Field{
		ID:         t.CellID(row, column),
		Name:       c.Name,
		Label:      c.Label,
		Kind:       Normal,
		ValueType:  cmp.Or(c.ValueType, All),
		Box:        t.Cells[row][column],
		Rules:      c.Rules,
		Handling:   c.Handling,
		Table:      t.Name,
		TableTitle: t.Title(),
		Row:        row,
		Column:     column,
	}
}

// column returns the first column of t with a name, or -1.
func (t *Table) column(name string) int {
	return slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
}

// Span returns how many rows and columns the cell of t at row and column takes,
// or 0 and 0 where it is part of one that begins above or left of it. The
// header has no spans.
func (t *Table) Span(row, column int) (rows, columns int) {
	box := t.Cells[row][column]
	same := func(r, c int) bool {
		return !box.Empty() && r >= t.Header && r < len(t.Cells) && c >= 0 && c < len(t.Cells[r]) && t.Cells[r][c] == box
	}
	if same(row, column-1) || same(row-1, column) {
		return 0, 0
	}
	for rows = 1; same(row+rows, column); {
		rows++
	}
	for columns = 1; same(row, column+columns); {
		columns++
	}
	return rows, columns
}

// CellID returns the FieldID of a cell of t. Rows count from 0, header included.
func (t *Table) CellID(row, column int) FieldID {
	if below := row - t.Header; below >= 0 && t.Rows[below].ID != "" && t.Columns[column].ID != "" {
		return FieldID(t.Rows[below].ID + "." + t.Columns[column].ID)
	}
	return t.cellReference(row, column)
}

// cellReference returns what a cell of t is called in the template file.
func (t *Table) cellReference(row, column int) FieldID {
	return FieldID(t.Name + "[" + strconv.Itoa(row) + "," + strconv.Itoa(column) + "]")
}

// CellName returns the name of a cell of a table among the fields of t, such as
// "items[2].amount" in the second row below the header. Where several columns
// have one name, "items[2].amount[2]" is in the second of them. No field and no
// other cell of t has that name: theirs have no brackets.
func (t *Template) CellName(cell *Field) string {
	name := fmt.Sprintf("%s[%d].%s", cell.Table, t.RowBelow(cell), cell.Name)
	same := 1
	for _, before := range t.tableOf(cell).Columns[:cell.Column] {
		if before.Name == cell.Name {
			same++
		}
	}
	if same > 1 {
		name += fmt.Sprintf("[%d]", same)
	}
	return name
}

// RowBelow returns the row of a cell of a table of t below the header, from 1.
func (t *Template) RowBelow(cell *Field) int { return cell.Row - t.tableOf(cell).Header + 1 }

// tableOf returns the table that a cell of t is in.
func (t *Template) tableOf(cell *Field) *Table { return t.table(cell.Table) }

// A Combined field joins the values of fields and fixed text.
type Combined struct {
	Name  string
	Parts []Part
}

// A Part is the value of a field or, where Field is empty, a fixed text.
type Part struct {
	Field FieldID
	Text  string
}

// Places returns all that is read on t: its fields in order, then the cells
// of its tables, row by row, without the headers. The Review of each is the one
// that counts.
func (t *Template) Places() []Field {
	places := slices.Clone(t.Fields)
	for i := range t.Tables {
		table := &t.Tables[i]
		for row := table.Header; table.sound() && row < len(table.Cells); row++ {
			for column := range table.Cells[row] {
				if rows, _ := table.Span(row, column); rows == 0 {
					continue
				}
				places = append(places, table.cell(row, column))
			}
		}
	}
	for i := range places {
		f := &places[i]
		f.Review = cmp.Or(f.Review, t.Review, ReviewMachine)
		if len(t.Languages) > 0 {
			f.Language = t.Languages[0]
		}
		if name := f.Rules.In.List(); name != "" {
			f.List = t.Lists[name]
		} else if len(f.Rules.In.Texts) > 0 {
			f.List = &List{Values: f.Rules.In.Texts}
		}
	}
	return places
}

// Place returns the field of t with the given id.
func (t *Template) Place(id FieldID) (Field, bool) {
	for _, f := range t.Places() {
		if f.ID == id {
			return f, true
		}
	}
	return Field{}, false
}
