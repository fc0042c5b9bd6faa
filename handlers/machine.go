package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/backup"
	"github.com/seosik/seosik/internal/form"
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
		m.Checks = append(m.Checks, views.MachineCheck(k))
	}
	if s.Readers != nil {
		m.Replaced = s.Readers.Replaced()
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
	return s.draw(c, http.StatusOK, views.Machine(m))
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
