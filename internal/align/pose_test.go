package align

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/raster"
	"github.com/seosik/seosik/internal/sample/demo"
)

// demoForm returns a blank form that needs no fonts, and its reference.
var demoForm = sync.OnceValues(func() (*image.Gray, *Reference) {
	img, err := png.Decode(bytes.NewReader(demo.Load().Picture))
	if err != nil {
		panic(err)
	}
	gray := image.NewGray(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	draw.Draw(gray, gray.Rect, img, img.Bounds().Min, draw.Src)
	ref, err := Prepare(gray)
	if err != nil {
		panic(err)
	}
	return gray, ref
})

// turned returns the homography that turns a sheet by degrees around its
// middle, scales it, tilts it, and puts the middle in the middle of a page.
func turned(sheet *image.Gray, degrees, scale, tilt float64, width, height int) geom.Homography {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	w, h := float64(sheet.Rect.Dx()), float64(sheet.Rect.Dy())
	turn := geom.Homography{scale * cos, -scale * sin, 0, scale * sin, scale * cos, 0, tilt, -tilt / 2, 1}
	return geom.Shift(geom.Point{X: float64(width) / 2, Y: float64(height) / 2}).
		After(turn).After(geom.Shift(geom.Point{X: -w / 2, Y: -h / 2}))
}

// photograph returns the page that shows the sheet as sheetToPage says.
func photograph(t *testing.T, sheet *image.Gray, sheetToPage geom.Homography, width, height int) *image.Gray {
	t.Helper()
	back, err := sheetToPage.Inverse()
	if err != nil {
		t.Fatal(err)
	}
	return raster.Warp(sheet, back, width, height)
}

// worstError returns how far got carries points all over a sheet from where
// want does, at most, in px of the sheet.
func worstError(sheet *image.Gray, got, want geom.Homography) (worst float64) {
	w, h := float64(sheet.Rect.Dx()), float64(sheet.Rect.Dy())
	for y := .05; y < 1; y += .1 {
		for x := .05; x < 1; x += .1 {
			p := geom.Point{X: x * w, Y: y * h}
			worst = max(worst, got.Apply(p).Distance(want.Apply(p))/want.ScaleAt(p))
		}
	}
	return worst
}

// scribble draws n strokes on img, as long as a word.
func scribble(img *image.Gray, seed uint64, n int) {
	r := rand.New(rand.NewPCG(seed, 0))
	for range n {
		x, y := r.Float64()*float64(img.Rect.Dx()), r.Float64()*float64(img.Rect.Dy())
		angle := 0.0
		for range 60 {
			angle += r.NormFloat64() * .5
			x, y = x+2*math.Cos(angle), y+2*math.Sin(angle)
			draw.Draw(img, image.Rect(int(x), int(y), int(x)+3, int(y)+3), image.NewUniform(color.Gray{Y: 30}), image.Point{}, draw.Src)
		}
	}
}

// thicken returns img with its ink thicker by a pixel on every side, or
// thinner if thin.
func thicken(img *image.Gray, thin bool) *image.Gray {
	out := image.NewGray(img.Rect)
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			v := img.GrayAt(x, y).Y
			for _, d := range [4]image.Point{{X: 1}, {X: -1}, {Y: 1}, {Y: -1}} {
				if p := (image.Point{X: x, Y: y}).Add(d); p.In(img.Rect) {
					if u := img.GrayAt(p.X, p.Y).Y; thin == (u > v) {
						v = u
					}
				}
			}
			out.SetGray(x, y, color.Gray{Y: v})
		}
	}
	return out
}

func clone(img *image.Gray) *image.Gray {
	out := image.NewGray(img.Rect)
	draw.Draw(out, out.Rect, img, img.Rect.Min, draw.Src)
	return out
}

func paint(img *image.Gray, r image.Rectangle, v uint8) {
	draw.Draw(img, r, image.NewUniform(color.Gray{Y: v}), image.Point{}, draw.Src)
}

