package ocr

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// tries are what a child attempts, by the charset that asks for it. Each
// returns what came of it.
var tries = map[string]func() string{
	"network": func() string {
		_, err := net.Dial("tcp", os.Getenv("SEOSIK_TEST_ADDRESS"))
		return outcome(err)
	},
	"unix socket": func() string {
		_, err := net.Listen("unix", filepath.Join(os.TempDir(), "seosik-test"))
		return outcome(err)
	},
	"ring": func() string {
		_, _, errno := syscall.Syscall(unix.SYS_IO_URING_SETUP, 1, 0, 0)
		return outcome(errno)
	},
	"program": func() string { return outcome(exec.Command("/bin/true").Run()) },
	"parent": func() string {
		_, _, errno := syscall.Syscall(syscall.SYS_PTRACE, syscall.PTRACE_ATTACH, uintptr(os.Getppid()), 0)
		return outcome(errno)
	},
	"process": func() string {
		pid, _, errno := syscall.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
		if pid == 0 && errno == 0 {
			syscall.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
		}
		return outcome(errno)
	},
	"process by clone3": func() string {
		_, _, errno := syscall.RawSyscall(unix.SYS_CLONE3, 0, 0, 0)
		return outcome(errno)
	},
	"signal": func() string { return outcome(syscall.Kill(os.Getppid(), 0)) },
	"limits of the parent": func() string {
		return outcome(unix.Prlimit(os.Getppid(), unix.RLIMIT_NOFILE, nil, new(unix.Rlimit)))
	},
	"read": func() string {
		_, err := os.ReadFile("/etc/passwd")
		return outcome(err)
	},
	"read the parent": func() string {
		_, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", os.Getppid()))
		return outcome(err)
	},
	"read a neighbour": func() string {
		_, err := os.ReadFile(os.Getenv("SEOSIK_TEST_FILE"))
		return outcome(err)
	},
	"read what it needs": func() string {
		_, err := os.ReadFile(filepath.Join(os.Getenv("SEOSIK_TEST_READABLE"), "model"))
		return outcome(err)
	},
	"write what it needs": func() string {
		return outcome(os.WriteFile(filepath.Join(os.Getenv("SEOSIK_TEST_READABLE"), "model"), []byte("x"), 0o600))
	},
	"remove": func() string { return outcome(os.Remove(os.Getenv("SEOSIK_TEST_FILE"))) },
	"permit": func() string { return outcome(os.Chmod(os.Getenv("SEOSIK_TEST_FILE"), 0o666)) },
	"empty":  func() string { return outcome(os.Truncate(os.Getenv("SEOSIK_TEST_FILE"), 0)) },
	"empty on opening": func() string {
		fd, err := unix.Open(os.Getenv("SEOSIK_TEST_FILE"), unix.O_RDONLY|unix.O_TRUNC, 0)
		if err == nil {
			unix.Close(fd)
		}
		return outcome(err)
	},
	"write by way of memory": func() string {
		f, err := os.OpenFile(os.Getenv("SEOSIK_TEST_FILE"), os.O_RDWR, 0)
		if err != nil {
			return outcome(err)
		}
		defer f.Close()
		data, err := unix.Mmap(int(f.Fd()), 0, 1, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		if err == nil {
			data[0] = 'x'
		}
		return outcome(err)
	},
	"open by openat2": func() string {
		_, err := unix.Openat2(unix.AT_FDCWD, os.Getenv("SEOSIK_TEST_FILE"), &unix.OpenHow{Flags: unix.O_WRONLY})
		return outcome(err)
	},
	"make": func() string {
		return outcome(os.WriteFile(filepath.Join(os.TempDir(), "seosik-test"), []byte("x"), 0o600))
	},
	"burn": func() string { return burn(50 * time.Millisecond) },
	"spin": func() string { return burn(time.Hour) },
	"files": func() string {
		for range 2 * childFiles {
			f, err := os.Open("/dev/null")
			if err != nil {
				return outcome(err)
			}
			defer f.Close()
		}
		return outcome(nil)
	},
	"core": func() string {
		var limit syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_CORE, &limit); err != nil {
			return err.Error()
		}
		return strconv.FormatUint(limit.Max, 10)
	},
	"environment": func() string { return strings.Join(os.Environ(), "\n") },
	"swell": func() string {
		var kept [][]byte
		for range 16 {
			kept = append(kept, make([]byte, 64<<20))
		}
		defer runtime.KeepAlive(kept)
		return strconv.Itoa(len(kept))
	},
}

// burn takes so much time of a processor.
func burn(most time.Duration) string {
	for {
		var spent unix.Rusage
		if err := unix.Getrusage(unix.RUSAGE_SELF, &spent); err != nil {
			return outcome(err)
		}
		if time.Duration(spent.Utime.Nano()+spent.Stime.Nano()) > most {
			return "done"
		}
	}
}

// outcome returns the name of the error that the system gave.
func outcome(err error) string {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return unix.ErrnoName(errno)
	}
	if err != nil {
		return err.Error()
	}
	return "done"
}

