package scan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/beside"
)

// objects returns a PDF of objects, which are numbered from 1. The first is the
// catalogue.
func objects(bodies ...string) []byte {
	var out bytes.Buffer
	out.WriteString("%PDF-1.7\n")
	offsets := make([]int, len(bodies))
	for i, body := range bodies {
		offsets[i] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	xref := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(bodies)+1)
	for _, at := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&out, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(bodies)+1, xref)
	return out.Bytes()
}

func stream(dict, data string) string {
	return fmt.Sprintf("<<%s/Length %d>>stream\n%s\nendstream", dict, len(data), data)
}

// page returns a PDF of one page of 100 x 50 points, which is drawn at 278 x 139
// pixels, with entries of its own and more objects, numbered from 5.
func page(catalogue, entries, content string, more ...string) []byte {
	return objects(append([]string{
		"<</Type/Catalog/Pages 2 0 R" + catalogue + ">>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 50]/Contents 4 0 R" + entries + ">>",
		stream("", content),
	}, more...)...)
}

// darkest returns the lowest luma within a part of the page, in points.
func darkest(p Page, x0, y0, x1, y1 float64) uint8 {
	scale, most := p.DPI/72, uint8(255)
	for y := int(y0 * scale); y < int(y1*scale); y++ {
		for x := int(x0 * scale); x < int(x1*scale); x++ {
			most = min(most, p.Gray.GrayAt(x, y).Y)
		}
	}
	return most
}

