package views

import (
	"fmt"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A Story is all that was read and said of a page.
type Story struct {
	Frame
	Head       ReviewHead
	ReceivedAt time.Time
	Runs       []ReviewRun
	Reopenings []Reopening
	Values     []StoryValue
	Holds      []string    // why it is held
	Seen       []AccessRow // who saw it lately; none for who may not know
}

// A Reopening is one of the times that a page that was done was to be looked at
// again.
type Reopening struct {
	By       string
	Note     string
	At       time.Time
	ClosedAt time.Time // zero while it is open
	ClosedBy string    // empty also where the page was read again
}

// A StoryValue is all that was read and said of a field.
type StoryValue struct {
	Field       form.Field
	Readings    []StoryReading
	Corrections []form.Correction // oldest first
	Entries     []form.Entry      // keyed blind, once that is settled; oldest first
	Sight       form.Sight        // of the person who is told
	Look        string            // where it is told once somebody looks at it; empty where it is told
}

// veil returns one of the texts of v: after the first, sort and number tell it from others.
func (v StoryValue) veil(text, sort string, number ...int64) Veil {
	name := fmt.Sprintf("v%x-%s", string(v.Field.ID), sort) // an id may be of any letters
	for _, n := range number {
		name += fmt.Sprintf("-%d", n)
	}
	return Veil{Sight: v.Sight, Of: v.Field, Text: text, Look: v.Look, Name: name}
}

// Mask takes out of v what is masked for good.
func (v *StoryValue) Mask() {
	if v.Sight != form.SightHidden {
		return
	}
	for i := range v.Readings {
		v.Readings[i].Reading = v.Field.MaskReading(v.Readings[i].Reading)
	}
	v.Corrections = v.Field.MaskCorrections(v.Corrections)
	v.Entries = v.Field.MaskEntries(v.Entries)
}

// A StoryReading is what was read in a run.
type StoryReading struct {
	Run    int
	Secret bool // it is not shown before people have keyed it
	form.Reading
}

func (v StoryValue) whole() bool    { return v.Field.ID == form.WholeID }
func (v StoryValue) checkbox() bool { return v.Field.Kind == form.Checkbox }

// A Reopened says whether a page is to be looked at again, or may be.
type Reopened struct {
	Page  form.PageID
	State form.State
	Last  Reopening // zero for none
}

// Open reports whether it is to be.
func (m Reopened) Open() bool { return !m.Last.At.IsZero() && m.Last.ClosedAt.IsZero() }
