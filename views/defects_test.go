package views

import (
	"strings"
	"testing"

	"github.com/seosik/seosik/internal/form"
)

// Every code has a sentence in both languages, with all its arguments; in English
// that of the error.
func TestDefectsAreSaid(t *testing.T) {
	for _, code := range form.DefectCodes {
		d := form.Defect{Code: code, Args: []string{"_a_", "_b_", "_c_", "_d_"}[:code.Args()]}
		for _, lang := range []string{"ko", "en"} {
			words := SayDefect(WithLanguage(t.Context(), lang), d)
			if words == "" || strings.HasPrefix(words, "defect.") || strings.Contains(words, "<no value>") {
				t.Errorf("%s in %s is %q", code, lang, words)
			}
			for _, a := range d.Args {
				if !strings.Contains(words, a) {
					t.Errorf("%s in %s leaves out %s: %q", code, lang, a, words)
				}
			}
			if lang == "en" && words != d.String() {
				t.Errorf("%s is %q, and in errors %q", code, words, d.String())
			}
		}
	}
}
