package scan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	pdfiumerrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/structs"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"golang.org/x/sync/semaphore"
)

// PreparePDF makes ready what draws PDF. Without it, that is done when the first
// one comes. Compiled code is kept in the user's folder for caches, and then read
// in 0.3 s; without, and the first time, this takes some seconds and 0.4 GB. Its
// error is ErrRenderer, and the next PDF tries again.
func PreparePDF() error {
	_, err := theSandbox()
	return err
}

var prepared struct {
	sync.Mutex
	sandbox *sandbox
}

func theSandbox() (*sandbox, error) {
	prepared.Lock()
	defer prepared.Unlock()
	if prepared.sandbox == nil {
		s, err := newSandbox(cacheDir())
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRenderer, err)
		}
		prepared.sandbox = s
	}
	return prepared.sandbox, nil
}

// cacheDir returns where compiled code is kept, or "" where it cannot be, or
// where somebody else could put code to be run.
func cacheDir() string {
	parent, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	dir := filepath.Join(parent, "seosik")
	if os.MkdirAll(dir, 0o700) != nil {
		return ""
	}
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm()&0o022 != 0 {
		return ""
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); !ok || int(owner.Uid) != os.Geteuid() {
		return ""
	}
	return dir
}

// A sandbox is PDFium, compiled from WebAssembly to code for this machine.
// Instances of it see no files but fonts, no network, no environment, no clock
// and no memory but their own. They are made within milliseconds: each works for
// one call, on one document.
type sandbox struct {
	pool  pdfium.Pool
	maker maker
	slots *semaphore.Weighted // for instances at work: more than there are processors would only take memory
	large chan struct{}       // has room for the one instance that may be large
	cpu   time.Duration       // that an instance may take of a processor
	forms sync.Mutex          // held while forms are filled in: go-pdfium knows them by an address that all instances share
}

func newSandbox(cache string) (*sandbox, error) {
	s := &sandbox{
		slots: semaphore.NewWeighted(int64(runtime.GOMAXPROCS(0))),
		large: make(chan struct{}, 1),
		cpu:   instanceCPU,
	}
	s.maker.run(context.Background())
	defer debug.FreeOSMemory() // that of the compiler
	if cache != "" && s.compileInto(cache) == nil {
		return s, nil
	}
	return s, s.compile(compiling())
}

// compiling returns how PDFium is compiled. It must be possible to stop it, and
// to collect garbage meanwhile: its loops call Go, which makes it half as fast.
func compiling() wazero.RuntimeConfig {
	return wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
		WithCloseOnContextDone(true).
		WithMemoryLimitPages(instanceBytes >> 16)
}

// compileInto compiles s, or takes what was compiled before from a folder. A
// folder that cannot be read or written is emptied: it costs seconds once more,
// and nothing else.
func (s *sandbox) compileInto(cache string) error {
	kept, err := wazero.NewCompilationCacheWithDir(cache)
	if err == nil {
		err = s.compile(compiling().WithCompilationCache(kept))
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(cache))
	}
	return nil
}

func (s *sandbox) compile(config wazero.RuntimeConfig) (err error) {
	s.pool, err = webassembly.Init(webassembly.Config{
		Context:       &s.maker,
		MaxTotal:      -1, // there are slots
		RuntimeConfig: config,
		FSConfig:      wazero.NewFSConfig().WithFSMount(standIns(), "/"),
		Stdout:        io.Discard,
		Stderr:        io.Discard,
	})
	return err
}

// A maker is the context of a pool. An instance takes its memory from the
// context it is made in, and ends with it; go-pdfium makes all of them in the
// context of the pool. So this one is that of the run which makes one, while it
// makes it.
type maker struct {
	sync.Mutex // held while an instance is made
	context    atomic.Pointer[context.Context]
}

func (m *maker) run(ctx context.Context) { m.context.Store(&ctx) }

func (m *maker) Deadline() (time.Time, bool) { return (*m.context.Load()).Deadline() }
func (m *maker) Done() <-chan struct{}       { return (*m.context.Load()).Done() }
func (m *maker) Err() error                  { return (*m.context.Load()).Err() }
func (m *maker) Value(key any) any           { return (*m.context.Load()).Value(key) }

