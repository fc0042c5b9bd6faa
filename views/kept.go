package views

import (
	"encoding/base64"
	"strings"

	"github.com/a-h/templ"

	"github.com/seosik/seosik/internal/form"
)

// initial is what the value is without what was typed.
func (r ReviewRow) initial() string {
	if r.Conflict {
		return r.Typed
	}
	return r.Value.Text()
}

func (r ReviewRow) initialTick() bool {
	if r.Conflict {
		return r.Ticked
	}
	return r.Value.Checked()
}

// kept is what scripts are told of a row that a person has still to settle.
func (r ReviewRow) kept() templ.Attributes {
	return templ.Attributes{
		"data-open": !r.Value.Doubtful() && (r.Left || r.Conflict || len(r.LeftBy) > 0),
		"data-left": r.Left,
		"data-ask":  r.Ask,
	}
}

// others names who else has typed something and not accepted it.
func (r ReviewRow) others() string { return strings.Join(r.LeftBy, ", ") }

// markKeys are the keys that say each mark.
var markKeys = map[form.Mark]string{form.MarkIllegible: "F4", form.MarkEmpty: "⇧F4", form.MarkNotApplicable: "F6"}

// wrongAgain says what is wrong where somebody could not log in again: here, or
// elsewhere.
func wrongAgain(f Frame) string {
	if f.Provider == "" {
		return "login.wrong"
	}
	return "relogin.not_yet"
}

func outboxKey(f Frame) string { return base64.StdEncoding.EncodeToString(f.Outbox) }
