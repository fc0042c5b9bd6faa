package views

import "github.com/seosik/seosik/internal/form"

// An ExportForm is the page on which values are downloaded.
type ExportForm struct {
	Frame
	Parts    []Group // what can be written: the fields of a template, or one of its tables
	From, To string  // days, 2026-11-22; may be empty
	States   []form.State
	Wrong    string // id of words; empty if nothing is
}

// ExportStates lists the states whose pages have values.
var ExportStates = []form.State{form.StateDone, form.StateReview}

func (m ExportForm) has(s form.State) bool {
	for _, chosen := range m.States {
		if chosen == s {
			return true
		}
	}
	return false
}
