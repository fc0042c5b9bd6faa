// Package backup makes one file of all that an office has, while its server reads
// and people review, and makes a folder of such a file again.
//
// The file is a tar, encrypted by age where that is wanted. In it are, in this
// order, a manifest, a copy of the database that is of one moment, what was signed
// of its access log, the keys of the data folder where they are wanted, models that
// the office has added, and each blob that the database refers to, in the order of
// their keys:
//
//	manifest.json
//	seosik.db
//	audit.heads
//	export.key
//	models/NAME/FILE
//	blobs/9f/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
//	lacking/a9/a948904f2f0f479b8f8197694b30184b0d2ed1c1cd2a1ef5e0d4e2b5b7d7a1bd
//
// The manifest has the SHA-256 of each file but of blobs, whose name is theirs. A
// blob that the disk has lost or altered is named under lacking, and has no bytes.
// Whatever is lacking besides, or too much, shows when the file is read.
//
// Blobs are in it as they lie on the disk, each encrypted under a key of its own. Those
// keys are in no backup but in one file beside all of a folder, which is written anew
// with each backup and whenever keys were destroyed: so nobody can read what was
// destroyed, in older backups either.
//
// However much there is, little of it is in memory at once.
package backup

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/disk"
)

var (
	// ErrDamaged reports a file that is not a whole backup.
	ErrDamaged = errors.New("the backup is damaged")
	// ErrLocked reports a backup that the passphrase or key given does not open.
	ErrLocked = errors.New("the backup is encrypted, and not for this passphrase or key")
	// ErrThere reports a file that a backup would be written over.
	ErrThere = errors.New("there is such a file already")
	// ErrInUse reports a folder that is not empty.
	ErrInUse = errors.New("the folder is not empty: a backup is restored into a new one")
	// ErrRoom reports a disk that has too little room.
	ErrRoom = errors.New("too little room on the disk")
)

const (
	databaseName = "seosik.db"
	headsName    = "audit.heads"
	manifestName = "manifest.json"
	modelsName   = "models"
	format       = 3 // 1 had no heads, 2 no keyring
)

// keyFiles are the files of the data folder by which what is in the database can
// be read.
var keyFiles = []string{"audit.key", "export.key", "login.key", MasterName}

// A Manifest says what is in a file.
type Manifest struct {
	Format  int       `json:"format"`
	Program string    `json:"program"` // version that wrote it
	Schema  int64     `json:"schema"`  // last step that was applied to the database
	At      time.Time `json:"at"`      // when all in it was as it is there
	Files   []File    `json:"files"`   // but for blobs
	Blobs   int64     `json:"blobs"`   // how many there are, those that are lacking too

	Keyring string `json:"keyring,omitempty"` // which has the keys of blobs; empty where they are not encrypted
}

// Without returns the key files that are not in the backup, but for the master key:
// who restores has that, or cannot.
func (m Manifest) Without() (names []string) {
	for _, k := range keyFiles {
		if k != MasterName && !slices.ContainsFunc(m.Files, func(f File) bool { return f.Name == k }) {
			names = append(names, k)
		}
	}
	return names
}

// A File is one of a backup, but for blobs.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"` // bytes
	SHA256 string `json:"sha256"`
}

// A Config is what a Maker is built from.
type Config struct {
	DB    *db.DB
	Blobs blob.Store
	Data  string                          // folder of the data
	Keep  func(total int64) int64         // bytes that stay free of a disk with so many, where the data are; nil for disk.Usual
	Room  func(string) (disk.Room, error) // nil for that of the disk; tests have others
	Now   func() time.Time                // nil for time.Now
}

// A Maker makes backups.
type Maker struct{ Config }

// New returns a Maker.
func New(c Config) *Maker {
	if c.Keep == nil {
		c.Keep = disk.Usual
	}
	if c.Room == nil {
		c.Room = disk.RoomAt
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Maker{c}
}

// version is that of this program, which make build has the linker put here.
var version = "unknown"

// Program returns the version of this program.
func Program() string { return version }

// spared returns how much a backup leaves free on the disk of a folder.
func (m *Maker) spared(dir string) (int64, error) {
	if !sameDisk(m.Data, dir) {
		return sparedRoom, nil
	}
	r, err := m.Room(m.Data)
	if err != nil {
		return 0, err
	}
	return max(sparedRoom, m.Keep(r.Total)), nil
}

func roomFor(room func(string) (disk.Room, error), dir string, bytes int64) error {
	r, err := room(dir)
	if err != nil {
		return err
	}
	if r.Free < bytes {
		return fmt.Errorf("%w: %d MB are needed at %s, and %d MB are free", ErrRoom, bytes>>20+1, dir, r.Free>>20)
	}
	return nil
}
