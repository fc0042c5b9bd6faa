package suggest

import (
	"cmp"
	"image"
	"slices"

	"github.com/seosik/seosik/internal/grid"
)

// Sizes in millimetres of a page of A4.
const (
	ruleLeast = 2.0 // length of a rule
	ruleGap   = .8  // in a rule that is overlooked
	ruleApart = .35 // of the middles of two parts of one rule, across it

	dotSide  = .9 // of a dot of a dotted rule
	dashLong = 4. // of a dash of a dashed one
	dotGap   = 1.6
	dotCount = 8 // dots or dashes that make a rule

	brokenPitch = 1.8 // of dashes that are drawn as one rule, at most

	lettersLeast  = 5.  // length of a rule that may be a line of letters
	letteredLeast = .25 // share of it that has ink beside it
	letteredMost  = .85

	looseThick = .6
	looseLong  = 60.
	looseStems = .1  // share of it that is ink from edge to edge, at least, if it is letters
	looseGaps  = .05 // and share without any
)

// maxRules bounds the work for a picture that is made of lines. No form has so
// many; the longest count.
const maxRules = 3000

// A rule is a line that runs along one axis, drawn or dotted.
type rule struct {
	grid.Line
	dotted bool
}

func (r rule) length() int { return r.To - r.From }

// rulesOf returns the level and the upright rules of a picture whose ink and its
// pieces are given, each by its place across.
func rulesOf(img *image.Gray, ink []bool, pieces []image.Rectangle, unit float64) (level, upright []rule) {
	drawnLevel, drawnUpright := grid.Lines(img, max(8, int(ruleLeast*unit)))
	turned := make([]image.Rectangle, len(pieces))
	for i, p := range pieces {
		turned[i] = image.Rect(p.Min.Y, p.Min.X, p.Max.Y, p.Max.X)
	}
	level, upright = joined(drawnLevel, dotted(pieces, unit), unit), joined(drawnUpright, dotted(turned, unit), unit)
	width, height := img.Rect.Dx(), img.Rect.Dy()
	dark := func(x, y int) bool { return x >= 0 && y >= 0 && x < width && y < height && ink[y*width+x] }
	level = slices.DeleteFunc(level, func(r rule) bool { return streak(r, width) || lettered(r, dark, unit) })
	turnedDark := func(along, across int) bool { return dark(across, along) }
	upright = slices.DeleteFunc(upright, func(r rule) bool { return streak(r, height) || lettered(r, turnedDark, unit) })
	for i, r := range upright { // guides between digits
		upright[i].dotted = r.dotted || broken(r, turnedDark, unit)
	}
	return level, upright
}

// broken reports whether a rule is of dashes that are too fine to be pieces of their
// own: it is as often interrupted, and those are too many for a bad copy.
func broken(r rule, dark func(along, across int) bool, unit float64) bool {
	gaps, inked := 0, true
	for at := r.From; at < r.To; at++ {
		on := false
		for across := r.Low; across < r.High && !on; across++ {
			on = dark(at, across)
		}
		if inked && !on {
			gaps++
		}
		inked = on
	}
	return gaps >= dotCount && float64(gaps)*brokenPitch*unit >= float64(r.length())
}

// streak reports whether a rule runs from one edge of the page to the other, as
// dirt in a feeder draws them, and the edges of what was scanned.
func streak(r rule, side int) bool { return float64(r.length()) >= .97*float64(side) }

// lettered reports whether a rule is strokes of letters in a line: there is ink
// right beside much of it, but not all along, as beside one of two rules.
func lettered(r rule, dark func(along, across int) bool, unit float64) bool {
	if r.dotted || float64(r.length()) < lettersLeast*unit {
		return false
	}
	share := company(r, dark, max(2, int(.3*unit)))
	return share >= letteredLeast && share <= letteredMost || loose(r, dark, unit)
}