func TestPlaceInAnyPose(t *testing.T) {
	sheet, ref := demoForm()
	sheet = clone(sheet)
	scribble(sheet, 1, 40)
	type pose struct{ degrees, scale, tilt float64 }
	var poses []pose
	for degrees := 0.; degrees < 360; degrees += 45 {
		poses = append(poses, pose{degrees + 7, 1, 0})
	}
	for _, scale := range []float64{.5, .7, 1.4, 2} {
		poses = append(poses, pose{90, scale, 0}, pose{3, scale, 4e-5})
	}
	poses = append(poses, pose{-5, 1, 1e-4}, pose{184, .8, -1e-4})
	for _, p := range poses {
		side := int(2900 * p.scale)
		want := turned(sheet, p.degrees, p.scale, p.tilt, side, side)
		fit, err := ref.Place(photograph(t, sheet, want, side, side))
		if err != nil {
			t.Errorf("%v: %v", p, err)
			continue
		}
		if d := worstError(sheet, fit.TemplateToPage, want); d > 1 {
			t.Errorf("%v: %.2f px off", p, d)
		}
	}
}

func TestPlaceDamaged(t *testing.T) {
	blank, ref := demoForm()
	w, h := blank.Rect.Dx(), blank.Rect.Dy()
	for _, tt := range []struct {
		name   string
		damage func(*image.Gray) *image.Gray
		limit  float64 // px
	}{
		{"nothing", func(p *image.Gray) *image.Gray { return p }, .1},
		{"filled densely", func(p *image.Gray) *image.Gray { scribble(p, 2, 400); return p }, 1},
		{"thick", func(p *image.Gray) *image.Gray { return thicken(p, false) }, 1},
		{"thin", func(p *image.Gray) *image.Gray { return thicken(p, true) }, .3},
		{"corner cut off", func(p *image.Gray) *image.Gray {
			paint(p, image.Rect(0, 0, w/2, h/3), 90)
			return p
		}, .5},
		{"lower half covered", func(p *image.Gray) *image.Gray {
			paint(p, image.Rect(0, h/2, w, h), 200)
			return p
		}, 2},
		{"left half covered in black", func(p *image.Gray) *image.Gray {
			paint(p, image.Rect(0, 0, w/2, h), 0)
			return p
		}, 2},
		{"faded", func(p *image.Gray) *image.Gray {
			for i, v := range p.Pix {
				p.Pix[i] = 180 + v/4
			}
			return p
		}, .3},
		{"half in shade", func(p *image.Gray) *image.Gray {
			for i, v := range p.Pix {
				if x := i % p.Stride; x > w/2 {
					p.Pix[i] = v / 3
				}
			}
			return p
		}, .5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			page := tt.damage(clone(blank))
			fit, err := ref.Place(page)
			if err != nil {
				t.Fatal(err)
			}
			if d := worstError(blank, fit.TemplateToPage, geom.Identity); d > tt.limit {
				t.Errorf("%.2f px off, want at most %.1f", d, tt.limit)
			}
		})
	}
}

func TestPlaceAPartOfAPage(t *testing.T) {
	blank, ref := demoForm()
	w, h := blank.Rect.Dx(), blank.Rect.Dy()
	for name, part := range map[string]image.Rectangle{
		"upper half":  image.Rect(0, 0, w, h/2),
		"lower half":  image.Rect(0, h/2, w, h),
		"left half":   image.Rect(0, 0, w/2, h),
		"right third": image.Rect(w/3, 0, w, h),
		"middle":      image.Rect(w/8, h/8, w*7/8, h*7/8),
	} {
		want := geom.Shift(geom.Point{X: float64(-part.Min.X), Y: float64(-part.Min.Y)})
		page := photograph(t, blank, want, part.Dx(), part.Dy())
		scribble(page, 6, 20)
		fit, err := ref.Place(page)
		if err != nil {
			t.Errorf("%s: %v, score %.2f", name, err, fit.Score)
			continue
		}
		if d := worstError(blank, fit.TemplateToPage, want); d > 2 {
			t.Errorf("%s: %.2f px off", name, d)
		}
	}
}

