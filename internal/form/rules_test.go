package form

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/geom"
)

// The pages tell amounts too, while somebody types: static/testdata reads the same file.
func TestParseAmount(t *testing.T) {
	file, err := os.ReadFile("testdata/amounts.json")
	if err != nil {
		t.Fatal(err)
	}
	var pairs [][2]string // a text and the amount it stands for, or nothing
	if err := json.Unmarshal(file, &pairs); err != nil {
		t.Fatal(err)
	}
	for _, tt := range pairs {
		got := ""
		if amount, ok := ParseAmount(tt[0]); ok {
			got = FormatAmount(amount)
		}
		if got != tt[1] {
			t.Errorf("ParseAmount(%q) = %q, want %q", tt[0], got, tt[1])
		}
	}
}

func TestParseDay(t *testing.T) {
	for _, tt := range []struct{ text, language, want string }{
		{"2023년 6월 16일", "ko", "2023-06-16"},
		{"2023-06-16", "ko", "2023-06-16"},
		{"2023. 6. 16.", "ko", "2023-06-16"},
		{"2023. 6. 16. (금)", "ko", "2023-06-16"},
		{"2023년 6월 16일 금요일", "ko", "2023-06-16"},
		{"2023 6 16", "ko", "2023-06-16"},
		{"23 6 16", "ko", "2023-06-16"},
		{"2023. 6 16.", "ko", "2023-06-16"},
		{"6 17.", "ko", "0000-06-17"},
		{"6. 17", "ko", "0000-06-17"},
		{"05 16 1957", "en", "1957-05-16"},
		{"6 1957", "ko", ""},
		{"’23.6.16", "ko", "2023-06-16"},
		{"99.12.31", "ko", "1999-12-31"},
		{"6/16", "ko", "0000-06-16"},
		{"6월 16일", "ko", "0000-06-16"},
		{"6 16", "ko", "0000-06-16"},
		{"20230616", "ko", "2023-06-16"},
		{"230616", "ko", "2023-06-16"},
		{"단기 4356년 6월 16일", "ko", "2023-06-16"},
		{"令和5年4月1日", "ja", "2023-04-01"},
		{"令和元年５月１日", "ja", "2019-05-01"},
		{"R5.4.1", "ja", "2023-04-01"},
		{"昭和64年1月7日", "ja", "1989-01-07"},
		{"昭和65年1月7日", "ja", ""},
		{"2023年4月1日(土)", "ja", "2023-04-01"},
		{"中華民國114年4月18日", "zh-TW", "2025-04-18"},
		{"114/4/18", "zh-TW", "2025-04-18"},
		{"99年1月2日", "zh-TW", "2010-01-02"},
		{"1140418", "zh-TW", "2025-04-18"},
		{"2025/4/18", "zh-TW", "2025-04-18"},
		{"05/16/1957", "en", "1957-05-16"},
		{"05/16/57", "en", "1957-05-16"},
		{"05161957", "en", "1957-05-16"},
		{"Jan 2, 2006", "en", "2006-01-02"},
		{"January 2nd 2006", "en", "2006-01-02"},
		{"2 Jan. 2006", "en", "2006-01-02"},
		{"2-Sept-06", "en", "2006-09-02"},
		{"16/05/1957", "ko", "1957-05-16"},
		{"16/05/1957", "en", "1957-16-05"}, // which there is not
		{"2023-02-30", "ko", "2023-02-30"}, // nor this
		{"Foo 2, 2006", "en", ""},
		{"2024. 3. 5. 14:30", "ko", "2024-03-05"},
		{"2024-03-05 9:30", "ko", "2024-03-05"},
		{"2024년 3월 5일 오후 2시 30분경", "ko", "2024-03-05"},
		{"令和5年4月1日 午後2時半", "ja", "2023-04-01"},
		{"03/05/2024 2:30 p.m.", "en", "2024-03-05"},
		{"14:30", "ko", ""},
		{"2023-06.16", "ko", ""},
		{"2023년 6월", "ko", ""},
		{"114/4/18", "ko", ""},
		{"2O23-06-16", "ko", ""},
		{"", "ko", ""},
	} {
		got := ""
		if d, ok := ParseDay(tt.text, tt.language); ok {
			got = d.String()
		}
		if got != tt.want {
			t.Errorf("ParseDay(%q) in %s = %q, want %q", tt.text, tt.language, got, tt.want)
		}
	}
	for _, tt := range []struct {
		day  Day
		want bool
	}{
		{Day{2024, 2, 29}, true},
		{Day{2023, 2, 29}, false},
		{Day{0, 2, 29}, true},
		{Day{0, 2, 30}, false},
		{Day{2023, 13, 1}, false},
		{Day{2023, 0, 1}, false},
		{Day{2023, 4, 31}, false},
		{Day{2023, 1, 0}, false},
	} {
		if got := tt.day.Exists(); got != tt.want {
			t.Errorf("%v exists: %v, want %v", tt.day, got, tt.want)
		}
	}
}

