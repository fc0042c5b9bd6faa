package reader

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/seosik/seosik/internal/beside"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/sample/demo"
	"github.com/seosik/seosik/internal/scan"
)

// mute is an engine that reads nothing: what has ink is unread, and all
// else is blank.
func mute(ocr.Crop) (ocr.Text, error) { return ocr.Text{}, nil }

// formOfBench returns a catalog of one form of the bench, and its fields by id.
func formOfBench(t *testing.T, name string) (*Catalog, map[form.FieldID]form.Field) {
	t.Helper()
	dir := filepath.Join(beside.Bench(t, "dev"), name)
	data, err := os.ReadFile(filepath.Join(dir, "template.json"))
	if err != nil {
		t.Fatal(err)
	}
	tpl, err := form.DecodeTemplate(data)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := os.ReadFile(filepath.Join(dir, tpl.ImageName))
	if err != nil {
		t.Fatal(err)
	}
	tpl.ID, tpl.Version, tpl.Image = 1, 1, blob.KeyOf(picture)
	cat, err := NewCatalog([]*form.Template{tpl}, func(blob.Key) ([]byte, error) { return picture, nil })
	if err != nil {
		t.Fatal(err)
	}
	fields := map[form.FieldID]form.Field{}
	for _, f := range tpl.Places() {
		fields[f.ID] = f
	}
	return cat, fields
}

// readFault reads a file of the bench's faults, with a form of the bench and an
// engine, and returns its page and readings by the names of their fields.
func readFault(t *testing.T, engine ocr.Engine, formName, file string) (form.Page, map[string]form.Reading) {
	t.Helper()
	cat, fields := formOfBench(t, formName)
	data, err := os.ReadFile(filepath.Join(beside.Bench(t, "faults"), file))
	if err != nil {
		t.Fatal(err)
	}
	results := readAll(t, New(Config{Engine: engine}), data, cat)
	if len(results) != 1 || results[0].Page.Template == 0 {
		t.Fatalf("%s: not found", file)
	}
	readings := map[string]form.Reading{}
	for _, v := range results[0].Readings {
		readings[fields[v.Field].Name] = v
	}
	return results[0].Page, readings
}

func TestWhatIsCutOffIsNotSeen(t *testing.T) {
	page, readings := readFault(t, ocr.Func(mute), "ko-claim", "cut-top.jpg")
	if page.State != form.StateReview || !slices.Contains(page.Faults, form.FaultCut) {
		t.Errorf("state %s, faults %v, want a person to look at a form that is cut", page.State, page.Faults)
	}
	for _, name := range []string{"name", "id"} {
		if v := readings[name]; v.Confidence > .1 || !slices.Contains(v.Reasons, form.ReasonNotSeen) {
			t.Errorf("%s: %.4f %v, want not seen", name, v.Confidence, v.Reasons)
		}
	}
	for _, name := range []string{"phone", "days", "sign", "notify_sms"} {
		if v := readings[name]; slices.Contains(v.Reasons, form.ReasonNotSeen) {
			t.Errorf("%s: %v, want seen", name, v.Reasons)
		}
	}
}

