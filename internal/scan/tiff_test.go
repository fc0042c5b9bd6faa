package scan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/bits"
	"slices"
	"testing"
)

// One picture, stored in many ways. Its colours survive being stored with 8
// bits or more.
const tiffWidth, tiffHeight = 61, 43

func tiffPixels() *image.RGBA {
	img := drawPage(tiffWidth, tiffHeight, 11)
	for i := range 4 * 300 {
		if i%4 != 3 {
			img.Pix[i] = uint8(i * 7)
		}
	}
	return img
}

var tiffOrders = []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian}

// A storing is a way to store a picture.
type storing struct {
	order       binary.AppendByteOrder
	compression int
	bits        int
	photometric int
	planar      bool
	predictor   bool
	reversed    bool // fill order
	tile        int  // pixels a side, or 0
	rows        int  // of a strip, or 0 for all
	extra       int  // samples more than the colours
	alpha       int  // value of ExtraSamples
}

func (s storing) String() string {
	order := s.order.String()
	s.order = nil
	type plain storing
	return order + fmt.Sprintf("%+v", plain(s))
}

// samples returns the samples of a pixel, of 8 bits.
func (s storing) samples(c color.RGBA) []uint8 {
	var out []uint8
	switch s.photometric {
	case whiteIsZero:
		out = []uint8{255 - luma(c.R, c.G, c.B)}
	case blackIsZero:
		out = []uint8{luma(c.R, c.G, c.B)}
	case isPalette:
		out = []uint8{c.R & 0xE0 >> uint(8-s.bits) << uint(8-s.bits) >> uint(8-s.bits)}
	case isRGB:
		out = []uint8{c.R, c.G, c.B}
	case isCMYK:
		out = []uint8{255 - c.R, 255 - c.G, 255 - c.B, 0}
	case isYCbCr:
		y, cb, cr := color.RGBToYCbCr(c.R, c.G, c.B)
		out = []uint8{y, cb, cr}
	}
	for range s.extra {
		out = append(out, 255)
	}
	return out
}

// want returns the picture as it must be read.
func (s storing) want(img *image.RGBA) *image.RGBA {
	out := image.NewRGBA(img.Rect)
	for i := 0; i < len(img.Pix); i += 4 {
		c := color.RGBA{img.Pix[i], img.Pix[i+1], img.Pix[i+2], 255}
		v := s.samples(c)
		switch s.photometric {
		case whiteIsZero, blackIsZero:
			g := v[0]
			if s.bits < 8 {
				most := 1<<s.bits - 1
				g = uint8(int(g) >> (8 - s.bits) * 255 / most)
			}
			if s.photometric == whiteIsZero {
				g = 255 - g
			}
			c = color.RGBA{g, g, g, 255}
		case isPalette:
			p := tiffPalette(int(v[0]))
			c = color.RGBA{p[0], p[1], p[2], 255}
		case isYCbCr:
			c.R, c.G, c.B = color.YCbCrToRGB(v[0], v[1], v[2])
		}
		out.Pix[i], out.Pix[i+1], out.Pix[i+2], out.Pix[i+3] = c.R, c.G, c.B, 255
	}
	return out
}

func tiffPalette(i int) [3]uint8 { return [3]uint8{uint8(i * 31), uint8(255 - i), uint8(i * 5)} }

// block returns the packed rows of a part of the picture, of one plane or, if
// plane is negative, of all.
func (s storing) block(img *image.RGBA, r image.Rectangle, plane int) []byte {
	var out []byte
	for y := r.Min.Y; y < r.Max.Y; y++ {
		var w bitWriter
		var before []uint16
		for x := r.Min.X; x < r.Max.X; x++ {
			samples := s.samples(img.RGBAAt(min(x, tiffWidth-1), min(y, tiffHeight-1)))
			if plane >= 0 {
				samples = samples[plane : plane+1]
			}
			values := make([]uint16, len(samples))
			for i, v := range samples {
				values[i] = s.value(v)
			}
			stored := slices.Clone(values)
			if s.predictor && before != nil {
				for i := range stored {
					stored[i] -= before[i]
				}
			}
			before = values
			for _, v := range stored {
				s.writeSample(&w, v)
			}
		}
		out = append(out, w.out...)
	}
	return out
}

