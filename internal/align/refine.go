package align

import (
	"image"
	"math"
	"math/bits"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

// A sight is where a patch of the template was found on the page, against
// where it should be.
type sight struct {
	at    geom.Point // work px of the template; the middle of the patch
	off   geom.Point // work px of the template; how far from there the page has it
	grip  [3]float32 // xx, xy, yy; how firmly each direction is held: a rule holds only across
	trust float64    // in [0, 1]; how alike patch and page are
	other bool       // something else is printed or written there
}

// miss returns the square of how far s is off, where it holds.
func (s *sight) miss() float64 { return missBy(s.off, s.grip) }

func missBy(d geom.Point, grip [3]float32) float64 {
	return float64(d.X*d.X*float64(grip[0])) + 2*float64(d.X*d.Y*float64(grip[1])) + float64(d.Y*d.Y*float64(grip[2]))
}

// search looks for the patches on the page up to reach px away from where
// toPage says, at most 20. It compares ink against paper, in bits.
func search(page *image.Gray, toPage geom.Homography, patches []patch, reach int) []sight {
	sights := make([]sight, 0, len(patches))
	side := patchSide + 2*reach
	for i := range patches {
		p := &patches[i]
		window := raster.Warp(page, toPage.After(geom.Shift(geom.Point{
			X: float64(int(p.x) - reach), Y: float64(int(p.y) - reach),
		})), side, side)
		off, share := p.find(window, reach)
		sights = append(sights, sight{
			at:    p.middle(),
			off:   off,
			grip:  p.grip,
			trust: max(0, min(1, (share-.4)/.4)),
		})
	}
	return sights
}

const (
	darkPatch = 4  // levels from which a pixel of a patch is ink
	darkPage  = 48 // gray values by which ink on the page is darker than paper
)

// find returns by how much p must be moved to lie on the ink of window, and
// the share of its ink that is there then, less the share that would be on a
// page of even ink.
func (p *patch) find(window *image.Gray, reach int) (geom.Point, float64) {
	var best geom.Point
	bestShare := math.Inf(-1)
	far := .12 / float64(reach*reach)
	p.compareAt(window, reach, func(dx, dy int, share float64) {
		// A rule is as good anywhere along itself: take the nearest.
		share -= far * float64(dx*dx+dy*dy)
		if share > bestShare {
			bestShare, best = share, geom.Point{X: float64(dx), Y: float64(dy)}
		}
	})
	if math.IsInf(bestShare, -1) {
		return geom.Point{}, 0
	}
	return best, bestShare
}

// compareAt calls told, row by row, with the share of the ink of p that is on
// the ink of window where p is moved by (dx, dy), up to reach px, less the share
// that would be on a page of even ink. It calls nothing where p has no ink.
func (p *patch) compareAt(window *image.Gray, reach int, told func(dx, dy int, share float64)) {
	var ink [patchSide]uint64
	count := 0
	for i, v := range p.ink {
		for k, level := range [2]uint8{v >> 4, v & 15} {
			if level >= darkPatch {
				ink[2*i/patchSide] |= 1 << (2*i%patchSide + k)
				count++
			}
		}
	}
	if count == 0 {
		return
	}
	rows := make([]uint64, window.Rect.Dy())
	for y := range rows {
		for x, v := range window.Pix[y*window.Stride:][:window.Rect.Dx()] {
			if v < raster.Paper-darkPage {
				rows[y] |= 1 << x
			}
		}
	}
	for dy := -reach; dy <= reach; dy++ {
		for dx := -reach; dx <= reach; dx++ {
			both, dark := 0, 0
			for y, row := range ink {
				w := rows[y+dy+reach] >> (dx + reach)
				both += bits.OnesCount64(w & row)
				dark += bits.OnesCount64(w & (1<<patchSide - 1))
			}
			told(dx, dy, float64(both)/float64(count)-float64(dark)/patchArea)
		}
	}
}

// adjust returns toPage moved so that it fits the sights best, in the sense of
// least squares with Cauchy's weights (iteratively reweighted): sights that lie
// more than spread px off count little.
func adjust(toPage geom.Homography, sights []sight, spread float64) (geom.Homography, bool) {
	normal := normalize(sights)
	var x [8]float64
	for range 6 {
		var s system
		for i := range s {
			s[i][i] = 1e-3 // holds what no patch holds
		}
		for i := range sights {
			addSight(&s, &sights[i], normal.Apply(sights[i].at), x, spread)
		}
		var ok bool
		if x, ok = s.solve(8); !ok {
			return toPage, false
		}
	}
	k := normal[0] // 1/px
	move := geom.Homography{
		1 + float64(k*x[0]), k * x[1], k * x[2],
		k * x[3], 1 + float64(k*x[4]), k * x[5],
		-k * x[6], -k * x[7], 1,
	}
	back, err := normal.Inverse()
	if err != nil {
		return toPage, false
	}
	return toPage.After(back).After(move).After(normal), true
}

// displacement returns by how much the unknowns x move the normalized point p, in px.
func displacement(x *[8]float64, p geom.Point) geom.Point {
	tilt := float64(x[6]*p.X) + float64(x[7]*p.Y)
	return geom.Point{
		X: float64(x[0]*p.X) + float64(x[1]*p.Y) + x[2] + float64(tilt*p.X),
		Y: float64(x[3]*p.X) + float64(x[4]*p.Y) + x[5] + float64(tilt*p.Y),
	}
}

// addSight adds what v says about the unknowns, weighed by how well it agrees
// with the unknowns found so far.
func addSight(s *system, v *sight, p geom.Point, x [8]float64, spread float64) {
	if v.trust <= 0 {
		return
	}
	d := displacement(&x, p).Sub(v.off)
	miss := missBy(d, v.grip)
	weight := v.trust / (1 + miss/(spread*spread))
	rowX := [8]float64{p.X, p.Y, 1, 0, 0, 0, p.X * p.X, p.X * p.Y}
	rowY := [8]float64{0, 0, 0, p.X, p.Y, 1, p.X * p.Y, p.Y * p.Y}
	addGrip(s, v.grip, rowX[:], rowY[:], v.off, weight)
}

// addGrip adds what a sight that is off by off says about unknowns of which x
// and y are rowX and rowY, as firmly as it holds.
func addGrip(s *system, grip [3]float32, rowX, rowY []float64, off geom.Point, weight float64) {
	gx, gxy, gy := float64(grip[0]), float64(grip[1]), float64(grip[2])
	// The grip is a sum of two outer products: across its own x, and what is left of y.
	if gx > 1e-9 {
		var row [8]float64
		f := gxy / gx
		for i := range rowX {
			row[i] = rowX[i] + float64(f*rowY[i])
		}
		s.add(row[:len(rowX)], off.X+float64(f*off.Y), weight*gx)
		gy -= gxy * f
	}
	if gy > 1e-9 {
		s.add(rowY, off.Y, weight*gy)
	}
}

// normalize returns the map that carries the sights into a square of side
// about 2 around the origin.
func normalize(sights []sight) geom.Homography {
	var box geom.Box
	for i, v := range sights {
		b := geom.Box{Min: v.at, Max: v.at}
		if i == 0 {
			box = b
		}
		box.Min.X, box.Max.X = min(box.Min.X, v.at.X), max(box.Max.X, v.at.X)
		box.Min.Y, box.Max.Y = min(box.Min.Y, v.at.Y), max(box.Max.Y, v.at.Y)
	}
	k := 2 / max(box.Width(), box.Height(), 1)
	c := box.Center()
	return geom.Scale(k, k).After(geom.Shift(geom.Point{X: -c.X, Y: -c.Y}))
}

// inspect measures to a fraction of a pixel where the patches lie that toPage
// brings to within about two pixels (Lucas and Kanade 1981, with the mean of
// both gradients, Malis 2004). Ink that only the page has counts little.
func inspect(page *image.Gray, toPage geom.Homography, patches []patch) []sight {
	sights := make([]sight, len(patches))
	var pair comparison
	for i := range patches {
		sights[i] = pair.inspect(page, toPage, &patches[i])
	}
	return sights
}

// A comparison holds a patch of a template and the same place on a page.
type comparison struct{ print, page [patchArea]float32 }

// inspect measures where p lies, using c as scratch space.
func (c *comparison) inspect(page *image.Gray, toPage geom.Homography, p *patch) sight {
	window := raster.Warp(page, toPage.After(geom.Shift(geom.Point{X: float64(p.x), Y: float64(p.y)})), patchSide, patchSide)
	p.unpack(&c.print)
	for i, v := range window.Pix {
		c.page[i] = float32(raster.Paper - v)
	}
	s := c.compare()
	s.at = p.middle()
	s.other = s.trust < .5 && c.covered()
	return s
}

// compare returns by how much the print on the page is off.
func (c *comparison) compare() sight {
	level, alike := c.likeness()
	if level <= 0 {
		return sight{}
	}
	var g [3]float32
	var bx, by float32
	for y := 1; y < patchSide-1; y++ {
		for x := 1; x < patchSide-1; x++ {
			i := y*patchSide + x
			px := c.print[i+1] - c.print[i-1]
			py := c.print[i+patchSide] - c.print[i-patchSide]
			if px == 0 && py == 0 {
				continue
			}
			dx := (px + float32(level*(c.page[i+1]-c.page[i-1]))) / 4
			dy := (py + float32(level*(c.page[i+patchSide]-c.page[i-patchSide]))) / 4
			r := float32(level*c.page[i]) - c.print[i]
			w := fade[i] / (1 + float32(r*r)/(60*60))
			g[0] += float32(w * float32(dx*dx))
			g[1] += float32(w * float32(dx*dy))
			g[2] += float32(w * float32(dy*dy))
			bx -= float32(w * float32(dx*r))
			by -= float32(w * float32(dy*r))
		}
	}
	s := sight{trust: max(0, min(1, (alike-.4)/.4))}
	xx, xy, yy := float64(g[0])+100, float64(g[1]), float64(g[2])+100
	det := float64(xx*yy) - float64(xy*xy)
	s.off.X = (float64(yy*float64(bx)) - float64(xy*float64(by))) / det
	s.off.Y = (float64(xx*float64(by)) - float64(xy*float64(bx))) / det
	s.grip = firm(g)
	return s
}

// fade weighs the pixels of a patch: less towards its border, where a stroke of
// which only one side is in the patch would pull when it is thicker or thinner.
var fade = func() (weights [patchArea]float32) {
	at := func(i int) float64 { return math.Sin(math.Pi * (float64(i) + .5) / patchSide) }
	for i := range weights {
		weights[i] = float32(at(i/patchSide) * at(i%patchSide))
	}
	return weights
}()

// covered reports whether the page has about as much ink as the print, or more.
func (c *comparison) covered() bool {
	var print, page float32
	for i := range c.print {
		print += c.print[i]
		page += c.page[i]
	}
	return page > print/2
}

// likeness returns the factor that makes the ink of the page as dark as the
// print, and how alike the two are around the print, in [0, 1].
func (c *comparison) likeness() (level float32, alike float64) {
	var pp, pq, qq float32
	for y := 1; y < patchSide-1; y++ {
		for x := 1; x < patchSide-1; x++ {
			i := y*patchSide + x
			p, q := c.print[i], c.page[i]
			if p == 0 && c.print[i-1] == 0 && c.print[i+1] == 0 && c.print[i-patchSide] == 0 && c.print[i+patchSide] == 0 {
				continue
			}
			pp += float32(p * p)
			pq += float32(p * q)
			qq += float32(q * q)
		}
	}
	if pp == 0 || qq == 0 {
		return 0, 0
	}
	return pq / qq, float64(pq) / math.Sqrt(float64(pp)*float64(qq))
}
