package scan

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// drawnDPI is the resolution at which pages are drawn that are not one
// scanned picture, unless they are so large that they would take more than
// drawnPixels: some more than A2, which Poppler draws in about a second.
const (
	drawnDPI    = 200
	drawnPixels = 16_000_000
)

// What one run of one of Poppler's programs may take.
const (
	popplerMemory = 1536 << 10 // KiB of addresses
	popplerCPU    = 5          // seconds of processor time
	popplerLast   = 2          // seconds more, after which it is ended if it takes no notice
	popplerTime   = 30 * time.Second
)

func isPDF(file []byte) bool {
	return bytes.Contains(file[:min(len(file), 1024)], []byte("%PDF-"))
}

// pdfPages yields the pages of a PDF. Each is drawn by a process of its own:
// one that cannot be drawn does not stop the others.
func pdfPages(ctx context.Context, file []byte, limits Limits, wanted func(int) bool, yield func(Page, error) bool) {
	doc, err := openPDF(limits.Dir, file)
	if err != nil {
		yield(Page{}, err)
		return
	}
	defer doc.close()
	sizes, err := doc.pageSizes(ctx, limits.Pages)
	if err != nil {
		yield(Page{}, err)
		return
	}
	for i, size := range sizes {
		n := i + 1
		if !wanted(n) {
			continue
		}
		if !yield(guardPage(ctx, n, func() (Page, error) { return doc.page(ctx, n, size, limits) })) {
			return
		}
	}
}

func pdfCount(ctx context.Context, file []byte, limits Limits) (int, error) {
	doc, err := openPDF(limits.Dir, file)
	if err != nil {
		return 0, err
	}
	defer doc.close()
	sizes, err := doc.pageSizes(ctx, limits.Pages)
	return len(sizes), err
}

// A pdf is a PDF file in a directory of its own.
type pdf struct {
	dir string
}

func openPDF(parent string, file []byte) (*pdf, error) {
	for _, program := range []string{"pdfinfo", "pdfimages", "pdftoppm"} {
		if _, err := exec.LookPath(program); err != nil {
			return nil, fmt.Errorf("scan: PDF needs Poppler's programs (Debian's poppler-utils): %w", err)
		}
	}
	dir, err := os.MkdirTemp(parent, "seosik-pdf-")
	if err != nil {
		return nil, fmt.Errorf("scan: %w", err)
	}
	doc := &pdf{dir}
	if err := os.WriteFile(filepath.Join(dir, "file.pdf"), file, 0o600); err != nil {
		doc.close()
		return nil, fmt.Errorf("scan: %w", err)
	}
	return doc, nil
}

func (d *pdf) close() { os.RemoveAll(d.dir) }

// A pageSize is the size of a page as it is stored, before it is turned.
type pageSize struct {
	width, height float64 // points, 1/72 inch
	rotate        int     // degrees clockwise
}

// upright returns the size of the page as people see it.
func (s pageSize) upright() pageSize {
	if s.rotate%180 != 0 {
		return pageSize{width: s.height, height: s.width}
	}
	return pageSize{width: s.width, height: s.height}
}

// pageSizes returns the sizes of all pages, at most limit.
func (d *pdf) pageSizes(ctx context.Context, limit int) (sizes []pageSize, err error) {
	err = guard(ctx, func() (err error) {
		sizes, err = d.sizes(ctx, limit)
		return err
	})
	return sizes, err
}

func (d *pdf) sizes(ctx context.Context, limit int) ([]pageSize, error) {
	out, err := d.run(ctx, "pdfinfo", "-f", "1", "-l", strconv.Itoa(limit), "file.pdf")
	if err != nil {
		return nil, err
	}
	sizes, count := parsePDFInfo(out)
	if count > limit {
		return nil, fmt.Errorf("%w: %d", ErrTooManyPages, count)
	}
	if count < 1 || len(sizes) != count {
		return nil, fmt.Errorf("%w: %d pages of %d", ErrDamaged, len(sizes), count)
	}
	return sizes, nil
}

// parsePDFInfo reads the output of pdfinfo: the sizes of pages 1, 2, … as far
// as they are told, and how many pages the file says it has.
func parsePDFInfo(out []byte) (sizes []pageSize, count int) {
	for line := range strings.Lines(string(out)) {
		key, value, _ := strings.Cut(line, ":")
		words := strings.Fields(key)
		switch {
		case key == "Pages":
			count, _ = strconv.Atoi(strings.TrimSpace(value))
			sizes = nil // of a page whose size stands before, in a title of several lines
		case len(words) != 3 || words[0] != "Page":
		case words[2] == "size" && words[1] == strconv.Itoa(len(sizes)+1):
			var s pageSize
			if _, err := fmt.Sscanf(value, "%g x %g", &s.width, &s.height); err != nil {
				s = pageSize{} // the page is refused for it
			}
			sizes = append(sizes, s)
		case words[2] == "rot" && len(sizes) > 0 && words[1] == strconv.Itoa(len(sizes)):
			sizes[len(sizes)-1].rotate, _ = strconv.Atoi(strings.TrimSpace(value))
		}
	}
	return sizes, count
}