// TestPlaceOnBentPaper moves the paper in ways that no homography holds: it must
// be found, and followed wherever there is print.
func TestPlaceOnBentPaper(t *testing.T) {
	blank, ref := demoForm()
	w, h := float64(blank.Rect.Dx()), float64(blank.Rect.Dy())
	for _, tt := range []struct {
		name string
		// from returns which place of the form a place of the page shows, and to
		// the reverse.
		from, to func(geom.Point) geom.Point
	}{
		{
			"bowed by 2.5 mm",
			func(p geom.Point) geom.Point { p.Y -= 20 * math.Sin(math.Pi*p.X/w); return p },
			func(p geom.Point) geom.Point { p.Y += 20 * math.Sin(math.Pi*p.X/w); return p },
		},
		{
			"creased",
			func(p geom.Point) geom.Point { p.X -= 14 * max(0, 1-math.Abs(p.Y-h/2)/(h/4)); return p },
			func(p geom.Point) geom.Point { p.X += 14 * max(0, 1-math.Abs(p.Y-h/2)/(h/4)); return p },
		},
		{
			"a feed jump of 3 mm",
			func(p geom.Point) geom.Point {
				if p.Y > h*.55 {
					p.Y -= 24
				}
				return p
			},
			func(p geom.Point) geom.Point {
				if p.Y > h*.55-24 {
					p.Y += 24
				}
				return p
			},
		},
		{
			"curled",
			func(p geom.Point) geom.Point {
				return geom.Point{X: p.X, Y: p.Y - (p.Y-h)*.012*math.Sin(2*math.Pi*p.X/w)}
			},
			func(p geom.Point) geom.Point {
				k := .012 * math.Sin(2*math.Pi*p.X/w)
				return geom.Point{X: p.X, Y: (p.Y - h*k) / (1 - k)}
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			page := raster.WarpBy(blank, tt.from, 1, blank.Rect.Dx(), blank.Rect.Dy())
			scribble(page, 7, 40)
			fit, err := ref.Place(page)
			if err != nil {
				t.Fatalf("%v, score %.2f, residual %.2f", err, fit.Score, fit.Residual)
			}
			var flat, bent, local []float64
			for _, box := range printed(ref) {
				p := box.Center()
				flat = append(flat, fit.TemplateToPage.Apply(p).Distance(tt.to(p)))
				bent = append(bent, fit.Point(p).Distance(tt.to(p)))
				local = append(local, fit.At(box).Apply(p).Distance(tt.to(p)))
			}
			t.Logf("score %.2f, residual %.2f; 90 %% of print less than %.2f px off, %.2f by Point, %.2f by At", fit.Score, fit.Residual,
				quantile(flat, .9), quantile(bent, .9), quantile(local, .9))
			if !fit.Bent() || quantile(bent, .5) > 1 || quantile(bent, .9) > 4 || quantile(local, .9) > 4 {
				t.Errorf("bent: %v; print is %.2f px off in the middle, 90 %% less than %.2f", fit.Bent(), quantile(bent, .5), quantile(bent, .9))
			}
		})
	}
}

// TestBentPaperIsFollowedWhereAPersonPutsTheForm, and is not where that is wrong.
func TestBentPaperIsFollowedWhereAPersonPutsTheForm(t *testing.T) {
	blank, ref := demoForm()
	w := float64(blank.Rect.Dx())
	bow := func(p geom.Point) geom.Point { p.Y -= 20 * math.Sin(math.Pi*p.X/w); return p }
	page := raster.WarpBy(blank, bow, 1, blank.Rect.Dx(), blank.Rect.Dy())
	found, err := ref.Place(page)
	if err != nil {
		t.Fatal(err)
	}
	if fit := ref.Measure(page, found.TemplateToPage); !fit.Bent() || fit.TemplateToPage != found.TemplateToPage {
		t.Errorf("where it lies: bent %v, score %.2f", fit.Bent(), fit.Score)
	}
	aside := found.TemplateToPage.After(geom.Shift(geom.Point{X: 22, Y: -15}))
	if fit := ref.Measure(page, aside); fit.Bent() || fit.sure() {
		t.Errorf("27 px off: bent %v, score %.2f", fit.Bent(), fit.Score)
	}
}

