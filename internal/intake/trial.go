package intake

import (
	"context"
	"iter"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/reader"
)

// Trial yields the pages of a file, by their number from 1, as they are read with
// t and no other template: a draft, or any version, with its lists. Where
// templateToPage is not zero the form lies there. Nothing of it is kept. It takes
// a turn of an API call; an error ends the sequence.
func (in *Intake) Trial(ctx context.Context, t *form.Template, file []byte, templateToPage geom.Homography) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		load := func(k blob.Key) ([]byte, error) { return in.cfg.Blobs.Bytes(ctx, k) }
		catalog, err := reader.NewCatalog([]*form.Template{t}, load)
		if err != nil {
			yield(Result{}, err)
			return
		}
		want := func(int) (Want, bool) { return Want{Catalog: catalog, TemplateToPage: templateToPage}, true }
		err = in.Aside(ctx, func(ctx context.Context) error {
			for r, err := range in.cfg.Reader.Read(ctx, file, want) {
				if err != nil {
					return err
				}
				if !yield(r, nil) {
					break
				}
			}
			return nil
		})
		if err != nil {
			yield(Result{}, err)
		}
	}
}
