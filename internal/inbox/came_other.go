//go:build !linux

package inbox

import (
	"io/fs"
	"time"
)

// cameAt returns when a file was last changed: when it was moved is not known.
func cameAt(info fs.FileInfo) time.Time { return info.ModTime() }
