package align

import (
	"math"

	"github.com/seosik/seosik/internal/geom"
)

const (
	nearby = 120 // template px; print this far away counts 0.6 of print in the box
	steady = .5  // how much print it takes to move a place half as far as it says
)

// At returns TemplateToPage as it is at and around the box in template px:
// moved by as much as the print there is off. On flat paper that is next to
// nothing; where paper is bent it is most of the residual.
func (f Fit) At(box geom.Box) geom.Homography {
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