// value returns a sample of 8 bits as it is stored.
func (s storing) value(v uint8) uint16 {
	switch {
	case s.photometric == isPalette:
		return uint16(v)
	case s.bits < 8:
		return uint16(v >> (8 - s.bits))
	case s.bits == 16:
		return uint16(v)<<8 | 0x5A
	}
	return uint16((int(v)*(1<<s.bits-1) + 127) / 255)
}

func (s storing) writeSample(w *bitWriter, v uint16) {
	if s.bits == 16 {
		w.align()
		w.out = s.order.AppendUint16(w.out, v)
		return
	}
	v &= 1<<s.bits - 1
	w.write(fmt.Sprintf("%0*b", s.bits, v))
}

// dir stores the picture.
func (s storing) dir(t testing.TB, img *image.RGBA) tiffDir {
	samples := len(s.samples(color.RGBA{}))
	tags := map[uint16][]uint32{
		tagImageWidth: {tiffWidth}, tagImageLength: {tiffHeight}, tagCompression: {uint32(s.compression)},
		tagPhotometric: {uint32(s.photometric)}, tagSamplesPerPixel: {uint32(samples)},
		tagBitsPerSample: slices.Repeat([]uint32{uint32(s.bits)}, samples),
	}
	if s.photometric == isPalette {
		n := 1 << s.bits
		colors := make([]uint32, 3*n)
		for i := range n {
			for c, v := range tiffPalette(i) {
				colors[c*n+i] = uint32(v) * 257
			}
		}
		tags[tagColorMap] = colors
	}
	if s.photometric == isYCbCr {
		tags[tagYCbCrSubsample] = []uint32{1, 1}
	}
	if s.extra > 0 {
		tags[tagExtraSamples] = []uint32{uint32(s.alpha)}
	}
	if s.predictor {
		tags[tagPredictor] = []uint32{2}
	}
	if s.reversed {
		tags[tagFillOrder] = []uint32{2}
	}
	width, height := tiffWidth, tiffHeight
	switch {
	case s.tile > 0:
		width, height = s.tile, s.tile
		tags[tagTileWidth], tags[tagTileLength] = []uint32{uint32(width)}, []uint32{uint32(height)}
	case s.rows > 0:
		height = s.rows
		tags[tagRowsPerStrip] = []uint32{uint32(height)}
	}
	planes := []int{-1}
	if s.planar {
		tags[tagPlanar] = []uint32{2}
		planes = planes[:0]
		for i := range samples {
			planes = append(planes, i)
		}
	}
	dir := tiffDir{tags: tags}
	for _, plane := range planes {
		for y := 0; y < tiffHeight; y += height {
			for x := 0; x < tiffWidth; x += width {
				r := image.Rect(x, y, x+width, y+height)
				if s.tile == 0 {
					r = r.Intersect(img.Rect)
				}
				data := compressTIFF(t, s.compression, s.block(img, r, plane))
				if s.reversed {
					for i, v := range data {
						data[i] = bits.Reverse8(v)
					}
				}
				dir.strips = append(dir.strips, data)
			}
		}
	}
	return dir
}

func TestTIFFStorings(t *testing.T) {
	var storings []storing
	for _, order := range tiffOrders {
		for _, c := range []int{compressionNone, compressionLZW, compressionDeflate, compressionZIP, compressionPackBits} {
			s := storing{order: order, compression: c, bits: 8, photometric: isRGB}
			storings = append(storings, s)
			s.planar, s.rows = true, 7
			storings = append(storings, s)
			s.tile = 16
			storings = append(storings, s)
			s.planar, s.tile, s.reversed = false, 32, true
			storings = append(storings, s)
		}
		for _, n := range []int{1, 2, 4, 8, 12, 16} {
			for _, p := range []int{whiteIsZero, blackIsZero} {
				storings = append(storings, storing{order: order, compression: compressionDeflate, bits: n, photometric: p, rows: 10})
			}
		}
		for _, n := range []int{1, 2, 4, 8} {
			storings = append(storings, storing{order: order, compression: compressionLZW, bits: n, photometric: isPalette})
		}
		for _, p := range []int{isRGB, isCMYK, blackIsZero} {
			for _, n := range []int{8, 16} {
				s := storing{order: order, compression: compressionLZW, bits: n, photometric: p, predictor: true, rows: 9}
				storings = append(storings, s)
				s.planar, s.tile = true, 48
				storings = append(storings, s)
			}
		}
		for alpha := range 3 { // unspecified, associated, unassociated
			storings = append(storings,
				storing{order: order, compression: compressionNone, bits: 8, photometric: isRGB, extra: 1, alpha: alpha},
				storing{order: order, compression: compressionNone, bits: 8, photometric: whiteIsZero, extra: 1})
		}
		storings = append(storings, storing{order: order, compression: compressionDeflate, bits: 8, photometric: isYCbCr, rows: 5})
	}
	img := tiffPixels()
	for _, s := range storings {
		t.Run(s.String(), func(t *testing.T) {
			file := tiffFile{s.order, []tiffDir{s.dir(t, img)}}.bytes()
			if d := farthest(t, onePage(t, file).Color, s.want(img)); d > 0 {
				t.Errorf("differs by %d", d)
			}
		})
	}
}

