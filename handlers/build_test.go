package handlers

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"github.com/seosik/seosik/internal/form"
)

// ruledPNG is a picture of 400 x 560 px with one box from (50, 60) to (350, 160),
// drawn with lines of 2 px.
func ruledPNG(t *testing.T) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 400, 560))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	for _, r := range []image.Rectangle{image.Rect(50, 60, 350, 62), image.Rect(50, 158, 350, 160), image.Rect(50, 60, 52, 160), image.Rect(348, 60, 350, 160)} {
		draw.Draw(img, r, image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestBuilderPage(t *testing.T) {
	s := openSite(t)
	d, _, err := s.cfg.DB.AddDomain(t.Context(), form.Command, "시험", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	text := `{"name": "신고서", "lang": "ko", "image": "a.png", "width": 400, "height": 560, "fields": [{"name": "이름", "type": "NORMAL", "box": [52, 62, 296, 96]}]}`
	s.upload("/templates", url.Values{"domain": {strconv.Itoa(int(d.ID))}}, map[string][]byte{"template.json": []byte(text), "a.png": ruledPNG(t)})

	a := s.get("/templates/1/build").status(http.StatusOK).says("h1", "신고서")
	if n := a.one("#builder"); attr(n, "data-draft") != "/templates/1/draft" || attr(n, "data-lines") != "/templates/1/lines?version=0" {
		t.Errorf("the draft is at %q, its lines at %q", attr(n, "data-draft"), attr(n, "data-lines"))
	}
	if len(a.all(".notice")) > 0 {
		t.Error("a draft is said to be read-only")
	}

	s.post("/templates/1/release", url.Values{"version": {"0"}, "stage": {"service"}})
	a = s.get("/templates/1/build").status(http.StatusOK) // there is no draft any more
	if n := a.one("#builder"); attr(n, "data-draft") != "/templates/1/draft?version=1" {
		t.Errorf("without a draft, %q is shown", attr(n, "data-draft"))
	}
	if n := a.one(".notice"); attr(n, "action") != "/templates/1/draft" {
		t.Errorf("a draft is begun at %q", attr(n, "action"))
	}
	s.post("/templates/1/draft", url.Values{"version": {"1"}}).goesTo("/templates/1/build")
	s.get("/templates/1/build?version=2").status(http.StatusNotFound)
	s.get("/templates/9/build").status(http.StatusNotFound)
}

func TestTemplateLines(t *testing.T) {
	s := openSite(t)
	d, _, err := s.cfg.DB.AddDomain(t.Context(), form.Command, "시험", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	s.upload("/templates", url.Values{"domain": {strconv.Itoa(int(d.ID))}}, map[string][]byte{
		"template.json": []byte(`{"name": "신고서", "lang": "ko", "image": "a.png", "width": 400, "height": 560, "fields": [{"name": "이름", "type": "NORMAL", "box": [52, 62, 296, 96]}]}`),
		"a.png":         ruledPNG(t),
	})
	for range 2 { // the second time they are known
		var lines printedLines
		if err := json.Unmarshal(s.get("/templates/1/lines?version=0").status(http.StatusOK).body, &lines); err != nil {
			t.Fatal(err)
		}
		if len(lines.Upright) != 2 || len(lines.Level) != 2 {
			t.Fatalf("lines %+v, want two of each", lines)
		}
		for i, want := range [][4]int{{50, 52, 60, 160}, {348, 350, 60, 160}} {
			near(t, lines.Upright[i], want)
		}
		for i, want := range [][4]int{{60, 62, 50, 350}, {158, 160, 50, 350}} {
			near(t, lines.Level[i], want)
		}
	}
	s.get("/templates/9/lines").status(http.StatusNotFound)
}

func near(t *testing.T, got, want [4]int) {
	t.Helper()
	for i := range got {
		if d := got[i] - want[i]; d < -2 || d > 2 {
			t.Errorf("line %v, want %v", got, want)
			return
		}
	}
}
