// Package tesseract reads text with Tesseract 5, which is loaded at run time
// through its C API: building needs no headers and no C compiler.
//
// Tesseract is C++ and ends the process where it meets what it does not
// expect. Servers run it in child processes, see [ocr.Pool].
package tesseract

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/seosik/seosik/internal/ocr"
)

var (
	// ErrLibrary reports that libtesseract.so.5 is not installed, or is not
	// what it says.
	ErrLibrary = errors.New("tesseract: library not found")
	// ErrData reports that no folder with language data was found.
	ErrData = errors.New("tesseract: no language data found")
)

// dataFiles names the language data of each language.
var dataFiles = map[string]string{
	"ko":    "kor",
	"ja":    "jpn",
	"zh-TW": "chi_tra",
	"en":    "eng",
}

// An Engine reads with Tesseract in this process. It keeps the network of
// each set of languages it has met warm. It may be used by many goroutines,
// but reads one crop at a time.
type Engine struct {
	c       *capi
	dataDir string

	mu   sync.Mutex
	apis map[string]baseAPI // by names of data files, "kor+eng"
}

// Open returns an engine that takes its language data from dataDir or, where
// that is empty, from where Tesseract's packages put it. Close it after use.
func Open(dataDir string) (*Engine, error) {
	c, err := load()
	if err != nil {
		return nil, err
	}
	if dataDir == "" {
		if dataDir, err = findData(); err != nil {
			return nil, err
		}
	}
	return &Engine{c: c, dataDir: dataDir, apis: map[string]baseAPI{}}, nil
}

// Places returns the folders in which Open looks for language data.
func Places(dataDir string) []string {
	if dataDir != "" {
		return []string{dataDir}
	}
	prefix := os.Getenv("TESSDATA_PREFIX")
	dirs := []string{prefix, filepath.Join(prefix, "tessdata")}
	if prefix == "" {
		dirs = nil
	}
	return append(dirs,
		"/usr/share/tesseract-ocr/5/tessdata",
		"/usr/share/tesseract-ocr/tessdata",
		"/usr/share/tessdata",
		"/usr/local/share/tessdata",
		"/opt/homebrew/share/tessdata",
	)
}

// findData returns the first folder that holds language data.
func findData() (string, error) {
	for _, dir := range Places("") {
		if found, err := filepath.Glob(filepath.Join(dir, "*.traineddata")); err == nil && len(found) > 0 {
			return dir, nil
		}
	}
	return "", ErrData
}

// Close frees the networks. The engine must not be in use.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, api := range e.apis {
		e.c.destroy(api)
	}
	e.apis = nil
	return nil
}

// Version returns Tesseract's version, "5.3.0".
func (e *Engine) Version() string { return e.c.version() }

// Name returns "tesseract" and its version.
func (e *Engine) Name() string { return "tesseract " + e.Version() }

// DataDir returns the folder of the language data.
func (e *Engine) DataDir() string { return e.dataDir }

// Languages returns the languages whose data is installed, in the words of
// [ocr.Crop]: "en", "ja", "ko", "zh-TW".
func (e *Engine) Languages() []string {
	var langs []string
	for lang, file := range dataFiles {
		if e.installed(file) {
			langs = append(langs, lang)
		}
	}
	slices.Sort(langs)
	return langs
}

func (e *Engine) installed(file string) bool {
	info, err := os.Stat(filepath.Join(e.dataDir, file+".traineddata"))
	return err == nil && info.Mode().IsRegular()
}

// Read reads the crops one after the other. It returns ocr.ErrLanguage where
// the data of a crop's language is not installed.
func (e *Engine) Read(ctx context.Context, crops []ocr.Crop) ([]ocr.Text, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	texts := make([]ocr.Text, len(crops))
	for i, crop := range crops {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		api, err := e.api(crop.Languages)
		if err != nil {
			return nil, err
		}
		if texts[i], err = e.read(api, crop); err != nil {
			return nil, fmt.Errorf("crop %d: %w", i, err)
		}
	}
	return texts, nil
}

// api returns the warm API for languages.
func (e *Engine) api(languages []string) (baseAPI, error) {
	files, err := e.files(languages)
	if err != nil {
		return 0, err
	}
	if api, ok := e.apis[files]; ok {
		return api, nil
	}
	api := e.c.create()
	if e.c.init(api, e.dataDir, files, oemLSTMOnly) != 0 {
		e.c.destroy(api)
		return 0, fmt.Errorf("%w: %s", ocr.ErrLanguage, files)
	}
	for name, value := range map[string]string{
		"lstm_choice_mode": "2", // alternatives by symbol
		"debug_file":       "/dev/null",
	} {
		e.c.setVariable(api, name, value)
	}
	e.apis[files] = api
	return api, nil
}