// instance returns a new instance, which has memory and ends with ctx.
func (s *sandbox) instance(ctx context.Context, memory *instanceMemory) (_ pdfium.Pdfium, err error) {
	s.maker.Lock()
	defer s.maker.Unlock()
	s.maker.run(experimental.WithMemoryAllocator(ctx, memory))
	defer s.maker.run(context.Background())
	defer func() {
		if r := recover(); r != nil { // where it is refused even its first memory
			err = fmt.Errorf("%v", r)
		}
	}()
	return s.pool.GetInstanceWithContext(ctx)
}

// inSandbox calls use with file, opened by an instance that exists for this call
// alone. What goes wrong in it is, or wraps, a sentinel of this package, or is
// the error of ctx.
func inSandbox(ctx context.Context, file []byte, use func(*document) error) error {
	s, err := theSandbox()
	if err != nil {
		return err
	}
	return s.open(ctx, file, use)
}

func (s *sandbox) open(ctx context.Context, file []byte, use func(*document) error) error {
	if err := s.slots.Acquire(ctx, 1); err != nil {
		return err
	}
	defer s.slots.Release(1)
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	memory, err := newInstanceMemory(ctx, s.large)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRenderer, err)
	}
	defer memory.free()
	defer limitTime(end, s.cpu, instanceTime)()
	// go-pdfium may keep the reader of an instance that was stopped, but not the file.
	reader := bytes.NewReader(file)
	defer reader.Reset(nil)
	instance, err := s.instance(ctx, memory)
	if err != nil {
		return blame(ctx, memory, fmt.Errorf("%w: %w", ErrRenderer, err))
	}
	defer instance.Close()
	d, err := openDocument(s, instance, reader)
	if err == nil {
		err = use(d)
	}
	return blame(ctx, memory, err)
}

// blame returns the reason why an instance failed with err: that of ctx where it
// was stopped, or the memory that the machine did not have.
func blame(ctx context.Context, memory *instanceMemory, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case memory.refused != nil:
		return fmt.Errorf("%w: %w", ErrRenderer, memory.refused)
	}
	return err
}

// A document is a PDF that an instance has opened. Its pages count from 1.
type document struct {
	sandbox  *sandbox
	instance pdfium.Pdfium
	id       references.FPDF_DOCUMENT
}

func openDocument(s *sandbox, instance pdfium.Pdfium, file *bytes.Reader) (*document, error) {
	opened, err := instance.OpenDocument(&requests.OpenDocument{FileReader: file, FileReaderSize: file.Size()})
	switch {
	case errors.Is(err, pdfiumerrors.ErrPassword), errors.Is(err, pdfiumerrors.ErrSecurity):
		return nil, ErrEncrypted
	case err != nil:
		return nil, broken(err)
	}
	return &document{s, instance, opened.Document}, nil
}

// broken returns the error of an instance as damage to the file, which is what
// made it fail: by what it says, but where it was in its code.
func broken(err error) error {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return fmt.Errorf("%w: %s", ErrDamaged, text)
}

func (d *document) page(n int) requests.Page {
	return requests.Page{ByIndex: &requests.PageByIndex{Document: d.id, Index: n - 1}}
}

func (d *document) pages() (int, error) {
	r, err := d.instance.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.id})
	if err != nil {
		return 0, broken(err)
	}
	return r.PageCount, nil
}

func (d *document) size(n int) (pageSize, error) {
	r, err := d.instance.FPDF_GetPageSizeByIndex(&requests.FPDF_GetPageSizeByIndex{Document: d.id, Index: n - 1})
	if err != nil {
		return pageSize{}, broken(err)
	}
	return pageSize{r.Width, r.Height}, nil
}

// Of what a page shows, so many things are looked at for pictures, and so deep
// in groups of groups.
const (
	lookedAt   = 20_000
	lookedDeep = 8
)

// pictures returns the pictures that page n shows.
func (d *document) pictures(n int) ([]picture, error) {
	page := d.page(n)
	count, err := d.instance.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: page})
	if err != nil {
		return nil, broken(err)
	}
	rotation, err := d.instance.FPDFPage_GetRotation(&requests.FPDFPage_GetRotation{Page: page})
	if err != nil {
		return nil, broken(err)
	}
	l := looker{instance: d.instance, page: page, left: lookedAt}
	for i := range count.Count {
		r, err := d.instance.FPDFPage_GetObject(&requests.FPDFPage_GetObject{Page: page, Index: i})
		if err != nil {
			return nil, broken(err)
		}
		if err := l.look(r.PageObject, unturned, 0); err != nil {
			return nil, broken(err)
		}
	}
	if l.left == 0 {
		l.found = append(l.found, picture{}) // there may be more
	}
	for i := range l.found {
		l.found[i].turned = l.found[i].turned != (rotation.PageRotation%2 == 1)
	}
	return l.found, nil
}

