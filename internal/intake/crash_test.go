package intake

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// crashDir names, to the process that is to be killed, the place of its
// database.
const crashDir = "SEOSIK_TEST_CRASH_DIR"

// TestToBeKilled is the process that dies: it submits documents and hangs at
// the second page of each that it begins.
func TestToBeKilled(t *testing.T) {
	dir := os.Getenv(crashDir)
	if dir == "" {
		t.Skip("runs only as a child of TestAKilledProcessLosesNothing")
	}
	h := openHouse(t, dir)
	h.furnish(t)
	at := make(chan struct{}, 10)
	in := h.start(t, &fake{h: h, before: func(_ context.Context, _ script, number, _ int) error {
		if number == 2 {
			at <- struct{}{}
			select {}
		}
		return nil
	}})
	var files []File
	for id := range 4 {
		files = append(files, script{ID: id, Pages: 3}.file())
	}
	id := h.submit(t, in, h.user, files...)
	<-at
	<-at
	fmt.Println("ready", id, h.domain, h.template.ID)
	select {}
}

func TestAKilledProcessLosesNothing(t *testing.T) {
	dir := t.TempDir()
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
	var id form.SubmissionID
	h := openHouse(t, dir)
	for lines := bufio.NewScanner(out); id == 0 && lines.Scan(); {
		var template form.TemplateID
		if n, _ := fmt.Sscan(lines.Text(), new(string), &id, &h.domain, &template); n == 4 {
			if h.template, err = h.db.Template(t.Context(), template, 0); err != nil {
				t.Error(err)
			}
		}
	}
	child.Process.Kill()
	child.Wait()
	if id == 0 {
		t.Fatal("the child did not get ready")
	}

	before := h.pagesOf(t, id)
	f := &fake{h: h}
	in := h.start(t, f)
	after := h.settled(t, in, id)
	if len(after) != 12 {
		t.Errorf("%d pages, want 12", len(after))
	}
	byID := make(map[form.PageID]db.PageInfo)
	for _, p := range after {
		byID[p.ID] = p
		if p.State != form.StateDone || p.Run != 1 {
			t.Errorf("page %d of document %d is %s, run %d", p.Number, p.Document, p.State, p.Run)
		}
	}
	var kept int
	for _, p := range before {
		if p.State == form.StateDone {
			kept++
			if !byID[p.ID].UpdatedAt.Equal(p.UpdatedAt) {
				t.Errorf("page %d was kept before the crash and changed after it", p.ID)
			}
		}
	}
	if kept != 2 {
		t.Errorf("%d pages were kept before the crash, want 2", kept)
	}
}
