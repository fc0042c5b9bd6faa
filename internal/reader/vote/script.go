package vote

import (
	"slices"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/traditionalchinese"

	"github.com/seosik/seosik/internal/ocr"
)

// stands reports whether s may stand in a form in a language: in Japan and
// Taiwan, whether the national character set has it. A second reader may know
// the characters of China too, which are often nearly the same. Elsewhere
// anything may stand.
func stands(s, language string) bool {
	var (
		coded string
		err   error
	)
	switch language {
	case "ja":
		_, err = japanese.ShiftJIS.NewEncoder().String(s)
	case "zh-TW":
		coded, err = traditionalchinese.Big5.NewEncoder().String(s)
	}
	return err == nil && !ofHongKong(coded)
}

// ofHongKong reports whether text in Big5 has characters that were added to it
// in Hong Kong, many of China among them. They lie before and behind those of
// Taiwan, and between its two levels.
func ofHongKong(big5 string) bool {
	for i := 0; i < len(big5); i++ {
		if big5[i] < 0x80 {
			continue
		}
		if i++; i == len(big5) {
			return true
		}
		switch code := int(big5[i-1])<<8 | int(big5[i]); {
		case code < 0xa140, code > 0xc67e && code < 0xc940, code > 0xf9d5:
			return true
		}
	}
	return false
}

// inScript returns text with characters that cannot stand in a form in a
// language replaced by the likeliest that can, where one was read too. The
// score of the symbol is then that of both.
func inScript(text ocr.Text, language string) ocr.Text {
	text.Words = slices.Clone(text.Words)
	for i := range text.Words {
		w := &text.Words[i]
		if stands(w.Text, language) {
			continue
		}
		w.Symbols = slices.Clone(w.Symbols)
		w.Text = ""
		for k := range w.Symbols {
			w.Symbols[k] = standing(w.Symbols[k], language)
			w.Text += w.Symbols[k].Text
		}
	}
	return text
}

// leastTwin is the score that an alternative has at least that is the same
// character as it is written elsewhere.
const leastTwin = .01

// standing returns s, or its first alternative that can stand in a form.
func standing(s ocr.Symbol, language string) ocr.Symbol {
	if stands(s.Text, language) {
		return s
	}
	for i, a := range s.Alternatives {
		if a.Confidence >= leastTwin && stands(a.Text, language) {
			s.Text, s.Confidence = a.Text, min(1, s.Confidence+a.Confidence)
			s.Alternatives = slices.Delete(slices.Clone(s.Alternatives), i, i+1)
			return s
		}
	}
	return s
}
