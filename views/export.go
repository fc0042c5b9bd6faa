package views

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// An ExportForm is the page on which values are downloaded.
type ExportForm struct {
	Frame
	Templates []Group  // by domain
	Parts     []Option // of the template: its fields, its tables, and where values come from
	Export    form.Export
	Selected  []ExportSelected // pages that were chosen, by template; nil where none were
	Own       bool             // columns are chosen
	Columns   []ExportColumn
	Previews  []ExportPreview
	Lines     string // of JSON, where that is the format
	Empty     bool   // no page fits
	Password  bool   // one is kept

	Profile  form.ProfileID // that is shown; 0 for none
	Name     string         // of it, as typed
	Schedule form.Schedule
	NextAt   time.Time
	Profiles []ExportProfile
	Folders  []string // into which files may go by themselves

	Files []ExportFile
	Wrong string // id of words, or words; empty if nothing is
	Saved bool
}

// An ExportSelected is how many pages were chosen of a template, 0 for those without.
type ExportSelected struct {
	Template    form.TemplateID
	Name        string
	Pages, Done int // finished ones
}

// path returns the address of the download of what was chosen of a template.
func (m *ExportForm) path(of ExportSelected) string {
	return fmt.Sprintf("/export?selection=%d&template=%d", m.Export.Selection, of.Template)
}

// An ExportColumn is a column that can be chosen.
type ExportColumn struct {
	Key, Head, Table string
	Name             string // that was given it; empty for its own
	On               bool
}

func (c ExportColumn) label() string {
	if c.Table != "" {
		return c.Table + " · " + c.Head
	}
	return c.Head
}

// An ExportPreview is the beginning of what is written of a sheet.
type ExportPreview struct {
	Name  string
	Heads []string
	Rows  [][]string
}

// An ExportProfile is a saved export in a list.
type ExportProfile struct {
	ID     form.ProfileID
	Name   string
	Format form.ExportFormat
	NextAt time.Time // zero for never
}

// An ExportFile is a file that is, was or is to be made.
type ExportFile struct {
	ID             form.ExportID
	Name, Template string
	Folder, By     string
	Scheduled      bool
	At             time.Time
	State          form.ExportState
	Failure        form.ExportFailure
	Kept           bool // it can be downloaded
	Size           int64
	Pages, Total   int
	Misfits        form.Misfits
}

// PreviewRows is how many rows of each sheet are shown before they are written.
const PreviewRows = 20

// ExportStates lists the states whose pages have values.
var ExportStates = []form.State{form.StateDone, form.StateReview}

func (m *ExportForm) has(s form.State) bool {
	return slices.Contains(m.Export.States, s) || len(m.Export.States) == 0 && s == form.StateDone
}

func (m *ExportForm) csv() bool { return m.Export.Format == form.FormatCSV }

// open reports whether a file is being made.
func open(files []ExportFile) bool {
	return slices.ContainsFunc(files, func(f ExportFile) bool { return f.State.Open() })
}

// every returns how often the files are looked at.
func every(files []ExportFile) string {
	if open(files) {
		return "every 1s"
	}
	return "every 10s"
}

func (f ExportFile) path(what string) string { return fmt.Sprintf("/export/files/%d%s", f.ID, what) }

func (f ExportFile) title() string {
	if f.Name != "" {
		return f.Name
	}
	return f.Template
}

func (f ExportFile) by(ctx context.Context) string {
	switch {
	case f.Scheduled:
		return Say(ctx, "export.by_schedule")
	case f.By == "":
		return Say(ctx, "export.by_command")
	}
	return f.By
}

func (f ExportFile) state(ctx context.Context) string {
	switch {
	case f.State == form.ExportRunning && f.Total > 0:
		return Say(ctx, "export.progress", "Pages", f.Pages, "Total", f.Total)
	case f.State == form.ExportDone && f.Folder != "":
		return Say(ctx, "export.job.folder", "Folder", f.Folder)
	case f.State == form.ExportDone && !f.Kept:
		return Say(ctx, "export.job.command")
	}
	return Say(ctx, "export.job."+string(f.State))
}

// misfit says what did not fit.
func misfit(ctx context.Context, m form.Misfit) string {
	switch {
	case m.Page == 0:
		return Say(ctx, "export.misfit_head", "Column", m.Column, "Char", m.Char)
	case m.Long > 0:
		return Say(ctx, "export.misfit_long", "Page", int64(m.Page), "Column", m.Column, "Count", m.Long)
	}
	return Say(ctx, "export.misfit_char", "Page", int64(m.Page), "Column", m.Column, "Char", m.Char)
}

// bytesOf returns a number of bytes for people.
func bytesOf(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}

// hours lists the intervals of schedules.
func hours(ctx context.Context, s form.Schedule) []Option {
	list := []Option{{Value: "0", Text: Say(ctx, "export.schedule_daily"), Chosen: s.Hours == 0}}
	for _, n := range []int{1, 2, 3, 4, 6, 8, 12} {
		list = append(list, Option{Value: strconv.Itoa(n), Text: Say(ctx, "export.schedule_hours", "Count", n), Chosen: s.Hours == n})
	}
	return list
}

func folders(ctx context.Context, m *ExportForm) []Option {
	list := []Option{{Text: Say(ctx, "export.schedule_never"), Chosen: m.Schedule.Folder == ""}}
	for _, f := range m.Folders {
		list = append(list, Option{Value: f, Text: f, Chosen: f == m.Schedule.Folder})
	}
	return list
}

func clockOf(s form.Schedule) string { return fmt.Sprintf("%02d:%02d", s.At/60, s.At%60) }

func daysOf(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
