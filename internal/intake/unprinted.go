package intake

import (
	"context"

	"github.com/seosik/seosik/internal/form"
)

// Unprinted returns a page without what t, the version of the template that it was
// read with, has printed on it, as reader.Catalog.Unprinted does: in a turn of an API
// call, as a person waits for it.
func (in *Intake) Unprinted(ctx context.Context, p form.Page, t *form.Template) (picture []byte, err error) {
	err = in.Aside(ctx, func(ctx context.Context) error {
		catalog, err := in.catalogs.alone(ctx, t)
		if err != nil {
			return err
		}
		page, err := in.picture(ctx, p.Image)
		if err != nil {
			return err
		}
		defer page.Free()
		picture, err = catalog.Unprinted(ctx, page, p.TemplateToPage)
		return err
	})
	return picture, err
}
