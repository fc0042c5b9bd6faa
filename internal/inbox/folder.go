package inbox

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/intake"
)

const (
	readingFolder = "reading"
	doneFolder    = "done"
	failedFolder  = "failed"
	reasonSuffix  = ".txt"
	maxListed     = 10_000 // files of a folder; the others wait until these are gone
	maxDepth      = 16     // of folders in it
	maxName       = 255    // bytes
)

// A folder is that of an inbox. Nothing outside of it is touched, whatever links
// are in it.
type folder struct{ *os.Root }

// A file is one in a folder.
type file struct {
	path    string // below the folder, with slashes
	size    int64
	changed time.Time
}

func (f file) same(g file) bool {
	return f.path == g.path && f.size == g.size && f.changed.Equal(g.changed)
}

// A taken file is ours: nobody writes to where it lies.
type taken struct {
	at   string // below the folder
	path string // as it was before
}

// token returns what the database knows the file by: where it lies.
func (t taken) token() string {
	sum := sha256.Sum256([]byte(t.at))
	return hex.EncodeToString(sum[:16])
}

// waiting returns the files that are to be read, and not those of a folder of ours,
// hidden ones, and those whose name says that they are being written.
func (f folder) waiting() (files []file, err error) {
	return f.list(".", func(p string) bool { return !ours(p) && !passing(path.Base(p)) })
}

// taken returns the files that are being read.
func (f folder) taken() (files []taken, err error) {
	under, err := f.list(readingFolder, func(string) bool { return true })
	for _, u := range under {
		parts := strings.SplitN(u.path, "/", 3) // the file a/b is in reading/TOKEN/a/b
		files = append(files, taken{at: u.path, path: parts[len(parts)-1]})
	}
	return files, err
}

// list returns the regular files under dir that wanted says yes to, of folders too.
// Where there is no dir there are none. What cannot be looked into is an error, and
// keeps nothing else out.
func (f folder) list(dir string, wanted func(path string) bool) (files []file, err error) {
	var errs []error
	err = fs.WalkDir(f.FS(), dir, func(p string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist): // it is gone by now
			return nil
		case err != nil:
			errs = append(errs, err)
			return fs.SkipDir
		case p == dir:
			return nil
		case d.IsDir():
			if !wanted(p) || strings.Count(p, "/") >= maxDepth {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular() || !wanted(p):
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil //nolint:nilerr // it is gone by now, or comes next time
		}
		if files = append(files, file{p, info.Size(), info.ModTime()}); len(files) >= maxListed {
			return fs.SkipAll
		}
		return nil
	})
	return files, errors.Join(append(errs, err)...)
}

// ours reports whether a path is that of a folder of ours, or in one.
func ours(p string) bool {
	top, _, _ := strings.Cut(p, "/")
	return slices.Contains([]string{readingFolder, doneFolder, failedFolder}, strings.ToLower(top))
}

// passing reports whether a name is that of what only passes by, or is no scan: what
// programs write before they give it its own name, and what systems leave.
func passing(name string) bool {
	name = strings.ToLower(name)
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~") || name == "thumbs.db" || name == "desktop.ini" {
		return true
	}
	return slices.Contains([]string{".tmp", ".part", ".partial", ".crdownload", ".filepart", ".download"}, path.Ext(name))
}

// take makes a file ours.
func (f folder) take(p string) (t taken, err error) {
	t = taken{at: path.Join(readingFolder, strings.ToLower(rand.Text()), p), path: p}
	return t, f.carry(p, t.at)
}

// move moves a file of ours to where what became of it is seen, under the name that
// it had, or one like it where that is taken.
func (f folder) move(t taken, to string) error {
	return f.carry(t.at, f.free(to, t))
}

// fail moves a file of ours to the failed ones. The reason is there first: whoever
// finds the file finds why.
func (f folder) fail(t taken, reason string) error {
	to := f.free(failedFolder, t)
	if err := f.makeFor(to); err != nil {
		return err
	}
	if err := f.WriteFile(to+reasonSuffix, []byte(reason), f.mode()&0o666); err != nil {
		return err
	}
	return f.carry(t.at, to)
}

