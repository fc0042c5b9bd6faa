package ocr

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// dieWithParent makes the child's end certain: a child that is busy in native
// code would not notice that its standard input has ended.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
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
