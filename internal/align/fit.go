package align

import (
	"cmp"
	"math"
	"slices"

	"github.com/seosik/seosik/internal/geom"
)

// A Fit is where a template lies on a page.
type Fit struct {
	TemplateToPage geom.Homography // template px to page px
	Residual       float64         // template px; how far print lies from where TemplateToPage says, root mean square
	Score          float64         // in [0, 1]; the share of the template's print that is there
	Foreign        float64         // in [0, 1]; the share in whose place there is something else
	sights         []sight         // template px; against the field, where there is one
	bend           field           // of paper that is not flat, nil of paper that is
	scale          float64         // template px a work px
}

// sure reports whether f is no accident. The more print lies off, the more of it
// must be there: unknown forms have words and rules of a template, but not quite
// in their places.
func (f *Fit) sure() bool {
	least := minScore
	if f.bend != nil {
		least = minBentScore
	}
	return f.Score >= least+float64(.1*min(f.Residual, 3))
}

// share returns the share of the print that is where it should be. What holds
// in both directions says more than a rule. Print in whose place there is
// nothing counts half, as it may be covered or too faint; print in whose place
// there is other ink counts double.
func (r *Reference) share(sights []sight) float64 {
	var found, all float64
	for i := range sights {
		s := &sights[i]
		weight := .2 + twofold(r.patches[i].grip)
		found += weight * s.trust / (1 + 2*s.miss())
		switch {
		case s.other:
			all += 2 * weight
		case s.trust < .3:
			all += weight / 2
		default:
			all += weight
		}
	}
	return found / all
}

// foreign returns the share of the print of which there is nothing, but something
// else in its place.
func (r *Reference) foreign(sights []sight) float64 {
	var foreign, all float64
	for i := range sights {
		weight := .2 + twofold(r.patches[i].grip)
		all += weight
		if sights[i].other && sights[i].trust < .3 {
			foreign += weight
		}
	}
	return foreign / all
}

// fit returns the fit that toPage and the sights make, on paper that is bent
// as the field says, or flat where that is nil.
func (r *Reference) fit(v view, toPage geom.Homography, sights []sight, bend field) Fit {
	sights = slices.Clone(sights)
	if bend != nil {
		for i := range sights {
			sights[i].off = sights[i].off.Sub(bend.at(sights[i].at))
		}
	}
	f := Fit{
		TemplateToPage: v.workTo().After(toPage).After(geom.Scale(1/r.scale, 1/r.scale)),
		Residual:       lost,
		Score:          r.share(sights),
		Foreign:        r.foreign(sights),
		sights:         sights,
		bend:           bend,
		scale:          r.scale,
	}
	var sum, weight float64
	for i := range sights {
		s := &sights[i]
		s.at = geom.Scale(r.scale, r.scale).Apply(s.at)
		s.off = geom.Scale(r.scale, r.scale).Apply(s.off)
		sum += s.trust * s.miss()
		weight += s.trust
	}
	if weight > 0 {
		f.Residual = math.Sqrt(sum / weight)
	}
	return f
}

const (
	lost   = 16 // template px; what ResidualAt says where nothing is found
	around = 12 // places with print that ResidualAt looks at
	unlike = 4  // template px; how far off ResidualAt takes print to be that is not what it should be
)

// ResidualAt returns how far print lies, at and around the box in template px,
// from where TemplateToPage says, or on bent paper the field: the root mean
// square in template px, with how far paper there is from plain. Each direction is taken from the print that holds in it, so that a long rule does
// not hide that rows moved along it. Where next to none of the print around is
// found, because it is covered or another form's, it returns 16.
func (f Fit) ResidualAt(box geom.Box) float64 {
	near := slices.Clone(f.sights)
	slices.SortStableFunc(near, func(a, b sight) int {
		return cmp.Compare(distanceTo(box, a.at), distanceTo(box, b.at))
	})
	var x, y, weightX, weightY, found float64
	for _, s := range near[:min(len(near), around)] {
		trust := s.trust
		if s.other && trust < .3 {
			trust, s.off = .3, geom.Point{X: unlike, Y: unlike}
		} else {
			found += trust
		}
		wx, wy := trust*float64(s.grip[0]), trust*float64(s.grip[2])
		x, weightX = x+float64(wx*s.off.X*s.off.X), weightX+wx
		y, weightY = y+float64(wy*s.off.Y*s.off.Y), weightY+wy
	}
	if found < 1 {
		return lost
	}
	broken := f.broken(box)
	return math.Sqrt(x/max(weightX, 1e-9) + y/max(weightY, 1e-9) + float64(broken*broken))
}