func TestChildIsConfined(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dir, readable := t.TempDir(), t.TempDir()
	file := filepath.Join(dir, "file")
	for _, f := range []string{file, filepath.Join(readable, "model")} {
		if err := os.WriteFile(f, []byte("secret"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := newTestPool(t, PoolConfig{Env: []string{
		"SEOSIK_TEST_ADDRESS=" + l.Addr().String(), "SEOSIK_TEST_FILE=" + file, "SEOSIK_TEST_READABLE=" + readable,
	}})
	refused := "EACCES" // where the kernel keeps files from it
	if p.Guard().Files == 0 {
		refused = "done"
		t.Log("this kernel has no Landlock: what children read was not tested")
	}
	for try, want := range map[string]string{
		"process":                "EPERM",
		"process by clone3":      "ENOSYS",
		"signal":                 "EPERM",
		"limits of the parent":   "EPERM",
		"read":                   refused,
		"read the parent":        refused,
		"read a neighbour":       refused,
		"read what it needs":     "done",
		"remove":                 "EPERM",
		"permit":                 "EPERM",
		"empty":                  "EPERM",
		"empty on opening":       "EPERM",
		"open by openat2":        "ENOSYS",
		"make":                   "EPERM",
		"write what it needs":    "EPERM",
		"write by way of memory": "EPERM",
		"network":                "EPERM",
		"unix socket":            "EPERM",
		"ring":                   "EPERM",
		"program":                "EPERM",
		"parent":                 "EPERM",
		"files":                  "EMFILE",
		"core":                   "0",
	} {
		texts, err := p.Read(t.Context(), []Crop{testCrop(try, "")})
		if err != nil {
			t.Errorf("%s: %v", try, err)
		} else if got := texts[0].String(); got != want {
			t.Errorf("%s: %s, want %s", try, got, want)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != "secret" {
		t.Errorf("the file has %q, %v after all that", got, err)
	}
}

// Who takes a child over has a processor for so long, and not for good.
func TestChildDiesOfTooMuchTime(t *testing.T) {
	p := newTestPool(t, PoolConfig{})
	c := <-p.slots
	c.life = time.Second
	if err := c.bound(p.cfg.Most, c.life); err != nil {
		t.Fatal(err)
	}
	crop, err := pack(testCrop("spin", ""))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.ask(t.Context(), request{Engine: "func", Crops: []wireCrop{crop}}, time.Minute)
	if err == nil {
		t.Fatal("a child that spins has answered")
	}
	if err := c.failed(err); errors.Is(err, ErrKilled) || errors.Is(err, errTimeout) {
		t.Errorf("a child that spins ended with %v, want that it ended by its own fault", err)
	}
	p.slots <- nil
	if _, err := p.Read(t.Context(), []Crop{testCrop("", "")}); err != nil {
		t.Errorf("Read after that = %v", err)
	}
}

func TestTimeOfAChildWithAStrangeName(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "a) b c")
	if err := os.Symlink(sh, name); err != nil {
		t.Fatal(err)
	}
	c := testChild(t, name, "-c", "while :; do :; done")
	defer c.kill()
	for end := time.Now().Add(20 * time.Second); c.taken() == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("a child that is at work has taken no time")
		}
	}
}

func TestChildIsReplacedOnceItHasTakenItsTime(t *testing.T) {
	p := newTestPool(t, PoolConfig{CPU: time.Millisecond})
	c := <-p.slots
	p.slots <- c
	first := c.pid()
	if _, err := p.Read(t.Context(), []Crop{testCrop("burn", "")}); err != nil {
		t.Fatal(err)
	}
	texts, err := p.Read(t.Context(), []Crop{testCrop("", "")})
	if err != nil || texts[0].String() == strconv.Itoa(first) {
		t.Errorf("Read = %v, %v, want that of another child", texts, err)
	}
	if n := p.Replaced(); n != 0 {
		t.Errorf("%d children are told of as failed", n)
	}
}

// A service has a filter of its own (SystemCallFilter), which its children have
// too: that says nothing of theirs.
func TestPoolBelievesChildrenWhetherTheyAreConfined(t *testing.T) {
	confined := newTestPool(t, PoolConfig{})
	if !confined.Guard().Calls {
		t.Error("a child that called Confine is not told of as confined")
	}
	for name, env := range map[string]string{"no filter": "SEOSIK_TEST_UNCONFINED=1", "a filter by somebody else": "SEOSIK_TEST_UNCONFINED=filtered"} {
		if free := newTestPool(t, PoolConfig{Env: []string{env}}); free.Guard() != (Guard{}) {
			t.Errorf("a child with %s is told of as confined: %+v", name, free.Guard())
		}
	}
}

func TestChildHasNoneOfTheServersSecrets(t *testing.T) {
	t.Setenv("SEOSIK_ADMIN_PASSWORD", "correct horse")
	t.Setenv("ANOTHER_SECRET", "battery staple")
	t.Setenv("TESSDATA_PREFIX", "/some/where")
	p := newTestPool(t, PoolConfig{})
	texts, err := p.Read(t.Context(), []Crop{testCrop("environment", "")})
	if err != nil {
		t.Fatal(err)
	}
	got := texts[0].String()
	for _, secret := range []string{"horse", "staple"} {
		if strings.Contains(got, secret) {
			t.Errorf("the environment of a child has %q", secret)
		}
	}
	for _, want := range []string{"TESSDATA_PREFIX=/some/where", "OMP_THREAD_LIMIT=1", "SEOSIK_TEST_CHILD=1"} {
		if !slices.Contains(strings.Split(got, "\n"), want) {
			t.Errorf("the environment of a child lacks %s:\n%s", want, got)
		}
	}
}

// What a page makes of a child's memory costs that child, and is the page's
// fault.
func TestChildDiesOfTooMuchMemory(t *testing.T) {
	p := newTestPool(t, PoolConfig{Most: 512 << 20})
	if _, err := p.Read(t.Context(), []Crop{testCrop("swell", "")}); !errors.Is(err, ErrEngine) {
		t.Errorf("Read of a crop that takes 1 GiB of 512 MiB = %v, want ErrEngine", err)
	}
	if _, err := p.Read(t.Context(), []Crop{testCrop("", "")}); err != nil {
		t.Errorf("Read after that = %v", err)
	}
	roomy := newTestPool(t, PoolConfig{Most: 16 << 30})
	if _, err := roomy.Read(t.Context(), []Crop{testCrop("swell", "")}); err != nil {
		t.Errorf("Read of the same crop with a limit of 16 GiB = %v", err)
	}
}

func TestPoolTellsWhoEndedAChild(t *testing.T) {
	once := func() string { return onceFile(t) }
	tests := []struct {
		name  string
		crops []Crop
		want  error // nil where the second child answers
	}{
		{"killed once", []Crop{testCrop("be killed", once())}, nil},
		{"killed twice", []Crop{testCrop("be killed", "")}, ErrKilled},
		{"killed, then dies by itself", []Crop{testCrop("be killed", once()), testCrop("die", "")}, ErrKilled},
		{"dies by itself, then killed", []Crop{testCrop("die", once()), testCrop("be killed", "")}, ErrKilled},
		{"dies by itself twice", []Crop{testCrop("die", "")}, ErrEngine},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newTestPool(t, PoolConfig{})
			_, err := p.Read(t.Context(), tt.crops)
			if !errors.Is(err, tt.want) {
				t.Errorf("Read = %v, want %v", err, tt.want)
			}
			if errors.Is(err, ErrKilled) && errors.Is(err, ErrEngine) {
				t.Errorf("Read = %v, which blames the crops as well", err)
			}
		})
	}
}

