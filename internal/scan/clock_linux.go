package scan

import (
	"time"

	"golang.org/x/sys/unix"
)

// threadClock returns a clock of the processor time of this thread, which other
// threads can read.
func threadClock() func() time.Duration {
	// The clock of a thread by its number: MAKE_THREAD_CPUCLOCK in Linux's
	// posix-timers.h, with CPUCLOCK_SCHED.
	id := int32(^unix.Gettid())<<3 | 4 | 2
	return func() time.Duration {
		var t unix.Timespec
		if unix.ClockGettime(id, &t) != nil {
			return 0 // of a thread that has ended
		}
		return time.Duration(t.Nano())
	}
}
