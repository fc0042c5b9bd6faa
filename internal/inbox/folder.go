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
	"regexp"
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
	lockName      = readingFolder + "/.lock"
	reasonSuffix  = ".txt"
	maxDepth      = 16      // of folders in it
	maxName       = 255     // bytes
	maxSuffix     = 16      // bytes of what is taken for a kind of file
	maxReason     = 4 << 10 // bytes
)

var (
	errChanges = errors.New("the file changes")
	errLocked  = errors.New("the file may not be read")
	errBusy    = errors.New("another process takes files from the folder")
	errDeep    = errors.New("folders are too deep")
)

// A folder is that of an inbox. Nothing outside of it is touched, whatever links
// are in it.
type folder struct{ *os.Root }

// lock keeps other processes of this machine from the folder until release is called,
// or returns errBusy.
func (f folder) lock() (release func(), err error) {
	if err := f.makeFor(lockName); err != nil {
		return nil, err
	}
	l, err := f.OpenFile(lockName, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(l.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		l.Close()
		return nil, errBusy
	}
	return func() { l.Close() }, nil
}

// A file is one in a folder.
type file struct {
	path    string // below the folder, with slashes
	size    int64
	changed time.Time
}

func (f file) same(g file) bool {
	return f.path == g.path && f.size == g.size && f.changed.Equal(g.changed)
}

// A taken file is ours: nobody else puts files where it lies.
type taken struct {
	at   string // below the folder
	path string // as it was before
}

// token returns what the database knows the file by: where it lies.
func (t taken) token() string {
	sum := sha256.Sum256([]byte(t.at))
	return hex.EncodeToString(sum[:16])
}

// place is that of files that are ours: no two have the same.
var place = regexp.MustCompile(`^` + readingFolder + `/[a-z2-7]{26}$`)

// waiting returns the files that are to be read, and not those that were taken, hidden
// ones, and those whose name says that they are being written.
func (f folder) waiting() (files []file, err error) {
	return f.list(".", maxDepth, func(p string) bool {
		return !ours(p, doneFolder) && !ours(p, failedFolder) && !place.MatchString(p) && !passing(path.Base(p))
	})
}

// taken returns the files that are being read: a/b is in reading/PLACE/a/b.
func (f folder) taken() (files []taken, err error) {
	under, err := f.list(readingFolder, maxDepth+2, func(p string) bool {
		return (strings.Count(p, "/") > 1 || place.MatchString(p)) && !passing(path.Base(p))
	})
	for _, u := range under {
		files = append(files, taken{at: u.path, path: strings.SplitN(u.path, "/", 3)[2]})
	}
	return files, err
}

// list returns the regular files under dir that wanted says yes to, and of folders
// that it says yes to. Where there is no dir there are none. What cannot be looked
// into is an error, and keeps nothing else out.
func (f folder) list(dir string, depth int, wanted func(path string) bool) (files []file, err error) {
	entries, err := f.entries(dir)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, e := range entries {
		p := path.Join(dir, e.Name())
		switch {
		case !wanted(p):
		case e.IsDir() && depth == 0:
			errs = append(errs, errDeep)
		case e.IsDir():
			more, err := f.list(p, depth-1, wanted)
			files, errs = append(files, more...), append(errs, err)
		case e.Type().IsRegular():
			info, err := e.Info()
			if err == nil {
				files = append(files, file{p, info.Size(), info.ModTime()})
			} else if !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, err)
			}
		}
	}
	return files, errors.Join(errs...)
}

// entries returns what is in a folder. Not by [os.Root.FS], which knows no names that
// are not UTF-8.
func (f folder) entries(dir string) ([]fs.DirEntry, error) {
	d, err := f.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // it is gone by now
	}
	if err != nil {
		return nil, err
	}
	defer d.Close()
	entries, err := d.ReadDir(-1)
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}

// ours reports whether a path is that of a folder of ours, or in it, where a system
// knows no capitals too.
func ours(p, which string) bool {
	top, _, _ := strings.Cut(p, "/")
	return strings.EqualFold(top, which)
}

// passing reports whether a name is that of what only passes by, or is no scan: what
// programs write before they give it its own name, and what systems leave.
func passing(name string) bool {
	name = strings.ToLower(name)
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~") || name == "thumbs.db" || name == "desktop.ini" || name == "lost+found" {
		return true
	}
	return slices.Contains([]string{".tmp", ".part", ".partial", ".crdownload", ".filepart", ".download"}, path.Ext(name))
}

// take makes a file ours, where it is still there.
func (f folder) take(p string) error {
	err := f.carry(p, path.Join(readingFolder, strings.ToLower(rand.Text()), p))
	if _, gone := f.Lstat(p); errors.Is(err, fs.ErrNotExist) && errors.Is(gone, fs.ErrNotExist) {
		return nil
	}
	return err
}

