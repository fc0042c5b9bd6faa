package align

import (
	"image"

	"github.com/seosik/seosik/internal/raster"
)

const (
	block  = 16  // work px; a side of the squares in which the paper's brightness is taken
	margin = 12  // ink is darker than the paper by more than a margin-th: less is grain and shade
	gain   = 380 // ink, in gray values, of a pixel without light
)

// clean returns img with the paper made white: pixels keep how dark they are
// against the paper around them, and are black from two thirds of its
// brightness down. Uneven light and shaded cells are taken for paper, and no
// noise is left on it.
func clean(img *image.Gray) *image.Gray {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	paper := paperOf(img)
	dst := image.NewGray(image.Rect(0, 0, w, h))
	line := make([]int32, w) // paper's brightness along a row, 1/256
	for y := range h {
		paper.line(line, y)
		src := img.Pix[y*img.Stride:][:w:w]
		row := dst.Pix[y*dst.Stride:][:w:w]
		for x, v := range src {
			p := line[x]
			row[x] = raster.Paper
			if d := p - p/margin - int32(v)<<8; d > 0 {
				row[x] -= uint8(min(uint32(d)*gain/uint32(p), raster.Paper))
			}
		}
	}
	return dst
}

// A grid holds a value for each block of a picture, in 1/256.
type grid struct {
	w, h  int
	value []int32
}

// paperOf returns the brightness of the paper: the brightest of each block and
// its neighbours, smoothed.
func paperOf(img *image.Gray) grid {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	g := grid{(w + block - 1) / block, (h + block - 1) / block, nil}
	g.value = make([]int32, g.w*g.h)
	for y := range h {
		row := img.Pix[y*img.Stride:][:w:w]
		cells := g.value[y/block*g.w:][:g.w]
		for x := 0; x+4 <= w; x += 4 {
			s := int32(row[x]) + int32(row[x+1]) + int32(row[x+2]) + int32(row[x+3])
			if c := &cells[x/block]; s > *c {
				*c = s
			}
		}
	}
	for i, v := range g.value {
		g.value[i] = max(v<<6, 1<<8)
	}
	return g.around(func(sum, v int32, n int) int32 { return max(sum, v) }).
		around(func(sum, v int32, n int) int32 { return sum + (v-sum)/int32(n) })
}

// around returns the grid whose values gather those of the nine squares around
// each; n counts them from 1.
func (g grid) around(gather func(sum, v int32, n int) int32) grid {
	out := grid{g.w, g.h, make([]int32, len(g.value))}
	for y := range g.h {
		for x := range g.w {
			sum, n := int32(0), 0
			for j := max(y-1, 0); j <= min(y+1, g.h-1); j++ {
				for i := max(x-1, 0); i <= min(x+1, g.w-1); i++ {
					n++
					sum = gather(sum, g.value[j*g.w+i], n)
				}
			}
			out.value[y*g.w+x] = sum
		}
	}
	return out
}

// line sets dst to the values along row y, even between the middles of blocks.
func (g grid) line(dst []int32, y int) {
	y0, fy := between(y, g.h)
	top, bottom := g.value[y0*g.w:][:g.w], g.value[min(y0+1, g.h-1)*g.w:][:g.w]
	at := func(i int) int32 { return top[i] + (bottom[i]-top[i])*fy/(2*block) }
	for x := range min(block/2, len(dst)) {
		dst[x] = at(0)
	}
	for i := range g.w {
		a, b := at(i), at(min(i+1, g.w-1))
		from := i*block + block/2
		for x := from; x < min(from+block, len(dst)); x++ {
			dst[x] = a + (b-a)*int32(2*(x-from)+1)/(2*block)
		}
	}
}

// between returns the block whose middle is at or before pixel i, and how far
// i is on the way to the next, in 1/(2*block).
func between(i, n int) (at int, far int32) {
	d := 2*i + 1 - block
	if d < 0 {
		return 0, 0
	}
	return min(d/(2*block), n-1), int32(d % (2 * block))
}
