package views

import "github.com/seosik/seosik/internal/form"

// A HistoryPage is a part of the list of all pages.
type HistoryPage struct {
	Frame
	Template  string  // value of the chosen one
	Templates []Group // by domain
	State     form.State
	From, To  string // days, 2026-11-22; may be empty
	Name      string
	Again     Again  // of unmatched pages, when those are listed
	Failed    Failed // pages, when those are listed
	Pages     []PageRow
	Older     string // address of the next part; empty on the last one
	Newest    string // address of the first part; empty on it
}

// filtered reports whether only some of the pages are asked for.
func (m HistoryPage) filtered() bool {
	return m.Template != "" || m.State != "" || m.From != "" || m.To != "" || m.Name != ""
}
