package export

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"iter"
	"strings"

	"github.com/seosik/seosik/internal/form"
)

// jsonLines writes an object for each record: what it says of the page, "fields",
// "combined", and "tables", which has a list of rows for each.
//
//	{"file":"1.pdf","page":"1","fields":{"name":"김"},"tables":{"items":[{"row":"1","amount":"9"}]}}
//
// Every value is a text. With provenance, each of a field or cell is an object
// with "value", "machine", "confidence", "reasons", "rule", "box", "by" and "at".
func (o *Options) jsonLines(w io.Writer, sheets []*sheet, records iter.Seq2[form.Record, error]) error {
	out := bufio.NewWriter(w)
	for r, err := range records {
		if err != nil {
			return err
		}
		var b bytes.Buffer
		o.jsonLine(&b, sheets, &r)
		b.WriteByte('\n')
		if _, err := out.Write(b.Bytes()); err != nil {
			return err
		}
	}
	return out.Flush()
}

func (o *Options) jsonLine(b *bytes.Buffer, sheets []*sheet, r *form.Record) {
	object := openObject(b)
	for l := range sheets[0].lines(r) {
		o.members(&object, sheets[0], l, ofPage)
		object.key("fields")
		o.object(b, sheets[0], l, ofTemplate)
		if has(sheets[0], ofCombined) {
			object.key("combined")
			o.object(b, sheets[0], l, ofCombined)
		}
	}
	o.tables(&object, sheets[1:], r)
	object.close()
}

func has(s *sheet, kind columnKind) bool {
	for _, c := range s.columns {
		if c.kind == kind {
			return true
		}
	}
	return false
}

func (o *Options) tables(object *jsonObject, sheets []*sheet, r *form.Record) {
	var tables jsonObject
	for _, s := range sheets {
		if s.key == form.PartProvenance {
			continue
		}
		if tables.b == nil {
			object.key("tables")
			tables = openObject(object.b)
		}
		tables.key(s.name)
		object.b.WriteByte('[')
		first := true
		for l := range s.lines(r) {
			if !first {
				object.b.WriteByte(',')
			}
			first = false
			row := openObject(object.b)
			for _, c := range s.columns {
				if c.key == form.ColumnRow {
					row.text(jsonHead(c), l.row)
				}
			}
			o.members(&row, s, l, ofTemplate)
			row.close()
		}
		object.b.WriteByte(']')
	}
	if tables.b != nil {
		tables.close()
	}
}

// object writes the columns of a kind as an object.
func (o *Options) object(b *bytes.Buffer, s *sheet, l line, kind columnKind) {
	object := openObject(b)
	o.members(&object, s, l, kind)
	object.close()
}

// members writes the columns of a kind.
func (o *Options) members(object *jsonObject, s *sheet, l line, kind columnKind) {
	for _, c := range s.columns {
		if c.kind != kind {
			continue
		}
		if kind != ofTemplate || !o.Provenance {
			object.text(jsonHead(c), c.of(l))
		} else if v := l.value[l.at(c)]; v != nil {
			object.key(jsonHead(c))
			encode(object.b, o.originOf(v))
		}
	}
}

// jsonHead returns the name of a column: those that are not of the template have
// the same in every language.
func jsonHead(c column) string {
	if c.kind == ofPage && !c.named {
		return strings.TrimPrefix(c.key, "#")
	}
	return c.head
}

// A jsonOrigin is a value with where it comes from.
type jsonOrigin struct {
	Value      string        `json:"value"`
	Machine    string        `json:"machine"`
	Confidence *float64      `json:"confidence"` // null where nothing was read
	Reasons    []form.Reason `json:"reasons,omitempty"`
	Rule       form.Reason   `json:"rule,omitempty"`
	Box        []int         `json:"box,omitempty"`      // corners in pixels of the page, clockwise from top left
	Mark       form.Mark     `json:"mark,omitempty"`     // what a person said instead of a text
	Override   bool          `json:"override,omitempty"` // a person kept it though it breaks a rule
	By         string        `json:"by,omitempty"`
	At         string        `json:"at,omitempty"`
}

func (o *Options) originOf(v *form.Value) jsonOrigin {
	j := jsonOrigin{Value: o.textOf(v), Machine: v.Reading.Text, Reasons: v.Reading.Reasons, Rule: v.Reading.Ruled, Mark: v.Mark(), Box: cornersOf(v)}
	if v.Reading.Engine != "" {
		j.Confidence = &v.Reading.Confidence
	}
	if c := v.Latest(); c != nil {
		j.Override, j.By, j.At = c.Override, c.ByName, c.At.Local().Format("2006-01-02T15:04:05Z07:00")
	}
	return j
}

// A jsonObject writes an object, whose members keep their order.
type jsonObject struct {
	b    *bytes.Buffer
	some bool
}

func openObject(b *bytes.Buffer) jsonObject {
	b.WriteByte('{')
	return jsonObject{b: b}
}

func (j *jsonObject) key(name string) {
	if j.some {
		j.b.WriteByte(',')
	}
	j.some = true
	encode(j.b, name)
	j.b.WriteByte(':')
}

func (j *jsonObject) text(name, value string) {
	j.key(name)
	encode(j.b, value)
}

func (j *jsonObject) close() { j.b.WriteByte('}') }

// encode writes v, which can always be.
func encode(b *bytes.Buffer, v any) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // a mistake of ours
	}
	b.Truncate(b.Len() - 1) // its line feed
}
