package reader

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/png"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/seosik/seosik/internal/beside"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
	"github.com/seosik/seosik/internal/scan"
)

// An electronic is how a form is filled in by a program, as a PDF.
type electronic struct {
	lies  bool // its fonts say other characters than they draw
	older bool // it is a scan, with the text that another program has read, invisibly
	form  bool // values are those of a form that is not drawn
	alike bool // values are letters and digits that look alike
}

// A penned is a value and where it is put.
type penned struct {
	box  geom.Box // px of the template
	text string
	mark bool
}

// fonts that PDFs name and do not bring, with the collections of their characters.
var electronicFonts = map[string][3]string{
	"ko": {"HYGoThic-Medium", "UniKS-UCS2-H", "Korea1"}, "ja": {"MS-Gothic", "UniJIS-UCS2-H", "Japan1"},
	"zh-TW": {"MingLiU", "UniCNS-UCS2-H", "CNS1"}, "en": {"HYGoThic-Medium", "UniKS-UCS2-H", "Korea1"},
}

// pennedIn returns what a document of the bench holds, a character a box in rows
// of boxes.
func pennedIn(t *form.Template, d benchDoc) (all []penned) {
	for _, f := range t.Places() {
		switch {
		case f.Kind == form.Checkbox:
			all = append(all, penned{f.Box, "", d.Fields[f.ID].Checked})
		case f.Kind == form.MultiBox:
			for i, r := range []rune(d.Fields[f.ID].Text) {
				all = append(all, penned{box: f.Boxes[i], text: string(r)})
			}
		case f.Table != "":
			all = append(all, penned{box: f.Box, text: d.Tables[f.Table][f.Row-1][f.Column]})
		default:
			all = append(all, penned{box: f.Box, text: d.Fields[f.ID].Text})
		}
	}
	return all
}

// alike returns d with other texts, which neither reader reads well.
func alike(t *form.Template, d benchDoc) benchDoc {
	r := rand.New(rand.NewPCG(uint64(t.ID), 1))
	d.Fields = maps.Clone(d.Fields)
	for _, f := range t.Fields {
		if f.Kind == form.Normal && f.ValueType == form.All && f.Rules.IsZero() {
			v, letters := d.Fields[f.ID], []rune("Il1O0oB8S5Z2vVcCsSrnm")
			v.Text = ""
			for range 8 {
				v.Text += string(letters[r.IntN(len(letters))])
			}
			d.Fields[f.ID] = v
		}
	}
	return d
}

// pdf returns a blank form as a PDF in which values are filled in.
func (e electronic) pdf(t *testing.T, blank *image.Gray, language string, values []penned) []byte {
	t.Helper()
	const scale = 72. / 200
	font, height := electronicFonts[language], float64(blank.Rect.Dy())
	var text, fields, refs strings.Builder
	objects := []string{"", "<</Type/Pages/Kids[3 0 R]/Count 1>>", ""}
	var used []rune
	if e.older {
		text.WriteString("3 Tr ")
	}
	for _, v := range values {
		x, y, size := (v.box.Min.X+4)*scale, (height-v.box.Max.Y)*scale+.3*v.box.Height()*scale, min(.6*v.box.Height()*scale, 12)
		switch {
		case v.mark && !e.form:
			a, b := (v.box.Min.X+3)*scale, (v.box.Max.X-3)*scale
			c, d := (height-v.box.Min.Y-3)*scale, (height-v.box.Max.Y+3)*scale
			fmt.Fprintf(&fields, "1.2 w %.2f %.2f m %.2f %.2f l %.2f %.2f m %.2f %.2f l S ", a, c, b, d, a, d, b, c)
			continue
		case e.form:
			fmt.Fprintf(&refs, "%d 0 R ", 8+len(objects)-3)
			objects = append(objects, e.widget(v, height, scale, len(objects)))
			continue
		case v.text == "":
			continue
		}
		wide := 0.
		for _, r := range v.text {
			if wide++; r < 128 {
				wide -= .5
			}
		}
		size = min(size, (v.box.Width()-8)*scale/max(1, wide))
		fmt.Fprintf(&text, "/F %.2f Tf 1 0 0 1 %.2f %.2f Tm <", size, x, y)
		for _, u := range utf16.Encode([]rune(v.text)) {
			fmt.Fprintf(&text, "%04X", u)
			used = append(used, rune(u))
		}
		text.WriteString("> Tj ")
	}
	var pixels bytes.Buffer
	z := zlib.NewWriter(&pixels)
	for y := range blank.Rect.Dy() {
		z.Write(blank.Pix[y*blank.Stride:][:blank.Rect.Dx()])
	}
	z.Close()
	w, h := float64(blank.Rect.Dx())*scale, height*scale
	stream := func(dict, data string) string {
		return fmt.Sprintf("<<%s/Length %d>>stream\n%s\nendstream", dict, len(data), data)
	}
	own := []string{
		stream("", fmt.Sprintf("q %.3f 0 0 %.3f 0 0 cm /I Do Q %s BT %s ET", w, h, fields.String(), text.String())),
		stream(fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode", blank.Rect.Dx(), blank.Rect.Dy()), pixels.String()),
		fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/%s/DescendantFonts[7 0 R]%s>>", font[0], font[1], map[bool]string{true: "/ToUnicode 8 0 R"}[e.lies]),
		fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(%s)/Supplement 2>>/DW 1000/W[1 95 500]/FontDescriptor<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 880/Descent -120/StemV 80>>>>", font[0], font[2], font[0]),
	}
	if e.lies {
		own = append(own, stream("", liesAbout(used)))
	}
	objects[0] = "<</Type/Catalog/Pages 2 0 R/AcroForm<</NeedAppearances true/DA(/Helv 10 Tf 0 g)/Fields[" + refs.String() + "]>>>>"
	objects[2] = fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.3f %.3f]/Contents 4 0 R/Annots[%s]/Resources<</XObject<</I 5 0 R>>/Font<</F 6 0 R>>>>>>", w, h, refs.String())
	return written(append(append(objects[:3:3], own...), objects[3:]...))
}

