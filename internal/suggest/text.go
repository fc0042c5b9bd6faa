package suggest

import (
	"cmp"
	"image"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A phrase is a line of print that was read.
type phrase struct {
	text string
	box  image.Rectangle
	size int // its height, pixels
}

const (
	maxLabel   = 60  // characters of a label
	alikeSizes = 2.2 // of the parts of one line
)

// printed returns what was read in a line of print: single letters that are spread
// over it are put together, and the mark of postcodes is in words.
func printed(text string) string {
	text = strings.ReplaceAll(norm.NFC.String(text), "〒", "郵便番号 ")
	return joinLetters(strings.Join(strings.Fields(text), " "))
}

// joinLetters takes out the spaces between single letters.
func joinLetters(text string) string {
	words := strings.Split(text, " ")
	joined := words[0]
	for i, w := range words[1:] {
		if !isLetter(w) || !isLetter(words[i]) {
			joined += " "
		}
		joined += w
	}
	return joined
}

// beside reports whether two words stand in one line.
func beside(a, b image.Rectangle) bool {
	shared := min(a.Max.Y, b.Max.Y) - max(a.Min.Y, b.Min.Y)
	low, high := min(a.Dy(), b.Dy()), max(a.Dy(), b.Dy())
	return 2*shared >= low && float64(high) <= alikeSizes*float64(max(low, high/3))
}

// isLetter reports whether s is one letter of a script that needs no spaces.
func isLetter(s string) bool {
	rs := []rune(s)
	return len(rs) == 1 && unicode.In(rs[0], unicode.Hangul, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// inLines returns phrases in the order in which they are read, joined.
func inLines(ps []phrase) string {
	sorted := slices.Clone(ps)
	slices.SortStableFunc(sorted, func(a, b phrase) int {
		if beside(a.box, b.box) {
			return cmp.Compare(a.box.Min.X, b.box.Min.X)
		}
		return cmp.Compare(a.box.Min.Y, b.box.Min.Y)
	})
	var texts []string
	for _, p := range sorted {
		texts = append(texts, p.text)
	}
	return joinLetters(strings.Join(texts, " ")) // also of letters below each other
}

var (
	bullets = regexp.MustCompile(`^(?:[\s※*·•●○■□◆◇▶▷►☐✓√|_.,:;~'"` + "`" + `-]+|[①-⑳㉠-㉻]\s*|\(?(?:\d{1,2}[a-z]?|[가나다라마바사아자차카타파하]|[IVX]{1,4})[.)]\s*)`)
	numbers = regexp.MustCompile(`^\d{1,2}[a-z]?\s+`) // "2 Business name": of a line of the form
	endings = regexp.MustCompile(`[\s:：*＊.,;·_~|►▶▷>-]+$`)
	notes   = regexp.MustCompile(`\s*[(（][^()（）]{12,}[)）]`)
	spaces  = regexp.MustCompile(`\s+`)
)

// clean makes a name of what is printed: without numbers, bullets, colons
// and long remarks. It may be empty.
func clean(text string) string {
	text = spaces.ReplaceAllString(strings.Map(printable, text), " ")
	for {
		next := strings.TrimSpace(endings.ReplaceAllString(bullets.ReplaceAllString(text, ""), ""))
		if next == text {
			break
		}
		text = next
	}
	if short := numbers.ReplaceAllString(text, ""); hasLetters(short) {
		text = short
	}
	if short := notes.ReplaceAllString(text, ""); hasLetters(short) {
		text = short
	}
	if before, _, ok := strings.Cut(text, ". "); ok && len([]rune(text)) > maxLabel/2 && len([]rune(before)) > 3 {
		text = before // "City or town. If you have a foreign address, …"
	}
	if rs := []rune(text); len(rs) > maxLabel {
		text = string(rs[:maxLabel])
		if i := strings.LastIndexByte(text, ' '); i > maxLabel/3 {
			text = text[:i]
		}
	}
	return strings.TrimSpace(strings.TrimLeft(text, "#"))
}

// printable keeps what a name may have.
func printable(r rune) rune {
	switch {
	case r == '[' || r == '{':
		return '('
	case r == ']' || r == '}':
		return ')'
	case unicode.IsSpace(r):
		return ' '
	case !unicode.IsGraphic(r) || r == unicode.ReplacementChar:
		return -1
	}
	return r
}

func hasLetters(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }
