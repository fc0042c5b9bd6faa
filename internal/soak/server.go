package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/seosik/seosik/internal/ocr"
)

const (
	// startWithin is how long a server may take until it serves: it shares the
	// machine with whatever else runs there.
	startWithin = 2 * time.Minute
	// stopWithin is how long it may take to end after SIGTERM.
	stopWithin = time.Minute
)

// errEnded reports a server that ended without being asked to.
var errEnded = errors.New("the server ended by itself")

// A server is a process that serves a house.
type server struct {
	cmd     *exec.Cmd
	seeker  *addressSeeker // of what it logs
	serving chan string    // receives the address when it serves
	ended   chan struct{}  // closed when the process has ended

	mu     sync.Mutex
	dead   bool
	beside []*os.Process // commands that run on the same machine
}

var errDead = errors.New("the machine is off")

// startBeside starts a command that ends with the machine.
func (s *server) startBeside(cmd *exec.Cmd) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead {
		return errDead
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	s.beside = append(s.beside, cmd.Process)
	return nil
}

// killBeside ends the commands that run on the same machine.
func (s *server) killBeside() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dead = true
	for _, p := range s.beside {
		_ = p.Kill() // it may have ended
	}
}

// start starts the server. It may not serve yet when it returns.
func (h *house) start() (*server, error) {
	log, err := os.OpenFile(h.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	s := &server{serving: make(chan string, 1), ended: make(chan struct{})}
	s.cmd = exec.Command(h.program, "serve", "--data", h.data(), "--listen", "127.0.0.1:0") //nolint:noctx // it is killed at times of our choosing
	s.cmd.Env = h.environment()
	s.seeker = &addressSeeker{log: log, found: s.serving}
	s.cmd.Stderr = s.seeker
	if err := s.cmd.Start(); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	go func() {
		_ = s.cmd.Wait() // however it ended, who needs to know asks
		log.Close()
		close(s.ended)
	}()
	return s, nil
}

// serve starts the server and waits until it serves. On a machine that has other
// things to do its readers may not start in time, upon which it ends and is to be
// started again, as the service manager of a real one does.
func (h *house) serve(ctx context.Context) (s *server, site string, err error) {
	for range 5 {
		if s, err = h.start(); err != nil {
			return nil, "", err
		}
		if site, err = s.url(ctx); err == nil {
			return s, site, nil
		}
		if !errors.Is(err, errEnded) {
			return nil, "", errors.Join(err, s.kill(false))
		}
		if why := s.seeker.seen; !bytes.Contains(why, []byte(ocr.ErrStart.Error())) {
			return nil, "", fmt.Errorf("%w: %s", err, why)
		}
		h.ledger.note("start that failed", nil)
	}
	return nil, "", err
}

// url waits until the server serves, and returns the address.
func (s *server) url(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	select {
	case url := <-s.serving:
		return url, nil
	case <-s.ended:
		return "", errEnded
	case <-ctx.Done():
		return "", fmt.Errorf("the server does not serve: %w", ctx.Err())
	}
}

// kill ends the process at once, and with all the rest of its children where
// the whole machine is to end. It returns errEnded where it had ended before.
func (s *server) kill(children bool) error {
	var rest []*os.Process
	if children {
		rest = s.children()
		s.killBeside()
	}
	err := s.cmd.Process.Kill()
	for _, c := range rest {
		_ = c.Kill() // it may have ended
	}
	<-s.ended
	if errors.Is(err, os.ErrProcessDone) {
		return errEnded
	}
	return err
}

// stop has the process end in its own time.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		<-s.ended
		return errEnded
	}
	select {
	case <-s.ended:
		if !s.cmd.ProcessState.Success() {
			return fmt.Errorf("the server stopped with %s", s.cmd.ProcessState)
		}
		return nil
	case <-time.After(stopWithin):
		return errors.Join(fmt.Errorf("the server does not stop within %v", stopWithin), s.kill(false))
	}
}

// children returns the processes that the server has started.
func (s *server) children() (found []*os.Process) {
	all, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	for _, entry := range all {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || parentOf(pid) != s.cmd.Process.Pid {
			continue
		}
		// A handle on the process itself: the number may go to another one. So
		// its parent is looked at again once there is a handle.
		p, err := os.FindProcess(pid)
		if err == nil && parentOf(pid) == s.cmd.Process.Pid {
			found = append(found, p)
		}
	}
	return found
}

// parentOf returns the number of the parent of a process, or 0 where it has
// ended.
func parentOf(pid int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// After the name in parentheses: state, parent.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 2 || fields[0] == "Z" {
		return 0
	}
	parent, err := strconv.Atoi(fields[1])
	if err != nil {
		return 0
	}
	return parent
}

// harry kills what the server starts until ctx ends: all of it as soon as it is
// seen, or one now and then. It returns how many it killed.
func (s *server) harry(ctx context.Context, r *rand.Rand, all bool) (killed int) {
	for {
		found, pause := s.children(), 10*time.Millisecond
		if !all {
			pause = time.Duration(50+r.IntN(250)) * time.Millisecond
			if len(found) > 0 {
				i := r.IntN(len(found))
				found = found[i : i+1]
			}
		}
		for _, p := range found {
			if p.Kill() == nil {
				killed++
			}
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return killed
		}
	}
}

var served = regexp.MustCompile(`msg=serving address=(\S+) `)

// An addressSeeker passes the log of a server on until it has said where it
// serves, and after.
type addressSeeker struct {
	log   io.Writer
	seen  []byte
	over  bool
	found chan<- string
}

func (a *addressSeeker) Write(p []byte) (int, error) {
	if !a.over {
		a.seen = append(a.seen, p...)
		if m := served.FindSubmatch(a.seen); m != nil {
			a.over = true
			a.found <- string(m[1])
		}
	}
	return a.log.Write(p)
}
