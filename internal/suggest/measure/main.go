// Measure says how well fields are suggested, against forms whose truth is
// known: folders of template files, and forms that package sample draws.
//
//	go run ./internal/suggest/measure DIR…
//	go run ./internal/suggest/measure -draw 40 -level scan
//
// For each kind of field it prints precision, recall and F1, where a suggestion
// of the same kind that shares half of what both cover (IoU 0.5) is right; how
// far the borders of those are from the true ones, the median and the 95th of a
// hundred, in pixels; and the share of them whose name is the label. "box" is the
// single boxes of rows. Where a template has no table, cells of tables count as
// NORMAL: its fields may be what others call a table. So do rows of boxes where the template of a folder has none.
//
// A name is right if it is the label, spaces, case, punctuation, a number
// behind it and the name of a checkbox's group aside, or one begins with the other,
// eight characters at least. The labels of drawn forms are known, those of
// folders are in labels.json, by form and field; fields that are not there are
// not judged. Columns of tables are judged by their names.
package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/png"
	"log"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/text/width"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/ocr/ppocr"
	"github.com/seosik/seosik/internal/ocr/tesseract"
	"github.com/seosik/seosik/internal/sample"
	"github.com/seosik/seosik/internal/scan"
	"github.com/seosik/seosik/internal/suggest"
	"github.com/seosik/seosik/internal/templatefile"
)

// childEnv marks a child that serves the engine.
const childEnv = "SEOSIK_MEASURE_CHILD"

//go:embed labels.json
var labelsFile []byte

// options are what was asked for.
type options struct {
	draw   int
	seed   uint64
	level  string
	filled bool
	pile   int
	cache  string
	show   string
	each   bool
}

func main() {
	log.SetFlags(0)
	if os.Getenv(childEnv) != "" {
		if err := serve(); err != nil {
			log.Fatal(err)
		}
		return
	}
	var o options
	flag.IntVar(&o.draw, "draw", 0, "forms to draw")
	flag.Uint64Var(&o.seed, "seed", 9001, "of the first of them")
	flag.StringVar(&o.level, "level", "clean", "what happens to drawn forms")
	flag.BoolVar(&o.filled, "filled", false, "fill drawn forms in")
	flag.IntVar(&o.pile, "pile", 0, "filled copies to lay over one another, instead of the blank; of a folder, its own")
	flag.StringVar(&o.cache, "cache", "", "folder where what was read is kept, and not read again")
	flag.StringVar(&o.show, "show", "", "folder for pictures of what was suggested")
	flag.BoolVar(&o.each, "each", false, "print the figures of each form, and what is wrong")
	flag.Parse()
	if err := run(o, flag.Args()); err != nil {
		log.Fatal(err)
	}
}

func serve() error {
	first, err := tesseract.Open("")
	if err != nil {
		return err
	}
	second, err := ppocr.Open([]string{"models"})
	if err != nil {
		return err
	}
	return ocr.Serve(os.Stdin, os.Stdout, first, second)
}

// A blank is a form with its truth.
type blank struct {
	name     string
	template *form.Template
	gray     *image.Gray
	toPage   geom.Homography // of template px
	labels   map[form.FieldID]string
	drawn    bool
	normals  bool            // rows of boxes count as NORMAL where no field is one
	common   *suggest.Common // nil where it is no pile
}

