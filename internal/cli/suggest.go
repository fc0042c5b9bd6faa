package cli

import (
	"context"
	"errors"
	"fmt"
	"image"
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
	Pile     bool     `help:"The files are 3 to 20 filled copies of one form: what differs is taken away. What all of them have in the same place, such as a mark or a stamp, stays."`
	Paths    []string `arg:"" name:"file" help:"The blank form, a picture or a PDF; with --pile, filled copies."`
}

// Validate is called by kong once the flags are read.
func (c *templateSuggestCmd) Validate() error {
	if c.Page < 1 {
		return errors.New("--page must be at least 1")
	}
	if len(c.Paths) > 1 && !c.Pile {
		return errors.New("one file, or --pile and filled copies of a form")
	}
	return form.CheckLanguages(c.Lang)
}

// Run prints the template.json that suggestions alone make.
func (c *templateSuggestCmd) Run(ctx context.Context, out io.Writer) error {
	f, err := c.template(ctx)
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

// page returns a file, and the page of it that is asked for.
func (c *templateSuggestCmd) page(ctx context.Context, path string) ([]byte, scan.Page, error) {
	const most = 50 << 20 // bytes, as of an uploaded file
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, scan.Page{}, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return nil, scan.Page{}, err
	}
	page, err := scan.Nth(ctx, data, c.Page, scan.Limits{Bytes: most})
	if err != nil {
		return nil, scan.Page{}, fmt.Errorf("%s: page %d: %w", path, c.Page, err)
	}
	return data, page, nil
}

// template returns the template that is suggested, with its picture.
func (c *templateSuggestCmd) template(ctx context.Context) (_ *templatefile.File, err error) {
	pool, err := startPool(ctx, c.Tessdata, c.dirs(c.Data), runtime.NumCPU(), slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	found, shown, err := c.form(ctx, lineReader(pool, c.Lang))
	if err != nil {
		return nil, err
	}
	picture, imageName, err := found.Encode(shown)
	if err != nil {
		return nil, err
	}
	name := c.Name
	if name == "" {
		name = found.Name
	}
	if name == "" {
		name = strings.TrimSuffix(filepath.Base(c.Paths[0]), filepath.Ext(c.Paths[0]))
	}
	size := found.Picture.Bounds()
	t := found.Template(name, c.Lang, imageName, size.Dx(), size.Dy())
	t.Image = blob.KeyOf(picture)
	if err := t.Validate(); err != nil {
		return nil, err
	}
	return &templatefile.File{Template: t, Picture: picture}, nil
}

// form returns what is suggested for the blank, and the file of its picture if it
// has one.
func (c *templateSuggestCmd) form(ctx context.Context, engine ocr.Engine) (*suggest.Form, []byte, error) {
	if c.Pile {
		f, err := c.common(ctx, engine)
		return f, nil, err
	}
	file, page, err := c.page(ctx, c.Paths[0])
	if err != nil {
		return nil, nil, err
	}
	f, err := suggest.Blank(ctx, engine, page.Gray, page.Color, c.Lang)
	if err != nil {
		return nil, nil, err
	}
	return f, page.Shown, f.DeclareFrom(ctx, file, c.Page, scan.Limits{}, c.Lang)
}

// common returns what is suggested for what the files have in common.
func (c *templateSuggestCmd) common(ctx context.Context, engine ocr.Engine) (*suggest.Form, error) {
	common, err := suggest.Pile(ctx, len(c.Paths), func(i int) (*image.Gray, image.Image, error) {
		_, page, err := c.page(ctx, c.Paths[i])
		return page.Gray, page.Color, err
	})
	var strangers *suggest.StrangersError
	if errors.As(err, &strangers) {
		return nil, fmt.Errorf("not of the same form as the others: %s", c.names(strangers.Copies))
	}
	if err != nil {
		return nil, err
	}
	if len(common.Strangers) > 0 {
		fmt.Fprintf(os.Stderr, "left out, as of another form: %s\n", c.names(common.Strangers))
	}
	return common.Form(ctx, engine, c.Lang)
}

// names returns the names of the files with these numbers, from 0.
func (c *templateSuggestCmd) names(files []int) string {
	var names []string
	for _, i := range files {
		names = append(names, filepath.Base(c.Paths[i]))
	}
	return strings.Join(names, ", ")
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
