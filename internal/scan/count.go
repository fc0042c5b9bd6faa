package scan

import (
	"context"
	"errors"
)

// Count returns how many pages Pages yields, those that cannot be read
// included, without decoding one. It returns the error with which Pages would
// end the whole file.
func Count(ctx context.Context, file []byte, limits Limits) (int, error) {
	limits = limits.withDefaults()
	switch err := ctx.Err(); {
	case err != nil:
		return 0, err
	case len(file) == 0:
		return 0, ErrEmpty
	case len(file) > limits.Bytes:
		return 0, ErrTooLarge
	case isTIFF(file):
		pages, broken, err := tiffDirectories(ctx, file, limits)
		if broken != nil {
			return len(pages) + 1, err
		}
		return len(pages), err
	case isPDF(file):
		return pdfCount(ctx, file, limits)
	default:
		if _, err := pictureDecoder(file); err != nil {
			return 0, err
		}
		return 1, nil
	}
}

// CheckPages returns ErrTooManyPages if file has more pages than limits.Pages.
// It decodes none of them, and leaves whatever else is wrong with the file to
// Pages.
func CheckPages(ctx context.Context, file []byte, limits Limits) error {
	if _, err := Count(ctx, file, limits); errors.Is(err, ErrTooManyPages) {
		return ErrTooManyPages
	}
	return nil
}
