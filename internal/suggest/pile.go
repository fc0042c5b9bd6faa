package suggest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"strconv"
	"strings"

	"github.com/seosik/seosik/internal/align"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/raster"
)

// How many filled copies make a pile.
const (
	PileLeast = 3
	PileMost  = 20
)

var (
	// ErrFewCopies reports a pile of fewer copies than PileLeast.
	ErrFewCopies = errors.New("suggest: a pile has 3 filled copies at least")
	// ErrManyCopies reports one of more than PileMost.
	ErrManyCopies = errors.New("suggest: a pile has 20 filled copies at most")
)

// A StrangersError reports a pile in which too few copies are of one form.
type StrangersError struct {
	Copies []int // that are of another form than most, from 0, in order
}

// Error numbers the copies from 1.
func (e *StrangersError) Error() string {
	numbers := make([]string, len(e.Copies))
	for i, n := range e.Copies {
		numbers[i] = strconv.Itoa(n + 1)
	}
	return "suggest: not of the same form as the others: copies " + strings.Join(numbers, ", ")
}

// A Common is what the filled copies of one form have in common: its blank.
type Common struct {
	Gray      *image.Gray     // straight, on white paper
	Picture   image.Image     // the same in colour; Gray itself where no copy has any
	Lead      int             // the copy that the others were laid on, from 0
	ToLead    geom.Homography // px of Gray to px of that
	Strangers []int           // copies that are of another form, and were left out
}

// Form has the print of the blank read in the given languages, and returns what its
// fields may be, as [Blank] does. What is left of writing in a cell is not taken for a
// label where labels are shaded, or ask for something known; it is taken away from the
// blank, in c too, wherever a field is suggested. Units and the like stay.
func (c *Common) Form(ctx context.Context, engine ocr.Engine, languages []string) (*Form, error) {
	page := look(c.Gray, true)
	texts, err := page.Read(ctx, engine, languages)
	if err != nil {
		return nil, err
	}
	s := page.Suggest(texts, languages)
	var hints []image.Rectangle
	for i, text := range texts {
		if isHint(printed(text)) {
			hints = append(hints, page.print[i].Inset(-page.edge()))
		}
	}
	for _, place := range s.places() {
		c.wipe(place.Inset(page.edge()), hints)
	}
	return &Form{Picture: c.Picture, StraightToPage: geom.Identity, Suggestion: s}, nil
}

// places returns where one writes: fields, the boxes of rows, and the cells of tables
// below their headers.
func (s *Suggestion) places() (all []image.Rectangle) {
	add := func(b geom.Box) {
		all = append(all, image.Rect(int(b.Min.X), int(b.Min.Y), int(b.Max.X), int(b.Max.Y)))
	}
	for _, f := range s.Fields {
		for _, b := range f.Boxes {
			add(b)
		}
		if len(f.Boxes) == 0 {
			add(f.Box)
		}
	}
	for _, t := range s.Tables {
		for _, row := range t.Cells[t.Header:] {
			for _, b := range row {
				add(b)
			}
		}
	}
	return all
}

// wipe makes box the colour of its paper, but for the hints in it.
func (c *Common) wipe(box image.Rectangle, hints []image.Rectangle) {
	box = box.Intersect(c.Gray.Rect)
	if box.Empty() {
		return
	}
	paper := middle(c.Gray, box)
	picture, coloured := c.Picture.(*image.RGBA)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			i := y*c.Gray.Stride + x
			if int(c.Gray.Pix[i])+leftover > int(paper) || slices.ContainsFunc(hints, func(h image.Rectangle) bool { return image.Pt(x, y).In(h) }) {
				continue
			}
			c.Gray.Pix[i] = paper
			if coloured {
				copy(picture.Pix[4*i:], []uint8{paper, paper, paper, 255})
			}
		}
	}
}

// A Load returns copy i of a pile, from 0: its luma and, in the same pixels, its
// picture, which may be the luma itself. It is called a few times for each.
type Load func(i int) (gray *image.Gray, picture image.Image, err error)

