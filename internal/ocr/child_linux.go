package ocr

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// dieWithParent makes the child's end certain: a child that is busy in native
// code would not notice that its standard input has ended.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// childFiles is how many files a child may have open: some ten are libraries,
// networks and dictionaries while it loads them.
const childFiles = 256

// bound sets what the child may take from now on, which is before it sees the
// first crop: most bytes of data, so much time of a processor in its whole life,
// few files, none that it writes to, and no picture of its memory on the disk
// when it dies.
func (c *child) bound(most int64, life time.Duration) error {
	for resource, limit := range map[int]uint64{
		unix.RLIMIT_DATA:   uint64(most),
		unix.RLIMIT_CPU:    uint64(life.Seconds()),
		unix.RLIMIT_NOFILE: childFiles,
		unix.RLIMIT_FSIZE:  0,
		unix.RLIMIT_CORE:   0,
	} {
		if err := unix.Prlimit(c.pid(), resource, &unix.Rlimit{Cur: limit, Max: limit}, nil); err != nil {
			return fmt.Errorf("limit %d: %w", resource, err)
		}
	}
	return nil
}

// ticks is how many of them the kernel counts in a second, see time(7).
const ticks = 100

// taken returns how much time of a processor the child has taken, or 0 if that
// cannot be told.
func (c *child) taken() time.Duration {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.pid()))
	if err != nil {
		return 0
	}
	// The name may hold spaces and parentheses.
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	const user, system = 11, 12 // see proc(5); the first one here is the third there
	var sum int64
	for _, field := range []string{fields[user], fields[system]} {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0
		}
		sum += n
	}
	return time.Duration(sum) * time.Second / ticks
}

// memory returns how many bytes of the child are resident, or 0 if that
// cannot be told.
func (c *child) memory() int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", c.pid()))
	if err != nil {
		return 0
	}
	var size, resident int64 // pages
	if _, err := fmt.Sscan(string(data), &size, &resident); err != nil {
		return 0
	}
	return resident * int64(os.Getpagesize())
}
