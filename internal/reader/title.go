package reader

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/seosik/seosik/internal/edit"
	"github.com/seosik/seosik/internal/form"
)

const (
	// sureTitle is the confidence from which a title that was read says that a
	// page is another form.
	sureTitle = .9
	// likeTitle is the share of its characters that a title has in common with
	// that of its template at least. Of titles of the bench that were misread,
	// logos among them, none that was sure had less.
	likeTitle = .5
)

// otherTitle reports whether the title that was read on a page surely is not
// that of the template. Forms of one office differ in little else.
func otherTitle(title form.Title, read form.Reading) bool {
	want, got := titleLetters(title.Text), titleLetters(read.Text)
	if len(want) == 0 || len(got) == 0 || read.Confidence < sureTitle {
		return false
	}
	longer := max(len(want), len(got))
	return 1-float64(edit.Distance(want, got, longer))/float64(longer) < likeTitle
}

// noTitle reports whether there surely is paper where a title should be.
func noTitle(title form.Title, read form.Reading) bool {
	return len(titleLetters(title.Text)) > 0 && read.Text == "" && read.Confidence >= sureTitle && len(read.Reasons) == 0
}

// otherForm is how sure what was read is at most on a page that has the title of
// another form.
const otherForm = .5

// doubt makes readings of places doubtful because the page has the title of
// another form: what stands in a field may then be the answer to another question.
// Where nothing stands there is no answer, and the page as a whole is looked at
// anyway.
func doubt(places []form.Field, readings []form.Reading) {
	for i := range readings {
		r := &readings[i]
		if blank := r.Text == "" || places[i].Kind == form.Checkbox && !r.Checked; blank && len(r.Reasons) == 0 {
			continue
		}
		r.Confidence = min(r.Confidence, otherForm)
		r.Reasons = append(r.Reasons, form.ReasonOtherForm)
	}
}

// titleLetters returns the letters and digits of s in small letters: titles are
// spaced out, and have signs around them.
func titleLetters(s string) []rune {
	var letters []rune
	for _, r := range norm.NFKC.String(strings.ToLower(s)) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letters = append(letters, r)
		}
	}
	return letters
}
