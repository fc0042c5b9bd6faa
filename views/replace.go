package views

import (
	"context"
	"fmt"
	"net/url"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A ReplacePage asks for another picture of a template.
type ReplacePage struct {
	Frame
	Template  *form.Template
	FileBytes int64  // that the file may have
	Wrong     string // a sentence; empty if nothing is wrong
}

// A ComparePage shows a template on another picture, before it is kept.
type ComparePage struct {
	Frame
	Template *form.Template // as it would be
	Of       string         // the picture, sealed
	Strays   []Stray
}

// A Stray is a field or table that did not move with the rest.
type Stray struct {
	Name          string
	Lost          bool     // what stood around it was not found
	Before, After geom.Box // template px
	Millimetres   string   // between those, on A4
}

// why says why a stray is told.
func (s Stray) why(ctx context.Context) string {
	if s.Lost {
		return Say(ctx, "replace.lost")
	}
	return Say(ctx, "replace.moved", "Millimetres", s.Millimetres)
}

// replacedPicture returns the address of the new picture.
func replacedPicture(m ComparePage) string {
	return fmt.Sprintf("%s?of=%s", templatePath(m.Template, "/replace/picture"), url.QueryEscape(m.Of))
}
