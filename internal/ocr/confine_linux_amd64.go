package ocr

import "golang.org/x/sys/unix"

// forbiddenHere are the calls that newer architectures do not have any more.
var forbiddenHere = []uint32{
	unix.SYS_FORK, unix.SYS_VFORK,
	unix.SYS_CREAT, unix.SYS_UNLINK, unix.SYS_RENAME, unix.SYS_LINK, unix.SYS_SYMLINK, unix.SYS_MKDIR, unix.SYS_RMDIR, unix.SYS_MKNOD,
	unix.SYS_CHMOD, unix.SYS_CHOWN, unix.SYS_LCHOWN, unix.SYS_UTIME, unix.SYS_UTIMES, unix.SYS_FUTIMESAT,
}

// opens says which argument of the calls that open files are the flags.
var opens = map[uint32]uint32{unix.SYS_OPENAT: thirdArgument, unix.SYS_OPEN: secondArgument}
