package form

import (
	"time"

	"github.com/seosik/seosik/internal/geom"
)

// A MarginAnswer is what a person said of what is written where no field is.
type MarginAnswer string

// The answers.
const (
	MarginOpen    MarginAnswer = ""        // nobody has said anything
	MarginNote    MarginAnswer = "note"    // it was typed into a note of the page
	MarginNothing MarginAnswer = "nothing" // it says nothing
)

// A Margin is a place of a page on which something is written that is in no field.
type Margin struct {
	Page   PageID
	Place  int       // on the page, from 1
	Run    int       // that found it
	Where  geom.Quad // page px
	Answer MarginAnswer
	ByName string    // who answered
	At     time.Time // when
}