// Pile lays filled copies of one form over one another, and takes away what
// differs. The copy that is scanned best leads: the others are registered on it,
// also where their paper is bent. Ink stays where nearly all copies have some,
// within a fraction of a millimetre, unless it goes on elsewhere in each of them,
// as where writing crosses by chance. What is written in all copies at
// the same place, such as a mark that everybody makes or the stamp of the office,
// stays: nothing tells it from print.
//
// It keeps one gray plane for each copy, of at most pileSide pixels a side, and two of a quarter
// of that for colour. Errors are those of load and ctx, ErrFewCopies, ErrManyCopies and [StrangersError].
func Pile(ctx context.Context, copies int, load Load) (*Common, error) {
	switch {
	case copies < PileLeast:
		return nil, ErrFewCopies
	case copies > PileMost:
		return nil, ErrManyCopies
	}
	p := &pile{ctx: ctx, load: load, copies: copies}
	leads, err := p.byQuality()
	if err != nil {
		return nil, err
	}
	// The best copy may be the one that is of another form.
	var strangers []int
	for n, lead := range leads[:copies/2+1] {
		if err := p.layOver(lead); err != nil {
			return nil, err
		}
		if len(p.sheets) >= PileLeast && 2*len(p.sheets) > copies {
			return p.common(), nil
		}
		if n == 0 || len(p.strangers) < len(strangers) {
			strangers = p.strangers
		}
	}
	return nil, &StrangersError{strangers}
}

const (
	leftover  = 12   // of 255: how much darker than its paper what is left of writing is
	pileSide  = 3600 // pixels of the longer side of a blank: A4 at 300 dpi
	lightSide = 60.  // millimetres of A4 in which paper is lit evenly
)

// A pile is copies that are being laid over one another.
type pile struct {
	ctx    context.Context
	load   Load
	copies int

	lead          int
	toLead        geom.Homography // px of the sheets to px of the lead
	width, height int
	sheets        []sheet // the lead first
	strangers     []int
}

// A sheet is a copy in the frame of the lead, on white paper.
type sheet struct {
	luma   *image.Gray
	cb, cr *image.Gray // of half the size; nil where the copy has no colour
}

// byQuality returns the copies, the best first.
func (p *pile) byQuality() ([]int, error) {
	quality, order := make([]float64, p.copies), make([]int, p.copies)
	for i := range order {
		gray, _, err := p.copy(i)
		if err != nil {
			return nil, err
		}
		order[i], quality[i] = i, qualityOf(gray)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(quality[b], quality[a]) })
	return order, nil
}

// copy loads copy i, unless the context is done.
func (p *pile) copy(i int) (*image.Gray, image.Image, error) {
	if err := p.ctx.Err(); err != nil {
		return nil, nil, err
	}
	gray, picture, err := p.load(i)
	if err != nil {
		return nil, nil, fmt.Errorf("copy %d: %w", i+1, err)
	}
	return gray, picture, nil
}

// layOver makes the sheets of all copies of the form that lead is one of.
func (p *pile) layOver(lead int) error {
	gray, picture, err := p.copy(lead)
	if err != nil {
		return err
	}
	p.lead, p.sheets, p.strangers = lead, nil, nil
	shrink := max(1, float64(max(gray.Rect.Dx(), gray.Rect.Dy()))/pileSide)
	p.width, p.height = max(1, int(float64(gray.Rect.Dx())/shrink)), max(1, int(float64(gray.Rect.Dy())/shrink))
	p.toLead = Straighten(gray).After(geom.Scale(shrink, shrink))
	p.sheets = []sheet{p.sheetOf(gray, picture, func(geom.Box) geom.Homography { return p.toLead })}
	for i := range p.copies {
		if i != lead {
			p.strangers = append(p.strangers, i)
		}
	}
	for before := 0; before < len(p.sheets) && len(p.strangers) > 0; {
		before = len(p.sheets)
		if err := p.place(); err != nil {
			return err
		}
	}
	return nil
}

// place adds the sheets of those copies among the strangers that what the others have
// in common is found on. At first that is all that is on the lead, what is written too.
func (p *pile) place() error {
	form, err := align.Prepare(p.common().Gray)
	if errors.Is(err, align.ErrBlank) {
		return nil // nothing to lay others on
	}
	if err != nil {
		return err
	}
	strangers := p.strangers
	p.strangers = nil
	for _, i := range strangers {
		gray, picture, err := p.copy(i)
		if err != nil {
			return err
		}
		fit, err := form.Place(gray)
		if err != nil {
			p.strangers = append(p.strangers, i)
			continue
		}
		p.sheets = append(p.sheets, p.sheetOf(gray, picture, fit.At))
	}
	return nil
}

