package download

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A shop is a Maker with a template of one page that is done.
type shop struct {
	*Maker
	testing.TB
	template form.TemplateID
	folder   string
	saved    form.ProfileID // once there is one
}

func newShop(t *testing.T) *shop {
	t.Helper()
	dir, ctx := t.TempDir(), t.Context()
	database, err := db.Open(ctx, filepath.Join(dir, "seosik.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { database.Close() })
	blobs, err := blob.Open(filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{TB: t, folder: filepath.Join(dir, "out")}
	s.Maker = New(Config{DB: database, Blobs: blobs, Data: dir, Folders: []string{s.folder}})
	if err := os.Mkdir(s.folder, 0o755); err != nil {
		t.Fatal(err)
	}
	d, _, err := database.AddDomain(ctx, form.Command, "office", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	f, err := database.SaveTemplate(ctx, form.Command, &form.Template{
		Domain: d.ID, Stage: form.Service, Name: "신청서", Languages: []string{"ko"}, Image: blob.KeyOf(nil), ImageName: "t.png", Width: 99, Height: 99,
		Fields: []form.Field{{Name: "성명", Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(1, 1, 50, 20)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.template = f.ID
	s.add("김é")
	return s
}

// add adds a page that is done.
func (s *shop) add(name string) {
	s.Helper()
	ctx := s.Context()
	var doc form.DocumentID
	if _, err := s.DB.AddSubmission(ctx, form.Program(1), form.Submission{Domain: 1}, []form.Document{{Name: "a.pdf", Blob: blob.KeyOf(nil)}},
		func(_ *sql.Tx, chores []db.Chore) error { doc = chores[0].Document; return nil }); err != nil {
		s.Fatal(err)
	}
	if _, err := s.DB.Begin(ctx, db.Chore{Document: doc}); err != nil {
		s.Fatal(err)
	}
	task, err := s.DB.SetPages(ctx, doc, 1)
	if err != nil {
		s.Fatal(err)
	}
	f, err := s.DB.Template(ctx, form.Everything, s.template, 0)
	if err != nil {
		s.Fatal(err)
	}
	p := form.Page{Number: 1, State: form.StateDone, Template: s.template, Version: f.Version, Image: blob.KeyOf(nil), Width: 9, Height: 9}
	readings := []form.Reading{{Field: f.Fields[0].ID, Text: name, Confidence: 1, Engine: "two"}}
	if err := s.DB.SaveRun(ctx, task.Open[0].Page, task.Open[0].Run, p, readings); err != nil {
		s.Fatal(err)
	}
}

// order notes an export that is to be made.
func (s *shop) order(x db.NewExport) form.ExportID {
	s.Helper()
	x.Export.Template, x.Export.Format = s.template, form.FormatCSV
	id, err := s.DB.AddExport(s.Context(), form.Command, form.Everything, x, func(*sql.Tx, form.ExportID) error { return nil })
	if err != nil {
		s.Fatal(err)
	}
	return id
}

// profile returns a saved download, always the same.
func (s *shop) profile() form.ProfileID {
	s.Helper()
	if s.saved == 0 {
		var err error
		x := form.Export{Template: s.template, Format: form.FormatCSV}
		if s.saved, err = s.DB.SaveProfile(s.Context(), form.Command, form.Everything, form.Profile{Name: "매일", Export: x}); err != nil {
			s.Fatal(err)
		}
	}
	return s.saved
}

func (s *shop) state(id form.ExportID, want form.ExportState, why form.ExportFailure) db.ExportInfo {
	s.Helper()
	x, err := s.DB.ExportOf(s.Context(), form.Everything, id)
	if err != nil || x.State != want || x.Failure != why {
		s.Errorf("the export is %s, %q, want %s, %q; %v", x.State, x.Failure, want, why, err)
	}
	return x
}

// files returns what lies in the folder.
func (s *shop) files() (names []string) {
	s.Helper()
	list, err := os.ReadDir(s.folder)
	if err != nil {
		s.Fatal(err)
	}
	for _, f := range list {
		names = append(names, f.Name())
	}
	return names
}

func TestAFileIsKept(t *testing.T) {
	s := newShop(t)
	id := s.order(db.NewExport{Export: form.Export{CP949: true}})
	if err := s.Make(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	x := s.state(id, form.ExportDone, "")
	data, err := s.Blobs.Bytes(t.Context(), x.Blob)
	if err != nil || !bytes.Contains(data, []byte("\xb1\xe8\xa1\xeb")) || x.Size != int64(len(data)) || x.Pages != 1 {
		t.Errorf("%q, %v, %+v", data, err, x)
	}
	if m := x.Misfits; m.N != 1 || m.List[0].Char != "é" || m.List[0].Column != "성명" || m.List[0].Page == 0 {
		t.Errorf("misfits %+v", m)
	}
	if !strings.HasPrefix(x.Name, "신청서 ") || !strings.HasSuffix(x.Name, ".csv") {
		t.Errorf("it is called %q", x.Name)
	}
	if err := s.Make(t.Context(), id); err != nil { // a job that comes twice
		t.Error(err)
	}
}

// Wherever the server dies, the file is in its folder once, and what it has is
// remembered.
func TestAServerThatDies(t *testing.T) {
	s := newShop(t)
	profile, err := s.DB.SaveProfile(t.Context(), form.Command, form.Everything, form.Profile{Name: "매일", Export: form.Export{Template: s.template, Format: form.FormatCSV}})
	if err != nil {
		t.Fatal(err)
	}
	due := time.Date(2026, 11, 2, 6, 0, 0, 0, time.Local)
	for _, died := range []string{"while it was written", "before it had its name", "after it had its name"} {
		t.Run(died, func(t *testing.T) {
			due = due.Add(time.Hour)
			s.add("새로 온 사람")
			id := s.order(db.NewExport{Profile: profile, Folder: s.folder, Due: due, Export: form.Export{Since: true}})
			x := s.state(id, form.ExportWaiting, "")
			if err := s.DB.BeginExport(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			out, err := s.create(&x)
			if err != nil {
				t.Fatal(err)
			}
			f, err := s.write(t.Context(), out, &x)
			if err != nil {
				t.Fatal(err)
			}
			if died != "while it was written" {
				if _, err := out.Keep(t.Context()); err != nil {
					t.Fatal(err)
				}
				if err := s.DB.ExportMade(t.Context(), id, f); err != nil {
					t.Fatal(err)
				}
			}
			if died == "after it had its name" {
				if err := os.Rename(part(&x), filepath.Join(s.folder, f.Name)); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Make(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			s.state(id, form.ExportDone, "")
			name := "매일 " + due.Format("20060102-1504") + ".csv"
			if got := s.files(); !slices.Contains(got, name) || slices.ContainsFunc(got, func(s string) bool { return strings.HasSuffix(s, ".part") }) {
				t.Errorf("files %q, want %q", got, name)
			}
			data, err := os.ReadFile(filepath.Join(s.folder, name))
			if err != nil || strings.Count(string(data), "새로 온 사람") != 1 {
				t.Errorf("%q, %v", data, err)
			}
		})
	}
}

// Who asks twice within a minute has two files: what was new in the first is in no
// other.
func TestTwoFilesWithinAMinute(t *testing.T) {
	s := newShop(t)
	profile, err := s.DB.SaveProfile(t.Context(), form.Command, form.Everything, form.Profile{Name: "매일", Export: form.Export{Template: s.template, Format: form.FormatCSV}})
	if err != nil {
		t.Fatal(err)
	}
	due := time.Date(2026, 11, 2, 6, 0, 0, 0, time.Local)
	for range 3 {
		id := s.order(db.NewExport{Profile: profile, Folder: s.folder, Due: due, Export: form.Export{Since: true}})
		if err := s.Make(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		s.state(id, form.ExportDone, "")
	}
	if got, want := s.files(), []string{"매일 20261102-0600 (2).csv", "매일 20261102-0600 (3).csv", "매일 20261102-0600.csv"}; !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
}

// What is new is in one of two files that are wanted at once: the later one waits.
func TestTwoFilesOfWhatIsNewAtOnce(t *testing.T) {
	s := newShop(t)
	profile := s.profile()
	order := func() form.ExportID {
		return s.order(db.NewExport{Profile: profile, Folder: s.folder, Export: form.Export{Since: true}})
	}
	first, second := order(), order()
	if err := s.Make(t.Context(), second); !errors.Is(err, form.ErrConflict) {
		t.Errorf("Make = %v, want it to wait", err)
	}
	s.state(second, form.ExportWaiting, "")
	for _, id := range []form.ExportID{first, second} {
		if err := s.Make(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if one, two := s.state(first, form.ExportDone, ""), s.state(second, form.ExportDone, ""); one.Pages != 1 || two.Pages != 0 {
		t.Errorf("the files have %d and %d pages", one.Pages, two.Pages)
	}
}

// A disk says once that it has lost a name, and then that all is well.
func TestAFolderThatLies(t *testing.T) {
	s := newShop(t)
	id := s.order(db.NewExport{Folder: s.folder})
	s.syncDir = func(string) error { return syscall.EIO }
	if err := s.Make(t.Context(), id); !errors.Is(err, syscall.EIO) {
		t.Errorf("Make = %v", err)
	}
	x := s.state(id, form.ExportWritten, form.ExportFolder)
	if got := s.files(); len(got) != 1 || got[0] == x.Name {
		t.Errorf("files %q: the name is not on the disk", got)
	}
	s.syncDir = syncDir
	if err := s.Make(t.Context(), id); err != nil {
		t.Error(err)
	}
	s.state(id, form.ExportDone, "")
	if got := s.files(); !slices.Equal(got, []string{x.Name}) {
		t.Errorf("files %q", got)
	}
}

func TestAFolderThatIsNotThere(t *testing.T) {
	s := newShop(t)
	if err := os.Remove(s.folder); err != nil {
		t.Fatal(err)
	}
	id := s.order(db.NewExport{Folder: s.folder})
	if err := s.Make(t.Context(), id); !errors.Is(err, errFolder) {
		t.Errorf("Make = %v", err)
	}
	s.state(id, form.ExportWaiting, form.ExportFolder)
	if err := os.Mkdir(s.folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := s.Make(t.Context(), id); err != nil {
		t.Error(err)
	}
	s.state(id, form.ExportDone, "")
	if got := s.files(); len(got) != 1 {
		t.Errorf("files %q", got)
	}
	other := s.order(db.NewExport{Folder: t.TempDir()})
	if err := s.Make(t.Context(), other); !errors.Is(err, errFolder) {
		t.Errorf("into a folder that was not named: %v", err)
	}
}

func TestPasswords(t *testing.T) {
	s := newShop(t)
	sealed, err := s.Seal("열려라 참깨 123")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.Seal("열려라 참깨 123"); err != nil || bytes.Equal(sealed, again) || bytes.Contains(sealed, []byte("열려라")) {
		t.Errorf("sealed as %q and %q, %v", sealed, again, err)
	}
	x := db.NewExport{Sealed: sealed, Export: form.Export{Encrypted: true}}
	id := s.order(x)
	if err := s.Make(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	info := s.state(id, form.ExportDone, "")
	data, err := s.Blobs.Bytes(t.Context(), info.Blob)
	if err != nil || !bytes.HasPrefix(data, []byte("PK")) || bytes.Contains(data, []byte("성명")) || len(info.Sealed) > 0 {
		t.Errorf("%q, %v", data, err)
	}
	if err := os.Remove(filepath.Join(s.Data, keyFile)); err != nil {
		t.Fatal(err)
	}
	id = s.order(x)
	if err := s.Make(t.Context(), id); err != nil {
		t.Error(err)
	}
	s.state(id, form.ExportFailed, form.ExportPassword)
}

// Whoever asked for it, and before it was asked what for.
func TestPersonalDataIsWrittenAsTheOfficeWantsIt(t *testing.T) {
	s := newShop(t)
	said := form.Export{Personal: true, Purpose: "work", Reason: "x"}
	locked := form.UsualMasks()
	locked.Locked = true
	for _, tt := range []struct {
		masks form.Masks
		x     form.Export
		want  form.ExportFailure
	}{
		{form.UsualMasks(), form.Export{Personal: true}, form.ExportPurpose},
		{form.UsualMasks(), said, ""},
		{locked, said, form.ExportUnlocked},
		{locked, form.Export{}, ""},
	} {
		if err := s.DB.SetMasks(t.Context(), form.Command, tt.masks); err != nil {
			t.Fatal(err)
		}
		id := s.order(db.NewExport{Export: tt.x})
		if err := s.Make(t.Context(), id); err != nil {
			t.Error(err)
		}
		state := form.ExportDone
		if tt.want != "" {
			state = form.ExportFailed
		}
		s.state(id, state, tt.want)
	}
}

// A command that is refused, or was killed, keeps no later file of its saved download
// from being made.
func TestACommandThatEnds(t *testing.T) {
	s := newShop(t)
	order := func() (db.ExportFile, error) {
		return s.WriteTo(t.Context(), io.Discard, form.Command, db.NewExport{Profile: s.profile(), Export: form.Export{Template: s.template, Format: form.FormatCSV, Since: true}})
	}
	none := func(what string, want error) {
		t.Helper()
		if _, err := order(); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	first := s.order(db.NewExport{Profile: s.profile(), Export: form.Export{Since: true}})
	none("while the server makes one", ErrBusy)
	if err := s.Make(t.Context(), first); err != nil {
		t.Errorf("what was refused keeps the server from making one: %v", err)
	}
	if f, err := order(); err != nil || f.Pages != 0 {
		t.Errorf("after that, and what was refused: %d pages, %v", f.Pages, err)
	}
	all, err := s.WriteTo(t.Context(), io.Discard, form.Command, db.NewExport{Export: form.Export{Template: s.template, Format: form.FormatCSV}})
	rows, err2 := s.DB.AccessLog(t.Context(), db.AccessFilter{Act: db.AccessExportTaken, Limit: 1})
	if err != nil || err2 != nil || all.Pages == 0 || len(rows) != 1 || rows[0].Pages != all.Pages {
		t.Errorf("a command that wrote %d pages took, as the access log has it, %+v, %v, %v", all.Pages, rows, err, err2)
	}
	unsaid := db.NewExport{Profile: s.profile(), Export: form.Export{Template: s.template, Format: form.FormatCSV, Personal: true}}
	before, err := s.DB.Exports(t.Context(), form.Everything, 9)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.WriteTo(t.Context(), io.Discard, form.Command, unsaid); !errors.Is(err, form.ErrPurpose) {
		t.Errorf("without a purpose: %v", err)
	}
	if after, err := s.DB.Exports(t.Context(), form.Everything, 9); err != nil || len(after) != len(before) {
		t.Errorf("and that is noted as a file: %+v, %v", after[0], err)
	}
}

// What is deleted while a file is made is not in it.
func TestAPageIsDeletedMeanwhile(t *testing.T) {
	s := newShop(t)
	id := s.order(db.NewExport{})
	x := s.state(id, form.ExportWaiting, "")
	if err := s.DB.BeginExport(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := s.write(t.Context(), &b, &x); err != nil {
		t.Fatal(err)
	}
	if err := s.DB.DeleteSubmission(context.Background(), form.Command, 1); err != nil {
		t.Fatal(err)
	}
	if err := anew(s.DB.ExportMade(t.Context(), id, db.ExportFile{})); !errors.Is(err, errAnew) {
		t.Errorf("it is finished: %v", err)
	}
	if err := s.Make(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if x := s.state(id, form.ExportDone, ""); x.Pages != 0 {
		t.Errorf("it has %d pages", x.Pages)
	}
}
