package intake

import (
	"context"
	"iter"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/reader"
)

// A Reader reads documents: a *reader.Reader, except in tests.
type Reader interface {
	// Pages returns how many pages file has. Where it cannot be read as a whole,
	// failure says why.
	Pages(ctx context.Context, file []byte) (n int, failure form.Failure, err error)
	// Read yields the pages of file that are wanted in order. A page that cannot
	// be read is a result in form.StateFailed; an error ends the sequence.
	Read(ctx context.Context, file []byte, want func(number int) (Want, bool)) iter.Seq2[Result, error]
}

// What a Reader reads by and makes.
type (
	Catalog   = reader.Catalog
	Want      = reader.Want
	Result    = reader.Result
	Placement = reader.Placement
)