// widget returns a field of the form of a PDF.
func (electronic) widget(v penned, height, scale float64, number int) string {
	b := v.box
	rect := fmt.Sprintf("/Rect[%.2f %.2f %.2f %.2f]/T(f%d)", b.Min.X*scale, (height-b.Max.Y)*scale, b.Max.X*scale, (height-b.Min.Y)*scale, number)
	if v.text == "" {
		state := map[bool]string{true: "Yes", false: "Off"}[v.mark]
		return "<</Type/Annot/Subtype/Widget/F 4/P 3 0 R/FT/Btn/V/" + state + "/AS/" + state + "/MK<</CA(4)>>" + rect + ">>"
	}
	var value strings.Builder
	for _, u := range utf16.Encode([]rune(v.text)) {
		fmt.Fprintf(&value, "%04x", u)
	}
	return "<</Type/Annot/Subtype/Widget/F 4/P 3 0 R/FT/Tx/V<feff" + value.String() + ">" + rect + ">>"
}

// liesAbout returns a map that has other characters for those of a font.
func liesAbout(used []rune) string {
	slices.Sort(used)
	used = slices.Compact(used)
	var b strings.Builder
	b.WriteString("/CIDInit/ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <0000><FFFF> endcodespacerange\n")
	for i, r := range used {
		fmt.Fprintf(&b, "1 beginbfchar <%04X> <%04X> endbfchar\n", r, used[(i+7)%len(used)])
	}
	return b.String() + "endcmap end end"
}

// written returns a PDF of objects, which are numbered from 1.
func written(objects []string) []byte {
	var out bytes.Buffer
	out.WriteString("%PDF-1.7\n")
	offsets := make([]int, len(objects))
	for i, body := range objects {
		offsets[i] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	xref := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, at := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&out, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, xref)
	return out.Bytes()
}

