package scan

import (
	"context"
	"fmt"
	"image"
	"slices"
)

// Tags of TIFF 6.0.
const (
	tagNewSubfileType  = 254
	tagImageWidth      = 256
	tagImageLength     = 257
	tagBitsPerSample   = 258
	tagCompression     = 259
	tagPhotometric     = 262
	tagFillOrder       = 266
	tagStripOffsets    = 273
	tagSamplesPerPixel = 277
	tagRowsPerStrip    = 278
	tagStripByteCounts = 279
	tagPlanar          = 284
	tagT4Options       = 292
	tagPredictor       = 317
	tagColorMap        = 320
	tagTileWidth       = 322
	tagTileLength      = 323
	tagTileOffsets     = 324
	tagTileByteCounts  = 325
	tagExtraSamples    = 338
	tagSampleFormat    = 339
	tagJPEGTables      = 347
	tagYCbCrSubsample  = 530
)

// Values of tagPhotometric: what the samples mean.
const (
	whiteIsZero = 0
	blackIsZero = 1
	isRGB       = 2
	isPalette   = 3
	isCMYK      = 5
	isYCbCr     = 6
)

func isTIFF(file []byte) bool {
	if len(file) < 4 {
		return false
	}
	switch string(file[:4]) {
	case "II*\x00", "MM\x00*", "II+\x00", "MM\x00+":
		return true
	}
	return false
}

// tiffPages yields the pages of a TIFF file.
func tiffPages(ctx context.Context, file []byte, limits Limits, wanted func(int) bool, yield func(Page, error) bool) {
	pages, broken, err := tiffDirectories(ctx, file, limits)
	if err != nil {
		yield(Page{}, err)
		return
	}
	for i, dir := range pages {
		if !wanted(i + 1) {
			continue
		}
		if !yield(guardPage(ctx, i+1, func() (Page, error) { return tiffPage(ctx, file, dir, limits) })) {
			return
		}
	}
	if broken != nil && wanted(len(pages)+1) {
		// Where the pages after it are, if there are any, nobody knows.
		yield(Page{Number: len(pages) + 1}, broken)
	}
}

// tiffDirectories returns the directories of the pages, and what is wrong after
// these.
func tiffDirectories(ctx context.Context, file []byte, limits Limits) (pages []*directory, broken, err error) {
	err = guard(ctx, func() error {
		t, err := openTIFF(file)
		if err != nil {
			return err
		}
		pages, broken = t.pages(limits.Pages)
		switch {
		case len(pages) > limits.Pages:
			return ErrTooManyPages
		case len(pages) == 0 && broken == nil:
			return fmt.Errorf("%w: no pages", ErrDamaged)
		}
		return nil
	})
	return pages, broken, err
}

// pages returns the directories of the pages, and no more than limit + 1. What
// is a preview or a mask of another picture is no page. A chain that comes back
// to a directory has no more pages.
func (t *tiff) pages(limit int) (pages []*directory, broken error) {
	const reduced, mask = 1, 4
	seen := make(map[uint64]bool)
	for at := t.first; at != 0 && !seen[at]; {
		seen[at] = true
		dir, next, err := t.directory(at)
		if err != nil {
			return pages, err
		}
		if dir.int(tagNewSubfileType, 0)&(reduced|mask) == 0 {
			pages = append(pages, dir)
		}
		if len(pages) > limit {
			return pages, nil
		}
		if len(seen) > 4*limit+16 {
			return pages, fmt.Errorf("%w: too many directories", ErrDamaged)
		}
		at = next
	}
	return pages, nil
}

func tiffPage(ctx context.Context, file []byte, dir *directory, limits Limits) (Page, error) {
	width, height := dir.int(tagImageWidth, 0), dir.int(tagImageLength, 0)
	if err := limits.checkSides(width, height); err != nil {
		return Page{}, err
	}
	p, err := newTIFFPicture(file, dir, width, height, limits)
	if err != nil {
		return Page{}, err
	}
	stored := image.Pt(width, height)
	x, y, inch := dir.dpi()
	width, height = squareSides(width, height, x, y, limits)
	if err := limits.checkSides(width, height); err != nil {
		return Page{}, err
	}
	size := image.Pt(width, height)
	shapes := otherShapes(size, stored, x, y, limits)
	most, tallest := largest(size, shapes)
	if err := limits.stay.enter(ctx, most, tallest, 0); err != nil {
		return Page{}, err
	}
	if err := p.decode(ctx); err != nil {
		return Page{}, err
	}
	page := Page{shapes: dir.orientation().uprightSides(shapes)}
	if inch {
		page.DPI = sensible(max(x, y))
	}
	gray, seen, _ := split(stretch(p.image(), width, height))
	for _, r := range p.unseen {
		page.Unseen = append(page.Unseen, stretchBox(r, stored, image.Pt(width, height)))
	}
	gray, seen = blot(gray, seen, page.Unseen)
	page.Gray, page.Color = dir.orientation().upright(gray, seen)
	for i, r := range page.Unseen {
		page.Unseen[i] = dir.orientation().uprightBox(r, width, height)
	}
	return page, nil
}

