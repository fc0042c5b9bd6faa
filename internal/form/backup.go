package form

import (
	"cmp"
	"time"
)

// A Backup is a file with all that the office has.
type Backup struct {
	At      time.Time     // when what is in it was as it is there
	Took    time.Duration // to write and to look through it
	File    string        // path
	Bytes   int64         // of the file
	Blobs   int64         // pictures and files in it
	Lacking int64         // of those that should be in it: the disk has lost or altered them
	Sealed  bool          // it is encrypted
	Keys    bool          // the keys of the data folder are in it
}

// A BackupFailure says why there is no newer backup.
type BackupFailure struct {
	At  time.Time
	Why string // for who looks after the machine, without any contents
}

// Backups is what became of the last ones.
type Backups struct {
	Last   Backup         // zero for none
	Failed *BackupFailure // nil where none has failed since
}

// backupLate is after how long a backup is old, where it is not known how often one
// is made.
const backupLate = 7 * 24 * time.Hour

// Old reports whether the last backup is older than it should be, where one is made
// every so often; 0 for nobody knows.
func (b Backups) Old(now time.Time, every time.Duration) bool {
	return now.Sub(b.Last.At) > cmp.Or(2*every, backupLate)
}
