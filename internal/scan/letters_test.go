package scan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seosik/seosik/internal/beside"
)

// spelled returns letters as text: ~ behind those that are hidden, ! those that
// may be others, ? those that lack.
func spelled(letters []Letter) string {
	var b strings.Builder
	for i, l := range letters {
		if l.Space && i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(l.Text)
		for i, is := range []bool{l.Hidden, !l.Sound, l.Lacking} {
			if is {
				b.WriteByte("~!?"[i])
			}
		}
	}
	return b.String()
}

const helvetica = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"

// lettered returns a page with content in Helvetica, F, a picture, I, which is one
// white pixel, and a group of both, G.
func lettered(content, group string) []byte {
	const resources = "/Resources<</Font<</F 5 0 R>>/XObject<</I 6 0 R/G 7 0 R>>>>"
	return page("", resources, content, helvetica,
		stream("/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8", "\xff"),
		stream("/Type/XObject/Subtype/Form/BBox[0 0 100 50]"+resources, group))
}

func TestLetters(t *testing.T) {
	const hello = "BT /F 20 Tf 10 20 Td (Hi you) Tj ET "
	const picture = "q 100 0 0 50 0 0 cm /I Do Q "
	for _, tt := range []struct{ name, content, want string }{
		{"text", hello, "Hi you"},
		{"two lines", "BT /F 12 Tf 10 30 Td (ab) Tj 0 -15 Td (cd) Tj ET", "ab cd"},
		{"invisible", "BT 3 Tr /F 20 Tf 10 20 Td (Hi) Tj ET", "H~i~"},
		{"below a scan", hello + picture, "H~i~ y~o~u~"},
		{"above a scan", picture + hello, "Hi you"},
		{"beside a picture", hello + "q 20 0 0 20 60 0 cm /I Do Q", "Hi you"},
		{"in a group with a scan", "/G Do", "H~i~ y~o~u~"},
		{"none", picture, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := onePage(t, lettered(tt.content, hello+picture))
			if got := spelled(p.Letters); got != tt.want {
				t.Errorf("letters %q, want %q", got, tt.want)
			}
		})
	}
}

// A letter is said to stand where its ink is, also on a page that is turned.
func TestLettersStandOnTheirInk(t *testing.T) {
	for _, entries := range []string{"", "/Rotate 90", "/CropBox[5 5 95 45]"} {
		file := page("", "/Resources<</Font<</F 5 0 R>>>>"+entries, "BT /F 20 Tf 10 20 Td (HIH) Tj ET", helvetica)
		p := onePage(t, file)
		if spelled(p.Letters) != "HIH" {
			t.Fatalf("letters %q", spelled(p.Letters))
		}
		ink := 0
		for y := range p.Gray.Rect.Dy() {
			for x := range p.Gray.Rect.Dx() {
				if p.Gray.GrayAt(x, y).Y > 128 {
					continue
				}
				ink++
				at := boxes{}
				for _, l := range p.Letters {
					at = append(at, [4]float64{l.X - 1, l.Y - 1, l.X + l.Width + 1, l.Y + l.Height + 1})
				}
				if !at.has(Letter{X: float64(x) + .5, Y: float64(y) + .5}) {
					t.Fatalf("%s: ink at %d, %d, which is in none of %v", entries, x, y, at)
				}
			}
		}
		if ink == 0 {
			t.Errorf("%s: there is no ink", entries)
		}
	}
}

