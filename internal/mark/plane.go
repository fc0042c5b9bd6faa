package mark

import (
	"image"
	"slices"
)

// A plane is a picture of darkness: 0 is paper, 1 is black.
type plane struct {
	width, height int
	at            []float32 // row by row
}

func newPlane(width, height int) plane {
	return plane{width, height, make([]float32, width*height)}
}

// darkness returns how dark img is within r compared with the paper there.
// What r covers beyond img is paper.
func darkness(img *image.Gray, r image.Rectangle) plane {
	p := newPlane(r.Dx(), r.Dy())
	seen := r.Intersect(image.Rect(0, 0, img.Rect.Dx(), img.Rect.Dy()))
	if seen.Empty() {
		return p
	}
	paper := paperOf(img, seen)
	scale := 1 / float32(paper)
	for y := seen.Min.Y; y < seen.Max.Y; y++ {
		row := img.Pix[y*img.Stride+seen.Min.X : y*img.Stride+seen.Max.X]
		out := p.at[(y-r.Min.Y)*p.width+seen.Min.X-r.Min.X:]
		for i, v := range row {
			out[i] = max(0, 1-float32(float32(v)*scale))
		}
	}
	return p
}

// paperOf returns the gray value of the paper of img within r, which lies in
// it: the middle of the lighter two thirds, because even a filled box and its
// label leave that much paper around them.
func paperOf(img *image.Gray, r image.Rectangle) int {
	var count [256]int
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, v := range img.Pix[y*img.Stride+r.Min.X : y*img.Stride+r.Max.X] {
			count[v]++
		}
	}
	left := r.Dx() * r.Dy() / 3
	for v := 255; v > 1; v-- {
		if left -= count[v]; left < 0 {
			return v
		}
	}
	return 1
}

// moved returns p with its content moved by (dx, dy) px, interpolated.
func (p plane) moved(dx, dy float64) plane {
	if dx == 0 && dy == 0 {
		return p
	}
	x0, y0 := floor(-dx), floor(-dy)
	fx, fy := float32(-dx-float64(x0)), float32(-dy-float64(y0))
	q := newPlane(p.width, p.height)
	for y := range q.height {
		for x := range q.width {
			a, b := p.value(x+x0, y+y0), p.value(x+x0+1, y+y0)
			c, d := p.value(x+x0, y+y0+1), p.value(x+x0+1, y+y0+1)
			top := a + float32(fx*(b-a))
			bottom := c + float32(fx*(d-c))
			q.at[y*q.width+x] = top + float32(fy*(bottom-top))
		}
	}
	return q
}

// part returns what of p is in r, which lies in it.
func (p plane) part(r image.Rectangle) plane {
	q := newPlane(r.Dx(), r.Dy())
	for y := range q.height {
		copy(q.at[y*q.width:(y+1)*q.width], p.at[(y+r.Min.Y)*p.width+r.Min.X:])
	}
	return q
}

// value returns the darkness of pixel (x, y), 0 outside.
func (p plane) value(x, y int) float32 {
	if x < 0 || y < 0 || x >= p.width || y >= p.height {
		return 0
	}
	return p.at[y*p.width+x]
}

// blurred returns p averaged with the weights 1:2:1 in both directions.
func (p plane) blurred() plane {
	h := newPlane(p.width, p.height)
	for y := range p.height {
		row, out := p.at[y*p.width:(y+1)*p.width], h.at[y*p.width:(y+1)*p.width]
		for x, v := range row {
			l, r := v, v
			if x > 0 {
				l = row[x-1]
			}
			if x+1 < len(row) {
				r = row[x+1]
			}
			out[x] = float32(.25*(l+r)) + float32(.5*v)
		}
	}
	q := newPlane(p.width, p.height)
	for y := range p.height {
		up, down := max(0, y-1), min(p.height-1, y+1)
		a, b, c := h.at[up*p.width:(up+1)*p.width], h.at[y*p.width:(y+1)*p.width], h.at[down*p.width:(down+1)*p.width]
		out := q.at[y*p.width : (y+1)*p.width]
		for x := range out {
			out[x] = float32(.25*(a[x]+c[x])) + float32(.5*b[x])
		}
	}
	return q
}

// spread returns p with every pixel as dark as the darkest of the nine
// around it.
func (p plane) spread() plane {
	h := newPlane(p.width, p.height)
	for y := range p.height {
		row, out := p.at[y*p.width:(y+1)*p.width], h.at[y*p.width:(y+1)*p.width]
		for x, v := range row {
			if x > 0 {
				v = max(v, row[x-1])
			}
			if x+1 < len(row) {
				v = max(v, row[x+1])
			}
			out[x] = v
		}
	}
	q := newPlane(p.width, p.height)
	for y := range p.height {
		up, down := max(0, y-1), min(p.height-1, y+1)
		a, b, c := h.at[up*p.width:(up+1)*p.width], h.at[y*p.width:(y+1)*p.width], h.at[down*p.width:(down+1)*p.width]
		out := q.at[y*p.width : (y+1)*p.width]
		for x := range out {
			out[x] = max(a[x], b[x], c[x])
		}
	}
	return q
}

// quantile returns the value below which the share q of vs lies. It sorts vs.
// There must be some.
func quantile(vs []float32, q float64) float32 {
	slices.Sort(vs)
	return vs[min(len(vs)-1, int(q*float64(len(vs))))]
}

func floor(v float64) int {
	n := int(v)
	if float64(n) > v {
		n--
	}
	return n
}
