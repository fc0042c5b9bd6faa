package form

import (
	"fmt"
	"strconv"
	"time"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/geom"
)

// A State is where a page is on its way. Every page is in exactly one.
type State string

// The states. StateWaiting and StateReading pass by themselves; StateReview
// and StateUnmatched wait for a person; StateDone and StateFailed are ends.
const (
	StateWaiting   State = "waiting"
	StateReading   State = "reading"
	StateReview    State = "review"
	StateDone      State = "done"
	StateUnmatched State = "unmatched"
	StateFailed    State = "failed"
)

// States lists the states in their order.
var States = []State{StateWaiting, StateReading, StateReview, StateDone, StateUnmatched, StateFailed}

// Final reports whether the machine has finished with a page in s.
func (s State) Final() bool { return s != StateWaiting && s != StateReading }

// NeedsPerson reports whether a page in s waits for a person.
func (s State) NeedsPerson() bool { return s == StateReview || s == StateUnmatched }

// A Submission is the documents uploaded in one go, or sent in one API call.
type Submission struct {
	ID        SubmissionID
	Domain    DomainID
	By        UserID       // 0 for the API
	Templates []TemplateID // the only ones to look for; empty for all in service
	CreatedAt time.Time

	Key     RequestKey // of a call that may be repeated; otherwise zero
	Token   string     // of a file of a scan folder; otherwise empty
	Awaited bool       // somebody waits for it to be read; not kept
}

// A RequestKey names a call, so that its repetition is known.
type RequestKey struct {
	Key     string // chosen by the client
	Request string // SHA-256 of what is asked, in hexadecimal
}

// A Document is one uploaded file. It has at least one page, also before it
// is decoded and when it cannot be.
type Document struct {
	ID         DocumentID
	Submission SubmissionID
	Domain     DomainID
	Name       string // as uploaded
	Blob       blob.Key
	Size       int64 // bytes
	CreatedAt  time.Time

	Pages int // that its file has; 0 while nobody knows
}

// A Page is one page of a document, and the template it was found to be.
type Page struct {
	ID       PageID
	Document DocumentID
	Number   int // of the page in its file, from 1
	// Part is which one of several forms on that page it is, from 1; 0 where the
	// page holds one.
	Part    int
	Region  geom.Quad // of the picture, in shares of its width and height, with that form; zero for all of it
	State   State
	Failure Failure // why, in StateFailed; otherwise empty

	// Of a page that was decoded:
	Width, Height int      // pixels
	Image         blob.Key // as people see it, upright: JPEG or PNG
	Snippets      Snippets // of what is doubtful on it; only where it is saved

	// Of a page that was matched:
	Template       TemplateID
	Version        int             // of the template
	TemplateToPage geom.Homography // template px to page px
	Residual       float64         // px at template scale; how far printed structure lies from where it should
	Score          float64         // in [0, 1]; how sure the match is
	Candidates     []Candidate     // nearest templates, best first
	Faults         []Fault         // what is wrong with how it lies; mostly nothing
	Margins        []geom.Quad     // page px; where something is written that is in no field; only where it is saved

	Run        int // which reading of the page counts; from 1, 0 before the first
	FinishedAt time.Time
	UpdatedAt  time.Time
}

// Label returns the number of p in its file, and which of the forms on that page
// it is, for people.
func (p *Page) Label() string { return PageLabel(p.Number, p.Part) }

// PageLabel returns the label of a page with that number and part.
func PageLabel(number, part int) string {
	if part == 0 {
		return strconv.Itoa(number)
	}
	return fmt.Sprintf("%d (%d)", number, part)
}

// A Candidate is a template that a page may be.
type Candidate struct {
	Template TemplateID `json:"template"`
	Name     string     `json:"name"`
	Score    float64    `json:"score"` // in [0, 1]
}

// A Failure is why a page could not be read. The words for it are in views.
type Failure string

// The failures.
const (
	FailEmpty       Failure = "empty"       // a file without bytes
	FailUnsupported Failure = "unsupported" // not a kind of file that is read
	FailCoding      Failure = "coding"      // a kind that is known, stored in a way that is not read
	FailHEIF        Failure = "heif"        // a HEIC photograph that is not decoded
	FailDamaged     Failure = "damaged"     // cut off or broken
	FailEncrypted   Failure = "encrypted"   // locked with a password
	FailTooLarge    Failure = "too_large"   // too many bytes
	FailTooMany     Failure = "too_many"    // too many pages
	FailResolution  Failure = "resolution"  // a side outside 10 to 8000 px
	FailEngine      Failure = "engine"      // the OCR engine failed twice
	FailInternal    Failure = "internal"    // a mistake of ours; it is in the log
)

