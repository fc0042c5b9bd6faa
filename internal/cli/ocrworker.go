package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/ocr/ppocr"
	"github.com/seosik/seosik/internal/ocr/tesseract"
)

type ocrWorkerCmd struct {
	Tessdata string   `help:"Folder of Tesseract's language data." placeholder:"DIR"`
	Models   []string `help:"Folder of models; may be repeated." sep:"none" placeholder:"DIR"`
}

// Run reads crops until standard input ends, with the readers that are
// installed. What keeps a reader from being used goes to standard error. It
// is confined before it loads them, to what they are made of; where that is not
// possible, the pool says so.
func (c *ocrWorkerCmd) Run() error {
	if err := ocr.Confine(append(tesseract.Places(c.Tessdata), c.Models...)...); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	var (
		engines []ocr.Engine
		errs    []error
	)
	if e, err := tesseract.Open(c.Tessdata); err == nil {
		defer e.Close()
		engines = append(engines, e)
	} else {
		errs = append(errs, err)
	}
	if e, err := ppocr.Open(c.Models); err == nil {
		defer e.Close()
		engines = append(engines, e)
	} else {
		errs = append(errs, err)
	}
	if len(engines) == 0 {
		return errors.Join(errs...)
	}
	for _, err := range errs {
		fmt.Fprintln(os.Stderr, err)
	}
	return ocr.Serve(os.Stdin, os.Stdout, engines...)
}
