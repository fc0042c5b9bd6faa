// Gen draws the demo anew into a folder: the template, its picture and five
// scans with their truth. It needs the Nanum and Noto CJK fonts. With the
// same fonts it writes the same bytes.
package main

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"path/filepath"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/sample"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gen FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir string) error {
	blank, err := sample.DrawDemo()
	if err != nil {
		return err
	}
	return writeTemplate(dir, blank)
}

func writeTemplate(dir string, blank *sample.Blank) error {
	text, err := form.EncodeTemplate(blank.Template)
	if err != nil {
		return err
	}
	var picture bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&picture, blank.Image); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "template.json"), append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, blank.Template.ImageName), picture.Bytes(), 0o644)
}
