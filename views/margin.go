package views

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A MarginRow is a place of a page on which something is written that is in no field.
type MarginRow struct {
	Page                  form.PageID
	Domain                form.DomainID
	Run                   int // that found it
	Place                 int
	Outline               geom.Quad // page px
	Crop                  string    // address; empty where there is no picture
	CropWidth, CropHeight int       // as shown, px
	Answer                form.MarginAnswer
	By                    string // who answered
	At                    time.Time

	// Of the list over all pages:
	Listed   bool
	Document string
	Label    string
	Template string
	State    form.State
}

func (r MarginRow) id() string { return fmt.Sprintf("margin-%d-%d", r.Page, r.Place) }

func (r MarginRow) action() string { return fmt.Sprintf("/pages/%d/margin/%d", r.Page, r.Place) }

func (r MarginRow) said(ctx context.Context) string {
	return Say(ctx, "margin.said_"+string(r.Answer), "Name", r.By, "At", clock(r.At))
}

// A MarginPage is the list of places of all pages.
type MarginPage struct {
	Frame
	Count     int  // places that nobody has answered
	Many      bool // there may be more than Count
	Template  string
	Templates []Group
	Rows      []MarginRow
	More      string // address of the next part; empty on the last one
	First     string // address of the first part; empty on it
}

func (m MarginPage) count() string {
	if m.Many {
		return strconv.Itoa(m.Count) + "+"
	}
	return strconv.Itoa(m.Count)
}

// WhyNotUnprinted returns the id of what is said where a page cannot be shown without
// its form, empty where it can.
func WhyNotUnprinted(p form.PageInfo) string {
	switch {
	case !p.State.Final() || p.Image == "":
		return "margin.why_unread"
	case p.Template == 0:
		return "margin.why_template"
	default:
		return ""
	}
}
