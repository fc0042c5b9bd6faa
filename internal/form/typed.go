package form

import "time"

// A Typed is what a person has typed into a field and neither accepted nor taken
// back. It counts for nothing until it is accepted.
type Typed struct {
	Page   PageID
	Run    int // of the page, that the person saw
	Field  FieldID
	By     UserID
	ByName string
	Seen   CorrectionID // the newest correction that the person saw; 0 for none
	Held
	At time.Time
}