func rgbDir(t testing.TB) tiffDir {
	return storing{order: binary.LittleEndian, compression: compressionNone, bits: 8, photometric: isRGB}.dir(t, tiffPixels())
}

func TestTIFFTransparencyOnWhite(t *testing.T) {
	for alpha, want := range map[uint32]color.RGBA{
		1: {175, 195, 215, 255}, // 100, 120, 140 were multiplied with the opacity
		2: {207, 213, 219, 255}, // and were not
	} {
		pixel := []byte{100, 120, 140, 180}
		if alpha == 2 {
			pixel[3] = 79
		}
		dir := tiffDir{strips: [][]byte{bytes.Repeat(pixel, 100)}, tags: map[uint16][]uint32{
			tagImageWidth: {10}, tagImageLength: {10}, tagBitsPerSample: {8, 8, 8, 8}, tagSamplesPerPixel: {4},
			tagPhotometric: {isRGB}, tagExtraSamples: {alpha},
		}}
		page := onePage(t, tiffFile{binary.LittleEndian, []tiffDir{dir}}.bytes())
		if got := page.Color.At(5, 5); got != color.Color(want) {
			t.Errorf("opacity of kind %d: %v, want %v", alpha, got, want)
		}
	}
}

// faxDir stores rows as a fax.
func faxDir(rows [][]bool, kind faxKind, plane bool) tiffDir {
	tags := map[uint16][]uint32{
		tagImageWidth: {uint32(len(rows[0]))}, tagImageLength: {uint32(len(rows))}, tagPhotometric: {whiteIsZero},
		tagCompression: {map[faxKind]uint32{faxG3: compressionG3, faxG4: compressionG4, faxAligned: compressionRuns}[kind]},
	}
	if plane {
		tags[tagT4Options] = []uint32{1}
	}
	return tiffDir{tags: tags, strips: [][]byte{encodeFax(rows, kind, plane)}}
}

func TestTIFFFax(t *testing.T) {
	rows := faxRows(203, 60, 5)
	want := image.NewGray(image.Rect(0, 0, 203, 60))
	for y, row := range rows {
		for x, black := range row {
			if !black {
				want.SetGray(x, y, color.Gray{255})
			}
		}
	}
	for _, tt := range faxKinds {
		for _, reverse := range []bool{false, true} {
			dir := faxDir(rows, tt.kind, tt.plane)
			if reverse {
				dir.tags[tagFillOrder] = []uint32{2}
				dir.strips[0] = reversed(dir.strips[0])
			}
			page := onePage(t, tiffFile{binary.BigEndian, []tiffDir{dir}}.bytes())
			if d := farthest(t, page.Gray, want); d > 0 {
				t.Errorf("%s, reversed %v: differs by %d", tt.name, reverse, d)
			}
		}
	}
}

// jpegDir stores a picture as JPEG strips whose tables stand apart.
func jpegDir(t testing.TB, img image.Image, rows int) tiffDir {
	t.Helper()
	b := img.Bounds()
	dir := tiffDir{bytes: map[uint16][]byte{}, tags: map[uint16][]uint32{
		tagImageWidth: {uint32(b.Dx())}, tagImageLength: {uint32(b.Dy())}, tagBitsPerSample: {8, 8, 8},
		tagCompression: {compressionJPEG}, tagPhotometric: {isYCbCr}, tagSamplesPerPixel: {3}, tagRowsPerStrip: {uint32(rows)},
	}}
	if _, gray := img.(*image.Gray); gray {
		dir.tags[tagBitsPerSample], dir.tags[tagSamplesPerPixel] = []uint32{8}, []uint32{1}
		dir.tags[tagPhotometric] = []uint32{blackIsZero}
	}
	for y := 0; y < b.Dy(); y += rows {
		part := img.(interface {
			SubImage(image.Rectangle) image.Image
		}).SubImage(image.Rect(0, y, b.Dx(), min(y+rows, b.Dy())))
		tables, strip := splitTables(encodeJPEG(t, part))
		dir.bytes[tagJPEGTables] = tables
		dir.strips = append(dir.strips, strip)
	}
	return dir
}

