package views

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A ReviewPage is one page of a document beside its values.
type ReviewPage struct {
	Frame
	Head  ReviewHead
	Queue QueueBarModel
	Image string // address of the picture
	// Unprinted is the address of the picture without what the form has printed, and
	// WhyNotUnprinted the id of what is said where there is none, empty where there is.
	Unprinted, WhyNotUnprinted string
	Cover                      bool // masked values are covered on the picture too
	// Of the picture, in pixels; the rows' outlines are in them.
	Width, Height int
	Part          string // of the picture, px: left, top, width and height; empty for all of it
	Whole         WholeRow
	Rows          []ReviewRow   // the doubtful ones first, without those of tables
	Common        []form.Reason // why many of them are doubtful
	Grids         []Grid
	Margins       []MarginRow
	Failure       form.Failure
	Retry         bool         // a failed page can be read once more
	Trouble       form.Trouble // what keeps it from being read for now
	Candidates    []form.Candidate
	History       ReviewHistory
	Reopened      Reopened
	Trashed       form.PageID // that the person has just put into the trash, or 0
}

// title is what the window is called.
func (p ReviewPage) title(ctx context.Context) string {
	return p.Name + " – " + Say(ctx, p.Title) + " – " + Say(ctx, "brand")
}

// A ReviewHead is what the page is and how far it is. It is drawn anew with
// every correction.
type ReviewHead struct {
	Page       form.PageID
	Submission form.SubmissionID
	File       string
	Label      string // of the number of the page
	Template   string // name; empty where there is none
	State      form.State
	Doubtful   int // values that a person should still look at
	Validation form.Validation
	Faults     []form.Fault // of how the form lies on the page
	Margins    int          // places where something is written in no field, of which nobody has said anything
	Place      bool         // a person can place it by hand
}

func (h ReviewHead) submission() string { return fmt.Sprintf("/submissions/%d", h.Submission) }

// Next returns the address that goes on to the next page that needs a person.
func (h ReviewHead) Next() string { return fmt.Sprintf("/review?after=%d", h.Page) }

// A ReviewRun is one of the times the page was read.
type ReviewRun struct {
	Number      int
	State       form.State   // as it was left
	Failure     form.Failure // why nothing came of it
	Counts      bool
	Template    string // name; empty where there is none
	Version     int
	ByHand      bool   // a person had placed it
	By          string // who wanted it read again; empty for the first
	At          time.Time
	Corrections []RunCorrection // that count no longer
}

// A RunCorrection is what a person said of a field in a run of before.
type RunCorrection struct {
	form.Correction
	Of    form.Field // its zero value for the page as a whole
	Sight form.Sight
	Look  string // where it is told once somebody looks at it; empty where it is told
}

func (c RunCorrection) veil() Veil {
	return Veil{Sight: c.Sight, Of: c.Of, Text: c.Text, Look: c.Look, Name: fmt.Sprintf("run-said-%d", c.ID)}
}

// A WholeRow is the page as a whole, which a person looks at because of its faults.
type WholeRow struct {
	Page  form.PageID
	Run   int // of the page
	Value form.Value
	Place bool // a person can place it by hand
}

// asked reports whether a person is, or was, to look at it.
func (r WholeRow) asked() bool { return len(r.Value.Reading.Reasons) > 0 }

func (r WholeRow) action() string { return fmt.Sprintf("/pages/%d/whole", r.Page) }

// A ReviewRow is one value with what it takes to correct it.
type ReviewRow struct {
	Page    form.PageID
	Run     int // of the page
	Index   int // of the field on the template
	Value   form.Value
	Outline geom.Quad // page px
	Crop    Crop
	// Languages are those of the form: nothing else can be written on it.
	Languages []string
	Common    []form.Reason  // of many values of the page, which are said once for all
	Problems  []form.Problem // rules that it breaks, by the values of the page as they are now
	Conflict  bool           // the latest correction came meanwhile, from someone else
	Left      bool           // the person has typed something and not accepted it
	LeftBy    []string       // who else has
	Ask       bool           // it breaks a rule, and nobody has kept it so
	Shut      bool           // nothing of its value is told before somebody looks at it
	// What was entered and not saved, where there is a conflict or it was left.
	Typed  string
	Ticked bool
}

// veiled reports whether the value is masked until it has the focus.
func (r ReviewRow) veiled() bool { return r.Value.Sight == form.SightFocus }

// Shuts returns rows with nothing of what is masked until it is looked at. Cells of
// tables are worked many at once, by what stands in them, and of what is to be keyed
// blind there is nothing to tell.
func Shuts(rows []ReviewRow) []ReviewRow {
	for i := range rows {
		r := &rows[i]
		r.Shut = r.veiled() && !r.Conflict && r.Value.Field.Table == "" && !r.Value.Secret()
	}
	return rows
}

