package reader

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/raster"
	"github.com/seosik/seosik/internal/reader/ink"
	"github.com/seosik/seosik/internal/sample/demo"
	"github.com/seosik/seosik/internal/scan"
)

// demoForm returns the template of the demo and the catalog of it alone.
func demoForm(t *testing.T) (*form.Template, *Catalog) {
	t.Helper()
	d := demo.Load()
	tpl, err := form.DecodeTemplate(d.Template)
	if err != nil {
		t.Fatal(err)
	}
	tpl.ID, tpl.Version, tpl.Image = 7, 3, blob.KeyOf(d.Picture)
	cat, err := NewCatalog([]*form.Template{tpl}, func(blob.Key) ([]byte, error) { return d.Picture, nil })
	if err != nil {
		t.Fatal(err)
	}
	return tpl, cat
}

// echo is an engine that sees one word, "가", in all of the ink.
func echo(c ocr.Crop) (ocr.Text, error) {
	box := c.Image.Rect.Inset(padding)
	s := ocr.Symbol{Text: "가", Confidence: .99, Box: box}
	return ocr.Text{Words: []ocr.Word{{Text: s.Text, Confidence: s.Confidence, Box: box, Symbols: []ocr.Symbol{s}}}}, nil
}

// readAll returns the pages of file.
func readAll(t *testing.T, r *Reader, file []byte, cat *Catalog) []Result {
	t.Helper()
	var all []Result
	for res, err := range r.Read(t.Context(), file, All(cat)) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, res)
	}
	return all
}

// Between two pages a document waits for others, which need the room that its
// page took.
func TestAPageGivesItsRoomBackBeforeItIsHandedOn(t *testing.T) {
	_, cat := demoForm(t)
	r := New(Config{Engine: ocr.Func(echo), Limits: scan.Limits{Room: scan.NewRoom(1)}})
	scans := demo.Load().Scans
	for _, err := range r.Read(t.Context(), scans[0].Data, All(cat)) {
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		for _, err := range r.Read(ctx, scans[1].Data, All(cat)) {
			if err != nil {
				t.Errorf("the other document: %v", err)
			}
		}
		cancel()
	}
}

func TestReadTheDemo(t *testing.T) {
	tpl, cat := demoForm(t)
	r := New(Config{Engine: ocr.Func(echo)})
	fields, wrong := 0, 0
	for _, scan := range demo.Load().Scans {
		results := readAll(t, r, scan.Data, cat)
		if len(results) != len(scan.Pages) {
			t.Fatalf("%s: %d pages, want %d", scan.Name, len(results), len(scan.Pages))
		}
		for n, res := range results {
			p := res.Page
			if p.Number != n+1 || p.Template != tpl.ID || p.Version != tpl.Version || len(p.Candidates) == 0 {
				t.Errorf("%s: page = %+v, want number %d of template %d, version %d", scan.Name, p, n+1, tpl.ID, tpl.Version)
			}
			if img, _, err := image.DecodeConfig(bytes.NewReader(res.Image)); err != nil || img.Width != p.Width || img.Height != p.Height {
				t.Errorf("%s: picture of %d x %d, %v, want %d x %d", scan.Name, img.Width, img.Height, err, p.Width, p.Height)
			}
			if res.Title.Field != form.TitleID || res.Title.Text == "" {
				t.Errorf("%s: title = %+v", scan.Name, res.Title)
			}
			for i, f := range tpl.Places() {
				got, want := res.Readings[i], scan.Pages[n][f.ID]
				if got.Field != f.ID {
					t.Fatalf("%s: reading %d is of %s, want %s", scan.Name, i, got.Field, f.ID)
				}
				fields++
				if !asDrawn(f, got, want) {
					wrong++
					t.Logf("%s: %s = %q, %v, want %q, %v", scan.Name, f.ID, got.Text, got.Checked, want.Text, want.Checked)
				}
			}
		}
	}
	if wrong*50 > fields {
		t.Errorf("%d of %d fields are not as drawn", wrong, fields)
	}
}

