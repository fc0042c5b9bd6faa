package intake

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr/tesseract"
	"github.com/seosik/seosik/internal/reader"
	"github.com/seosik/seosik/internal/sample"
)

const drawnPages = 20

// badBoxes are fields of the demo with boxes that are drawn badly, and the sides
// on which they are right again once they are better.
var badBoxes = map[string]func(geom.Box) geom.Box{
	"소속": func(b geom.Box) geom.Box { return geom.XYWH(b.Min.X, b.Min.Y, .2*b.Width(), b.Height()) },
	"출장지": func(b geom.Box) geom.Box {
		return geom.Box{Min: b.Min.Add(geom.Point{Y: 26}), Max: b.Max.Add(geom.Point{Y: 26})}
	},
	"직위": func(b geom.Box) geom.Box { return geom.XYWH(b.Min.X, b.Min.Y, b.Width(), .5*b.Height()) },
}

// A template with three bad boxes, on 20 filled pages that a person corrected.
func TestCheckupNamesBadBoxesAndRepairsThem(t *testing.T) {
	engine, err := tesseract.Open("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	blank, err := sample.DrawDemo()
	if errors.Is(err, sample.ErrNoFont) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	h := openHouse(t, t.TempDir())
	h.inhabit(t)
	real := onlyText(blank.Template)
	blank.Template = real
	bad := real.Clone()
	for i := range bad.Fields {
		if spoil := badBoxes[bad.Fields[i].Name]; spoil != nil {
			bad.Fields[i].Box = spoil(bad.Fields[i].Box)
		}
	}
	bad.Domain, bad.Stage = h.domain, form.Service
	if bad.Image, err = h.blobs.Put(t.Context(), encoded(t, blank.Image)); err != nil {
		t.Fatal(err)
	}
	if h.template, err = h.db.SaveTemplate(t.Context(), form.Command, bad); err != nil {
		t.Fatal(err)
	}
	in, err := New(Config{DB: h.db, Blobs: h.blobs, Reader: reader.New(reader.Config{Engine: engine})})
	if err != nil {
		t.Fatal(err)
	}
	h.begin(t, in)
	truth := h.fillAndCorrect(t, in, blank)

	known, running := in.Checkup(h.template, false)
	for running {
		time.Sleep(50 * time.Millisecond)
		known, running = in.Checkup(h.template, false)
	}
	if known.Pages != drawnPages || known.Looked != drawnPages || known.At.IsZero() {
		t.Errorf("looked at %d of %d pages", known.Looked, known.Pages)
	}
	for i, f := range h.template.Fields {
		c, want := known.Fields[f.ID], real.Fields[i].Box
		t.Logf("%s: %d of %d touch, better %v for %v, repair %+v", f.Name, len(c.Touching), c.Written, c.Better, want, c.Repair)
		if badBoxes[f.Name] == nil {
			if !c.Better.Empty() {
				t.Errorf("%s: another box is proposed, %v for %v", f.Name, c.Better, f.Box)
			}
			continue
		}
		if d := farthest(c.Better, want); d > 4 {
			t.Errorf("%s: the better box %v is %.0f px from %v", f.Name, c.Better, d, want)
		}
		r := c.Repair
		wrong := truth.wrong[f.ID]
		if wrong == 0 { // writing was followed out of the box: there is nothing to put right
			continue
		}
		if r.Box.Empty() || r.Wrong != min(wrong, repairWrong) || r.Fixed < r.Wrong*2/3 || r.Lost > 0 {
			t.Errorf("%s: repair %+v of %d wrong", f.Name, r, wrong)
		}
	}
}

// onlyText returns f with its first fields of text and nothing else.
func onlyText(f *form.Template) *form.Template {
	f = f.Clone()
	f.Tables, f.Groups, f.Combine, f.Title = nil, nil, nil, form.Title{}
	f.Fields = slices.DeleteFunc(f.Fields, func(f form.Field) bool { return f.Kind != form.Normal })[:8]
	for i := range f.Fields {
		f.Fields[i].Rules.Sum = nil
	}
	return f
}

func encoded(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A drawnTruth is what became of the fields of drawn pages.
type drawnTruth struct{ wrong map[form.FieldID]int }

// fillAndCorrect fills copies of blank, has them read, and says of each field
// what it holds.
func (h *house) fillAndCorrect(t *testing.T, in *Intake, blank *sample.Blank) drawnTruth {
	t.Helper()
	truths := make(map[string]map[form.FieldID]sample.Truth)
	var files []file
	for i := range drawnPages {
		filled, err := blank.Fill(uint64(i), sample.Style{})
		if err != nil {
			t.Fatal(err)
		}
		page, _ := sample.Degrade(filled.Image, sample.Clean, uint64(i))
		name := string(rune('a'+i)) + ".png"
		files, truths[name] = append(files, file{name, encoded(t, page)}), filled.Truth
	}
	done := drawnTruth{make(map[form.FieldID]int)}
	for _, p := range h.settled(t, in, h.submit(t, in, h.user, files...)) {
		r, err := h.db.Record(t.Context(), form.Everything, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range r.Values {
			want := truths[p.DocumentName][form.FieldID(v.Field.Name)].Text
			right := form.Plain(want) == form.Plain(v.Reading.Text)
			if !right {
				done.wrong[v.Field.ID]++
			} else if want = v.Reading.Text; !v.Doubtful() {
				continue
			}
			if _, _, err := h.db.AddCorrection(t.Context(), form.Person(h.user), form.Correction{
				Page: p.ID, Run: p.Run, Field: v.Field.ID, Text: want, Accepted: right,
			}, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	return done
}

// farthest returns how far the sides of two boxes are apart at most.
func farthest(a, b geom.Box) float64 {
	return max(math.Abs(a.Min.X-b.Min.X), math.Abs(a.Min.Y-b.Min.Y), math.Abs(a.Max.X-b.Max.X), math.Abs(a.Max.Y-b.Max.Y))
}
