package ocr

import (
	"context"
	"crypto/rand"
	"errors"
	"image"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMain is also the child's program: with SEOSIK_TEST_CHILD set, the test
// binary serves an engine that does what the crops ask for, and where it is
// set to 2, another one that only reads "second". Like the real program, it is
// confined, to the folder SEOSIK_TEST_READABLE, unless SEOSIK_TEST_UNCONFINED is set.
func TestMain(m *testing.M) {
	if os.Getenv("SEOSIK_TEST_CHILD") == "" {
		os.Exit(runTests(m))
	}
	switch os.Getenv("SEOSIK_TEST_UNCONFINED") {
	case "":
		if err := Confine(os.Getenv("SEOSIK_TEST_READABLE"), os.Getenv("SEOSIK_TEST_ONCE")); err != nil {
			os.Stderr.WriteString(err.Error())
		}
	case "filtered": // as a service is, before it begins
		if err := Confine(); err != nil {
			os.Stderr.WriteString(err.Error())
		}
		guard = Guard{}
	}
	engines := []Engine{Func(obey)}
	if os.Getenv("SEOSIK_TEST_CHILD") == "2" {
		engines = append(engines, secondEngine{Func(func(Crop) (Text, error) {
			return Text{Words: []Word{{Text: "second"}}}, nil
		})})
	}
	if err := Serve(os.Stdin, os.Stdout, engines...); err != nil {
		os.Stderr.WriteString(err.Error())
		os.Exit(1)
	}
}

type secondEngine struct{ Func }

func (secondEngine) Name() string        { return "second" }
func (secondEngine) Languages() []string { return []string{"en"} }

// onceDir has the pipes that stand for what happens once.
var onceDir string

func runTests(m *testing.M) int {
	var err error
	if onceDir, err = os.MkdirTemp("", "once"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(onceDir)
	return m.Run()
}

// obey reads a crop by doing what its charset says. A pipe with a byte in it
// stands for what happens once: the child that gets the byte misbehaves.
func obey(c Crop) (Text, error) {
	act := c.Charset
	if len(c.Languages) > 0 && c.Languages[0] != "" && !comes(c.Languages[0]) {
		act = ""
	}
	switch act {
	case "die":
		os.Stderr.WriteString("about to die")
		os.Exit(3)
	case "be killed":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		time.Sleep(time.Hour)
	case "hang":
		time.Sleep(time.Hour)
	case "wait":
		time.Sleep(500 * time.Millisecond)
	case "nonsense":
		return Text{Words: []Word{{Text: "x", Confidence: 2}}}, nil
	case "garbage":
		os.Stdout.WriteString("this is not a frame at all")
	case "fail":
		return Text{}, errors.New("cannot")
	case "language":
		return Text{}, ErrLanguage
	default:
		if try, ok := tries[act]; ok {
			return Text{Words: []Word{{Text: try()}}}, nil
		}
	}
	return Text{Words: []Word{{
		Text:       strconv.Itoa(os.Getpid()),
		Confidence: 1,
		Box:        c.Image.Rect,
		Symbols:    []Symbol{{Text: strconv.Itoa(int(c.Image.Pix[0]))}},
	}}}, nil
}

func newTestPool(t *testing.T, cfg PoolConfig) *Pool {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Command, cfg.Env = []string{exe}, append([]string{"SEOSIK_TEST_CHILD=1", "SEOSIK_TEST_ONCE=" + onceDir}, cfg.Env...)
	if cfg.Children == 0 {
		cfg.Children = 1
	}
	p, err := NewPool(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// testCrop asks the child to act, once where a pipe is given.
func testCrop(act, once string) Crop {
	return Crop{Image: &image.Gray{Pix: []byte{42}, Stride: 1, Rect: image.Rect(0, 0, 1, 1)}, Charset: act, Languages: []string{once}}
}

// onceFile returns a pipe for what shall happen once.
func onceFile(t *testing.T) string {
	t.Helper()
	name := filepath.Join(onceDir, rand.Text())
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err == nil {
		_, err = f.WriteString("x")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() }) // with it goes the byte
	return name
}

// comes takes the byte out of a pipe, if it is there.
func comes(name string) bool {
	fd, err := syscall.Open(name, syscall.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer syscall.Close(fd)
	n, err := syscall.Read(fd, make([]byte, 1))
	return n == 1 && err == nil
}

func TestPoolReads(t *testing.T) {
	p := newTestPool(t, PoolConfig{})
	if p.Name() != "func" {
		t.Errorf("Name = %q, want that of the child's engine", p.Name())
	}
	img := image.NewGray(image.Rect(0, 0, 7, 5))
	img.SetGray(2, 1, struct{ Y uint8 }{99})
	part := img.SubImage(image.Rect(2, 1, 5, 4)).(*image.Gray) // its rows are not packed
	texts, err := p.Read(t.Context(), []Crop{testCrop("", ""), {Image: part}})
	if err != nil {
		t.Fatal(err)
	}
	if got := texts[0].Words[0].Symbols[0].Text; got != "42" {
		t.Errorf("first pixel of crop 0 = %s, want 42", got)
	}
	if got := texts[1].Words[0].Symbols[0].Text; got != "99" {
		t.Errorf("first pixel of crop 1 = %s, want 99", got)
	}
	if got := texts[1].Words[0].Box; got != image.Rect(0, 0, 3, 3) {
		t.Errorf("size of crop 1 = %v", got)
	}
}

func TestPoolSharesCropsAmongChildren(t *testing.T) {
	p := newTestPool(t, PoolConfig{Children: 2})
	crops := make([]Crop, 2*leastShare+1)
	for i := range crops {
		crops[i] = testCrop("", "")
		crops[i].Image.Pix[0] = byte(i)
	}
	texts, err := p.Read(t.Context(), crops)
	if err != nil {
		t.Fatal(err)
	}
	children := map[string]bool{}
	for i, text := range texts {
		if got := text.Words[0].Symbols[0].Text; got != strconv.Itoa(i) {
			t.Errorf("crop %d was answered with that of %s", i, got)
		}
		children[text.String()] = true
	}
	if len(children) != 2 {
		t.Errorf("%d children were asked, want 2", len(children))
	}
	crops[0].Charset = "language"
	if texts, err = p.Read(t.Context(), crops); !errors.Is(err, ErrLanguage) || texts != nil {
		t.Errorf("Read = %v, %v where a share fails, want ErrLanguage alone", texts, err)
	}
}

func TestPoolHasTwoEngines(t *testing.T) {
	p := newTestPool(t, PoolConfig{Env: []string{"SEOSIK_TEST_CHILD=2"}})
	second := p.Second()
	if second == nil || second.Name() != "second" || !slices.Equal(second.Languages(), []string{"en"}) {
		t.Fatalf("Second = %v", second)
	}
	crops := []Crop{testCrop("", "")}
	texts, err := second.Read(t.Context(), crops)
	if err != nil || texts[0].String() != "second" {
		t.Errorf("the second engine reads %v, %v", texts, err)
	}
	if texts, err = p.Read(t.Context(), crops); err != nil || texts[0].String() == "second" {
		t.Errorf("the first engine reads %v, %v", texts, err)
	}
	if one := newTestPool(t, PoolConfig{}); one.Second() != nil || len(one.Languages()) != 4 {
		t.Errorf("a pool of one engine has a second one, or speaks %q", one.Languages())
	}
}

// A child that starts later may have another version, or more models.
func TestPoolKnowsAnEngineOfAnotherVersion(t *testing.T) {
	p := newTestPool(t, PoolConfig{})
	older := poolEngine{p, wireEngine{Name: "func 0.9"}}
	if _, err := older.Read(t.Context(), []Crop{testCrop("", "")}); err != nil {
		t.Errorf("Read = %v", err)
	}
}

// A page of thousands of fields is read in parts.
func TestPoolAsksForManyCropsInParts(t *testing.T) {
	p := newTestPool(t, PoolConfig{Children: 2, Requests: 1})
	crops := make([]Crop, 2*mostShare+1)
	for i := range crops {
		crops[i] = testCrop("", "")
	}
	texts, err := p.Read(t.Context(), crops)
	if err != nil || len(texts) != len(crops) {
		t.Fatalf("Read = %d texts, %v", len(texts), err)
	}
	children := map[string]bool{}
	for _, text := range texts {
		children[text.Words[0].Text] = true
	}
	if len(children) != 3 {
		t.Errorf("read by %d children that answer one request each, want 3", len(children))
	}
}

// A model may be taken away while the server runs: children that start later
// do not have it.
func TestPoolAsksForAnEngineThatIsGone(t *testing.T) {
	p := newTestPool(t, PoolConfig{})
	gone := poolEngine{p, wireEngine{Name: "gone"}}
	if _, err := gone.Read(t.Context(), []Crop{testCrop("", "")}); !errors.Is(err, ErrEngine) {
		t.Errorf("Read = %v, want ErrEngine", err)
	}
	if _, err := p.Read(t.Context(), []Crop{testCrop("", "")}); err != nil {
		t.Errorf("the other engine after that: %v", err)
	}
}

func TestPoolReplacesBadChildren(t *testing.T) {
	for _, act := range []string{"die", "hang", "nonsense", "garbage", "fail"} {
		t.Run(act, func(t *testing.T) {
			var cfg PoolConfig
			if act == "hang" {
				cfg.Timeout = time.Second
			}
			p := newTestPool(t, cfg)
			texts, err := p.Read(t.Context(), []Crop{testCrop("", ""), testCrop(act, onceFile(t))})
			if err != nil || len(texts) != 2 {
				t.Fatalf("Read with a child that does %q once = %v, %v, want two texts", act, texts, err)
			}
			if _, err := p.Read(t.Context(), []Crop{testCrop(act, "")}); !errors.Is(err, ErrEngine) {
				t.Errorf("Read with children that always do %q = %v, want ErrEngine", act, err)
			}
			if _, err := p.Read(t.Context(), []Crop{testCrop("", "")}); err != nil {
				t.Errorf("Read after that = %v", err)
			}
		})
	}
}

func TestPoolSurvivesAKillInMidRequest(t *testing.T) {
	p := newTestPool(t, PoolConfig{})
	texts, err := p.Read(t.Context(), []Crop{testCrop("", "")})
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(texts[0].Words[0].Text)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(100*time.Millisecond, func() { syscall.Kill(pid, syscall.SIGKILL) })
	again, err := p.Read(t.Context(), []Crop{testCrop("wait", ""), testCrop("", "")})
	if err != nil || len(again) != 2 {
		t.Fatalf("Read = %v, %v, want two texts", again, err)
	}
	if again[1].Words[0].Text == texts[0].Words[0].Text {
		t.Error("the child that was killed has answered")
	}
}

func TestPoolDoesNotRetryALanguage(t *testing.T) {
	p := newTestPool(t, PoolConfig{})
	if _, err := p.Read(t.Context(), []Crop{testCrop("language", "")}); !errors.Is(err, ErrLanguage) || errors.Is(err, ErrEngine) {
		t.Errorf("Read = %v, want ErrLanguage alone", err)
	}
}

func TestPoolStopsWithTheContext(t *testing.T) {
	p := newTestPool(t, PoolConfig{})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := p.Read(ctx, []Crop{testCrop("hang", "")}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Read = %v, want the context's error", err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("Read took %v after its context ended", took)
	}
	if _, err := p.Read(t.Context(), []Crop{testCrop("", "")}); err != nil {
		t.Errorf("Read after that = %v", err)
	}
}

func TestPoolRecyclesChildren(t *testing.T) {
	p := newTestPool(t, PoolConfig{Requests: 2})
	var pids []string
	for range 5 {
		texts, err := p.Read(t.Context(), []Crop{testCrop("", "")})
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, texts[0].Words[0].Text)
	}
	if pids[0] != pids[1] || pids[1] == pids[2] || pids[2] != pids[3] || pids[3] == pids[4] {
		t.Errorf("children by request = %v, want a new one after every second", pids)
	}
}

func TestPoolReadsInParallel(t *testing.T) {
	p := newTestPool(t, PoolConfig{Children: 2})
	var mu sync.Mutex
	pids := map[string]bool{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			texts, err := p.Read(t.Context(), []Crop{testCrop("wait", "")})
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			pids[texts[0].Words[0].Text] = true
		})
	}
	wg.Wait()
	if len(pids) != 2 {
		t.Errorf("%d children have read, want 2", len(pids))
	}
}

func TestPoolCloseEndsChildren(t *testing.T) {
	p := newTestPool(t, PoolConfig{})
	texts, err := p.Read(t.Context(), []Crop{testCrop("", "")})
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(texts[0].Words[0].Text)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("child after Close: %v, want no such process", err)
	}
	if _, err := p.Read(t.Context(), []Crop{testCrop("", "")}); !errors.Is(err, ErrClosed) || errors.Is(err, ErrEngine) {
		t.Errorf("Read of a closed pool = %v, want ErrClosed alone", err)
	}
}

func TestNewPoolOfAProgramThatDoesNotServe(t *testing.T) {
	for _, command := range [][]string{nil, {"/does/not/exist"}, {"/bin/true"}, {"/bin/echo", "good day to you"}} {
		if _, err := NewPool(t.Context(), PoolConfig{Command: command}); !errors.Is(err, ErrStart) {
			t.Errorf("NewPool(%q) = %v, want ErrStart", command, err)
		}
	}
}

func TestServeEndsWithItsInput(t *testing.T) {
	r, w := io.Pipe()
	w.Close()
	if err := Serve(r, io.Discard, Func(obey)); err != nil {
		t.Errorf("Serve = %v", err)
	}
}

func TestFrame(t *testing.T) {
	r, w := io.Pipe()
	want := response{Detail: "d", Texts: []Text{{Words: []Word{{Text: "서식", Confidence: .5}}}}}
	go func() { w.CloseWithError(writeFrame(w, want)) }()
	var got response
	if err := readFrame(r, &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