// asDrawn reports whether a reading is right as far as it is not the engine's.
func asDrawn(f form.Field, got form.Reading, want demo.Truth) bool {
	switch f.Kind {
	case form.Checkbox:
		return got.Checked == want.Checked
	case form.MultiBox:
		return got.Text == want.Text && len(got.Words) == len(f.Boxes)
	default:
		return (got.Text == "") == (want.Text == "")
	}
}

// drawn returns a form with three fields, between lines, and a copy of it that
// draw has filled in.
func drawn(t *testing.T, draw func(img *image.Gray)) (*placed, *image.Gray) {
	t.Helper()
	blank := raster.New(1654, 2339)
	for _, y := range []int{200, 300, 400, 500} {
		blacken(blank, image.Rect(100, y, 1100, y+2))
	}
	page := raster.New(1654, 2339)
	copy(page.Pix, blank.Pix)
	draw(page)
	e := &entry{template: &form.Template{Languages: []string{"ko"}}}
	for i, name := range []form.FieldID{"a", "b", "c"} {
		e.places = append(e.places, form.Field{
			ID: name, Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(100, float64(200+100*i), 1000, 100),
		})
	}
	return &placed{
		Sheet:      &ink.Sheet{Blank: blank, Page: page, Inked: page, Lines: page, TemplateToPage: geom.Identity},
		entry:      e,
		residualAt: func(geom.Box) float64 { return 0 },
	}, page
}

// blacken makes r black.
func blacken(img *image.Gray, r image.Rectangle) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			img.SetGray(x, y, color.Gray{})
		}
	}
}

func TestFieldsWithoutInkAreBlankWithoutAsking(t *testing.T) {
	p, _ := drawn(t, func(img *image.Gray) { blacken(img, image.Rect(300, 330, 320, 370)) })
	var asked atomic.Int32
	r := New(Config{Engine: ocr.Func(func(c ocr.Crop) (ocr.Text, error) {
		asked.Add(1)
		return echo(c)
	})})
	readings, _, err := r.fields(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "가", ""} {
		if readings[i].Text != want {
			t.Errorf("field %s = %q, want %q", readings[i].Field, readings[i].Text, want)
		}
	}
	if readings[0].Where != p.entry.places[0].Box.Quad() {
		t.Errorf("a blank field is at %v, want all of it", readings[0].Where)
	}
	if n := asked.Load(); n != 2 {
		t.Errorf("the engine was asked for %d crops, want two looks at one line", n)
	}
}

