package intake

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/reader"
)

func TestSnippetsLieInOneBlob(t *testing.T) {
	h := newHouse(t)
	kept, err := KeepSnippets(t.Context(), h.blobs, []reader.Snippet{{Field: "a", Image: []byte("first")}, {Field: "b", Place: 2, Image: []byte("second")}})
	if err != nil {
		t.Fatal(err)
	}
	want := form.Snippets{Blob: blob.KeyOf([]byte("firstsecond")), Parts: []form.Snippet{{Field: "a", Size: 5}, {Field: "b", Place: 2, Start: 5, Size: 6}}}
	if diff := cmp.Diff(want, kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	if data, err := h.blobs.Bytes(t.Context(), kept.Blob); string(data) != "firstsecond" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	if kept, err := KeepSnippets(t.Context(), h.blobs, nil); kept.Blob != "" || err != nil {
		t.Errorf("of none: %v, %v", kept, err)
	}
}
