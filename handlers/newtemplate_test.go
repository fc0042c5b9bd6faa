package handlers

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/ocr"
)

// blankForm draws an A4 page at 150 dpi: rows of a label, of which the print is
// bars, and a cell to write in. Shift moves all of it down.
func blankForm(t testing.TB, rows, shift int) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 1240, 1754))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	fill := func(x0, y0, x1, y1 int) {
		draw.Draw(img, image.Rect(x0, y0+shift, x1, y1+shift), image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
	for i := range rows + 1 {
		fill(120, 300+80*i, 1120, 303+80*i)
	}
	for _, x := range []int{120, 400, 1117} {
		fill(x, 300, x+3, 303+80*rows)
	}
	for i := range rows {
		for k := range 4 + i { // strokes, as of letters
			fill(150+22*k, 325+80*i, 154+22*k, 355+80*i)
			fill(150+22*k, 325+80*i+6*k, 166+22*k, 329+80*i+6*k)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// print has the site read each line of print as "성명".
func (s *site) print() {
	s.cfg.Print = func([]string) ocr.Engine {
		return ocr.Func(func(ocr.Crop) (ocr.Text, error) {
			return ocr.Text{Words: []ocr.Word{{Text: "성명", Confidence: 1, Symbols: []ocr.Symbol{{Text: "성명", Confidence: 1}}}}}, nil
		})
	}
	s.start()
	s.logIn("admin", testPassword)
}

// sealed returns what stands for what was handed in.
func (a *answer) sealed() string {
	a.s.Helper()
	a.status(http.StatusSeeOther)
	to, err := url.Parse(a.Header.Get("Location"))
	if err != nil || to.Path != "/templates/new/pages" {
		a.s.Fatalf("goes to %q, %v", a.Header.Get("Location"), err)
	}
	return to.Query().Get("of")
}

func openNew(t testing.TB) (*site, url.Values) {
	s := openSite(t)
	s.print()
	d, _, err := s.cfg.DB.AddDomain(t.Context(), form.Command, "시험", []string{"ko", "en"})
	if err != nil {
		t.Fatal(err)
	}
	return s, url.Values{"domain": {fmt.Sprint(d.ID)}, "language": {"ko"}}
}

func TestABlankBecomesADraft(t *testing.T) {
	s, values := openNew(t)
	a := s.get("/templates/new").status(http.StatusOK).says("option", "시험")
	if n := len(a.all("input[name=language]")); n != 2 {
		t.Errorf("%d languages to choose from, want those of the domain", n)
	}
	picture := blankForm(t, 4, 0)
	of := s.upload("/templates/new", values, map[string][]byte{"출장 신청서.png": picture}).sealed()
	s.get("/templates/new/pages?of=" + url.QueryEscape(of)).status(http.StatusOK).one("progress")
	thumb := s.get("/templates/new/thumbnail?page=1&of=" + url.QueryEscape(of)).status(http.StatusOK)
	if c, err := png.DecodeConfig(bytes.NewReader(thumb.body)); err != nil || max(c.Width, c.Height) > thumbnailSide+1 {
		t.Errorf("thumbnail of %d x %d px, %v", c.Width, c.Height, err)
	}
	s.post("/templates/new/page", url.Values{"of": {of}, "page": {"1"}}).goesTo("/templates/1/build")
	f, err := s.cfg.DB.Draft(t.Context(), form.Everything, 1)
	if err != nil {
		t.Fatal(err)
	}
	if f.Name != "성명" || f.Width != 1240 || f.Height != 1754 || strings.Join(f.Languages, ",") != "ko" {
		t.Errorf("a draft %q of %d x %d px in %v", f.Name, f.Width, f.Height, f.Languages)
	}
	if len(f.Fields) != 0 {
		t.Errorf("what is suggested is in the draft: %+v", f.Fields)
	}
	if found, err := s.cfg.DB.Suggested(t.Context(), form.Everything, 1); err != nil || len(found.Fields) != 4 || found.Fields[0].Name != "성명" {
		t.Errorf("suggested %+v, %v", found, err)
	}
	if a := s.get("/templates/1/draft").status(http.StatusOK); !bytes.Contains(a.body, []byte(`"defects":[]`)) {
		t.Error("an empty draft is faulty before anybody has seen what is suggested")
	}
	if got := s.get("/templates/1/picture").status(http.StatusOK).body; !bytes.Equal(got, picture) {
		t.Error("a straight PNG is not the picture as it is")
	}
	// Without a title it has the name of the file.
	other := s.upload("/templates/new", values, map[string][]byte{"출장 신청서.png": blankForm(t, 0, 0)}).sealed()
	s.post("/templates/new/page", url.Values{"of": {other}, "page": {"1"}}).goesTo("/templates/2/build")
	s.get("/templates/2").status(http.StatusOK).says("h1", "출장 신청서")
	// A page that is loaded twice makes nothing twice.
	a = s.post("/templates/new/page", url.Values{"of": {of}, "page": {"1"}}, "HX-Request", "true").status(http.StatusNoContent)
	if got := a.Header.Get("HX-Redirect"); got != "/templates/1/build" {
		t.Errorf("goes to %q", got)
	}
}

func TestPagesOfABlankAreChosen(t *testing.T) {
	s, values := openNew(t)
	values.Set("name", "원서")
	files := map[string][]byte{"a.png": blankForm(t, 3, 0), "b.png": blankForm(t, 4, 0), "c.png": blankForm(t, 5, 0)}
	of := s.upload("/templates/new", values, files).sealed()
	at := "/templates/new/pages?of=" + url.QueryEscape(of)
	if n := len(s.get(at).status(http.StatusOK).all("input[name=page]")); n != 3 {
		t.Fatalf("%d pages to choose from, want 3", n)
	}
	a := s.get(at + "&page=1&page=3").status(http.StatusOK)
	if n := len(a.all("progress")); n != 2 {
		t.Errorf("%d pages are being read, want 2", n)
	}
	for i, page := range []string{"1", "3"} {
		values := url.Values{"of": {of}, "page": {page}, "number": {fmt.Sprint(i + 1)}}
		s.post("/templates/new/page", values, "HX-Request", "true").status(http.StatusOK).says("a", fmt.Sprintf("원서 %d", i+1))
	}
	s.get(at + "&page=x").status(http.StatusBadRequest)
	s.get(at + strings.Repeat("&page=1", chosenPages+1)).status(http.StatusRequestEntityTooLarge)
	s.post("/templates/new/page", url.Values{"of": {of}, "page": {"4"}}).status(http.StatusNotFound)
	s.get("/templates/new/pages?of=forged").status(http.StatusNotFound)
}

func TestWhatIsWrongWithABlankIsSaidInPlace(t *testing.T) {
	s, values := openNew(t)
	s.addDomain("다른", "주문서")
	picture := map[string][]byte{"x.png": blankForm(t, 3, 0)}
	with := func(name, value string) url.Values {
		changed := url.Values{}
		for k, v := range values {
			changed[k] = v
		}
		changed.Set("name", "내 서식")
		changed.Set(name, value)
		return changed
	}
	for _, tt := range []struct {
		name   string
		values url.Values
		files  map[string][]byte
		status int
		says   string
	}{
		{"no file", with("name", "내 서식"), nil, http.StatusUnprocessableEntity, "파일을 골라"},
		{"no picture", with("name", "내 서식"), map[string][]byte{"x.png": []byte("hello")}, http.StatusUnsupportedMediaType, "읽을 수 없는 형식"},
		{"empty", with("name", "내 서식"), map[string][]byte{"x.png": nil}, http.StatusUnprocessableEntity, "빈 파일"},
		{"damaged", with("name", "내 서식"), map[string][]byte{"x.pdf": []byte("%PDF-1.4 and no more")}, http.StatusUnprocessableEntity, "깨졌습니다"},
		{"no language", with("language", "fr"), picture, http.StatusUnprocessableEntity, "lang"},
		{"name", with("name", "a[1]"), picture, http.StatusUnprocessableEntity, "name"},
		{"few copies", with("made_of", "copies"), picture, http.StatusUnprocessableEntity, "3장 이상"},
		{"name taken", url.Values{"domain": {"2"}, "language": {"ko"}, "name": {"주문서"}}, picture, http.StatusUnprocessableEntity, "같은 이름"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := s.upload("/templates/new", tt.values, tt.files).status(tt.status).says(".wrong", tt.says)
			if got := attr(a.one("input[name=name]"), "value"); got != tt.values.Get("name") {
				t.Errorf("the name that was typed became %q", got)
			}
		})
	}
	s.upload("/templates/new", with("domain", "9"), picture).status(http.StatusNotFound)
	if list, err := s.cfg.DB.Templates(t.Context(), 1); err != nil || len(list) != 0 {
		t.Errorf("%d templates, %v", len(list), err)
	}
}

// A page that cannot be decoded is found out when its template is made.
func TestADamagedPageOfABlankSaysSo(t *testing.T) {
	s, values := openNew(t)
	cut := blankForm(t, 3, 0)
	of := s.upload("/templates/new", values, map[string][]byte{"x.png": cut[:len(cut)/2]}).sealed()
	s.post("/templates/new/page", url.Values{"of": {of}, "page": {"1"}}, "HX-Request", "true").
		status(http.StatusUnprocessableEntity).says(".wrong", "깨졌습니다")
}

// What a PDF declares is suggested, under its name.
func TestFieldsOfAnElectronicFormAreSuggested(t *testing.T) {
	s, values := openNew(t)
	bodies := []string{
		"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Annots[4 0 R]>>",
		"<</Type/Annot/Subtype/Widget/F 4/FT/Tx/T(birthday)/Rect[100 300 200 320]>>",
	}
	file := []byte("%PDF-1.7\n")
	for i, body := range bodies {
		file = fmt.Appendf(file, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	file = append(file, "trailer<</Size 5/Root 1 0 R>>\n%%EOF\n"...)
	of := s.upload("/templates/new", values, map[string][]byte{"전자 서식.pdf": file}).sealed()
	s.post("/templates/new/page", url.Values{"of": {of}, "page": {"1"}}).status(http.StatusSeeOther)
	found, err := s.cfg.DB.Suggested(t.Context(), form.Everything, 1)
	if err != nil || len(found.Fields) != 1 || found.Fields[0].Name != "birthday" || !found.Fields[0].Rules.Date {
		t.Errorf("suggested %+v, %v", found, err)
	}
}
