package intake

import (
	"context"
	"iter"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/reader"
)

// A Reader reads documents: a *reader.Reader, except in tests.
type Reader interface {
	// Pages returns how many pages file has. Where it cannot be read as a whole,
	// failure says why.
	Pages(ctx context.Context, file []byte) (n int, failure form.Failure, err error)
	// Read yields the pages of file that are wanted in order. A page that cannot
	// be read is a result in form.StateFailed; an error ends the sequence.
	Read(ctx context.Context, file []byte, cat *Catalog, wanted func(number int) bool) iter.Seq2[Result, error]
	// ReadPage reads page number of file, from 1: by the only template of cat
	// as lying where a person has said, or as Read does where templateToPage
	// is zero.
	ReadPage(ctx context.Context, file []byte, number int, cat *Catalog, templateToPage geom.Homography) (Result, error)
}

// What a Reader reads by and makes.
type (
	Catalog   = reader.Catalog
	Result    = reader.Result
	Placement = reader.Placement
)
