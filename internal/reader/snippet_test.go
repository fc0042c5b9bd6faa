package reader

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"
	"testing"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

func TestSnippetsShowWhatIsDoubtful(t *testing.T) {
	page := image.NewGray(image.Rect(0, 0, 400, 300))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(page, image.Rect(130, 60, 140, 80), image.Black, image.Point{}, draw.Src) // in the second box
	toPage := geom.Shift(geom.Point{X: 20, Y: 10})
	row := form.Field{ID: "row", Kind: form.MultiBox, Box: geom.XYWH(50, 40, 100, 40), Boxes: []geom.Box{geom.XYWH(50, 40, 50, 40), geom.XYWH(100, 40, 50, 40)}}
	wide := form.Field{ID: "wide", Kind: form.Normal, Box: geom.XYWH(0, 100, 2000, 50)}
	sure := form.Field{ID: "sure", Kind: form.Normal, Box: geom.XYWH(0, 200, 50, 50)}
	unsure := []form.Reason{form.ReasonUnsure}
	snippets := Snippets(page, toPage, []form.Field{row, wide, sure}, []form.Reading{
		{Field: "row", Text: "12", Reasons: unsure, Words: []form.Word{{Text: "1", Confidence: 1}, {Text: "2", Confidence: .5}}},
		{Field: "wide", Text: "words", Reasons: unsure},
		{Field: "sure", Text: "more"},
	})
	var sizes []image.Point
	for _, s := range snippets {
		img, err := png.Decode(bytes.NewReader(s.Image))
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, img.Bounds().Size())
		dark := 0
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				if r, _, _, _ := img.At(x, y).RGBA(); r < 0x8000 {
					dark++
				}
			}
		}
		if (s.Field == "row") != (dark > 100) {
			t.Errorf("%s, box %d has %d dark pixels", s.Field, s.Place, dark)
		}
	}
	want := []image.Point{{112, 52}, {56, 47}, {480, 15}}
	if len(sizes) != 3 || sizes[0] != want[0] || sizes[1] != want[1] || sizes[2] != want[2] || snippets[1].Place != 2 {
		t.Errorf("sizes %v, want %v", sizes, want)
	}
}

func TestSnippetsShowWhatWasReadWithSomeOfItsField(t *testing.T) {
	f := form.Field{ID: "f", Kind: form.Normal, Box: geom.XYWH(100, 100, 800, 60)}
	r := form.Reading{Text: "7", Where: geom.XYWH(200, 115, 20, 30).Quad(), Reasons: []form.Reason{form.ReasonUnsure}}
	if got, want := shownOf(geom.Identity, f, r), geom.XYWH(155, 103, 110, 54); got != want {
		t.Errorf("shown %v, want %v", got, want)
	}
	whole := geom.XYWH(94, 94, 812, 72)
	blank, more := r, r
	blank.Text, more.Reasons = "", []form.Reason{form.ReasonUnsure, form.ReasonInkUnread}
	for _, r := range []form.Reading{blank, more, {Text: "7"}} {
		if got := shownOf(geom.Identity, f, r); got != whole {
			t.Errorf("of %q, doubted for %v: %v, want %v", r.Text, r.Reasons, got, whole)
		}
	}
}

func TestGrayOfBeginsAtTheOrigin(t *testing.T) {
	img := image.NewRGBA(image.Rect(5, 5, 9, 9))
	img.Pix[0], img.Pix[1], img.Pix[2], img.Pix[3] = 255, 255, 255, 255
	if gray := GrayOf(img); gray.Rect != image.Rect(0, 0, 4, 4) || gray.Pix[0] != 255 || gray.Pix[1] != 0 {
		t.Errorf("%v, %v", gray.Rect, gray.Pix)
	}
}
