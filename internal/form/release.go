package form

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// MaxNote is how many characters a note may have.
const MaxNote = 1000

// CheckNote returns note as it is kept: without what nobody sees, and without
// spaces around it. It returns an InvalidError where it is too long.
func CheckNote(note string) (string, error) {
	note = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && !unicode.IsGraphic(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(note, "")))
	if utf8.RuneCountInString(note) > MaxNote {
		return "", Invalid("note", "is longer than %d characters", MaxNote)
	}
	return note, nil
}

// A Release is one of the times that a version of a template went from one stage
// to another.
type Release struct {
	Version  int
	From, To Stage      // empty where nobody knows any more
	MadeWay  int        // for the version that took its place; 0 where it was meant
	Note     string     // may be empty
	DryRun   *DryResult // of what was released; nil where it was released without one
	Actor    ActorKind
	By       string // of a person
	At       time.Time
}
