package views

import (
	"context"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// An AdminLink leads to a page by which the office looks after the site.
type AdminLink struct {
	Path  string
	Title string // id of words
	About string // id of words: what one sees and does there
}

// AdminLinks lists those pages, in the order in which they are shown.
var AdminLinks = []AdminLink{
	{"/admin/access", "access.title", "admin.access"},
	{"/admin/retention", "retention.title", "admin.retention"},
	{"/admin/masks", "masks.title", "admin.masks"},
	{"/admin/machine", "machine.title", "admin.machine"},
	{"/admin/people", "people.title", "admin.people"},
	{"/vigilance", "vigilance.title", "admin.vigilance"},
	{"/trash", "trash.title", "admin.trash"},
}

// An AdminPage lists the pages by which the office looks after the site.
type AdminPage struct {
	Frame
	Links   []AdminLink
	Matters []Matter
}

// A Matter is something that the office should look into.
type Matter struct {
	Words string // id
	Path  string // where one does
	Month string
	Count int
}

func (m Matter) says(ctx context.Context) string {
	return Say(ctx, m.Words, "Count", m.Count, "Month", m.Month)
}

// MattersOf lists what the office should look into at a time, the worst first, where a
// backup is made every so often; 0 for nobody knows. LateCertificate says that one of
// the site's is.
func MattersOf(m form.Matters, lateCertificate bool, now time.Time, every time.Duration) (list []Matter) {
	const access, report, machine = "/admin/access", "/admin/access/report", "/admin/machine"
	for _, of := range []struct {
		is bool
		Matter
	}{
		{m.Log.Broken(), Matter{Words: "matters.log_broken", Path: access}},
		{!m.Log.Broken() && m.Log.Late(now), Matter{Words: "matters.log_late", Path: access}},
		{m.Alarms > 0, Matter{Words: "matters.alarms", Path: access, Count: m.Alarms}},
		{lateCertificate, Matter{Words: "matters.certificate", Path: machine}},
		{m.Backups.Last.Lacking > 0, Matter{Words: "matters.lacking", Path: machine}},
		{m.Backups.Failed != nil, Matter{Words: "machine.matter_failed", Path: machine}},
		{m.Backups.Last.At.IsZero(), Matter{Words: "machine.no_backup", Path: machine}},
		{!m.Backups.Last.At.IsZero() && m.Backups.Old(now, every), Matter{Words: "machine.old_backup", Path: machine}},
		{!m.Unsigned.IsZero(), Matter{Words: "matters.unsigned", Path: report, Month: m.Unsigned.Format("2006-01")}},
	} {
		if of.is {
			list = append(list, of.Matter)
		}
	}
	return list
}
