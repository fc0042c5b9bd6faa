package intake

import (
	"context"
	"iter"
	"slices"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
)

// A Reader reads documents.
type Reader interface {
	// Read yields the pages of file in order. A page that cannot be read is a
	// result in form.StateFailed; an error ends the sequence.
	Read(ctx context.Context, file []byte, cat *Catalog) iter.Seq2[Result, error]
}

// A Result is what was read from one page.
type Result struct {
	Page     form.Page
	Readings []form.Reading
	Title    form.Reading
	Image    []byte // JPEG or PNG, upright
}

// A Catalog is the templates to look for.
type Catalog struct{ templates []*form.Template }

// NewCatalog prepares templates.
func NewCatalog(templates []*form.Template, _ func(blob.Key) ([]byte, error)) (*Catalog, error) {
	return &Catalog{templates}, nil
}

// Only returns the part of c that consists of the given templates.
func (c *Catalog) Only(ids ...form.TemplateID) *Catalog {
	var some []*form.Template
	for _, t := range c.templates {
		if slices.Contains(ids, t.ID) {
			some = append(some, t)
		}
	}
	return &Catalog{some}
}
