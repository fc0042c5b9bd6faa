package blob

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// stored returns what All yields, by key.
func stored(t testing.TB, s Store) map[Key]Info {
	t.Helper()
	all := make(map[Key]Info)
	for info, err := range s.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all[info.Key] = info
	}
	return all
}

func TestAllYieldsBlobsOnly(t *testing.T) {
	s, _ := openTest(t)
	if got := stored(t, s); len(got) > 0 {
		t.Errorf("an empty store has %v", got)
	}
	want := make(map[Key]int64)
	for _, data := range []string{"", "a", "서식"} {
		k, err := s.Put(t.Context(), []byte(data))
		if err != nil {
			t.Fatal(err)
		}
		want[k] = int64(len(data))
		if err := os.WriteFile(filepath.Join(filepath.Dir(s.path(k)), "of another"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	draft(t, s, "not kept")
	got := make(map[Key]int64)
	for k, info := range stored(t, s) {
		if got[k] = info.Size; time.Since(info.Stored).Abs() > time.Minute {
			t.Errorf("%s was stored at %s", k, info.Stored)
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("All = %v, want %v", got, want)
	}
}

// age has a blob be stored so long ago.
func (s *Dir) age(t testing.TB, k Key, by time.Duration) {
	t.Helper()
	then := time.Now().Add(-by)
	if err := os.Chtimes(s.path(k), then, then); err != nil {
		t.Fatal(err)
	}
}

func TestDeleteSparesWhatWasStoredSince(t *testing.T) {
	for _, tt := range []struct {
		name    string
		since   func(*Dir) error // what happens to the old blob
		deleted bool
	}{
		{"not since", func(*Dir) error { return nil }, true},
		{"put", func(s *Dir) error {
			_, err := s.Put(t.Context(), []byte("a"))
			return err
		}, false},
		{"kept", func(s *Dir) error {
			_, err := draft(t, s, "a").Keep(t.Context())
			return err
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := openTest(t)
			k, err := s.Put(t.Context(), []byte("a"))
			if err != nil {
				t.Fatal(err)
			}
			s.age(t, k, time.Hour)
			if err := tt.since(s); err != nil {
				t.Fatal(err)
			}
			deleted, err := s.Delete(t.Context(), k, time.Now().Add(-time.Minute))
			if err != nil || deleted != tt.deleted {
				t.Errorf("Delete = %v, %v, want %v", deleted, err, tt.deleted)
			}
			if _, err := s.Bytes(t.Context(), k); errors.Is(err, fs.ErrNotExist) != tt.deleted {
				t.Errorf("deleted: %v, and Bytes = %v", tt.deleted, err)
			}
			if deleted, err := s.Delete(t.Context(), KeyOf([]byte("absent")), time.Now()); err != nil || deleted {
				t.Errorf("Delete of what is not there = %v, %v", deleted, err)
			}
		})
	}
}

func TestDeleteTakesKeysOnly(t *testing.T) {
	s, _ := openTest(t)
	if err := os.WriteFile(filepath.Join(s.dir, "secret"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, k := range []Key{"", "secret", "../secret"} {
		if _, err := s.Delete(t.Context(), k, time.Now().Add(time.Hour)); !errors.Is(err, ErrBadKey) {
			t.Errorf("Delete(%q) = %v, want ErrBadKey", k, err)
		}
	}
}

// Whoever stores bytes while another deletes them has them.
func TestWhatIsStoredWhileItIsDeletedIsThere(t *testing.T) {
	s, _ := openTest(t)
	other, err := Open(s.dir) // another process
	if err != nil {
		t.Fatal(err)
	}
	k := KeyOf([]byte("a"))
	for range 300 {
		if _, err := s.Put(t.Context(), []byte("a")); err != nil {
			t.Fatal(err)
		}
		s.age(t, k, time.Hour)
		var both sync.WaitGroup
		both.Go(func() {
			if _, err := s.Put(t.Context(), []byte("a")); err != nil {
				t.Error(err)
			}
		})
		both.Go(func() {
			if _, err := other.Delete(t.Context(), k, time.Now().Add(-time.Minute)); err != nil {
				t.Error(err)
			}
		})
		both.Wait()
		if _, err := s.Bytes(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
}