// splitTables takes the tables out of a JPEG.
func splitTables(file []byte) (tables, strip []byte) {
	tables, strip = bytes.Clone(file[:2]), bytes.Clone(file[:2])
	rest := file[2:]
	for rest[1] != markSOS {
		n := 2 + int(binary.BigEndian.Uint16(rest[2:]))
		if rest[1] == 0xDB || rest[1] == markDHT {
			tables = append(tables, rest[:n]...)
		} else {
			strip = append(strip, rest[:n]...)
		}
		rest = rest[n:]
	}
	return append(tables, 0xFF, markEOI), append(strip, rest...)
}

func TestTIFFOfJPEG(t *testing.T) {
	img := drawPage(100, 70, 6)
	gray, _ := lumaOf(img)
	for _, picture := range []image.Image{img, gray} {
		for _, rows := range []int{16, 48, 70} {
			file := tiffFile{binary.LittleEndian, []tiffDir{jpegDir(t, picture, rows)}}.bytes()
			want, err := jpeg.Decode(bytes.NewReader(encodeJPEG(t, picture)))
			if err != nil {
				t.Fatal(err)
			}
			if d := farthest(t, onePage(t, file).Color, want); d > 2 {
				t.Errorf("%T in strips of %d rows: differs by %d", picture, rows, d)
			}
		}
	}
}

func TestTIFFOrientations(t *testing.T) {
	img := tiffPixels()
	for o := orientation(1); o <= 8; o++ {
		dir := rgbDir(t)
		dir.tags[tagOrientation] = []uint32{uint32(o)}
		page := onePage(t, tiffFile{binary.LittleEndian, []tiffDir{dir}}.bytes())
		want := image.NewRGBA(page.Color.Bounds())
		for y := range want.Rect.Dy() {
			for x := range want.Rect.Dx() {
				want.Set(x, y, img.At(storedPlace(o, x, y, tiffWidth, tiffHeight)))
			}
		}
		if d := farthest(t, page.Color, want); d > 0 {
			t.Errorf("orientation %d: differs by %d", o, d)
		}
	}
}

func TestTIFFResolution(t *testing.T) {
	for _, tt := range []struct {
		name          string
		x, y          uint32 // tenths of pixels a unit
		unit          uint32
		width, height int
		dpi           float64
	}{
		{"square", 2000, 2000, 2, 61, 43, 200},
		{"a fax of standard resolution", 2040, 980, 2, 61, 90, 204},
		{"fine", 2040, 1960, 2, 61, 45, 204},
		{"the other way", 1000, 2000, 2, 122, 43, 200},
		{"centimetres", 787, 787, 3, 61, 43, 199.898},
		{"ratio only", 20, 10, 1, 61, 86, 0},
		{"nonsense", 10, 90000, 2, 61, 43, 9000},
		{"none", 0, 0, 2, 61, 43, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := rgbDir(t)
			dir.tags[tagResolutionUnit] = []uint32{tt.unit}
			dir.ratios = map[uint16][2]uint32{tagXResolution: {tt.x, 10}, tagYResolution: {tt.y, 10}}
			page := onePage(t, tiffFile{binary.LittleEndian, []tiffDir{dir}}.bytes())
			if got, want := page.Gray.Rect.Size(), image.Pt(tt.width, tt.height); got != want {
				t.Errorf("sides %v, want %v", got, want)
			}
			if d := page.DPI - tt.dpi; d < -.001 || d > .001 {
				t.Errorf("DPI %v, want %v", page.DPI, tt.dpi)
			}
		})
	}
}

