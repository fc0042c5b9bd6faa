package inbox

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/intake"
)

var all = flag.Bool("all", false, "kill as often as was asked for")

// child is set where this test's binary is one that is to be killed.
const child = "SEOSIK_INBOX_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(child); dir != "" {
		serve(dir)
	}
	os.Exit(m.Run())
}

// serve takes files from dir/inbox until it is killed.
func serve(dir string) {
	h, err := open(dir)
	if err == nil {
		err = h.in.Start(context.Background())
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("ready")
	x := h.inbox(0)
	for {
		x.round(context.Background(), nil)
	}
}

// A house is a data folder with an inbox, and what reads for it.
type house struct {
	dir   string
	db    *db.DB
	blobs *blob.Dir
	in    *intake.Intake
}

func open(dir string) (h *house, err error) {
	h = &house{dir: dir}
	if h.db, err = db.Open(context.Background(), filepath.Join(dir, "seosik.db")); err != nil {
		return nil, err
	}
	if h.blobs, err = blob.Open(filepath.Join(dir, "blobs")); err != nil {
		return nil, err
	}
	quiet := slog.New(slog.DiscardHandler)
	h.in, err = intake.New(intake.Config{DB: h.db, Blobs: h.blobs, Reader: lines{}, MaxFile: 1000, Log: quiet})
	return h, err
}

func (h *house) inbox(rest time.Duration) *Inbox {
	return New(Config{
		DB: h.db, Blobs: h.blobs, Intake: h.in, Folder: filepath.Join(h.dir, "inbox"), MaxFile: 1000, Rest: rest,
		Log: slog.New(slog.DiscardHandler),
	})
}

// newHouse returns a house with domains.
func newHouse(t *testing.T, domains ...string) *house {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "inbox"), 0o700); err != nil {
		t.Fatal(err)
	}
	h, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.db.Close() })
	for _, name := range domains {
		if _, _, err := h.db.AddDomain(t.Context(), form.Command, name, []string{"ko"}); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// start has files be read until the test ends.
func (h *house) start(t *testing.T) {
	t.Helper()
	if err := h.in.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.in.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// put puts a file into the inbox.
func (h *house) put(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(h.dir, "inbox", name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tree returns the files in the inbox.
func (h *house) tree(t *testing.T) (files []string) {
	t.Helper()
	root := filepath.Join(h.dir, "inbox")
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != ".lock" {
			files = append(files, strings.TrimPrefix(file, root+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// once takes what there is.
func (h *house) once(t *testing.T, x *Inbox) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := x.Once(ctx); err != nil {
		t.Fatal(err)
	}
}

// lines reads files of which each line is a page; "bad" is a file that cannot be read.
type lines struct{}

func (lines) Pages(_ context.Context, file []byte) (int, form.Failure, error) {
	if string(file) == "bad" {
		return 0, form.FailDamaged, nil
	}
	return max(1, strings.Count(string(file), "\n")), "", nil
}

func (l lines) Read(ctx context.Context, file []byte, want func(int) (intake.Want, bool)) iter.Seq2[intake.Result, error] {
	return func(yield func(intake.Result, error) bool) {
		n, _, _ := l.Pages(ctx, file)
		for number := 1; number <= n; number++ {
			page := form.Page{Number: number, State: form.StateUnmatched, Width: 10, Height: 10}
			if _, ok := want(number); ok && !yield(intake.Result{Page: page, Image: []byte("picture")}, nil) {
				return
			}
		}
	}
}

func TestFilesAreReadAndMovedOn(t *testing.T) {
	h := newHouse(t, "claims")
	h.start(t)
	h.put(t, "a.pdf", "1\n2\n")
	h.put(t, "b.pdf", "bad")
	h.put(t, "claims/c.pdf", "1\n")
	h.put(t, "elsewhere/d.pdf", "1\n")
	h.put(t, "e.pdf", strings.Repeat("x", 2000))
	h.put(t, ".hidden.pdf", "1\n")
	h.put(t, "coming.pdf.part", "1\n")
	h.put(t, "done/a.pdf", "of before")
	x := h.inbox(0)
	h.once(t, x)
	files := h.tree(t)
	today := "done/" + time.Now().Format(time.DateOnly)
	want := []string{
		".hidden.pdf", "coming.pdf.part", today + "/a.pdf", today + "/claims/c.pdf", "done/a.pdf",
		"failed/b.pdf", "failed/b.pdf.txt", "failed/e.pdf", "failed/e.pdf.txt", "failed/elsewhere/d.pdf", "failed/elsewhere/d.pdf.txt",
	}
	if !slices.Equal(files, want) {
		t.Errorf("there are %q, want %q", files, want)
	}
	s, err := x.Status(t.Context(), form.Domain{ID: 1, Name: "claims"}, false, "en")
	if err != nil || s.Waiting+s.Reading != 0 || s.Failed != 3 || !strings.Contains(s.Last[0].Why, "damaged") || s.Trouble != "" {
		t.Errorf("status %+v, %v", s, err)
	}
	if ps, err := h.db.Pages(t.Context(), form.Everything, db.PageFilter{Limit: 20}); err != nil || len(ps) != 5 {
		t.Errorf("%d pages, %v, want 5", len(ps), err)
	}
}

// Of an office with several domains a folder says which.
func TestFoldersNameTheDomain(t *testing.T) {
	h := newHouse(t, "총무과", "A/B", "done", "twice", "Twice ")
	x := h.inbox(0)
	for folder, want := range map[string]form.DomainID{"총무과": 1, "a_b": 2, "": 0, "no": 0, "a_b/no": 2, "done_": 3, "twice": 0} {
		s, why, err := x.whose(t.Context(), filepath.Join(folder, "x.pdf"))
		if err != nil || s.Domain != want {
			t.Errorf("%q: domain %d, %v, want %d", folder, s.Domain, err, want)
		}
		if known := slices.Contains([]string{"총무과", "a_b", "done_"}, folder); known != (why == say{}) {
			t.Errorf("%q: %q", folder, why.in("en"))
		}
	}
}

// A file is taken once it rests, and not while it grows.
func TestAFileThatGrowsIsLeft(t *testing.T) {
	x := New(Config{Rest: 5 * time.Second})
	now, grown := time.Now(), file{path: "a", size: 1}
	for second, want := range []int{0, 0, 0, 0, 0, 0, 0, 0, 1} {
		grown.size = min(int64(second), 3) + 1
		if got := x.rested([]file{grown}, now.Add(time.Duration(second)*time.Second)); len(got) != want {
			t.Errorf("after %d s: %d rested, want %d", second, len(got), want)
		}
	}
	if got := x.rested([]file{{path: "empty"}}, now.Add(time.Minute)); len(got) > 0 {
		t.Error("a file without bytes was taken at once")
	}
}

// A link in the folder leads nowhere: what it names may be anything of the machine's.
func TestLinksAreNotFollowed(t *testing.T) {
	h := newHouse(t, "claims")
	h.start(t)
	if err := os.Symlink("/etc/hostname", filepath.Join(h.dir, "inbox", "a.pdf")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc", filepath.Join(h.dir, "inbox", "claims")); err != nil {
		t.Fatal(err)
	}
	h.once(t, h.inbox(0))
	if got := h.tree(t); !slices.Equal(got, []string{"a.pdf", "claims"}) {
		t.Errorf("there are %q", got)
	}
}

func TestWhatWasReadIsRemovedInTime(t *testing.T) {
	h := newHouse(t, "claims")
	h.start(t)
	h.put(t, "a.pdf", "1\n")
	h.put(t, "b.pdf", "bad")
	h.put(t, "done/of the office.pdf", "1\n")
	x, today := h.inbox(0), time.Now().Format(time.DateOnly)
	h.once(t, x)
	root, err := os.OpenRoot(x.Folder)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, c := range []struct {
		before time.Time
		want   []string
	}{
		{time.Now().AddDate(0, 0, -1), []string{"done/" + today + "/a.pdf", "done/of the office.pdf", "failed/b.pdf", "failed/b.pdf.txt"}},
		{time.Now(), []string{"done/of the office.pdf", "failed/b.pdf", "failed/b.pdf.txt"}},
	} {
		if err := (folder{root}).tidy(c.before); err != nil {
			t.Fatal(err)
		}
		if got := h.tree(t); !slices.Equal(got, c.want) {
			t.Errorf("there are %q, want %q", got, c.want)
		}
	}
}

// Names that systems allow and nobody expects keep nothing from being read.
func TestHostileNames(t *testing.T) {
	h := newHouse(t, "claims")
	h.start(t)
	deep := "d" + strings.Repeat("/d", maxDepth-1)
	for _, name := range []string{
		"1. " + strings.Repeat("a", 252), strings.Repeat("b", 250) + ".pdf", "\xb0\xa1.pdf", "\xb0\xa1/x.pdf", "line\nfeed.pdf", "line\nfeed/x.pdf",
		deep + "/x.pdf", "reading/x.pdf", "c.pdf.txt", "c.pdf",
	} {
		h.put(t, name, "bad")
	}
	h.put(t, "failed/c.pdf.txt", "of before")
	h.put(t, "reading/Thumbs.db", "1\n")
	x := h.inbox(0)
	h.once(t, x)
	var failed int
	for _, f := range h.tree(t) {
		if !strings.HasPrefix(f, "failed/") && f != "reading/Thumbs.db" {
			t.Errorf("%q lies there", f)
		}
		if !strings.HasSuffix(f, reasonSuffix) {
			failed++
		}
	}
	if failed != 10 { // c.pdf.txt is a reason by its name
		t.Errorf("%d failed: %q", failed, h.tree(t))
	}
	if text, err := os.ReadFile(filepath.Join(h.dir, "inbox/failed/c.pdf.txt")); err != nil || string(text) != "of before" {
		t.Errorf("what lay there is %q, %v", text, err)
	}
	h.put(t, deep+"/e/x.pdf", "1\n")
	if left, err := x.round(t.Context(), nil); !errors.Is(err, errDeep) {
		t.Errorf("what lies too deep: %d left, %v", left, err)
	}
}

// What grew after it was read is no file that was read, and what cannot be moved holds
// up no other.
func TestFilesThatArePulledAway(t *testing.T) {
	h := newHouse(t, "claims")
	x := h.inbox(0)
	h.put(t, "a.pdf", "1\n")
	for range 2 { // it is taken, and taken in
		if _, err := x.round(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	at, _ := filepath.Glob(filepath.Join(h.dir, "inbox/reading/*/a.pdf"))
	if len(at) != 1 {
		t.Fatalf("it is not being read: %q", h.tree(t))
	}
	if err := os.WriteFile(at[0], []byte("1\n2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.start(t)
	h.once(t, x)
	if got := h.tree(t); !slices.Equal(got, []string{"failed/a.pdf", "failed/a.pdf.txt"}) {
		t.Errorf("there are %q", got)
	}

	root, err := os.OpenRoot(x.Folder)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	release, err := (folder{root}).lock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.round(t.Context(), nil); !errors.Is(err, errBusy) {
		t.Errorf("beside another process: %v", err)
	}
	release()
	if err := (folder{root}).take("is not there.pdf"); err != nil {
		t.Errorf("a file that was taken away: %v", err)
	}
}

// No more are in hand than a server can lose sight of, and none while the disk is full.
func TestOnlySomeAreInHand(t *testing.T) {
	h := newHouse(t, "claims")
	x := h.inbox(0)
	active := false
	x.Active = func() bool { return active }
	for i := range 2 * inHand {
		h.put(t, fmt.Sprint(i, ".pdf"), "1\n")
	}
	for _, want := range []int{0, inHand, inHand} {
		if _, err := x.round(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if got, _ := filepath.Glob(filepath.Join(h.dir, "inbox/reading/*/*.pdf")); len(got) != want {
			t.Errorf("%d are in hand, want %d", len(got), want)
		}
		active = true
	}
}

// Whatever is killed, each file ends in one folder, and each of its pages is there once.
func TestKillsLoseNothing(t *testing.T) {
	kills := 15
	if *all {
		kills = 100
	}
	h := newHouse(t, "claims")
	r := rand.New(rand.NewPCG(1, uint64(kills)))
	pages := make(map[string]int)
	for kill := range kills {
		for i := range 3 {
			name, n := fmt.Sprintf("%d-%d.pdf", kill, i), 1+r.IntN(4)
			text := strings.Repeat("line\n", n)
			if r.IntN(5) == 0 {
				text, n = "bad", 1
			}
			h.put(t, name, text)
			pages[name] = n
		}
		killServer(t, h.dir, time.Duration(r.IntN(200))*time.Millisecond)
	}
	h.start(t)
	h.once(t, h.inbox(0))
	for _, f := range h.tree(t) {
		name := filepath.Base(f)
		if strings.HasSuffix(name, reasonSuffix) {
			continue
		}
		if in := strings.Split(f, "/")[0]; in != doneFolder && in != failedFolder {
			t.Errorf("%s lies there", f)
		}
		if pages[name] == 0 {
			t.Errorf("%s is there twice, or was never put in", f)
		}
		if n := h.pages(t, name); n != pages[name] {
			t.Errorf("%s has %d pages, want %d", name, n, pages[name])
		}
		delete(pages, name)
	}
	if len(pages) > 0 {
		t.Errorf("lost: %v", pages)
	}
}

// pages returns how many pages there are of files of a name.
func (h *house) pages(t *testing.T, name string) (n int) {
	t.Helper()
	ps, err := h.db.Pages(t.Context(), form.Everything, db.PageFilter{Name: name, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range ps {
		if p.DocumentName == name {
			n++
		}
	}
	return n
}

// killServer has another process take files, and kills it after a while.
func killServer(t *testing.T, dir string, after time.Duration) {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), child+"="+dir)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if said, _ := bufio.NewReader(out).ReadString('\n'); said != "ready\n" {
		t.Errorf("the server said %q", said)
	}
	time.Sleep(after)
	if err := c.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = c.Wait() // it was killed
}
