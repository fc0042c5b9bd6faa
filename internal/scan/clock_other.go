//go:build !linux

package scan

import "time"

// threadClock returns a clock of the time since now, for want of one of the
// processor time of this thread.
func threadClock() func() time.Duration {
	begun := time.Now()
	return func() time.Duration { return time.Since(begun) }
}
