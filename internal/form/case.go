package form

import (
	"time"

	"github.com/seosik/seosik/internal/blob"
)

// MaxCases is how many pages there may be to test a template by, cases and
// samples.
const MaxCases = 500

// CaseLife is how long a page stays by which a template was tried and of which
// nobody has said what it holds.
const CaseLife = 24 * time.Hour

// A CaseID is a Case's.
type CaseID int64

// A Case is a filled page by which a template is tested. It holds the fields of
// which a person has said what they hold; while there is none, it is a mere
// sample. It is none of the pages that are taken in, and no history knows it.
type Case struct {
	ID        CaseID
	Template  TemplateID
	Domain    DomainID
	Name      string   // of its file, as uploaded
	Blob      blob.Key // of its file; empty where that has too many bytes
	Number    int      // in its file, from 1
	Pages     int      // of its file; 0 while nobody knows
	Failure   Failure  // why its file cannot be read as a whole; mostly empty
	CreatedAt time.Time

	Expected []Expected // by field
	Result   *CaseResult
	Before   *CaseResult // the last one that something else was read by; nil for none
}

// An Expected is what a person said that a field of a case holds.
type Expected struct {
	Field FieldID
	Held
	By     UserID
	ByName string
	At     time.Time
}

// A CaseResult is what was read of a case with one edition of its template.
type CaseResult struct {
	Fingerprint string // of what it was read by
	At          time.Time
	Took        time.Duration
	Page        Page // without its ids, but for Image
	Readings    []Reading
}

// Read reports whether there are readings: the template was found on the page.
func (r *CaseResult) Read() bool {
	return r != nil && (r.Page.State == StateDone || r.Page.State == StateReview)
}

// Holds returns what r says that a field holds, and false where it does not say.
func (r *CaseResult) Holds(id FieldID) (Held, bool) {
	if !r.Read() {
		return Held{}, false
	}
	for i := range r.Readings {
		if r.Readings[i].Field == id {
			return r.Readings[i].Held(), true
		}
	}
	return Held{}, false
}

// An Outcome says how a field was read of which it is known what it holds.
type Outcome struct {
	Expected
	Place  Field      // zero where it is gone
	Gone   bool       // the template has no such field any more
	Read   Held       // empty where nothing was read
	Right  bool       // what was read is what the field holds
	Change Comparison // against Before; Alike where the field was not read then
}

// Outcomes returns how the fields of c were read of which it is known what they
// hold, in the order of places, which are those of the edition of the template
// that Result was read with; then those that are gone. There are none before c
// was read.
func (c *Case) Outcomes(places []Field) (list []Outcome) {
	if c.Result == nil {
		return nil
	}
	expected := make(map[FieldID]Expected, len(c.Expected))
	for _, e := range c.Expected {
		expected[e.Field] = e
	}
	for i := range places {
		if e, ok := expected[places[i].ID]; ok {
			list = append(list, c.outcome(&places[i], e))
			delete(expected, e.Field)
		}
	}
	for _, e := range c.Expected {
		if _, gone := expected[e.Field]; gone {
			list = append(list, Outcome{Expected: e, Gone: true, Change: Alike})
		}
	}
	return list
}

func (c *Case) outcome(f *Field, e Expected) Outcome {
	v := Outcome{Expected: e, Place: *f, Change: Alike}
	now, read := c.Result.Holds(f.ID)
	v.Read, v.Right = now, read && f.Same(e.Held, now)
	if before, known := c.Before.Holds(f.ID); known {
		v.Change = comparison(f.Same(e.Held, before), v.Right)
	}
	return v
}
