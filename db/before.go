package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/seosik/seosik/internal/disk"
	"github.com/seosik/seosik/migrations"
)

// before stands in the name of a copy that was made before an upgrade, between
// that of the database and the step that it was upgraded to. After that come the
// last step that it had, and the last one of the job queue: a copy of what an
// upgrade has left that failed half way must not take the place of a good one.
const before = ".before-"

// begun ends the name of a copy that is not whole.
const begun = ".new"

// Restoring ends the name of a database that is being restored: where there is
// such a file, the folder is not whole.
const Restoring = ".restoring"

var errNotWhole = errors.New("a restore into this folder was broken off; empty the folder and restore again")

// whole returns an error where the folder was not restored to the end: a new
// database would hide that.
func whole(path string) error {
	_, err := os.Lstat(path + Restoring)
	if err == nil {
		return errNotWhole
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// lastStep returns the number of the last step of the schema.
func lastStep() (last int64, err error) {
	steps, err := migrations.FS.ReadDir(".")
	for _, s := range steps {
		n, err := strconv.ParseInt(s.Name()[:4], 10, 64)
		if err != nil {
			return 0, err
		}
		last = max(last, n)
	}
	return last, err
}

// copyBefore copies a database that is to be upgraded, beside it, and sees that
// the copy is sound. The steps themselves may need as much room again.
func copyBefore(ctx context.Context, pool *sql.DB, path, name string, room func(string) (disk.Room, error)) (err error) {
	defer wrap(&err, "copy before the upgrade")
	if err := dropBegun(path); err != nil {
		return err
	}
	size, err := sizeOf(path)
	if err != nil {
		return err
	}
	r, err := room(filepath.Dir(path))
	if err != nil {
		return err
	}
	if r.Free < 2*size {
		return fmt.Errorf("the disk has %d MB left, and an upgrade needs %d MB for a copy of the database and its changes; nothing was changed", r.Free>>20, 2*size>>20+1)
	}
	if err := copyTo(ctx, pool, name+begun); err != nil {
		return err
	}
	if err := check(ctx, name+begun); err != nil {
		return errors.Join(err, os.Remove(name+begun))
	}
	return os.Rename(name+begun, name)
}

func beforeName(path string, wanted, here int64, jobsHere int) string {
	return fmt.Sprintf("%s%s%04d-%04d-%02d", path, before, wanted, here, jobsHere)
}

// dropBegun removes what processes left that were killed while they copied.
func dropBegun(path string) error {
	files, err := filesBefore(path)
	for _, f := range files {
		if _, _, unfinished := strings.Cut(f.Name(), begun); unfinished {
			err = errors.Join(err, os.Remove(filepath.Join(filepath.Dir(path), f.Name())))
		}
	}
	return err
}

// filesBefore lists what belongs to upgrades beside a database. A release before
// named copies by one number.
func filesBefore(path string) (list []fs.DirEntry, err error) {
	files, err := os.ReadDir(filepath.Dir(path))
	for _, f := range files {
		steps, ours := strings.CutPrefix(f.Name(), filepath.Base(path)+before)
		steps, _, _ = strings.Cut(steps, begun)
		for step := range strings.SplitSeq(steps, "-") {
			_, err := strconv.Atoi(step)
			ours = ours && err == nil
		}
		if ours {
			list = append(list, f)
		}
	}
	return list, err
}

func check(ctx context.Context, path string) error {
	c, err := OpenCopy(path)
	if err != nil {
		return err
	}
	return errors.Join(c.Check(ctx), c.Close())
}

// A BeforeUpgrade is a copy that was made before an upgrade.
type BeforeUpgrade struct {
	File  string
	At    time.Time
	Bytes int64
}

// CopiesBefore lists the copies that were made before upgrades, also those that a
// killed process left.
func (db *DB) CopiesBefore() (copies []BeforeUpgrade, err error) {
	defer wrap(&err, "copies before upgrades")
	files, err := filesBefore(db.path)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		info, err := f.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // dropped since
		}
		if err != nil {
			return nil, err
		}
		copies = append(copies, BeforeUpgrade{filepath.Join(filepath.Dir(db.path), f.Name()), info.ModTime(), info.Size()})
	}
	return copies, nil
}

// DropCopiesBefore removes the copies that were made before upgrades before then:
// what people deleted since is still in them.
func (db *DB) DropCopiesBefore(then time.Time) error {
	copies, err := db.CopiesBefore()
	for _, c := range copies {
		if c.At.Before(then) {
			err = errors.Join(err, os.Remove(c.File))
		}
	}
	return err
}
