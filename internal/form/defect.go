package form

import (
	"fmt"
	"slices"
	"strings"
)

// A Defect is what keeps a template from being released, and where it is. It
// holds what the template says, never a value read from a form.
type Defect struct {
	Part     string     // "fields", "tables", "groups" or "combine"; empty for the template itself
	Index    int        // in its part, from 0
	Name     string     // of the field, table, group or combined field; may be empty
	Property string     // of that, as in template.json: "box", "rules.in[3]"; may be empty
	Code     DefectCode // what is wrong
	Args     []string   // for the words, in their order
}

// Where returns the place of d: "fields[3] name: box", for example.
func (d Defect) Where() string {
	if d.Part == "" {
		return d.Property
	}
	where := fmt.Sprintf("%s[%d]", d.Part, d.Index)
	switch {
	case d.Name != "":
		where += " " + d.Name
		if d.Property != "" {
			where += ": " + d.Property
		}
	case d.Property != "":
		where += " " + d.Property
	}
	return where
}

// String returns the place and an English clause.
func (d Defect) String() string { return (&InvalidError{d.Where(), d.Code.say(d.Args)}).Error() }

// maxDefects is how many defects of a template are listed.
const maxDefects = 1000

// InvalidTemplateError reports the defects of a template, at least one, in the
// order of the file. Its text has a line for each, and is safe to show.
type InvalidTemplateError struct {
	Defects []Defect // the first of them
	More    int      // how many follow those
}

func (e *InvalidTemplateError) Error() string {
	lines := make([]string, 0, len(e.Defects)+1)
	for _, d := range e.Defects {
		lines = append(lines, d.String())
	}
	if e.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", e.More))
	}
	return strings.Join(lines, "\n")
}

// BadTemplate returns the error of a template with one defect, of the template
// itself.
func BadTemplate(property string, code DefectCode, args ...any) error {
	var ds defects
	ds.in(property).add("", code, args...)
	return ds.err()
}

// defects gathers them, up to a bound.
type defects struct {
	list []Defect
	more int
}

func (ds *defects) err() error {
	if len(ds.list) == 0 {
		return nil
	}
	return &InvalidTemplateError{ds.list, ds.more}
}

// A spot is where in a template defects are looked for.
type spot struct {
	to *defects
	at Defect // without code
}

// in returns a property of the template itself.
func (ds *defects) in(property string) spot { return spot{ds, Defect{Property: property}} }

// of returns an entry of a part of the template.
func (ds *defects) of(part string, index int, name string) spot {
	return spot{ds, Defect{Part: part, Index: index, Name: name}}
}

// in returns a property of what s is.
func (s spot) in(property string, args ...any) spot {
	property = fmt.Sprintf(property, args...)
	if s.at.Property != "" && !strings.HasPrefix(property, "[") {
		property = "." + property
	}
	s.at.Property += property
	return s
}

// add notes a defect of a property of s, or of s itself for "".
func (s spot) add(property string, code DefectCode, args ...any) {
	if len(s.to.list) == maxDefects {
		s.to.more++
		return
	}
	d := s.at
	if property != "" {
		d = s.in("%s", property).at
	}
	d.Code = code
	for _, a := range args {
		d.Args = append(d.Args, fmt.Sprint(a))
	}
	s.to.list = append(s.to.list, d)
}

// covers reports whether there is a defect where d is, in a part of that, or in
// what d is a part of.
func (ds *defects) covers(d Defect) bool {
	return slices.ContainsFunc(ds.list, func(known Defect) bool {
		if known.Part != d.Part || known.Index != d.Index || (known.Property == "") != (d.Property == "") {
			return known.Part != "" && known.Part == d.Part && known.Index == d.Index && known.Property == ""
		}
		return strings.HasPrefix(d.Property, known.Property) || strings.HasPrefix(known.Property, d.Property)
	})
}

// join adds those of more that ds does not cover.
func (ds *defects) join(more defects) {
	before := defects{list: slices.Clone(ds.list)}
	for _, d := range more.list {
		if before.covers(d) {
			continue
		}
		if len(ds.list) == maxDefects {
			ds.more++
			continue
		}
		ds.list = append(ds.list, d)
	}
	ds.more += more.more
}