func TestWhatTheFileLacksIsNotSeen(t *testing.T) {
	tpl, cat := demoForm(t)
	whole := decoded(t, demo.Load().Scans[0].Data)
	half := whole.Rect.Dy() / 2
	for _, tt := range []struct {
		name  string
		spoil func(img *image.Gray)
		want  bool
	}{
		{"whole", func(*image.Gray) {}, false},
		{"gray below", func(img *image.Gray) { fill(img, image.Rect(0, half, img.Rect.Dx(), img.Rect.Dy()), 128) }, true},
		{"black below", func(img *image.Gray) { fill(img, image.Rect(0, half, img.Rect.Dx(), img.Rect.Dy()), 0) }, true},
		{"white below", func(img *image.Gray) { fill(img, image.Rect(0, half, img.Rect.Dx(), img.Rect.Dy()), 255) }, true},
		{"a white strip", func(img *image.Gray) { fill(img, image.Rect(0, half, img.Rect.Dx(), half+300), 255) }, true},
		{"the margin at the bottom", func(img *image.Gray) {
			fill(img, image.Rect(0, img.Rect.Dy()*97/100, img.Rect.Dx(), img.Rect.Dy()), 128)
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			img := image.NewGray(whole.Rect)
			draw.Draw(img, img.Rect, whole, image.Point{}, draw.Src)
			tt.spoil(img)
			var file bytes.Buffer
			if err := jpeg.Encode(&file, img, &jpeg.Options{Quality: 85}); err != nil {
				t.Fatal(err)
			}
			res := readAll(t, New(Config{Engine: ocr.Func(mute)}), file.Bytes(), cat)[0]
			if res.Page.Template != tpl.ID {
				t.Fatalf("%+v", res.Page)
			}
			if got := slices.Contains(res.Page.Faults, form.FaultUnseen); got != tt.want {
				t.Errorf("a part is missing: %v, want %v", got, tt.want)
			}
			unseen := 0
			for _, v := range res.Readings {
				if slices.Contains(v.Reasons, form.ReasonNotSeen) {
					unseen++
					if v.Confidence > .5 {
						t.Errorf("not seen and %.3f sure", v.Confidence)
					}
				}
			}
			if (unseen > 0) != tt.want || unseen == len(res.Readings) {
				t.Errorf("%d of %d fields not seen", unseen, len(res.Readings))
			}
			if tt.want && res.Page.State != form.StateReview {
				t.Errorf("state %s, want a person to look", res.Page.State)
			}
		})
	}
}

// A file says itself what it lacks.
func TestPartsThatAFileDoesNotHave(t *testing.T) {
	tpl, cat := demoForm(t)
	gray := decoded(t, demo.Load().Scans[0].Data)
	page := scan.Page{Number: 1, Gray: gray, Color: gray, Unseen: []image.Rectangle{image.Rect(0, gray.Rect.Dy()/2, gray.Rect.Dx(), gray.Rect.Dy())}}
	res, err := New(Config{Engine: ocr.Func(mute)}).page(t.Context(), page, Want{Catalog: cat})
	if err != nil || res.Page.Template != tpl.ID {
		t.Fatalf("found %d, %v", res.Page.Template, err)
	}
	if !slices.Contains(res.Page.Faults, form.FaultUnseen) {
		t.Errorf("faults %v", res.Page.Faults)
	}
	for _, v := range res.Readings {
		below := v.Where.Bounds().Center().Y > float64(gray.Rect.Dy())/2+100
		if below && !slices.Contains(v.Reasons, form.ReasonNotSeen) {
			t.Errorf("field %s, at %v: %v", v.Field, v.Where, v.Reasons)
		}
	}
}

// Of a row of boxes one that is cut off is enough.
func TestHalfOfABoxIsNotSeen(t *testing.T) {
	p, _ := drawn(t, func(*image.Gray) {})
	row := form.Field{Kind: form.MultiBox}
	for i := range 10 {
		row.Boxes = append(row.Boxes, geom.XYWH(float64(1254+40*i), 100, 40, 50))
		row.Box = row.Box.Union(row.Boxes[i])
	}
	if got := p.unseen(&row); got > unseenFrom {
		t.Errorf("unseen = %.2f, want hardly any", got)
	}
	for i := range row.Boxes {
		row.Boxes[i] = geom.XYWH(row.Boxes[i].Min.X+20, 100, 40, 50)
	}
	if got := p.unseen(&row); got < .4 || got > .6 {
		t.Errorf("unseen = %.2f, want a half", got)
	}
}

func decoded(t *testing.T, file []byte) *image.Gray {
	t.Helper()
	page, err := scan.Nth(t.Context(), file, 1, scan.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return page.Gray
}

func fill(img *image.Gray, r image.Rectangle, v uint8) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			img.Pix[img.PixOffset(x, y)] = v
		}
	}
}
