package align

import (
	"cmp"
	"encoding/binary"
	"image"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"

	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
)

// A feature is a corner and what its surroundings look like.
type feature struct {
	x, y  float32 // work px
	angle float32 // radians; where the ink around it lies, from the corner
	size  float32 // work px a px at which it was found
	code  code
}

func (f *feature) at() geom.Point { return geom.Point{X: float64(f.x), Y: float64(f.y)} }

// A code holds the outcome of 256 comparisons of brightness around a corner,
// turned with it (BRIEF, Calonder et al. 2010; steered as in ORB, Rublee et
// al. 2011).
type code [4]uint64

// distance returns in how many comparisons a and b differ, in [0, 256].
func (a *code) distance(b *code) int {
	return bits.OnesCount64(a[0]^b[0]) + bits.OnesCount64(a[1]^b[1]) +
		bits.OnesCount64(a[2]^b[2]) + bits.OnesCount64(a[3]^b[3])
}

const (
	radius    = 24 // px; comparisons lie in a circle this wide
	turns     = 64 // directions for which the comparisons are prepared
	edge      = radius + 3
	contrast  = 24 // by how much a corner's circle differs from its middle
	cellSide  = 32 // px; of the squares over which corners are spread
	cellLimit = 6  // corners a square
)

// features returns up to limit features of the ink, spread over all of it.
// Positions are multiplied by size, which they also get.
func features(ink *image.Gray, limit int, size float64) []feature {
	if ink.Rect.Dx() <= 2*edge || ink.Rect.Dy() <= 2*edge {
		return nil
	}
	smooth := blur(ink)
	corners := spread(corners(smooth), ink.Rect.Dx(), limit)
	smooth = blur(blur(smooth))
	out := make([]feature, len(corners))
	for i, c := range corners {
		angle := direction(ink, c.x, c.y)
		out[i] = feature{
			x:     float32((float64(c.x) + .5) * size),
			y:     float32((float64(c.y) + .5) * size),
			angle: float32(angle),
			size:  float32(size),
			code:  describe(smooth, c.x, c.y, angle),
		}
	}
	return out
}

// A corner is a pixel and how much it stands out.
type corner struct{ x, y, score int }

// circle lists the sixteen pixels three away from the middle, clockwise.
var circle = [16]image.Point{
	{0, -3},
	{1, -3},
	{2, -2},
	{3, -1},
	{3, 0},
	{3, 1},
	{2, 2},
	{1, 3},
	{0, 3},
	{-1, 3},
	{-2, 2},
	{-3, 1},
	{-3, 0},
	{-3, -1},
	{-2, -2},
	{-1, -3},
}

// corners returns the corners of ink by the segment test: nine pixels in a
// row on a circle are all darker or all lighter than the middle (FAST, Rosten
// and Drummond 2006). Of corners that touch, the strongest stays.
func corners(ink *image.Gray) []corner {
	w, h, stride := ink.Rect.Dx(), ink.Rect.Dy(), ink.Stride
	var offset [16]int
	for i, p := range circle {
		offset[i] = p.Y*stride + p.X
	}
	scores := make([]uint16, w*h)
	var found []corner
	for y := edge; y < h-edge; y++ {
		row := ink.Pix[y*stride:][:w:w]
		up, down := ink.Pix[(y-3)*stride:][:w:w], ink.Pix[(y+3)*stride:][:w:w]
		for x := edge; x < w-edge; x++ {
			if word(row[x:])&word(up[x:])&word(down[x:])&word(row[x-3:])&word(row[x+3:]) == math.MaxUint64 {
				x += 7 // all paper
				continue
			}
			v := int(row[x])
			n, s, e, o := int(up[x])-v, int(down[x])-v, int(row[x+3])-v, int(row[x-3])-v
			if !more(n, s, e, o) && !more(-n, -s, -e, -o) {
				continue
			}
			if score := segment(ink.Pix, y*stride+x, &offset); score > 0 {
				scores[y*w+x] = uint16(score)
				found = append(found, corner{x, y, score})
			}
		}
	}
	return strongest(found, scores, w)
}

// more reports whether two neighbours of the four points of the compass are
// brighter by more than contrast, as they are in any segment of nine.
func more(n, s, e, w int) bool {
	return (n > contrast || s > contrast) && (e > contrast || w > contrast)
}

// segment returns by how much the weakest pixel of the best segment of nine
// around pix[at] differs from it, or 0 if there is no such segment.
func segment(pix []uint8, at int, offset *[16]int) int {
	var d [24]int
	v := int(pix[at])
	for i, o := range offset {
		d[i] = int(pix[at+o]) - v
	}
	copy(d[16:], d[:8])
	best := contrast
	for _, sign := range [2]int{1, -1} {
		run, weakest := 0, 0
		for i := 0; i < 24; i++ {
			if sign*d[i] <= best {
				run = 0
				continue
			}
			if run == 0 {
				weakest = 255
			}
			run++
			weakest = min(weakest, sign*d[i])
			if run >= 9 {
				best = weakest
				run = 0
				i -= 8
			}
		}
	}
	if best == contrast {
		return 0
	}
	return best
}

