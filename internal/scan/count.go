package scan

import (
	"context"
	"errors"
)

// CheckPages returns ErrTooManyPages if file has more pages than limits.Pages.
// It decodes none of them, and leaves whatever else is wrong with the file to
// Pages.
func CheckPages(ctx context.Context, file []byte, limits Limits) error {
	limits = limits.withDefaults()
	many := false
	switch {
	case len(file) > limits.Bytes:
	case isTIFF(file):
		t, err := openTIFF(file)
		if err != nil {
			return nil
		}
		pages, _ := t.pages(limits.Pages)
		many = len(pages) > limits.Pages
	case isPDF(file):
		doc, err := openPDF(ctx, file)
		if err != nil {
			return nil
		}
		defer doc.close()
		_, err = doc.pageSizes(ctx, limits.Pages)
		many = errors.Is(err, ErrTooManyPages)
	}
	if many {
		return ErrTooManyPages
	}
	return nil
}
