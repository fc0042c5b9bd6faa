package inbox

import (
	"io/fs"
	"syscall"
	"time"
)

// cameAt returns when a file was last moved, or changed.
func cameAt(info fs.FileInfo) time.Time {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return time.Unix(s.Ctim.Unix())
	}
	return info.ModTime()
}
