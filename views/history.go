package views

import (
	"context"
	"strconv"
	"strings"

	"github.com/seosik/seosik/internal/form"
)

// A HistoryPage is a part of the list of all pages.
type HistoryPage struct {
	Frame
	Template  string  // value of the chosen one
	Templates []Group // by domain
	State     form.State
	People    []Option
	Assignees []Option // who may review
	From, To  string   // days, 2026-11-22; may be empty
	Name      string   // of the file: a part
	Value     string   // a part of one
	Filter    string   // all of these, as the query of an address; words by what they are called
	Views     []SavedView
	Again     Again  // of unmatched pages, when those are listed
	Failed    Failed // pages, when those are listed

	Forgotten bool // what was looked for is kept no more: nothing is listed
	Count     int  // of all parts
	More      bool // than Count
	Unindexed int  // pages that are not found yet by what is new about them
	Pages     []PageRow
	Matches   map[form.PageID][]Match // where a value is looked for

	// Addresses of other parts; empty where there is none.
	Newest, Newer, Older, Oldest string
}

// A Match is a value that holds what is looked for.
type Match struct {
	Field form.Field
	Text  string
	Read  string // by the machine
	Sight form.Sight
	Look  string // where it is told once somebody looks at it; empty where it is told
	Name  string // by which it is found there
}

func (m Match) veil() Veil {
	return Veil{Sight: m.Sight, Of: m.Field, Text: m.shown(), Look: m.Look, Name: m.Name}
}

// shownMatches are how many are shown of a page: a line.
const shownMatches = 2

// A SavedView is a filter under a name.
type SavedView struct {
	ID     int64
	Name   string
	By     string
	Mine   bool
	Shared bool
}

func (v SavedView) path() string { return "/views/" + strconv.FormatInt(v.ID, 10) }

// filtered reports whether only some of the pages are asked for.
func (m HistoryPage) filtered() bool { return m.Filter != "" }

// words reports whether something is looked for that may say who is meant.
func (m HistoryPage) words() bool { return m.Name != "" || m.Value != "" }

// counted says how many pages there are.
func (m HistoryPage) counted(ctx context.Context) string {
	if m.More {
		return Say(ctx, "history.count_more", "Number", grouped(m.Count))
	}
	return Say(ctx, "history.count", "Count", m.Count, "Number", grouped(m.Count))
}

// grouped writes n with commas.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// shown returns the text of the match, as far as there is room.
func (m Match) shown() string {
	text := []rune(strings.Join(strings.Fields(m.Text), " "))
	if len(text) > 60 {
		text = append(text[:60:60], '…')
	}
	return string(text)
}

// read returns what the machine read instead, or an empty string.
func (m Match) read() string {
	if m.Read == m.Text {
		return ""
	}
	return Match{Text: m.Read}.shown()
}

// A BulkQuestion asks whether something is really to be done with many pages.
type BulkQuestion struct {
	Frame
	Act    string
	To     form.UserID // who gets the pages; 0 for everybody
	ToName string
	Pages  int
	Filter string
	All    bool          // that the filter chooses
	Chosen []form.PageID // or else these
	Typed  bool          // the number of pages is to be typed
	Wrong  string        // id of words
}

// act returns what is asked, as words are called.
func (m BulkQuestion) act() string {
	if m.Act == "assign" && m.To == 0 {
		return "assign_all"
	}
	return m.Act
}

// A BulkProgress says how far something is that is done with many pages.
type BulkProgress struct {
	Frame
	ID                   int64
	Act                  string
	Total, Done, Skipped int
	Finished             bool
}

func (m BulkProgress) path() string { return "/bulk/" + strconv.FormatInt(m.ID, 10) }
