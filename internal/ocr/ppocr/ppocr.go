// Package ppocr reads lines of text with recognisers of the PP-OCR kind, run
// by ONNX Runtime, which is loaded at run time.
//
// A recogniser is a folder: its network, its dictionary, and a manifest that
// says which languages it reads and what its files' checksums are. Any number
// of them may lie side by side; each serves the languages that it names. What
// runs them needs cgo; without it the folders can be checked and nothing read.
//
// ONNX Runtime is C++. Servers run it in child processes, see [ocr.Pool].
package ppocr

import (
	"context"
	"errors"
	"fmt"
	"image"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/seosik/seosik/internal/ocr"
)

var (
	// ErrNotBuilt reports a program that was built without cgo.
	ErrNotBuilt = errors.New("ppocr: built without cgo")
	// ErrRuntime reports that ONNX Runtime is not installed or too old.
	ErrRuntime = errors.New("ppocr: ONNX Runtime not found")
	// ErrNoModel reports that no folder holds a model.
	ErrNoModel = errors.New("ppocr: no model found")
	// ErrModel reports a network that is not of the kind, or does not fit its
	// dictionary.
	ErrModel = errors.New("ppocr: the network cannot be used")
	// ErrLayout reports a crop that is not a line or a character.
	ErrLayout = errors.New("ppocr: reads single lines only")
)

// An Engine reads with the models it was opened with, in this process. It may
// be used by many goroutines, but reads one crop at a time.
type Engine struct {
	mu       sync.Mutex
	networks []*network
}

// A network is a model that is ready to read.
type network struct {
	*Model
	decoder decoder
	session *session
}

// Open returns an engine with all models in dirs that are whole, which are
// looked for as Models does. Where some are broken or ONNX Runtime cannot run
// them, it has the others; it is an error if none is left. Close it after use.
func Open(dirs []string) (*Engine, error) {
	models, broken := Models(dirs)
	if len(models) == 0 {
		return nil, errors.Join(fmt.Errorf("%w in %s", ErrNoModel, strings.Join(dirs, ", ")), broken)
	}
	return New(models, dirs)
}

// New returns an engine with those of models that ONNX Runtime can run; it is
// an error if there is none. ONNX Runtime is looked for in dirs and where the
// system looks. Close the engine after use.
func New(models []*Model, dirs []string) (*Engine, error) {
	if err := start(libraries(dirs)); err != nil {
		return nil, err
	}
	e := new(Engine)
	var errs []error
	for _, m := range models {
		n, err := openNetwork(m)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", m.Dir, err))
			continue
		}
		e.networks = append(e.networks, n)
	}
	if len(e.networks) == 0 {
		return nil, errors.Join(append(errs, ErrNoModel)...)
	}
	return e, nil
}

// libraries returns where ONNX Runtime may be: beside the models, or where the
// system looks.
func libraries(dirs []string) []string {
	var files []string
	for _, dir := range dirs {
		if abs, err := filepath.Abs(filepath.Join(dir, "libonnxruntime.so.1")); err == nil {
			files = append(files, abs)
		}
	}
	return append(files, "libonnxruntime.so.1", "libonnxruntime.so")
}

// openNetwork makes a model ready and sees that it fits its dictionary.
func openNetwork(m *Model) (*network, error) {
	s, err := openSession(filepath.Join(m.Dir, m.Network))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModel, err)
	}
	n := &network{m, newDecoder(m.Symbols), s}
	white := image.NewGray(image.Rect(0, 0, leastWidth, m.Height))
	p := pictureOf(white, m.Height)
	_, _, err = n.run(p)
	if err != nil {
		s.close()
		return nil, err
	}
	return n, nil
}

// run returns the probabilities of each step, and how many steps there are.
func (n *network) run(p picture) (probabilities []float32, steps int, err error) {
	probabilities, shape, err := n.session.run(p.input(&n.Manifest), []int64{1, 3, int64(n.Height), int64(p.gray.Rect.Dx())})
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrModel, err)
	}
	classes := int64(len(n.Symbols) + 1)
	if len(shape) != 3 || shape[0] != 1 || shape[1] < 1 || shape[2] != classes || int64(len(probabilities)) != shape[1]*classes {
		return nil, 0, fmt.Errorf("%w: it answers with a tensor of %d, and the dictionary has %d classes", ErrModel, shape, classes)
	}
	return probabilities, int(shape[1]), nil
}

