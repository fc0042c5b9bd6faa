package vote

import (
	"regexp"
	"strings"
)

// wons is the sign that stands where an engine reads a backslash before a
// figure: the two share a code in the old character sets of these languages.
var wons = map[string]string{"ja": "¥", "ko": "₩"}

// wonAmount is an amount whose sign of money is read as the letter below it.
var wonAmount = regexp.MustCompile(`^W[0-9]{1,3}(,[0-9]{3})+$`)

// Letters that stand where only a digit makes sense, and the digits of the
// same shape; and a figure that begins a word of small letters.
var (
	figure     = regexp.MustCompile(`^[(+]?[0-9OolI|]+([-./,:)][0-9OolI|]+)*[)]?$`)
	likeDigits = strings.NewReplacer("O", "0", "o", "0", "l", "1", "I", "1", "|", "1")
	ohWord     = regexp.MustCompile(`^0[a-z]{2,}$`)
	ordinal    = regexp.MustCompile(`^([0-9OlIS]+)(st|nd|rd|th)$`)
	leaning    = regexp.MustCompile(`^(/[0-9]{3,}|\[[0-9]{2,})$`)
	number     = regexp.MustCompile(`^[Nn]0[.:]`)
	ofNothing  = regexp.MustCompile(`^0(?:kg|mg|mm|cm|km|ml|dl|kw|px|pt|hz|am|pm|hrs?|days?|ppm|pcs|kcal)$`)
)

// An e-mail address, in which a point may be read as a comma, and words of which
// it may fall apart.
var (
	email          = regexp.MustCompile(`^[A-Za-z0-9_%+-]+([.,][A-Za-z0-9_%+-]+)*@([A-Za-z0-9-]+[.,])+[A-Za-z]{2,}$`)
	endsInMark     = regexp.MustCompile(`[.,_@-]$`)
	beginsWithMark = regexp.MustCompile(`^[.,_@-]`)
)

// asEmail returns the words of a line as one where they are an e-mail address,
// which has neither white space nor commas, and whose host is in small letters.
func asEmail(words []Word) []Word {
	var text strings.Builder
	for i, w := range words {
		if i > 0 && !endsInMark.MatchString(words[i-1].Text) && !beginsWithMark.MatchString(w.Text) {
			return words // a word and an address
		}
		text.WriteString(w.Text)
	}
	if strings.Count(text.String(), "@") != 1 || !email.MatchString(text.String()) {
		return words
	}
	one := words[0]
	for _, w := range words[1:] {
		one = merged(one, w)
	}
	name, host, _ := strings.Cut(strings.ReplaceAll(text.String(), ",", "."), "@")
	one.Text = name + "@" + strings.ToLower(host)
	return []Word{one}
}

// thousands is a figure in groups of three, of which a comma may be read as
// another mark, and what stands before and behind it.
var thousands = regexp.MustCompile(`^([^0-9]?)([0-9]{1,3}(?:[.,:;'r/][0-9]{3})+)([^0-9]*)$`)

// cents is an amount with a comma that may have been read as another mark, and
// decimals behind it.
var cents = regexp.MustCompile(`^([^0-9]?[0-9]{1,3})[:;'r/]([0-9]{3}\.[0-9]{2})$`)

// withCommas returns s, a word, with the marks between its groups of three
// digits made commas where that is certain: where one was read, or where two
// cannot both be the point before the decimals. A point that comes last behind
// commas may be one. Four numbers of three digits may be an address of the
// internet.
func withCommas(s string) string {
	if m := cents.FindStringSubmatch(s); m != nil {
		return m[1] + "," + m[2]
	}
	m := thousands.FindStringSubmatch(s)
	if m == nil {
		return s
	}
	if fraction := m[1] == "" && m[3] == "" && strings.Count(m[2], "/") == 1 && !strings.HasSuffix(m[2], "000"); fraction {
		return s // one of 250, 85 of 100
	}
	commas := strings.Count(m[2], ",")
	marks := strings.Count(commaMarks.Replace(m[2]), ",") - commas
	decimal := marks == 1 && strings.LastIndexByte(m[2], '.') > strings.LastIndexByte(m[2], ',')
	if marks == 0 || commas == 0 && marks == 3 || decimal {
		return s
	}
	return m[1] + commaMarks.Replace(m[2]) + m[3]
}

// commaMarks makes what a comma may be read as one.
var commaMarks = strings.NewReplacer(".", ",", ":", ",", ";", ",", "'", ",", "r", ",", "/", ",")

// Initial returns s, which is all that stands in a field, as a capital where it
// is a letter that may be one: a class, a grade or an initial.
func Initial(s string) string {
	if len(s) == 1 && strings.Contains("ckopsuvwxz", s) {
		return strings.ToUpper(s)
	}
	return s
}

// withDigits returns s, a word, with letters made digits where it is a figure:
// where it has more digits than letters, and no letters but such as are written
// like digits, or the ordinal of one. In a word of small letters it is the other
// way round.
func withDigits(s string) string {
	digits, letters := 0, 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case strings.ContainsRune("OolI|", r):
			letters++
		}
	}
	if m := ordinal.FindStringSubmatch(s); m != nil {
		if n := strings.ReplaceAll(likeDigits.Replace(m[1]), "S", "5"); n[0] != '0' && ending(n) == m[2] {
			return n + m[2]
		}
	}
	switch {
	case leaning.MatchString(s): // a one that leans, or has serifs
		return "1" + s[1:]
	case number.MatchString(s):
		return s[:1] + "o" + s[2:]
	case letters > 0 && letters < digits && figure.MatchString(s):
		return likeDigits.Replace(s)
	case ohWord.MatchString(s) && !ofNothing.MatchString(s):
		return "O" + s[1:]
	}
	return s
}

// ending returns that of the ordinal of a number in English.
func ending(number string) string {
	last := number[len(number)-1]
	teen := len(number) > 1 && number[len(number)-2] == '1'
	if i := strings.IndexByte("123", last); i >= 0 && !teen {
		return []string{"st", "nd", "rd"}[i]
	}
	return "th"
}

// repaired returns s, a word read in a form of the given language, without
// what surely is not on paper: full-width letters, digits and signs become plain
// ones, a backslash, or a W, before a figure a sign of money, and letters within
// a figure digits.
func repaired(s, language string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '￥':
			return '¥'
		case r == '￦':
			return '₩'
		}
		return r
	}, s)
	if language == "ko" && wonAmount.MatchString(s) {
		s = "₩" + s[1:]
	}
	if sign, ok := wons[language]; ok && len(s) > 1 && s[0] == '\\' && s[1] >= '0' && s[1] <= '9' {
		s = sign + s[1:]
	}
	return withCommas(withDigits(s))
}