// distanceTo returns how far p is from the box, 0 inside.
func distanceTo(box geom.Box, p geom.Point) float64 {
	dx := max(box.Min.X-p.X, 0, p.X-box.Max.X)
	dy := max(box.Min.Y-p.Y, 0, p.Y-box.Max.Y)
	return math.Hypot(dx, dy)
}

// Bent reports whether the paper is not flat: TemplateToPage then holds about,
// and Point exactly.
func (f Fit) Bent() bool { return f.bend != nil }

// Point returns where p, in template px, lies on the page, in page px.
func (f Fit) Point(p geom.Point) geom.Point {
	if f.bend != nil {
		off := f.bend.at(geom.Point{X: p.X / f.scale, Y: p.Y / f.scale})
		p = p.Add(geom.Point{X: off.X * f.scale, Y: off.Y * f.scale})
	}
	return f.TemplateToPage.Apply(p)
}

// around returns the affine map from template px to where they lie by the
// field, which holds best for the box.
func (f Fit) around(box geom.Box) geom.Homography {
	work := geom.Scale(1/f.scale, 1/f.scale)
	box = geom.Box{Min: work.Apply(box.Min), Max: work.Apply(box.Max)}
	return geom.Scale(f.scale, f.scale).After(f.bend.around(box)).After(work)
}

// piece is how wide a part of a box is, in work px, that paper may not jump in.
const piece = 60

// broken returns how far the field at and around a box is, at most, from even
// over a piece of it, in template px: much where the paper jumps.
func (f Fit) broken(box geom.Box) (far float64) {
	if f.bend == nil {
		return 0
	}
	box.Min.Y, box.Max.Y = box.Min.Y-box.Height()/2, box.Max.Y+box.Height()/2
	parts := math.Ceil(box.Width() / (piece * f.scale))
	width := box.Width() / parts
	for i := range int(parts) {
		part := geom.XYWH(box.Min.X+float64(float64(i)*width), box.Min.Y, width, box.Height())
		even := f.TemplateToPage.After(f.around(part))
		for k := range 9 {
			p := geom.Point{X: part.Min.X + float64(float64(k%3)*width/2), Y: part.Min.Y + float64(float64(k/3)*part.Height()/2)}
			far = max(far, even.Apply(p).Distance(f.Point(p))/f.TemplateToPage.ScaleAt(p))
		}
	}
	return far
}

const (
	nearby = 120 // template px; print this far away counts 0.6 of print in the box
	steady = .5  // how much print it takes to move a place half as far as it says
)

// At returns TemplateToPage as it is at and around the box in template px:
// moved by as much as the print there is off, which is next to nothing on flat
// paper; on bent paper it follows that.
func (f Fit) At(box geom.Box) geom.Homography {
	if f.bend != nil {
		return f.TemplateToPage.After(f.around(box))
	}
	xx, xy, yy := steady, 0., steady
	var x, y float64
	for i := range f.sights {
		s := &f.sights[i]
		d := distanceTo(box, s.at) / nearby
		w := s.trust * math.Exp(-float64(d*d)/2)
		gx, gxy, gy := w*float64(s.grip[0]), w*float64(s.grip[1]), w*float64(s.grip[2])
		xx, xy, yy = xx+gx, xy+gxy, yy+gy
		x += float64(gx*s.off.X) + float64(gxy*s.off.Y)
		y += float64(gxy*s.off.X) + float64(gy*s.off.Y)
	}
	det := float64(xx*yy) - float64(xy*xy)
	return f.TemplateToPage.After(geom.Shift(geom.Point{
		X: (float64(yy*x) - float64(xy*y)) / det,
		Y: (float64(xx*y) - float64(xy*x)) / det,
	}))
}
