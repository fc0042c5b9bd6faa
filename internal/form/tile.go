package form

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seosik/seosik/internal/blob"
)

// A Tile is what is looked at by itself of a doubtful value, among those of other
// pages that were read as the same: all of it, or one of its boxes.
type Tile struct {
	Field      FieldID
	Place      int // of the box, from 1; 0 for all of the value
	Sort       TileSort
	Text       string  // as it was read; of a checkbox TileChecked or TileUnchecked
	Confidence float64 // in [0, 1]
}

// A TileSort is what tiles have in common that lie side by side.
type TileSort string

// The sorts.
const (
	TileAlone     TileSort = ""          // none: it is not to be told without the rest of its page
	TileCharacter TileSort = "character" // one character
	TileMark      TileSort = "mark"      // a checkbox
	TileBlank     TileSort = "blank"     // nothing was read
	TileShort     TileSort = "short"     // a few characters
)

// TileSorts lists the sorts that lie side by side, in their order.
var TileSorts = []TileSort{TileCharacter, TileMark, TileBlank, TileShort}

// The texts of tiles of checkboxes.
const (
	TileChecked   = "1"
	TileUnchecked = "0"
)

const (
	tileLength = 12 // characters that are told at a glance, at most
	// tileSure is how sure all boxes of a row are together that nobody is asked
	// about.
	tileSure = .95
	// tileBoxes is from how many doubtful boxes on a row is looked at as a whole.
	tileBoxes = 5
)

// apart are the reasons that one tells from the picture of a value alone. For any
// other reason one must see more of the page, or the value breaks a rule.
var apart = []Reason{
	ReasonLowSymbol, ReasonUnsure, ReasonTwoReaders, ReasonBlurred, ReasonFaint, ReasonBorder, ReasonInkUnread, ReasonPerson,
}

// Tiles returns the tiles of r, a reading of f: none where it is not doubtful, or
// where others must look at it than whoever comes first. The first one is of all
// of it.
func Tiles(f Field, r Reading) []Tile {
	if len(r.Reasons) == 0 || !f.AnyPerson() {
		return nil
	}
	whole := Tile{Field: f.ID, Text: r.Text, Confidence: r.Confidence}
	switch {
	case slices.ContainsFunc(r.Reasons, func(why Reason) bool { return !slices.Contains(apart, why) }):
	case f.Kind == Checkbox:
		whole.Sort, whole.Text = TileMark, TileUnchecked
		if r.Checked {
			whole.Text = TileChecked
		}
	case r.Text == "":
		whole.Sort = TileBlank
	case f.Kind == MultiBox:
		if boxes := doubtfulBoxes(f, r); len(boxes) > 0 && len(boxes) < tileBoxes {
			return append([]Tile{whole}, boxes...)
		}
		whole.Sort = shortSort(r.Text)
	default:
		whole.Sort = shortSort(r.Text)
	}
	return []Tile{whole}
}

func shortSort(text string) TileSort {
	switch n := utf8.RuneCountInString(text); {
	case strings.Contains(text, "\n") || n > tileLength:
		return TileAlone
	case n == 1:
		return TileCharacter
	default:
		return TileShort
	}
}

// doubtfulBoxes returns the fewest boxes of a row, the least sure ones, without
// which the others are sure enough together: none where a box has no single
// character.
func doubtfulBoxes(f Field, r Reading) (tiles []Tile) {
	if len(r.Words) != len(f.Boxes) {
		return nil
	}
	together := 1.0
	for i, w := range r.Words {
		together *= w.Confidence
		tiles = append(tiles, Tile{Field: f.ID, Place: i + 1, Sort: TileCharacter, Text: w.Text, Confidence: w.Confidence})
	}
	slices.SortStableFunc(tiles, func(a, b Tile) int { return cmp.Compare(a.Confidence, b.Confidence) })
	n := 1 // somebody is to look at it
	for together /= max(tiles[0].Confidence, 1e-9); n < len(tiles) && together < tileSure; n++ {
		together /= max(tiles[n].Confidence, 1e-9)
	}
	tiles = tiles[:n]
	if slices.ContainsFunc(tiles, func(t Tile) bool { return utf8.RuneCountInString(t.Text) != 1 }) {
		return nil
	}
	return tiles
}

// InBoxes returns the text of a row that was read as r, with what stands in some
// of its boxes, by their places from 1, instead of what was read there.
func InBoxes(r Reading, said map[int]string) string {
	var b strings.Builder
	for i, w := range r.Words {
		text, ok := said[i+1]
		if !ok {
			text = w.Text
		}
		b.WriteString(text)
	}
	return b.String()
}

// InBox returns the text of a row that was read as r and is text since, with what
// stands in one of its boxes. It reports false where one cannot tell which
// character of text is in that box.
func InBox(r Reading, text string, place int, said string) (string, bool) {
	characters, at := []rune(text), 0
	for i, w := range r.Words {
		switch n := utf8.RuneCountInString(w.Text); {
		case i+1 == place && n == 1 && at < len(characters):
			if utf8.RuneCountInString(r.Text) != len(characters) {
				return "", false
			}
			return string(characters[:at]) + said + string(characters[at+1:]), true
		default:
			at += n
		}
	}
	return "", false
}

// Snippets are pictures of values and boxes of a page: parts of a blob.
type Snippets struct {
	Blob  blob.Key
	Parts []Snippet
}

// A Snippet is where the picture of a tile lies in its blob.
type Snippet struct {
	Field       FieldID
	Place       int   // as of Tile
	Start, Size int64 // bytes
}
