package align

import (
	"errors"
	"testing"
	"unsafe"

	"github.com/seosik/seosik/internal/raster"
)

func TestPrepareRefusesABlankSheet(t *testing.T) {
	if _, err := Prepare(raster.New(800, 1000)); !errors.Is(err, ErrBlank) {
		t.Errorf("Prepare = %v, want ErrBlank", err)
	}
}

func TestPreparedTemplatesAreSmall(t *testing.T) {
	_, ref := demoForm()
	size := cap(ref.features)*int(unsafe.Sizeof(feature{})) + cap(ref.patches)*int(unsafe.Sizeof(patch{}))
	const many = 50
	refs := make([]*Reference, many)
	for i := range refs {
		refs[i] = ref
	}
	index := newIndex(refs)
	for _, table := range index.tables {
		size += (4*len(table.items) + 4*len(table.start)) / many
	}
	t.Logf("%d KB", size>>10)
	if size > 200<<10 {
		t.Errorf("a prepared template takes %d KB, want at most 200", size>>10)
	}
}

func TestAnEmptySetFindsNothing(t *testing.T) {
	page, _ := demoForm()
	if m, err := NewSet(nil).Find(page); !errors.Is(err, ErrNoMatch) || len(m.Candidates) > 0 {
		t.Errorf("Find = %v, %v, want ErrNoMatch", m.Candidates, err)
	}
}
