package form

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/geom"
)

func TestTiles(t *testing.T) {
	text := Field{ID: "f", Kind: Normal}
	row := Field{ID: "f", Kind: MultiBox, Boxes: make([]geom.Box, 4)}
	tick := Field{ID: "f", Kind: Checkbox, CheckedText: "예"}
	unsure := []Reason{ReasonUnsure}
	boxes := func(texts string, sure ...float64) (r Reading) {
		for i, c := range texts {
			r.Words = append(r.Words, Word{Text: string(c), Confidence: sure[i]})
		}
		return Reading{Text: texts, Confidence: .5, Reasons: unsure, Words: r.Words}
	}
	blind := text
	blind.Review = "two"
	always := text
	always.Review = ReviewPerson
	for _, tt := range []struct {
		name string
		f    Field
		r    Reading
		want []Tile
	}{
		{"sure", text, Reading{Text: "7", Confidence: 1}, nil},
		{"of two people", blind, Reading{Text: "7", Reasons: unsure}, nil},
		{"always looked at", always, Reading{Text: "7", Confidence: 1, Reasons: []Reason{ReasonPerson}}, []Tile{{"f", 0, TileCharacter, "7", 1}}},
		{"a character", text, Reading{Text: "남", Confidence: .5, Reasons: unsure}, []Tile{{"f", 0, TileCharacter, "남", .5}}},
		{"a word", text, Reading{Text: "서울 강남구", Confidence: .5, Reasons: unsure}, []Tile{{"f", 0, TileShort, "서울 강남구", .5}}},
		{"long", text, Reading{Text: "서울특별시 강남구 테헤란로", Reasons: unsure}, []Tile{{"f", 0, TileAlone, "서울특별시 강남구 테헤란로", 0}}},
		{"lines", text, Reading{Text: "a\nb", Reasons: unsure}, []Tile{{"f", 0, TileAlone, "a\nb", 0}}},
		{"nothing", text, Reading{Reasons: []Reason{ReasonInkUnread}}, []Tile{{"f", 0, TileBlank, "", 0}}},
		{"breaks a rule", text, Reading{Text: "7", Reasons: []Reason{ReasonUnsure, ReasonPattern}}, []Tile{{"f", 0, TileAlone, "7", 0}}},
		{"of a page that lies badly", tick, Reading{Reasons: []Reason{ReasonMisplaced}}, []Tile{{"f", 0, TileAlone, "", 0}}},
		{"checked", tick, Reading{Text: "예", Checked: true, Reasons: []Reason{ReasonFaint}}, []Tile{{"f", 0, TileMark, TileChecked, 0}}},
		{"not checked", tick, Reading{Reasons: []Reason{ReasonFaint}}, []Tile{{"f", 0, TileMark, TileUnchecked, 0}}},
		{"one box", row, boxes("1234", 1, .6, 1, .99), []Tile{{"f", 0, TileAlone, "1234", .5}, {"f", 2, TileCharacter, "2", .6}}},
		{
			"boxes that are unsure together", row, boxes("1234", .9, .92, .97, .99),
			[]Tile{{"f", 0, TileAlone, "1234", .5}, {"f", 1, TileCharacter, "1", .9}, {"f", 2, TileCharacter, "2", .92}},
		},
		{"sure boxes, and still to be looked at", row, boxes("1234", 1, .99, 1, 1), []Tile{{"f", 0, TileAlone, "1234", .5}, {"f", 2, TileCharacter, "2", .99}}},
		{"a row of other boxes", row, Reading{Text: "12", Reasons: unsure, Words: []Word{{Text: "1"}}}, []Tile{{"f", 0, TileShort, "12", 0}}},
		{
			"a box that is empty", row,
			Reading{Text: "123", Reasons: unsure, Words: []Word{{Text: "1", Confidence: 1}, {Text: "2", Confidence: 1}, {}, {Text: "3", Confidence: 1}}},
			[]Tile{{"f", 0, TileShort, "123", 0}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Tiles(tt.f, tt.r)); diff != "" {
				t.Errorf("Tiles (-want +got):\n%s", diff)
			}
		})
	}
	if got := InBoxes(boxes("1234", 1, 1, 1, 1), map[int]string{2: "7", 4: ""}); got != "173" {
		t.Errorf("InBoxes = %q", got)
	}
	r := boxes("1234", 1, 1, 1, 1)
	r.Words[1].Text, r.Text = "", "134"
	for _, tt := range []struct {
		text  string
		place int
		want  string
	}{{"174", 4, "179"}, {"174", 3, "194"}, {"174", 2, ""}, {"17", 4, ""}, {"1744", 4, ""}, {"174", 9, ""}} {
		if got, ok := InBox(r, tt.text, tt.place, "9"); got != tt.want || ok != (tt.want != "") {
			t.Errorf("InBox(%q, %d) = %q, %v", tt.text, tt.place, got, ok)
		}
	}
}