// The sums are worked out by hand from published numbers.
func TestCheckDigits(t *testing.T) {
	now := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		check Check
		text  string
		want  Reason // empty where it is right
	}{
		// 2·8+3·0+4·0+5·1+6·0+7·1+8·2+9·3+2·4+3·5+4·6+5·7 = 153 = 13·11+10; 11-10 = 1.
		{KRResident, "800101-2345671", ""},
		{KRResident, "800101-2345672", ReasonCheckDigit},
		{KRResident, "800101-2354671", ReasonCheckDigit},
		{KRResident, "801301-2345671", ReasonNoSuchDay},
		{KRResident, "800230-2345671", ReasonNoSuchDay},
		{KRResident, "991231-3345671", ReasonNoSuchDay}, // in 2099
		{KRResident, "800101-234567", ReasonCheckLength},
		{KRResident, "800101-234567O", ReasonCheckLength},
		{KRResident, "800101-2******", ""},
		// Since 2020-10-05 numbers have no check digit. One day before:
		// 2·2+3·0+4·1+5·0+6·0+7·4+8·3+9·1+2·2+3·3+4·4+5·5 = 123 = 11·11+2; 11-2 = 9.
		{KRResident, "201004-3123459", ""},
		{KRResident, "201004-3123450", ReasonCheckDigit},
		{KRResident, "201005-3123450", ""},
		{KRResident, "231305-3123450", ReasonNoSuchDay},
		// A foreigner's: the sum of 800101-5123456 is
		// 16+0+0+5+0+7+40+9+4+9+16+25 = 131 = 11·11+10; 11-10+2 = 3.
		{KRResident, "800101-5123453", ""},
		{KRResident, "800101-5123451", ReasonCheckDigit},

		// Samsung Electronics: 1+6+28+8+3+0+0+27+45 = 118, and 4 tens of 45: 122; 10-2 = 8.
		{KRBusiness, "124-81-00998", ""},
		{KRBusiness, "220-81-62517", ""}, // Naver
		{KRBusiness, "120-81-47521", ""}, // Kakao
		{KRBusiness, "124-81-00989", ReasonCheckDigit},
		{KRBusiness, "124-81-00999", ReasonCheckDigit},
		{KRBusiness, "124-81-0099", ReasonCheckLength},
		// The example of the regulation: 1+2+0+2+1+2+0+0+6+4+4+6 = 28; 10-8 = 2.
		{KRCorporate, "110111-0062432", ""},
		{KRCorporate, "130111-0006246", ""}, // Samsung Electronics: the sum is 34
		{KRCorporate, "130111-0006247", ReasonCheckDigit},
		// Numbers that banks publish for tests.
		{Card, "4111 1111 1111 1111", ""},
		{Card, "5555-5555-5555-4444", ""},
		{Card, "378282246310005", ""},
		{Card, "4111 1111 1111 1112", ReasonCheckDigit},
		{Card, "4111 1111 1111", ReasonCheckLength},
		// 1·2+0·3+9·4+8·5+7·6+6·7+5·2+4·3+3·4+2·5+1·6 = 212 = 19·11+3; 11-3 = 8.
		{JPIndividual, "1234 5678 9018", ""},
		{JPIndividual, "123456789013", ReasonCheckDigit},
		{JPIndividual, "12345678901", ReasonCheckLength},
		// The National Tax Agency: 9 + 2·1 = 11 = 9+2; 9-2 = 7.
		{JPCorporate, "7000012050002", ""},
		{JPCorporate, "1180301018771", ""}, // Toyota: 21 + 2·16 = 53 = 5·9+8; 9-8 = 1
		{JPCorporate, "T1180301018771", ReasonCheckLength},
		{JPCorporate, "1180301018717", ReasonCheckDigit},
		// 1+0·9+1·8+2·7+3·6+4·5+5·4+6·3+7·2+8·1+9 = 130.
		{TWID, "A123456789", ""},
		{TWID, "a123456789", ""},
		{TWID, "A123456788", ReasonCheckDigit},
		{TWID, "A323456789", ReasonCheckDigit},
		{TWID, "A800000014", ""}, // 1+8·8+1+4 = 70
		{TWID, "AC01234567", ""}, // 1+2·8+0+6+10+12+12+10+6+7 = 80
		{TWID, "1123456789", ReasonCheckDigit},
		{TWID, "A12345678", ReasonCheckLength},
		{TWBusiness, "04595257", ""}, // 0+8+5+9+5+4+2+7 = 40
		{TWBusiness, "22099131", ""}, // TSMC: 2+4+0+9+9+2+3+1 = 30
		{TWBusiness, "10458575", ""}, // 1+0+4+1+8+1+1+5 = 21, and 20 with 0 for the 7
		{TWBusiness, "10458574", ""}, // 20, and 19
		{TWBusiness, "10458576", ReasonCheckDigit},
		{TWBusiness, "04595252", ""}, // 35: right since 2023
		{TWBusiness, "04595253", ReasonCheckDigit},
		{TWBusiness, "0459525", ReasonCheckLength},
	} {
		got := Reason("")
		if ps := tt.check.explain(tt.text, now); len(ps) > 0 {
			got = ps[0].Reason
		}
		if got != tt.want {
			t.Errorf("%s %q: %q, want %q", tt.check, tt.text, got, tt.want)
		}
	}
}

