package vote

import (
	"testing"

	"github.com/seosik/seosik/internal/ocr"
)

// scored returns a text of words parted by spaces, whose symbols have scores in
// tenths: "a9b2" is a at .9 and b at .2.
func scored(s string) ocr.Text {
	var text ocr.Text
	var w ocr.Word
	runes := []rune(s)
	end := func() {
		if w.Symbols != nil {
			text.Words = append(text.Words, w)
		}
		w = ocr.Word{}
	}
	for i := 0; i < len(runes); i++ {
		if runes[i] == ' ' {
			end()
			continue
		}
		w.Text += string(runes[i])
		w.Symbols = append(w.Symbols, ocr.Symbol{Text: string(runes[i]), Confidence: float64(runes[i+1]-'0') / 10})
		i++
	}
	end()
	return text
}

func TestFused(t *testing.T) {
	for _, tt := range []struct {
		name, first, second string
		want                string // empty: the first alone
	}{
		{"each is right where the other is not", "해9운9대9구9 섬2중9앙9로9", "해9운9대9구9센9텀9중9양4로9", "해운대구 센텀중앙로"},
		{"the first is surer", "가9나9다9", "가9나9라3", ""},
		{"nothing in common", "493929", "명5주5은5", ""},
		{"the same", "가9나9", "가9나9", ""},
		{"a mark that one reader saw", "가9'5나9다9", "가9나9다9", "가나다"},
		{"a mark that it is sure of", "가9-9나9다9", "가9나9다9", ""},
		{"a letter that one reader saw", "가9나9 라9마9", "가9나9다8라9마9", "가나다 라마"},
		{"at the end", "가9나9다9 라1", "가9나9다9마9", "가나다 마"},
		{"at the start", "라1 가9나9다9", "마9가9나9다9", "마 가나다"},
		{"over words", "가9나9 다1 라1 마9바9", "가9나9사9마9바9", "가나 사 마바"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			first, second := Look{Text: scored(tt.first)}, Look{Text: scored(tt.second), Second: true, Language: "en"}
			before := first.Text.String()
			got, ok := first.fused(second, "ko")
			if ok != (tt.want != "") || got.Text.String() != tt.want {
				t.Errorf("fused = %q, %v, want %q", got.Text, ok, tt.want)
			}
			if first.Text.String() != before {
				t.Errorf("the reading itself has become %q", first.Text)
			}
		})
	}
	for _, tt := range []struct{ name, alphabet, want string }{
		{"a character that the second reader cannot read", "加藤惠", ""},
		{"one that it can", "加藤惠恵", "加藤惠"},
	} {
		second := Look{Text: scored("加9藤9惠9"), Second: true, Language: "en", Alphabet: NewAlphabet(tt.alphabet)}
		if got, _ := (Look{Text: scored("加9藤9恵6")}).fused(second, "ja"); got.Text.String() != tt.want {
			t.Errorf("%s: fused = %q, want %q", tt.name, got.Text, tt.want)
		}
	}
	china := Look{Text: scored("吴9芳9儀9"), Second: true, Language: "en"}
	if k, ok := (Look{Text: scored("吳1芳9儀9")}).fused(china, "zh-TW"); ok {
		t.Errorf("fused = %q, which has a character of China", k.Text)
	}
}
