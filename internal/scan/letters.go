package scan

import (
	"image"
	"math"
	"strings"
	"unicode"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// lettersMost is how many characters of a page of a PDF are looked at. A page of
// small print has 8,000.
const lettersMost = 20_000

// A Letter is a character that a PDF itself says stands on its page: of its text,
// of what was filled into its form, or of a note on it. It may be wrong: text may
// be that of an older reading of a scan, and fonts may lie about what they draw.
type Letter struct {
	Text  string // one character, no white space
	Space bool   // white space or the end of a line stands before it
	// Hidden says that it is not what people see: it is drawn invisibly, or lies
	// below the picture of a scan.
	Hidden bool
	// Sound says that the file has told which character it is, rather than which
	// shape of a font.
	Sound bool
	// Lacking says that people should see it, but that its font is not in the file
	// and no other one had it: nothing was drawn.
	Lacking bool
	// Lent says that its font is not in the file: another draws it, and its ink
	// stands about where the file has it.
	Lent bool

	// Around its ink, in pixels of the page.
	X, Y, Width, Height float64

	dark bool // it is drawn much darker than paper
}

// letters returns the characters of page n, which is drawn on g and may be a scan,
// and the fields of its form. What was filled in and the notes become part of the page, so it is not
// to be drawn afterwards.
func (d *document) letters(n int, g grid, scan bool) ([]Letter, []Declared, error) {
	above, scanned, err := d.aboveScan(n, g, scan)
	if err != nil {
		return nil, nil, err
	}
	filled, err := d.flatten(n, g)
	if err != nil {
		return nil, nil, err
	}
	found, err := d.lettersOf(n, g)
	for i := range found {
		found[i].Hidden = found[i].Hidden || scanned && !above.has(found[i])
	}
	return withValues(found, filled), filled, err
}

// lettersOf returns the characters of page n itself.
func (d *document) lettersOf(n int, g grid) ([]Letter, error) {
	loaded, err := d.instance.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: d.id, Index: n - 1})
	if err != nil {
		return nil, broken(err)
	}
	text, err := d.instance.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: requests.Page{ByReference: &loaded.Page}})
	if err != nil {
		return nil, broken(err)
	}
	count, err := d.instance.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: text.TextPage})
	if err != nil {
		return nil, broken(err)
	}
	s := speller{document: d, text: text.TextPage, toPixels: pixels{d, requests.Page{ByReference: &loaded.Page}, g}, lent: map[string]bool{}}
	var found []Letter
	space := true
	for i := range min(count.Count, lettersMost) {
		l, ok := s.letter(i)
		if !ok {
			space = true
			continue
		}
		l.Space, space = space, false
		found = append(found, l)
	}
	return found, nil
}

// flatten makes the form and the notes of page n part of it, and returns the fields
// of the form.
func (d *document) flatten(n int, g grid) (filled []Declared, err error) {
	err = d.onForm(n, g, func(w widgets, notes int) error {
		filled = w.fields(notes)
		_, err := d.instance.FPDFPage_Flatten(&requests.FPDFPage_Flatten{Page: w.page})
		return err
	})
	return filled, err
}

// boxes are parts of a page, in its pixels: left, top, right, bottom.
type boxes [][4]float64

// has reports whether the middle of l lies in one of b.
func (b boxes) has(l Letter) bool {
	x, y := l.X+l.Width/2, l.Y+l.Height/2
	for _, r := range b {
		if x >= r[0] && x <= r[2] && y >= r[1] && y <= r[3] {
			return true
		}
	}
	return false
}

