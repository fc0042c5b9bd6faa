package intake

import (
	"context"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/reader"
)

// KeepSnippets stores snippets, all of a page in one blob: a page has a dozen, and a
// folder of a million pages must not have a dozen million files.
func KeepSnippets(ctx context.Context, blobs blob.Store, snippets []reader.Snippet) (kept form.Snippets, err error) {
	if len(snippets) == 0 {
		return kept, nil
	}
	var all []byte
	for _, s := range snippets {
		kept.Parts = append(kept.Parts, form.Snippet{Field: s.Field, Place: s.Place, Start: int64(len(all)), Size: int64(len(s.Image))})
		all = append(all, s.Image...)
	}
	kept.Blob, err = blobs.Put(ctx, all)
	return kept, err
}
