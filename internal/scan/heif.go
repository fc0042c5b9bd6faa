package scan

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"runtime"
	"slices"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"golang.org/x/sync/semaphore"
)

// heifCode is libheif with libde265 as WebAssembly; see heif/README.md.
//
//go:embed heif/heif.wasm.gz
var heifCode []byte

// isHEIF reports whether file is a photograph as telephones store it, in HEVC
// (ISO/IEC 23008-12).
func isHEIF(file []byte) bool {
	of := brands(file)
	return !slices.Contains(of, "avif") && slices.ContainsFunc(of, func(brand string) bool {
		return slices.Contains([]string{"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"}, brand)
	})
}

// heifPage decodes in two steps, as pageOfPDF does.
func heifPage(ctx context.Context, file []byte, limits Limits) (Page, error) {
	var width, height int
	err := inHEIF(ctx, file, func(d *heifDecoder) (err error) {
		told, err := d.tell()
		width, height = told[0], told[1]
		return err
	})
	if err != nil {
		return Page{}, err
	}
	if err := limits.checkSides(width, height); err != nil {
		return Page{}, err
	}
	if err := limits.stay.enter(ctx, width, height, 4*width*height); err != nil {
		return Page{}, err
	}
	var page Page
	err = inHEIF(ctx, file, func(d *heifDecoder) error {
		img, err := d.decode()
		if err == nil {
			page.Gray, page.Color, _ = split(img)
		}
		return err
	})
	return page, err
}

// A heifSandbox is libheif, compiled to code for this machine. Each picture has an
// instance of its own, with memory and time as those of PDFium have, and nothing
// of the machine.
type heifSandbox struct {
	runtime wazero.Runtime
	code    wazero.CompiledModule
	slots   *semaphore.Weighted
	large   chan struct{}
}

var preparedHEIF struct {
	sync.Mutex
	sandbox *heifSandbox
}

func theHEIFSandbox() (*heifSandbox, error) {
	preparedHEIF.Lock()
	defer preparedHEIF.Unlock()
	if preparedHEIF.sandbox == nil {
		s, err := newHEIFSandbox()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRenderer, err)
		}
		preparedHEIF.sandbox = s
	}
	return preparedHEIF.sandbox, nil
}

// newHEIFSandbox compiles libheif, which takes 2 s, or takes what was compiled
// before from the folder for caches.
func newHEIFSandbox() (*heifSandbox, error) {
	ctx := context.Background()
	z, err := gzip.NewReader(bytes.NewReader(heifCode))
	if err != nil {
		return nil, err
	}
	code, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	config := compiling()
	if kept, err := wazero.NewCompilationCacheWithDir(cacheDir()); cacheDir() != "" && err == nil {
		config = config.WithCompilationCache(kept)
	}
	s := &heifSandbox{
		runtime: wazero.NewRuntimeWithConfig(ctx, config),
		slots:   semaphore.NewWeighted(int64(runtime.GOMAXPROCS(0))),
		large:   make(chan struct{}, 1),
	}
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, s.runtime); err != nil {
		return nil, err
	}
	s.code, err = s.runtime.CompileModule(ctx, code)
	return s, err
}

// inHEIF calls use with an instance that has file. What goes wrong in it is, or
// wraps, a sentinel of this package, or is the error of ctx.
func inHEIF(ctx context.Context, file []byte, use func(*heifDecoder) error) error {
	s, err := theHEIFSandbox()
	if err != nil {
		return err
	}
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
	defer limitTime(end, instanceCPU, instanceTime)()
	module, err := s.runtime.InstantiateModule(experimental.WithMemoryAllocator(ctx, memory), s.code, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return blame(ctx, memory, fmt.Errorf("%w: %w", ErrRenderer, err))
	}
	defer module.Close(ctx)
	d := &heifDecoder{ctx: ctx, module: module, size: uint64(len(file))}
	if d.file, err = d.allocate(len(file)); err == nil {
		module.Memory().Write(uint32(d.file), file)
		d.told, err = d.allocate(4 * heifTold)
	}
	if err == nil {
		err = use(d)
	}
	return blame(ctx, memory, err)
}