// Forms of the bench that are filled in by programs are read nearly without fault,
// and nothing wrong is called certain, also where the file lies.
func TestElectronicForms(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	b := openBench(t)
	pool := openEngine(t, 2)
	r := New(Config{Engine: pool, Second: pool.Second()})
	for turn, tt := range []struct { // each reads a third of the forms, or all
		name  string
		e     electronic
		typed float64 // share read right at least
	}{
		{"text", electronic{}, .99},
		{"form", electronic{form: true}, .99},
		{"lying fonts", electronic{lies: true}, .95},
		{"letters that look alike", electronic{alike: true}, .99},
	} {
		t.Run(tt.name, func(t *testing.T) {
			right, total, silent, doubtful := 0, 0, 0, 0
			seen := map[string]int{}
			for _, d := range b.docs {
				if seen[d.Form]++; seen[d.Form] > 1 || !*all && (len(seen)+turn)%3 != 0 {
					continue
				}
				tpl := b.templates[d.Form]
				if tt.e.alike {
					d = alike(tpl, d)
				}
				values := pennedIn(tpl, d)
				file := tt.e.pdf(t, blankOf(t, tpl, d.Form), tpl.Languages[0], values)
				res, err := b.result(t, r, d, file, tpl)
				if err != nil || res.Page.Template != tpl.ID {
					t.Errorf("%s: %+v, %v", d.Form, res.Page, err)
					continue
				}
				s := &score{right: map[string]int{}, total: map[string]int{}}
				for i, f := range tpl.Places() {
					before := len(s.wrong)
					s.add(d, f, res.Readings[i])
					wrong := len(s.wrong) > before
					if v := res.Readings[i]; wrong && len(v.Reasons) == 0 && v.Confidence >= .9 {
						silent++
					}
					if len(res.Readings[i].Reasons) > 0 {
						doubtful++
					}
					if total++; !wrong {
						right++
					}
				}
				for _, w := range s.wrong {
					t.Log(w)
				}
			}
			t.Logf("%d of %d right, %d silent, %d doubtful", right, total, silent, doubtful)
			if silent > 0 || float64(right) < tt.typed*float64(total) {
				t.Errorf("too few right, or silent")
			}
		})
	}
}

// blankOf returns the picture of a template of the bench.
func blankOf(t *testing.T, tpl *form.Template, name string) *image.Gray {
	t.Helper()
	f, err := os.Open(filepath.Join(*benchDir, name, tpl.ImageName))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	g := raster.New(img.Bounds().Dx(), img.Bounds().Dy())
	for y := range g.Rect.Dy() {
		for x := range g.Rect.Dx() {
			g.Set(x, y, img.At(x, y))
		}
	}
	return g
}

// What Firefox saves of a filled form, without anything drawn.
func TestAFormWithoutItsValuesDrawn(t *testing.T) {
	file, err := os.ReadFile(filepath.Join(beside.Bench(t, "faults"), "acroform-korean-no-appearance.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	b := openBench(t)
	pool := openEngine(t, 1)
	r := New(Config{Engine: pool, Second: pool.Second()})
	res, err := b.result(t, r, benchDoc{}, file, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[form.FieldID]form.Reading{}
	for _, v := range res.Readings {
		got[v.Field] = v
	}
	for id, want := range map[form.FieldID]string{
		"name": "김자찬", "job": "농업", "bank": "우리은행", "id": "462161", "account": "14050761454334",
		"address": "제주특별자치도 제주시 첨단로 89 119동 401호", "accident_date": "2026년 6월 23일", "email": "",
	} {
		if v := got[id]; v.Text != want || v.Confidence < .95 {
			t.Errorf("%s: %q, %.3f, want %q", id, v.Text, v.Confidence, want)
		}
	}
	for _, v := range res.Readings {
		t.Logf("%s %q %.3f %v", v.Field, v.Text, v.Confidence, v.Reasons)
	}
}

// A picture in a PDF that is damaged from the middle on: what is drawn of it is
// read, and the rest is not taken for blank.
func TestAPDFWhosePictureIsDamaged(t *testing.T) {
	file, err := os.ReadFile(filepath.Join(beside.Bench(t, "faults"), "pdf-with-broken-picture.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	b := openBench(t)
	pool := openEngine(t, 1)
	r := New(Config{Engine: pool, Second: pool.Second()})
	res, err := b.result(t, r, benchDoc{}, file, nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.Page.State != form.StateReview || !slices.Contains(res.Page.Faults, form.FaultUnseen) {
		t.Errorf("state %s, faults %v", res.Page.State, res.Page.Faults)
	}
	page, err := scan.Nth(t.Context(), file, 1, scan.Limits{})
	if err != nil || len(page.Unseen) == 0 {
		t.Fatalf("unseen %v, %v", page.Unseen, err)
	}
	unseen, from := 0, float64(page.Unseen[len(page.Unseen)-1].Min.Y)
	for _, v := range res.Readings {
		if v.Where.Bounds().Min.Y < from {
			continue
		}
		if unseen++; v.Confidence > .5 || !slices.Contains(v.Reasons, form.ReasonNotSeen) {
			t.Errorf("%s: %q, %.3f, %v", v.Field, v.Text, v.Confidence, v.Reasons)
		}
	}
	if unseen == 0 {
		t.Errorf("no fields below %v", from)
	}
}
