package vote

import "testing"

func TestRepaired(t *testing.T) {
	for _, tt := range []struct{ language, in, want string }{
		{"ja", `\9,269,800`, "¥9,269,800"},
		{"ko", `\500`, "₩500"},
		{"ja", "￥500", "¥500"},
		{"en", `\500`, `\500`},
		{"ja", `a\b`, `a\b`},
		{"ja", "０１２ー３Ａ", "012ー3A"},
		{"ko", "가나", "가나"},
		{"ko", "W12,000", "₩12,000"},
		{"ko", "W12-000", "W12-000"},
		{"en", "W12,000", "W12,000"},
		{"ko", "", ""},
		{"en", "o1/26/1961", "01/26/1961"},
		{"en", "(50l)", "(501)"},
		{"en", "0ak", "Oak"},
		{"en", "O1", "O1"}, // as many letters as digits
		{"en", "B0O12", "B0O12"},
		{"ko", "3.177:000", "3,177,000"},
		{"ko", "1.117,000원", "1,117,000원"},
		{"en", "1,000.", "1,000."},
		{"en", "$1,000:000", "$1,000,000"},
		{"ko", "42.390", "42.390"},       // may be a decimal
		{"en", "1,234.567", "1,234.567"}, // too
		{"en", "0kg", "0kg"},
		{"en", "Sth", "5th"},
		{"en", "2lst", "21st"},
		{"en", "llth", "11th"},
		{"en", "Sst", "Sst"}, // is no number's
		{"en", "192.168.100.200", "192.168.100.200"},
		{"en", "2020.12.31", "2020.12.31"},
	} {
		if got := repaired(tt.in, tt.language); got != tt.want {
			t.Errorf("repaired(%q) in %s = %q, want %q", tt.in, tt.language, got, tt.want)
		}
	}
}
