// Package download makes the files of exports: those that people ask for, which
// are kept for a day, those of schedules, which go into folders, and those of the
// command line.
//
// A file is made under another name, and gets its own once it is whole and that
// is noted: whatever is killed, it is there once. What an export of what is new
// wrote is remembered from the moment that is noted.
package download

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/export"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// Config is what a Maker is made of.
type Config struct {
	DB      *db.DB
	Blobs   blob.Store
	Data    string   // folder of the key, and of files that are being made
	Folders []string // into which files of schedules may go
}

// A Maker makes files. It is safe for concurrent use.
type Maker struct {
	Config
	syncDir func(dir string) error // syncDir, except in tests
}

// New returns a Maker.
func New(cfg Config) *Maker { return &Maker{cfg, syncDir} }

// Make makes the file of an export that was noted. An error means that it should
// be tried again; what is wrong for good is noted with the export.
func (m *Maker) Make(ctx context.Context, id form.ExportID) error {
	for {
		x, err := m.DB.ExportOf(ctx, form.Everything, id)
		if errors.Is(err, form.ErrNotFound) || err == nil && !x.State.Open() {
			return nil
		}
		if err == nil {
			err = m.make(ctx, &x)
		}
		switch why, passes := failureOf(err); {
		case err == nil:
			return nil
		case errors.Is(err, errAnew):
			continue
		case errors.Is(err, db.ErrLeaseLost) || errors.Is(err, form.ErrConflict) || ctx.Err() != nil:
			return err
		case passes:
			return errors.Join(err, m.DB.FailExport(ctx, id, why, true))
		default:
			return m.fail(ctx, id, why, err)
		}
	}
}

// errAnew reports that a page of a file was deleted while it was made, or that
// nobody wants it any more.
var errAnew = errors.New("the file is not to be made as it is")

// fail notes that there is no file. A mistake of ours is an error for the log, too,
// once it is noted.
func (m *Maker) fail(ctx context.Context, id form.ExportID, why form.ExportFailure, err error) error {
	if noted := m.DB.FailExport(ctx, id, why, false); noted != nil {
		return errors.Join(err, noted)
	}
	if why == form.ExportInternal {
		return &ForGoodError{err}
	}
	return nil
}

// A ForGoodError is one that is noted with its export: no other try helps.
type ForGoodError struct{ error }

func (e *ForGoodError) Unwrap() error { return e.error }

// failureOf returns why there is no file, and whether another try may help.
func failureOf(err error) (why form.ExportFailure, passes bool) {
	switch {
	case errors.Is(err, form.ErrFull) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		return form.ExportFullDisk, true
	case errors.Is(err, errFolder):
		return form.ExportFolder, true
	case errors.Is(err, errPassword):
		return form.ExportPassword, false
	case errors.Is(err, form.ErrPurpose):
		return form.ExportPurpose, false
	case errors.Is(err, form.ErrUnlocked):
		return form.ExportUnlocked, false
	case errors.Is(err, form.ErrNotFound):
		return form.ExportTemplate, false
	case errors.Is(err, form.ErrStorage) || errors.Is(err, syscall.EIO):
		return form.ExportInternal, true
	}
	return form.ExportInternal, false
}

func (m *Maker) make(ctx context.Context, x *db.ExportInfo) error {
	if x.State == form.ExportWritten {
		return m.place(ctx, x)
	}
	if err := m.DB.BeginExport(ctx, x.ID); err != nil {
		return anew(err)
	}
	out, err := m.create(x)
	if err != nil {
		return err
	}
	defer out.Discard()
	f, err := m.write(ctx, out, x)
	if err != nil {
		return err
	}
	if f.Blob, err = out.Keep(ctx); err != nil {
		return err
	}
	f.Size = out.Size()
	if err := anew(m.DB.ExportMade(ctx, x.ID, f)); err != nil || !x.Folded() {
		return err
	}
	if *x, err = m.DB.ExportOf(ctx, form.Everything, x.ID); err != nil { // with its name
		return anew(err)
	}
	return m.place(ctx, x)
}

// anew returns errAnew for an export that is not to be made as it is.
func anew(err error) error {
	if errors.Is(err, form.ErrNotFound) {
		return errAnew
	}
	return err
}

// ErrBusy reports a file of what is new of a saved download of which another is being
// made: what is new would be in both.
var ErrBusy = fmt.Errorf("another file of this saved download is being made; one whose command was killed is given up after %v", db.ExportHeardFor)

// WriteTo makes a file as it is told at the command line, and writes it to w. What is
// refused is noted nowhere, and what fails keeps no other file from being made.
func (m *Maker) WriteTo(ctx context.Context, w io.Writer, by form.Actor, x db.NewExport) (f db.ExportFile, err error) {
	if err := m.check(ctx, &x.Export); err != nil {
		return f, err
	}
	id, err := m.DB.AddExport(ctx, by, form.Everything, x, nil)
	if err != nil {
		return f, err
	}
	if f, err = m.writeNoted(ctx, w, id); err != nil {
		why, _ := failureOf(err)
		if ctx.Err() != nil || errors.Is(err, ErrBusy) {
			why = form.ExportStopped
		}
		return f, errors.Join(err, m.DB.FailExport(context.WithoutCancel(ctx), id, why, false))
	}
	return f, nil
}

