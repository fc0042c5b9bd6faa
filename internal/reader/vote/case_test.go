package vote

import (
	"image"
	"testing"

	"github.com/seosik/seosik/internal/ocr"
)

// letters returns a text in which each letter is as high as heights say, in
// tenths of a capital; a space parts words that the engine knows, an
// underscore such as it does not.
func letters(text string, heights []int) ocr.Text {
	var out ocr.Text
	x := 0
	out.Words = append(out.Words, ocr.Word{})
	for i, r := range []rune(text) {
		w := &out.Words[len(out.Words)-1]
		switch r {
		case ' ':
			out.Words = append(out.Words, ocr.Word{})
			x += 10
		case '_':
			x += 10
		default:
			w.Text += string(r)
			w.Symbols = append(w.Symbols, ocr.Symbol{Text: string(r), Box: image.Rect(x, 40-3*heights[i], x+10, 40)})
			x += 12
		}
	}
	return out
}

func TestSized(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		heights  []int
		want     string
		first    string // what the first reader has
	}{
		{"a capital that was read small", "Ben wilson", []int{10, 7, 7, 0, 10, 7, 10, 7, 7, 7}, "Ben Wilson", ""},
		{"a small letter that was read large", "B4 Cat", []int{10, 10, 0, 7, 7, 10}, "B4 cat", ""},
		{"letters within a word follow the others", "JoSeph", []int{10, 7, 10, 7, 8, 10}, "Joseph", ""},
		{"a state among figures", "co 80202", []int{10, 10, 0, 10, 10, 10, 10, 10}, "CO 80202", ""},
		{"among other letters", "가u국", []int{10, 10, 10}, "가u국", ""},
		{"unclear within a word", "Fox", []int{10, 8, 8}, "Fox", ""},
		{"wide behind a capital", "J_ohn Doe", []int{10, 0, 8, 10, 7, 0, 10, 7, 7}, "John Doe", ""},
		{"nothing to compare with", "ox", []int{7, 7}, "ox", ""},
		{"all letters of one height: as other words begin", "Mary wilson", []int{10, 10, 10, 10, 0, 10, 10, 10, 10, 10, 10}, "Mary Wilson", ""},
		{"a space that the engine overlooked", "Elm_street", []int{10, 10, 7, 0, 10, 9, 7, 7, 7, 9}, "ElmStreet", ""},
		{"a capital that may hang", "Jessie wilson", []int{10, 7, 7, 7, 8, 7, 0, 10, 8, 10, 7, 7, 7}, "Jessie Wilson", ""},
		{"a space that the first reader saw", "Jamessmith", []int{10, 9, 9, 9, 9, 10, 9, 10, 10, 10}, "JamesSmith", "James smith"},
		{"one that it saw among other letters", "Jamessmith", []int{10, 9, 9, 9, 9, 10, 9, 10, 10, 10}, "JamesSmith", "4anne smlth"},
		{"one before what it did not see", "Jamessmith", []int{10, 9, 9, 9, 9, 10, 9, 10, 10, 10}, "Jamessmith", "James with"},
		{"print: small behind a narrow capital", "J_Ohn Kane", []int{10, 0, 7, 10, 7, 0, 10, 7, 7, 7}, "John Kane", "J Ohn Kane"},
		{"print: a capital within a word", "AnyCompany Ann", []int{10, 7, 7, 10, 7, 7, 7, 7, 7, 7, 0, 10, 7, 7}, "AnyCompany Ann", "AnyCompany Ann"},
		{"a capital that is plain by its height", "76 oak_Street", []int{10, 10, 0, 10, 9, 10, 0, 10, 9, 9, 9, 9, 9}, "76 OakStreet", "76 oak Street"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := sized(letters(tt.in, tt.heights), letters(tt.first, make([]int, len(tt.first)))).String(); got != tt.want {
				t.Errorf("sized(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

// The box of a letter that touches a high one is as high; the other reader's is
// not.
func TestSizedBesideWhatItTouches(t *testing.T) {
	text := letters("NO 12", []int{10, 10, 0, 10, 10})
	text.Words[0].Symbols[1].Box.Min.X = text.Words[0].Symbols[0].Box.Max.X
	other := letters("NO 12", []int{10, 7, 0, 10, 10})
	if got := sized(text, other).String(); got != "No 12" {
		t.Errorf("read %q", got)
	}
}

func TestInCapitals(t *testing.T) {
	for _, tt := range []struct {
		name, first, second string
		heights             []int
		want                bool
	}{
		{"a name by pen", "DANE PoE", "Jane Doe", []int{10, 9, 8, 9, 0, 10, 8, 8}, true},
		{"a name as names are written", "Jane Doe", "Jane Doe", []int{10, 7, 6, 7, 0, 10, 7, 6}, false},
		{"small letters that are large", "Jane Doe", "Jane Doe", []int{10, 9, 8, 9, 0, 10, 8, 8}, false},
		{"capitals by one reader, small by their height", "JANE DOE", "Jane Doe", []int{10, 6, 6, 6, 0, 10, 6, 6}, false},
		{"letters alike in both cases", "FOODS", "FooDs", []int{10, 10, 10, 10, 10}, true},
		{"one letter that is alike in both cases", "NO 12", "No 12", []int{10, 10, 0, 10, 10}, false},
		{"an address of mail", "ANN@X.ORG", "ann@x.org", []int{10, 10, 10, 10, 10, 0, 10, 10, 10}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			first, second := letters(tt.first, make([]int, len(tt.first))), letters(tt.second, tt.heights)
			if got := inCapitals(second, first); got != tt.want {
				t.Errorf("inCapitals = %v", got)
			}
		})
	}
	l := Line{Language: "en"}.With(Look{Text: letters("DANE PoE", make([]int, 8))})
	l = l.With(Look{Text: letters("Jane Doe", []int{10, 9, 8, 9, 0, 10, 8, 8}), Second: true, Language: "en"})
	if first, second := l.Looks[0].Text.String(), l.Looks[1].Text.String(); first != "DANE POE" || second != "JANE DOE" {
		t.Errorf("the looks are %q and %q", first, second)
	}
}

func TestCasedAs(t *testing.T) {
	text := letters("Mary wilson", make([]int, 11))
	for _, tt := range []struct{ other, want string }{
		{"MaryWilson", "Mary Wilson"},
		{"MARY Wilson", "Mary Wilson"}, // other letters stay as they are
		{"MaryWatson", "Mary wilson"},
	} {
		other := letters(tt.other, make([]int, len(tt.other)))
		if got := casedAs(text, other).String(); got != tt.want {
			t.Errorf("casedAs(%q, %q) = %q, want %q", text, tt.other, got, tt.want)
		}
	}
}

func TestInitial(t *testing.T) {
	for in, want := range map[string]string{"c": "C", "C": "C", "a": "a", "co": "co", "가": "가", "": ""} {
		if got := Initial(in); got != want {
			t.Errorf("Initial(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestAsEmail(t *testing.T) {
	for _, tt := range []struct {
		in   []string
		want string
	}{
		{[]string{"kim.hana@example,com"}, "kim.hana@example.com"},
		{[]string{"kim,", "hana@example.Com"}, "kim.hana@example.com"},
		{[]string{"Kim", "hana@example.com"}, "Kim hana@example.com"},
		{[]string{"a", "b"}, "a b"},
		{[]string{"3", "@", "500,000"}, "3 @ 500,000"},
		{nil, ""},
	} {
		var words []Word
		for _, s := range tt.in {
			words = append(words, Word{Text: s})
		}
		if got := Text(asEmail(words)); got != tt.want {
			t.Errorf("asEmail(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}
