package reader

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/geom"
)

func TestWritingFollowsItsLineOutOfTheBox(t *testing.T) {
	own := geom.XYWH(100, 100, 100, 40)
	below, right := geom.XYWH(100, 144, 100, 40), geom.XYWH(400, 100, 100, 40)
	letter := func(x, y float64) geom.Box { return geom.XYWH(x, y, 20, 20) }
	for _, tt := range []struct {
		name   string
		pieces []geom.Box
		want   geom.Box // around what is of the field; empty for nothing
	}{
		{"nothing", nil, geom.Box{}},
		{"inside", []geom.Box{letter(110, 110), letter(140, 110)}, geom.XYWH(110, 110, 50, 20)},
		{"goes on to the right", []geom.Box{letter(170, 110), letter(195, 110), letter(230, 110), letter(265, 110)}, geom.XYWH(170, 110, 115, 20)},
		{"something else far away", []geom.Box{letter(110, 110), letter(250, 110)}, letter(110, 110)},
		{"the lower half of a letter", []geom.Box{geom.XYWH(110, 122, 20, 14), geom.XYWH(110, 141, 20, 12)}, geom.XYWH(110, 122, 20, 14)},
		{"a neighbour's, for the most part", []geom.Box{letter(110, 110), geom.XYWH(140, 134, 20, 40)}, letter(110, 110)},
		{"up to a neighbour's", []geom.Box{letter(360, 110), letter(405, 110)}, geom.Box{}},
		{"above", []geom.Box{geom.XYWH(110, 80, 20, 16), geom.XYWH(110, 102, 20, 20)}, geom.XYWH(110, 80, 20, 42)},
	} {
		mine, free := sorted(tt.pieces, own, []geom.Box{below, right})
		var got geom.Box
		for _, p := range withNext(mine, free) {
			got = got.Union(p)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s:\n%s", tt.name, diff)
		}
	}
}
