package form

import "testing"

func TestCould(t *testing.T) {
	date, digits := Field{Rules: Rules{Date: true}}, Field{ValueType: Numeric}
	for _, tt := range []struct {
		name      string
		field     Field
		text      string
		languages []string
		want      bool
	}{
		{"a name", Field{}, "김철수", []string{"ko"}, true},
		{"a Chinese name in Korea", Field{}, "金哲洙 (Kim)", []string{"ko"}, true},
		{"kana in Korea", Field{}, "김ノ수", []string{"ko"}, false},
		{"a long vowel in Korea", Field{}, "1ー2", []string{"ko"}, false},
		{"kana in Japan", Field{}, "ヤマダ 太郎ー", []string{"ja"}, true},
		{"hangul in Japan", Field{}, "김", []string{"ja", "en"}, false},
		{"han in English", Field{}, "一", []string{"en"}, false},
		{"bopomofo", Field{}, "ㄅ", []string{"zh-TW"}, true},
		{"Cyrillic", Field{}, "Иван", []string{"ko", "en"}, false},
		{"signs", Field{}, "№ 3 ₩1,000 ①", []string{"ko"}, true},
		{"a letter among digits", digits, "12O", []string{"ko"}, false},
		{"no such day", date, "2023-02-30", []string{"ko"}, false},
		{"a day", date, "2023-02-28", []string{"ko"}, true},
	} {
		if got := tt.field.Could(tt.text, tt.languages); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}