// sheetOf returns a copy in the frame of the lead; at returns the homography of a
// part of the sheet to the copy.
func (p *pile) sheetOf(gray *image.Gray, picture image.Image, at func(geom.Box) geom.Homography) sheet {
	s := sheet{luma: warpParts(gray, at, 1, p.width, p.height)}
	lighten(s.luma)
	if cb, cr := chroma(picture); cb != nil {
		s.cb, s.cr = warpParts(cb, at, 2, (p.width+1)/2, (p.height+1)/2), warpParts(cr, at, 2, (p.width+1)/2, (p.height+1)/2)
	}
	return s
}

const part = 64 // pixels a side of the parts of a sheet that are moved as one

// warpParts returns the picture of which each pixel is so many pixels of the sheet.
// Outside of src is paper.
func warpParts(src *image.Gray, at func(geom.Box) geom.Homography, scale, width, height int) *image.Gray {
	out, side := image.NewGray(image.Rect(0, 0, width, height)), part/scale
	for y := 0; y < height; y += side {
		for x := 0; x < width; x += side {
			to := image.Rect(x, y, x+side, y+side).Intersect(out.Rect)
			toSheet := geom.Scale(float64(scale), float64(scale)).After(geom.Shift(geom.Point{X: float64(x), Y: float64(y)}))
			toSrc := at(geom.XYWH(float64(x*scale), float64(y*scale), part, part)).After(toSheet)
			moved := raster.Warp(src, toSrc, to.Dx(), to.Dy())
			for row := range to.Dy() {
				copy(out.Pix[(y+row)*out.Stride+x:], moved.Pix[row*moved.Stride:][:to.Dx()])
			}
		}
	}
	return out
}

// lighten makes the paper of img white, as it is lit; labels that are shaded stay so.
func lighten(img *image.Gray) {
	p := paperOf(img)
	reach := max(1, int(lightSide/2*float64(max(img.Rect.Dx(), img.Rect.Dy()))/297/paperBlock))
	light := make([]int, len(p.at))
	for r := range p.rows {
		for c := range p.columns {
			var around []uint8
			for y := max(0, r-reach); y <= min(p.rows-1, r+reach); y++ {
				around = append(around, p.at[y*p.columns+max(0, c-reach):y*p.columns+min(p.columns, c+reach+1)]...)
			}
			slices.Sort(around)
			light[r*p.columns+c] = max(1, int(around[len(around)*3/4]))
		}
	}
	for y := range img.Rect.Dy() {
		row := img.Pix[y*img.Stride:][:img.Rect.Dx()]
		for x, v := range row {
			row[x] = uint8(min(255, int(v)*255/light[y/paperBlock*p.columns+x/paperBlock]))
		}
	}
}

const (
	qualitySide = 1754. // pixels of the longer side at which copies are compared: A4 at 150 dpi
	qualityStep = 2     // pixels over which an edge is measured
	qualityEdge = .01   // share of the pixels that are taken for edges
	bilevel     = .6    // of a copy of black and white, whose print is broken
)

// qualityOf returns how good a copy is to lead others: how sharp its edges are,
// how even its light, and whether it has shades of gray.
func qualityOf(gray *image.Gray) float64 {
	if f := float64(max(gray.Rect.Dx(), gray.Rect.Dy())) / qualitySide; f > 1 {
		gray = raster.Reduce(gray, f)
	}
	var values, steps [256]int
	n := 0
	for y := range gray.Rect.Dy() {
		row := gray.Pix[y*gray.Stride:][:gray.Rect.Dx()]
		for x, v := range row {
			values[v]++
			if x >= qualityStep {
				steps[max(v, row[x-qualityStep])-min(v, row[x-qualityStep])]++
				n++
			}
		}
	}
	p := paperOf(gray)
	sorted := slices.Sorted(slices.Values(p.at))
	even := float64(sorted[len(sorted)/20]) / float64(max(1, sorted[len(sorted)-1-len(sorted)/20]))
	quality := float64(brightest(&steps, max(1, int(qualityEdge*float64(n))))) / float64(max(1, p.page)) * even
	if extremes := values[0] + values[255]; extremes > n*95/100 {
		quality *= bilevel
	}
	return quality
}