// printed returns the places of ref with print, in template px.
func printed(ref *Reference) (boxes []geom.Box) {
	for i := range ref.patches {
		p := &ref.patches[i]
		side := patchSide * ref.scale
		boxes = append(boxes, geom.XYWH(float64(p.x)*ref.scale, float64(p.y)*ref.scale, side, side))
	}
	return boxes
}

func TestFindRefusesWhatIsNoForm(t *testing.T) {
	_, ref := demoForm()
	set := NewSet([]*Reference{ref})
	r := rand.New(rand.NewPCG(3, 3))
	noise := raster.New(900, 1200)
	for i := range noise.Pix {
		noise.Pix[i] = uint8(r.IntN(256))
	}
	lines := raster.New(1200, 1700)
	for y := 100; y < 1600; y += 50 {
		paint(lines, image.Rect(100, y, 1100, y+3), 0)
	}
	for x := 100; x < 1200; x += 100 {
		paint(lines, image.Rect(x, 100, x+3, 1550), 0)
	}
	for name, page := range map[string]*image.Gray{
		"blank":      raster.New(1654, 2339),
		"black":      image.NewGray(image.Rect(0, 0, 800, 1000)),
		"noise":      noise,
		"a photo":    clouds(1200, 900),
		"a grid":     lines,
		"tiny":       raster.New(10, 10),
		"one pixel":  raster.New(1, 1),
		"thin strip": raster.New(8000, 10),
		"empty":      raster.New(0, 0),
	} {
		m, err := set.Find(page)
		if !errors.Is(err, ErrNoMatch) {
			t.Errorf("%s: Find = score %.2f, %v, want ErrNoMatch", name, m.Score, err)
		}
	}
}

// clouds returns a picture with detail of all sizes, as photos have.
func clouds(width, height int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, width, height))
	sums := make([]float64, width*height)
	for size := 256; size >= 4; size /= 2 {
		r := rand.New(rand.NewPCG(uint64(size), 1))
		small := raster.New(width/size+3, height/size+3)
		for i := range small.Pix {
			small.Pix[i] = uint8(r.IntN(256))
		}
		for i := range sums {
			p := geom.Point{X: float64(i%width)/float64(size) + 1, Y: float64(i/width)/float64(size) + 1}
			sums[i] += raster.At(small, p) * float64(size)
		}
	}
	for i, v := range sums {
		img.Pix[i] = uint8(min(max((v/508-127)*2+127, 0), 255))
	}
	return img
}

func TestRefineFromCornersByHand(t *testing.T) {
	sheet, ref := demoForm()
	want := turned(sheet, 12, .9, 5e-5, 2600, 2800)
	page := photograph(t, sheet, want, 2600, 2800)
	r := rand.New(rand.NewPCG(4, 4))
	corners := geom.XYWH(0, 0, float64(sheet.Rect.Dx()), float64(sheet.Rect.Dy())).Quad()
	for range 10 {
		from, to := corners[:], make([]geom.Point, 4)
		for i, p := range from {
			to[i] = want.Apply(p).Add(geom.Point{X: 30 * (r.Float64() - .5), Y: 30 * (r.Float64() - .5)})
		}
		byHand, err := geom.Fit(from, to, nil)
		if err != nil {
			t.Fatal(err)
		}
		fit, err := ref.Refine(page, byHand)
		if err != nil {
			t.Fatal(err)
		}
		if d := worstError(sheet, fit.TemplateToPage, want); d > .5 {
			t.Errorf("%.2f px off", d)
		}
	}
}