// Failures lists the failures in their order.
var Failures = []Failure{
	FailEmpty, FailUnsupported, FailCoding, FailHEIF, FailDamaged, FailEncrypted, FailTooLarge, FailTooMany, FailResolution, FailEngine, FailInternal,
}

// A Trouble is what keeps a document from being read for now. It is no fault of
// the document, which waits and is tried again. The words for it are in views.
type Trouble string

// The troubles.
const (
	TroubleFull    Trouble = "full"    // there is no room left on the disk
	TroubleDisk    Trouble = "disk"    // files or the database cannot be read or written
	TroubleEngine  Trouble = "engine"  // a program that reads or draws does not start, or was stopped
	TroubleMachine Trouble = "machine" // there is too little memory, or too few of something else
)

// A Reading is what the machine read in a field. It is never changed.
type Reading struct {
	Field        FieldID
	Text         string    // NORMAL: words by space, lines by line feed; MULTI_BOX: the boxes joined; CHECKBOX: the text for its state
	Checked      bool      // of a checkbox
	Confidence   float64   // the probability that Text is right, in [0, 1]
	Where        geom.Quad // page px: around the words, or the whole field where there are none
	Words        []Word    // of a NORMAL field; of a MULTI_BOX one a box, empty ones too
	Alternatives []Alternative
	Reasons      []Reason // why it is doubtful; empty where it is not
	// Ruled is the rule by which Text was chosen among what was read, where that
	// was not the likeliest by itself; empty where no rule chose. It is no doubt
	// of its own: what it does to the probability is in Confidence.
	Ruled  Reason
	Engine string
}

// A Word is a part of a reading.
type Word struct {
	Text       string    `json:"text"`
	Confidence float64   `json:"confidence"`          // in [0, 1]
	Where      geom.Quad `json:"where"`               // page px
	LineBreak  bool      `json:"lineBreak,omitempty"` // the last word of its line
	Symbols    []Symbol  `json:"symbols,omitempty"`
}

// A Symbol is one character of a word.
type Symbol struct {
	Text       string  `json:"text"`
	Confidence float64 `json:"confidence"` // in [0, 1]
}

// An Alternative is another text that a field may hold.
type Alternative struct {
	Text       string  `json:"text"`
	Confidence float64 `json:"confidence"` // in [0, 1]
}

// A Reason is why a reading is doubtful. The words for it are in views.
type Reason string

// The reasons.
const (
	ReasonLowSymbol  Reason = "low_symbol"  // the engine is not sure of a character
	ReasonUnsure     Reason = "unsure"      // the whole is less likely right than asked for
	ReasonRequired   Reason = "required"    // empty, and must not be
	ReasonPattern    Reason = "pattern"     // does not have the form that the template asks for
	ReasonNotNumeric Reason = "not_numeric" // has other characters than a NUMERIC field may have
	ReasonBorder     Reason = "border"      // ink touches the border of the field
	ReasonInkUnread  Reason = "ink_unread"  // there is ink, and nothing was read
	ReasonFaint      Reason = "faint"       // a mark that is neither clearly there nor clearly not
	ReasonBeside     Reason = "beside"      // there is a mark beside the box, or through it and its label
	ReasonMisplaced  Reason = "misplaced"   // the page may be placed wrongly here
	ReasonTwoReaders Reason = "two_readers" // the two readers disagree
	ReasonBlurred    Reason = "blurred"     // strokes are blurred, or broken as by a fax
	ReasonNotSeen    Reason = "not_seen"    // the picture does not show all of the field
	ReasonOtherForm  Reason = "other_form"  // the page has the title of another form
	ReasonNotDrawn   Reason = "not_drawn"   // the file says that more stands here than could be drawn
	ReasonFile       Reason = "file"        // the file itself says something else

	// The template has people look at every reading: no doubt of its own.
	ReasonPerson Reason = "person" // one does
	ReasonTwo    Reason = "two"    // two key it from the picture, blind
	ReasonKey    Reason = "key"    // one keys it from the picture

	ReasonPage Reason = "page" // the page as a whole has a fault; only of WholeID

	ReasonNotInList   Reason = "not_in_list"  // is none of the texts that it may be
	ReasonNotAmount   Reason = "not_amount"   // is no number and no amount
	ReasonTooSmall    Reason = "too_small"    // less than the least that is allowed
	ReasonTooLarge    Reason = "too_large"    // more than the most that is allowed
	ReasonNotDate     Reason = "not_date"     // is no date
	ReasonNoSuchDay   Reason = "no_such_day"  // a date that there is not
	ReasonTooEarly    Reason = "too_early"    // before the first day that is allowed
	ReasonTooLate     Reason = "too_late"     // after the last day that is allowed
	ReasonCheckLength Reason = "check_length" // has more or fewer digits than such a number has, or other characters
	ReasonCheckDigit  Reason = "check_digit"  // the check digit does not fit the others
	ReasonSum         Reason = "sum"          // a total is not the sum of its parts
	ReasonGroupMany   Reason = "group_many"   // more checkboxes are marked than may be
	ReasonGroupNone   Reason = "group_none"   // no checkbox is marked, and one must be
)

