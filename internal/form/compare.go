package form

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
)

// A Held is what a field holds, as the machine read it or as a person said.
type Held struct {
	Text    string
	Checked bool // of a checkbox
}

// Marked returns what a checkbox holds that is marked, or is not.
func (f *Field) Marked(marked bool) Held {
	if marked {
		return Held{f.CheckedText, true}
	}
	return Held{f.UncheckedText, false}
}

// Held returns what r says that its field holds.
func (r *Reading) Held() Held { return Held{r.Text, r.Checked} }

// Same reports whether a and b are the same in f: of a checkbox the mark, of all
// else the text, where spaces, lines and the width of characters do not matter.
func (f *Field) Same(a, b Held) bool {
	if f.Kind == Checkbox {
		return a.Checked == b.Checked
	}
	return Plain(a.Text) == Plain(b.Text)
}

// A Comparison says whether a field is read better than before, by what it holds.
type Comparison string

// The comparisons.
const (
	Alike  Comparison = "same"   // right both times, or wrong both times
	Better Comparison = "better" // right, where it was wrong before
	Worse  Comparison = "worse"  // wrong, where it was right before
)

// Compare compares two readings of f with what it holds.
func (f *Field) Compare(holds, before, now Held) Comparison {
	return comparison(f.Same(holds, before), f.Same(holds, now))
}

func comparison(was, is bool) Comparison {
	switch {
	case is && !was:
		return Better
	case was && !is:
		return Worse
	}
	return Alike
}

// Fingerprint returns the SHA-256, in hexadecimal, of all that a page is read by
// with t: what its file says, its picture, and the lists that its rules name,
// which t has. Versions and drafts with the same one read alike.
func (t *Template) Fingerprint() (string, error) {
	definition, err := EncodeTemplate(t)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n", t.Image, definition)
	for _, name := range slices.Sorted(maps.Keys(t.Lists)) {
		fmt.Fprintf(h, "%q\n%s\n", name, t.Lists[name].Text())
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