var unturned = structs.FPDF_FS_MATRIX{A: 1, D: 1}

// A looker finds pictures among what a page shows.
type looker struct {
	instance pdfium.Pdfium
	page     requests.Page
	left     int // things it may still look at
	found    []picture
}

// look looks at a thing, which lies on the page by toPage.
func (l *looker) look(thing references.FPDF_PAGEOBJECT, toPage structs.FPDF_FS_MATRIX, deep int) error {
	if l.left == 0 {
		return nil
	}
	l.left--
	kind, err := l.instance.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: thing})
	if err != nil || kind.Type != enums.FPDF_PAGEOBJ_IMAGE && kind.Type != enums.FPDF_PAGEOBJ_FORM {
		return err
	}
	own, err := l.instance.FPDFPageObj_GetMatrix(&requests.FPDFPageObj_GetMatrix{PageObject: thing})
	if err != nil {
		return err
	}
	toPage = after(own.Matrix, toPage)
	if kind.Type == enums.FPDF_PAGEOBJ_FORM {
		return l.group(thing, toPage, deep+1)
	}
	size, err := l.instance.FPDFImageObj_GetImagePixelSize(&requests.FPDFImageObj_GetImagePixelSize{ImageObject: thing})
	if err != nil {
		return err
	}
	p := picture{width: int(size.Width), height: int(size.Height)}
	a, b, c, d := float64(toPage.A), float64(toPage.B), float64(toPage.C), float64(toPage.D)
	p.xPPI = float64(p.width) * 72 / math.Hypot(a, b)
	p.yPPI = float64(p.height) * 72 / math.Hypot(c, d)
	p.turned = math.Abs(b) > math.Abs(a)
	p.lost = l.lostOf(thing, image.Pt(p.width, p.height), toPage)
	l.found = append(l.found, p)
	return nil
}

// group looks at what a group is made of.
func (l *looker) group(thing references.FPDF_PAGEOBJECT, toPage structs.FPDF_FS_MATRIX, deep int) error {
	if deep > lookedDeep {
		l.left = 0
		return nil
	}
	count, err := l.instance.FPDFFormObj_CountObjects(&requests.FPDFFormObj_CountObjects{PageObject: thing})
	if err != nil {
		return nil //nolint:nilerr // it has none
	}
	for i := range count.Count {
		r, err := l.instance.FPDFFormObj_GetObject(&requests.FPDFFormObj_GetObject{PageObject: thing, Index: uint64(i)})
		if err != nil {
			return err
		}
		if err := l.look(r.PageObject, toPage, deep); err != nil || l.left == 0 {
			return err
		}
	}
	return nil
}

// after returns the matrix that does a and then b (ISO 32000-1, 8.3.4).
func after(a, b structs.FPDF_FS_MATRIX) structs.FPDF_FS_MATRIX {
	return structs.FPDF_FS_MATRIX{
		A: a.A*b.A + a.B*b.C, B: a.A*b.B + a.B*b.D,
		C: a.C*b.A + a.D*b.C, D: a.C*b.B + a.D*b.D,
		E: a.E*b.A + a.F*b.C + b.E, F: a.E*b.B + a.F*b.D + b.F,
	}
}

