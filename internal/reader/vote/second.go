package vote

// latinLead is by how much the second reader may be less sure of Latin letters
// and digits, in the units of odds: chosen on drawn lines on which the two
// disagree.
const latinLead = .3

// unknownLead is by how much the second reader must be surer, in the units of
// odds, where the first has read characters that it cannot read: it then
// reads what looks most like them, and is sure of it. The models that come with
// Seosik lack rare characters, others may lack common ones.
const unknownLead = 1.2

// knows reports whether text can come out of the reader of k at all.
func (k Look) knows(text string) bool { return k.Alphabet.knows(text) }

// hangulAsChinese reports whether k has Chinese characters where a reader of
// Latin letters was asked for a line that may be Hangul.
func (k Look) hangulAsChinese(language string) bool {
	return language == "ko" && k.Language == "en" && foreign(squeezed(k.Text))
}

// taught reports whether k was read by a model of the language of the form,
// which knows where that has spaces.
func (k Look) taught() bool { return k.Second && k.Language != "en" }

// sureness returns how sure the second reader is of what it has read in a form
// in a language, from 0 to 1, and -1 for what cannot be.
func (k Look) sureness(language string) float64 {
	if k.hangulAsChinese(language) {
		return -1
	}
	return k.LeastWord()
}

// better reports whether k, of the second reader, is likelier right than what
// the first one has read in a form in a language.
func (k Look) better(first Look, language string) bool {
	text, firstText := squeezed(k.Text), squeezed(first.Text)
	switch {
	case k.hangulAsChinese(language):
		return false
	case firstText == "": // rather doubtful than nothing
		return true
	case !stands(text, language):
		return false
	}
	own, other := Odds(k.LeastWord()), Odds(first.LeastWord())
	if !k.knows(firstText) {
		other += unknownLead
	}
	if k.taught() { // by hand too
		common, length := inCommon(first, k)
		return own > other-k.lead(first, common, length)
	}
	if !foreign(text) && !foreign(firstText) {
		return own+latinLead > other
	}
	// A character that it does not know it leaves out, and is sure of the rest.
	return own > other && len([]rune(text)) >= len([]rune(firstText))
}
