// Package rest speaks the wire format of the program's own API, the one under
// /api/v1: what programs ask for in, JSON out. It knows no HTTP framework and no
// database.
//
// # Limits
//
// Every list that is asked for or answered has a bound, and members that are not
// known are errors: a filter that is misspelt must not choose everything.
package rest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// Templates are all templates of a domain, by name.
type Templates struct {
	Templates []Template `json:"templates"`
}

// A Template says what can be read on a form. Lists are never null.
type Template struct {
	ID        form.TemplateID `json:"id"`
	Name      string          `json:"name"`
	Stage     form.Stage      `json:"stage"`
	Version   int             `json:"version"`
	Languages []string        `json:"languages"`
	UpdatedAt time.Time       `json:"updatedAt"`
	Fields    []Field         `json:"fields"`
	Tables    []Table         `json:"tables"`
	Groups    []Group         `json:"groups"`
	Combined  []string        `json:"combined"` // names of values that are made out of others
}

// A Field is a field of a template. Its ID, like those of tables, rows, columns
// and groups, is the same in all versions of the template.
type Field struct {
	ID        form.FieldID   `json:"id"`
	Name      string         `json:"name"`
	Label     string         `json:"label,omitempty"` // what people call it
	Kind      form.Kind      `json:"kind"`
	ValueType form.ValueType `json:"valueType"`
	Required  bool           `json:"required"`
}

// A Table is a table of a template.
type Table struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Label   string   `json:"label,omitempty"`
	Rows    int      `json:"rows"` // below the header
	RowIDs  []string `json:"rowIds"`
	Columns []Column `json:"columns"`
}

// A Column is a column of a table.
type Column struct {
	ID        string         `json:"id"`
	Name      string         `json:"name"`
	Label     string         `json:"label,omitempty"`
	ValueType form.ValueType `json:"valueType"`
	Required  bool           `json:"required"`
}

// A Group is a rule for checkboxes that belong together.
type Group struct {
	ID     string      `json:"id"`
	Name   string      `json:"name"`
	Choose form.Choose `json:"choose"`
}

// NewTemplates returns templates as they are sent.
func NewTemplates(list []*form.Template) *Templates {
	all := &Templates{Templates: []Template{}}
	for _, t := range list {
		all.Templates = append(all.Templates, newTemplate(t))
	}
	return all
}

func newTemplate(t *form.Template) Template {
	sent := Template{
		ID: t.ID, Name: t.Name, Stage: t.Stage, Version: t.Version, Languages: t.Languages, UpdatedAt: t.UpdatedAt,
		Fields: []Field{}, Tables: []Table{}, Groups: []Group{}, Combined: []string{},
	}
	for _, f := range t.Fields {
		sent.Fields = append(sent.Fields, Field{f.ID, f.Name, f.Label, f.Kind, f.ValueType, f.Rules.Required})
	}
	for _, table := range t.Tables {
		columns := make([]Column, len(table.Columns))
		for i, c := range table.Columns {
			columns[i] = Column{c.ID, c.Name, c.Label, cmp.Or(c.ValueType, form.All), c.Rules.Required}
		}
		rows := make([]string, len(table.Rows))
		for i, r := range table.Rows {
			rows[i] = r.ID
		}
		sent.Tables = append(sent.Tables, Table{table.ID, table.Name, table.Label, len(rows), rows, columns})
	}
	for _, g := range t.Groups {
		sent.Groups = append(sent.Groups, Group(g))
	}
	for _, c := range t.Combine {
		sent.Combined = append(sent.Combined, c.Name)
	}
	return sent
}

// Pages are a part of the pages that a search finds, the newest document first.
type Pages struct {
	Pages []Page `json:"pages"`
	Next  string `json:"next,omitempty"` // asks for the pages that follow; empty after the last
}

// A Page is what is known of a page besides its values.
type Page struct {
	UID        string            `json:"uid"`
	State      form.State        `json:"state"`
	Failure    form.Failure      `json:"failure,omitempty"` // why, in the state failed
	Trouble    form.Trouble      `json:"trouble,omitempty"` // what keeps the machine from reading it for now
	Document   string            `json:"document"`          // its name
	Number     int               `json:"page"`              // of the document, from 1
	Part       int               `json:"part,omitempty"`    // which of several forms on that page, from 1
	Submission form.SubmissionID `json:"submission"`
	Template   *TemplateOf       `json:"template,omitempty"` // that the page was found to be
	Doubtful   int               `json:"doubtful"`           // values that a person has still to look at
	Faults     []form.Fault      `json:"faults"`             // what is wrong with how the page lies; never null
	Validation *Validation       `json:"validation,omitempty"`
	ReceivedAt time.Time         `json:"receivedAt"`
	UpdatedAt  time.Time         `json:"updatedAt"`
	FinishedAt time.Time         `json:"finishedAt,omitzero"` // when it became done or failed
}

// A TemplateOf names the template of a page.
type TemplateOf struct {
	ID      form.TemplateID `json:"id"`
	Name    string          `json:"name"`
	Version int             `json:"version"`
}

// A Validation is what an external validation said of a page.
type Validation struct {
	Result  form.Verdict `json:"result"`
	Message string       `json:"message,omitempty"`
}

// Records are a part of the records that a search finds.
type Records struct {
	Records []Record `json:"records"`
	Next    string   `json:"next,omitempty"` // as of Pages
}

// A Record is a page with its values.
type Record struct {
	Page
	Values   []Value    `json:"values"`   // of all places of the template, in its order; never null
	Combined []Combined `json:"combined"` // never null
}

// A Combined is a value that is made out of others.
type Combined struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// A Value is a field with what the machine read and what people said.
type Value struct {
	ID          form.FieldID `json:"id"`   // of the field, or of the cell: the same in all versions of the template
	Name        string       `json:"name"` // as in answers of the invoke URL; of a cell as form.Template.CellName has it
	Kind        form.Kind    `json:"kind"`
	Cell        *Cell        `json:"cell,omitempty"`     // where it is in a table
	Text        string       `json:"text"`               // that counts
	Checked     *bool        `json:"checked,omitempty"`  // that counts, of a checkbox
	Mark        form.Mark    `json:"mark,omitempty"`     // what a person said instead of a text
	Override    bool         `json:"override,omitempty"` // a person kept it though it breaks a rule
	Reviewed    bool         `json:"reviewed"`           // a person has said what counts
	Doubtful    bool         `json:"doubtful"`           // a person has still to look at it
	Reading     Reading      `json:"reading"`
	Corrections []Correction `json:"corrections"` // the oldest first; never null
}

// A Cell says where a value is in a table.
type Cell struct {
	Table  string `json:"table"`
	Row    int    `json:"row"` // below the header, from 1
	Column string `json:"column"`
}

// A Reading is what the machine read.
type Reading struct {
	Text         string        `json:"text"`
	Checked      *bool         `json:"checked,omitempty"`
	Confidence   float64       `json:"confidence"` // the probability that it is right, in [0, 1]
	Reasons      []form.Reason `json:"reasons"`    // why it is doubtful; never null
	Alternatives []Alternative `json:"alternatives"`
}

// An Alternative is another text that a field may hold.
type Alternative struct {
	Text       string  `json:"text"`
	Confidence float64 `json:"confidence"` // in [0, 1]
}

// A Correction is what a person said.
type Correction struct {
	Text     string    `json:"text"`
	Checked  *bool     `json:"checked,omitempty"`
	Mark     form.Mark `json:"mark,omitempty"`     // instead of a text; withdrawn: nothing counts of what was said before
	Override bool      `json:"override,omitempty"` // it was kept though it breaks a rule
	Accepted bool      `json:"accepted"`           // the person left the reading as it was
	By       string    `json:"by"`                 // name of the user
	At       time.Time `json:"at"`
}