// aboveScan returns what of page n lies above the last picture that covers it, and
// whether there is one, which may be inGroups: text below it is not seen. Notes
// are above.
func (d *document) aboveScan(n int, g grid, inGroups bool) (above boxes, scanned bool, err error) {
	page := d.page(n)
	p := pixels{d, page, g}
	count, err := d.instance.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: page})
	if err != nil {
		return nil, false, broken(err)
	}
	for i := range min(count.Count, lookedAt) {
		thing, err := d.instance.FPDFPage_GetObject(&requests.FPDFPage_GetObject{Page: page, Index: i})
		if err != nil {
			return nil, false, broken(err)
		}
		kind, err := d.instance.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: thing.PageObject})
		if err != nil {
			return nil, false, broken(err)
		}
		box, err := d.instance.FPDFPageObj_GetBounds(&requests.FPDFPageObj_GetBounds{PageObject: thing.PageObject})
		if err != nil {
			continue // it is nowhere
		}
		at, err := p.box(float64(box.Left), float64(box.Top), float64(box.Right), float64(box.Bottom))
		if err != nil {
			return nil, false, broken(err)
		}
		if kind.Type == enums.FPDF_PAGEOBJ_IMAGE && covers(at, g) {
			above, scanned = nil, true
			continue
		}
		if scanned {
			above = append(above, at)
		}
	}
	if scanned = scanned || inGroups; !scanned {
		return nil, false, nil
	}
	notes, err := d.noteBoxes(page, p)
	return append(above, notes...), true, err
}

// covers reports whether a picture covers a page but for its margins.
func covers(at [4]float64, g grid) bool {
	const most = .8 // of each side
	return at[2]-at[0] >= most*float64(g.width) && at[3]-at[1] >= most*float64(g.height)
}

// noteBoxes returns where the notes and the fields of the form of a page are.
func (d *document) noteBoxes(page requests.Page, p pixels) (found boxes, err error) {
	notes, err := d.instance.FPDFPage_GetAnnotCount(&requests.FPDFPage_GetAnnotCount{Page: page})
	if err != nil {
		return nil, broken(err)
	}
	for i := range min(notes.Count, lookedAt) {
		got, err := d.instance.FPDFPage_GetAnnot(&requests.FPDFPage_GetAnnot{Page: page, Index: i})
		if err != nil {
			continue // it is not drawn either
		}
		at, err := d.instance.FPDFAnnot_GetRect(&requests.FPDFAnnot_GetRect{Annotation: got.Annotation})
		if err != nil {
			continue
		}
		r := at.Rect
		box, err := p.box(float64(r.Left), float64(r.Top), float64(r.Right), float64(r.Bottom))
		if err != nil {
			return nil, broken(err)
		}
		found = append(found, box)
	}
	return found, nil
}

// finer is how many parts of a pixel places are told in: PDFium tells them in whole
// numbers.
const finer = 16

// pixels knows where points of a page are drawn.
type pixels struct {
	*document
	page requests.Page
	grid grid
}

// box returns left, top, right and bottom, in pixels, of a box in points.
func (p pixels) box(left, top, right, bottom float64) (at [4]float64, err error) {
	x0, y0, err := p.at(left, top)
	if err != nil {
		return at, err
	}
	x1, y1, err := p.at(right, bottom)
	return [4]float64{min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)}, err
}

// at returns where a point of the page, in points, is drawn.
func (p pixels) at(x, y float64) (px, py float64, err error) {
	at, err := p.instance.FPDF_PageToDevice(&requests.FPDF_PageToDevice{
		Page: p.page, SizeX: finer * p.grid.width, SizeY: finer * p.grid.height, PageX: x, PageY: y,
	})
	if err != nil {
		return 0, 0, err
	}
	return float64(at.DeviceX) / finer, float64(at.DeviceY) / finer, nil
}

// A speller tells the characters of a page.
type speller struct {
	*document
	text     references.FPDF_TEXTPAGE
	toPixels pixels
	lent     map[string]bool // whether fonts are not in the file, by their names
}

// letter returns character i, or false where that is white space or cannot be
// told at all.
func (s *speller) letter(i int) (l Letter, ok bool) {
	code, err := s.instance.FPDFText_GetUnicode(&requests.FPDFText_GetUnicode{TextPage: s.text, Index: i})
	if err != nil {
		return l, false
	}
	r := rune(uint32(code.Unicode)) //nolint:gosec // PDFium has 32 bits, go-pdfium may leave others above
	if unicode.IsSpace(r) || r == 0 {
		return l, false
	}
	box, err := s.instance.FPDFText_GetCharBox(&requests.FPDFText_GetCharBox{TextPage: s.text, Index: i})
	if err != nil {
		return l, false
	}
	at, err := s.toPixels.box(box.Left, box.Top, box.Right, box.Bottom)
	if err != nil || math.IsNaN(at[0]+at[1]+at[2]+at[3]) {
		return l, false
	}
	l = Letter{Text: string(r), X: at[0], Y: at[1], Width: at[2] - at[0], Height: at[3] - at[1]}
	l.Sound = unicode.IsGraphic(r) && r != unicode.ReplacementChar && !unicode.Is(unicode.Co, r)
	if wrong, err := s.instance.FPDFText_HasUnicodeMapError(&requests.FPDFText_HasUnicodeMapError{TextPage: s.text, Index: i}); err != nil || wrong.HasUnicodeMapError {
		l.Sound = false
	}
	s.look(i, &l)
	return l, true
}