func run(o options, dirs []string) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	ctx := context.Background()
	pool, err := ocr.NewPool(ctx, ocr.PoolConfig{Command: []string{exe}, Env: []string{childEnv + "=1"}})
	if err != nil {
		return err
	}
	defer pool.Close()
	m := &measurer{options: o, engine: pool, total: newScore()}
	if second := pool.Second(); second != nil {
		m.engine = second
	}
	for _, dir := range dirs {
		b, err := folder(ctx, dir)
		if err == nil && o.pile > 0 {
			err = b.pileOf(ctx, dir, o.pile, o.level)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		if err := m.form(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
	}
	for i := range o.draw {
		b, err := drawn(o, o.seed+uint64(i))
		if err != nil {
			return err
		}
		if err := m.form(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
	}
	m.total.print("all")
	fmt.Printf("%d pages, %.2f s each, of which reading %.2f s\n", m.pages, m.took.Seconds()/float64(max(1, m.pages)), m.reading.Seconds()/float64(max(1, m.pages)))
	return nil
}

func folder(ctx context.Context, dir string) (*blank, error) {
	f, err := templatefile.Open(ctx, dir)
	if err != nil {
		return nil, err
	}
	page, err := scan.Nth(ctx, f.Picture, 1, scan.Limits{})
	if err != nil {
		return nil, err
	}
	var labels map[string]map[form.FieldID]string
	if err := json.Unmarshal(labelsFile, &labels); err != nil {
		return nil, err
	}
	name := filepath.Base(filepath.Clean(dir))
	return &blank{name: name, normals: true, template: f.Template, gray: page.Gray, toPage: geom.Identity, labels: labels[name]}, nil
}

func drawn(o options, seed uint64) (*blank, error) {
	language := form.Languages[seed%uint64(len(form.Languages))]
	b, err := sample.Layout(seed, language)
	if err != nil {
		return nil, err
	}
	truth := &blank{name: fmt.Sprintf("%s-%d", language, seed), template: b.Template, labels: b.Labels, drawn: true, gray: sample.ToGray(b.Image)}
	if o.pile > 0 {
		return truth, truth.drawPile(b, o, seed)
	}
	var picture image.Image = b.Image
	if o.filled {
		filled, err := b.Fill(seed, sample.RandomStyle(seed))
		if err != nil {
			return nil, err
		}
		picture = filled.Image
	}
	page, toPage := sample.Degrade(picture, sample.Level(o.level), seed)
	truth.gray, truth.toPage = sample.ToGray(page), toPage
	return truth, nil
}

// A measurer adds up how well forms are suggested.
type measurer struct {
	options
	engine        ocr.Engine
	total         score
	pages         int
	took, reading time.Duration
}

// form suggests the fields of b and compares them.
func (m *measurer) form(ctx context.Context, b *blank) error {
	engine := &cached{Engine: m.engine, dir: m.cache}
	began := time.Now()
	suggested := func() (*suggest.Form, error) { return suggest.Blank(ctx, engine, b.gray, b.gray, b.template.Languages) }
	if b.common != nil {
		suggested = func() (*suggest.Form, error) { return b.common.Form(ctx, engine, b.template.Languages) }
	}
	f, err := suggested()
	if err != nil {
		return err
	}
	m.pages++
	m.took += time.Since(began)
	m.reading += engine.took
	if len(f.Fields)+len(f.Tables) > 0 {
		if err := f.Template("t", b.template.Languages, "t.png", b.gray.Rect.Dx(), b.gray.Rect.Dy()).Validate(); err != nil {
			return err
		}
	}
	pageToStraight, err := f.StraightToPage.Inverse()
	if err != nil {
		return err
	}
	got := placesOf(f.Template("t", b.template.Languages, "t.png", 1, 1), nil, geom.Identity)
	truth := placesOf(b.parted(got, pageToStraight.After(b.toPage)), b.labels, pageToStraight.After(b.toPage))
	rows := slices.ContainsFunc(b.template.Fields, func(f form.Field) bool { return f.Kind == form.MultiBox })
	for i := range got {
		if got[i].kind == cellKind && len(b.template.Tables) == 0 || got[i].kind == string(form.MultiBox) && b.normals && !rows {
			got[i].kind = string(form.Normal)
		}
	}
	s := newScore()
	wrong := s.compare(truth, got)
	m.total.add(s)
	if m.each {
		s.print(b.name + " " + f.Name)
		for _, w := range wrong {
			fmt.Println("   ", w)
		}
	}
	if m.show != "" {
		return show(filepath.Join(m.show, b.name+".png"), f, got)
	}
	return nil
}

// A cached engine keeps the texts that it read in files, by the pixels of the
// line.
type cached struct {
	ocr.Engine
	dir  string // empty for none
	took time.Duration
	mu   sync.Mutex
}

// Read reads crops, or what is kept of them.
func (c *cached) Read(ctx context.Context, crops []ocr.Crop) ([]ocr.Text, error) {
	began := time.Now()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.took += time.Since(began)
	}()
	if c.dir == "" {
		return c.Engine.Read(ctx, crops)
	}
	hash := sha256.New()
	for _, crop := range crops {
		fmt.Fprintln(hash, crop.Image.Rect, crop.Languages)
		hash.Write(crop.Image.Pix)
	}
	file := filepath.Join(c.dir, hex.EncodeToString(hash.Sum(nil))+".json")
	var texts []ocr.Text
	if data, err := os.ReadFile(file); err == nil {
		return texts, json.Unmarshal(data, &texts)
	}
	texts, err := c.Engine.Read(ctx, crops)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(texts)
	if err != nil {
		return nil, err
	}
	return texts, os.WriteFile(file, data, 0o600)
}

const (
	boxKind  = "box"  // one of a row
	cellKind = "cell" // of a table
)

// A thing is a field, a box of a row or a cell.
type thing struct {
	kind, name string
	label      string // "" where it is not known
	group      string
	box        geom.Box
}

func placesOf(t *form.Template, labels map[form.FieldID]string, move geom.Homography) []thing {
	var all []thing
	for _, f := range t.Fields {
		box := move.ApplyQuad(f.Box.Quad()).Bounds()
		all = append(all, thing{string(f.Kind), f.Name, labels[f.ID], f.Group, box})
		for _, b := range f.Boxes {
			all = append(all, thing{boxKind, f.Name, "", "", move.ApplyQuad(b.Quad()).Bounds()})
		}
	}
	for i := range t.Tables {
		table := &t.Tables[i]
		for _, row := range table.Cells[table.Header:] {
			for c, box := range row {
				all = append(all, thing{cellKind, table.Columns[c].Name, table.Columns[c].Name, "", move.ApplyQuad(box.Quad()).Bounds()})
			}
		}
	}
	return all
}

// parted returns the template of b. The rows of drawn forms are one field also where
// there are dashes between their boxes; they may as well be several, and are where that
// is suggested.
func (b *blank) parted(got []thing, move geom.Homography) *form.Template {
	if !b.drawn {
		return b.template
	}
	t := *b.template
	t.Fields = nil
	for _, f := range b.template.Fields {
		whole := move.ApplyQuad(f.Box.Quad()).Bounds()
		if f.Kind != form.MultiBox || slices.ContainsFunc(got, func(g thing) bool { return g.kind == string(f.Kind) && iou(g.box, whole) > .9 }) {
			t.Fields = append(t.Fields, f)
			continue
		}
		from := 0
		for i := range f.Boxes {
			if i+1 < len(f.Boxes) && f.Boxes[i+1].Min.X-f.Boxes[i].Max.X <= .2*f.Boxes[i].Width() {
				continue
			}
			part := f
			part.Boxes, part.Box = f.Boxes[from:i+1], f.Boxes[from].Union(f.Boxes[i])
			t.Fields = append(t.Fields, part)
			from = i + 1
		}
	}
	return &t
}

// A score is the figures of each kind.
type score map[string]*figures

type figures struct {
	truth, got, right int
	borders           []float64 // px
	labels, named     int
}

func newScore() score { return make(score) }

func (s score) of(kind string) *figures {
	if s[kind] == nil {
		s[kind] = new(figures)
	}
	return s[kind]
}

func (s score) add(o score) {
	for kind, f := range o {
		t := s.of(kind)
		t.truth, t.got, t.right = t.truth+f.truth, t.got+f.got, t.right+f.right
		t.labels, t.named = t.labels+f.labels, t.named+f.named
		t.borders = append(t.borders, f.borders...)
	}
}

// compare counts, and returns what is missing, too much or wrongly named.
func (s score) compare(truth, got []thing) (wrong []string) {
	type pair struct {
		i, j int
		iou  float64
	}
	var pairs []pair
	for i, t := range truth {
		s.of(t.kind).truth++
		for j, g := range got {
			if v := iou(t.box, g.box); t.kind == g.kind && v >= .5 {
				pairs = append(pairs, pair{i, j, v})
			}
		}
	}
	for _, g := range got {
		s.of(g.kind).got++
	}
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(b.iou, a.iou) })
	foundT, foundG := make([]bool, len(truth)), make([]bool, len(got))
	for _, p := range pairs {
		if foundT[p.i] || foundG[p.j] {
			continue
		}
		foundT[p.i], foundG[p.j] = true, true
		t, g, f := truth[p.i], got[p.j], s.of(truth[p.i].kind)
		f.right++
		f.borders = append(f.borders, math.Abs(t.box.Min.X-g.box.Min.X), math.Abs(t.box.Min.Y-g.box.Min.Y), math.Abs(t.box.Max.X-g.box.Max.X), math.Abs(t.box.Max.Y-g.box.Max.Y))
		if t.label == "" || t.kind == boxKind {
			continue
		}
		f.labels++
		if named(t.label, g) {
			f.named++
		} else if t.kind != cellKind {
			wrong = append(wrong, fmt.Sprintf("name %q is called %q", t.label, g.name))
		}
	}
	for i, t := range truth {
		if !foundT[i] && t.kind != boxKind {
			wrong = append(wrong, fmt.Sprintf("missing %s %s %.0f", t.kind, t.name, t.box))
		}
	}
	for j, g := range got {
		if !foundG[j] && g.kind != boxKind {
			wrong = append(wrong, fmt.Sprintf("too much %s %s %.0f", g.kind, g.name, g.box))
		}
	}
	return wrong
}

