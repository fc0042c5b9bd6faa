package reader

import (
	"context"
	"image"

	"github.com/seosik/seosik/internal/align"
	"github.com/seosik/seosik/internal/form"
)

// Findable returns the templates of c that have enough print to be found by.
func (c *Catalog) Findable() []*form.Template {
	list := make([]*form.Template, len(c.found))
	for i, e := range c.found {
		list[i] = e.template
	}
	return list
}

// Find returns which templates of c a page may be, the likeliest first, at most
// three; sure says whether it is taken for the first.
func (c *Catalog) Find(page *image.Gray) (near []form.Candidate, sure bool) {
	match, err := c.set.Find(page)
	return c.candidates(match), err == nil
}

// FindBlank returns the same for the picture of a template of c.
func (c *Catalog) FindBlank(ctx context.Context, t *form.Template) (near []form.Candidate, sure bool, err error) {
	blank, done, err := c.blanks.take(ctx, t.Image)
	if err != nil {
		return nil, false, err
	}
	defer done()
	near, sure = c.Find(blank)
	return near, sure, nil
}

func (c *Catalog) candidates(m align.Match) (list []form.Candidate) {
	for _, found := range m.Candidates {
		t := c.found[found.Index].template
		list = append(list, form.Candidate{Template: t.ID, Name: t.Name, Score: found.Score})
	}
	return list
}
