package form

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/geom"
)

// Of a reading that is not to be seen nothing is left, nor a place: that of a field is
// in pixels of the template, and a page may be larger, or lie askew.
func TestBlind(t *testing.T) {
	secret := Reading{Field: "a", Text: "77", Confidence: .9, Where: geom.XYWH(300, 400, 50, 20).Quad(), Reasons: []Reason{ReasonKey}}
	open := Reading{Field: "b", Text: "88", Where: geom.XYWH(300, 500, 50, 20).Quad()}
	r := Record{Values: []Value{
		{Field: Field{ID: "a", Box: geom.XYWH(30, 40, 5, 2)}, Reading: secret},
		{Field: Field{ID: "b", Box: geom.XYWH(30, 50, 5, 2)}, Reading: open},
	}}
	r.Blind()
	if diff := cmp.Diff([]Reading{{Field: "a", Reasons: []Reason{ReasonKey}}, open}, []Reading{r.Values[0].Reading, r.Values[1].Reading}); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
