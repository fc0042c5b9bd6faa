package cli

import (
	"os"

	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/ocr/tesseract"
)

type ocrWorkerCmd struct {
	Tessdata string `help:"Folder of Tesseract's language data." placeholder:"DIR"`
}

// Run reads crops until standard input ends.
func (c *ocrWorkerCmd) Run() error {
	e, err := tesseract.Open(c.Tessdata)
	if err != nil {
		return err
	}
	defer e.Close()
	return ocr.Serve(os.Stdin, os.Stdout, e)
}
