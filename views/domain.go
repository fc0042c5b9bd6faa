package views

import (
	"slices"
	"strconv"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A DomainPage is a domain with all that can be set.
type DomainPage struct {
	Frame
	Domain    form.Domain // as typed, where it could not be saved
	InvokeURL string
	Fetches   bool // the server fetches images at all
	Calls     int  // this month
	Untold    int  // notices that the webhook has not got
	Templates []*form.Template
	Secrets   []SecretRow // that are good, the newest first
	Inbox     *Inbox      // nil where the server has none
	Secret    *NewSecret  // shown once, after it was made; otherwise nil
	Wrong     string      // what is wrong with what was to be saved
	Saved     bool        // what was to be saved
}

// A SecretRow is what is known of a secret.
type SecretRow struct {
	CreatedAt time.Time
	ExpiresAt time.Time // zero for never
}

// replaced reports whether secrets are good for a while yet that were replaced.
func (m DomainPage) replaced() bool {
	return slices.ContainsFunc(m.Secrets, func(s SecretRow) bool { return !s.ExpiresAt.IsZero() })
}

// Keeps lists for how many hours a replaced secret may stay good.
var Keeps = []int{0, 1, 24, 7 * 24, 30 * 24}

// usualKeep is chosen where nobody chooses.
const usualKeep = 24 // hours

func domainPath(id form.DomainID, more string) string {
	return "/domains/" + strconv.FormatInt(int64(id), 10) + more
}

// keepWords returns the words for a number of hours.
func keepWords(hours int) (id string, n int) {
	switch {
	case hours == 0:
		return "domain.keep_none", 0
	case hours < 24:
		return "domain.keep_hours", hours
	default:
		return "domain.keep_days", hours / 24
	}
}

// orNone returns a limit as it is typed: nothing for none.
func orNone(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
