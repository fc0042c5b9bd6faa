package form

import "time"

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