// writeNoted writes the file of an export that was noted.
func (m *Maker) writeNoted(ctx context.Context, w io.Writer, id form.ExportID) (f db.ExportFile, err error) {
	if err := m.DB.BeginExport(ctx, id); errors.Is(err, form.ErrConflict) {
		return f, ErrBusy
	} else if err != nil {
		return f, err
	}
	info, err := m.DB.ExportOf(ctx, form.Everything, id)
	if err != nil {
		return f, err
	}
	defer m.beHeard(ctx, id)()
	if f, err = m.write(ctx, w, &info); err == nil {
		err = anew(m.DB.ExportMade(ctx, id, f))
	}
	return f, err
}

// check returns an error where no file must be made as x says, whoever asked for it,
// and however long ago.
func (m *Maker) check(ctx context.Context, x *form.Export) error {
	masks, err := m.DB.Masks(ctx)
	if err != nil {
		return err
	}
	return masks.CheckExport(x)
}

// beHeard has it known that a file is being made, until it is told that it is not.
func (m *Maker) beHeard(ctx context.Context, id form.ExportID) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var ended sync.WaitGroup
	ended.Go(func() {
		tick := time.NewTicker(db.ExportRenewal)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				_ = m.DB.ExportHeard(ctx, id) // the next time may do
			case <-ctx.Done():
				return
			}
		}
	})
	return func() {
		cancel()
		ended.Wait()
	}
}

// write writes the file of x to w.
func (m *Maker) write(ctx context.Context, w io.Writer, x *db.ExportInfo) (f db.ExportFile, err error) {
	if err := m.check(ctx, &x.Export); err != nil {
		return f, err
	}
	versions, err := m.DB.Versions(ctx, form.Everything, x.Export.Template)
	if err != nil {
		return f, err
	}
	if len(versions) == 0 {
		return f, fmt.Errorf("versions: %w", form.ErrNotFound)
	}
	at := x.CreatedAt
	if !x.Due.IsZero() {
		at = x.Due
	}
	name := fileName(x.ProfileName, versions, &x.Export, at)
	f.Name = name + x.Export.Suffix()
	body, closing, err := m.sealed(w, x, name, at)
	if err != nil {
		return f, err
	}
	buffered := bufio.NewWriterSize(body, 64<<10)
	o, err := m.Options(ctx, versions, &x.Export)
	if err != nil {
		return f, err
	}
	o.Misfits = &f.Misfits
	if o.TempDir, err = m.tempDir(); err != nil {
		return f, err
	}
	if err := export.Write(buffered, versions, &x.Export, m.records(ctx, x, &f), o); err != nil {
		return f, err
	}
	return f, errors.Join(buffered.Flush(), closing())
}

// sealed returns what the contents of the file of x are written to, and what ends
// it.
func (m *Maker) sealed(w io.Writer, x *db.ExportInfo, name string, at time.Time) (io.Writer, func() error, error) {
	if !x.Export.Encrypted {
		return w, func() error { return nil }, nil
	}
	password, err := m.open(x.Sealed)
	if err != nil {
		return nil, nil, err
	}
	z, err := export.Seal(w, name+"."+string(x.Export.Format), password, at.Local())
	if err != nil {
		return nil, nil, err
	}
	return z, z.Close, nil
}

// tempDir returns the folder of what is being made. What processes that died left
// there goes with the next start of the server.
func (m *Maker) tempDir() (string, error) {
	dir := filepath.Join(m.Data, "tmp")
	return dir, os.MkdirAll(dir, 0o700)
}

// tell is after how many pages it is noted how many there are.
const tell = 500

