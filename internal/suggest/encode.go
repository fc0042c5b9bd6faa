package suggest

import (
	"bytes"
	"image/png"
	"net/http"

	"github.com/seosik/seosik/internal/geom"
)

// Encode returns the picture of f as a template file has it, and a name for its
// file: shown, the bytes of the page itself, where they are PNG or JPEG and the
// page was straight, or else PNG.
func (f *Form) Encode(shown []byte) (picture []byte, name string, err error) {
	if f.StraightToPage == geom.Identity {
		switch http.DetectContentType(shown) {
		case "image/png":
			return shown, "template.png", nil
		case "image/jpeg":
			return shown, "template.jpg", nil
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, f.Picture); err != nil {
		return nil, "", err
	}
	return b.Bytes(), "template.png", nil
}