// hold has a file of ours lie where it does for good: after a power cut too.
func (f folder) hold(t taken) error {
	for dir := path.Dir(t.at); ; dir = path.Dir(dir) {
		if err := f.sync(dir); err != nil {
			return err
		}
		if dir == "." {
			break
		}
	}
	if err := f.sync(path.Dir(t.path)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// done moves a file of ours to those that were read that day.
func (f folder) done(t taken, day time.Time) error {
	return f.carry(t.at, f.free(path.Join(doneFolder, day.Format(time.DateOnly)), t, ""))
}

// fail moves a file of ours to the failed ones. The reason is there first: whoever
// finds the file finds why.
func (f folder) fail(t taken, reason string) error {
	if _, err := f.Lstat(t.at); err != nil {
		return err
	}
	to := f.free(failedFolder, t, reason)
	if err := f.makeFor(to); err != nil {
		return err
	}
	if err := f.write(to+reasonSuffix, reason); err != nil {
		return err
	}
	return f.carry(t.at, to)
}

func (f folder) write(p, text string) error {
	w, err := f.OpenFile(p, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = w.WriteString(text)
	return errors.Join(err, w.Chmod(f.mode()&0o666), w.Sync(), w.Close())
}

// free returns where t may lie in a folder, and its reason beside it: where its name is
// taken, another that no other file has. A reason that is there already was written
// by who was killed before the file was moved.
func (f folder) free(in string, t taken, reason string) string {
	to, suffix := path.Join(in, t.path), path.Ext(t.path)
	if len(suffix) > maxSuffix {
		suffix = ""
	}
	_, err := f.Lstat(to)
	_, err2 := f.Lstat(to + reasonSuffix)
	written := reason != "" && f.read(to+reasonSuffix) == reason
	if errors.Is(err, fs.ErrNotExist) && (written || errors.Is(err2, fs.ErrNotExist)) && len(path.Base(to)+reasonSuffix) <= maxName {
		return to
	}
	stem, more := strings.TrimSuffix(path.Base(to), suffix), " "+t.token()+suffix
	for stem != "" && len(stem+more+reasonSuffix) > maxName {
		_, n := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-n]
	}
	return path.Join(path.Dir(to), stem+more)
}

// carry moves a file for good. The folders of ours that it leaves empty go.
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

// makeFor makes the folders that a file is to lie in, for the people that the whole
// folder is for, whatever this process usually keeps to itself.
func (f folder) makeFor(p string) error {
	dir := path.Dir(p)
	if dir == "." {
		return nil
	}
	if err := f.makeFor(dir); err != nil {
		return err
	}
	switch err := f.Mkdir(dir, 0o700); {
	case errors.Is(err, fs.ErrExist):
		return nil
	case err != nil:
		return err
	}
	return errors.Join(f.Chmod(dir, f.mode()), f.sync(path.Dir(dir)))
}

// mode returns what people may do with the folder.
func (f folder) mode() fs.FileMode {
	info, err := f.Stat(".")
	if err != nil {
		return 0o700
	}
	return info.Mode() & (fs.ModePerm | fs.ModeSetgid)
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

// copyTo copies a file of ours to blobs, for the caller to discard. One with more
// bytes than files may have is not copied. It returns errLocked for one that may not
// be read, and errChanges for one that is being written.
func (f folder) copyTo(blobs blob.Store, t taken, most int64) (got intake.File, err error) {
	in, err := f.OpenFile(t.at, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrPermission) {
		return got, errLocked
	}
	if err != nil {
		return got, err
	}
	defer in.Close()
	before, err := in.Stat()
	if err != nil {
		return got, err
	}
	if !before.Mode().IsRegular() {
		return got, errLocked
	}
	got = intake.File{Name: path.Base(t.path), Size: before.Size()}
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

// tidy removes what was read before a day: by the names of folders that only we make,
// not by the times of files, which are those of another clock.
func (f folder) tidy(before time.Time) error {
	days, err := f.entries(doneFolder)
	errs := []error{err}
	for _, d := range days {
		if day, err := time.ParseInLocation(time.DateOnly, d.Name(), time.Local); err == nil && d.IsDir() && day.Before(before) {
			errs = append(errs, f.RemoveAll(path.Join(doneFolder, d.Name())))
		}
	}
	return errors.Join(errs...)
}

// reasons returns the failed files, and of the first most of them why.
func (f folder) reasons(most int) (failed []Failed, err error) {
	under, err := f.list(failedFolder, maxDepth+1, func(string) bool { return true })
	there := make(map[string]bool, len(under))
	for _, u := range under {
		there[u.path] = true
	}
	for _, u := range under {
		if !there[u.path+reasonSuffix] {
			continue
		}
		one := Failed{Name: u.path[len(failedFolder)+1:]}
		if len(failed) < most {
			one.Why = f.read(u.path + reasonSuffix)
		}
		failed = append(failed, one)
	}
	return failed, err
}

// read returns the beginning of a text; empty where that cannot be read.
func (f folder) read(p string) string {
	in, err := f.OpenFile(p, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return ""
	}
	defer in.Close()
	text, _ := io.ReadAll(io.LimitReader(in, maxReason))
	return strings.ToValidUTF8(string(text), "")
}

// nameless returns err without the names of files: people are called like them.
func nameless(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%s: %w", p.Op, p.Err)
	}
	if l, ok := errors.AsType[*os.LinkError](err); ok {
		return fmt.Errorf("%s: %w", l.Op, l.Err)
	}
	return err
}
