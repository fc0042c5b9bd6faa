package ocr

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// startTimeout is how long a child may take to greet.
const startTimeout = 30 * time.Second

var errTimeout = errors.New("ocr: the child took too long")

// A child is a process that runs Serve. One goroutine uses it at a time.
type child struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr *tail
	greeting
	life     time.Duration // of a processor, after which the system ends it
	requests int           // answered
	stopped  atomic.Bool   // by us
}

// inherited names what a child has of the environment of this process, which
// holds passwords: where programs, libraries and language data are, and the
// language of what it complains of.
var inherited = []string{
	"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TESSDATA_PREFIX", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR",
}

// environment returns that of a child.
func environment(cfg PoolConfig) []string {
	// Tesseract's threads cost more than they give, see datashare pull request 2234.
	env := []string{"OMP_THREAD_LIMIT=1"}
	for _, name := range inherited {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return append(env, cfg.Env...)
}

// startChild starts a child. It returns ErrStart where there is none, or the
// error of ctx.
func startChild(ctx context.Context, cfg PoolConfig) (*child, error) {
	c, err := spawn(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStart, err)
	}
	err = c.within(ctx, startTimeout, func() error { return readFrame(c.out, &c.greeting) })
	if err == nil && len(c.Engines) == 0 {
		err = fmt.Errorf("%w: it has no engine", errWire)
	}
	if err == nil {
		err = c.bound(cfg.Most, c.life)
	}
	if err != nil {
		c.kill()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%w: %w: %s", ErrStart, err, c.stderr)
	}
	return c, nil
}

// spawn starts the process of a child.
func spawn(ctx context.Context, cfg PoolConfig) (*child, error) {
	if len(cfg.Command) == 0 {
		return nil, errors.New("no command")
	}
	// It outlives the request that it is started for.
	// What it takes beyond CPU is for the requests that it has at most by then.
	c := &child{life: cfg.CPU + 5*cfg.Timeout, cmd: exec.CommandContext(context.WithoutCancel(ctx), cfg.Command[0], cfg.Command[1:]...), stderr: new(tail)}
	c.cmd.Env = environment(cfg)
	c.cmd.Stderr = c.stderr
	dieWithParent(c.cmd)
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = bufio.NewReader(out)
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *child) pid() int { return c.cmd.Process.Pid }

// ask sends req and waits for the answer. After an error the child must be
// killed: the answer may still be on its way.
func (c *child) ask(ctx context.Context, req request, timeout time.Duration) (resp response, err error) {
	err = c.within(ctx, timeout, func() error {
		if err := writeFrame(c.in, req); err != nil {
			return err
		}
		return readFrame(c.out, &resp)
	})
	c.requests++
	return resp, err
}

// within runs f, and kills the child where f takes too long or nobody waits
// any more, which makes f end too.
func (c *child) within(ctx context.Context, timeout time.Duration, f func() error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		c.stop()
		return errors.Join(context.Cause(ctx), <-done) // f fails, for want of a child
	}
}

// stop has the process end at once. An error says that it has ended.
func (c *child) stop() {
	c.stopped.Store(true)
	_ = c.cmd.Process.Kill()
}

// kill ends the process at once.
func (c *child) kill() {
	c.stop()
	c.wait()
}

// wait waits for the end of the process. Where it matters how it ended, failed
// looks.
func (c *child) wait() { _ = c.cmd.Wait() }

// failed ends the process after err, and returns ErrKilled where something
// outside ended it before, or else err. Its limits are not outside.
func (c *child) failed(err error) error {
	if errors.Is(err, errWire) { // it is alive, and talks nonsense
		c.stop()
	}
	c.end()
	status, ok := c.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !c.stopped.Load() && !c.spent() && ok && status.Signaled() && fromOutside(status.Signal()) {
		return ErrKilled
	}
	return err
}

// spent reports whether the process, which has ended, had taken all its time of
// a processor, which the system counts less finely than it tells it.
func (c *child) spent() bool {
	s := c.cmd.ProcessState
	return c.life > 0 && s.UserTime()+s.SystemTime() >= c.life*9/10
}

// fromOutside reports whether sig is one that processes are ended with, and
// not one that a process earns by what it does.
func fromOutside(sig syscall.Signal) bool {
	switch sig {
	case syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP:
		return true
	}
	return false
}

// end lets the process end by itself, and soon.
func (c *child) end() {
	c.in.Close()
	stop := time.AfterFunc(5*time.Second, c.stop)
	defer stop.Stop()
	c.wait()
}

// A tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

const maxTail = 4 << 10 // bytes

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p[max(0, len(p)-maxTail):]...)
	t.kept = t.kept[max(0, len(t.kept)-maxTail):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.kept)
}
