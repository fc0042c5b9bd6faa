package vote

import (
	"image"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seosik/seosik/internal/ocr"
)

// said returns a text of words, parted by spaces, of which a reader is equally
// sure. Each symbol is 10 pixels wide, and a word begins 20 behind another.
func said(s string, sure float64) ocr.Text {
	var text ocr.Text
	x := 0
	word := ocr.Word{Confidence: sure}
	end := func() {
		if word.Text != "" {
			word.Box.Max.X = x
			text.Words = append(text.Words, word)
		}
		x += 20
		word = ocr.Word{Confidence: sure}
		word.Box.Min.X = x
	}
	for _, r := range s {
		if r == ' ' {
			end()
			continue
		}
		word.Text += string(r)
		word.Symbols = append(word.Symbols, ocr.Symbol{Text: string(r), Confidence: sure})
		x += 10
	}
	end()
	return text
}

// whiteBetween returns the white columns of a picture of text.
func whiteBetween(text ocr.Text) White {
	w := White{Height: 30}
	for _, word := range text.Words {
		for len(w.Columns) < word.Box.Min.X {
			w.Columns = append(w.Columns, true)
		}
		for len(w.Columns) < word.Box.Max.X {
			w.Columns = append(w.Columns, false)
		}
	}
	return w
}

func first(s string, sure float64) Look {
	text := said(s, sure)
	return Look{Text: text, White: whiteBetween(text)}
}

func english(s string, sure float64) Look {
	k := first(s, sure)
	k.Language = "en"
	return k
}

func second(language, s string, sure float64) Look {
	k := first(s, sure)
	k.Second, k.Language = true, language
	return k
}

func TestBest(t *testing.T) {
	for _, tt := range []struct {
		name, language string
		looks          []Look
		want           string
		side           Side
		split          bool
		agreement      float64
	}{
		{"one reader", "ko", []Look{first("가나", .9)}, "가나", Alone, false, 1},
		{"one reader, twice", "ko", []Look{first("가너", .8), first("가나", .9)}, "가나", Alone, false, 0},
		{"both readers", "ko", []Look{first("가나", .9), second("ko", "가나", .5)}, "가나", Both, false, 1},
		{"both, in the first one's other look", "ko", []Look{first("가나", .9), first("가너", .8), second("ko", "가너", .5)}, "가너", Both, false, 0},
		{"the second is surer", "ko", []Look{first("가나", .5), second("ko", "다라", .99)}, "다라", Second, true, 0},
		{"the first is surer", "ko", []Look{first("가나다", .99), second("ko", "가나라", .3)}, "가나다", First, true, 1},
		{"the first has nothing", "ko", []Look{first("", 0), second("ko", "가", .3)}, "가", Second, true, 0},
		{"Hangul taken for Chinese", "ko", []Look{first("엄초", .5), second("en", "主制", .99)}, "엄초", First, true, 1},
		{"English", "ko", []Look{first("l00", .8), english("100", .9)}, "100", Alone, false, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := Line{Language: tt.language}.With(tt.looks...)
			best := l.Best()
			if best.Text.String() != tt.want {
				t.Errorf("best = %q, want %q", best.Text, tt.want)
			}
			if o := l.Opinion(best); o.Side != tt.side || o.Split != tt.split || o.Agreement != tt.agreement {
				t.Errorf("opinion = %+v, want side %d, split %v, agreement %v", o, tt.side, tt.split, tt.agreement)
			}
		})
	}
}

// What a line has been asked stays true: more looks make another line.
func TestALineDoesNotChange(t *testing.T) {
	rough := Look{Text: letters("Mary wilson", make([]int, 11))}
	measured := Look{Text: letters("Mary Wilson", []int{10, 7, 7, 7, 0, 10, 10, 10, 7, 7, 7}), Second: true, Language: "en"}
	before, copied := Line{Language: "en"}.With(rough), Line{Language: "en"}.With(rough)
	after := before.With(measured, rough)
	if got := after.Best().Text.String(); got != "Mary Wilson" {
		t.Errorf("best = %q, want the case that the second reader has measured", got)
	}
	if !after.Opinion(after.Best()).Cased || after.Firsts() != 2 {
		t.Errorf("opinion = %+v of %d looks", after.Opinion(after.Best()), after.Firsts())
	}
	after.Fused()
	before.Looks[0].Spelled(make([]ocr.Alternative, 10))
	if diff := cmp.Diff(copied.Looks, before.Looks, cmpopts.IgnoreUnexported(Look{})); diff != "" || rough.Text.String() != "Mary wilson" {
		t.Errorf("the line before has changed:\n%s", diff)
	}
}

func TestPartsInEnglish(t *testing.T) {
	line := Line{Language: "ko"}.With(first("가나 l00 다라", .9))
	parts := line.Parts()
	if len(parts) != 1 || parts[0].Left != 30 || parts[0].Right != 80 {
		t.Fatalf("parts = %+v, want one between the middles of the white", parts)
	}
	for _, tt := range []struct {
		name, english string
		sure          float64
		want          string
	}{
		{"letters", "IOO", .9, "가나 IOO 다라"},
		{"less sure", "IOO", .5, "가나 100 다라"},
		{"figures alone", "100", .9, "가나 100 다라"},
		{"a piece of the neighbour", "IOO7", .9, "가나 100 다라"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			part := parts[0]
			part.Text, part.Picture = said(tt.english, tt.sure), 7
			l := line.WithParts(part)
			words := l.Words(l.Best())
			if got := Text(words); got != tt.want {
				t.Errorf("words = %q, want %q", got, tt.want)
			}
			if mixed := l.Best().Mixed(); mixed != (words[1].Pieces[0].Picture == 7) {
				t.Errorf("mixed = %v, of picture %d", mixed, words[1].Pieces[0].Picture)
			}
			if line.Best().Mixed() {
				t.Error("the line before has changed")
			}
		})
	}
}

// Between letters that are not Latin, the white tells where a word ends.
func TestWordsWithoutWhiteBetweenAreOne(t *testing.T) {
	k := first("가나 다라", .9)
	k.Picture = 3
	l := Line{Language: "ko"}.With(k)
	if got := Text(l.Words(l.Best())); got != "가나 다라" {
		t.Errorf("words = %q", got)
	}
	clear(k.White.Columns)
	l = Line{Language: "ko"}.With(k)
	words := l.Words(l.Best())
	if Text(words) != "가나다라" || len(words[0].Pieces) != 2 || words[0].Pieces[1].Picture != 3 || words[0].Pieces[1].Word.Box.Min != image.Pt(40, 0) {
		t.Errorf("words = %+v, want one of two pieces", words)
	}
	l = l.With(second("ko", "가나 다라", .9))
	if got := Text(l.Words(l.Best())); got != "가나 다라" {
		t.Errorf("words = %q, want the spaces of a model that was taught them", got)
	}
}
