package form

import (
	"slices"

	"github.com/seosik/seosik/internal/geom"
)

// A Fault is what is wrong with how a form lies on a page. The words for it
// are in views.
type Fault string

// The faults.
const (
	FaultLoose  Fault = "loose"  // the print lies too far from where it should
	FaultCut    Fault = "cut"    // part of the form is outside the picture
	FaultUnseen Fault = "unseen" // the file has no picture of a part of the page in which fields are
	FaultCoarse Fault = "coarse" // too few pixels for the smallest field
	FaultTitle  Fault = "title"  // another title than the template's was read
	FaultBeside Fault = "beside" // values are printed beside their fields

	FaultUntitled Fault = "untitled" // there is paper where the title should be
	// FaultEdition is that of a page that has something else in places where the
	// template has print: it may be another edition of the form, or another form.
	FaultEdition Fault = "edition"

	// FaultMirrored is that of a page on which no template is found but from
	// behind. It has no values.
	FaultMirrored Fault = "mirrored"

	FaultIncomplete Fault = "incomplete" // the file holds what could not be drawn

	// FaultSeveral is that of a page on which something beside the form may be
	// another one, which is not a page of its own.
	FaultSeveral Fault = "several"
)

// NeedsPerson reports whether a person looks at a page because of f, however
// sure its values are: some may be missing, or answers to other questions.
func (f Fault) NeedsPerson() bool { return slices.Contains(grave, f) }

var grave = []Fault{
	FaultTitle,
	FaultUntitled,
	FaultEdition,
	FaultUnseen,
	FaultIncomplete,
	FaultBeside,
	FaultSeveral,
}

// WholeID is the FieldID of the page as a whole, which no field can have as its
// name. Of a page with a fault that needs a person there is a reading of it,
// without a text, and it is accepted as any other is.
const WholeID FieldID = "#page"

// Whole returns the reading of a page with such faults, and whether it has one
// that needs a person.
func Whole(faults []Fault) (Reading, bool) {
	return Reading{Field: WholeID, Reasons: []Reason{ReasonPage}}, slices.ContainsFunc(faults, Fault.NeedsPerson)
}

// FailNotFound is why a reading with a given template was in vain: the
// template was not found on the page. No page fails of it.
const FailNotFound Failure = "not_found"

// A Reread is the wish of a person that a page be read again.
type Reread struct {
	Page           PageID
	Template       TemplateID      // 0 for any in service
	TemplateToPage geom.Homography // where the form lies, template px to page px; zero to find it
}
