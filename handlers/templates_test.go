package handlers

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

const templateText = `{"name": "주문서", "lang": "ko", "image": "blank.png", "width": 40, "height": 50,
 "fields": [{"name": "이름", "type": "NORMAL", "box": [5, 5, 20, 10], "rules": {"required": true}}]}`

// upload posts files to path with the given values before them.
func (s *site) upload(path string, values url.Values, files map[string][]byte) *answer {
	s.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, vs := range values {
		for _, v := range vs {
			if err := w.WriteField(name, v); err != nil {
				s.Fatal(err)
			}
		}
	}
	for name, data := range files {
		part, err := w.CreateFormFile("file", name)
		if err != nil {
			s.Fatal(err)
		}
		if _, err := part.Write(data); err != nil {
			s.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		s.Fatal(err)
	}
	return s.do(http.MethodPost, path, &b, "Content-Type", w.FormDataContentType())
}

func TestImportReleaseExportTemplate(t *testing.T) {
	s := openSite(t)
	d, _, err := s.cfg.DB.AddDomain(t.Context(), form.Command, "시험", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	values := url.Values{"domain": {fmt.Sprint(d.ID)}}
	files := map[string][]byte{"template.json": []byte(templateText), "blank.png": blankPNG(t, 40, 50)}
	s.upload("/templates", values, files).goesTo("/templates/1/build")
	s.get("/templates/1").status(http.StatusOK).says("h1", "주문서").says("td", "필수")
	s.get("/templates/1/picture").status(http.StatusOK)
	s.get("/templates").status(http.StatusOK).says("td", "초안")

	s.post("/templates/1/release", url.Values{"version": {"0"}, "stage": {"service"}}).goesTo("/templates/1/release")
	if f, err := s.cfg.DB.Template(t.Context(), form.Everything, 1, 0); err != nil || f.Stage != form.Service {
		t.Errorf("%+v, %v", f, err)
	}
	s.post("/templates/1/release", url.Values{"version": {"1"}, "stage": {"gone"}}).status(http.StatusBadRequest)
	s.get("/templates/1").says("td", "서비스 · 버전 1").says("a", "내리기…")

	zip := s.get("/templates/1/file").status(http.StatusOK)
	if got := zip.Header.Get("Content-Disposition"); !strings.Contains(got, "attachment") {
		t.Errorf("Content-Disposition %q", got)
	}
	// The same again is no new version.
	s.upload("/templates", values, map[string][]byte{"주문서.zip": zip.body}).goesTo("/templates/1?version=1")
	if f, err := s.cfg.DB.Template(t.Context(), form.Everything, 1, 0); err != nil || f.Version != 1 || f.Stage != form.Service {
		t.Errorf("%+v, %v", f, err)
	}
	// Another one is a draft, besides.
	files["template.json"] = []byte(strings.Replace(templateText, "[5, 5, 20, 10]", "[5, 6, 20, 10]", 1))
	s.upload("/templates", values, files).goesTo("/templates/1/build")
	s.get("/templates/1?version=0").says("td", "초안").says("td", "서비스 · 버전 1").says("summary", "초안 버리기")
	s.post("/templates/1/release", url.Values{"version": {"0"}, "stage": {"beta"}}).goesTo("/templates/1/release")
	s.get("/templates").says("a", "베타 · 버전 2").says("a", "서비스 · 버전 1")
	s.post("/templates/1/retire", url.Values{"version": {"2"}}).goesTo("/templates/1/release")
	s.post("/templates/1/discard", nil).status(http.StatusNotFound)
	s.get("/templates/1?version=9").status(http.StatusNotFound)
	s.upload("/templates", values, files).goesTo("/templates/1?version=2") // what was there last says the same
}

func TestDownloadsHaveNamesOfFiles(t *testing.T) {
	tests := []struct{ name, want string }{
		{"출장 신청서.zip", "출장 신청서.zip"},
		{"../가/나\\다.csv", "_가_나_다.csv"},
		{"a\r\nb\x00\u0085c\".zip", "a__b__c_.zip"},
	}
	for _, tt := range tests {
		h := make(http.Header)
		attach(h, tt.name)
		kind, params, err := mime.ParseMediaType(h.Get("Content-Disposition"))
		if err != nil || kind != "attachment" || params["filename"] != tt.want {
			t.Errorf("%q: %q of %q, %v; want %q", tt.name, kind, params["filename"], err, tt.want)
		}
	}
}

func TestImportNamesTheFieldAndTheReason(t *testing.T) {
	s := openSite(t)
	d, _, err := s.cfg.DB.AddDomain(t.Context(), form.Command, "시험", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	values := url.Values{"domain": {fmt.Sprint(d.ID)}}
	bad := strings.Replace(templateText, "[5, 5, 20, 10]", "[35, 5, 20, 10]", 1)
	outside := bad
	bad = strings.Replace(bad, `"width": 40`, `"colour": 1, "width": 40`, 1)
	s.upload("/templates", values, map[string][]byte{"template.json": []byte(bad), "blank.png": blankPNG(t, 40, 50)}).
		status(http.StatusUnprocessableEntity).says("li", "fields[0] 이름: box: 40×50px인 그림 밖에 있습니다").says("li", "colour: 이런 속성은 없습니다")
	// What a draft may have is mended there.
	s.upload("/templates", values, map[string][]byte{"template.json": []byte(outside), "blank.png": blankPNG(t, 40, 50)}).goesTo("/templates/1/build")
	s.get("/templates/1").status(http.StatusOK).says("li", "fields[0] 이름: box: 40×50px인 그림 밖에 있습니다")
	nameless := strings.Replace(outside, "주문서", "", 1)
	s.upload("/templates", values, map[string][]byte{"template.json": []byte(nameless), "blank.png": blankPNG(t, 40, 50)}).
		status(http.StatusUnprocessableEntity).says("li", "name: ")
	s.upload("/templates", values, map[string][]byte{"x.zip": []byte("no")}).
		status(http.StatusUnprocessableEntity).says(".wrong", "not a ZIP")
	s.upload("/templates", url.Values{"domain": {"9"}}, map[string][]byte{"x.zip": nil}).status(http.StatusNotFound)
	s.post("/templates", values).status(http.StatusBadRequest)
}

func TestCopyATemplate(t *testing.T) {
	s := openSite(t)
	from, to := s.addDomain("원본", "주문서"), s.addDomain("사본", "명세서")
	of := func(domain form.DomainID, name string) url.Values {
		return url.Values{"domain": {fmt.Sprint(domain)}, "name": {name}}
	}
	s.get("/templates/1").status(http.StatusOK).says("summary", "복사").says("button", "고치기")
	s.post("/templates/1/copy?version=1", of(to, "주문서")).goesTo("/templates/3/build")
	original, err := s.cfg.DB.Template(t.Context(), form.Everything, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	made, err := s.cfg.DB.Draft(t.Context(), form.Everything, 3)
	if err != nil || made.Domain != to || made.Fields[0].ID != original.Fields[0].ID || made.Image != original.Image {
		t.Errorf("a copy %+v, %v", made, err)
	}
	s.get("/templates/3").says("a", "초안 고치기")
	a := s.post("/templates/1/copy?version=1", of(from, "주문서")).status(http.StatusUnprocessableEntity).says(".wrong", "같은 이름")
	if got := attr(a.one("#name"), "value"); got != "주문서" {
		t.Errorf("the name that was typed became %q", got)
	}
	s.post("/templates/1/copy?version=1", of(from, " ")).status(http.StatusUnprocessableEntity).says(".wrong", "name")
	s.post("/templates/1/copy?version=1", of(99, "주문서")).status(http.StatusNotFound)
	s.post("/templates/1/copy?version=9", of(to, "주문서 2")).status(http.StatusNotFound)
}

// What is exported, imported and exported again is the same to the byte, a draft
// with defects too.
func TestATemplateFileComesBackAsItWas(t *testing.T) {
	s := openSite(t)
	s.addDomain("원본", "주문서")
	other, _, err := s.cfg.DB.AddDomain(t.Context(), form.Command, "다른", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	draft, err := s.cfg.DB.Template(t.Context(), form.Everything, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	draft.Fields[0].Name, draft.Fields[1].Box, draft.Stage = "", geom.XYWH(-20, 0, 5, 5), ""
	if _, err := s.cfg.DB.SaveDraft(t.Context(), form.Command, draft); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{"/templates/1/file?version=1", "/templates/1/file?version=0"} {
		first := s.get(from).status(http.StatusOK).body
		a := s.upload("/templates", url.Values{"domain": {fmt.Sprint(other.ID)}}, map[string][]byte{"x.zip": first}).status(http.StatusSeeOther)
		to := strings.TrimSuffix(a.Header.Get("Location"), "/build")
		if again := s.get(to + "/file?version=0").status(http.StatusOK).body; !bytes.Equal(unzipped(t, again, "template.json"), unzipped(t, first, "template.json")) ||
			!bytes.Equal(unzipped(t, again, "template.png"), unzipped(t, first, "template.png")) {
			t.Errorf("%s comes back changed", from)
		}
	}
}

// unzipped returns a file of a ZIP.
func unzipped(t *testing.T, data []byte, name string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDomains(t *testing.T) {
	s := openSite(t)
	a := s.post("/domains", url.Values{"name": {"보험과"}, "language": {"ko", "en"}}).status(http.StatusOK).says("h2", "보험과")
	codes := a.all("dd")
	if len(codes) != 2 {
		t.Fatalf("%d things shown once, want the address and the secret", len(codes))
	}
	secret := text(codes[1])
	if ok, err := s.cfg.DB.SecretValid(t.Context(), 1, secret); !ok || err != nil {
		t.Errorf("the secret shown is not valid: %v", err)
	}
	if strings.Contains(string(s.get("/domains").status(http.StatusOK).body), secret) {
		t.Error("the secret is shown twice")
	}
	b := s.post("/domains/1/secret", nil).status(http.StatusOK)
	if text(b.all("dd")[1]) == secret {
		t.Error("the secret was not replaced")
	}
	if ok, err := s.cfg.DB.SecretValid(t.Context(), 1, secret); !ok || err != nil {
		t.Errorf("the old secret ended at once: %v", err)
	}
	s.post("/domains", url.Values{"name": {" "}, "language": {"ko"}}).status(http.StatusUnprocessableEntity).says(".wrong", "name")
	s.post("/domains", url.Values{"name": {"x"}}).status(http.StatusUnprocessableEntity).says(".wrong", "lang")
	s.post("/domains/9/secret", nil).status(http.StatusNotFound)
}
