package demo

import (
	"bytes"
	"errors"
	"image/png"
	"path"
	"slices"
	"testing"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/sample"
)

func TestTemplate(t *testing.T) {
	d := Load()
	template, err := form.DecodeTemplate(d.Template)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.DecodeConfig(bytes.NewReader(d.Picture))
	if err != nil {
		t.Fatal(err)
	}
	if picture.Width != template.Width || picture.Height != template.Height {
		t.Errorf("the picture is %d x %d px, the template says %d x %d", picture.Width, picture.Height, template.Width, template.Height)
	}
}

func TestScans(t *testing.T) {
	d := Load()
	template, err := form.DecodeTemplate(d.Template)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	size := len(d.Template) + len(d.Picture)
	for _, s := range d.Scans {
		names = append(names, s.Name)
		size += len(s.Data)
		magic := map[string]string{".jpg": "\xff\xd8\xff", ".tif": "II*\x00", ".pdf": "%PDF-"}[path.Ext(s.Name)]
		if magic == "" || !bytes.HasPrefix(s.Data, []byte(magic)) {
			t.Errorf("%s is no such file", s.Name)
		}
		for i, page := range s.Pages {
			checkPage(t, template, s.Name, i+1, page)
		}
	}
	want := []string{"신청서-01.jpg", "신청서-02.jpg", "신청서-03.jpg", "신청서-04.tif", "신청서-05.pdf"}
	if !slices.Equal(names, want) {
		t.Errorf("scans = %v, want %v", names, want)
	}
	if size > 1500_000 {
		t.Errorf("the demo adds %d bytes to the program", size)
	}
}

// checkPage wants a truth for each field, and one that the rules allow:
// what a clerk finds doubtful must be the machine's reading, not the paper.
func checkPage(t *testing.T, template *form.Template, name string, number int, page map[form.FieldID]Truth) {
	t.Helper()
	places := template.Places()
	if len(page) != len(places) {
		t.Errorf("%s page %d: %d values for %d fields", name, number, len(page), len(places))
	}
	for _, f := range places {
		if p := f.Problems(page[f.ID].Text); len(p) > 0 {
			t.Errorf("%s page %d: %s is %q: %v", name, number, f.ID, page[f.ID].Text, p)
		}
	}
}

func TestIsDrawnAsEmbedded(t *testing.T) {
	blank, err := sample.DrawDemo()
	if errors.Is(err, sample.ErrNoFont) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := form.EncodeTemplate(blank.Template)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.TrimSpace(text), bytes.TrimSpace(Load().Template)) {
		t.Error("the embedded template is not the one that is drawn: run go generate")
	}
}