// page draws page n, whose size is known.
func (d *pdf) page(ctx context.Context, n int, size pageSize, limits Limits) (Page, error) {
	size = size.upright()
	if !(size.width > 0 && size.height > 0) {
		return Page{}, fmt.Errorf("%w: the page has no size", ErrDamaged)
	}
	g, err := d.grid(ctx, n, size, limits)
	if err != nil {
		return Page{}, err
	}
	page := Page{DPI: g.x}
	width, height := g.sides(size)
	if err := limits.checkSides(width, height); err != nil {
		return Page{}, err
	}
	if err := limits.stay.enter(ctx, width, height, 0); err != nil {
		return Page{}, err
	}
	number := strconv.Itoa(n)
	args := []string{
		"-f", number, "-l", number, "-cropbox",
		"-rx", strconv.FormatFloat(g.x, 'f', -1, 64), "-ry", strconv.FormatFloat(g.y, 'f', -1, 64), "file.pdf",
	}
	err = d.stream(ctx, func(r io.Reader) error {
		img, err := readPPM(r, limits)
		if err == nil {
			page.Gray, page.Color, _ = split(img)
		}
		return err
	}, "pdftoppm", args...)
	return page, err
}

// A grid is the resolution at which a page is drawn.
type grid struct {
	x, y float64 // pixels an inch
}

// sides returns the sides of a page drawn on the grid, in pixels.
func (g grid) sides(size pageSize) (width, height int) {
	side := func(points, dpi float64) int {
		return int(math.Ceil(min(points*dpi/72, math.MaxInt32)))
	}
	return side(size.width, g.x), side(size.height, g.y)
}

// grid returns the resolution for page n. A page that is one scanned picture
// is drawn on the pixels of that picture, which gives these pixels themselves:
// no detail is lost, none is made up, and yet what lies over the picture, a
// rotation or a mask is as people see it. Any other is drawn at drawnDPI, or
// coarser where it would become too large.
func (d *pdf) grid(ctx context.Context, n int, size pageSize, limits Limits) (grid, error) {
	number := strconv.Itoa(n)
	out, err := d.run(ctx, "pdfimages", "-list", "-f", number, "-l", number, "file.pdf")
	if err != nil && !errors.Is(err, ErrDamaged) {
		return grid{}, err
	}
	images := parsePDFImages(out) // none where they cannot be listed
	if n := pixels(images); n > 4*float64(limits.MaxSide)*float64(limits.MaxSide) {
		return grid{}, fmt.Errorf("%w: pictures of %.3g pixels", ErrResolution, n)
	}
	if g, ok := scannedGrid(images, size); ok && limits.checkSides(g.sides(size)) == nil {
		return g, nil
	}
	largest := float64(limits.MaxSide) - .5 // so that rounding up stays allowed
	dpi := min(drawnDPI, largest*72/max(size.width, size.height),
		72*math.Sqrt(drawnPixels/size.width/size.height))
	return grid{dpi, dpi}, nil
}

// A pdfImage is a picture on a page as pdfimages lists it.
type pdfImage struct {
	width, height int     // pixels
	xPPI, yPPI    float64 // pixels an inch of the page, rounded to whole ones
}

// parsePDFImages reads the output of pdfimages -list.
func parsePDFImages(out []byte) []pdfImage {
	var images []pdfImage
	for line := range strings.Lines(string(out)) {
		// page num type width height color comp bpc enc interp object ID x-ppi y-ppi size ratio
		f := strings.Fields(line)
		if len(f) < 14 {
			continue
		}
		var img pdfImage
		var err [4]error
		img.width, err[0] = strconv.Atoi(f[3])
		img.height, err[1] = strconv.Atoi(f[4])
		img.xPPI, err[2] = strconv.ParseFloat(f[len(f)-4], 64)
		img.yPPI, err[3] = strconv.ParseFloat(f[len(f)-3], 64)
		if errors.Join(err[:]...) == nil {
			images = append(images, img)
		}
	}
	return images
}

// pixels returns how many pixels images have, which is what drawing them takes
// even where the page is drawn small.
func pixels(images []pdfImage) float64 {
	total := 0.0
	for _, img := range images {
		total += float64(img.width) * float64(img.height)
	}
	return total
}