// draw returns page n as a viewer shows it, on white, with what was added to it
// and what was filled into its form.
func (d *document) draw(n, width, height int) (Page, error) {
	made, err := d.instance.FPDFBitmap_CreateEx(&requests.FPDFBitmap_CreateEx{
		Width: width, Height: height, Format: enums.FPDF_BITMAP_FORMAT_BGRX, Pointer: uint64(0),
	})
	if err != nil {
		return Page{}, broken(err)
	}
	bitmap, page := made.Bitmap, d.page(n)
	if _, err := d.instance.FPDFBitmap_FillRect(&requests.FPDFBitmap_FillRect{
		Bitmap: bitmap, Width: width, Height: height, Color: 0xFFFFFFFF,
	}); err != nil {
		return Page{}, broken(err)
	}
	if _, err := d.instance.FPDF_RenderPageBitmap(&requests.FPDF_RenderPageBitmap{
		Bitmap: bitmap, Page: page, SizeX: width, SizeY: height, Flags: shown,
	}); err != nil {
		return Page{}, broken(err)
	}
	notes, err := d.instance.FPDFPage_GetAnnotCount(&requests.FPDFPage_GetAnnotCount{Page: page})
	if err != nil {
		return Page{}, broken(err)
	}
	if notes.Count > 0 {
		if err := d.drawForm(page, bitmap, width, height); err != nil {
			return Page{}, broken(err)
		}
	}
	pixels, err := d.instance.FPDFBitmap_GetBuffer(&requests.FPDFBitmap_GetBuffer{Bitmap: bitmap})
	if err != nil {
		return Page{}, broken(err)
	}
	img := &image.RGBA{Pix: pixels.Buffer, Stride: 4 * width, Rect: image.Rect(0, 0, width, height)}
	if len(img.Pix) != 4*width*height {
		return Page{}, fmt.Errorf("%w: %d bytes of pixels", ErrDamaged, len(img.Pix))
	}
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 255
	}
	var p Page
	p.Gray, p.Color, _ = split(img)
	if p.Color == image.Image(img) {
		img.Pix = bytes.Clone(img.Pix) // it is in the memory of the instance
	}
	return p, nil
}

// shown is how pages are drawn: with annotations, and in Go's order of colours.
const shown = enums.FPDF_RENDER_FLAG_ANNOT | enums.FPDF_RENDER_FLAG_REVERSE_BYTE_ORDER

// drawForm draws what the fields of a form hold over its page.
func (d *document) drawForm(page requests.Page, bitmap references.FPDF_BITMAP, width, height int) error {
	return d.withForm(page, func(form references.FPDF_FORMHANDLE) error {
		_, err := d.instance.FPDF_FFLDraw(&requests.FPDF_FFLDraw{
			FormHandle: form, Bitmap: bitmap, Page: page, SizeX: width, SizeY: height, Flags: shown,
		})
		return err
	})
}

// withForm calls use with the form of the document, while a page of it is loaded.
func (d *document) withForm(page requests.Page, use func(references.FPDF_FORMHANDLE) error) error {
	d.sandbox.forms.Lock()
	defer d.sandbox.forms.Unlock()
	form, err := d.instance.FPDFDOC_InitFormFillEnvironment(&requests.FPDFDOC_InitFormFillEnvironment{
		Document: d.id, FormFillInfo: nobodyFills,
	})
	if err != nil {
		return err
	}
	w := widgets{pixels{document: d, page: page}, form.FormHandle}
	if err := w.redraw(); err != nil {
		return err
	}
	if _, err := d.instance.FORM_OnAfterLoadPage(&requests.FORM_OnAfterLoadPage{Page: page, FormHandle: form.FormHandle}); err != nil {
		return err
	}
	if err := use(form.FormHandle); err != nil {
		return err
	}
	_, err = d.instance.FPDFDOC_ExitFormFillEnvironment(&requests.FPDFDOC_ExitFormFillEnvironment{FormHandle: form.FormHandle})
	return err
}

// nobodyFills answers what a form asks its viewer: nobody moves a mouse, and
// nothing is to be opened.
var nobodyFills = structs.FPDF_FORMFILLINFO{
	Release:                func() {},
	FFI_Invalidate:         func(references.FPDF_PAGE, float64, float64, float64, float64) {},
	FFI_OutputSelectedRect: func(references.FPDF_PAGE, float64, float64, float64, float64) {},
	FFI_SetCursor:          func(enums.FXCT) {},
	FFI_SetTimer:           func(int, func(int)) int { return 0 },
	FFI_KillTimer:          func(int) {},
	FFI_GetLocalTime:       func() structs.FPDF_SYSTEMTIME { return structs.FPDF_SYSTEMTIME{} },
	FFI_OnChange:           func() {},
	FFI_GetPage:            func(references.FPDF_DOCUMENT, int) *references.FPDF_PAGE { return nil },
	FFI_GetCurrentPage:     func(references.FPDF_DOCUMENT) *references.FPDF_PAGE { return nil },
	FFI_GetRotation:        func(references.FPDF_PAGE) enums.FPDF_PAGE_ROTATION { return 0 },
	FFI_ExecuteNamedAction: func(string) {},
	FFI_SetTextFieldFocus:  func(string, bool) {},
	FFI_DoURIAction:        func(string) {},
	FFI_DoGoToAction:       func(int, enums.FPDF_ZOOM_MODE, []float32) {},
}