func TestSquareSidesStayInLimits(t *testing.T) {
	limits := Limits{}.withDefaults()
	for _, tt := range []struct {
		width, height, wantWidth, wantHeight int
		x, y                                 float64
	}{
		{1728, 3000, 1728, 6245, 204, 98},
		{1728, 5000, 830, 5000, 204, 98}, // a long roll
		{5000, 1728, 5000, 830, 98, 204},
	} {
		w, h := squareSides(tt.width, tt.height, tt.x, tt.y, limits)
		if w != tt.wantWidth || h != tt.wantHeight {
			t.Errorf("squareSides(%d, %d, %v, %v) = %d, %d, want %d, %d",
				tt.width, tt.height, tt.x, tt.y, w, h, tt.wantWidth, tt.wantHeight)
		}
	}
}

func TestStretch(t *testing.T) {
	gray := &image.Gray{Pix: []uint8{0, 100, 200, 40}, Stride: 2, Rect: image.Rect(0, 0, 2, 2)}
	got := stretch(gray, 2, 4).(*image.Gray)
	if want := []uint8{0, 100, 50, 85, 150, 55, 200, 40}; !slices.Equal(got.Pix, want) {
		t.Errorf("twice as high: %v, want %v", got.Pix, want)
	}
	got = stretch(gray, 4, 2).(*image.Gray)
	if want := []uint8{0, 25, 75, 100, 200, 160, 80, 40}; !slices.Equal(got.Pix, want) {
		t.Errorf("twice as wide: %v, want %v", got.Pix, want)
	}
}

// pagesOf counts what a file of directories gives.
func pagesOf(t *testing.T, limit int, dirs ...tiffDir) (numbers []int, errs []error) {
	t.Helper()
	file := tiffFile{binary.LittleEndian, dirs}.bytes()
	for page, err := range Pages(t.Context(), file, Limits{Pages: limit}) {
		numbers = append(numbers, page.Number)
		errs = append(errs, err)
	}
	return numbers, errs
}

func TestTIFFPages(t *testing.T) {
	page, preview, cut, small := rgbDir(t), rgbDir(t), rgbDir(t), rgbDir(t)
	preview.tags[tagNewSubfileType] = []uint32{1}
	cut.strips = [][]byte{cut.strips[0][:100]}
	cut.tags[tagCompression] = []uint32{compressionPackBits}
	small.tags[tagImageWidth] = []uint32{9}
	for _, tt := range []struct {
		name    string
		limit   int
		dirs    []tiffDir
		numbers []int
		errs    []error
	}{
		{"three", 3, []tiffDir{page, page, page}, []int{1, 2, 3}, []error{nil, nil, nil}},
		{"too many", 2, []tiffDir{page, page, page}, []int{0}, []error{ErrTooManyPages}},
		{"previews do not count", 2, []tiffDir{page, preview, page, preview}, []int{1, 2}, []error{nil, nil}},
		{"a bad page", 4, []tiffDir{page, cut, small, page}, []int{1, 2, 3, 4}, []error{nil, ErrDamaged, ErrResolution, nil}},
		{"none", 4, []tiffDir{preview}, []int{0}, []error{ErrDamaged}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			numbers, errs := pagesOf(t, tt.limit, tt.dirs...)
			if !slices.Equal(numbers, tt.numbers) {
				t.Fatalf("pages %v, want %v", numbers, tt.numbers)
			}
			for i, err := range errs {
				if !errors.Is(err, tt.errs[i]) {
					t.Errorf("page %d: error %v, want %v", numbers[i], err, tt.errs[i])
				}
			}
		})
	}
}

func TestTIFFChains(t *testing.T) {
	file := tiffFile{binary.LittleEndian, []tiffDir{rgbDir(t)}}.bytes()
	last := len(file) - 4
	circle := bytes.Clone(file)
	copy(circle[last:], circle[4:8])
	if pages, errs := allPages(t.Context(), circle, Limits{}); len(pages) != 1 || errs != nil {
		t.Errorf("a circle: %d pages, errors %v; want one page", len(pages), errs)
	}
	outside := bytes.Clone(file)
	binary.LittleEndian.PutUint32(outside[last:], 1<<30)
	if pages, errs := allPages(t.Context(), outside, Limits{}); len(pages) != 1 || len(errs) != 1 || !errors.Is(errs[0], ErrDamaged) {
		t.Errorf("cut off before the second page: %d pages, errors %v; want a page, and %v", len(pages), errs, ErrDamaged)
	}
}

