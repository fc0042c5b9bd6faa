package align

import (
	"errors"
	"testing"

	"github.com/seosik/seosik/internal/raster"
)

func TestPrepareRefusesABlankSheet(t *testing.T) {
	if _, err := Prepare(raster.New(800, 1000)); !errors.Is(err, ErrBlank) {
		t.Errorf("Prepare = %v, want ErrBlank", err)
	}
}