func number64(v float64) *float64 { return &v }

func TestExplain(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	banks := &List{Name: "banks", Values: []string{"국민은행", "신한 은행", "Bank A"}}
	for _, tt := range []struct {
		name  string
		field Field
		text  string
		want  []Problem
	}{
		{"in a list", Field{Rules: Rules{In: In{Ref: "list:banks"}}, List: banks}, "신한은행", nil},
		{"spaces and width do not matter", Field{Rules: Rules{In: In{Ref: "list:banks"}}, List: banks}, "Ｂａｎｋ　Ａ", nil},
		{"not in a list", Field{Rules: Rules{In: In{Ref: "list:banks"}}, List: banks}, "신한", []Problem{{Reason: ReasonNotInList, Want: "banks"}}},
		{"the list is not there", Field{Rules: Rules{In: In{Ref: "list:banks"}}}, "신한", nil},
		{"given texts", Field{Rules: Rules{In: In{Texts: []string{"남", "여"}}}}, "여", nil},
		{"none of the given texts", Field{Rules: Rules{In: In{Texts: []string{"남", "여"}}}}, "어", []Problem{{Reason: ReasonNotInList, Names: []string{"남", "여"}}}},
		{"no amount", Field{Rules: Rules{Min: number64(1)}}, "많이", []Problem{{Reason: ReasonNotAmount}}},
		{"too small", Field{Rules: Rules{Min: number64(1000)}}, "999원", []Problem{{Reason: ReasonTooSmall, Want: "1,000"}}},
		{"smallest", Field{Rules: Rules{Min: number64(.1)}}, "0.1", nil},
		{"too large", Field{Rules: Rules{Max: number64(.1)}}, "0.11", []Problem{{Reason: ReasonTooLarge, Want: "0.1"}}},
		{"a sum is an amount", Field{Rules: Rules{Sum: []string{"a"}}}, "x", []Problem{{Reason: ReasonNotAmount}}},
		{"a day", Field{Rules: Rules{Date: true}}, "2024.2.29", nil},
		{"no date", Field{Rules: Rules{Date: true}}, "오늘", []Problem{{Reason: ReasonNotDate}}},
		{"no such day", Field{Rules: Rules{Date: true}}, "2023.2.29", []Problem{{Reason: ReasonNoSuchDay, Day: Day{2023, 2, 29}}}},
		{"today", Field{Rules: Rules{NotAfter: Today}}, "2026-11-25", nil},
		{"tomorrow", Field{Rules: Rules{NotAfter: Today}}, "2026-11-26", []Problem{{Reason: ReasonTooLate, Want: "2026-11-25"}}},
		{"too early", Field{Rules: Rules{NotBefore: "2020-01-01"}}, "2019-12-31", []Problem{{Reason: ReasonTooEarly, Want: "2020-01-01"}}},
		{"in any year", Field{Rules: Rules{NotBefore: "2020-01-01"}}, "12/31", nil},
		{"in the order of the language", Field{Language: "en", Rules: Rules{Date: true}}, "05/16/1957", nil},
		{"check length", Field{Rules: Rules{Check: KRBusiness}}, "1", []Problem{{Reason: ReasonCheckLength, Check: KRBusiness, Want: "10"}}},
		{"check length of cards", Field{Rules: Rules{Check: Card}}, "1", []Problem{{Reason: ReasonCheckLength, Check: Card, Want: "13–19"}}},
		{"a letter where one belongs", Field{ValueType: Numeric, Rules: Rules{Check: TWID}}, "A123456789", nil},
		{"empty", Field{Rules: Rules{Date: true, Check: Card, In: In{Texts: []string{"a"}}}}, " ", nil},
		{"a checkbox", Field{Kind: Checkbox, Rules: Rules{Pattern: "a"}}, "Y", nil},
	} {
		if diff := cmp.Diff(tt.want, tt.field.explain(tt.text, now)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestNear(t *testing.T) {
	l := &List{Values: []string{"국민은행", "신한은행", "하나은행", "농협", "우리 은행"}}
	for _, tt := range []struct {
		text string
		want []Near
	}{
		{"국인은행", []Near{{"국민은행", 1}}},
		{"우리음행", []Near{{"우리 은행", 1}}},
		{"신은행", []Near{{"신한은행", 1}}},
		{"하한은행", []Near{{"신한은행", 1}, {"하나은행", 1}}},
		{"노협", []Near{{"농협", 1}}},
		{"협", []Near{{"농협", 1}}},
		{"xy", nil},
		{"", nil},
	} {
		if diff := cmp.Diff(tt.want, l.Near(tt.text, 4, 3)); diff != "" {
			t.Errorf("Near(%q) (-want +got):\n%s", tt.text, diff)
		}
	}
}

func TestParseList(t *testing.T) {
	// The second 가 is taken apart, as macOS has it.
	l, err := ParseList("names", "\ufeff가\r\n 나 \n\n가\n\u1100\u1161\nlast")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"가", "나", "last"}, l.Values); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if again, err := ParseList("names", l.Text()); err != nil || !cmp.Equal(again.Values, l.Values) {
		t.Errorf("not read back: %v", err)
	}
	for _, tt := range []struct{ name, list, text, want string }{
		{"no name", " ", "a", "name: is missing"},
		{"nothing", "n", " \n", "values: there are none"},
		{"long value", "n", "a\n" + strings.Repeat("가", maxListValue+1), "values: line 2 is longer"},
		{"many values", "n", manyLines(MaxListValues + 1), "values: there are more than 20000"},
		{"too many bytes", "n", strings.Repeat("a", MaxListBytes+1), "values: have more than"},
		{"not UTF-8", "n", "\xb0\xa1", "values: are not UTF-8"},
		{"hidden", "n", "a\u202eb", "values: line 1 has a character"},
	} {
		_, err := ParseList(tt.list, tt.text)
		if _, ok := errors.AsType[*InvalidError](err); !ok || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q in it", tt.name, err, tt.want)
		}
	}
}

