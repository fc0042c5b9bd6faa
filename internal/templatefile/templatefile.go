// Package templatefile reads and writes the template file: a folder or ZIP of
// template.json and its picture.
package templatefile

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/scan"
)

const (
	jsonName = "template.json"
	maxJSON  = 8 << 20  // bytes
	maxImage = 50 << 20 // bytes
	maxFiles = 1000     // entries of a ZIP that are looked at
)

// A File is one template with the bytes of its picture.
type File struct {
	Template *form.Template // its Image is the key of Picture
	Picture  []byte         // PNG or JPEG
}

// Open reads the template at name: a folder with template.json, a
// template.json itself, or a ZIP. Defects of the template
// come all at once, as a *form.InvalidTemplateError, and those of the file around
// it as a *form.InvalidError. Where all that is wrong is what a draft may have,
// the File comes with them.
func Open(ctx context.Context, name string) (*File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return read(ctx, os.DirFS(name), jsonName)
	}
	if filepath.Ext(name) == ".json" {
		return read(ctx, os.DirFS(filepath.Dir(name)), filepath.Base(name))
	}
	if info.Size() > maxJSON+maxImage {
		return nil, form.Invalid("", "the file is larger than %d MB", (maxJSON+maxImage)>>20)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return Unzip(ctx, data)
}

// Unzip reads the template in a ZIP, as Open does: template.json and its picture,
// both at the top or both in one folder.
func Unzip(ctx context.Context, data []byte) (*File, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, form.Invalid("", "the file is not a ZIP")
	}
	if len(z.File) > maxFiles {
		return nil, form.Invalid("", "the ZIP has more than %d files", maxFiles)
	}
	found := ""
	for _, f := range z.File {
		if path.Base(f.Name) != jsonName || strings.HasPrefix(f.Name, "__MACOSX/") {
			continue
		}
		if found != "" {
			return nil, form.Invalid("", "the ZIP has more than one %s", jsonName)
		}
		found = f.Name
	}
	if found == "" {
		return nil, form.Invalid("", "the ZIP has no %s", jsonName)
	}
	return read(ctx, z, found)
}

func read(ctx context.Context, fsys fs.FS, name string) (*File, error) {
	return parse(ctx, path.Base(name), func(file string, limit int64) ([]byte, error) {
		return readFile(fsys, path.Join(path.Dir(name), file), limit)
	})
}

// FromFiles reads a template, as Open does, whose files came one by one, by name:
// either a ZIP alone, or template.json and its picture.
func FromFiles(ctx context.Context, files map[string][]byte) (*File, error) {
	if _, ok := files[jsonName]; !ok && len(files) == 1 {
		for _, data := range files {
			return Unzip(ctx, data)
		}
	}
	return parse(ctx, jsonName, func(file string, _ int64) ([]byte, error) {
		data, ok := files[file]
		if !ok {
			return nil, missing(file)
		}
		return data, nil
	})
}

// parse reads the template whose text is called name. Get returns the files
// beside it.
func parse(ctx context.Context, name string, get func(file string, limit int64) ([]byte, error)) (*File, error) {
	text, err := get(name, maxJSON)
	if err != nil {
		return nil, err
	}
	t, defects := form.DecodeTemplate(text)
	if defects != nil && !kept(t, defects) {
		return nil, defects
	}
	picture, err := get(t.ImageName, maxImage)
	if err == nil {
		err = checkPicture(ctx, t, picture)
	}
	if err != nil {
		return nil, cmp.Or(defects, err)
	}
	t.Image = blob.KeyOf(picture)
	return &File{t, picture}, defects
}

// kept reports whether t, as it was read, has all the defects of its text: those
// that it does not have would be lost with what they are about.
func kept(t *form.Template, defects error) bool {
	all, ok := errors.AsType[*form.InvalidTemplateError](defects)
	return ok && all.More == 0 && slices.EqualFunc(t.Defects(), all.Defects, func(a, b form.Defect) bool { return a.String() == b.String() })
}

func missing(name string) error { return form.BadTemplate(name, form.DefectNoFile) }

func readFile(fsys fs.FS, name string, limit int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
			return nil, missing(path.Base(name))
		}
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, form.Invalid(path.Base(name), "cannot be read: %s", err)
	}
	if int64(len(data)) > limit {
		return nil, form.Invalid(path.Base(name), "is larger than %d MB", limit>>20)
	}
	return data, nil
}

// checkPicture wants one picture that browsers show, of the stated size.
func checkPicture(ctx context.Context, t *form.Template, picture []byte) error {
	if kind := http.DetectContentType(picture); kind != "image/png" && kind != "image/jpeg" {
		return form.BadTemplate("image", form.DefectPicture, t.ImageName)
	}
	for page, err := range scan.Pages(ctx, picture, scan.Limits{Bytes: maxImage}) {
		if err != nil {
			return form.BadTemplate("image", form.DefectPictureDamaged, t.ImageName, strings.TrimPrefix(err.Error(), "scan: "))
		}
		if b := page.Gray.Bounds(); b.Dx() != t.Width || b.Dy() != t.Height {
			return form.BadTemplate("width, height", form.DefectPictureSize, t.Width, t.Height, b.Dx(), b.Dy())
		}
	}
	return ctx.Err()
}

// Zip writes f as a ZIP.
func Zip(w io.Writer, f *File) error {
	text, err := form.EncodeTemplate(f.Template)
	if err != nil {
		return fmt.Errorf("write template: %w", err)
	}
	z := zip.NewWriter(w)
	for _, entry := range []struct {
		name string
		data []byte
	}{{jsonName, text}, {f.Template.ImageName, f.Picture}} {
		out, err := z.Create(entry.name)
		if err != nil {
			return fmt.Errorf("write template: %w", err)
		}
		if _, err := out.Write(entry.data); err != nil {
			return fmt.Errorf("write template: %w", err)
		}
	}
	return z.Close()
}
