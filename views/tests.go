package views

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/seosik/seosik/internal/form"
)

// A TestsPage shows by which pages an edition of a template is tested, and one of
// them beside what was read there.
type TestsPage struct {
	Frame
	Template *form.Template // the edition that reads
	Editions []Edition      // that can be tested instead
	Defects  []string       // for which the edition cannot read
	List     TestList
	Wrong    string      // what is wrong with the files that were handed in; empty for nothing
	Chosen   *TestScreen // nil where there is none
	Files    int         // handed in at once, at most
	Bytes    int64       // of all of them, at most
}

// A TestList is all pages by which a template is tested, and how far reading them
// is.
type TestList struct {
	Tests       TestsAddress
	Cases       []TestLine // of which people said what they hold
	Samples     []TestLine
	Running     bool
	Done, Total int
	Trouble     form.Trouble // what ended the reading before its time
	Shown       form.CaseID  // 0 for none
	Waiting     form.CaseID  // Shown, where it was not read when it was drawn
}

// A TestsAddress is where the tests of an edition of a template are.
type TestsAddress struct {
	Template form.TemplateID
	Version  string // as the address says; empty where it does not
}

func (a TestsAddress) of(more string, pairs ...string) string {
	query := make(url.Values)
	if a.Version != "" {
		query.Set("version", a.Version)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	path := fmt.Sprintf("/templates/%d/tests%s", a.Template, more)
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// List returns the address of the list.
func (a TestsAddress) List() string { return a.of("") }

// Case returns the address of the list with a case shown.
func (a TestsAddress) Case(id form.CaseID) string { return a.of("", "case", caseNumber(id)) }

func (a TestsAddress) ofCase(id form.CaseID, more string, pairs ...string) string {
	return a.of("/"+caseNumber(id)+more, pairs...)
}

// Picture returns the address of the picture of a case that was read.
func (a TestsAddress) Picture(c form.Case) string {
	return a.ofCase(c.ID, "/picture", "read", c.Result.Fingerprint)
}

// caseNumber writes id; 0 for none is empty.
func caseNumber(id form.CaseID) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(int64(id), 10)
}

// A TestLine is a page by which a template is tested, in the list.
type TestLine struct {
	Case form.Case
	TestCount
}

// A TestCount says how the fields were read of which it is known what they hold.
type TestCount struct {
	Known, Right        int
	Worse, Better, Lost []string // names of fields; of those that are lost, what they hold is known and the edition has none such
	Wrong               []string // that are no worse than before
}

// CountTest counts the outcomes of a case.
func CountTest(outcomes []form.Outcome) (n TestCount) {
	for _, o := range outcomes {
		if o.Gone {
			n.Lost = append(n.Lost, o.Text)
			continue
		}
		n.Known++
		name := placeLabel(o.Place)
		switch {
		case o.Right:
			n.Right++
			if o.Change == form.Better {
				n.Better = append(n.Better, name)
			}
		case o.Change == form.Worse:
			n.Worse = append(n.Worse, name)
		default:
			n.Wrong = append(n.Wrong, name)
		}
	}
	return n
}

// icon names what is drawn for how the page was read: one for its state or, of a
// page of which nothing is known, that it was read.
func (l TestLine) icon() string {
	switch r := l.Case.Result; {
	case l.Case.Failure != "":
		return string(form.StateFailed)
	case r == nil:
		return string(form.StateWaiting)
	case !r.Read():
		return string(r.Page.State)
	case l.Known == 0:
		return "read"
	case l.Known == l.Right:
		return string(form.StateDone)
	}
	return string(form.StateReview)
}

// said says in words how the page was read, a part a line.
func (l TestLine) said(ctx context.Context) (lines []string) {
	if lines = l.unread(ctx); lines != nil {
		return lines
	}
	if l.Known > 0 {
		lines = append(lines, Say(ctx, "test.right", "Right", l.Right, "Count", l.Known))
	} else {
		lines = append(lines, Say(ctx, "test.nothing_said"))
	}
	for _, part := range []struct {
		id    string
		names []string
	}{{"test.worse", l.Worse}, {"test.wrong", l.Wrong}, {"test.better", l.Better}} {
		if n := len(part.names); n > 0 {
			lines = append(lines, Say(ctx, part.id, "Count", n, "Names", someOf(part.names)))
		}
	}
	if n := len(l.Lost); n > 0 {
		lines = append(lines, Say(ctx, "test.lost", "Count", n))
	}
	return lines
}

// unread says why there is nothing to compare, or nothing.
func (l TestLine) unread(ctx context.Context) []string {
	switch r := l.Case.Result; {
	case l.Case.Failure != "":
		return []string{Say(ctx, "failure."+string(l.Case.Failure))}
	case r == nil && l.Case.Before != nil:
		return []string{Say(ctx, "test.changed")}
	case r == nil:
		return []string{Say(ctx, "test.not_read")}
	case r.Page.State == form.StateUnmatched:
		return []string{Say(ctx, "state.unmatched")}
	case r.Page.State == form.StateFailed:
		return []string{Say(ctx, "failure."+string(r.Page.Failure))}
	}
	return nil
}

// sum returns the counts of all cases of l that were read.
func (l TestList) sum() (n TestCount) {
	for _, c := range l.Cases {
		n.Known += c.Known
		n.Right += c.Right
		n.Worse = append(n.Worse, c.Worse...)
		n.Better = append(n.Better, c.Better...)
	}
	return n
}

// A TestScreen is one page by which a template is tested, beside its values.
type TestScreen struct {
	Head  TestHead
	Image string // address of the picture; empty where there is none
	Rows  []TestRow
}

// A TestHead is what a page is and how it was read. It is drawn anew whenever
// something is said of a value.
type TestHead struct {
	Tests TestsAddress
	Line  TestLine
	Left  int    // values of which nobody has said whether they are right
	Next  string // address of the next page with such values; empty for none
}

func (h TestHead) result() *form.CaseResult { return h.Line.Case.Result }

// path is where the page is, whatever edition reads it.
func (h TestHead) path() string {
	return TestsAddress{Template: h.Tests.Template}.ofCase(h.Line.Case.ID, "")
}

func (h TestHead) seconds() string { return fmt.Sprintf("%.1f", h.result().Took.Seconds()) }

func (h TestHead) residual() string { return fmt.Sprintf("%.1f", h.result().Page.Residual) }

func (h TestHead) score() string { return percent(h.result().Page.Score) }

// A TestRow is a value of a page by which a template is tested. What a person
// said that it holds is its correction.
type TestRow struct {
	ReviewRow
	Tests       TestsAddress
	Case        form.CaseID
	Fingerprint string          // of what it was read by
	Change      form.Comparison // against what was read by something else before
}

// NewTestRow returns the row of a value that was read as r says.
func NewTestRow(a TestsAddress, c form.Case, row ReviewRow, outcome *form.Outcome) TestRow {
	r := TestRow{ReviewRow: row, Tests: a, Case: c.ID, Fingerprint: c.Result.Fingerprint, Change: form.Alike}
	if r.Crop.Address = ""; c.Result.Page.Image != "" {
		r.Crop.Address = a.ofCase(c.ID, "/crops/"+url.PathEscape(string(row.Value.Field.ID)), "read", r.Fingerprint)
	}
	if outcome != nil {
		r.Change = outcome.Change
		r.Value.Corrections = []form.Correction{{
			Field: outcome.Field, Text: outcome.Text, Checked: outcome.Checked, Accepted: outcome.Right,
			By: outcome.By, ByName: outcome.ByName, At: outcome.At,
		}}
	}
	return r
}

func (r TestRow) action() string { return r.Tests.ofCase(r.Case, "/values") }

// said reports whether a person has said what the field holds.
func (r TestRow) said() bool { return r.Value.Latest() != nil }

// verdict is the id of what is said of how it was read, or empty.
func (r TestRow) verdict() string {
	switch {
	case !r.said() && r.Value.Doubtful():
		return "review.mark_doubtful"
	case !r.said():
		return ""
	case r.Change == form.Better:
		return "test.mark_better"
	case r.Change == form.Worse:
		return "test.mark_worse"
	case !r.Value.Latest().Accepted:
		return "test.mark_wrong"
	}
	return ""
}

// Rank orders rows: what is read wrong first, then what is doubtful, then what
// nobody has said anything of, then what is right.
func (r TestRow) Rank() int {
	switch {
	case r.said() && !r.Value.Latest().Accepted:
		return 0
	case r.Value.Doubtful():
		return 1
	case !r.said():
		return 2
	}
	return 3
}

// A TestAnswer is what is drawn once something was said of a value: its row,
// the rows of which there is now something else to say, and what counts them.
type TestAnswer struct {
	Row    TestRow
	Others []ReviewRow
	Head   TestHead
	List   TestList
}

func joined(lines []string) string { return strings.Join(lines, " · ") }