// NewPage returns p as it is sent.
func NewPage(p *form.PageInfo) Page {
	page := Page{
		UID: p.UID, State: p.State, Failure: p.Failure, Trouble: p.Trouble, Document: p.DocumentName, Number: p.Number, Part: p.Part, Submission: p.Submission,
		Doubtful: p.Doubtful, Faults: append([]form.Fault{}, p.Faults...),
		ReceivedAt: p.ReceivedAt, UpdatedAt: p.UpdatedAt, FinishedAt: p.FinishedAt,
	}
	if p.Template != 0 {
		page.Template = &TemplateOf{ID: p.Template, Name: p.TemplateName, Version: p.Version}
	}
	if p.Validation.Verdict != "" {
		page.Validation = &Validation{Result: p.Validation.Verdict, Message: p.Validation.Message}
	}
	return page
}

// NewRecord returns r as it is sent.
func NewRecord(r *form.Record) Record {
	sent := Record{Page: NewPage(&r.Page), Values: []Value{}, Combined: []Combined{}}
	for i := range r.Values {
		sent.Values = append(sent.Values, newValue(r.Template, &r.Values[i]))
	}
	if r.Template == nil {
		return sent
	}
	text := form.TextOf(r.Values)
	for _, c := range r.Template.Combine {
		sent.Combined = append(sent.Combined, Combined{c.Name, c.Join(text)})
	}
	return sent
}

func newValue(t *form.Template, v *form.Value) Value {
	f := &v.Field
	sent := Value{
		ID: f.ID, Name: f.Name, Kind: f.Kind,
		Text: said(f, v.Mark(), v.Text(), v.Checked()), Checked: checked(f, v.Checked()), Mark: v.Mark(), Override: v.Overridden(),
		Reviewed: v.Latest() != nil, Doubtful: v.Doubtful(),
		Reading: Reading{
			Text: v.Reading.Text, Checked: checked(f, v.Reading.Checked), Confidence: v.Reading.Confidence,
			Reasons: append([]form.Reason{}, v.Reading.Reasons...), Alternatives: []Alternative{},
		},
		Corrections: []Correction{},
	}
	if f.Table != "" {
		sent.Name = t.CellName(f)
		sent.Cell = &Cell{Table: f.Table, Row: t.RowBelow(f), Column: f.Name}
	}
	for _, a := range v.Reading.Alternatives {
		sent.Reading.Alternatives = append(sent.Reading.Alternatives, Alternative(a))
	}
	for _, c := range v.Corrections {
		sent.Corrections = append(sent.Corrections, Correction{
			Text: said(f, c.Mark, c.Text, c.Checked), Checked: checked(f, c.Checked), Mark: c.Mark, Override: c.Override, Accepted: c.Accepted, By: c.ByName, At: c.At,
		})
	}
	return sent
}

// said returns the text of a value of f: of a checkbox what the template has for
// its state. With a mark there is none.
func said(f *form.Field, m form.Mark, text string, is bool) string {
	switch {
	case m != "":
		return ""
	case f.Kind != form.Checkbox:
		return text
	case is:
		return f.CheckedText
	}
	return f.UncheckedText
}

// checked returns the state of a checkbox, and nil for other fields.
func checked(f *form.Field, is bool) *bool {
	if f.Kind != form.Checkbox {
		return nil
	}
	return &is
}

// A Submitted is what was taken in.
type Submitted struct {
	Submission form.SubmissionID `json:"submission"`
	Progress   string            `json:"progress"` // the path that says how far it is
	Pages      []SubmittedPage   `json:"pages"`    // the first one of each document
}

// A SubmittedPage is the first page of a document that was taken in. What other
// pages the document has is known once it is opened.
type SubmittedPage struct {
	UID      string `json:"uid"`
	Document string `json:"document"`
	Record   string `json:"record"` // the path of its record
}

// A Progress says how far a submission is.
type Progress struct {
	Submission form.SubmissionID  `json:"submission"`
	ReceivedAt time.Time          `json:"receivedAt"`
	Documents  int                `json:"documents"`
	Open       int                `json:"open"`     // documents that may still turn out to have more pages
	Finished   bool               `json:"finished"` // the machine has finished with every page
	Pages      map[form.State]int `json:"pages"`    // how many are in each state; every state is there
}

// JSON returns v as it is sent. Text stands in it as it is, not escaped for HTML.
func JSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
