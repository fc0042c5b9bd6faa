package form

// A Mark is what a person says of a value instead of a text.
type Mark string

// The marks.
const (
	MarkIllegible     Mark = "illegible"      // something stands there that nobody can read
	MarkEmpty         Mark = "empty"          // nothing stands there
	MarkNotApplicable Mark = "not_applicable" // the field is not for this page: crossed out, say

	// MarkWithdrawn is of a correction alone, never of a value: nothing counts of
	// what people have said before it.
	MarkWithdrawn Mark = "withdrawn"
)

// Marks lists the marks that a value may have.
var Marks = []Mark{MarkIllegible, MarkEmpty, MarkNotApplicable}

// Unknown reports whether m leaves open what stands in the field, so that no
// rule, and no reading, can be held against it.
func (m Mark) Unknown() bool { return m == MarkIllegible || m == MarkNotApplicable }