// files returns the language data for languages, in Tesseract's notation. The
// data of an Asian language knows Latin letters and digits too. Adding "eng"
// to it makes the two compete, and the surer one is not the right one:
// 국민은행 was read as "Boles은행" at 95 %.
func (e *Engine) files(languages []string) (string, error) {
	var files []string
	for _, lang := range languages {
		file, ok := dataFiles[lang]
		if !ok || !e.installed(file) {
			return "", fmt.Errorf("%w: %s", ocr.ErrLanguage, lang)
		}
		if !slices.Contains(files, file) {
			files = append(files, file)
		}
	}
	if len(files) > 1 {
		files = slices.DeleteFunc(files, func(file string) bool { return file == "eng" })
	}
	if len(files) == 0 {
		return "", fmt.Errorf("%w: none asked for", ocr.ErrLanguage)
	}
	return strings.Join(files, "+"), nil
}

// read reads one crop.
func (e *Engine) read(api baseAPI, crop ocr.Crop) (ocr.Text, error) {
	width, height := crop.Image.Rect.Dx(), crop.Image.Rect.Dy()
	if crop.Flat() { // it reads letters in white paper
		return ocr.Text{}, nil
	}
	e.c.setVariable(api, "tessedit_char_whitelist", crop.Charset)
	e.c.setPageSegMode(api, segMode(crop.Layout))
	e.c.setImage(api, &crop.Image.Pix[0], int32(width), int32(height), 1, int32(crop.Image.Stride))
	runtime.KeepAlive(crop.Image) // copied by now
	e.c.setResolution(api, 300)
	defer e.c.clear(api)
	if status := e.c.recognize(api, 0); status != 0 {
		return ocr.Text{}, fmt.Errorf("recognize: status %d", status)
	}
	return e.words(api), nil
}

func segMode(l ocr.Layout) int32 {
	switch l {
	case ocr.Block:
		return psmSingleBlock
	case ocr.Character:
		return psmSingleChar
	case ocr.Page:
		return psmAuto
	default:
		return psmSingleLine
	}
}

// words walks through what was recognized, symbol by symbol.
func (e *Engine) words(api baseAPI) ocr.Text {
	it := e.c.iterator(api)
	if it == 0 {
		return ocr.Text{}
	}
	defer e.c.deleteIterator(it)
	page := e.c.page(it)
	var (
		text ocr.Text
		word ocr.Word
	)
	for {
		if s := e.symbol(it, page); s.Text != "" {
			word.Symbols = append(word.Symbols, s)
		}
		if e.c.isFinal(page, levelWord, levelSymbol) != 0 {
			word.Text = e.c.takeText(e.c.text(it, levelWord))
			word.Confidence = percent(e.c.confidence(it, levelWord))
			word.Box = e.box(page, levelWord)
			word.LineBreak = e.c.isFinal(page, levelTextLine, levelWord) != 0
			if strings.TrimSpace(word.Text) != "" {
				text.Words = append(text.Words, word)
			}
			word = ocr.Word{}
		}
		if e.c.next(it, levelSymbol) == 0 {
			return text
		}
	}
}

func (e *Engine) symbol(it resultIterator, page pageIterator) ocr.Symbol {
	s := ocr.Symbol{
		Text:       e.c.takeText(e.c.text(it, levelSymbol)),
		Confidence: percent(e.c.confidence(it, levelSymbol)),
		Box:        e.box(page, levelSymbol),
	}
	if s.Text == "" { // where no word is, asking for choices aborts the process
		return s
	}
	choices := e.c.choices(it)
	if choices == 0 {
		return s
	}
	defer e.c.deleteChoices(choices)
	for {
		t := e.c.choiceText(choices)
		known := func(a ocr.Alternative) bool { return a.Text == t }
		if t != "" && t != s.Text && !slices.ContainsFunc(s.Alternatives, known) {
			s.Alternatives = append(s.Alternatives, ocr.Alternative{Text: t, Confidence: percent(e.c.choiceConfident(choices))})
		}
		if e.c.nextChoice(choices) == 0 {
			return s
		}
	}
}

func (e *Engine) box(page pageIterator, level int32) image.Rectangle {
	var left, top, right, bottom int32
	if e.c.box(page, level, &left, &top, &right, &bottom) == 0 {
		return image.Rectangle{}
	}
	return image.Rect(int(left), int(top), int(right), int(bottom))
}

// percent returns Tesseract's score, from 0 to 100, in [0, 1].
func percent(score float32) float64 {
	if !(score > 0) { // also NaN
		return 0
	}
	return min(float64(score)/100, 1)
}