// A tiffPicture is a picture of a TIFF file while it is decoded.
type tiffPicture struct {
	file          []byte
	dir           *directory
	width, height int // pixels
	limits        Limits
	samples       int // of a pixel
	colors        int // samples of a pixel that are colours
	alpha         int // sample that is opacity, or 0
	associated    bool
	bits          int // of a sample
	photometric   int
	compression   int
	predictor     int
	planar        bool // each sample has its own blocks
	across, down  int  // pixels of YCbCr that share their colour
	palette       [][3]uint8
	blocks        tiffBlocks
	visits        int // what is left of maxBlockVisits
	unseen        []image.Rectangle

	gray *image.Gray // one of the two has the pixels
	rgba *image.RGBA
}

// newTIFFPicture reads what the tags tell of a picture whose sides are
// allowed, and checks it. It takes no memory for pixels.
func newTIFFPicture(file []byte, dir *directory, width, height int, limits Limits) (*tiffPicture, error) {
	p := &tiffPicture{
		file: file, dir: dir, width: width, height: height, limits: limits, visits: maxBlockVisits,
		bits:        dir.int(tagBitsPerSample, 1),
		photometric: dir.int(tagPhotometric, whiteIsZero),
		compression: dir.int(tagCompression, compressionNone),
		predictor:   dir.int(tagPredictor, 1),
		planar:      dir.int(tagPlanar, 1) == 2,
		across:      1, down: 1,
	}
	bits := dir.uints(tagBitsPerSample, 16)
	p.samples = dir.int(tagSamplesPerPixel, max(1, len(bits)))
	if p.samples < 1 || p.samples > 16 {
		return nil, fmt.Errorf("%w: %d samples a pixel", ErrDamaged, p.samples)
	}
	for _, n := range bits {
		if int(n) != p.bits {
			return nil, fmt.Errorf("%w: TIFF with samples of several sizes", ErrCoding)
		}
	}
	if format := dir.int(tagSampleFormat, 1); p.bits < 1 || p.bits > 16 || format != 1 {
		return nil, fmt.Errorf("%w: TIFF with samples of %d bits and format %d", ErrCoding, p.bits, format)
	}
	if p.compression == compressionOldJPEG {
		if err := p.openOldJPEG(); err != nil {
			return nil, err
		}
	}
	if err := p.readColors(); err != nil {
		return nil, err
	}
	if err := p.readBlocks(); err != nil {
		return nil, err
	}
	return p, p.checkData()
}

// readColors reads what the samples mean.
func (p *tiffPicture) readColors() error {
	switch p.photometric {
	case whiteIsZero, blackIsZero:
		p.colors = 1
	case isPalette:
		p.colors = 1
		p.readPalette()
		if p.bits > 8 {
			return fmt.Errorf("%w: TIFF with a palette of %d bits", ErrCoding, p.bits)
		}
	case isRGB:
		p.colors = 3
	case isYCbCr:
		p.colors = 3
		if s := p.dir.uints(tagYCbCrSubsample, 2); p.compression != compressionJPEG {
			p.across, p.down = 2, 2
			if len(s) == 2 {
				p.across, p.down = int(s[0]), int(s[1])
			}
			ok := []int{1, 2, 4}
			if !slices.Contains(ok, p.across) || !slices.Contains(ok, p.down) || p.bits != 8 || p.samples != 3 {
				return fmt.Errorf("%w: TIFF with an odd kind of YCbCr", ErrCoding)
			}
			if p.planar && p.across*p.down > 1 {
				return fmt.Errorf("%w: TIFF with planes of several sizes", ErrCoding)
			}
		}
	case isCMYK:
		p.colors = 4
	default:
		return fmt.Errorf("%w: TIFF with colours of kind %d", ErrCoding, p.photometric)
	}
	if p.samples < p.colors {
		return fmt.Errorf("%w: %d samples a pixel", ErrDamaged, p.samples)
	}
	const associated, unassociated = 1, 2
	if kind := p.dir.int(tagExtraSamples, 0); p.samples > p.colors && (kind == associated || kind == unassociated) {
		p.alpha, p.associated = p.colors, kind == associated
	}
	return nil
}

// readPalette reads the colours of a palette; those that lack are black.
func (p *tiffPicture) readPalette() {
	n := 1 << min(p.bits, 8)
	values := p.dir.uints(tagColorMap, 3*n)
	p.palette = make([][3]uint8, n)
	narrow := true // some writers have 8 bits where 16 are due
	for _, v := range values {
		narrow = narrow && v < 256
	}
	for i, v := range values {
		if !narrow {
			v >>= 8
		}
		p.palette[i%n][i/n] = uint8(v)
	}
}

// image returns the decoded picture.
func (p *tiffPicture) image() image.Image {
	if p.gray != nil {
		return p.gray
	}
	return p.rgba
}

// decode decodes all blocks.
func (p *tiffPicture) decode(ctx context.Context) error {
	r := image.Rect(0, 0, p.width, p.height)
	if p.photometric == whiteIsZero || p.photometric == blackIsZero {
		p.gray = image.NewGray(r)
	} else {
		p.rgba = image.NewRGBA(r)
	}
	for i := range p.blocks.across * p.blocks.down {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := p.decodeBlock(ctx, i); err != nil {
			return err
		}
	}
	lost := 0
	for _, r := range p.unseen {
		lost += r.Dx() * r.Dy()
	}
	if lost > p.width*p.height/lostMost {
		return fmt.Errorf("%w: of its pixels %d are there", ErrDamaged, p.width*p.height-lost)
	}
	return nil
}
