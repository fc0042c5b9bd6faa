// Package demo is the demo that comes with the program: a template and scans of
// filled copies of it, drawn beforehand. It needs no fonts. The company, its
// people and their trips are invented.
package demo

import (
	"embed"
	"encoding/json"
	"fmt"

	"github.com/seosik/seosik/internal/form"
)

//go:generate go run ./gen .

//go:embed template.json template.png scans.json scans
var files embed.FS

// A Truth is what was written in a field.
type Truth struct {
	Text    string `json:"text,omitempty"`    // lines by line feed; of a checkbox the text for its state
	Checked bool   `json:"checked,omitempty"` // of a checkbox
}

// A Scan is one file of the demo, as an office would get it.
type Scan struct {
	Name  string                   `json:"name"` // "신청서-01.jpg"
	File  string                   `json:"file"` // its name in the source
	Data  []byte                   `json:"-"`
	Pages []map[form.FieldID]Truth `json:"pages"` // what was written on each page
}

// A Set is a template and scans of filled copies of it.
type Set struct {
	Template []byte // the template.json
	Picture  []byte // its picture, PNG
	Scans    []Scan // by name
}

// Load returns the demo, for the caller to keep.
func Load() Set {
	d := Set{Template: file("template.json"), Picture: file("template.png")}
	if err := json.Unmarshal(file("scans.json"), &d.Scans); err != nil {
		panic(fmt.Sprintf("demo: scans.json: %v", err)) // gen wrote it
	}
	for i := range d.Scans {
		d.Scans[i].Data = file("scans/" + d.Scans[i].File)
	}
	return d
}

// file returns an embedded file. The caller owns it.
func file(name string) []byte {
	data, err := files.ReadFile(name)
	if err != nil {
		panic(fmt.Sprintf("demo: %v", err)) // embedding checks that it is there
	}
	return data
}