// strongest returns those of found that no neighbour outdoes.
func strongest(found []corner, scores []uint16, w int) []corner {
	out := found[:0]
	for _, c := range found {
		i := c.y*w + c.x
		s := scores[i]
		if s >= scores[i-1] && s > scores[i+1] && s >= scores[i-w-1] && s >= scores[i-w] && s >= scores[i-w+1] &&
			s > scores[i+w-1] && s > scores[i+w] && s > scores[i+w+1] {
			out = append(out, c)
		}
	}
	return out
}

// spread returns up to limit corners: of every square first the strongest,
// then the second, and so on.
func spread(all []corner, w, limit int) []corner {
	slices.SortFunc(all, func(a, b corner) int {
		return cmp.Or(b.score-a.score, a.y-b.y, a.x-b.x)
	})
	columns := w/cellSide + 1
	seen := map[int]int{}
	ranked := make([][]corner, cellLimit)
	for _, c := range all {
		cell := c.y/cellSide*columns + c.x/cellSide
		if rank := seen[cell]; rank < cellLimit {
			ranked[rank] = append(ranked[rank], c)
			seen[cell]++
		}
	}
	out := slices.Concat(ranked...)
	return out[:min(limit, len(out))]
}

// direction returns the angle from (x, y) to the centre of the ink around it
// (Rosin 1999), in radians.
func direction(ink *image.Gray, x, y int) float64 {
	mx, my := 0, 0
	for dy := -radius; dy <= radius; dy++ {
		half := halfWidth[dy+radius]
		row := ink.Pix[(y+dy)*ink.Stride+x-half:][:2*half+1]
		sum := 0
		for i, v := range row {
			v = raster.Paper - v
			sum += int(v)
			mx += (i - half) * int(v)
		}
		my += dy * sum
	}
	return math.Atan2(float64(my), float64(mx))
}

// halfWidth holds half the width of each row of the circle of comparisons.
var halfWidth = func() (half [2*radius + 1]int) {
	for dy := -radius; dy <= radius; dy++ {
		half[dy+radius] = int(math.Sqrt(float64(radius*radius - dy*dy)))
	}
	return half
}()

// A pair is two points whose brightness is compared.
type pair struct{ ax, ay, bx, by int8 }

// pairs holds the comparisons for every direction. They are drawn from a
// normal distribution around the corner, as Calonder et al. found best.
var pairs = func() *[turns][256]pair {
	r := rand.New(rand.NewPCG(0x5e05, 0x1c))
	draw := func() (x, y float64) {
		for {
			x, y = r.NormFloat64()*radius/2, r.NormFloat64()*radius/2
			if math.Hypot(x, y) < radius-.5 {
				return x, y
			}
		}
	}
	var table [turns][256]pair
	for i := range 256 {
		ax, ay := draw()
		bx, by := draw()
		for t := range turns {
			sin, cos := math.Sincos(2 * math.Pi * float64(t) / turns)
			turn := func(x, y float64) (int8, int8) {
				return int8(math.Round(float64(cos*x) - float64(sin*y))), int8(math.Round(float64(sin*x) + float64(cos*y)))
			}
			p := &table[t][i]
			p.ax, p.ay = turn(ax, ay)
			p.bx, p.by = turn(bx, by)
		}
	}
	return &table
}()

// describe returns the code of the corner at (x, y) with the given angle.
func describe(smooth *image.Gray, x, y int, angle float64) (c code) {
	turn := int(math.Round(angle/(2*math.Pi)*turns)) & (turns - 1)
	at, stride := y*smooth.Stride+x, smooth.Stride
	for i := range pairs[turn] {
		p := &pairs[turn][i]
		a := smooth.Pix[at+int(p.ay)*stride+int(p.ax)]
		b := smooth.Pix[at+int(p.by)*stride+int(p.bx)]
		if a > b {
			c[i>>6] |= 1 << (i & 63)
		}
	}
	return c
}

// blur returns page averaged over squares of three pixels, the middle weighing
// most, so that a speck makes no corner. It averages eight pixels at a time; the
// outermost pixels stay black.
func blur(page *image.Gray) *image.Gray {
	w, h := page.Rect.Dx(), page.Rect.Dy()
	dst := image.NewGray(image.Rect(0, 0, w, h))
	line := make([]uint8, w) // averaged down the columns
	for y := 1; y < h-1; y++ {
		above, row, below := page.Pix[(y-1)*page.Stride:][:w:w], page.Pix[y*page.Stride:][:w:w], page.Pix[(y+1)*page.Stride:][:w:w]
		for x := 0; x+8 <= w; x += 8 {
			put(line[x:], mean(mean(word(above[x:]), word(below[x:])), word(row[x:])))
		}
		out := dst.Pix[y*dst.Stride:][:w:w]
		for x := 1; x+9 <= w; x += 8 {
			put(out[x:], mean(mean(word(line[x-1:]), word(line[x+1:])), word(line[x:])))
		}
	}
	return dst
}

func word(pix []uint8) uint64   { return binary.LittleEndian.Uint64(pix) }
func put(pix []uint8, v uint64) { binary.LittleEndian.PutUint64(pix, v) }

// mean returns the means of the eight bytes of a and b, rounded up.
func mean(a, b uint64) uint64 { return (a | b) - (a^b)>>1&0x7f7f7f7f7f7f7f7f }
