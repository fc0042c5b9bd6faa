package views

import (
	"strconv"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A MachinePage says how the machine that serves the site is.
type MachinePage struct {
	Frame
	Now    time.Time
	Checks []MachineCheck

	Certificates []form.Certificate // of the site; none where it is served without

	Free, Total, Keep int64 // bytes of the disk; Total is 0 where nobody knows

	Log form.LogCheck

	Backups   form.Backups
	Scheduled bool // backups are made by themselves
	Schedule  BackupSchedule

	Counts   map[form.State]int
	Waits    [2]time.Time // since when the oldest page waits to be read, and for a person; zero for none
	Replaced int64        // readers since the start
	Guard    MachineGuard // of the readers

	Keys *Encryption // nil where nothing is encrypted

	Program  string
	Schema   int64
	Database int64 // bytes
	Began    time.Time
	Zone     string
	Before   []MachineCopy
}

// An Encryption says what is encrypted, and how far that is.
type Encryption struct {
	form.Sealing
	Part, Parts int // of pictures and files
	Left        int // pages whose values are not as set
	Most        int // up to how many are counted
}

// left returns how far values are.
func (e *Encryption) left() (id string) {
	switch {
	case e.Left == 0:
		return "machine.values_done"
	case e.Left < e.Most:
		return "machine.values_left"
	default:
		return "machine.values_left_more"
	}
}

// A MachineCheck is one of the things that must be there.
type MachineCheck struct {
	Name string // id of words, after "machine.check."
	OK   bool
}

// A MachineGuard says what the readers are kept from, by words after
// "machine.guard.". Empty: nobody knows.
type MachineGuard string

// The guards.
const (
	GuardAll   MachineGuard = "all"
	GuardReads MachineGuard = "reads" // they may read what the server may
	GuardNone  MachineGuard = "none"  // they may do what the server may
)

// A BackupSchedule says when backups are made by themselves.
type BackupSchedule struct {
	Folder   string
	Hours    int
	Keep     int
	Due      time.Time
	Working  bool
	SameDisk bool
}

// A MachineCopy is one of the database, made before an upgrade.
type MachineCopy struct {
	File  string
	At    time.Time
	Bytes int64
}

// machineStates are the states whose pages the machine is counted by.
var machineStates = []form.State{form.StateWaiting, form.StateReading, form.StateReview, form.StateUnmatched, form.StateFailed, form.StateDone}

// old reports whether the last backup is older than it should be.
func (m MachinePage) old() bool {
	return m.Backups.Old(m.Now, time.Duration(m.Schedule.Hours)*time.Hour)
}

// ahead reports whether the last backup was made by a clock that was wrong, but for
// what a clock is set back now and then: nobody knows how old it is.
func (m MachinePage) ahead() bool { return m.Backups.Last.At.Sub(m.Now) > time.Hour }

// gigabytes writes a number of bytes.
func gigabytes(n int64) string {
	if n < 1<<30 {
		return bytesOf(n)
	}
	return strconv.FormatFloat(float64(n)/(1<<30), 'f', 1, 64) + " GB"
}

// ageOf writes how long ago t was, in minutes, hours or days.
func (m MachinePage) ageOf(t time.Time) (id string, n int) {
	switch d := m.Now.Sub(t); {
	case d < time.Hour:
		return "machine.minutes", int(d / time.Minute)
	case d < 48*time.Hour:
		return "machine.hours", int(d / time.Hour)
	default:
		return "machine.days", int(d / (24 * time.Hour))
	}
}
