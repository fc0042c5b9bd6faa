package form

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// IDs of exports, of saved ones, and of pages that a person has chosen.
type (
	ExportID    int64
	ProfileID   int64
	SelectionID int64
)

// An ExportFormat is what a file of an export is.
type ExportFormat string

// The formats.
const (
	FormatCSV   ExportFormat = "csv"   // one part, the fields or a table
	FormatXLSX  ExportFormat = "xlsx"  // a sheet for the fields, and one for each table
	FormatJSONL ExportFormat = "jsonl" // a line of JSON for each page, with its tables
)

// ExportFormats lists the formats.
var ExportFormats = []ExportFormat{FormatCSV, FormatXLSX, FormatJSONL}

// PartProvenance is the part with a line for each value: where it stands, what the
// machine read, how sure, and who said what instead. No table has such an id.
const PartProvenance = "#provenance"

// Columns beside those of the template. Fields are known by their ids, combined
// fields by "+" and their names, columns of tables by the id of the table, a point
// and their own.
const (
	ColumnFile     = "#file"
	ColumnPage     = "#page"     // of the file, for people
	ColumnID       = "#id"       // of the page, as in its address
	ColumnUID      = "#uid"      // of the page, as the API calls it
	ColumnState    = "#state"    // of the page
	ColumnReceived = "#received" // when
	ColumnFinished = "#finished" // when
	ColumnVersion  = "#version"  // of the template
	ColumnAgain    = "#again"    // whether it was in an export of the profile before, and is another now
	ColumnLink     = "#link"     // address of the page
	ColumnNotes    = "#notes"    // what people wrote about the page, a line each
	ColumnRow      = "#row"      // of a table
)

// ExportColumns lists them in their order.
var ExportColumns = []string{
	ColumnFile, ColumnPage, ColumnID, ColumnUID, ColumnState, ColumnReceived, ColumnFinished, ColumnVersion, ColumnAgain, ColumnLink, ColumnNotes, ColumnRow,
}

// An ExportColumn is a column that is written.
type ExportColumn struct {
	Key  string `json:"key"`
	Name string `json:"name,omitempty"` // empty for its own
}

// An Export says what is written of which pages of a template, and how. Its zero
// value but for Template and Format writes the fields of pages that are done.
type Export struct {
	Template   TemplateID     `json:"template"`
	Format     ExportFormat   `json:"format"`
	Part       string         `json:"part,omitempty"`       // of CSV: the id of a table, or PartProvenance; empty for the fields
	Columns    []ExportColumn `json:"columns,omitempty"`    // in this order; empty for the usual ones
	Titles     bool           `json:"titles,omitempty"`     // columns have the names that people read, and not those of the API
	Personal   bool           `json:"personal,omitempty"`   // personal data too
	Purpose    Purpose        `json:"purpose,omitempty"`    // for which that is taken
	Reason     string         `json:"reason,omitempty"`     // what calls for it
	Provenance bool           `json:"provenance,omitempty"` // beside each value, where it comes from; not of CSV, which has a part for it
	Literal    bool           `json:"literal,omitempty"`    // of CSV: every value to the letter, for programs
	CP949      bool           `json:"cp949,omitempty"`      // of CSV
	Encrypted  bool           `json:"encrypted,omitempty"`  // in a ZIP with a password
	Language   string         `json:"language,omitempty"`   // of what is not of the template
	Site       string         `json:"site,omitempty"`       // the address that links begin with; empty where nobody knows

	States   []State `json:"states,omitempty"` // empty for done only
	From, To string  `json:",omitempty"`       // first and last day of receipt, 2026-11-22; empty for no bound
	Days     int     `json:"days,omitempty"`   // received on so many days, the last of which is today; 0 for From and To
	Since    bool    `json:"since,omitempty"`  // only what no export of the profile had, as it is now

	Selection SelectionID `json:"selection,omitempty"` // only pages that a person has chosen; 0 for all
}

// A Purpose is what personal data is taken for.
type Purpose string

