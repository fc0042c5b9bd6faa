package reader

import (
	"slices"
	"strings"
	"unicode"

	"github.com/seosik/seosik/internal/form"
)

// Boxes are often drawn around what is printed for a field too. On a blank that
// is print and no matter. Where the template is a filled copy, or a program has
// set the form anew, what was printed lies elsewhere on each page, and is read
// as if it were written. It is known by the field's own name.

const (
	// mostCaption is how many words a caption has at most.
	mostCaption = 3
	// leastCaption is how many letters it has at least: two where each is a
	// syllable, and three in Latin letters.
	leastCaption, leastLatin = 2, 3
)

// withoutCaption returns the words of a field of a name without its caption, and
// without lines before that which begin with the caption of another field. It
// reports whether there was one. Words of a caption end in a colon, which readers
// take for a point.
func withoutCaption(words []form.Word, name string) ([]form.Word, bool) {
	from := 0 // of the line
	for i, w := range words {
		if n := captionOf(words[from:i+1], name); n > 0 && i+1 < len(words) {
			return words[i+1:], true
		}
		if w.LineBreak {
			if !captioned(words[from : i+1]) {
				return words, false // a value
			}
			from = i + 1
		}
	}
	return words, false
}

// captioned reports whether line begins with a caption of any field.
func captioned(line []form.Word) bool {
	return slices.ContainsFunc(line[:min(len(line), mostCaption)], func(w form.Word) bool { return strings.HasSuffix(w.Text, ":") })
}

// captionOf returns how many words line has if they are the caption of a field of
// a name, or 0.
func captionOf(line []form.Word, name string) int {
	if len(line) > mostCaption || !strings.HasSuffix(line[len(line)-1].Text, ":") && !strings.HasSuffix(line[len(line)-1].Text, ".") {
		return 0
	}
	letters := lettersOf(joined(line))
	least := leastLatin
	if strings.ContainsFunc(letters, func(r rune) bool { return r > unicode.MaxLatin1 }) {
		least = leastCaption
	}
	if len([]rune(letters)) < least || !strings.Contains(lettersOf(name), letters) {
		return 0
	}
	return len(line)
}

// lettersOf returns the letters of s, small.
func lettersOf(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