// scannedGrid returns the grid of the only picture on a page, if it covers
// the page, lying or turned.
func scannedGrid(images []pdfImage, size pageSize) (grid, bool) {
	if len(images) != 1 {
		return grid{}, false
	}
	img := images[0]
	for _, sides := range [][2]int{{img.width, img.height}, {img.height, img.width}} {
		// Half a pixel less than the picture has: Poppler rounds the sides of
		// pages and pictures up, and must come to just these.
		g := grid{(float64(sides[0]) - .5) * 72 / size.width, (float64(sides[1]) - .5) * 72 / size.height}
		x, y := img.xPPI, img.yPPI
		if sides[0] != img.width {
			x, y = y, x
		}
		if math.Abs(g.x-x) <= 1 && math.Abs(g.y-y) <= 1 {
			return g, true
		}
	}
	return grid{}, false
}

// readPPM reads a picture as pdftoppm writes it: binary PPM of 8 bits.
func readPPM(r io.Reader, limits Limits) (*image.RGBA, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	var width, height, most int
	if _, err := fmt.Fscanf(b, "P6\n%d %d\n%d\n", &width, &height, &most); err != nil || most != 255 {
		return nil, fmt.Errorf("%w: no picture of the page", ErrDamaged)
	}
	if err := limits.checkSides(width, height); err != nil {
		return nil, err
	}
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	row := make([]byte, 3*width)
	for y := range height {
		if _, err := io.ReadFull(b, row); err != nil {
			return nil, fmt.Errorf("%w: the picture of the page is cut off", ErrDamaged)
		}
		out := img.Pix[y*img.Stride:]
		for x := range width {
			out[4*x], out[4*x+1], out[4*x+2], out[4*x+3] = row[3*x], row[3*x+1], row[3*x+2], 255
		}
	}
	return img, nil
}

// run runs one of Poppler's programs and returns what it wrote.
func (d *pdf) run(ctx context.Context, program string, args ...string) ([]byte, error) {
	var out []byte
	err := d.stream(ctx, func(r io.Reader) (err error) {
		out, err = io.ReadAll(io.LimitReader(r, 1<<20))
		return err
	}, program, args...)
	return out, err
}

// stream runs one of Poppler's programs, within its limits, while read reads
// what it writes.
func (d *pdf) stream(ctx context.Context, read func(io.Reader) error, program string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, popplerTime)
	defer cancel()
	limit := fmt.Sprintf(`ulimit -v %d -c 0; ulimit -S -t %d; ulimit -H -t %d; exec "$0" "$@"`, popplerMemory, popplerCPU, popplerCPU+popplerLast)
	cmd := exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", limit, program}, args...)...)
	cmd.Dir = d.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "HOME=" + d.dir, "TMPDIR=" + d.dir}
	cmd.WaitDelay = time.Second
	stderr := &prefix{limit: 4 << 10}
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("scan: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("scan: %w", err)
	}
	written := &toEnd{r: out}
	readErr := read(written)
	stopped := readErr != nil && !written.ended
	if stopped {
		cancel() // nobody reads what it writes any more
	}
	waitErr := cmd.Wait()
	switch {
	case strings.Contains(stderr.String(), "Incorrect password"):
		return ErrEncrypted
	case !stopped && waitErr != nil && interrupted(cmd.ProcessState, stderr.String()):
		return fmt.Errorf("%w: %s: %w", ErrRenderer, program, waitErr)
	case readErr != nil:
		return readErr
	case waitErr != nil:
		return fmt.Errorf("%w: %s: %w", ErrDamaged, program, waitErr)
	}
	return nil
}

// interrupted reports whether one of Poppler's programs ended for a reason that
// does not lie in the file: somebody ended it, it could not be loaded, or it
// could not open the file, which is there. What a file can make it do is to run
// out of its own time or memory, or to crash.
func interrupted(s *os.ProcessState, stderr string) bool {
	const cannotRun, notFound = 126, 127 // of a shell
	if status, ok := s.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		switch status.Signal() {
		case syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP:
			return true
		}
	}
	return s.ExitCode() == cannotRun || s.ExitCode() == notFound || strings.Contains(stderr, "Couldn't open file")
}

// A toEnd remembers whether r was read to its end.
type toEnd struct {
	r     io.Reader
	ended bool
}

func (t *toEnd) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.ended = t.ended || err != nil
	return n, err
}

// A prefix keeps the beginning of what is written to it.
type prefix struct {
	strings.Builder
	limit int // bytes
}

func (p *prefix) Write(b []byte) (int, error) {
	p.Builder.Write(b[:min(len(b), max(0, p.limit-p.Len()))])
	return len(b), nil
}
