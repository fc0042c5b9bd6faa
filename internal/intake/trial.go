package intake

import (
	"context"
	"iter"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/reader"
)

// A Wish says whether a page, by its number from 1, is to be read, and where the
// form lies on it as a person has said; zero to find it.
type Wish func(number int) (templateToPage geom.Homography, wanted bool)

// Trial yields the pages of a file that are wanted, as they are read with t and no
// other template: a draft, or any version, with its lists. Nothing of it is kept.
// It takes a turn of an API call; an error ends the sequence.
func (in *Intake) Trial(ctx context.Context, t *form.Template, file []byte, wish Wish) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		load := func(k blob.Key) ([]byte, error) { return in.cfg.Blobs.Bytes(ctx, k) }
		catalog, err := reader.NewCatalog([]*form.Template{t}, load)
		if err != nil {
			yield(Result{}, err)
			return
		}
		want := func(number int) (Want, bool) {
			templateToPage, wanted := wish(number)
			return Want{Catalog: catalog, TemplateToPage: templateToPage}, wanted
		}
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
