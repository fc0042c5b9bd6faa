package sample

import (
	"bytes"
	"errors"
	"image/png"
	"testing"

	"github.com/seosik/seosik/internal/form"
)

func TestDemoTemplate(t *testing.T) {
	d := Demo()
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

// skipWithoutFonts skips a test where err says that fonts are missing.
func skipWithoutFonts(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, ErrNoFont) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}
