package form

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// Settings say what the programs of a domain may do. Zero limits are none.
type Settings struct {
	Tables    bool   // General calls may ask for tables
	Beta      bool   // who asks for a template gets its version in beta
	Cells     bool   // answers have the cells of tables among the fields
	FetchURLs bool   // calls may name the address of a file
	Together  int    // calls at the same time
	Quota     int    // calls a calendar month
	PerMinute int    // requests a minute
	Webhook   string // URL that is told of pages; empty for none
	Illegible string // what files say where nobody can read what stands there; may be empty
}

const (
	maxDomainName = 50 // characters
	maxURL        = 2000
	maxCalls      = 1_000_000_000
	maxIllegible  = 20 // characters
)

// Check returns an *InvalidError where d cannot be kept.
func (d *Domain) Check() error {
	if n := utf8.RuneCountInString(d.Name); n == 0 || n > maxDomainName {
		return Invalid("name", "must have 1 to %d characters", maxDomainName)
	}
	if err := checkVisible("name", d.Name); err != nil {
		return err
	}
	if err := CheckLanguages(d.Languages); err != nil {
		return err
	}
	s := &d.Settings
	if s.Together < 0 || s.Together > maxCalls {
		return Invalid("together", "must be 0 to %d", maxCalls)
	}
	if s.Quota < 0 || s.Quota > maxCalls {
		return Invalid("quota", "must be 0 to %d", maxCalls)
	}
	if s.PerMinute < 0 || s.PerMinute > maxCalls {
		return Invalid("per_minute", "must be 0 to %d", maxCalls)
	}
	if utf8.RuneCountInString(s.Illegible) > maxIllegible {
		return Invalid("illegible", "must have at most %d characters", maxIllegible)
	}
	if s.Illegible != "" {
		if err := checkVisible("illegible", s.Illegible); err != nil {
			return err
		}
	}
	return CheckURL("webhook", s.Webhook)
}

// CheckURL returns an *InvalidError where address is not empty, and not one
// that can be sent to. Whether it may be is seen when it is.
func CheckURL(where, address string) error {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || len(address) > maxURL || u.Hostname() == "" || strings.ContainsAny(address, " \t\r\n"):
		return Invalid(where, "must be an address such as https://example.com/check")
	case u.Scheme != "http" && u.Scheme != "https":
		return Invalid(where, "must begin with http:// or https://")
	case u.User != nil:
		return Invalid(where, "must not hold a user name or password")
	}
	return nil
}

// A Verdict is what an external validation said of a page.
type Verdict string

// The verdicts, in the words of the protocol.
const (
	Unchecked   Verdict = "UNCHECKED" // it gave no answer that can be understood
	Valid       Verdict = "VALID"
	NotValid    Verdict = "INVALID"
	CheckFailed Verdict = "ERROR" // it could not tell
)

// A Validation is a verdict with what was said about it. Its zero value means
// that nobody was asked.
type Validation struct {
	Verdict Verdict
	Message string
}
