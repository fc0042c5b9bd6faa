package views

import (
	"regexp"
	"strings"
	"testing"

	"github.com/seosik/seosik/internal/form"
)

// All that is in the panel has words, in both languages.
func TestBuilderPanelHasWords(t *testing.T) {
	id := regexp.MustCompile(`[>"](panel|kind|group|check|personal|rule|lang|template)\.[a-zA-Z_.-]+[<"]`)
	for _, lang := range Languages {
		var b strings.Builder
		if err := BuilderPanel(PanelModel{Template: 1, Domain: 1, Lists: []string{"banks"}}).Render(WithLanguage(t.Context(), lang), &b); err != nil {
			t.Fatal(err)
		}
		if found := id.FindAllString(b.String(), -1); len(found) > 0 {
			t.Errorf("%s: no words for %q", lang, found)
		}
	}
}

// The forms that are offered have numbers as people write them.
func TestPanelFormats(t *testing.T) {
	samples := map[string][]string{
		"ko phone":       {"02-123-4567", "(031) 123-4567", "0212345678", "02)123-4567"},
		"ko mobile":      {"010-1234-5678", "01012345678", "010 1234 5678"},
		"ko business":    {"123-45-67890", "1234567890"},
		"ko resident":    {"900101-1234567", "900101-1******"},
		"ko postcode":    {"04524"},
		"ko account":     {"110-123-456789", "110123456789"},
		"ko vehicle":     {"12가 3456", "123가4567", "서울 12 가 3456"},
		"ja phone":       {"03-1234-5678", "(03)1234-5678", "0312345678"},
		"ja mobile":      {"090-1234-5678"},
		"ja postcode":    {"100-0001", "〒100-0001"},
		"ja account":     {"1234567"},
		"ja kana":        {"ヤマダ タロウ", "ｶ)ﾔﾏﾀﾞ", "カ）ヤマダ"},
		"zh-TW phone":    {"(02) 2345-6789", "02-23456789", "0223456789"},
		"zh-TW mobile":   {"0912-345-678", "0912345678"},
		"zh-TW resident": {"A123456789"},
		"zh-TW business": {"12345678"},
		"zh-TW postcode": {"100", "100001"},
		"zh-TW account":  {"012-345678901234"},
		"en phone":       {"(212) 555-0123", "212-555-0123", "+1 212 555 0123"},
		"en resident":    {"123-45-6789", "123456789"},
		"en business":    {"12-3456789"},
		"en postcode":    {"10001", "10001-1234"},
		"en account":     {"000123456789"},
		" phones":        {"+82 10-1234-5678", "(02) 123-4567"},
		" email":         {"kim@example.com"},
		" digits":        {"0123"},
	}
	for _, f := range panelFormats {
		name := f.lang + " " + f.words
		if len(samples[name]) == 0 {
			t.Errorf("%s: no sample", name)
		}
		field := form.Field{Kind: form.Normal, Rules: form.Rules{Pattern: f.pattern}}
		for _, text := range samples[name] {
			if len(field.Problems(text)) > 0 {
				t.Errorf("%s: %q does not match", name, text)
			}
		}
		if len(field.Problems("12-")) == 0 {
			t.Errorf("%s: anything matches", name)
		}
	}
}
