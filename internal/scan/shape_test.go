package scan

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"slices"
	"testing"
)

// withDensity returns a JPEG with a JFIF segment that tells a density.
func withDensity(file []byte, unit byte, x, y uint16) []byte {
	s := []byte{0xFF, markAPP0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, unit, byte(x >> 8), byte(x), byte(y >> 8), byte(y), 0, 0}
	return slices.Concat(file[:2], s, file[2:])
}

// withPHYs returns a PNG that tells pixels a meter.
func withPHYs(file []byte, x, y uint32) []byte {
	chunk := binary.BigEndian.AppendUint32(nil, x)
	return withChunk(file, "pHYs", append(binary.BigEndian.AppendUint32(chunk, y), 1))
}

func TestShapes(t *testing.T) {
	img := drawPage(300, 200, 4)
	gray, _ := lumaOf(img)
	squeezed, _ := lumaOf(drawPage(1728, 1143, 4))
	fax := func(width, height int, x, y uint32) []byte {
		dir := faxDir(faxRows(width, height, 5), faxG4, false)
		dir.ratios = map[uint16][2]uint32{tagXResolution: {x, 1}, tagYResolution: {y, 1}}
		return tiffFile{binary.LittleEndian, []tiffDir{dir}}.bytes()
	}
	for _, tt := range []struct {
		name   string
		file   []byte
		shapes []image.Point // the first is that of the page
	}{
		{"nothing is told", encodeJPEG(t, img), []image.Point{{300, 200}}},
		{"square", withDensity(encodeJPEG(t, img), 1, 200, 200), []image.Point{{300, 200}}},
		{"a JPEG of a fax", withDensity(encodeJPEG(t, img), 1, 204, 98), []image.Point{{300, 200}, {300, 416}}},
		{"a gray one", withDensity(encodeJPEG(t, gray), 1, 204, 98), []image.Point{{300, 200}, {300, 416}}},
		{"only a ratio", withDensity(encodeJPEG(t, img), 0, 2, 1), []image.Point{{300, 200}, {300, 400}}},
		{"nearly square", withDensity(encodeJPEG(t, img), 1, 204, 196), []image.Point{{300, 200}}},
		{"turned by a quarter", withEXIF(withDensity(encodeJPEG(t, img), 1, 204, 98), binary.BigEndian, 6), []image.Point{{200, 300}, {416, 300}}},
		{"a PNG of a fax", withPHYs(encodePNG(t, img), 8031, 3858), []image.Point{{300, 200}, {300, 416}}},
		{"a ratio that no machine has", withPHYs(encodePNG(t, img), 8031, 100), []image.Point{{300, 200}}},
		{"the pixels of a fax", encodePNG(t, squeezed), []image.Point{{1728, 1143}, {1728, 2379}}},
		{"a fax", fax(300, 200, 204, 98), []image.Point{{300, 416}, {300, 200}}},
		{"a fax whose resolutions were exchanged", fax(1728, 1143, 98, 204), []image.Point{{3597, 1143}, {1728, 1143}, {1728, 2379}}},
		{"a fax of which nothing is told", fax(1728, 1143, 0, 0), []image.Point{{1728, 1143}, {1728, 2379}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			page := onePage(t, tt.file)
			got := []image.Point{page.Gray.Rect.Size()}
			for other := range page.Reshaped() {
				checkPages(t, []Page{other})
				got = append(got, other.Gray.Rect.Size())
				if (other.Color == image.Image(other.Gray)) != (page.Color == image.Image(page.Gray)) || other.Shown != nil {
					t.Error("the other pictures are not as those of the page")
				}
			}
			if !slices.Equal(got, tt.shapes) {
				t.Errorf("shapes %v, want %v", got, tt.shapes)
			}
		})
	}
}

func TestShapesOfPDF(t *testing.T) {
	for _, tt := range []struct {
		name          string
		width, height float64 // points, of the page
		shapes        []image.Point
	}{
		{"as it should be", 610, 840, []image.Point{{1728, 2380}, {1728, 1143}}},
		{"a page of the shape of its pixels", 610, 403.5, []image.Point{{1728, 1143}, {1728, 2379}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := drawnPicture{encodeJPEG(t, drawPage(1728, 1143, 4)), "DCTDecode", image.Pt(1728, 1143), "DeviceRGB"}.pdf()
			points := []byte(fmt.Sprintf("%v %v", tt.width, tt.height))
			file = bytes.Replace(file, []byte("[0 0 1728 1143]"), slices.Concat([]byte("[0 0 "), points, []byte("]")), 1)
			file = bytes.Replace(file, []byte("1728 0 0 1143 0 0 cm"), []byte(fmt.Sprintf("%v 0 0 %v 0 0 cm", tt.width, tt.height)), 1)
			page := onePage(t, file)
			got := []image.Point{page.Gray.Rect.Size()}
			for other := range page.Reshaped() {
				got = append(got, other.Gray.Rect.Size())
			}
			if !slices.Equal(got, tt.shapes) {
				t.Errorf("shapes %v, want %v", got, tt.shapes)
			}
		})
	}
}

// What was made square and was not to be comes back nearly as it was.
func TestReshapedBack(t *testing.T) {
	gray, _ := lumaOf(drawPage(300, 200, 4))
	page := Page{Gray: gray, Color: gray, shapes: []image.Point{{300, 416}}}
	for taller := range page.Reshaped() {
		taller.shapes = []image.Point{{300, 200}}
		for back := range taller.Reshaped() {
			if d := farthest(t, back.Gray, gray); d > 70 {
				t.Errorf("differs by %d", d)
			}
		}
	}
}

func TestInvert(t *testing.T) {
	img := drawPage(60, 40, 4)
	gray, _ := lumaOf(img)
	palette := image.NewPaletted(img.Rect, color.Palette{color.White, color.Black, color.RGBA{200, 30, 40, 255}, color.RGBA{30, 180, 60, 255}})
	for i := range palette.Pix {
		palette.Pix[i] = uint8(i % 4)
	}
	for name, file := range map[string][]byte{
		"JPEG": encodeJPEG(t, img), "gray JPEG": encodeJPEG(t, gray), "PNG": encodePNG(t, img), "gray PNG": encodePNG(t, gray), "palette": encodePNG(t, palette),
	} {
		page, want := onePage(t, file), onePage(t, file)
		page.Invert()
		if page.Gray.Pix[0] != ^want.Gray.Pix[0] || page.Shown != nil {
			t.Errorf("%s: %d, was %d", name, page.Gray.Pix[0], want.Gray.Pix[0])
		}
		light, _, _, _ := page.Color.At(0, 0).RGBA()
		if before, _, _, _ := want.Color.At(0, 0).RGBA(); max(light>>8, 255-before>>8)-min(light>>8, 255-before>>8) > 3 {
			t.Errorf("%s: red %d, was %d", name, light>>8, before>>8)
		}
		page.Invert()
		if d := farthest(t, page.Color, want.Color); d != 0 || !bytes.Equal(page.Gray.Pix, want.Gray.Pix) {
			t.Errorf("%s: inverted twice it differs by %d", name, d)
		}
	}
}