func iou(a, b geom.Box) float64 {
	c := a.Intersect(b)
	if c.Empty() {
		return 0
	}
	shared := c.Width() * c.Height()
	return shared / (a.Width()*a.Height() + b.Width()*b.Height() - shared)
}

// named reports whether the name of g is label.
func named(label string, g thing) bool {
	a, b := key(label), key(g.name)
	if group := key(g.group); group != "" && b != a {
		b = strings.TrimPrefix(b, group)
	}
	if a == b || strings.TrimRight(b, "0123456789") == a {
		return true
	}
	return len([]rune(a)) >= 8 && len([]rune(b)) >= 8 && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
}

func key(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, width.Fold.String(s))
}

func (s score) print(title string) {
	fmt.Printf("%-40s %6s %6s %9s %7s %6s %8s %6s %6s\n", title, "truth", "found", "precision", "recall", "F1", "median", "95th", "named")
	for _, kind := range []string{string(form.Normal), string(form.MultiBox), boxKind, string(form.Checkbox), cellKind} {
		f := s[kind]
		if f == nil {
			continue
		}
		p, r := float64(f.right)/float64(max(1, f.got)), float64(f.right)/float64(max(1, f.truth))
		f1 := 0.
		if f.right > 0 {
			f1 = 2 * p * r / (p + r)
		}
		slices.Sort(f.borders)
		at := func(share float64) float64 {
			if len(f.borders) == 0 {
				return 0
			}
			return f.borders[int(share*float64(len(f.borders)-1))]
		}
		name := "-"
		if f.labels > 0 {
			name = fmt.Sprintf("%.3f", float64(f.named)/float64(f.labels))
		}
		fmt.Printf("  %-38s %6d %6d %9.3f %7.3f %6.3f %8.1f %6.1f %6s\n", kind, f.truth, f.right, p, r, f1, at(.5), at(.95), name)
	}
}

// show writes the page with what was suggested.
func show(name string, f *suggest.Form, got []thing) error {
	gray := sample.ToGray(f.Picture)
	out := image.NewRGBA(gray.Rect)
	for i, v := range gray.Pix {
		copy(out.Pix[4*i:], []uint8{v, v, v, 255})
	}
	colors := map[string][3]uint8{string(form.Normal): {0, 90, 255}, string(form.MultiBox): {255, 0, 0}, string(form.Checkbox): {0, 160, 0}, cellKind: {200, 0, 200}}
	for _, g := range got {
		c, ok := colors[g.kind]
		if !ok {
			continue
		}
		box := image.Rect(int(g.box.Min.X), int(g.box.Min.Y), int(g.box.Max.X), int(g.box.Max.Y)).Intersect(out.Rect)
		for y := box.Min.Y; y < box.Max.Y; y++ {
			for x := box.Min.X; x < box.Max.X; x++ {
				i := out.PixOffset(x, y)
				for k := range 3 {
					out.Pix[i+k] = uint8((2*int(out.Pix[i+k]) + int(c[k])) / 3)
				}
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, out); err != nil {
		return err
	}
	return os.WriteFile(name, b.Bytes(), 0o600)
}
