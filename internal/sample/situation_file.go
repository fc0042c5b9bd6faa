package sample

import (
	"image"
	"math/rand/v2"

	"github.com/seosik/seosik/internal/geom"
)

// fileSituations are those of pictures that are not stored as they look.
var fileSituations = []situation{
	{name: "negative", page: negative},
	{name: "squeezed fax", page: squeezedFax},
}

// negative makes white of black and black of white.
func negative(_ *rand.Rand, _ *Blank, p *Paper) {
	switch picture := copied(p.Image).(type) {
	case *image.Gray:
		for i, v := range picture.Pix {
			picture.Pix[i] = ^v
		}
		p.Image = picture
	case *image.RGBA:
		for i, v := range picture.Pix {
			if i%4 != 3 {
				picture.Pix[i] = ^v
			}
		}
		p.Image = picture
	}
}

// squeezedFax makes a fax of standard resolution of an upright page, 204 pixels an
// inch across and 98 down (ITU-T T.4), of which nothing says so. TemplateToPage is
// that to the page as it looks.
func squeezedFax(r *rand.Rand, _ *Blank, p *Paper) {
	const width, across, down = 1728, 204.0, 98.0
	gray := ToGray(p.Image)
	w, h := gray.Rect.Dx(), gray.Rect.Dy()
	if w > h {
		return
	}
	scale := float64(width) / float64(w)
	rows := int(float64(h)*scale*down/across + .5)
	fax := image.NewGray(image.Rect(0, 0, width, rows))
	threshold := between(r, 130, 180)
	for y := range rows {
		top, bottom := y*h/rows, max((y+1)*h/rows, y*h/rows+1)
		for x := range width {
			sum, at := 0, min(int((float64(x)+.5)/scale), w-1)
			for row := top; row < bottom; row++ {
				sum += int(gray.Pix[row*gray.Stride+at])
			}
			if float64(sum) >= threshold*float64(bottom-top) {
				fax.Pix[y*fax.Stride+x] = 255
			}
		}
	}
	p.Image = fax
	p.TemplateToPage = geom.Scale(scale, float64(int(float64(rows)*across/down+.5))/float64(h)).After(p.TemplateToPage)
}
