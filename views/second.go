package views

import (
	"fmt"
	"strconv"

	"github.com/seosik/seosik/internal/form"
)

// A SecondPage has the values of a page that somebody has keyed, and that the
// person who sees it keys once more, or settles.
type SecondPage struct {
	Frame
	Page     form.PageID
	File     string
	Label    string // of the number of the page
	Template string // name
	Image    string // address of the picture
	Rows     []SecondRow
}

// A SecondRow is one of these values, without anything that was read.
type SecondRow struct {
	Page  form.PageID
	Run   int // of the page
	Index int // of the field on the template
	Field form.Field
	Sight form.Sight
	Seen  form.CorrectionID // the newest that the person has seen, 0 for none
	Typed *form.Held        // by the person and not entered, nil for nothing
	Crop  string            // address of a picture of the field
	CropW int               // pixels, as shown
	CropH int
	Third bool          // two have keyed it differently
	Said  [2]form.Entry // of a third person: what they did, in no order
	Wrong string        // words, where it could not be taken; empty mostly
}

func (r SecondRow) id() string { return "field-" + strconv.Itoa(r.Index) }

func (r SecondRow) input() string { return r.id() + "-input" }

func (r SecondRow) action() string { return fmt.Sprintf("/second/%d", r.Page) }

func (r SecondRow) checkbox() bool { return r.Field.Kind == form.Checkbox }

// typed is what the person has typed and not entered.
func (r SecondRow) typed() string {
	if r.Typed == nil {
		return ""
	}
	return r.Typed.Text
}

func (r SecondRow) label() string { return placeLabel(r.Field) }

// A SecondQueue says that nothing is to be keyed by the person who asks.
type SecondQueue struct {
	Frame
	Waiting int  // values that are up to others
	Alone   bool // there are too few people to settle what two key
}

// keyedWord is the id of how somebody came to key a value.
func keyedWord(e form.Entry) string {
	if e.Third {
		return "second.by_third"
	}
	return "second.by_one"
}