// look sets how character i is drawn.
func (s *speller) look(i int, l *Letter) {
	thing, err := s.instance.FPDFText_GetTextObject(&requests.FPDFText_GetTextObject{TextPage: s.text, Index: i})
	if err != nil {
		l.Hidden = true // PDFium has made it up
		return
	}
	mode, err := s.instance.FPDFTextObj_GetTextRenderMode(&requests.FPDFTextObj_GetTextRenderMode{PageObject: thing.TextObject})
	if err != nil || mode.TextRenderMode == enums.FPDF_TEXTRENDERMODE_INVISIBLE || mode.TextRenderMode == enums.FPDF_TEXTRENDERMODE_CLIP {
		l.Hidden = true
		return
	}
	color, err := s.instance.FPDFText_GetFillColor(&requests.FPDFText_GetFillColor{TextPage: s.text, Index: i})
	if err == nil {
		l.Hidden = color.A == 0
		l.dark = color.A >= 128 && luma(uint8(color.R), uint8(color.G), uint8(color.B)) < 128 //nolint:gosec // all are up to 255
	}
	l.Lent = s.fontIsLent(i, thing.TextObject)
}

// fontIsLent reports whether the font of a character is not in the file.
func (s *speller) fontIsLent(i int, thing references.FPDF_PAGEOBJECT) bool {
	info, err := s.instance.FPDFText_GetFontInfo(&requests.FPDFText_GetFontInfo{TextPage: s.text, Index: i})
	if err != nil {
		return false
	}
	lent, known := s.lent[info.FontName]
	if known {
		return lent
	}
	font, err := s.instance.FPDFTextObj_GetFont(&requests.FPDFTextObj_GetFont{PageObject: thing})
	if err == nil {
		embedded, err := s.instance.FPDFFont_GetIsEmbedded(&requests.FPDFFont_GetIsEmbedded{Font: font.Font})
		lent = err == nil && !embedded.IsEmbedded
	}
	s.lent[info.FontName] = lent
	return lent
}

// markLacking finds the letters that were not drawn on page for want of a font.
func markLacking(page *image.Gray, letters []Letter) {
	for i := range letters {
		l := &letters[i]
		l.Lacking = l.Lacking || l.Lent && l.dark && !l.Hidden && mayLack([]rune(l.Text)[0]) && empty(page, l)
	}
}

// mayLack reports whether a character may be one that no font of the machine has.
// PDFium has those of Europe itself; and some are drawn as nothing.
func mayLack(r rune) bool {
	const white = "\u3000\u3164\uffa0"
	return r >= 0x2E80 && !strings.ContainsRune(white, r)
}

// empty reports whether page has nothing where l stands, at any place in a square,
// that is darker than what is around it.
func empty(page *image.Gray, l *Letter) bool {
	const contrast, around = 40, 2
	x, y, half := l.X+l.Width/2, l.Y+l.Height/2, max(l.Width, l.Height)/2
	r := image.Rect(int(x-half), int(y-half), int(math.Ceil(x+half)), int(math.Ceil(y+half))).Intersect(page.Rect)
	if r.Empty() {
		return false // it is not on the page
	}
	darkest, _ := extremes(page, r)
	_, brightest := extremes(page, r.Inset(-around).Intersect(page.Rect))
	return brightest-darkest < contrast
}

// extremes returns the lowest and the highest luma in r.
func extremes(page *image.Gray, r image.Rectangle) (low, high uint8) {
	low = 255
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, v := range page.Pix[y*page.Stride+r.Min.X : y*page.Stride+r.Max.X] {
			low, high = min(low, v), max(high, v)
		}
	}
	return low, high
}