func manyLines(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(formatFloat(float64(i)))
		b.WriteByte('\n')
	}
	return b.String()
}

// invoice is a template with rules across fields.
func invoice() *Template {
	box := geom.XYWH(10, 10, 20, 20)
	field := func(name string, r Rules) Field {
		return Field{ID: FieldID(name), Name: name, Kind: Normal, ValueType: All, Box: box, Rules: r}
	}
	tick := func(name, group string) Field {
		return Field{ID: FieldID(name), Name: name, Kind: Checkbox, ValueType: All, Box: box, Group: group}
	}
	row := func(n float64) []geom.Box {
		return []geom.Box{geom.XYWH(10, 10*n, 9, 9), geom.XYWH(20, 10*n, 9, 9), geom.XYWH(30, 10*n, 9, 9)}
	}
	return &Template{
		Name: "세금계산서", Languages: []string{"ko"}, ImageName: "t.png", Width: 100, Height: 100,
		Fields: []Field{
			field("공급가액", Rules{Sum: []string{"items.금액"}}), field("세액", Rules{}),
			field("합계", Rules{Sum: []string{"공급가액", "세액"}}),
			tick("전화", "연락"), tick("우편", "연락"), tick("동의", "동의함"),
		},
		Tables: []Table{{
			Name: "items", Box: box, Header: 1, Rows: make([]Row, 2), Cells: [][]geom.Box{row(1), row(2), row(3)},
			Columns: []Column{{Name: "단가"}, {Name: "운임"}, {Name: "금액", Rules: Rules{Sum: []string{"단가", "운임"}}}},
		}},
		Groups: []Group{{Name: "연락", Choose: ChooseOne}, {Name: "동의함", Choose: ChooseAtLeastOne}},
	}
}

