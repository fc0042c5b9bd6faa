package reader

import (
	"fmt"
	"image"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/confidence"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/mark"
	"github.com/seosik/seosik/internal/ocr"
)

// An idea is what a reader makes of one character: what it reads, with .9 or,
// where there is something else that it may be, .6.
type idea string

// seenAs returns the text of ideas, each a character and what else it may be.
func seenAs(ideas ...idea) ocr.Text {
	w := ocr.Word{Confidence: .6, Box: image.Rect(padding, padding, 40, 40)}
	for _, i := range ideas {
		rs := []rune(i)
		s := ocr.Symbol{Text: string(rs[0]), Confidence: .9}
		for _, r := range rs[1:] {
			s.Confidence = .6
			s.Alternatives = append(s.Alternatives, ocr.Alternative{Text: string(r), Confidence: .3})
		}
		w.Text += s.Text
		w.Symbols = append(w.Symbols, s)
	}
	return ocr.Text{Words: []ocr.Word{w}}
}

// plainly returns text of which a reader has no other idea.
func plainly(text string) ocr.Text {
	var ideas []idea
	for _, r := range text {
		ideas = append(ideas, idea(r))
	}
	return seenAs(ideas...)
}

func TestRulesChooseAmongIdeas(t *testing.T) {
	banks := &form.List{Name: "banks", Values: []string{"국민은행", "신한은행", "하나은행", "농협", "우리 은행"}}
	fromList := form.Rules{In: form.In{Ref: "list:banks"}}
	check := form.Rules{Check: form.KRBusiness}
	for _, tt := range []struct {
		name          string
		rules         form.Rules
		first, second ocr.Text // in the two looks; the second is taken for the first where it is empty
		want          string
		ruled         form.Reason
		reasons       []form.Reason
		others        []string
		evidence      []string
	}{
		{
			"as it is in the list", fromList, plainly("신한은행"),
			ocr.Text{},
			"신한은행", "", nil, nil,
			[]string{"kept-list", "rule-kept"},
		},
		{
			"another idea is in the list", fromList, seenAs("국", "인민", "은", "행"),
			ocr.Text{},
			"국민은행", form.ReasonNotInList,
			[]form.Reason{form.ReasonLowSymbol},
			[]string{"국인은행"},
			[]string{"kept-list", "rule-chose", "rule-kept"},
		},
		{
			"another look is in the list", fromList, plainly("국인은행"), plainly("국민은행"), "국민은행", form.ReasonNotInList, nil,
			[]string{"국인은행"},
			[]string{"kept-list", "rule-chose", "rule-kept"},
		},
		{
			"what is in the list was not read", fromList, plainly("국인은행"),
			ocr.Text{},
			"국인은행", "",
			[]form.Reason{form.ReasonNotInList},
			[]string{"국민은행"},
			[]string{"broken-list", "rule-broken"},
		},
		{
			"two values are as near", fromList, seenAs("하신", "한나", "은", "행"),
			ocr.Text{},
			"하한은행", "",
			[]form.Reason{form.ReasonNotInList},
			[]string{"신한은행", "하나은행"},
			[]string{"broken-list", "rule-broken"},
		},
		{
			"one character was read, another was not", fromList, seenAs("국", "인민", "으", "행"),
			ocr.Text{},
			"국인으행", "",
			[]form.Reason{form.ReasonNotInList},
			[]string{"국민은행"},
			[]string{"broken-list", "rule-broken"},
		},
		{
			"spaces do not matter", fromList, seenAs("우", "리", "음은", "행"),
			ocr.Text{},
			"우리은행", form.ReasonNotInList,
			[]form.Reason{form.ReasonLowSymbol},
			[]string{"우리음행"},
			[]string{"kept-list", "rule-chose", "rule-kept"},
		},
		{
			"the check digit fits one idea", check, seenAs("1", "2", "4", "8", "7153", "0", "0", "9", "9", "8"),
			ocr.Text{},
			"1248100998", form.ReasonCheckDigit,
			[]form.Reason{form.ReasonLowSymbol},
			[]string{"1248700998"},
			[]string{"kept-check", "rule-chose", "rule-kept"},
		},
		{
			"the check digit fits none", check, seenAs("1", "2", "4", "8", "75", "0", "0", "9", "9", "8"),
			ocr.Text{},
			"1248700998", "",
			[]form.Reason{form.ReasonCheckDigit},
			nil,
			[]string{"broken-check", "rule-broken"},
		},
		{
			// 124-81-00998 and 124-87-00998 with 0 as its last digit: 140 is the sum then.
			"the check digit fits two", check, seenAs("1", "2", "4", "8", "71", "0", "0", "9", "9", "80"),
			ocr.Text{},
			"1248700998", "",
			[]form.Reason{form.ReasonCheckDigit},
			nil,
			[]string{"broken-check", "rule-broken"},
		},
		{
			"a day that there is",
			form.Rules{Date: true},
			seenAs("2", ".", "38", "0"),
			ocr.Text{},
			"2.30", "",
			[]form.Reason{form.ReasonNoSuchDay},
			nil,
			[]string{"broken-day", "rule-broken"},
		},
		{
			"another day",
			form.Rules{Date: true},
			seenAs("2", ".", "32", "0"),
			ocr.Text{},
			"2.20", form.ReasonNoSuchDay,
			[]form.Reason{form.ReasonLowSymbol},
			[]string{"2.30"},
			[]string{"kept-day", "rule-chose", "rule-kept"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, _ := drawn(t, func(img *image.Gray) { blacken(img, image.Rect(300, 330, 420, 370)) })
			f := &p.entry.places[1]
			f.Rules = tt.rules
			if tt.rules.In.Ref != "" {
				f.List = banks
			}
			var evidence confidence.Evidence
			r := New(Config{
				Doubt: .0001,
				Engine: ocr.Func(func(c ocr.Crop) (ocr.Text, error) {
					switch {
					case slices.Equal(c.Languages, []string{"en"}):
						return ocr.Text{}, nil
					case c.Image.Rect.Dy() == secondInk+2*padding && len(tt.second.Words) > 0:
						return tt.second, nil
					default:
						return tt.first, nil
					}
				}),
				Observe: func(_ int, id form.FieldID, _ confidence.Kind, e confidence.Evidence) {
					if id == f.ID {
						evidence = e
					}
				},
			})
			readings, _, err := r.fields(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			got := readings[1]
			if got.Text != tt.want || got.Ruled != tt.ruled {
				t.Errorf("read %q by rule %q, want %q by %q", got.Text, got.Ruled, tt.want, tt.ruled)
			}
			var others []string
			for _, a := range got.Alternatives {
				others = append(others, a.Text)
			}
			if diff := cmp.Diff(tt.others, others); diff != "" {
				t.Errorf("alternatives (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.reasons, got.Reasons); diff != "" {
				t.Errorf("reasons (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.evidence, ofRules(evidence)); diff != "" {
				t.Errorf("evidence (-want +got):\n%s", diff)
			}
			if joined(got.Words) != got.Text {
				t.Errorf("the words are %q", joined(got.Words))
			}
		})
	}
}

// ofRules returns the names in e that are about rules, sorted.
func ofRules(e confidence.Evidence) []string {
	var names []string
	for name := range e {
		for _, prefix := range []string{"rule-", "kept-", "broken-", "group-"} {
			if strings.HasPrefix(name, prefix) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

func TestRulesChooseInBoxes(t *testing.T) {
	for _, tt := range []struct {
		name  string
		boxes []idea
		check form.Check
		want  string
		ruled form.Reason
	}{
		{"right as it is", []idea{"1", "2", "4", "8", "17", "0", "0", "9", "9", "8"}, form.KRBusiness, "1248100998", ""},
		{"a second idea", []idea{"1", "2", "4", "8", "71", "0", "0", "9", "9", "8"}, form.KRBusiness, "1248100998", form.ReasonCheckDigit},
		{"either of two", []idea{"1", "2", "4", "8", "71", "0", "0", "9", "9", "80"}, form.KRBusiness, "1248700998", ""},
		{"none", []idea{"1", "2", "4", "8", "72", "0", "0", "9", "9", "8"}, form.KRBusiness, "1248700998", ""},
		{"a digit is missing", []idea{"1", "2", "4", "8", "71", "0", "0", "9", "9"}, form.KRBusiness, "124870099", ""},
		{"no rule", []idea{"7", "1"}, "", "71", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, _ := drawn(t, func(*image.Gray) {})
			f := &form.Field{ID: "id", Kind: form.MultiBox, ValueType: form.Numeric, Rules: form.Rules{Check: tt.check}, Box: geom.XYWH(100, 300, 400, 40)}
			task := &rowTask{p: p, field: f}
			for i, box := range tt.boxes {
				f.Boxes = append(f.Boxes, geom.XYWH(100+40*float64(i), 300, 40, 40))
				var s mark.Symbol
				s[box[0]-'0'] = 1
				if len(box) > 1 {
					s[box[0]-'0'], s[box[1]-'0'] = .6, .4
				}
				task.cells, task.symbols = append(task.cells, mark.Cell{}), append(task.symbols, s)
			}
			j := task.reading()
			j.weighRules()
			if got := j.reading; got.Text != tt.want || got.Ruled != tt.ruled || (tt.ruled != "") != (len(got.Alternatives) == 1) {
				t.Errorf("read %q by rule %q, or %v, want %q by %q", got.Text, got.Ruled, got.Alternatives, tt.want, tt.ruled)
			}
			if (j.evidence["rule-chose"] == 1) != (tt.ruled != "") {
				t.Errorf("evidence %v", j.evidence)
			}
			if tt.ruled != "" && !slices.Contains(j.reasons, form.ReasonLowSymbol) {
				t.Error("a character that nobody was sure of passes for a sure one")
			}
		})
	}
}

// A pattern chooses in as many boxes as it takes, and what it leaves is sure.
func TestAPatternChoosesInBoxes(t *testing.T) {
	for _, tt := range []struct {
		name, pattern string
		boxes         []idea
		want          string
		ruled         form.Reason
	}{
		{"letters", "[A-Z .]+", []idea{"S", "1I", "M", "0O", "N"}, "SIMON", form.ReasonPattern},
		{"letters and digits", "[A-Z]{2}[0-9]+", []idea{"0O", "K", "S5", "7"}, "OK57", form.ReasonPattern},
		{"kept", "[0-9]+", []idea{"1", "0O", "5S"}, "105", ""},
		{"of no idea", "[A-Z]+", []idea{"S", "1", "M"}, "S1M", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, _ := drawn(t, func(*image.Gray) {})
			f := &form.Field{ID: "id", Kind: form.MultiBox, Rules: form.Rules{Pattern: tt.pattern}}
			task := &rowTask{p: p, field: f}
			for i, box := range tt.boxes {
				f.Boxes = append(f.Boxes, geom.XYWH(100+40*float64(i), 300, 40, 40))
				f.Box = f.Box.Union(f.Boxes[i])
				var s mark.Symbol
				for n, p := range map[int][]float64{1: {1}, 2: {.6, .4}}[len(box)] {
					s[strings.IndexByte(mark.Alphabet, box[n])] = p
				}
				task.cells, task.symbols = append(task.cells, mark.Cell{}), append(task.symbols, s)
			}
			got := task.reading().reading
			if got.Text != tt.want || got.Ruled != tt.ruled {
				t.Errorf("read %q by rule %q, want %q by %q", got.Text, got.Ruled, tt.want, tt.ruled)
			}
			for _, w := range got.Words {
				if w.Confidence < .8 && tt.ruled != "" {
					t.Errorf("%q is only %.2f sure, and the pattern leaves nothing else", w.Text, w.Confidence)
				}
			}
		})
	}
}

// A number without a check digit is not the surer for it.
func TestAMissingCheckDigitProvesNothing(t *testing.T) {
	f := &form.Field{Kind: form.Normal, Rules: form.Rules{Check: form.KRResident}}
	for text, want := range map[string][]string{
		"201004-3123459": {"kept-check", "rule-kept"},
		"201005-3123450": nil,
		"201004-3******": nil,
		"201004-3123450": {"broken-check", "rule-broken"},
	} {
		j := judged{field: f, reading: form.Reading{Text: text}, evidence: confidence.Evidence{}}
		j.weighRules()
		if diff := cmp.Diff(want, ofRules(j.evidence)); diff != "" {
			t.Errorf("%s: evidence (-want +got):\n%s", text, diff)
		}
	}
}

func TestRulesAcrossFields(t *testing.T) {
	p, _ := drawn(t, func(*image.Gray) {})
	tick := func(name string) form.Field {
		return form.Field{ID: form.FieldID(name), Name: name, Kind: form.Checkbox, Group: "g"}
	}
	p.entry.places = []form.Field{
		{ID: "a", Name: "a", Kind: form.Normal},
		{ID: "b", Name: "b", Kind: form.Normal},
		{ID: "total", Name: "total", Kind: form.Normal, Rules: form.Rules{Sum: []string{"a", "b"}}},
		tick("yes"), tick("no"),
	}
	p.entry.template.Fields = p.entry.places
	p.entry.template.Groups = []form.Group{{Name: "g", Choose: form.ChooseOne}}
	for _, tt := range []struct {
		name     string
		texts    [3]string
		sure     [3]float64
		ticks    [2]bool
		reasons  [5]form.Reason
		evidence [5]string // of rules
	}{
		{
			"all fits",
			[3]string{"1", "2", "3"},
			[3]float64{},
			[2]bool{true, false},
			[5]form.Reason{},
			[5]string{"kept-sum rule-kept", "kept-sum rule-kept", "kept-sum rule-kept", "group-kept", "group-kept"},
		},
		{
			"who is nearly certain is not accused",
			[3]string{"1", "2", "4"},
			[3]float64{.9, .999, .5},
			[2]bool{true, true},
			[5]form.Reason{"sum", "", "sum", "group_many", "group_many"},
			[5]string{"broken-sum rule-broken", "broken-sum rule-broken", "broken-sum rule-broken", "group-broken", "group-broken"},
		},
		{
			"all are nearly certain",
			[3]string{"1", "2", "4"},
			[3]float64{.999, .999, .999},
			[2]bool{},
			[5]form.Reason{"sum", "sum", "sum", "group_none", "group_none"},
			[5]string{"broken-sum rule-broken", "broken-sum rule-broken", "broken-sum rule-broken", "group-broken", "group-broken"},
		},
		{
			"a part is no amount",
			[3]string{"1", "x", "4"},
			[3]float64{},
			[2]bool{true, false},
			[5]form.Reason{"", "not_amount"},
			[5]string{"", "broken-sum rule-broken", "", "group-kept", "group-kept"},
		},
		{
			"there is nothing to tell it by",
			[3]string{"", "-", "4"},
			[3]float64{},
			[2]bool{true, false},
			[5]form.Reason{},
			[5]string{"", "", "", "group-kept", "group-kept"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			js := make([]judged, 5)
			readings := make([]form.Reading, 5)
			for i := range js {
				f := &p.entry.places[i]
				js[i] = judged{field: f, reading: form.Reading{Field: f.ID}, evidence: confidence.Evidence{}}
				if i < 3 {
					js[i].reading.Text, js[i].reading.Confidence = tt.texts[i], tt.sure[i]
				} else {
					js[i].reading.Checked = tt.ticks[i-3]
				}
				readings[i] = js[i].reading
			}
			accuse(p.weighRules(js), readings)
			for i := range js {
				if got, want := fmt.Sprint(readings[i].Reasons), fmt.Sprintf("[%s]", tt.reasons[i]); got != want {
					t.Errorf("%s: reasons %v, want %q", readings[i].Field, readings[i].Reasons, tt.reasons[i])
				}
				if got := strings.Join(ofRules(js[i].evidence), " "); got != tt.evidence[i] {
					t.Errorf("%s: evidence %q, want %q", readings[i].Field, got, tt.evidence[i])
				}
			}
		})
	}
}
