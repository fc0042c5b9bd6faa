package views

import (
	"strconv"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A SubmissionRow is a line of a list of submissions.
type SubmissionRow struct {
	ID        form.SubmissionID
	Name      string // of its first document
	Documents int
	Counts    []Count
	At        time.Time
	By        string // who uploaded it; empty for the API
}

func (s SubmissionRow) path() string { return SubmissionPath(s.ID) }

// SubmissionPath returns the address of a submission.
func SubmissionPath(id form.SubmissionID) string {
	return "/submissions/" + strconv.FormatInt(int64(id), 10)
}

// A Submission is the page on which people see how what they uploaded is read.
type Submission struct {
	Frame
	ID      form.SubmissionID
	At      time.Time
	By      string    // who uploaded it; empty for the API
	Pages   []PageRow // by document and number
	Working bool      // the machine has not finished, or may find more pages
}

// counts returns how many of the pages are in each state. They add up to
// len(m.Pages).
func (m Submission) counts() []Count {
	n := make(map[form.State]int)
	for _, p := range m.Pages {
		n[p.State]++
	}
	return Counts(n)
}

// finished returns how many pages the machine has finished with.
func (m Submission) finished() int {
	n := 0
	for _, p := range m.Pages {
		if p.State.Final() {
			n++
		}
	}
	return n
}

// searching reports whether all pages found are finished and the machine looks
// for more of them.
func (m Submission) searching() bool { return m.Working && m.finished() == len(m.Pages) }

// next returns the address of the first page that needs a person, or "".
func (m Submission) next() string {
	for _, p := range m.Pages {
		if p.State.NeedsPerson() {
			return p.path()
		}
	}
	return ""
}

func (m Submission) path() string { return SubmissionPath(m.ID) }