// A Correction is what a person said a field holds. It is only ever added.
type Correction struct {
	ID       CorrectionID
	Page     PageID
	Run      int // of the page, that the person saw
	Field    FieldID
	Text     string // empty with a mark
	Checked  bool   // of a checkbox; false with a mark
	Mark     Mark
	Accepted bool // the person left the reading as it was
	Override bool // the person kept it though it breaks a rule, and said so
	By       UserID
	ByName   string
	At       time.Time
}

// A Value is a field with its reading and its corrections.
type Value struct {
	Field       Field
	Reading     Reading
	Corrections []Correction // oldest first
	Told        bool         // the person who is shown it took a Probe of it for right
	Sight       Sight        // of the person who is shown it; only where it is shown
	Keyed       Keyed        // of one that is keyed blind, as one person is shown it; otherwise zero
}

// Latest returns the correction that counts, or nil where there is none or it
// was withdrawn.
func (v *Value) Latest() *Correction {
	if len(v.Corrections) == 0 {
		return nil
	}
	if c := &v.Corrections[len(v.Corrections)-1]; c.Mark != MarkWithdrawn {
		return c
	}
	return nil
}

// Newest returns the last thing that people said of v, also that nothing counts
// any more; 0 where they never said anything. Who corrects v must have seen it.
func (v *Value) Newest() CorrectionID {
	if len(v.Corrections) == 0 {
		return 0
	}
	return v.Corrections[len(v.Corrections)-1].ID
}

// Said notes what has been said of v, unless it was known: who says what somebody
// else has said adds nothing.
func (v *Value) Said(c Correction) {
	if c.ID != v.Newest() {
		v.Corrections = append(v.Corrections, c)
	}
}

// Mark returns what a person said of v instead of a text; mostly nothing.
func (v *Value) Mark() Mark {
	if c := v.Latest(); c != nil {
		return c.Mark
	}
	return ""
}

// Overridden reports whether a person kept v as it is though it breaks a rule.
func (v *Value) Overridden() bool {
	c := v.Latest()
	return c != nil && c.Override
}

// Text returns what the field holds: the latest correction or else the reading.
// It is empty where that is a mark.
func (v *Value) Text() string {
	if c := v.Latest(); c != nil {
		return c.Text
	}
	return v.Reading.Text
}

// Written returns the text of v as files say it, with illegible for what nobody
// can read.
func (v *Value) Written(illegible string) string {
	if v.Mark() == MarkIllegible {
		return illegible
	}
	return v.Text()
}

// Checked returns the state of a checkbox.
func (v *Value) Checked() bool {
	if c := v.Latest(); c != nil {
		return c.Checked
	}
	return v.Reading.Checked
}

// Doubtful reports whether a person should look: the reading has a reason to
// be doubted and nobody has said anything yet that counts.
func (v *Value) Doubtful() bool {
	return v.Latest() == nil && len(v.Reading.Reasons) > 0 && !v.Keyed.Others()
}

// Values returns one value for each place of t, in order, with its reading
// and its corrections, which are sorted oldest first. A place without a
// reading, added to a later version of the template say, has an empty one.
func Values(t *Template, readings []Reading, corrections []Correction) []Value {
	return ValuesAt(t.Places(), readings, corrections)
}

// ValuesAt is Values of a template with those places.
func ValuesAt(places []Field, readings []Reading, corrections []Correction) []Value {
	byField := make(map[FieldID]*Reading, len(readings))
	for i := range readings {
		byField[readings[i].Field] = &readings[i]
	}
	values := make([]Value, len(places))
	for i, f := range places {
		v := &values[i]
		v.Field = f
		if r := byField[f.ID]; r != nil {
			v.Reading = *r
		}
		v.Reading.Field = f.ID
		for _, c := range corrections {
			if c.Field == f.ID {
				v.Corrections = append(v.Corrections, c)
			}
		}
	}
	return values
}

// TextOf returns a function that looks up the text of a field among values,
// for Combined.Join.
func TextOf(values []Value) func(FieldID) string {
	byField := make(map[FieldID]string, len(values))
	for i := range values {
		byField[values[i].Field.ID] = values[i].Text()
	}
	return func(id FieldID) string { return byField[id] }
}