func TestAcross(t *testing.T) {
	tpl := invoice()
	if err := tpl.Validate(); err != nil {
		t.Fatal(err)
	}
	whole := map[FieldID]string{
		"items[1,0]": "900", "items[1,1]": "100", "items[1,2]": "1,000원", "items[2,0]": "200", "items[2,2]": "200",
		"공급가액": "1,200", "세액": "120", "합계": "₩1,320", "전화": "x", "동의": "x",
	}
	many := Problem{Reason: ReasonGroupMany, Names: []string{"전화", "우편"}, Want: "one"}
	for _, tt := range []struct {
		name   string
		change map[FieldID]string
		want   map[FieldID][]Problem
	}{
		{"all fits", nil, nil},
		{"a wrong total", map[FieldID]string{"합계": "1,330"}, map[FieldID][]Problem{
			"합계":   {{Reason: ReasonSum, Want: "1,320", Names: []string{"공급가액", "세액"}}},
			"공급가액": {{Reason: ReasonSum, Want: "1,320", Got: "1,330", Names: []string{"합계"}}},
			"세액":   {{Reason: ReasonSum, Want: "1,320", Got: "1,330", Names: []string{"합계"}}},
		}},
		{"a wrong cell", map[FieldID]string{"items[2,2]": "300", "items[2,1]": "100"}, map[FieldID][]Problem{
			"공급가액":       {{Reason: ReasonSum, Want: "1,300", Names: []string{"items · 금액"}}},
			"items[1,2]": {{Reason: ReasonSum, Want: "1,300", Got: "1,200", Names: []string{"공급가액"}}},
			"items[2,2]": {{Reason: ReasonSum, Want: "1,300", Got: "1,200", Names: []string{"공급가액"}}},
		}},
		{"a wrong row", map[FieldID]string{"items[2,0]": "100"}, map[FieldID][]Problem{
			"items[2,2]": {{Reason: ReasonSum, Want: "100", Names: []string{"단가", "운임"}}},
			"items[2,0]": {{Reason: ReasonSum, Want: "100", Got: "200", Names: []string{"금액"}}},
		}},
		{"no total", map[FieldID]string{"합계": ""}, nil},
		{"no parts", map[FieldID]string{"공급가액": "", "세액": ""}, nil},
		{"a part that is no amount", map[FieldID]string{"세액": "?", "합계": "5"}, map[FieldID][]Problem{"세액": {{Reason: ReasonNotAmount}}}},
		{"a part that is no amount twice", map[FieldID]string{"공급가액": "?"}, map[FieldID][]Problem{"공급가액": {{Reason: ReasonNotAmount}}}},
		{"a dash", map[FieldID]string{"세액": "-", "합계": "1,200"}, nil},
		{"two of one", map[FieldID]string{"우편": "x"}, map[FieldID][]Problem{"전화": {many}, "우편": {many}}},
		{"none of one", map[FieldID]string{"전화": "", "동의": ""}, map[FieldID][]Problem{
			"전화": {{Reason: ReasonGroupNone, Want: "one"}},
			"우편": {{Reason: ReasonGroupNone, Want: "one"}},
			"동의": {{Reason: ReasonGroupNone, Want: "atLeastOne"}},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			values := Values(tpl, nil, nil)
			for i := range values {
				v := &values[i]
				text, ok := tt.change[v.Field.ID]
				if !ok {
					text = whole[v.Field.ID]
				}
				v.Reading.Text, v.Reading.Checked = text, text == "x"
			}
			got := tpl.Broken(values)
			if len(got) == 0 {
				got = nil
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What a person said counts, not what was read.
func TestCorrectionsMendSums(t *testing.T) {
	tpl := invoice()
	values := Values(tpl, []Reading{{Field: "공급가액", Text: "100"}, {Field: "세액", Text: "70"}, {Field: "합계", Text: "110"}, {Field: "전화", Checked: true}, {Field: "동의", Checked: true}},
		[]Correction{{Field: "세액", Text: "10"}})
	if got := tpl.Broken(values); len(got) != 0 {
		t.Errorf("Broken = %v, want nothing", got)
	}
	kept := 0
	for _, v := range tpl.Across(values) {
		if v.Kept {
			kept++
		}
	}
	if kept != 3 {
		t.Errorf("%d rules are kept, want the total and two groups", kept)
	}
}

func FuzzRules(f *testing.F) {
	for _, text := range []string{"1,234,000원", "2023년 6월 16일", "令和元年5月1日", "A123456789", "800101-2345671", "Jan 2, 2006", "(1)", "-", "\xff"} {
		f.Add(text)
	}
	names := []string{"가나다", "ab"}
	f.Fuzz(func(t *testing.T, text string) {
		for _, language := range Languages {
			for _, check := range Checks {
				field := Field{Kind: Normal, Language: language, Rules: Rules{
					Check: check, In: In{Texts: names}, Min: number64(1), Max: number64(2), NotBefore: "2020-01-01", NotAfter: Today,
				}}
				for _, p := range field.Explain(text) {
					if !p.Reason.OfRule() {
						t.Errorf("%q is no reason of a rule", p.Reason)
					}
				}
				if check.Fits(text) && len(check.explain(text, time.Unix(0, 0))) > 1 {
					t.Errorf("the check digit of %q fits, and does not", text)
				}
			}
		}
		if amount, ok := ParseAmount(text); ok {
			if again, ok := ParseAmount(FormatAmount(amount)); !ok || again.Cmp(amount) != 0 {
				t.Errorf("%q is written %q", text, FormatAmount(amount))
			}
		}
		for _, n := range (&List{Values: names}).Near(text, 2, 2) {
			if n.Distance > maxNear {
				t.Errorf("%q is near %q", n.Value, text)
			}
		}
	})
}

// FuzzList fuzzes value lists, as they are pasted or uploaded.
func FuzzList(f *testing.F) {
	f.Add("banks", "\ufeff국민은행\r\n신한은행\n\n국민은행")
	f.Add("a/b", "\xff")
	f.Fuzz(func(t *testing.T, name, text string) {
		l, err := ParseList(name, text)
		if err != nil {
			return
		}
		again, err := ParseList(l.Name, l.Text())
		if err != nil || !slices.Equal(again.Values, l.Values) {
			t.Errorf("%q is read back as %v, %v", l.Values, again, err)
		}
		for _, v := range l.Values {
			if !l.Has(v) {
				t.Errorf("%q is not in its list", v)
			}
		}
	})
}

// A list as long as it may be, and a text that is not in it.
func BenchmarkNear(b *testing.B) {
	l := &List{}
	for i := range MaxListValues {
		l.Values = append(l.Values, formatFloat(float64(1_000_000+i*37)))
	}
	l.prepare()
	for b.Loop() {
		l.Near("1234567", 2, 3)
	}
}
