package handlers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/reader"
)

// Every limit of a file holds on both sides, with real files and the reader
// of the program.
func TestInferLimits(t *testing.T) {
	a := newDomain(t)
	a.saveDemo("서식", form.Service)
	silent := ocr.Func(func(ocr.Crop) (ocr.Text, error) { return ocr.Text{}, nil })
	a.readWith(reader.New(reader.Config{Engine: silent}))
	const (
		resolution = "The image resolution limit has been exceeded. Each side of the image must be between 10 px and 8000 px."
		tooMany    = "Request body invalid: a PDF or TIFF may have 5 pages at most"
		tooLarge   = "Request body invalid: the file is larger than 50 MB"
		unknown    = "The image format is not supported: send JPEG, PNG, PDF or TIFF."
	)
	for _, tt := range []struct {
		name, format string
		file         []byte
		images       int    // 0 for an error
		message      string // of each image, or of the error
	}{
		{"sides of 10 px", "png", blankPNG(t, 10, 10), 1, notFound},
		{"narrower", "png", blankPNG(t, 9, 10), 1, resolution},
		{"lower", "png", blankPNG(t, 10, 9), 1, resolution},
		{"8000 px wide", "png", blankPNG(t, 8000, 100), 1, notFound},
		{"wider", "png", blankPNG(t, 8001, 100), 1, resolution},
		{"8000 px high", "png", blankPNG(t, 100, 8000), 1, notFound},
		{"higher", "png", blankPNG(t, 100, 8001), 1, resolution},
		{"PDF of 5 pages", "pdf", blankPDF(5), 5, notFound},
		{"PDF of 6 pages", "pdf", blankPDF(6), 0, tooMany},
		{"50 MB", "jpg", bytes.Repeat([]byte{' '}, 50<<20), 1, unknown},
		{"one byte more", "jpg", bytes.Repeat([]byte{' '}, 50<<20+1), 0, tooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a.in(t)
			body, contentType := parts(t, "file:n", string(tt.file),
				"message", `{"version":"V2","requestId":"r","timestamp":0,"images":[{"format":"`+tt.format+`","name":"n"}]}`)
			got := a.call("", body, "Content-Type", contentType)
			var answer struct {
				Message string
				Images  []clova.Image2
			}
			if err := json.Unmarshal(got.body, &answer); err != nil {
				t.Fatal(err)
			}
			if len(answer.Images) != tt.images {
				t.Fatalf("%d images, want %d: %s", len(answer.Images), tt.images, got.body)
			}
			if tt.images == 0 && answer.Message != tt.message {
				t.Errorf("message %q, want %q", answer.Message, tt.message)
			}
			for _, image := range answer.Images {
				if image.Message != tt.message {
					t.Errorf("message %q, want %q", image.Message, tt.message)
				}
			}
		})
	}
}

// blankPDF returns a PDF of n small white pages.
func blankPDF(n int) []byte {
	var file bytes.Buffer
	var offsets []int
	object := func(text string) {
		offsets = append(offsets, file.Len())
		fmt.Fprintf(&file, "%d 0 obj\n%s\nendobj\n", len(offsets), text)
	}
	file.WriteString("%PDF-1.4\n")
	object("<</Type/Catalog/Pages 2 0 R>>")
	var kids strings.Builder
	for i := range n {
		fmt.Fprintf(&kids, "%d 0 R ", i+3)
	}
	object(fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", n, kids.String()))
	for range n {
		object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 144 144]>>")
	}
	start := file.Len()
	fmt.Fprintf(&file, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, at := range offsets {
		fmt.Fprintf(&file, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&file, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, start)
	return file.Bytes()
}