func TestWhereIsAroundTheInk(t *testing.T) {
	word := image.Rect(300, 330, 420, 370)
	p, page := drawn(t, func(img *image.Gray) { blacken(img, word) })
	turned := geom.Homography{.98, -.05, 90, .05, .98, 30, 0, 0, 1}
	back, err := turned.Inverse()
	if err != nil {
		t.Fatal(err)
	}
	p.TemplateToPage = turned
	p.Page = raster.Warp(page, back, 1800, 2500)
	p.Inked, p.Lines = p.Page, p.Page
	readings, _, err := New(Config{Engine: ocr.Func(echo)}).fields(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	want := turned.ApplyQuad(geom.XYWH(300, 330, 120, 40).Quad())
	for i, q := range readings[1].Where {
		if d := q.Distance(want[i]); d > 3 {
			t.Errorf("corner %d is %.1f px from the ink", i, d)
		}
	}
}

func TestIgnoredPartsAreNotRead(t *testing.T) {
	p, _ := drawn(t, func(img *image.Gray) { blacken(img, image.Rect(300, 330, 320, 370)) })
	p.entry.places[1].Ignore = []geom.Box{geom.XYWH(280, 310, 60, 80)}
	if task := p.text(&p.entry.places[1]); task.writing.Area != 0 {
		t.Errorf("ink of %d px where nothing is to be read", task.writing.Area)
	}
}

func TestLinesAreRead(t *testing.T) {
	p, _ := drawn(t, func(img *image.Gray) {
		blacken(img, image.Rect(300, 312, 420, 336))
		blacken(img, image.Rect(300, 352, 500, 376))
	})
	readings, _, err := New(Config{Engine: ocr.Func(echo)}).fields(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if got := readings[1]; got.Text != "가\n가" || !got.Words[0].LineBreak || got.Words[1].LineBreak {
		t.Errorf("reading = %q %+v, want two lines", got.Text, got.Words)
	}
}

func TestTheSurerReadingCounts(t *testing.T) {
	said := func(text string, sure float64) ocr.Text {
		w := ocr.Word{Text: text, Confidence: sure, Box: image.Rect(padding, padding, 40, 40)}
		for _, r := range text {
			w.Symbols = append(w.Symbols, ocr.Symbol{Text: string(r), Confidence: sure})
		}
		return ocr.Text{Words: []ocr.Word{w}}
	}
	for _, tt := range []struct {
		name        string
		own, second ocr.Text
		english     ocr.Text
		want        string
		asksEnglish bool
	}{
		{"Hangul", said("가나", .95), said("가나", .9), ocr.Text{}, "가나", false},
		{"second look", said("가난", .91), said("가나", .95), ocr.Text{}, "가나", false},
		{"Latin", said("l00", .8), said("l00", .8), said("100", .9), "100", true},
		{"Latin, own surer", said("100", .95), said("100", .9), said("l00", .9), "100", true},
		{"nothing at first", ocr.Text{}, said("9", .9), ocr.Text{}, "9", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, _ := drawn(t, func(img *image.Gray) { blacken(img, image.Rect(300, 330, 420, 370)) })
			asked := false
			r := New(Config{Engine: ocr.Func(func(c ocr.Crop) (ocr.Text, error) {
				switch {
				case slices.Equal(c.Languages, []string{"en"}):
					asked = true
					return tt.english, nil
				case c.Image.Rect.Dy() == inkHeight+2*padding:
					return tt.own, nil
				default:
					return tt.second, nil
				}
			})})
			readings, _, err := r.fields(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			if got := readings[1].Text; got != tt.want || asked != tt.asksEnglish {
				t.Errorf("read %q, asked in English %v, want %q, %v", got, asked, tt.want, tt.asksEnglish)
			}
		})
	}
}

func TestRulesChooseAmongReadings(t *testing.T) {
	p, _ := drawn(t, func(img *image.Gray) { blacken(img, image.Rect(300, 330, 420, 370)) })
	p.entry.places[1].Rules.Pattern = `\d+`
	r := New(Config{Engine: ocr.Func(func(c ocr.Crop) (ocr.Text, error) {
		text := "z00"
		if c.Image.Rect.Dy() == secondInk+2*padding {
			text = "100"
		}
		symbols := []ocr.Symbol{{Text: text, Confidence: .97}}
		return ocr.Text{Words: []ocr.Word{{Text: text, Confidence: .97, Symbols: symbols}}}, nil
	})})
	readings, _, err := r.fields(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	got := readings[1]
	if got.Text != "100" || len(got.Alternatives) != 1 || got.Alternatives[0].Text != "z00" {
		t.Errorf("reading = %q with alternatives %v, want 100 and the other", got.Text, got.Alternatives)
	}
}

func TestReasons(t *testing.T) {
	p, _ := drawn(t, func(img *image.Gray) {
		blacken(img, image.Rect(300, 230, 320, 270))
		blacken(img, image.Rect(300, 330, 320, 370))
	})
	p.entry.places[0].ValueType = form.Numeric
	p.entry.places[1].Rules.Pattern = "나+"
	p.entry.places[2].Rules.Required = true
	readings, _, err := New(Config{Engine: ocr.Func(echo), Doubt: .0001}).fields(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []form.Reason{form.ReasonNotNumeric, form.ReasonPattern, form.ReasonRequired} {
		if got := readings[i].Reasons; !slices.Equal(got, []form.Reason{want}) {
			t.Errorf("reasons of field %s = %v, want %s", readings[i].Field, got, want)
		}
	}
	p.residualAt = func(geom.Box) float64 { return 10 }
	p.entry.places[2].Rules.Required = false
	readings, _, err = New(Config{Engine: ocr.Func(echo), Doubt: .0001}).fields(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if got := readings[2].Reasons; !slices.Equal(got, []form.Reason{form.ReasonMisplaced}) {
		t.Errorf("reasons where print lies elsewhere = %v", got)
	}
}

func TestInkThatIsNotReadIsDoubtful(t *testing.T) {
	p, _ := drawn(t, func(img *image.Gray) { blacken(img, image.Rect(300, 330, 320, 370)) })
	blind := ocr.Func(func(ocr.Crop) (ocr.Text, error) { return ocr.Text{}, nil })
	readings, _, err := New(Config{Engine: blind, Doubt: .0001}).fields(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if got := readings[1].Reasons; !slices.Contains(got, form.ReasonInkUnread) {
		t.Errorf("reasons = %v, want %s", got, form.ReasonInkUnread)
	}
}

func TestWritingAsRedAsASealIsDoubtful(t *testing.T) {
	p, _ := drawn(t, func(img *image.Gray) { blacken(img, image.Rect(300, 330, 320, 370)) })
	p.Inked = raster.New(p.Page.Rect.Dx(), p.Page.Rect.Dy()) // as if all ink were red
	copy(p.Inked.Pix, p.Blank.Pix)
	p.Lines = p.Inked
	readings, _, err := New(Config{Engine: ocr.Func(echo)}).fields(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if got := readings[1]; got.Text != "" || !slices.Contains(got.Reasons, form.ReasonInkUnread) {
		t.Errorf("reading = %q %v, want blank and doubtful", got.Text, got.Reasons)
	}
}

func TestPagesThatCannotBeRead(t *testing.T) {
	_, cat := demoForm(t)
	page := demo.Load().Scans[0].Data
	white := raster.New(800, 1100)
	var blank bytes.Buffer
	if err := png.Encode(&blank, white); err != nil {
		t.Fatal(err)
	}
	broken := ocr.Func(func(ocr.Crop) (ocr.Text, error) { return ocr.Text{}, ocr.ErrEngine })
	for _, tt := range []struct {
		name    string
		engine  ocr.Engine
		file    []byte
		state   form.State
		failure form.Failure
		picture bool
	}{
		{"empty", broken, nil, form.StateFailed, form.FailEmpty, false},
		{"text", broken, []byte("not a picture at all"), form.StateFailed, form.FailUnsupported, false},
		{"cut off", broken, page[:len(page)/3], form.StateFailed, form.FailDamaged, false},
		{"no template", broken, blank.Bytes(), form.StateUnmatched, "", true},
		{"engine fails", broken, page, form.StateFailed, form.FailEngine, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			results := readAll(t, New(Config{Engine: tt.engine}), tt.file, cat)
			if len(results) == 0 {
				t.Fatal("no page")
			}
			got := results[0]
			if got.Page.State != tt.state || got.Page.Failure != tt.failure || got.Page.Number != 1 || (len(got.Image) > 0) != tt.picture {
				t.Errorf("page = %+v with a picture of %d bytes, want %s %s", got.Page, len(got.Image), tt.state, tt.failure)
			}
		})
	}
}

func TestReadStopsWithTheContext(t *testing.T) {
	_, cat := demoForm(t)
	ctx, cancel := context.WithCancel(t.Context())
	r := New(Config{Engine: ocr.Func(func(ocr.Crop) (ocr.Text, error) {
		cancel()
		return ocr.Text{}, nil
	})})
	var last error
	for _, err := range r.Read(ctx, demo.Load().Scans[0].Data, All(cat)) {
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("last error = %v, want the context's", last)
	}
}

func TestOnlyAndRenew(t *testing.T) {
	tpl, cat := demoForm(t)
	if got := cat.Only(tpl.ID + 1); len(got.entries) != 0 {
		t.Errorf("Only of an unknown template has %d", len(got.entries))
	}
	renewed, err := cat.Only(tpl.ID).Renew([]*form.Template{tpl})
	if err != nil || renewed.entries[0].reference != cat.entries[0].reference {
		t.Errorf("Renew = %v, want the reference that was prepared before", err)
	}
}

// However many domains have templates, their pictures are bounded together.
func TestCatalogsShareTheirPictures(t *testing.T) {
	loads := 0
	d := demo.Load()
	empty := Empty(func(blob.Key) ([]byte, error) {
		loads++
		return d.Picture, nil
	})
	tpl, err := form.DecodeTemplate(d.Template)
	if err != nil {
		t.Fatal(err)
	}
	tpl.Image = blob.KeyOf(d.Picture)
	for range 2 {
		cat, err := empty.Renew([]*form.Template{tpl})
		if err != nil {
			t.Fatal(err)
		}
		_, done, err := cat.blanks.take(t.Context(), tpl.Image)
		if err != nil {
			t.Fatal(err)
		}
		done()
	}
	if loads != 3 { // two to prepare, one that is kept
		t.Errorf("%d loads, want 3", loads)
	}
}

func TestCropIsUpright(t *testing.T) {
	page := image.NewRGBA(image.Rect(0, 0, 200, 100))
	for y := range 100 {
		for x := range 200 {
			page.Set(x, y, color.RGBA{uint8(x), uint8(y), 7, 255})
		}
	}
	half := geom.Homography{0, -1, 150, 1, 0, 10, 0, 0, 1} // a quarter turn
	got := Crop(page, half, geom.XYWH(10, 20, 30, 15))
	if got.Bounds() != image.Rect(0, 0, 30, 15) {
		t.Fatalf("bounds = %v", got.Bounds())
	}
	at := half.Apply(geom.Point{X: 10 + 20.5, Y: 20 + 10.5})
	r, g, b, _ := got.At(20, 10).RGBA()
	if d := (geom.Point{X: float64(r>>8) + .5, Y: float64(g>>8) + .5}).Distance(at); d > 1 || b>>8 != 7 {
		t.Errorf("pixel = %d %d %d, want that of %v", r>>8, g>>8, b>>8, at)
	}
	outside := Crop(page, geom.Identity, geom.XYWH(-50, -50, 10, 10))
	if r, _, _, _ := outside.At(5, 5).RGBA(); r>>8 != 255 {
		t.Error("outside of the page is not white")
	}
	if wide := Crop(page, geom.Identity, geom.XYWH(0, 0, 8000, 20)); wide.Bounds() != image.Rect(0, 0, 4000, 10) {
		t.Errorf("bounds of a wide field = %v, want all of it, smaller", wide.Bounds())
	}
}

// What is written in the fields of a registered copy is not print; what stands
// in a blank, and in checkboxes, is.
func TestTheWritingOfACopyIsNoPrint(t *testing.T) {
	for _, filled := range []int{1, 3} {
		blank := raster.New(1654, 2339)
		e := &entry{}
		for i := range 3 {
			y := 200 + 100*i
			e.places = append(e.places, form.Field{Kind: form.Normal, Box: geom.XYWH(200, float64(y), 400, 60)})
			for x := 210; x < 300 && i < filled; x += 30 {
				blacken(blank, image.Rect(x, y+20, x+20, y+45))
			}
		}
		e.places = append(e.places, form.Field{Kind: form.Checkbox, Box: geom.XYWH(200, 600, 60, 60)})
		blacken(blank, image.Rect(210, 620, 230, 645))
		got := e.withoutWriting(blank)
		if isCopy := filled == 3; (got != blank) != isCopy || (got.GrayAt(220, 230).Y == 255) != isCopy {
			t.Errorf("%d fields are filled: its writing has gone: %v", filled, got != blank)
		}
		if got.GrayAt(220, 630).Y != 0 {
			t.Errorf("%d fields are filled: the checkbox is empty", filled)
		}
	}
}