// What a viewer shows of a page is drawn: what it says, what was added to it
// and what was filled into it.
func TestPDFShowsWhatAViewerShows(t *testing.T) {
	const square = "0 g 0 0 20 20 re f"
	appearance := stream("/Type/XObject/Subtype/Form/BBox[0 0 20 20]", square)
	text := "/Type/Annot/Subtype/Widget/FT/Tx/T(name)/Rect[10 10 90 40]/DA(/Helv 20 Tf 0 g)/F 4"
	for _, tt := range []struct {
		name  string
		file  []byte
		shown bool // in the lower left of the page, of 10 to 30 points
	}{
		{"blank", page("", "", ""), false},
		{"content", page("", "", "10 10 20 20 re f"), true},
		{"stamp", page("", "/Annots[5 0 R]", "", "<</Type/Annot/Subtype/Stamp/Rect[10 10 30 30]/F 4/AP<</N 6 0 R>>>>", appearance), true},
		{"hidden stamp", page("", "/Annots[5 0 R]", "", "<</Type/Annot/Subtype/Stamp/Rect[10 10 30 30]/F 2/AP<</N 6 0 R>>>>", appearance), false},
		{"ink without appearance", page("", "/Annots[5 0 R]", "",
			"<</Type/Annot/Subtype/Ink/Rect[5 5 35 35]/F 4/C[0 0 0]/BS<</W 4>>/InkList[[10 10 20 20 30 30]]>>"), true},
		{"field with appearance", page("/AcroForm<</Fields[5 0 R]>>", "/Annots[5 0 R]", "",
			"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(x)/Rect[10 10 30 30]/F 4/AP<</N 6 0 R>>>>", appearance), true},
		{"field without appearance", page("/AcroForm<</Fields[5 0 R]/NeedAppearances true/DR<</Font<</Helv 6 0 R>>>>>>", "/Annots[5 0 R]", "",
			"<<"+text+"/V(HHHH)>>", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"), true},
		{"Korean in a field of a Latin font", page("/AcroForm<</Fields[5 0 R]/NeedAppearances true/DR<</Font<</Helv 6 0 R>>>>>>", "/Annots[5 0 R]", "",
			"<<"+text+"/V<FEFFAE40D64DAE38>>>", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"), true},
		{"checkbox", page("/AcroForm<</Fields[5 0 R]>>", "/Annots[5 0 R]", "",
			"<</Type/Annot/Subtype/Widget/FT/Btn/T(a)/V/Yes/AS/Yes/Rect[10 10 30 30]/F 4/AP<</N<</Yes 6 0 R/Off 7 0 R>>>>>>", appearance,
			stream("/Type/XObject/Subtype/Form/BBox[0 0 20 20]", "")), true},
		{"empty checkbox", page("/AcroForm<</Fields[5 0 R]>>", "/Annots[5 0 R]", "",
			"<</Type/Annot/Subtype/Widget/FT/Btn/T(a)/V/Off/AS/Off/Rect[10 10 30 30]/F 4/AP<</N<</Yes 6 0 R/Off 7 0 R>>>>>>", appearance,
			stream("/Type/XObject/Subtype/Form/BBox[0 0 20 20]", "")), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(tt.name, "Korean") && StandIns()["ko"] == "" {
				t.Skip("no Korean font is installed")
			}
			p := onePage(t, tt.file)
			if size := p.Gray.Rect.Size(); size != image.Pt(278, 139) {
				t.Errorf("sides %v", size)
			}
			if got := darkest(p, 10, 20, 30, 40); (got < 64) != tt.shown {
				t.Errorf("the darkest luma is %d, shown %v", got, tt.shown)
			}
		})
	}
}

// Text of a font that the PDF names and does not bring.
func TestPDFWithoutItsFonts(t *testing.T) {
	for _, tt := range []struct{ language, font, ordering, encoding, text string }{
		{"ko", "HCRBatang", "Korea1", "UniKS-UCS2-H", "AE40CCA0C218"},
		{"ko", "HYGothic-Medium", "Korea1", "KSCms-UHC-H", "B1E8C3B6BCF6"},
		{"ja", "MS-Mincho", "Japan1", "UniJIS-UCS2-H", "632F8FBC4F9D"},
		{"ja", "MS-Gothic", "Japan1", "90ms-RKSJ-H", "905591A5"},
		{"zh-TW", "MingLiU", "CNS1", "UniCNS-UCS2-H", "7533 8ACB"},
		{"zh-TW", "MingLiU", "CNS1", "ETen-B5-H", "A5D3BDD0"},
		{"", "Helvetica", "", "", "484848"},
	} {
		t.Run(tt.font+" "+tt.encoding, func(t *testing.T) {
			if tt.language != "" && StandIns()[tt.language] == "" {
				t.Skip("no font is installed for " + tt.language)
			}
			content := "BT /F 20 Tf 10 10 Td <" + tt.text + "> Tj ET"
			font := []string{"<</Type/Font/Subtype/Type1/BaseFont/" + tt.font + ">>"}
			if tt.ordering != "" {
				font = []string{
					fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/%s/DescendantFonts[6 0 R]>>", tt.font, tt.encoding),
					fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(%s)/Supplement 2>>/DW 1000/FontDescriptor 7 0 R>>", tt.font, tt.ordering),
					fmt.Sprintf("<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 880/Descent -120/StemV 80>>", tt.font),
				}
			}
			p := onePage(t, page("", "/Resources<</Font<</F 5 0 R>>>>", content, font...))
			for i := range 2 { // letters
				x := 10 + 14*float64(i)
				if got := darkest(p, x, 20, x+14, 45); got > 128 {
					t.Errorf("letter %d is missing: the darkest luma is %d", i+1, got)
				}
			}
		})
	}
}

// What a scanner makes comes out in its own pixels.
func TestPDFScannedByAScanner(t *testing.T) {
	img := drawPage(300, 400, 3)
	var colour, gray bytes.Buffer
	luma, _ := lumaOf(img)
	for w, img := range map[*bytes.Buffer]image.Image{&colour: img, &gray: luma} {
		if err := jpeg.Encode(w, img, nil); err != nil {
			t.Fatal(err)
		}
	}
	rows := faxRows(320, 400, 5)
	bits := make([]byte, 320/8*400)
	for i := range 320 * 400 {
		if !rows[i/320][i%320] {
			bits[i/8] |= 0x80 >> (i % 8)
		}
	}
	for _, tt := range []struct {
		name, dict, data string
		dpi              float64
		width, height    int
		file             []byte // as it is by itself, or nil
	}{
		{"JPEG in colour", "/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode", colour.String(), 200, 300, 400, colour.Bytes()},
		{"gray JPEG of 300 dpi", "/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/DCTDecode", gray.String(), 300, 300, 400, gray.Bytes()},
		{"black and white of 600 dpi", "/ColorSpace/DeviceGray/BitsPerComponent 1", string(bits), 600, 320, 400, nil},
		{
			"fax of 204 dpi", "/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns 320/Rows 400>>",
			string(encodeFax(rows, faxG4, false)), 204, 320, 400, nil,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, h := float64(tt.width)*72/tt.dpi, float64(tt.height)*72/tt.dpi
			file := objects(
				"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
				fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 %f %f]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>", w, h),
				stream("", fmt.Sprintf("q %f 0 0 %f 0 0 cm /I Do Q", w, h)),
				stream(fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d", tt.width, tt.height)+tt.dict, tt.data),
			)
			p := onePage(t, file)
			if size := p.Gray.Rect.Size(); size != image.Pt(tt.width, tt.height) || p.DPI < tt.dpi-1 || p.DPI > tt.dpi+1 {
				t.Fatalf("sides %v at %v dpi", size, p.DPI)
			}
			if tt.file == nil {
				for i := range p.Gray.Pix {
					if bit := bits[i/8] >> (7 - i%8) & 1; p.Gray.Pix[i] != 255*bit {
						t.Fatalf("pixel %d is %d, want that of bit %d", i, p.Gray.Pix[i], bit)
					}
				}
				return
			}
			if d := farthest(t, p.Color, onePage(t, tt.file).Color); d > 16 { // colours are made of fewer samples, each in its own way
				t.Errorf("differs by %d from the JPEG by itself", d)
			}
		})
	}
}

// Of a page of which a part is cut away, the part that is left is drawn.
func TestPDFCropBox(t *testing.T) {
	p := onePage(t, page("", "/CropBox[10 10 60 50]/Rotate 90", "10 10 10 10 re f"))
	if size := p.Gray.Rect.Size(); size.X < 111 || size.X > 112 || size.Y < 138 || size.Y > 139 {
		t.Errorf("sides %v, want 40 x 50 points", size)
	}
	if got := darkest(p, 1, 1, 9, 9); got != 0 { // turned, it is at the upper left
		t.Errorf("the darkest luma is %d where the square is", got)
	}
}

func TestPDFOfAThousandPages(t *testing.T) {
	pages := make([]pdfPage, 1000)
	for i := range pages {
		pages[i] = pdfPage{width: 72, height: 72, content: "0 0 36 36 re f"}
	}
	file := writePDF(t, "", pages...)
	if _, err := Count(t.Context(), file, Limits{}); !errors.Is(err, ErrTooManyPages) {
		t.Errorf("Count = %v, want %v", err, ErrTooManyPages)
	}
	limits := Limits{Pages: 1000}
	if n, err := Count(t.Context(), file, limits); n != 1000 || err != nil {
		t.Errorf("Count = %d, %v", n, err)
	}
	if p, err := Nth(t.Context(), file, 1000, limits); err != nil || p.Gray.GrayAt(10, 190).Y != 0 {
		t.Errorf("page %d, %v", p.Number, err)
	}
}

// laughs returns a PDF whose page draws 10 forms that draw 10 forms each, and
// so on: a square is drawn 10^depth times.
func laughs(depth int) []byte {
	more := make([]string, depth)
	for i := range more {
		more[i] = stream(fmt.Sprintf("/Type/XObject/Subtype/Form/BBox[0 0 100 50]/Resources<</XObject<</X %d 0 R>>>>", 6+i), strings.Repeat("/X Do ", 10))
	}
	more = append(more, stream("/Type/XObject/Subtype/Form/BBox[0 0 100 50]", "0 0 50 50 re f"))
	return page("", "/Resources<</XObject<</X 5 0 R>>>>", "/X Do", more...)
}

// A page that would be drawn for ever is stopped by its context, and where it
// has taken its time: that is then the fault of the file.
func TestPDFThatHangs(t *testing.T) {
	bomb := laughs(9)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	begun := time.Now()
	if _, err := Nth(ctx, bomb, 1, Limits{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Nth = %v, want %v", err, context.DeadlineExceeded)
	}
	if took := time.Since(begun); took > time.Minute {
		t.Errorf("it was stopped after %v", took)
	}
	s, err := newSandbox(cacheDir())
	if err != nil {
		t.Fatal(err)
	}
	s.cpu = time.Second
	if err := s.open(t.Context(), bomb, func(d *document) error {
		_, err := d.draw(1, 100, 50)
		return err
	}); !errors.Is(err, ErrDamaged) {
		t.Errorf("drawing it = %v, want %v", err, ErrDamaged)
	}
	if err := s.open(t.Context(), page("", "", "10 10 20 20 re f"), func(d *document) error {
		_, err := d.draw(1, 100, 50)
		return err
	}); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// Whatever a file does to its memory, it is the file that is at fault.
func TestPDFThatTakesAllMemory(t *testing.T) {
	zeros := stream("/Filter/FlateDecode", string(deflate(t, make([]byte, 64<<20))))
	file := objects("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 50]/Contents["+strings.Repeat("4 0 R ", 40)+"]>>", zeros)
	_, errs := allPages(t.Context(), file, Limits{})
	t.Logf("%d bytes, errors %v", len(file), errs)
	if len(errs) != 1 || !errors.Is(errs[0], ErrDamaged) {
		t.Errorf("errors %v, want %v", errs, ErrDamaged)
	}
	onePage(t, page("", "", "10 10 20 20 re f"))
}

// Instances have nothing of each other, whatever they do at once.
func TestPDFPagesAtOnce(t *testing.T) {
	files := [][]byte{writePDF(t, "", scanned(drawPage(223, 301, 8), 200, 90)), page("", "", "10 10 20 20 re f"), []byte("%PDF-1.4\n")}
	for _, text := range []string{"HHHH", "IIII", "OOOO"} {
		files = append(files, page("/AcroForm<</Fields[5 0 R]/NeedAppearances true/DR<</Font<</Helv 6 0 R>>>>>>", "/Annots[5 0 R]", "",
			"<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/Rect[10 10 90 40]/DA(/Helv 20 Tf 0 g)/F 4/V("+text+")>>", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"))
	}
	draw := func(file []byte) string {
		pages, errs := allPages(t.Context(), file, Limits{})
		if len(pages) == 0 {
			return fmt.Sprint(errs)
		}
		return string(pages[0].Gray.Pix)
	}
	alone := make([]string, len(files))
	for i, file := range files {
		alone[i] = draw(file)
	}
	var all sync.WaitGroup
	for range 4 {
		for i, file := range files {
			all.Go(func() {
				if draw(file) != alone[i] {
					t.Errorf("file %d is another one when others are drawn too", i)
				}
			})
		}
	}
	all.Wait()
}

func TestInstanceMemory(t *testing.T) {
	large := make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(t.Context())
	a, err := newInstanceMemory(ctx, large)
	if err != nil {
		t.Fatal(err)
	}
	b, err := newInstanceMemory(ctx, large)
	if err != nil {
		t.Fatal(err)
	}
	defer b.free()
	first := a.Reallocate(1 << 16)
	first[0] = 7
	grown := a.Reallocate(smallBytes + 1<<16)
	if len(grown) != smallBytes+1<<16 || grown[0] != 7 || &grown[0] != &first[0] {
		t.Error("what grows is moved or cut off")
	}
	if a.Reallocate(instanceBytes+1) != nil {
		t.Error("it grows beyond the limit")
	}
	if b.Reallocate(smallBytes) == nil {
		t.Error("another one may not be small")
	}
	got := make(chan []byte)
	go func() { got <- b.Reallocate(smallBytes + 1<<16) }()
	select {
	case <-got:
		t.Error("two are large at once")
	case <-time.After(50 * time.Millisecond):
	}
	a.free()
	if <-got == nil {
		t.Error("it is not large once the other is gone")
	}
	c, err := newInstanceMemory(ctx, large)
	if err != nil {
		t.Fatal(err)
	}
	defer c.free()
	cancel()
	if c.Reallocate(smallBytes+1<<16) != nil {
		t.Error("it waits although its context is over")
	}
}

// What the machine does not have is no fault of the file, whatever comes of it.
func TestMemoryThatIsRefusedIsNoDamage(t *testing.T) {
	m := &instanceMemory{refused: fmt.Errorf("64 MiB of memory: %w", syscall.ENOMEM)}
	err := blame(t.Context(), m, fmt.Errorf("%w: unreachable", ErrDamaged))
	if !errors.Is(err, ErrRenderer) || !errors.Is(err, syscall.ENOMEM) || errors.Is(err, ErrDamaged) {
		t.Errorf("blame = %v", err)
	}
}

func TestOnlyTimeOfAProcessorIsTheFaultOfTheFile(t *testing.T) {
	ctx, end := context.WithCancelCause(t.Context())
	defer end(nil)
	stop := limitTime(end, 100*time.Millisecond, time.Hour)
	time.Sleep(500 * time.Millisecond)
	if ctx.Err() != nil {
		t.Errorf("waiting ends it: %v", context.Cause(ctx))
	}
	for begun := time.Now(); ctx.Err() == nil && time.Since(begun) < time.Minute; {
	}
	stop()
	if err := context.Cause(ctx); !errors.Is(err, ErrDamaged) {
		t.Errorf("work ends it with %v, want %v", err, ErrDamaged)
	}
	ctx, end = context.WithCancelCause(t.Context())
	defer end(nil)
	defer limitTime(end, time.Hour, 100*time.Millisecond)()
	<-ctx.Done()
	if err := context.Cause(ctx); !errors.Is(err, ErrRenderer) {
		t.Errorf("waiting for long ends it with %v, want %v", err, ErrRenderer)
	}
}

// An instance sees fonts, and no other file.
func TestInstancesSeeFontsOnly(t *testing.T) {
	seen := standIns()
	for _, name := range []string{"etc/passwd", "usr/share/fonts/../../../etc/passwd", "usr/share/doc", "proc/self/environ"} {
		if f, err := seen.Open(name); err == nil {
			f.Close()
			t.Errorf("%s can be opened", name)
		}
	}
}

// What was compiled is kept, but not where others could put their code, and what
// is broken there is taken away.
func TestCacheOfCompiledCode(t *testing.T) {
	own, home := cacheDir(), t.TempDir()
	t.Setenv("XDG_CACHE_HOME", home)
	dir := cacheDir()
	if dir != filepath.Join(home, "seosik") {
		t.Fatalf("cacheDir = %q", dir)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if dir := cacheDir(); dir != "" {
		t.Errorf("cacheDir = %q, where everybody may write", dir)
	}
	if err := PreparePDF(); err != nil {
		t.Fatal(err)
	}
	kept, _ := filepath.Glob(filepath.Join(own, "*", "*"))
	if len(kept) == 0 {
		t.Skip("nothing is kept for this user")
	}
	for _, path := range kept {
		broken := filepath.Join(dir, filepath.Base(filepath.Dir(path)), filepath.Base(path))
		if err := os.MkdirAll(filepath.Dir(broken), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(broken, []byte("WAZEVO"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := &sandbox{}
	s.maker.run(t.Context())
	if err := s.compileInto(dir); err == nil {
		t.Error("compiled from a broken file")
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}

// Files of others, with what they must come to.
func TestPDFsOfOthers(t *testing.T) {
	for name, want := range map[string]struct {
		pages int // that can be read
		err   error
	}{
		"bad/pdf/enc-R2,V1.pdf":                 {5, nil},
		"bad/pdf/enc-R2,V1,U=view,O=master.pdf": {0, ErrEncrypted},
		"bad/pdf/enc-R3,V2,O=master.pdf":        {5, nil},
		"bad/pdf/bug_jpx.pdf":                   {1, nil},
		"bad/pdf/jbig2_symbol_offset.pdf":       {1, nil},
		"bad/pdf/hugemono.pdf":                  {0, ErrResolution},
		"bad/pdf/invalid.pdf":                   {0, ErrDamaged},
		"odd/truncated.pdf":                     {0, ErrDamaged},
		"faults/fax-204x98.pdf":                 {1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			file, err := os.ReadFile(filepath.Join(beside.Bench(t, ""), name))
			if err != nil {
				t.Fatal(err)
			}
			pages, errs := allPages(t.Context(), file, Limits{})
			if len(pages) < want.pages || (want.err == nil) != (errs == nil) || want.err != nil && !errors.Is(errs[0], want.err) {
				t.Errorf("%d pages, errors %v; want %+v", len(pages), errs, want)
			}
		})
	}
}