// Close frees the networks. The engine must not be in use.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	var errs []error
	for _, n := range e.networks {
		errs = append(errs, n.session.close())
	}
	e.networks = nil
	return errors.Join(errs...)
}

// Name returns "ppocr" and the names of the models.
func (e *Engine) Name() string {
	names := make([]string, len(e.networks))
	for i, n := range e.networks {
		names[i] = n.Name
	}
	return "ppocr " + strings.Join(names, "+")
}

// Languages returns the languages that the models name, in the words of
// [ocr.Crop].
func (e *Engine) Languages() []string {
	var langs []string
	for _, n := range e.networks {
		langs = append(langs, n.Languages...)
	}
	slices.Sort(langs)
	return slices.Compact(langs)
}

// Alphabet returns the symbols of the model that reads in languages, or
// nothing where there is none.
func (e *Engine) Alphabet(languages []string) string {
	n, err := e.network(ocr.Crop{Languages: languages})
	if err != nil {
		return ""
	}
	return strings.Join(n.Symbols, "")
}

// Read reads the crops one after the other. It returns ocr.ErrLanguage where
// no model serves the languages of a crop.
func (e *Engine) Read(ctx context.Context, crops []ocr.Crop) ([]ocr.Text, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	texts := make([]ocr.Text, len(crops))
	for i, crop := range crops {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n, err := e.network(crop)
		if err != nil {
			return nil, err
		}
		if texts[i], err = n.read(crop); err != nil {
			return nil, fmt.Errorf("crop %d: %w", i, err)
		}
	}
	return texts, nil
}

// network returns the first model that names all languages of crop. English is
// named by few and known by all, so it counts only where it stands alone.
// Digits and Latin letters any model can read.
func (e *Engine) network(crop ocr.Crop) (*network, error) {
	need := slices.DeleteFunc(slices.Clone(crop.Languages), func(l string) bool { return l == "en" })
	if len(need) == 0 && len(crop.Languages) > 0 {
		need = []string{"en"}
	}
	for _, n := range e.networks {
		lacks := func(l string) bool { return !slices.Contains(n.Languages, l) }
		if len(need) > 0 && !slices.ContainsFunc(need, lacks) {
			return n, nil
		}
	}
	if isLatin(crop.Charset) && len(e.networks) > 0 {
		return e.networks[0], nil
	}
	return nil, fmt.Errorf("%w: %s", ocr.ErrLanguage, strings.Join(crop.Languages, ", "))
}

// isLatin reports whether charset has characters, and only such as English has.
func isLatin(charset string) bool {
	return charset != "" && !strings.ContainsFunc(charset, func(r rune) bool { return r > '~' })
}

// read reads one crop.
func (n *network) read(crop ocr.Crop) (ocr.Text, error) {
	if crop.Layout != ocr.Line && crop.Layout != ocr.Character {
		return ocr.Text{}, ErrLayout
	}
	if crop.Flat() {
		return ocr.Text{}, nil
	}
	p := pictureOf(crop.Image, n.Height)
	probabilities, steps, err := n.run(p)
	if err != nil {
		return ocr.Text{}, err
	}
	text := n.decoder.decode(probabilities, crop.Charset, float64(p.gray.Rect.Dx())/float64(steps), p.gray)
	back(&text, p, crop.Image.Rect)
	return text, nil
}

// back moves the boxes of text from px of p to px of the crop, whose origin is
// its upper left corner.
func back(text *ocr.Text, p picture, crop image.Rectangle) {
	down := float64(crop.Dy()) / float64(p.gray.Rect.Dy())
	box := func(r image.Rectangle) image.Rectangle {
		return image.Rect(
			int(float64(r.Min.X)/p.scale), int(float64(r.Min.Y)*down),
			int(float64(r.Max.X)/p.scale+.5), int(float64(r.Max.Y)*down+.5),
		).Intersect(image.Rect(0, 0, crop.Dx(), crop.Dy()))
	}
	for i := range text.Words {
		w := &text.Words[i]
		w.Box = box(w.Box)
		for k := range w.Symbols {
			w.Symbols[k].Box = box(w.Symbols[k].Box)
		}
	}
}
