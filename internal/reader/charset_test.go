package reader

import (
	"strings"
	"testing"

	"github.com/seosik/seosik/internal/form"
)

func TestSignsOfMoneyComeOutOnlyOfAmounts(t *testing.T) {
	least := 0.
	for _, tt := range []struct {
		language string
		rules    form.Rules
		sign     string
		want     bool
	}{
		{"ja", form.Rules{Min: &least}, "¥", true},
		{"en", form.Rules{Sum: []string{"a"}}, "$", true},
		{"en", form.Rules{Min: &least}, "¥", false},
		{"en", form.Rules{Required: true}, "$", false},
	} {
		f := form.Field{ValueType: form.Numeric, Language: tt.language, Rules: tt.rules}
		if got := strings.Contains(numericCharset(&f), tt.sign); got != tt.want {
			t.Errorf("%s in a field in %s with %+v: %v, want %v", tt.sign, tt.language, tt.rules, got, tt.want)
		}
	}
}
