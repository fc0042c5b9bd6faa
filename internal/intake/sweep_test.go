package intake

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
)

// A logBook keeps what is logged at level warn and above.
type logBook struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *logBook) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *logBook) check(t testing.TB) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.Len() > 0 {
		t.Errorf("logged:\n%s", b)
	}
}

// What is deleted at any moment of its being read ends silently, and who waits
// for it is told.
func TestWhatIsDeletedWhileItIsReadEndsSilently(t *testing.T) {
	const pages = 3
	for _, tt := range []struct {
		name string
		at   int // the page before which it is deleted; 0 for before they are counted, 4 for while a program is asked
		page int // the only one that is deleted; 0 for the whole submission
		then error
	}{
		{name: "before it is counted", at: 0},
		{name: "at its first page", at: 1},
		{name: "at its last page", at: 3},
		{name: "while a program is asked", at: 4},
		{name: "in trouble", at: 2, then: fs.ErrPermission},
		{name: "by a fault of its own", at: 2, then: errors.New("oh no")},
		{name: "the page in hand", at: 2, page: 2},
		{name: "a page that was read", at: 2, page: 1},
		{name: "a page to come", at: 2, page: 3},
		{name: "the last page", at: 3, page: 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, ctx, log := newHouse(t), t.Context(), new(logBook)
			if err := h.db.SetValidation(ctx, form.Command, h.template.ID, "https://example.com"); err != nil {
				t.Fatal(err)
			}
			var id form.SubmissionID
			submitted := make(chan struct{})
			remove := func() error {
				<-submitted
				if tt.page == 0 {
					return h.db.DeleteSubmission(ctx, form.Person(h.user), id)
				}
				all, err := h.db.PagesOf(ctx, form.Everything, id)
				if err != nil {
					return err
				}
				return h.db.DeletePage(ctx, form.Person(h.user), all[tt.page-1].ID)
			}
			f := &fake{
				h: h,
				counting: func(context.Context, script) error {
					if tt.at == 0 {
						return remove()
					}
					return nil
				},
				before: func(_ context.Context, _ script, number, begun int) error {
					if number != tt.at || begun > 1 {
						return nil
					}
					return errors.Join(remove(), tt.then)
				},
			}
			in := h.start(t, f, func(c *Config) {
				c.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelError}))
				c.Outside = asked(func() error {
					if tt.at == 4 {
						return remove()
					}
					return nil
				})
			})
			id = h.submit(t, in, h.user, script{ID: 1, Pages: pages}.file())
			waiting := make(chan error, 1)
			go func() {
				within, cancel := context.WithTimeout(ctx, 20*time.Second)
				defer cancel()
				waiting <- in.Wait(within, id)
			}()
			close(submitted)
			err := <-waiting
			switch {
			case tt.page == 0 && !errors.Is(err, form.ErrNotFound):
				t.Errorf("Wait = %v, want ErrNotFound", err)
			case tt.page != 0:
				if left := h.pagesOf(t, id); err != nil || len(left) != pages-1 {
					t.Errorf("Wait = %v; %d pages", err, len(left))
				}
			}
			for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
				running, err := h.db.RunningJobs(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if len(running) == 0 {
					break
				}
				if time.Now().After(deadline) {
					t.Fatal("its job does not end")
				}
			}
			if tt.then == nil || errors.Is(tt.then, fs.ErrPermission) {
				log.check(t)
			}
			if why := in.Trouble(); why != "" {
				t.Errorf("trouble: %s", why)
			}
		})
	}
}

// asked is called while a program is asked about a page, of which it then says
// what a Sender says.
type asked func() error

func (f asked) Validate(context.Context, form.PageID) (bool, error) {
	if err := f(); err != nil && !errors.Is(err, form.ErrNotFound) {
		return false, err
	}
	return true, nil
}

func (asked) Deliver(context.Context, db.NoticeID) error { return nil }

// stored returns the keys of all blobs.
func (h *house) stored(t testing.TB) map[blob.Key]bool {
	t.Helper()
	keys := make(map[blob.Key]bool)
	for b, err := range h.blobs.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		keys[b.Key] = true
	}
	return keys
}

// age has all blobs in dir be stored so long ago.
func age(t testing.TB, dir string, by time.Duration) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "blobs", "??", "*"))
	if err != nil {
		t.Fatal(err)
	}
	then := time.Now().Add(-by)
	for _, f := range files {
		if err := os.Chtimes(f, then, then); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
}

func TestBlobsOfWhatWasDeletedAreRemoved(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	h := openHouse(t, dir)
	h.furnish(t)
	in := h.intake(t, &fake{h: h})
	sweep := func() {
		t.Helper()
		if err := in.sweep(ctx); err != nil {
			t.Fatal(err)
		}
	}
	one, same, young := script{ID: 1, Pages: 1}.file(), script{ID: 2, Pages: 1}.file(), script{ID: 3, Pages: 1}.file()
	key := func(f file) blob.Key { return blob.KeyOf(f.data) }
	ids := []form.SubmissionID{h.submit(t, in, h.user, one, same), h.submit(t, in, h.user, same)}
	age(t, dir, 2*time.Hour)
	ids = append(ids, h.submit(t, in, h.user, young))
	sweep()
	if n := len(h.stored(t)); n != 3 {
		t.Fatalf("%d blobs before anything is deleted", n)
	}
	for _, id := range []form.SubmissionID{ids[0], ids[2]} {
		if err := h.db.DeleteSubmission(ctx, form.Person(h.user), id); err != nil {
			t.Fatal(err)
		}
	}
	sweep()
	if s := h.stored(t); s[key(one)] || !s[key(same)] || !s[key(young)] {
		t.Errorf("stored: %v", s)
	}
	if err := h.db.DeleteSubmission(ctx, form.Person(h.user), ids[1]); err != nil {
		t.Fatal(err)
	}
	// What died before it removed anything is made up for by the next to start.
	next := openHouse(t, dir)
	next.domain, next.template, next.user = h.domain, h.template, h.user
	next.start(t, &fake{h: next})
	for deadline := time.Now().Add(20 * time.Second); next.stored(t)[key(same)]; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a blob stays that nothing refers to")
		}
	}
}

// The same bytes may come while they are removed: who was told that they are
// taken in has them.
func TestNoBlobIsRemovedUnderAnUpload(t *testing.T) {
	dir, ctx := t.TempDir(), t.Context()
	h := openHouse(t, dir)
	h.furnish(t)
	in := h.intake(t, &fake{h: h})
	f := script{ID: 1, Pages: 1}.file()
	id := h.submit(t, in, h.user, f)
	for round := range 60 {
		age(t, dir, 2*time.Hour)
		drafts := h.drafts(t, []file{f})
		if err := h.db.DeleteSubmission(ctx, form.Person(h.user), id); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			time.Sleep(time.Duration(round%6) * time.Millisecond)
			if err := in.sweep(ctx); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			var err error
			if id, err = in.Submit(ctx, form.Person(h.user), form.Submission{Domain: h.domain}, drafts); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		if err := in.sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := h.blobs.Bytes(ctx, blob.KeyOf(f.data)); err != nil {
			t.Fatalf("round %d: the file of submission %d: %v", round, id, err)
		}
	}
}
