package views

import (
	"context"
	"strconv"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A PageRow is a line of a list of pages.
type PageRow struct {
	ID       form.PageID
	Document string // name of the file
	Label    string // of its number
	State    form.State
	Failure  form.Failure
	Trouble  form.Trouble // what keeps it from being read for now
	Template string       // name; empty if there is none
	Doubtful int          // values that nobody has looked at
	At       time.Time
	First    bool  // the first page of its document in the list
	Revision int64 // of its submission, when it changed last
}

// path returns the address of a page.
func (p PageRow) path() string { return pagePath(p.ID) }

func pagePath(id form.PageID) string { return "/pages/" + strconv.FormatInt(int64(id), 10) }

func (p PageRow) element() string { return "page-" + strconv.FormatInt(int64(p.ID), 10) }

// when returns t as office people write it, in the time of the machine.
func when(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

// A Count is how many pages are in a state.
type Count struct {
	State form.State
	Pages int
}

// Counts returns n in the order of the states, with those that no page is in.
func Counts(n map[form.State]int) []Count {
	counts := make([]Count, len(form.States))
	for i, s := range form.States {
		counts[i] = Count{s, n[s]}
	}
	return counts
}

// An Option is one of a list to choose from.
type Option struct {
	Value, Text string
	Chosen      bool
}

// A Group is options under a head.
type Group struct {
	Text    string
	Options []Option
}

// stateOptions returns the states to choose from.
func stateOptions(ctx context.Context, chosen form.State) []Option {
	options := []Option{{"", Say(ctx, "history.any_state"), chosen == ""}}
	for _, s := range form.States {
		options = append(options, Option{string(s), Say(ctx, "state."+string(s)), s == chosen})
	}
	return options
}
