package views

import (
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A Trash is a part of the list of what is in the trash.
type Trash struct {
	Frame
	Pages []TrashRow
	First bool   // part of the list
	Older string // address of the next part; empty on the last one
}

// A TrashRow is a page in the trash.
type TrashRow struct {
	Page     form.PageID
	Name     string // of the file
	Label    string // of its number
	State    form.State
	Template string // name; empty for none
	By       string // who put it there; empty for who is no person
	At       time.Time
	Gone     time.Time // when it is deleted for good
}
