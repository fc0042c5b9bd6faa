package sample

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/seosik/seosik/internal/form"
)

// penSituations are those of what is written on real forms, and seldom on drawn
// ones: capitals, letters in rows of boxes, points.
var penSituations = []situation{
	{name: "capitals", values: inCapitals},
	{name: "letters in boxes", values: lettersInBoxes},
	{name: "points", values: withPoints},
}

// inCapitals has people write Latin letters as capitals, as many forms ask for.
func inCapitals(_ *rand.Rand, b *Blank, values map[form.FieldID]Value) {
	for _, f := range b.Template.Places() {
		if v := values[f.ID]; b.content(f) != Email {
			v.Text = strings.ToUpper(v.Text)
			values[f.ID] = v
		}
	}
}

// lettersInBoxes has all rows of boxes hold words in capitals, codes of letters
// and digits, or numbers, of which some have a rule that says which.
func lettersInBoxes(r *rand.Rand, b *Blank, values map[form.FieldID]Value) {
	for i := range b.Template.Fields {
		f := &b.Template.Fields[i]
		n := len(f.Boxes)
		if n == 0 || values[f.ID].Text == "" {
			continue
		}
		var text, pattern string
		switch r.IntN(3) {
		case 0:
			text, pattern = lettersOf(r, n), "[A-Z]+"
		case 1:
			text, pattern = lettersOf(r, min(n, 2))+digits(r, max(0, n-2)), "[A-Z]{1,2}[0-9]*"
		default:
			text, pattern = digits(r, n), "[0-9]+"
		}
		values[f.ID] = Value{Text: text}
		f.ValueType = form.All
		if chance(r, .5) {
			f.Rules.Pattern = pattern
		}
	}
}

// lettersOf returns the start of a name in capitals, at most n letters.
func lettersOf(r *rand.Rand, n int) string {
	name := strings.ToUpper(pick(r, english.family) + pick(r, english.given))
	return name[:min(n, len(name))]
}

// withPoints has figures with points in them: days, versions, decimals, sizes.
func withPoints(r *rand.Rand, b *Blank, values map[form.FieldID]Value) {
	for _, f := range b.Template.Places() {
		if f.Kind != form.Normal || values[f.ID].Text == "" {
			continue
		}
		switch t := day(r); b.content(f) {
		case Date:
			values[f.ID] = Value{Text: pick(r, []string{t.Format("2006.01.02"), t.Format("06.1.2"), t.Format("2006.1.2"), t.Format("02.01.2006")})}
		case Words, Item, Reason, Code:
			values[f.ID] = Value{Text: pick(r, []string{
				fmt.Sprintf("%d.%d%s", r.IntN(20), r.IntN(10), pick(r, []string{"GB", " kg", "%", " cm", ""})),
				fmt.Sprintf("Ver. %d.%d.%d", r.IntN(10), r.IntN(20), r.IntN(10)),
				fmt.Sprintf("%d.%02d", r.IntN(400), r.IntN(100)),
				fmt.Sprintf("No. %d", 1+r.IntN(400)),
			})}
		}
	}
}