// Purposes lists what personal data may be taken for.
var Purposes = []Purpose{"work", "transfer", "subject", "audit", "statistics", "other"}

// ErrPurpose reports personal data that is to be taken without a purpose and a
// reason.
var ErrPurpose = errors.New("personal data is taken for a purpose and a reason only")

// ErrUnlocked reports personal data that is to be written into a file that is not
// encrypted, where the office wants such files to be.
var ErrUnlocked = errors.New("files with personal data must be encrypted")

// CheckPurpose returns ErrPurpose where personal data is to be written without
// saying what for.
func (x *Export) CheckPurpose() error {
	if x.Personal && (!slices.Contains(Purposes, x.Purpose) || x.Reason == "") {
		return ErrPurpose
	}
	return nil
}

// Why returns purpose and reason as one text; empty where no personal data is
// written, or nobody was asked, as before there were any.
func (x *Export) Why() string {
	if !x.Personal || x.Purpose == "" {
		return ""
	}
	return string(x.Purpose) + ": " + x.Reason
}

const (
	maxReason        = 500 // bytes
	maxExportColumns = 5000
	maxColumnName    = 200 // bytes
	maxExportDays    = 3660
)

// Validate returns an InvalidError where there is no such export.
func (x *Export) Validate() error {
	switch {
	case x.Template < 1:
		return Invalid("template", "must be chosen")
	case !slices.Contains(ExportFormats, x.Format):
		return Invalid("format", "must be csv, xlsx or jsonl")
	case x.Format != FormatCSV && (x.Part != "" || x.CP949 || x.Literal):
		return Invalid("format", "a part, an encoding and a use are of csv only")
	case x.Days < 0 || x.Days > maxExportDays:
		return Invalid("days", "must be from 0 to %d", maxExportDays)
	case len(x.Reason) > maxReason:
		return Invalid("reason", "has more than %d bytes", maxReason)
	case len(x.Columns) > maxExportColumns:
		return Invalid("columns", "are more than %d", maxExportColumns)
	}
	for _, s := range x.States {
		if !slices.Contains(States, s) {
			return Invalid("states", "must be states of a page")
		}
	}
	for _, day := range []string{x.From, x.To} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return Invalid("days", "must be as 2026-11-22")
		}
	}
	return x.checkColumns()
}

func (x *Export) checkColumns() error {
	keys := make(map[string]bool)
	for _, c := range x.Columns {
		if keys[c.Key] || c.Key == "" {
			return Invalid("columns", "one comes twice, or has no key")
		}
		keys[c.Key] = true
		if len(c.Name) > maxColumnName {
			return Invalid("columns", "a name has more than %d bytes", maxColumnName)
		}
		if err := checkVisible("columns", c.Name); err != nil {
			return err
		}
	}
	return nil
}

// Period returns when the pages were received that x writes at a time: from from,
// before to; zero for no bound. Days are those of its zone.
func (x *Export) Period(now time.Time) (from, to time.Time) {
	day := func(s string) time.Time {
		t, err := time.ParseInLocation(time.DateOnly, s, now.Location())
		if err != nil {
			return time.Time{}
		}
		return t
	}
	if x.Days > 0 {
		y, m, d := now.Date()
		return time.Date(y, m, d-x.Days+1, 0, 0, 0, 0, now.Location()), time.Time{}
	}
	if from, to = day(x.From), day(x.To); !to.IsZero() {
		to = to.AddDate(0, 0, 1)
	}
	return from, to
}

// Suffix returns what the name of a file of x ends with.
func (x *Export) Suffix() string {
	if x.Encrypted {
		return ".zip"
	}
	return "." + string(x.Format)
}

// A Schedule says when files are made of a profile by themselves. Its zero value
// is never.
type Schedule struct {
	Folder string `json:"folder,omitempty"` // where they go
	Hours  int    `json:"hours,omitempty"`  // between two, counted from midnight; 0 for once a day
	At     int    `json:"at,omitempty"`     // minutes after midnight, of once a day
}

