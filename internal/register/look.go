package register

import (
	"image"
	"math"

	"github.com/seosik/seosik/internal/geom"
)

// look returns where what stands in and around a box of the old picture is.
func (m *mover) look(box geom.Box) placed {
	b := m.work(box)
	around := grow(b, wide*m.unit, high*m.unit)
	if !m.printed(around) {
		return placed{at: m.fit.At(box)} // nothing that could have moved
	}
	near, like := m.search(1, around, geom.Point{}, 2, 0)
	if like < trusted {
		far, _ := m.search(0, around, geom.Point{}, int(reach*m.unit/m.steps[0]), reach*m.unit)
		if far, better := m.search(1, around, far, 2, 0); better > like {
			near, like = far, better
		}
	}
	if like < leastLike {
		return placed{at: m.fit.At(box), lost: true}
	}
	return m.exactly(box, b, near)
}

// lookNear is look for a part of something whose place is known.
func (m *mover) lookNear(box geom.Box, whole placed) placed {
	b := m.work(box)
	around := grow(b, wide*m.unit, close*m.unit)
	if whole.lost || !m.printed(around) {
		return placed{at: whole.at, shift: whole.shift}
	}
	shift, like := m.search(2, around, whole.shift, int(1.5*m.unit), 0)
	if like < leastLike {
		return placed{at: whole.at, shift: whole.shift}
	}
	return m.exactly(box, b, shift)
}

// exactly returns the place of a box that was found about a shift away.
func (m *mover) exactly(box, b geom.Box, shift geom.Point) placed {
	if around := grow(b, close*m.unit, close*m.unit); m.printed(around) {
		if fine, like := m.search(2, around, shift, 3, 0); like >= leastLike {
			shift = fine
		}
	}
	if math.Hypot(shift.X, shift.Y) <= still*m.unit {
		return placed{at: m.fit.At(box)} // which is measured with more print, and finer
	}
	by := geom.Point{X: shift.X * m.scale, Y: shift.Y * m.scale}
	return placed{at: m.fit.TemplateToPage.After(geom.Shift(by)), shift: shift}
}

// work returns a box of the old picture in work px.
func (m *mover) work(b geom.Box) geom.Box {
	return geom.Box{
		Min: geom.Point{X: b.Min.X / m.scale, Y: b.Min.Y / m.scale},
		Max: geom.Point{X: b.Max.X / m.scale, Y: b.Max.Y / m.scale},
	}
}

func grow(b geom.Box, x, y float64) geom.Box {
	return geom.Box{Min: geom.Point{X: b.Min.X - x, Y: b.Min.Y - y}, Max: geom.Point{X: b.Max.X + x, Y: b.Max.Y + y}}
}

// window returns the pixels of a box at a level of detail, within the picture.
func (m *mover) window(level int, b geom.Box) image.Rectangle {
	k := m.steps[level]
	return image.Rect(
		int(math.Floor(b.Min.X/k)), int(math.Floor(b.Min.Y/k)), int(math.Ceil(b.Max.X/k)), int(math.Ceil(b.Max.Y/k)),
	).Intersect(m.before[level].Rect)
}

// printed reports whether the old picture has print in a box.
func (m *mover) printed(b geom.Box) bool {
	img, r := m.before[2], m.window(2, b)
	sum, squares, n := 0., 0., float64(r.Dx()*r.Dy())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, v := range img.Pix[y*img.Stride+r.Min.X : y*img.Stride+r.Max.X] {
			sum += float64(v)
			squares += float64(v) * float64(v)
		}
	}
	return n > 0 && math.Sqrt(max(0, squares/n-sum/n*sum/n)) >= leastInk
}

// search returns by how much a box of the old picture is best shifted to look as
// the new one does, and how alike they are then: within so many steps of a level of
// detail around a shift. What is far from no shift, against far, is taken for a
// little less alike: rows of a table look like each other.
func (m *mover) search(level int, b geom.Box, about geom.Point, steps int, far float64) (geom.Point, float64) {
	r, k := m.window(level, b), m.steps[level]
	x0, y0 := int(math.Round(about.X/k)), int(math.Round(about.Y/k))
	best, like, score := about, -1., math.Inf(-1)
	var around [3][3]float64 // the likeness beside the best
	for dy := -steps; dy <= steps; dy++ {
		for dx := -steps; dx <= steps; dx++ {
			x, y := x0+dx, y0+dy
			v := likeness(m.before[level], m.after[level], r, image.Pt(x, y))
			s := v
			if far > 0 {
				s -= .15 * math.Hypot(float64(x), float64(y)) * k / far
			}
			if s > score {
				best, like, score = geom.Point{X: float64(x) * k, Y: float64(y) * k}, v, s
			}
		}
	}
	if level < 2 {
		return best, like
	}
	for j := range around {
		for i := range around[j] {
			around[j][i] = likeness(m.before[level], m.after[level], r, image.Pt(int(best.X)+i-1, int(best.Y)+j-1))
		}
	}
	best.X += peak(around[1][0], around[1][1], around[1][2])
	best.Y += peak(around[0][1], around[1][1], around[2][1])
	return best, like
}

// peak returns where a parabola through three neighbours has its peak, from the
// middle one.
func peak(a, b, c float64) float64 {
	if bend := a - 2*b + c; bend < -1e-6 {
		return max(-.5, min(.5, (a-c)/(2*bend)))
	}
	return 0
}

// likeness returns how alike the pixels of r in a picture are to those in another,
// shifted by d: their correlation coefficient, in [-1, 1]. What is outside is paper.
func likeness(before, after *image.Gray, r image.Rectangle, d image.Point) float64 {
	var n, sa, sb, saa, sbb, sab int64
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := before.Pix[y*before.Stride+r.Min.X : y*before.Stride+r.Max.X]
		inside := y+d.Y >= 0 && y+d.Y < after.Rect.Dy()
		for i, v := range row {
			a, b := int64(v), int64(255)
			if x := r.Min.X + i + d.X; inside && x >= 0 && x < after.Rect.Dx() {
				b = int64(after.Pix[(y+d.Y)*after.Stride+x])
			}
			sa, sb, saa, sbb, sab = sa+a, sb+b, saa+a*a, sbb+b*b, sab+a*b
		}
		n += int64(len(row))
	}
	varA, varB := float64(n*saa-sa*sa), float64(n*sbb-sb*sb)
	if varA <= 0 || varB <= 0 {
		return 0
	}
	return float64(n*sab-sa*sb) / math.Sqrt(varA) / math.Sqrt(varB)
}