// records yields what x writes, and counts it.
func (m *Maker) records(ctx context.Context, x *db.ExportInfo, f *db.ExportFile) iter.Seq2[form.Record, error] {
	of := Filter(&x.Export, time.Now())
	if x.Export.Since && x.Profile != 0 {
		of.Since, of.Note = x.Profile, x.ID
	}
	return func(yield func(form.Record, error) bool) {
		for r, err := range m.DB.Export(ctx, form.Everything, of) {
			if err == nil && f.Pages%tell == 0 {
				err = anew(m.DB.ExportWrote(ctx, x.ID, f.Pages))
			}
			f.Pages++
			f.Of = append(f.Of, r.Page.ID)
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// Filter returns which pages x writes.
func Filter(x *form.Export, now time.Time) db.ExportFilter {
	f := db.ExportFilter{
		Template: x.Template, States: x.States, Selection: x.Selection, Details: x.Provenance || x.Part == form.PartProvenance,
		Notes: slices.ContainsFunc(x.Columns, func(c form.ExportColumn) bool { return c.Key == form.ColumnNotes }),
	}
	f.From, f.To = x.Period(now.Local())
	return f
}

// Options returns the options of x, with what the domain of versions says.
func (m *Maker) Options(ctx context.Context, versions []*form.Template, x *form.Export) (export.Options, error) {
	d, err := m.DB.Domain(ctx, form.Everything, versions[0].Domain)
	o := Options(x)
	o.Illegible = d.Settings.Illegible
	return o, err
}

// Options returns the options of x, in its language.
func Options(x *form.Export) export.Options {
	ctx := views.WithLanguage(context.Background(), x.Language)
	o := export.OptionsOf(x)
	o.Head = func(key string) string { return views.Say(ctx, "export.column."+strings.TrimPrefix(key, "#")) }
	o.Retired = func(name string, version int) string {
		return views.Say(ctx, "export.retired", "Name", name, "Version", version)
	}
	o.Sheet = func(key string) string {
		if key == form.PartProvenance {
			return views.Say(ctx, "export.provenance_sheet")
		}
		return views.Say(ctx, "export.fields_sheet")
	}
	o.State = func(s form.State) string { return views.Say(ctx, "state."+string(s)) }
	o.Link = func(id form.PageID) string { return fmt.Sprintf("%s/pages/%d", x.Site, id) }
	return o
}

// fileName returns the name of a file without what it ends with.
func fileName(profile string, versions []*form.Template, x *form.Export, at time.Time) string {
	parts := []string{profile}
	if profile == "" {
		parts = []string{versions[0].Name}
		if x.Format == form.FormatCSV && x.Part != "" {
			parts = append(parts, PartName(versions, x))
		}
	}
	name := strings.Join(append(parts, at.Local().Format("20060102-1504")), " ")
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '_'
		}
		return r
	}, name)
}

// PartName returns the newest name of the part that x writes; without such a one
// the part is the name, as in links of before.
func PartName(versions []*form.Template, x *form.Export) string {
	if x.Part == form.PartProvenance {
		return Options(x).Sheet(x.Part)
	}
	for _, t := range versions {
		for _, table := range t.Tables {
			if table.ID == x.Part {
				return table.Name
			}
		}
	}
	return x.Part
}

var errFolder = errors.New("the folder is not there, or nothing can be written into it")

// A place is where a file is made: a *blob.Draft, or one in a folder.
type place interface {
	io.Writer
	Keep(ctx context.Context) (blob.Key, error)
	Size() int64
	Discard()
}

// create begins the file of x.
func (m *Maker) create(x *db.ExportInfo) (place, error) {
	if !x.Folded() {
		d, err := m.Blobs.Create()
		return &draft{d, m.DB}, err
	}
	if !slices.Contains(m.Folders, x.Folder) {
		return nil, fmt.Errorf("%w: it is not one of --export-folders", errFolder)
	}
	f, err := os.OpenFile(part(x), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o640)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errFolder, err)
	}
	return &folded{File: f}, nil
}

// part returns where the file of x lies until it is whole.
func part(x *db.ExportInfo) string {
	return filepath.Join(x.Folder, fmt.Sprintf(".seosik-%d.part", x.ID))
}

// place gives the file of x, which is whole, its name, unless it has it.
func (m *Maker) place(ctx context.Context, x *db.ExportInfo) error {
	err := os.Rename(part(x), filepath.Join(x.Folder, x.Name))
	if _, gone := os.Stat(x.Folder); errors.Is(err, fs.ErrNotExist) && gone == nil {
		err = nil // it was done before the server died
	}
	if err == nil {
		if err = m.syncDir(x.Folder); err != nil {
			// The system says so once: the next try gives the name anew, or it would take it
			// for being on the disk.
			err = errors.Join(err, os.Rename(filepath.Join(x.Folder, x.Name), part(x)))
		}
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errFolder, err)
	}
	return m.DB.FinishExport(ctx, x.ID)
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) { // as of some network drives
		return err
	}
	return nil
}

// A draft is a file that is to be kept here.
type draft struct {
	*blob.Draft
	db *db.DB
}

// Keep keeps it. It goes by itself where nothing comes to name it.
func (d *draft) Keep(ctx context.Context) (blob.Key, error) {
	if err := d.Close(); err != nil {
		return "", err
	}
	if err := d.db.LoosenBlobs(ctx, d.Key()); err != nil {
		return "", err
	}
	return d.Draft.Keep(ctx)
}

// A folded is a file in a folder.
type folded struct {
	*os.File
	size int64
	kept bool
}

// Write adds p.
func (f *folded) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	f.size += int64(n)
	return n, err
}

// Size returns how many bytes it has.
func (f *folded) Size() int64 { return f.size }

// Keep sees that it is on the disk.
func (f *folded) Keep(context.Context) (blob.Key, error) {
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return "", fmt.Errorf("%w: %w", errFolder, err)
	}
	f.kept = true
	return "", nil
}

// Discard removes it, unless it was kept.
func (f *folded) Discard() {
	if !f.kept {
		_ = errors.Join(f.Close(), os.Remove(f.Name())) // the next try begins it anew
	}
}
