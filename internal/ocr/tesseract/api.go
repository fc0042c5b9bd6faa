package tesseract

import (
	"fmt"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// libraries are the names under which the dynamic linker may know Tesseract 5.
var libraries = []string{"libtesseract.so.5", "libtesseract.so", "libtesseract.5.dylib"}

// Objects of the C API, opaque here.
type (
	baseAPI        uintptr
	resultIterator uintptr
	pageIterator   uintptr
	choiceIterator uintptr
)

// Constants of capi.h and publictypes.h.
const (
	oemLSTMOnly = 1

	psmAuto        = 3
	psmSingleBlock = 6
	psmSingleLine  = 7
	psmSingleChar  = 10

	levelTextLine = 2
	levelWord     = 3
	levelSymbol   = 4
)

// capi holds the functions of the C API that are used. A Go string argument
// is copied for the call and freed after it; a result of type string is
// copied and stays Tesseract's.
type capi struct {
	version         func() string
	create          func() baseAPI
	destroy         func(baseAPI)
	init            func(api baseAPI, dataPath, language string, engineMode int32) int32
	setVariable     func(api baseAPI, name, value string) int32
	setPageSegMode  func(api baseAPI, mode int32)
	setImage        func(api baseAPI, pix *byte, width, height, bytesPerPixel, bytesPerLine int32)
	setResolution   func(api baseAPI, dpi int32)
	recognize       func(api baseAPI, monitor uintptr) int32
	iterator        func(baseAPI) resultIterator
	clear           func(baseAPI)
	deleteText      func(*byte)
	next            func(it resultIterator, level int32) int32
	text            func(it resultIterator, level int32) *byte // to be deleted
	confidence      func(it resultIterator, level int32) float32
	page            func(resultIterator) pageIterator // lives in the resultIterator
	choices         func(resultIterator) choiceIterator
	deleteIterator  func(resultIterator)
	box             func(it pageIterator, level int32, left, top, right, bottom *int32) int32
	isFinal         func(it pageIterator, level, element int32) int32
	nextChoice      func(choiceIterator) int32
	choiceText      func(choiceIterator) string
	choiceConfident func(choiceIterator) float32
	deleteChoices   func(choiceIterator)
}

// load opens the library once for the process.
var load = sync.OnceValues(func() (_ *capi, err error) {
	handle, err := openLibrary()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLibrary, err)
	}
	defer func() { // purego panics where a function is missing
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrLibrary, p)
		}
	}()
	c := new(capi)
	for name, fn := range map[string]any{
		"TessVersion":                         &c.version,
		"TessBaseAPICreate":                   &c.create,
		"TessBaseAPIDelete":                   &c.destroy,
		"TessBaseAPIInit2":                    &c.init,
		"TessBaseAPISetVariable":              &c.setVariable,
		"TessBaseAPISetPageSegMode":           &c.setPageSegMode,
		"TessBaseAPISetImage":                 &c.setImage,
		"TessBaseAPISetSourceResolution":      &c.setResolution,
		"TessBaseAPIRecognize":                &c.recognize,
		"TessBaseAPIGetIterator":              &c.iterator,
		"TessBaseAPIClear":                    &c.clear,
		"TessDeleteText":                      &c.deleteText,
		"TessResultIteratorNext":              &c.next,
		"TessResultIteratorGetUTF8Text":       &c.text,
		"TessResultIteratorConfidence":        &c.confidence,
		"TessResultIteratorGetPageIterator":   &c.page,
		"TessResultIteratorGetChoiceIterator": &c.choices,
		"TessResultIteratorDelete":            &c.deleteIterator,
		"TessPageIteratorBoundingBox":         &c.box,
		"TessPageIteratorIsAtFinalElement":    &c.isFinal,
		"TessChoiceIteratorNext":              &c.nextChoice,
		"TessChoiceIteratorGetUTF8Text":       &c.choiceText,
		"TessChoiceIteratorConfidence":        &c.choiceConfident,
		"TessChoiceIteratorDelete":            &c.deleteChoices,
	} {
		purego.RegisterLibFunc(fn, handle, name)
	}
	return c, nil
})

func openLibrary() (handle uintptr, err error) {
	for _, name := range libraries {
		if handle, err = purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_GLOBAL); err == nil {
			return handle, nil
		}
	}
	return 0, err
}

// takeText copies a text that Tesseract has made for us, and deletes it.
func (c *capi) takeText(p *byte) string {
	if p == nil {
		return ""
	}
	defer c.deleteText(p)
	n := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(p), n)) != 0 {
		n++
	}
	return string(unsafe.Slice(p, n))
}