// loose reports whether a short, thick rule is a line of small letters: in some
// places it is ink from edge to edge, in others there is none.
func loose(r rule, dark func(along, across int) bool, unit float64) bool {
	high := r.High - r.Low
	if float64(high) < looseThick*unit || float64(r.length()) > looseLong*unit {
		return false
	}
	full, empty := 0, 0
	for at := r.From; at < r.To; at++ {
		n := 0
		for across := r.Low; across < r.High; across++ {
			if dark(at, across) {
				n++
			}
		}
		switch {
		case n == 0:
			empty++
		case 5*n >= 4*high:
			full++
		}
	}
	all := float64(r.length())
	return float64(full) >= looseStems*all && float64(empty) >= looseGaps*all
}

// company returns the share of a rule that has ink so many pixels beside it, on one
// side or the other.
func company(r rule, dark func(along, across int) bool, beside int) float64 {
	n := 0
	for at := r.From; at < r.To; at++ {
		if dark(at, r.Low-beside) || dark(at, r.High-1+beside) {
			n++
		}
	}
	return float64(n) / float64(r.length())
}

// joined makes one rule of those that go on where another one ends.
func joined(drawn []grid.Line, dots []rule, unit float64) []rule {
	parts := dots
	for _, l := range drawn {
		parts = append(parts, rule{Line: l})
	}
	if len(parts) > maxRules {
		slices.SortFunc(parts, func(a, b rule) int { return cmp.Compare(b.length(), a.length()) })
		parts = parts[:maxRules]
	}
	slices.SortFunc(parts, func(a, b rule) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Low, b.Low)) })
	apart, gap := max(2, int(ruleApart*unit)), max(3, int(ruleGap*unit))
	var rules []rule
	for _, p := range parts {
		i := slices.IndexFunc(rules, func(r rule) bool {
			return abs(r.Middle()-p.Middle()) <= apart && p.From-r.To <= gap
		})
		if i < 0 {
			rules = append(rules, p)
			continue
		}
		r := &rules[i]
		if p.length() > r.length() {
			r.Low, r.High = p.Low, p.High
		}
		r.To = max(r.To, p.To)
		r.dotted = r.dotted && p.dotted // a fax breaks a rule into dashes here and there
	}
	slices.SortFunc(rules, func(a, b rule) int { return cmp.Or(cmp.Compare(a.Middle(), b.Middle()), cmp.Compare(a.From, b.From)) })
	return rules
}

// dotted returns the level rules that are made of dots or dashes.
func dotted(pieces []image.Rectangle, unit float64) []rule {
	var dots []image.Rectangle
	for _, p := range pieces {
		if float64(p.Dy()) <= dotSide*unit && float64(p.Dx()) <= dashLong*unit {
			dots = append(dots, p)
		}
	}
	slices.SortFunc(dots, func(a, b image.Rectangle) int { return cmp.Compare(a.Min.Y+a.Max.Y, b.Min.Y+b.Max.Y) })
	var rules []rule
	for len(dots) > 0 {
		n := 1
		for n < len(dots) && dots[n].Min.Y+dots[n].Max.Y-dots[0].Min.Y-dots[0].Max.Y <= max(4, int(unit/2)) {
			n++
		}
		rules = append(rules, chains(dots[:n], unit)...)
		dots = dots[n:]
	}
	return rules
}

// chains returns the rules among dots of one row.
func chains(dots []image.Rectangle, unit float64) []rule {
	row := slices.Clone(dots)
	slices.SortFunc(row, func(a, b image.Rectangle) int { return cmp.Compare(a.Min.X, b.Min.X) })
	var rules []rule
	for from := 0; from < len(row); {
		all, to := row[from], from+1
		for ; to < len(row) && float64(row[to].Min.X-row[to-1].Max.X) <= dotGap*unit; to++ {
			all = all.Union(row[to])
		}
		if to-from >= dotCount && float64(all.Dx()) >= 2*ruleLeast*unit {
			rules = append(rules, rule{grid.Line{From: all.Min.X, To: all.Max.X, Low: all.Min.Y, High: all.Max.Y}, true})
		}
		from = to
	}
	return rules
}

func abs(n int) int { return max(n, -n) }