// look returns the address of the row as it is once somebody looks at it.
func (r ReviewRow) look() string {
	return fmt.Sprintf("/pages/%d/values/%d?run=%d", r.Page, r.Index, r.Run)
}

// dots stand for a value of which nothing is told.
func (r ReviewRow) dots() string { return r.Value.Field.Mask("") }

func (r ReviewRow) id() string { return "field-" + strconv.Itoa(r.Index) }

func (r ReviewRow) action() string { return fmt.Sprintf("/pages/%d/corrections", r.Page) }

func (r ReviewRow) checkbox() bool { return r.Value.Field.Kind == form.Checkbox }

func (r ReviewRow) numeric() bool { return r.Value.Field.ValueType == form.Numeric }

func (r ReviewRow) text() string {
	if r.Conflict || r.Left {
		return r.Typed
	}
	return r.Value.Text()
}

func (r ReviewRow) checked() bool {
	if r.Conflict || r.Left {
		return r.Ticked
	}
	return r.Value.Checked()
}

// tall reports whether the value has, or may have, several lines.
func (r ReviewRow) tall() bool {
	return r.Value.Field.Kind == form.Normal && strings.Contains(r.text(), "\n")
}

// seen is the newest correction that the person has seen, 0 for none.
func (r ReviewRow) seen() string { return strconv.FormatInt(int64(r.Value.Newest()), 10) }

// long reports whether the value may not fit into one line.
func (r ReviewRow) long() bool {
	const line = 15 // ems
	return r.Value.Field.Kind == form.Normal && (r.tall() || advance(r.text()) > line)
}

// lines is how many lines the value takes in a narrow column, at least.
func (r ReviewRow) lines() string {
	const column = 24 // ems
	n := 0
	for line := range strings.SplitSeq(r.text(), "\n") {
		n += 1 + int(advance(line))/column
	}
	return strconv.Itoa(min(n, 12))
}

// Label is what people call the value.
func (r ReviewRow) Label() string { return placeLabel(r.Value.Field) }

// about is the ids of what says why the value is doubtful.
func (r ReviewRow) about() string {
	if len(r.Common) > 0 && r.Value.Doubtful() {
		return "review-common " + r.reasons()
	}
	return r.reasons()
}

// reasons are the ids of why the value is doubtful, and of the rules that it breaks
// while somebody types it.
func (r ReviewRow) reasons() string { return r.id() + "-why " + r.id() + "-live" }

// placeLabel names a field; a cell says its row too.
func placeLabel(f form.Field) string {
	if f.Table == "" {
		return f.Title()
	}
	return fmt.Sprintf("%s %d · %s", f.TableTitle, f.Row, f.Title())
}

// mark is what the row says of itself, by word and icon.
func (r ReviewRow) mark() string {
	switch c := r.Value.Latest(); {
	case r.Value.Keyed.Others():
		return "keyed"
	case r.Value.Doubtful():
		return "doubtful"
	case c == nil:
		return "read"
	case c.Mark != "":
		return "marked"
	case c.Accepted:
		return "accepted"
	default:
		return "corrected"
	}
}

func (r ReviewRow) markIcon() string {
	return map[string]string{"keyed": "waiting", "doubtful": "review", "read": "read", "accepted": "done", "corrected": "edit", "marked": "edit"}[r.mark()]
}

// sure says how sure the machine is of a value; empty where a person has said
// something else, or where the figure is high and the value doubtful for another
// reason than the reading itself.
func (r ReviewRow) sure(ctx context.Context) string {
	const high = .95
	if r.mark() == "corrected" || r.Value.Doubtful() && r.Value.Reading.Confidence >= high {
		return Say(ctx, "review.history")
	}
	return Say(ctx, "review.sure", "Percent", percent(r.Value.Reading.Confidence))
}

// percent writes a probability as people read it. What is not certain is
// never 100 %.
func percent(p float64) string {
	return strconv.Itoa(min(99, max(1, int(p*100)))) + " %"
}

// Points writes the corners of q as "x,y x,y x,y x,y".
func Points(q geom.Quad) string {
	var b strings.Builder
	for i, p := range q {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%.1f,%.1f", p.X, p.Y)
	}
	return b.String()
}

// clock writes a time of day or, of another day, the day.
func clock(t time.Time) string {
	t = t.Local()
	if now := time.Now(); t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}

func checkedWord(checked bool) string {
	if checked {
		return "review.checked"
	}
	return "review.unchecked"
}