func TestHowAChildEnded(t *testing.T) {
	tests := []struct {
		script string
		err    error
		want   error
	}{
		{"kill -s KILL $$", io.EOF, ErrKilled},
		{"kill -s TERM $$", io.EOF, ErrKilled},
		{"kill -s INT $$", io.ErrUnexpectedEOF, ErrKilled},
		{"kill -s HUP $$", syscall.EPIPE, ErrKilled},
		{"kill -s SEGV $$", io.EOF, io.EOF},
		{"kill -s ABRT $$", io.EOF, io.EOF},
		{"kill -s BUS $$", io.EOF, io.EOF},
		{"kill -s XCPU $$", io.EOF, io.EOF},
		{"exit 1", io.EOF, io.EOF},
		{"exec cat", io.EOF, io.EOF},         // ends by itself once its input does
		{"exec sleep 100", errWire, errWire}, // ended by the pool
	}
	for _, tt := range tests {
		t.Run(tt.script, func(t *testing.T) {
			c := testChild(t, "sh", "-c", tt.script)
			if err := c.failed(tt.err); !errors.Is(err, tt.want) {
				t.Errorf("failed = %v, want %v", err, tt.want)
			}
		})
	}
}

// testChild returns a child that does not greet.
func testChild(t *testing.T, command ...string) *child {
	t.Helper()
	c, err := spawn(t.Context(), PoolConfig{Command: command})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A child that dies before it has greeted has seen no crop.
func TestPoolWhoseProgramIsGone(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "child")
	if err := os.Symlink(exe, program); err != nil {
		t.Fatal(err)
	}
	p, err := NewPool(t.Context(), PoolConfig{Command: []string{program}, Env: []string{"SEOSIK_TEST_CHILD=1"}, Children: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := os.Remove(program); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Read(t.Context(), []Crop{testCrop("be killed", "")}); !errors.Is(err, ErrStart) && !errors.Is(err, ErrKilled) {
		t.Errorf("Read with no program for another child = %v, want ErrStart or ErrKilled", err)
	}
	if _, err := p.Read(t.Context(), []Crop{testCrop("", "")}); !errors.Is(err, ErrStart) || errors.Is(err, ErrEngine) {
		t.Errorf("Read after that = %v, want ErrStart alone", err)
	}
}
