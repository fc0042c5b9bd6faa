package form

import "time"

// A LogCheck is what was found when it was last looked whether the access log is as
// it was written and signed.
type LogCheck struct {
	At   time.Time // zero for never
	Rows int64     // that are as they were
	Row  int64     // at which it is broken
	Why  string    // it is broken there, in words of the program; empty for nowhere
}

// checkLate is after how long somebody should see why the log is not looked through
// any more: that is once a day.
const checkLate = 3 * 24 * time.Hour

// Broken reports whether the log is not as it was.
func (c LogCheck) Broken() bool { return c.Why != "" }

// Late reports whether it was looked through too long ago. Where it never was, that
// comes within minutes after the server has begun.
func (c LogCheck) Late(now time.Time) bool { return !c.At.IsZero() && now.Sub(c.At) > checkLate }
