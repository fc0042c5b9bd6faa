package sample

import (
	"embed"
	"encoding/json"
	"fmt"

	"github.com/seosik/seosik/internal/form"
)

//go:generate go run ./demo/gen demo

//go:embed demo/template.json demo/template.png demo/scans.json demo/scans
var demoFiles embed.FS

// A Scan is one file of the demo, as an office would get it.
type Scan struct {
	Name  string                   `json:"name"` // "신청서-01.jpg"
	File  string                   `json:"file"` // its name in the source
	Data  []byte                   `json:"-"`
	Pages []map[form.FieldID]Truth `json:"pages"` // what was written on each page, without Ink
}

// A DemoSet is a template and scans of filled copies of it, to try the
// program with. The company, its people and their trips are invented.
type DemoSet struct {
	Template []byte // the template.json
	Picture  []byte // its picture, PNG
	Scans    []Scan // by name
}

// Demo returns the demo. It needs no fonts.
func Demo() DemoSet {
	d := DemoSet{Template: demoFile("template.json"), Picture: demoFile("template.png")}
	if err := json.Unmarshal(demoFile("scans.json"), &d.Scans); err != nil {
		panic(fmt.Sprintf("sample: demo/scans.json: %v", err)) // demo/gen wrote it
	}
	for i := range d.Scans {
		d.Scans[i].Data = demoFile("scans/" + d.Scans[i].File)
	}
	return d
}

// demoFile returns an embedded file. The caller owns it.
func demoFile(name string) []byte {
	data, err := demoFiles.ReadFile("demo/" + name)
	if err != nil {
		panic(fmt.Sprintf("sample: %v", err)) // embedding checks that it is there
	}
	return data
}