func TestTIFFBombs(t *testing.T) {
	for _, tt := range []struct {
		name string
		tags map[uint16][]uint32
		want error
	}{
		{"sides", map[uint16][]uint32{tagImageWidth: {60000}, tagImageLength: {60000}}, ErrResolution},
		{"pixels that are not there", map[uint16][]uint32{tagImageWidth: {8000}, tagImageLength: {8000}}, ErrDamaged},
		{"tiles larger than the page", map[uint16][]uint32{tagTileWidth: {1 << 20}, tagTileLength: {1 << 20}}, ErrDamaged},
		{"tiles of a pixel", map[uint16][]uint32{tagTileWidth: {1}, tagTileLength: {1}}, ErrDamaged},
		{"many samples", map[uint16][]uint32{tagSamplesPerPixel: {60000}}, ErrDamaged},
		{"float samples", map[uint16][]uint32{tagSampleFormat: {3}}, ErrCoding},
		{"unknown compression", map[uint16][]uint32{tagCompression: {50000}}, ErrCoding},
		{"unknown colours", map[uint16][]uint32{tagPhotometric: {8}}, ErrCoding},
		{"fax of bytes", map[uint16][]uint32{tagCompression: {compressionG4}}, ErrDamaged},
		{"JPEG that is none", map[uint16][]uint32{tagCompression: {compressionJPEG}}, ErrDamaged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := rgbDir(t)
			for tag, v := range tt.tags {
				dir.tags[tag] = v
			}
			wantRefused(t, tt.name, tiffFile{binary.LittleEndian, []tiffDir{dir}}.bytes(), tt.want)
		})
	}
}

func TestBigTIFF(t *testing.T) {
	little := binary.LittleEndian
	pix := bytes.Repeat([]byte{7, 200}, 60)
	file := append([]byte("II+\x00\x08\x00\x00\x00"), make([]byte, 8)...)
	file = append(file, pix...)
	little.PutUint64(file[8:], uint64(len(file)))
	entries := [][2]uint64{
		{tagImageWidth, 10},
		{tagImageLength, 12},
		{tagBitsPerSample, 8},
		{tagCompression, 1},
		{tagPhotometric, 1},
		{tagStripOffsets, 16},
		{tagStripByteCounts, 120},
	}
	file = little.AppendUint64(file, uint64(len(entries)))
	for _, e := range entries {
		file = little.AppendUint16(little.AppendUint16(file, uint16(e[0])), kindLong8)
		file = little.AppendUint64(little.AppendUint64(file, 1), e[1])
	}
	page := onePage(t, little.AppendUint64(file, 0))
	if !bytes.Equal(page.Gray.Pix, pix) {
		t.Errorf("pixels %v", page.Gray.Pix)
	}
}

func TestTIFFYCbCrThatSharesColours(t *testing.T) {
	for _, s := range [][2]int{{2, 2}, {2, 1}, {4, 2}, {1, 2}} {
		across, down := s[0], s[1]
		const width, height = 21, 15
		want := image.NewRGBA(image.Rect(0, 0, width, height))
		var data []byte
		for y := 0; y < height; y += down {
			for x := 0; x < width; x += across {
				cb, cr := uint8(x*10), uint8(y*15)
				for j := range down {
					for i := range across {
						v := uint8(100 + 3*(x+i) + 2*(y+j))
						data = append(data, v)
						r, g, b := color.YCbCrToRGB(v, cb, cr)
						if (image.Point{X: x + i, Y: y + j}).In(want.Rect) {
							want.SetRGBA(x+i, y+j, color.RGBA{r, g, b, 255})
						}
					}
				}
				data = append(data, cb, cr)
			}
		}
		dir := tiffDir{strips: [][]byte{data}, tags: map[uint16][]uint32{
			tagImageWidth: {width}, tagImageLength: {height}, tagBitsPerSample: {8, 8, 8}, tagSamplesPerPixel: {3},
			tagPhotometric: {isYCbCr}, tagYCbCrSubsample: {uint32(across), uint32(down)},
		}}
		page := onePage(t, tiffFile{binary.LittleEndian, []tiffDir{dir}}.bytes())
		if d := farthest(t, page.Color, want); d > 0 {
			t.Errorf("%d x %d: differs by %d", across, down, d)
		}
	}
}
