//go:build linux && (amd64 || arm64)

package ocr

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"unsafe"

	"github.com/landlock-lsm/go-landlock/landlock"
	landlocksys "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// forbidden lists the system calls that an engine has no use for, and whoever
// takes it over has: those that open connections, also by way of io_uring,
// start programs, look into other processes, alter what lies on the disk, or
// reach parts of the kernel that few need and many have broken into it by.
var forbidden = append([]uint32{
	unix.SYS_SOCKET, unix.SYS_SOCKETPAIR, unix.SYS_CONNECT, unix.SYS_BIND, unix.SYS_LISTEN, unix.SYS_ACCEPT, unix.SYS_ACCEPT4,
	unix.SYS_SENDTO, unix.SYS_SENDMSG, unix.SYS_SENDMMSG, unix.SYS_IO_URING_SETUP,
	unix.SYS_EXECVE, unix.SYS_EXECVEAT,
	unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PIDFD_GETFD, unix.SYS_PROCESS_MADVISE, unix.SYS_KCMP,
	unix.SYS_TKILL, unix.SYS_RT_SIGQUEUEINFO, unix.SYS_RT_TGSIGQUEUEINFO, unix.SYS_PIDFD_SEND_SIGNAL,
	unix.SYS_UNLINKAT, unix.SYS_RENAMEAT, unix.SYS_RENAMEAT2, unix.SYS_LINKAT, unix.SYS_SYMLINKAT, unix.SYS_MKDIRAT, unix.SYS_MKNODAT,
	unix.SYS_FCHMOD, unix.SYS_FCHMODAT, unix.SYS_FCHMODAT2, unix.SYS_FCHOWN, unix.SYS_FCHOWNAT, unix.SYS_UTIMENSAT, unix.SYS_TRUNCATE,
	unix.SYS_SETXATTR, unix.SYS_LSETXATTR, unix.SYS_FSETXATTR, unix.SYS_REMOVEXATTR, unix.SYS_LREMOVEXATTR, unix.SYS_FREMOVEXATTR,
	unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_FSOPEN, unix.SYS_OPEN_TREE, unix.SYS_MOVE_MOUNT, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT,
	unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_OPEN_BY_HANDLE_AT,
	unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD, unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY,
}, forbiddenHere...)

// Confine takes from this process, for good, the network, other programs,
// processes of its own, signals to others and their memory, and what lies on the
// disk: all of it is refused with EPERM. It reads what is in readable, files or
// folders, and the libraries of the system, and nothing else where the kernel
// has Landlock (EACCES); it need not all exist. A child calls it before it loads its engines. It
// returns an error where the kernel cannot do all of that, having done what it can;
// Serve tells the pool what that was.
func Confine(readable ...string) error {
	return errors.Join(confineFiles(readable), confineCalls())
}

// guard is what the kernel was had to do for this process.
var guard Guard

// libraries are where the dynamic linker looks, besides LD_LIBRARY_PATH.
var libraries = []string{
	"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache",
}

// machine are the files by which libraries learn how many processors of which
// kind there are, and how much memory.
var machine = []string{"/sys/devices/system/cpu", "/proc/cpuinfo", "/proc/meminfo", "/proc/self"}

// confineFiles has the kernel refuse all files but those that may be read.
func confineFiles(readable []string) error {
	version, err := landlocksys.LandlockGetABIVersion()
	if err != nil || version == 0 {
		return fmt.Errorf("ocr: this kernel has no Landlock: %w", errors.ErrUnsupported)
	}
	all := slices.Concat(readable, libraries, machine, filepath.SplitList(os.Getenv("LD_LIBRARY_PATH")))
	rules := []landlock.Rule{landlock.ROFiles("/dev/null").IgnoreIfMissing()}
	for _, path := range all {
		info, err := os.Stat(path)
		switch {
		case err != nil: // nor can it be read
		case info.IsDir():
			rules = append(rules, landlock.RODirs(path))
		default:
			rules = append(rules, landlock.ROFiles(path))
		}
	}
	if err := landlock.V5.BestEffort().RestrictPaths(rules...); err != nil {
		return fmt.Errorf("ocr: %w", err)
	}
	guard.Files = version
	return nil
}

// confineCalls has the kernel judge each system call.
func confineCalls() error {
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
	guard.Calls = true
	return nil
}

// Where things stand in seccomp_data. Arguments have 64 bits, of which these
// are the lower ones; no flag or process number needs the others.
const (
	callNumber, architecture                     = 0, 4
	firstArgument, secondArgument, thirdArgument = 16, 24, 32
	word                                         = 4 // bytes
)

// writing are the flags with which a file is opened to alter it, or is made or
// emptied. A limit refuses most of what is written (RLIMIT_FSIZE), but nothing
// that is written by way of memory, nor that a file is emptied.
const writing = unix.O_ACCMODE | unix.O_CREAT | unix.O_TRUNC

// filter returns the program that judges each system call, see seccomp(2).
// Calls by the numbers of another architecture, 32-bit ones on amd64, would go
// past a list of numbers: they end the process.
func filter() []bpf.Instruction {
	const x32 = 0x40000000 // the bit of amd64's other numbers; never set on arm64
	own := uint32(unix.AUDIT_ARCH_X86_64)
	if runtime.GOARCH == "arm64" {
		own = unix.AUDIT_ARCH_AARCH64
	}
	refuse := func(with unix.Errno) bpf.Instruction {
		return bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(with)}
	}
	program := []bpf.Instruction{
		bpf.LoadAbsolute{Off: architecture, Size: word},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: own, SkipTrue: 1},
		bpf.RetConstant{Val: unix.SECCOMP_RET_KILL_PROCESS},
		bpf.LoadAbsolute{Off: callNumber, Size: word},
		bpf.JumpIf{Cond: bpf.JumpGreaterOrEqual, Val: x32, SkipFalse: 1},
		refuse(unix.EPERM),
		// Their flags are in memory, where they cannot be judged: libraries then use clone and openat.
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SYS_CLONE3, SkipTrue: 1},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SYS_OPENAT2, SkipFalse: 1},
		refuse(unix.ENOSYS),
	}
	// Threads, and no processes; signals to itself, and the limits of itself.
	self := uint32(os.Getpid())
	program = append(program, only(unix.SYS_CLONE, firstArgument, bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: unix.CLONE_THREAD, SkipFalse: 1})...)
	for _, call := range []uint32{unix.SYS_KILL, unix.SYS_TGKILL} {
		program = append(program, only(call, firstArgument, bpf.JumpIf{Cond: bpf.JumpEqual, Val: self, SkipFalse: 1})...)
	}
	program = append(program, only(unix.SYS_PRLIMIT64, firstArgument, bpf.JumpIf{Cond: bpf.JumpEqual, Val: 0, SkipFalse: 1})...)
	for call, flags := range opens {
		program = append(program, only(call, flags, bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: writing, SkipFalse: 1})...)
	}
	for i, n := range forbidden {
		program = append(program, bpf.JumpIf{Cond: bpf.JumpEqual, Val: n, SkipTrue: uint8(len(forbidden) - i)})
	}
	return append(program, bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW}, refuse(unix.EPERM))
}

// only returns the part of a program that allows a call where its argument that
// stands there passes a condition, which skips the next instruction where it does
// not, and refuses it otherwise. Other calls go past it.
func only(call, argument uint32, passes bpf.JumpIf) []bpf.Instruction {
	return []bpf.Instruction{
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: call, SkipFalse: 4},
		bpf.LoadAbsolute{Off: argument, Size: word},
		passes,
		bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)},
	}
}
