package intake

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/seosik/seosik/internal/form"
)

// crashDir names, to the process that is to be killed, the place of its
// database.
const crashDir = "SEOSIK_TEST_CRASH_DIR"

// TestToBeKilled is the process that dies: it hangs at the second page of each
// document, and says so once it does at two.
func TestToBeKilled(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		t.Skip("runs only as a child of TestAKilledProcessLosesNothing")
	}
	h := openHouse(t, dir)
	var err error
	if h.template, err = h.db.Template(t.Context(), form.Everything, 1, 0); err != nil {
		t.Fatal(err)
	}
	at := make(chan struct{}, 10)
	h.start(t, &fake{h: h, before: func(_ context.Context, _ script, number, _ int) error {
		if number == 2 {
			at <- struct{}{}
			select {}
		}
		return nil
	}})
	<-at
	<-at
	fmt.Println("ready")
	select {}
}

// killAtWork has a process read what is in dir, and kills it at work.
func killAtWork(t *testing.T, dir string) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestToBeKilled$")
	child.Env = append(os.Environ(), crashDir+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	ready := false
	for lines := bufio.NewScanner(out); !ready && lines.Scan(); {
		ready = lines.Text() == "ready"
	}
	child.Process.Kill()
	child.Wait()
	if !ready {
		t.Fatal("the child did not get ready")
	}
}

// The death of a process is no fault of the pages it was reading, however often
// it comes: none of them fails, none is lost, and none is read twice.
func TestAKilledProcessLosesNothing(t *testing.T) {
	dir := t.TempDir()
	h := openHouse(t, dir)
	h.furnish(t)
	var files []file
	for id := range 4 {
		files = append(files, script{ID: id, Pages: 3}.file())
	}
	id := h.submit(t, h.intake(t, nil), h.user, files...)
	kept := make(map[form.PageID]bool)
	for range 6 {
		killAtWork(t, dir)
		for _, p := range h.pagesOf(t, id) {
			switch {
			case p.State == form.StateFailed:
				t.Fatalf("page %d of document %d failed of %s", p.Number, p.Document, p.Failure)
			case kept[p.ID] && p.State != form.StateDone:
				t.Fatalf("page %d of document %d was kept, and is %s", p.Number, p.Document, p.State)
			}
			kept[p.ID] = p.State == form.StateDone
		}
	}
	after := h.settled(t, h.start(t, &fake{h: h}), id)
	if len(after) != 12 {
		t.Errorf("%d pages, want 12", len(after))
	}
	for _, p := range after {
		if p.State != form.StateDone || p.Run != 1 {
			t.Errorf("page %d of document %d is %s, run %d", p.Number, p.Document, p.State, p.Run)
		}
	}
}

// A process dies while it reads a document, and the next cannot open the file at
// first: once the first page was kept, the document was taken to be at its end.
func TestAFileThatCannotBeOpenedAfterACrashLosesNoPages(t *testing.T) {
	dir := t.TempDir()
	h := openHouse(t, dir)
	h.furnish(t)
	id := h.submit(t, h.intake(t, nil), h.user, script{ID: 0, Pages: 5}.file(), script{ID: 1, Pages: 5}.file())
	killAtWork(t, dir)
	var opened int
	f := &fake{h: h}
	f.before = func(context.Context, script, int, int) error {
		if opened++; opened < 5 {
			return syscall.EMFILE
		}
		return nil
	}
	for _, p := range h.settled(t, h.start(t, f, func(c *Config) { c.Workers = 1 }), id) {
		if p.State != form.StateDone {
			t.Errorf("page %d of document %d is %s", p.Number, p.Document, p.State)
		}
	}
	if p, err := h.db.Progress(t.Context(), form.Everything, id); err != nil || p.Total() != 10 {
		t.Errorf("%d pages, %v, want 10", p.Total(), err)
	}
}