// A heifDecoder decodes one picture.
type heifDecoder struct {
	ctx    context.Context
	module api.Module
	file   uint64 // where it is
	size   uint64
	told   uint64 // where it tells of the picture
}

// heifTold is how many numbers an instance tells of a picture: its sides, what
// its colours are, how they are shared, and whether opacity was multiplied in.
const heifTold = 5

func (d *heifDecoder) allocate(bytes int) (uint64, error) {
	at, err := d.module.ExportedFunction("malloc").Call(d.ctx, uint64(bytes))
	if err != nil || at[0] == 0 {
		return 0, fmt.Errorf("%w: no memory for %d bytes", ErrHEIF, bytes)
	}
	return at[0], nil
}

// call decodes the picture to a place, or tells of it alone.
func (d *heifDecoder) call(only, to uint64) (told [heifTold]int, err error) {
	ok, err := d.module.ExportedFunction("decode").Call(d.ctx, d.file, d.size, only,
		d.told, d.told+4, d.told+8, d.told+12, d.told+16, to)
	if err != nil {
		return told, fmt.Errorf("%w: it stopped", ErrHEIF)
	}
	numbers, read := d.module.Memory().Read(uint32(d.told), 4*heifTold)
	if ok[0] == 0 || !read {
		return told, fmt.Errorf("%w: it is not decoded", ErrHEIF)
	}
	for i := range told {
		told[i] = int(binary.LittleEndian.Uint32(numbers[4*i:]))
	}
	return told, nil
}

// tell returns what the picture is, without decoding it. The sides, which come
// first, are those of the upright picture in pixels.
func (d *heifDecoder) tell() ([heifTold]int, error) { return d.call(1, 0) }

// decode returns the upright picture. Its sides are allowed.
func (d *heifDecoder) decode() (image.Image, error) {
	told, err := d.tell()
	if err != nil {
		return nil, err
	}
	const ycc, rgb, gray = 0, 1, 2
	r := image.Rect(0, 0, told[0], told[1])
	stride := func(width int) int { return (width + 15) &^ 15 }
	wide, half := stride(r.Dx()), r.Dx()
	rows, ratio := r.Dy(), image.YCbCrSubsampleRatio444
	switch told[3] {
	case 1:
		half, rows, ratio = (half+1)/2, (rows+1)/2, image.YCbCrSubsampleRatio420
	case 2:
		half, ratio = (half+1)/2, image.YCbCrSubsampleRatio422
	}
	luma, chroma := wide*r.Dy(), stride(half)*rows
	size := map[int]int{ycc: luma + 2*chroma, rgb: stride(4*r.Dx()) * r.Dy(), gray: luma}[told[2]]
	if size == 0 {
		return nil, fmt.Errorf("%w: colours of kind %d", ErrHEIF, told[2])
	}
	to, err := d.allocate(size)
	if err != nil {
		return nil, err
	}
	if _, err := d.call(0, to); err != nil {
		return nil, err
	}
	pix, ok := d.module.Memory().Read(uint32(to), uint32(size))
	if !ok {
		return nil, fmt.Errorf("%w: no pixels", ErrHEIF)
	}
	pix = bytes.Clone(pix) // they are in the memory of the instance
	switch told[2] {
	case gray:
		return &image.Gray{Pix: pix, Stride: wide, Rect: r}, nil
	case rgb:
		return &image.NRGBA{Pix: pix, Stride: stride(4 * r.Dx()), Rect: r}, nil
	}
	return &image.YCbCr{
		Y: pix[:luma], Cb: pix[luma : luma+chroma], Cr: pix[luma+chroma:],
		YStride: wide, CStride: stride(half), SubsampleRatio: ratio, Rect: r,
	}, nil
}
