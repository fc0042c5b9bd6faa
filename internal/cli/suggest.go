package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/scan"
	"github.com/seosik/seosik/internal/suggest"
	"github.com/seosik/seosik/internal/templatefile"
)

type templateSuggestCmd struct {
	dataFlag
	modelsFlag
	Tessdata string   `help:"Folder of Tesseract's language data; empty to find it." env:"SEOSIK_TESSDATA" placeholder:"DIR"`
	Lang     []string `help:"Languages of the form, separated by commas: ko, ja, zh-TW, en. The first one leads." default:"ko"`
	Page     int      `help:"Page of the file, from 1." default:"1"`
	Name     string   `help:"Name of the template; without it, its title, or the name of the file."`
	Output   string   `short:"o" help:"ZIP of the template and its straightened picture to write as well, for template import; must not exist." placeholder:"ZIP"`
	Path     string   `arg:"" name:"file" help:"The blank form: a picture or a PDF."`
}

// Validate is called by kong once the flags are read.
func (c *templateSuggestCmd) Validate() error {
	if c.Page < 1 {
		return errors.New("--page must be at least 1")
	}
	return form.CheckLanguages(c.Lang)
}

// Run prints the template.json that suggestions alone make.
func (c *templateSuggestCmd) Run(ctx context.Context, out io.Writer) error {
	page, err := c.page(ctx)
	if err != nil {
		return err
	}
	f, err := c.suggest(ctx, page)
	if err != nil {
		return err
	}
	if c.Output != "" {
		if err := writeZip(c.Output, f); err != nil {
			return err
		}
	}
	text, err := form.EncodeTemplate(f.Template)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\n", text)
	return err
}

// page decodes the page that is asked for.
func (c *templateSuggestCmd) page(ctx context.Context) (scan.Page, error) {
	const most = 50 << 20 // bytes, as of an uploaded file
	file, err := os.Open(filepath.Clean(c.Path))
	if err != nil {
		return scan.Page{}, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return scan.Page{}, err
	}
	page, err := scan.Nth(ctx, data, c.Page, scan.Limits{Bytes: most})
	if err != nil {
		return scan.Page{}, fmt.Errorf("%s: page %d: %w", c.Path, c.Page, err)
	}
	return page, nil
}

// suggest returns the template of a page, with its picture.
func (c *templateSuggestCmd) suggest(ctx context.Context, page scan.Page) (_ *templatefile.File, err error) {
	pool, err := startPool(ctx, c.Tessdata, c.dirs(c.Data), runtime.NumCPU(), slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	found, err := suggest.Blank(ctx, lineReader(pool, c.Lang), page.Gray, page.Color, c.Lang)
	if err != nil {
		return nil, err
	}
	picture, imageName, err := found.Encode(page.Shown)
	if err != nil {
		return nil, err
	}
	name := c.Name
	if name == "" {
		name = found.Name
	}
	if name == "" {
		name = strings.TrimSuffix(filepath.Base(c.Path), filepath.Ext(c.Path))
	}
	size := page.Gray.Rect
	t := found.Template(name, c.Lang, imageName, size.Dx(), size.Dy())
	t.Image = blob.KeyOf(picture)
	if err := t.Validate(); err != nil {
		return nil, err
	}
	return &templatefile.File{Template: t, Picture: picture}, nil
}

// lineReader returns the reader of pool that is better at lines of print in the
// leading language.
func lineReader(pool *ocr.Pool, languages []string) ocr.Engine {
	if second := pool.Second(); second != nil && slices.Contains(second.Languages(), languages[0]) {
		return second
	}
	return pool
}

// writeZip writes the template file f as a ZIP that is not there yet.
func writeZip(name string, f *templatefile.File) (err error) {
	out, err := os.OpenFile(filepath.Clean(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	return templatefile.Zip(out, f)
}
