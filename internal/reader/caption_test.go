package reader

import (
	"strings"
	"testing"

	"github.com/seosik/seosik/internal/form"
)

func TestWithoutCaption(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"CompanyPhoneNumber", "Phone. 938-294-2949", "938-294-2949"},
		{"전화번호", "전화번호: 02-123-4567", "02-123-4567"},
		{"Email", "Website: www.example.com\nEmail:\ninfo@example.com", "info@example.com"},
		{"Email", "info@example.com\nEmail: none", "info@example.com\nEmail: none"},
		{"Date of birth", "Date of birth: 5/16/1957", "5/16/1957"},
		{"Phone", "Phone:", "Phone:"}, // nothing else: it is what was written
		{"f1_1", "Phone: 12", "Phone: 12"},
		{"Number", "No. 12", "No. 12"},
		{"Street", "12 Main Street. 5", "12 Main Street. 5"},
	} {
		var words []form.Word
		for line := range strings.SplitSeq(tt.text, "\n") {
			for w := range strings.FieldsSeq(line) {
				words = append(words, form.Word{Text: w})
			}
			words[len(words)-1].LineBreak = true
		}
		words[len(words)-1].LineBreak = false
		got, cut := withoutCaption(words, tt.name)
		if joined(got) != tt.want || cut != (tt.text != tt.want) {
			t.Errorf("%s: %q of %q, %v, want %q", tt.name, joined(got), tt.text, cut, tt.want)
		}
	}
}
