package reader

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/beside"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// rows returns a form of 2 columns of 6 fields 60 px high, and a word in each.
func rows() (places []form.Field, words []geom.Box) {
	for i := range 12 {
		x, y := float64(200+700*(i%2)), float64(300+60*(i/2))
		places = append(places, form.Field{ID: form.FieldID(rune('a' + i)), Kind: form.Normal, Box: geom.XYWH(x, y, 500, 60)})
		words = append(words, geom.XYWH(x+20, y+15, 160, 30))
	}
	return places, words
}

func moved(words []geom.Box, x, y float64) []geom.Box {
	out := make([]geom.Box, len(words))
	for i, w := range words {
		out[i] = geom.XYWH(w.Min.X+x, w.Min.Y+y, w.Width(), w.Height())
	}
	return out
}

func TestAPrintersOffsetIsFound(t *testing.T) {
	places, words := rows()
	for _, tt := range []struct {
		name  string
		words []geom.Box
		want  float64 // px; how much too low
		off   bool
	}{
		{"in place", words, 0, false},
		{"nothing written", nil, 0, false},
		{"two values", moved(words[:2], 0, 60), 0, false},
		{"still within", moved(words, 0, 14), 0, false},
		{"half a row low", moved(words, 5, 30), 30, true},
		{"half a row high", moved(words, 5, -30), -30, true},
		{"a row low", moved(words, 0, 60), 60, true},
		{"one note below the form", append(moved(words, 0, 0), geom.XYWH(220, 690, 160, 30)), 0, false},
	} {
		w := wordsIn(places, tt.words)
		got, off := w.offset()
		if off != tt.off || math.Abs(got.by.Y-tt.want) > 6 || math.Abs(got.by.X) > 6 {
			t.Errorf("%s: off %v by %v, want %v by %v", tt.name, off, got.by, tt.off, tt.want)
		}
	}
}

// The last row is not written in, and the first one's values lie in the second: it
// may be one or the other.
func TestAnOffsetMayBeUnsure(t *testing.T) {
	places, words := rows()
	w := wordsIn(places, moved(words[2:10], 0, 30))
	o, off := w.offset()
	if !off || !o.unsure {
		t.Errorf("off %v, unsure %v", off, o.unsure)
	}
	if r := w.reaches(places, o)["a"]; !r.contested {
		t.Error("a field of which nobody can know is not doubted")
	}
}

func TestWhoseWordsAre(t *testing.T) {
	box := func(x, y, w, h float64) geom.Box { return geom.XYWH(x, y, w, h) }
	places := []form.Field{
		{ID: "left", Kind: form.Normal, Box: box(200, 300, 300, 60)},
		{ID: "right", Kind: form.Normal, Box: box(700, 300, 300, 60)},
		{ID: "below", Kind: form.Normal, Box: box(200, 360, 300, 60)},
	}
	type doubt struct{ Left, Right, Below float64 }
	for _, tt := range []struct {
		name  string
		words []geom.Box
		left  geom.Box // the reach of the first field
		want  doubt    // how sure each can be at most, with a text on the left alone
	}{
		{"in its box", []geom.Box{box(220, 310, 200, 40)}, places[0].Box, doubt{1, 1, 1}},
		{"goes on over the border", []geom.Box{box(220, 310, 260, 40), box(490, 310, 100, 40)}, box(200, 300, 390, 60), doubt{leftBox, 1, 1}},
		{"starts before it", []geom.Box{box(150, 310, 260, 40)}, box(150, 300, 350, 60), doubt{leftBox, 1, 1}},
		{"goes on into another", []geom.Box{box(220, 310, 260, 40), box(500, 310, 190, 40), box(710, 310, 90, 40)}, box(200, 300, 490, 60), doubt{contested, contested, 1}},
		{"another word in another field", []geom.Box{box(220, 310, 200, 40), box(710, 310, 90, 40)}, places[0].Box, doubt{1, 1, 1}},
		{"half a line low", []geom.Box{box(220, 340, 200, 40)}, places[0].Box, doubt{contested, 1, contested}},
		{"above the row", []geom.Box{box(220, 265, 200, 30)}, places[0].Box, doubt{leftBox, 1, 1}},
	} {
		w := wordsIn(places, tt.words)
		rs := w.reaches(places, offset{})
		most := func(id form.FieldID, blank bool) float64 {
			r := rs[id]
			m, _ := r.most(blank)
			return m
		}
		if diff := cmp.Diff(tt.left, rs["left"].box); diff != "" {
			t.Errorf("%s:\n%s", tt.name, diff)
		}
		if got := (doubt{most("left", false), most("right", true), most("below", true)}); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// Files of the bench in which writing is not in its box are read, or doubted.
func TestWritingOutsideOfItsBox(t *testing.T) {
	if testing.Short() {
		t.Skip("reads with the engines")
	}
	b, engine := openBench(t), openEngine(t, 1)
	r := New(Config{Engine: engine, Second: engine.Second()})
	low := map[form.FieldID]string{
		"name": "이정우", "phone": "010-2345-6789", "job": "회사원", "relation": "본인", "hospital": "연세병원", "days": "15", "bank": "국민은행", "holder": "이정우",
		"date": "2024년 3월 5일",
	}
	for _, tt := range []struct {
		file   string
		want   map[form.FieldID]string
		beside bool
	}{
		{"print-half-a-line-low.jpg", low, true},
		{"print-a-line-low.jpg", low, true},
		{"text-runs-over-the-border.jpg", map[form.FieldID]string{
			"name": "남궁하늘빛나라(법정대리인 황보이정우)", "job": "한국전력공사 남서울지역본부 전력관리처 배전운영부 차장", "hospital": "가톨릭대학교 서울성모병원 정형외과 외래 진료",
		}, false},
	} {
		file, err := os.ReadFile(filepath.Join(beside.Bench(t, "faults"), tt.file))
		if err != nil {
			t.Fatal(err)
		}
		got := readAll(t, r, file, b.catalog)[0]
		if off := slices.Contains(got.Page.Faults, form.FaultBeside); off != tt.beside {
			t.Errorf("%s: faults %v", tt.file, got.Page.Faults)
		}
		if got.Page.State != form.StateReview {
			t.Errorf("%s: %s", tt.file, got.Page.State)
		}
		kinds := map[form.FieldID]form.Kind{}
		for _, f := range b.templates["ko-claim"].Places() {
			kinds[f.ID] = f.Kind
		}
		right := 0
		for _, v := range got.Readings {
			if kinds[v.Field] != form.Normal {
				continue
			}
			switch same := plain(v.Text) == plain(tt.want[v.Field]); {
			case same && v.Text != "":
				right++
			case !same && v.Confidence >= .9:
				t.Errorf("%s: %s = %q at %.3f, want %q", tt.file, v.Field, v.Text, v.Confidence, tt.want[v.Field])
			case !same:
				t.Logf("%s: %s = %q at %.3f, want %q", tt.file, v.Field, v.Text, v.Confidence, tt.want[v.Field])
			}
		}
		if tt.beside && right < len(tt.want)-2 {
			t.Errorf("%s: %d of %d values are read", tt.file, right, len(tt.want))
		}
	}
}
