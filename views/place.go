package views

import (
	"fmt"
	"strconv"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A PlacePage is a page of a document on which a person says which template it
// is and where it lies.
type PlacePage struct {
	Frame
	Head          ReviewHead
	Width, Height int    // pixels of the picture
	Part          string // of the picture, px: left, top, width and height; empty for all of it
	Nearest       []Nearest
	Templates     []*form.Template
	Chosen        form.TemplateID // that the page was read with; 0 for none
	Corners       geom.Quad       // page px; where that one was found to lie
}

// Nearest is a template that a page may be.
type Nearest struct {
	Template *form.Template
	Score    float64 // in [0, 1]
}

// Placeable reports whether a person can place pages in state s.
func Placeable(s form.State) bool {
	return s == form.StateReview || s == form.StateDone || s == form.StateUnmatched
}

func (h ReviewHead) path(more string) string { return fmt.Sprintf("/pages/%d%s", h.Page, more) }

// corners are where the form lies as far as is known, or empty.
func (p PlacePage) corners() string {
	if p.Chosen == 0 {
		return ""
	}
	return Points(p.Corners)
}

// options returns the nearest templates, the best first, and then all.
func (p PlacePage) options(nearest, all string) []Group {
	chosen := p.Chosen
	if chosen == 0 && len(p.Nearest) > 0 {
		chosen = p.Nearest[0].Template.ID
	}
	var groups []Group
	taken := false
	option := func(t *form.Template, text string) Option {
		o := Option{strconv.FormatInt(int64(t.ID), 10), text, t.ID == chosen && !taken}
		taken = taken || o.Chosen
		return o
	}
	if len(p.Nearest) > 0 {
		g := Group{Text: nearest}
		for _, n := range p.Nearest {
			g.Options = append(g.Options, option(n.Template, fmt.Sprintf("%s (%.2f)", n.Template.Name, n.Score)))
		}
		groups = append(groups, g)
	}
	g := Group{Text: all}
	for _, t := range p.Templates {
		g.Options = append(g.Options, option(t, t.Name))
	}
	return append(groups, g)
}

// An Again says how many unmatched pages can be read again in one go.
type Again struct {
	Path      string // to have it done
	Template  string // name of the template to read them with; empty for all in service
	Unmatched int
	Waiting   int // pages that wait to be read again
}

// A ReviewHistory is what became of a page before.
type ReviewHistory struct {
	Runs    []ReviewRun  // oldest first
	Failure form.Failure // why nothing came of it when it was to be read again last; empty if something did
}

// Looked returns h as it is for who looks at what is masked until then.
func (h ReviewHistory) Looked() ReviewHistory {
	for _, r := range h.Runs {
		for i := range r.Corrections {
			r.Corrections[i].Look = ""
		}
	}
	return h
}

// told reports whether there is something to tell.
func (h ReviewHistory) told() bool { return len(h.Runs) > 1 }