// free returns where t may lie in a folder: nobody else makes such a name.
func (f folder) free(in string, t taken) string {
	to, suffix := path.Join(in, t.path), path.Ext(t.path)
	if _, err := f.Lstat(to); errors.Is(err, fs.ErrNotExist) && len(path.Base(to)+reasonSuffix) <= maxName {
		return to
	}
	stem, more := strings.TrimSuffix(path.Base(to), suffix), " "+t.token()+suffix
	for len(stem+more+reasonSuffix) > maxName {
		_, n := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-n]
	}
	return path.Join(path.Dir(to), stem+more)
}

// carry moves a file for good: after a power cut it does not lie where it did. The
// folders of ours that it leaves empty go.
func (f folder) carry(from, to string) error {
	if err := f.makeFor(to); err != nil {
		return err
	}
	if err := f.Rename(from, to); err != nil {
		f.prune(path.Dir(to))
		return err
	}
	if err := errors.Join(f.sync(path.Dir(to)), f.sync(path.Dir(from))); err != nil {
		return err
	}
	f.prune(path.Dir(from))
	return nil
}

// prune removes a folder of what is read, and those around it, that are empty.
func (f folder) prune(dir string) {
	for ; strings.HasPrefix(dir, readingFolder+"/"); dir = path.Dir(dir) {
		if f.Remove(dir) != nil {
			return // there is more in it
		}
	}
}

// makeFor makes the folder that a file is to lie in, for the people that the whole
// folder is for.
func (f folder) makeFor(p string) error {
	dir := path.Dir(p)
	if err := f.MkdirAll(dir, f.mode()); err != nil {
		return err
	}
	for up := path.Dir(dir); ; up = path.Dir(up) {
		if err := f.sync(up); err != nil || up == "." {
			return err
		}
	}
}

// mode returns what people may do with the folder.
func (f folder) mode() fs.FileMode {
	info, err := f.Stat(".")
	if err != nil {
		return 0o700
	}
	return info.Mode().Perm()
}

// sync has a folder's names be on the disk. Some servers of files know no such thing.
func (f folder) sync(dir string) error {
	d, err := f.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}

// errChanges reports a file that is still being written.
var errChanges = errors.New("the file changes")

// copyTo copies a file of ours to blobs, for the caller to discard. One with more
// bytes than files may have is not copied.
func (f folder) copyTo(blobs blob.Store, t taken, most int64) (got intake.File, err error) {
	in, err := f.OpenFile(t.at, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return got, err
	}
	defer in.Close()
	before, err := in.Stat()
	if err != nil {
		return got, err
	}
	got = intake.File{Name: path.Base(t.path), Size: before.Size()}
	if !before.Mode().IsRegular() {
		return got, fmt.Errorf("%w: no file", os.ErrPermission)
	}
	if got.Size > most {
		return got, nil
	}
	if got.Draft, err = blobs.Create(); err != nil {
		return got, err
	}
	_, err = io.Copy(got.Draft, io.LimitReader(in, most+1))
	if err = errors.Join(err, got.Draft.Close()); err == nil {
		err = unchanged(in, before, got.Draft.Size())
	}
	if err != nil {
		got.Draft.Discard()
	}
	return got, err
}

// unchanged returns errChanges where a file is not what it was before it was read.
func unchanged(in *os.File, before fs.FileInfo, read int64) error {
	after, err := in.Stat()
	if err != nil {
		return err
	}
	if after.Size() != read || !after.ModTime().Equal(before.ModTime()) {
		return errChanges
	}
	return nil
}

// tidy removes what was read before then.
func (f folder) tidy(before time.Time) error {
	old, err := f.list(doneFolder, func(string) bool { return true })
	if err != nil {
		return err
	}
	var errs []error
	for _, o := range old {
		// When it came to lie there: a file keeps the time that it was scanned.
		info, err := f.Lstat(o.path)
		if err != nil || cameAt(info).After(before) {
			continue
		}
		errs = append(errs, f.Remove(o.path))
	}
	return errors.Join(errs...)
}
