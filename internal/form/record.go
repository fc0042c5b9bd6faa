package form

import "time"

// A PageInfo is a page with where it came from, and what is shown beside it in
// lists.
type PageInfo struct {
	Page
	UID          string // 32 hexadecimal digits; what the API calls it
	Domain       DomainID
	Submission   SubmissionID
	DocumentName string
	TemplateName string // empty without a template
	ReceivedAt   time.Time
	Trouble      Trouble // what keeps the machine from reading it for now; mostly empty
	Doubtful     int     // values that a person has still to look at
	Unanswered   int     // places where something is written in no field, of which nobody has said anything
	Validation   Validation
	Revision     int64 // of its submission, when it changed last
}

// A Record is a page with its values: what was read, and what people said, who
// and when. What is shown, sent and written of a page is made of its record.
type Record struct {
	Page     PageInfo
	Template *Template // in the version asked for; nil for a page without
	Title    Reading   // of the head of the form; zero where it was not read
	Whole    Value     // of the page as a whole; its reading is zero where nothing is wrong with it
	Values   []Value   // of all places of the template, in order; corrections oldest first
	Notes    []Note    // what people wrote about the page; only in an export that has them
	// Again reports, in an export of what is new, that the page was in one before,
	// and is another now.
	Again bool
}

// Broken returns the rules that the values of r break as they are now, by field.
func (r *Record) Broken() map[FieldID][]Problem {
	if r.Template == nil {
		return nil
	}
	return r.Template.Broken(r.Values)
}