// A font that maps its shapes to characters of its own does not tell what they are.
func TestLettersThatMayBeOthers(t *testing.T) {
	toUnicode := stream("", "/CIDInit/ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <00><FF> endcodespacerange\n1 beginbfchar <48> <E048> endbfchar endcmap end end")
	file := page("", "/Resources<</Font<</F 5 0 R>>>>", "BT /F 20 Tf 10 20 Td (Hi) Tj ET",
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>", toUnicode)
	if got := spelled(onePage(t, file).Letters); got != "\ue048!i" {
		t.Errorf("letters %q", got)
	}
}

// What was filled into a form is drawn, and known, whatever the file says that it
// looks like.
func TestFilledFields(t *testing.T) {
	blank := stream("/Type/XObject/Subtype/Form/BBox[0 0 80 20]", "/Tx BMC EMC")
	drawn := stream("/Type/XObject/Subtype/Form/BBox[0 0 80 20]", "0 0 20 20 re f")
	const must = "/NeedAppearances true"
	for _, tt := range []struct {
		name, form, field, look string
		text                    string
		checked, inked          bool
	}{
		{"text", "", "/FT/Tx/V(Hello)", "", "Hello", false, true},
		{"text that must be drawn", must, "/FT/Tx/V(Hello)", "", "Hello", false, true},
		{"text that looks blank", "", "/FT/Tx/V(Hello)", blank, "Hello", false, true},
		{"Korean in a Latin font", "", "/FT/Tx/V<feffae40c790cc2c>", blank, "김자찬", false, true},
		{"a row of boxes", must, "/FT/Tx/Ff 16777216/MaxLen 3/V(123)", "", "1 2 3", false, true},
		{"a choice", "", "/FT/Ch/Ff 131072/Opt[(Hello)(World)]/V(World)", blank, "World", false, true},
		{"no text", "", "/FT/Tx", blank, "", false, false},
		{"a checkbox", must, "/FT/Btn/V/Yes/AS/Yes", "", "", true, true},
		{"a checkbox that looks blank", must, "/FT/Btn/V/Yes", "", "", true, false},
		{"a blank checkbox", "", "/FT/Btn/V/Off/AS/Off/AP<</N<</Yes 6 0 R>>>>", drawn, "", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			more := []string{"<</Type/Annot/Subtype/Widget/P 3 0 R/F 4/T(a)/Rect[10 10 90 30]" + tt.field + ">>"}
			if tt.look != "" {
				if !strings.Contains(tt.field, "/AP") {
					more[0] = strings.Replace(more[0], "/T(a)", "/T(a)/AP<</N 6 0 R>>", 1)
				}
				more = append(more, tt.look)
			}
			if strings.ContainsRune(tt.text, '김') && StandIns()["ko"] == "" {
				t.Skip("no font is installed for Korean")
			}
			p := onePage(t, page("/AcroForm<</Fields[5 0 R]/DA(/Helv 0 Tf 0 g)"+tt.form+">>", "/Annots[5 0 R]", "", more...))
			if got := spelled(p.Letters); got != tt.text {
				t.Errorf("letters %q, want %q", got, tt.text)
			}
			if inked := darkest(p, 11, 21, 89, 39) < 128; inked != tt.inked {
				t.Errorf("drawn: %v, want %v", inked, tt.inked)
			}
			if len(p.Filled) != 1 || p.Filled[0].Checked != tt.checked {
				t.Errorf("fields %+v, want checked %v", p.Filled, tt.checked)
			}
		})
	}
}

// withoutFonts has no font of the machine seen.
func withoutFonts(t *testing.T) {
	before, dirs := prepared.sandbox, fontDirs
	fontDirs = []string{t.TempDir()}
	s, err := newSandbox(cacheDir())
	if err != nil {
		t.Fatal(err)
	}
	prepared.sandbox = s
	t.Cleanup(func() { prepared.sandbox, fontDirs = before, dirs })
}

// Text whose font is not there is not drawn, and what it says is known.
func TestLackingLetters(t *testing.T) {
	withoutFonts(t)
	dir := beside.Bench(t, "faults")
	for name, want := range map[string]string{
		"pdf-japanese-font-not-embedded.pdf": "振?込?依?頼? み?ず?ほ?銀?行?",
		"acroform-korean-no-appearance.pdf":  "2022년!? 6월!? 6일!? 마?용?린?",
	} {
		file, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		got := spelled(onePage(t, file).Letters)
		if !strings.HasSuffix(got, want) {
			t.Errorf("%s: letters %q, want %q at the end", name, got, want)
		}
	}
}
