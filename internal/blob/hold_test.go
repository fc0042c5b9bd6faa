package blob

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestNoneIsDeletedThatSomebodyHolds(t *testing.T) {
	s, _ := openTest(t)
	k, err := s.Put(t.Context(), []byte("a"))
	if err != nil {
		t.Fatal(err)
	}
	s.age(t, k, time.Hour)
	var holds []func() error
	for range 2 { // backups may run at the same time
		release, err := s.Hold()
		if err != nil {
			t.Fatal(err)
		}
		holds = append(holds, release)
	}
	for _, release := range holds {
		if deleted, err := s.Delete(t.Context(), k, time.Now()); deleted || err != nil {
			t.Fatalf("Delete = %v, %v", deleted, err)
		}
		if err := release(); err != nil {
			t.Fatal(err)
		}
	}
	if deleted, err := s.Delete(t.Context(), k, time.Now()); !deleted || err != nil {
		t.Errorf("Delete after the last = %v, %v", deleted, err)
	}
}

// What root made first the server, which is another, opens too.
func TestRootHoldsForTheOwnerOfTheFolder(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root makes files of others")
	}
	s, _ := openTest(t)
	if err := os.Chown(s.dir, 1234, 1234); err != nil {
		t.Fatal(err)
	}
	release, err := s.Hold()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	info, err := os.Stat(filepath.Join(s.dir, "hold"))
	if err != nil {
		t.Fatal(err)
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); !ok || owner.Uid != 1234 {
		t.Errorf("it belongs to %+v", info.Sys())
	}
}

func TestFill(t *testing.T) {
	s, _ := openTest(t)
	k := KeyOf([]byte("서식"))
	if err := s.Fill(t.Context(), k, strings.NewReader("서식"), 6); err != nil {
		t.Fatal(err)
	}
	if err := s.Fill(t.Context(), KeyOf([]byte("a")), strings.NewReader("b"), 1); !errors.Is(err, ErrCorrupt) {
		t.Errorf("Fill with other bytes = %v", err)
	}
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Bytes(t.Context(), k); err != nil || string(got) != "서식" {
		t.Errorf("Bytes = %q, %v", got, err)
	}
}
