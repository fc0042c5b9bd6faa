package form

import (
	"errors"
	"testing"
)

func TestNamesAreVisible(t *testing.T) {
	checks := map[string]func(string) error{
		"a name":        func(name string) error { return checkName("name", name) },
		"of a domain":   func(name string) error { return (&Domain{Name: name, Languages: []string{"ko"}}).Check() },
		"of a template": func(name string) error { f := patterned(1, ""); f.Name = name; return f.Validate() },
	}
	for _, tt := range []struct {
		name, text string
		ok         bool
	}{
		{"Hangul", "보험금 청구서 (인보험용)", true},
		{"Hangul in parts", "\u1112\u1161\u11ab\u1100\u1173\u11af", true},
		{"kana", "カタカナ・ひらがな ガ ー", true},
		{"kana with a mark", "か\u3099", true},
		{"Chinese", "臺灣保險　申請書", true},
		{"signs", "No. 1 – €5 ½ ①㈜", true},
		{"space that does not break", "a\u00a0b", true},
		{"NUL", "a\x00b", false},
		{"end of line", "a\r\nb", false},
		{"tab", "a\tb", false},
		{"escape", "a\x1b[31mb", false},
		{"C1", "a\u0085b", false},
		{"line separator", "a\u2028b", false},
		{"paragraph separator", "a\u2029b", false},
		{"right-to-left override", "a\u202eb", false},
		{"embedding", "a\u202ab", false},
		{"isolate", "a\u2066b\u2069", false},
		{"mark of direction", "a\u200eb\u200f", false},
		{"space of no width", "a\u200bb", false},
		{"byte order mark", "\ufeffa", false},
		{"not UTF-8", "a\xffb", false},
		{"replacement", "a\ufffdb", false},
	} {
		for of, check := range checks {
			err := check(tt.text)
			_, invalid := errors.AsType[*InvalidError](err)
			if _, defective := errors.AsType[*InvalidTemplateError](err); tt.ok != (err == nil) || !tt.ok && !invalid && !defective {
				t.Errorf("%s, %s: %v", tt.name, of, err)
			}
		}
	}
}