// Set reports whether files are made by themselves.
func (s Schedule) Set() bool { return s.Folder != "" }

// Validate returns an InvalidError where there is no such schedule.
func (s Schedule) Validate() error {
	if s.Hours < 0 || s.Hours > 24 || s.At < 0 || s.At >= 24*60 {
		return Invalid("schedule", "must be a time of the day, or every 1 to 24 hours")
	}
	return nil
}

// Next returns the first time after now at which a file is to be made.
func (s Schedule) Next(now time.Time) time.Time {
	y, m, d := now.Date()
	for day := 0; ; day++ {
		if s.Hours == 0 {
			if t := time.Date(y, m, d+day, s.At/60, s.At%60, 0, 0, now.Location()); t.After(now) {
				return t
			}
			continue
		}
		for hour := 0; hour < 24; hour += s.Hours {
			if t := time.Date(y, m, d+day, hour, 0, 0, 0, now.Location()); t.After(now) {
				return t
			}
		}
	}
}

// A Profile is an export that was saved under a name.
type Profile struct {
	ID       ProfileID
	Domain   DomainID
	Name     string
	Export   Export
	Schedule Schedule
	Sealed   []byte    // the password of what is encrypted, as only this data folder can read it
	NextAt   time.Time // of its schedule; zero for never
}

const maxProfileName = 100 // bytes

// CheckProfileName returns an InvalidError where no profile can have the name,
// which stands in the names of files.
func CheckProfileName(name string) error {
	switch {
	case strings.TrimSpace(name) != name || name == "":
		return Invalid("name", "must not be empty, nor begin or end with a space")
	case len(name) > maxProfileName:
		return Invalid("name", "has more than %d bytes", maxProfileName)
	case strings.ContainsAny(name, `/\:*?"<>|`) || strings.HasPrefix(name, "."):
		return Invalid("name", "must be good as the name of a file")
	}
	return checkVisible("name", name)
}

// A Misfit is what a file could not hold as it is.
type Misfit struct {
	Page   PageID `json:"page"`   // 0 for a name of the file itself
	Column string `json:"column"` // as its head says
	Char   string `json:"char,omitempty"`
	// Long has the number of characters of a text of which only the beginning was
	// written; 0 where Char did not fit.
	Long int `json:"long,omitempty"`
}

// MaxMisfits is how many are listed.
const MaxMisfits = 500

// Misfits are those of a file.
type Misfits struct {
	N    int      // of all
	List []Misfit // the first
}

// Add adds one.
func (m *Misfits) Add(one Misfit) {
	m.N++
	if len(m.List) < MaxMisfits {
		m.List = append(m.List, one)
	}
}

// An ExportState is how far an export is.
type ExportState string

// The states.
const (
	ExportWaiting ExportState = "waiting"
	ExportRunning ExportState = "running"
	ExportWritten ExportState = "written" // the file is whole, and is to get its name
	ExportDone    ExportState = "done"
	ExportFailed  ExportState = "failed"
	ExportGone    ExportState = "gone" // the file is no more
)

// Open reports whether there is something left to be done.
func (s ExportState) Open() bool {
	return s == ExportWaiting || s == ExportRunning || s == ExportWritten
}

// An ExportFailure is why there is no file. The words for it are in views.
type ExportFailure string

// The failures.
const (
	ExportFullDisk ExportFailure = "full"
	ExportFolder   ExportFailure = "folder"   // is not there, or nothing can be written into it
	ExportPassword ExportFailure = "password" // cannot be read any more
	ExportTemplate ExportFailure = "template" // or the table is no more
	ExportPurpose  ExportFailure = "purpose"  // it has personal data, and nobody said what for
	ExportUnlocked ExportFailure = "unlocked" // it has personal data, and is not encrypted
	ExportStopped  ExportFailure = "stopped"  // who made it at the command line is gone
	ExportInternal ExportFailure = "internal"
)