func TestResidualAtTellsMovedRows(t *testing.T) {
	blank, ref := demoForm()
	page := clone(blank)
	w, h := page.Rect.Dx(), page.Rect.Dy()
	const down = 8
	for y := h - 1; y >= h*2/3; y-- {
		copy(page.Pix[y*page.Stride:][:w], blank.Pix[(y-down)*blank.Stride:][:w])
	}
	fit, err := ref.Place(page)
	if err != nil {
		t.Fatal(err)
	}
	upper := geom.XYWH(200, float64(h)*.2, 400, 60)
	if d := fit.ResidualAt(upper); d > 1 {
		t.Errorf("where nothing moved the residual is %.2f px", d)
	}
	for y := .68; y < .85; y += .02 {
		box := geom.XYWH(200, float64(h)*y, 400, 60)
		off := fit.Point(box.Center()).Distance(box.Center().Add(geom.Point{Y: down}))
		if d := fit.ResidualAt(box); off > 2 && d < off/2 {
			t.Errorf("where rows moved %d px, a box is taken for %.1f px off, and the residual is %.2f px", down, off, d)
		}
	}
}

func TestFindIsTheSameOnEveryRun(t *testing.T) {
	sheet, ref := demoForm()
	sheet = clone(sheet)
	scribble(sheet, 5, 100)
	page := photograph(t, sheet, turned(sheet, 20, .8, 3e-5, 2400, 2600), 2400, 2600)
	set := NewSet([]*Reference{ref, ref})
	first, err := set.Find(page)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		again, _ := NewSet([]*Reference{ref, ref}).Find(page)
		if diff := cmp.Diff(first, again, cmpopts.IgnoreUnexported(Fit{})); diff != "" {
			t.Fatal(diff)
		}
	}
}

// TestFindIsTheSameInAnySet looks for a form among others that have parts of
// it: where it lies must not depend on them.
func TestFindIsTheSameInAnySet(t *testing.T) {
	sheet, ref := demoForm()
	page := clone(sheet)
	scribble(page, 5, 100)
	page = photograph(t, page, turned(sheet, 20, .8, 3e-5, 2400, 2600), 2400, 2600)
	refs := []*Reference{ref}
	for seed := range uint64(count(60) - 1) {
		other, err := Prepare(shuffled(sheet, seed))
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, other)
	}
	alone, err := NewSet(refs[:1]).Find(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{min(6, len(refs)), len(refs)} {
		m, err := NewSet(refs[:n]).Find(page)
		if err != nil || m.Index != 0 {
			t.Fatalf("among %d: found %d, %v", n, m.Index, err)
		}
		if diff := cmp.Diff(alone.Fit, m.Fit, cmp.AllowUnexported(Fit{}, sight{})); diff != "" {
			t.Errorf("among %d (- alone):\n%s", n, diff)
		}
	}
}

// shuffled returns the form with its bands in another order.
func shuffled(form *image.Gray, seed uint64) *image.Gray {
	out := image.NewGray(form.Rect)
	const band = 120
	order := rand.New(rand.NewPCG(seed, 9)).Perm(form.Rect.Dy() / band)
	for i, from := range order {
		r := image.Rect(0, i*band, form.Rect.Dx(), (i+1)*band)
		draw.Draw(out, r, form, image.Pt(0, from*band), draw.Src)
	}
	paint(out, image.Rect(0, len(order)*band, form.Rect.Dx(), form.Rect.Dy()), raster.Paper)
	return out
}

func TestFindKeepsPictureAsItIs(t *testing.T) {
	blank, ref := demoForm()
	page := clone(blank)
	if _, err := ref.Place(page); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page.Pix, blank.Pix) {
		t.Error("Place changed the page")
	}
}
