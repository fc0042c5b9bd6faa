//go:build linux && (amd64 || arm64)

package ocr

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// forbidden lists the system calls that an engine has no use for, and whoever
// takes it over has: those that open connections, also by way of io_uring,
// start programs, or look into other processes.
var forbidden = []uint32{
	unix.SYS_SOCKET, unix.SYS_SOCKETPAIR, unix.SYS_CONNECT, unix.SYS_BIND, unix.SYS_LISTEN, unix.SYS_ACCEPT, unix.SYS_ACCEPT4,
	unix.SYS_SENDTO, unix.SYS_SENDMSG, unix.SYS_SENDMMSG, unix.SYS_IO_URING_SETUP,
	unix.SYS_EXECVE, unix.SYS_EXECVEAT,
	unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PIDFD_GETFD,
}

// Confine takes from this process, for good, the network, other programs and
// the memory of other processes: what it asks for is refused with EPERM. A
// child calls it before it loads its engines. It returns an error where the
// kernel cannot do so.
func Confine() error {
	program, err := bpf.Assemble(filter())
	if err != nil {
		return fmt.Errorf("ocr: %w", err)
	}
	filter := make([]unix.SockFilter, len(program))
	for i, p := range program {
		filter[i] = unix.SockFilter{Code: p.Op, Jt: p.Jt, Jf: p.Jf, K: p.K}
	}
	runtime.LockOSThread() // both calls are for the thread, from which the second one goes on to all
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("ocr: set no_new_privs: %w", err)
	}
	thread, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC,
		uintptr(unsafe.Pointer(&unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]})))
	switch {
	case errno != 0:
		return fmt.Errorf("ocr: load the seccomp filter: %w", errno)
	case thread != 0:
		return fmt.Errorf("ocr: thread %d has a seccomp filter of its own", thread)
	}
	return nil
}

// filter returns the program that judges each system call, see seccomp(2).
// Calls by the numbers of another architecture, 32-bit ones on amd64, would go
// past a list of numbers: they end the process.
func filter() []bpf.Instruction {
	const (
		number, architecture = 0, 4       // where they stand in seccomp_data
		x32                  = 0x40000000 // the bit of amd64's other numbers; never set on arm64
		word                 = 4          // bytes
	)
	own := uint32(unix.AUDIT_ARCH_X86_64)
	if runtime.GOARCH == "arm64" {
		own = unix.AUDIT_ARCH_AARCH64
	}
	program := []bpf.Instruction{
		bpf.LoadAbsolute{Off: architecture, Size: word},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: own, SkipTrue: 1},
		bpf.RetConstant{Val: unix.SECCOMP_RET_KILL_PROCESS},
		bpf.LoadAbsolute{Off: number, Size: word},
		bpf.JumpIf{Cond: bpf.JumpGreaterOrEqual, Val: x32, SkipTrue: uint8(len(forbidden)) + 1},
	}
	for i, n := range forbidden {
		program = append(program, bpf.JumpIf{Cond: bpf.JumpEqual, Val: n, SkipTrue: uint8(len(forbidden) - i)})
	}
	return append(program,
		bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)})
}
