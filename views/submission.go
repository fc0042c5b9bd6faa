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
	ID       form.SubmissionID
	At       time.Time
	By       string       // who uploaded it; empty for the API
	Counts   []Count      // of all its pages
	Working  bool         // the machine has not finished, or may find more pages
	Trouble  form.Trouble // what keeps all pages from being read for now; mostly empty
	Next     form.PageID  // the first page that needs a person; 0 if none does
	Revision int64        // rises with every change that is seen here

	Pages   []PageRow   // a part of them, by document and number
	After   form.PageID // that they follow; 0 for the first part
	Further form.PageID // that the next part follows; 0 for the last part
}

// Total returns the number of pages found.
func (m Submission) Total() (n int) {
	for _, c := range m.Counts {
		n += c.Pages
	}
	return n
}

// finished returns how many pages the machine has finished with.
func (m Submission) finished() (n int) {
	for _, c := range m.Counts {
		if c.State.Final() {
			n += c.Pages
		}
	}
	return n
}

// searching reports whether all pages found are finished and the machine looks
// for more of them.
func (m Submission) searching() bool { return m.Working && m.finished() == m.Total() }

func (m Submission) path() string { return SubmissionPath(m.ID) }

// newsPath returns where this part asks what is new on it.
func (m Submission) newsPath() string { return m.path() + "/pages" + after(m.After) }

// after returns the query of the part that follows a page.
func after(id form.PageID) string {
	if id == 0 {
		return ""
	}
	return "?after=" + strconv.FormatInt(int64(id), 10)
}
