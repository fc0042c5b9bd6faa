package intake

import (
	"errors"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A process that hung for so long that another took over stops to read, and
// reads again once that has ended.
func TestAProcessThatHungLeavesTheReadingToTheNext(t *testing.T) {
	dir := t.TempDir()
	h := openHouse(t, dir)
	h.furnish(t)
	hung := h.intake(t, &fake{h: h})
	hung.renewal = 100 * time.Millisecond
	h.begin(t, hung)
	h.settled(t, hung, h.submit(t, hung, 0, script{ID: 1, Pages: 1}.file()))

	other := openHouse(t, dir)
	other.template = h.template
	next := other.intake(t, &fake{h: other})
	next.renewal = 100 * time.Millisecond
	err := form.ErrConflict
	for errors.Is(err, form.ErrConflict) { // where it was renewed in between
		if _, err := other.db.Pool().ExecContext(t.Context(), `UPDATE leases SET until = 1`); err != nil {
			t.Fatal(err)
		}
		err = next.Start(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	id := h.submit(t, hung, 0, script{ID: 2, Pages: 2}.file()) // it still takes documents in
	for _, p := range h.settled(t, hung, id) {                 // the database tells it what the other one does

		if p.State != form.StateDone {
			t.Errorf("page %d is %s", p.ID, p.State)
		}
	}
	if err := next.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.settled(t, hung, h.submit(t, hung, 0, script{ID: 3, Pages: 1}.file()))
}
