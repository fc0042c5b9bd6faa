package ink

import "image"

// Bilevel reports whether nearly all pixels of img are black or white, as on
// a fax. A few may be between.
func Bilevel(img *image.Gray) bool { return gray(img) < .005 }

// gray returns the share of the pixels of img that are neither black nor white,
// of every 16th.
func gray(img *image.Gray) float64 {
	between, all := 0, 0
	for y := range img.Rect.Dy() {
		row := img.Pix[y*img.Stride:][:img.Rect.Dx()]
		for x := y % 16; x < len(row); x += 16 {
			if row[x] > 16 && row[x] < 239 {
				between++
			}
			all++
		}
	}
	return float64(between) / float64(max(1, all))
}

// smoothed returns img with every pixel the mean of the nine around it, the
// nearer ones counting more. It joins the strokes that a fax has broken, and
// gives their edges the soft look that the engine knows.
func smoothed(img *image.Gray) *image.Gray {
	width, height := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewGray(image.Rect(0, 0, width, height))
	rows := [3][]uint16{make([]uint16, width), make([]uint16, width), make([]uint16, width)}
	across := func(y int, sums []uint16) {
		row := img.Pix[min(max(y, 0), height-1)*img.Stride:][:width]
		for x, v := range row {
			sums[x] = uint16(row[max(x-1, 0)]) + 2*uint16(v) + uint16(row[min(x+1, width-1)])
		}
	}
	across(-1, rows[0])
	across(0, rows[1])
	for y := range height {
		above, here, below := rows[y%3], rows[(y+1)%3], rows[(y+2)%3]
		across(y+1, below)
		for x := range width {
			out.Pix[y*out.Stride+x] = uint8((above[x] + 2*here[x] + below[x] + 8) / 16)
		}
	}
	return out
}
