package ocr

import "golang.org/x/sys/unix"

// forbiddenHere are the calls that newer architectures do not have any more.
var forbiddenHere []uint32

// opens says which argument of the calls that open files are the flags.
var opens = map[uint32]uint32{unix.SYS_OPENAT: thirdArgument}
