package views

import (
	"encoding/json"
	"math"

	"github.com/seosik/seosik/internal/form"
)

// boxes returns the boxes of r for the script that draws them, or nothing where it is
// no row of boxes, or there is no picture of it: of each its left side and width, in
// shares of the width of the picture, what was read in it, and 1 where that is not
// clear.
func (r ReviewRow) boxes() string {
	f, words, shown := &r.Value.Field, r.Value.Reading.Words, r.Crop.Box
	if f.Kind != form.MultiBox || r.Crop.Address == "" || shown.Empty() {
		return ""
	}
	list := make([][4]any, len(f.Boxes))
	for i, b := range f.Boxes {
		read, unclear := "", 0
		if len(words) == len(f.Boxes) {
			read = words[i].Text
			if r.Value.Doubtful() && words[i].Confidence < unclearBelow {
				unclear = 1
			}
		}
		list[i] = [4]any{round((b.Min.X - shown.Min.X) / shown.Width()), round(b.Width() / shown.Width()), read, unclear}
	}
	text, err := json.Marshal(list)
	if err != nil {
		panic(err) // it has numbers and texts only
	}
	return string(text)
}

// round leaves of a share what can be seen.
func round(share float64) float64 { return math.Round(share*1e4) / 1e4 }
