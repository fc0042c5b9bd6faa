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
	"time"
)

// startTimeout is how long a child may take to greet.
const startTimeout = 30 * time.Second

var errTimeout = errors.New("ocr: the child took too long")

// A child is a process that runs Serve. One goroutine uses it at a time.
type child struct {
	cmd      *exec.Cmd
	in       io.WriteCloser
	out      *bufio.Reader
	stderr   *tail
	engines  []wireEngine // its greeting
	requests int          // answered
}

func startChild(ctx context.Context, cfg PoolConfig) (*child, error) {
	if len(cfg.Command) == 0 {
		return nil, errors.New("ocr: no command")
	}
	// It outlives the request that it is started for.
	c := &child{cmd: exec.CommandContext(context.WithoutCancel(ctx), cfg.Command[0], cfg.Command[1:]...), stderr: new(tail)}
	// Tesseract's threads cost more than they give, see datashare pull request 2234.
	c.cmd.Env = append(append(os.Environ(), "OMP_THREAD_LIMIT=1"), cfg.Env...)
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
	var g greeting
	if err := c.within(ctx, startTimeout, func() error { return readFrame(c.out, &g) }); err != nil {
		c.kill()
		return nil, fmt.Errorf("%w: %s", err, c.stderr)
	}
	if len(g.Engines) == 0 {
		c.kill()
		return nil, fmt.Errorf("%w: it has no engine", errWire)
	}
	c.engines = g.Engines
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
func (c *child) stop() { _ = c.cmd.Process.Kill() }

// kill ends the process at once.
func (c *child) kill() {
	c.stop()
	c.wait()
}

// wait waits for the end of the process. How it ended does not matter.
func (c *child) wait() { _ = c.cmd.Wait() }

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
