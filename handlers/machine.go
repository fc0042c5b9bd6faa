package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/backup"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/views"
)

// machine shows how the machine is, to who has no shell on it.
func (s *server) machine(c echo.Context) error {
	ctx := c.Request().Context()
	disk := s.Disk.State()
	m := views.MachinePage{
		Frame: s.frame(c, "machine.title", views.Administration), Now: s.Now(),
		Free: disk.Free, Total: disk.Total, Keep: disk.Keep,
		Program: backup.Program(), Began: s.began, Zone: zone(s.Now()),
	}
	for _, k := range s.checks(ctx) {
		if k.Name == "disk" && disk.ReadOnly {
			k.Name = "read_only"
		}
		m.Checks = append(m.Checks, views.MachineCheck(k))
	}
	if s.Certificates != nil {
		m.Certificates = s.Certificates()
	}
	if s.Readers != nil {
		m.Replaced, m.Guard = s.Readers.Replaced(), guardOf(s.Readers.Guard())
	}
	var err error
	if m.Counts, err = s.DB.StateCounts(ctx, form.Everything, 0, time.Time{}, time.Time{}); err != nil {
		return err
	}
	waits, err := s.DB.Waits(ctx)
	if err != nil {
		return err
	}
	if m.Log, err = s.DB.LogCheck(ctx); err != nil {
		return err
	}
	m.Waits = [2]time.Time{waits.Reading, waits.People}
	if err := s.kept(c, &m); err != nil {
		return err
	}
	if err := s.encrypted(c, &m); err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.Machine(m))
}

// guardOf says what readers are kept from.
func guardOf(g ocr.Guard) views.MachineGuard {
	switch {
	case !g.Calls:
		return views.GuardNone
	case g.Files == 0:
		return views.GuardReads
	default:
		return views.GuardAll
	}
}

// kept says what there is of the data elsewhere.
func (s *server) kept(c echo.Context, m *views.MachinePage) (err error) {
	if m.Backups, err = s.DB.Backups(c.Request().Context()); err != nil {
		return err
	}
	if m.Database, err = s.DB.Size(); err != nil {
		return err
	}
	if m.Schema, err = s.DB.Schema(); err != nil {
		return err
	}
	copies, err := s.DB.CopiesBefore()
	if err != nil {
		return err
	}
	for _, b := range copies {
		m.Before = append(m.Before, views.MachineCopy(b))
	}
	if k := s.Backups; k != nil {
		m.Scheduled = true
		m.Schedule = views.BackupSchedule{
			Folder: k.Folder, Hours: int(k.Every / time.Hour), Keep: k.Keep, Due: k.Due(), Working: k.Working(), SameDisk: k.SameDisk(),
		}
	}
	return nil
}

// mostUnsealed is up to how many pages are counted that are not encrypted as set.
const mostUnsealed = 100_000

// encrypted says what is encrypted, and how far that is.
func (s *server) encrypted(c echo.Context, m *views.MachinePage) (err error) {
	ctx, ring := c.Request().Context(), s.DB.Keyring()
	if ring == nil {
		return nil
	}
	m.Keys = &views.Encryption{Parts: blob.Shards, Most: mostUnsealed}
	if m.Keys.Part, err = ring.Sealed(ctx); err != nil {
		return err
	}
	if m.Keys.Left, err = s.DB.UnsealedPages(ctx, m.Keys.Most); err != nil {
		return err
	}
	m.Keys.Sealing, err = s.DB.Sealing(ctx)
	return err
}

// setEncryption sets what is encrypted besides what the law wants.
func (s *server) setEncryption(c echo.Context) error {
	set := form.Sealing{Names: c.FormValue("names") != "", Contacts: c.FormValue("contacts") != "", Others: c.FormValue("others") != ""}
	if err := s.DB.SetSealing(c.Request().Context(), actor(c), set); err != nil {
		return err
	}
	return sendTo(c, "/admin/machine")
}

// zone names the time zone of a time, which on some machines has no other name
// than its distance.
func zone(t time.Time) string {
	name := t.Location().String()
	if name == "Local" {
		name, _ = t.Zone()
	}
	return name + t.Format(" (-07:00)")
}

// backUp has a backup be made now.
func (s *server) backUp(c echo.Context) error {
	if s.Backups == nil {
		return form.ErrNotFound
	}
	s.Backups.Ask()
	return sendTo(c, "/admin/machine")
}
