package views

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// A HealthPage shows how the fields of a template fare.
type HealthPage struct {
	Frame
	Template *form.Template
	Table    HealthTable
}

// A HealthTable is the fields of a template, the worst first.
type HealthTable struct {
	Template *form.Template // the version that stands for it
	Days     int            // how far it looks back; 0 for all
	Choices  []int
	Sort     HealthSort
	Pages    int // that it tells of: the last ones, Most at most
	Most     int
	Rows     []HealthRow

	Running bool      // pages are being looked at
	Looked  int       // pages that were looked at for ink at the borders of boxes
	ToLook  int       // of so many
	At      time.Time // when they all were; zero before
}

// A HealthRow is a field, or a column of a table with all of its cells.
type HealthRow struct {
	ID        string
	Builder   string // id of what the builder selects: the field or the table
	Name      string
	Kind      form.Kind // empty for a column
	Read      int       // values
	Blank     int       // where nothing was read, or no mark
	Doubtful  int
	Corrected int
	Accepted  int
	Seconds   float64 // median of what a person spends on a value
	Timed     bool    // Seconds are known
	Lost      float64 // seconds that people spend on it in 100 pages

	Measured bool // the following are known
	Written  int  // places on the last pages in which something was written
	Touching int  // of those, where ink touches the border
	Better   bool // there is a better box
	Repair   HealthRepair
}

// A HealthRepair is a box with which more would have been read.
type HealthRepair struct {
	Box          geom.Box // empty where there is none
	Wrong, Fixed int
	Right, Lost  int
}

// A HealthSort is what a table of fields is sorted by.
type HealthSort string

// What it can be sorted by.
const (
	HealthName      HealthSort = "name"
	HealthRead      HealthSort = "read"
	HealthBlank     HealthSort = "blank"
	HealthDoubtful  HealthSort = "doubtful"
	HealthCorrected HealthSort = "corrected"
	HealthAccepted  HealthSort = "accepted"
	HealthSeconds   HealthSort = "seconds"
	HealthLost      HealthSort = "lost"
	HealthTouching  HealthSort = "touching"
)

// HealthSorts lists them in the order of the columns.
var HealthSorts = []HealthSort{
	HealthName, HealthRead, HealthBlank, HealthDoubtful, HealthCorrected, HealthAccepted, HealthSeconds, HealthLost, HealthTouching,
}

// By returns what r is sorted by; more comes first.
func (r HealthRow) By(by HealthSort) float64 {
	share := func(n, of int) float64 { return float64(n) / float64(max(1, of)) }
	switch by {
	case HealthRead:
		return float64(r.Read)
	case HealthBlank:
		return share(r.Blank, r.Read)
	case HealthDoubtful:
		return share(r.Doubtful, r.Read)
	case HealthCorrected:
		return share(r.Corrected, r.Read)
	case HealthAccepted:
		return share(r.Accepted, r.Read)
	case HealthSeconds:
		return r.Seconds
	case HealthTouching:
		return share(r.Touching, r.Written)
	default:
		return r.Lost
	}
}

// path returns the address of the table of t, sorted by by.
func (t HealthTable) path(more string, by HealthSort) string {
	return templatePath(t.Template, "/health"+more) + "?" + url.Values{"days": {strconv.Itoa(t.Days)}, "sort": {string(by)}}.Encode()
}

func daysText(ctx context.Context, days int) string {
	if days == 0 {
		return Say(ctx, "health.always")
	}
	return Say(ctx, "health.days", "Days", days)
}

// of returns how many, and which share that is.
func of(n, all int) string {
	if all == 0 {
		return "–"
	}
	return fmt.Sprintf("%d (%.0f%%)", n, 100*float64(n)/float64(all))
}

func (r HealthRow) kind() string {
	if r.Kind == "" {
		return "kind.table"
	}
	return "kind." + string(r.Kind)
}

func (r HealthRow) seconds() string {
	if !r.Timed {
		return "–"
	}
	return fmt.Sprintf("%.1f", r.Seconds)
}

func (r HealthRow) lost() string {
	if r.Lost > 0 && r.Lost < 10 {
		return fmt.Sprintf("%.1f", r.Lost)
	}
	return fmt.Sprintf("%.0f", r.Lost)
}

func (r HealthRow) touching() string {
	if !r.Measured {
		return "–"
	}
	return of(r.Touching, r.Written)
}

func (r HealthRow) path(t *form.Template) string {
	return templatePath(t, "/health/fields/"+url.PathEscape(r.ID))
}

func (r HealthRow) builderPath(t *form.Template) string {
	return templatePath(t, "/build#field="+url.QueryEscape(r.Builder))
}

// A HealthFieldPage shows a field on the last pages.
type HealthFieldPage struct {
	Frame
	Template *form.Template
	Row      HealthRow
	Box      geom.Box // in the version that is shown
	Drafted  geom.Box // in the draft; Box where there is none
	Better   geom.Box // empty where there is none
	Around   geom.Box // what is shown of each page, template px
	Crops    []HealthCrop
	Running  bool // pages are being looked at
}

// A HealthCrop is a page on which a field is shown.
type HealthCrop struct {
	Page     form.PageID
	File     string
	Label    string // of the number of the page
	Touching bool   // ink touches the border of the box
}

// proposals returns the boxes that are proposed, the same one once.
func (m HealthFieldPage) proposals() (boxes []geom.Box) {
	if r := m.Row.Repair.Box; !r.Empty() {
		boxes = append(boxes, r)
	}
	if b := m.Better; !b.Empty() && b != m.Row.Repair.Box {
		boxes = append(boxes, b)
	}
	return boxes
}

// says returns what speaks for a box that is proposed.
func (m HealthFieldPage) says(ctx context.Context, b geom.Box) string {
	if r := m.Row.Repair; b == r.Box {
		return Say(ctx, "health.tried", "Fixed", r.Fixed, "Wrong", r.Wrong, "Lost", r.Lost, "Right", r.Right)
	}
	return Say(ctx, "health.holds", "Touching", m.Row.Touching, "Written", m.Row.Written)
}

// cropPath returns the address of what is shown of a page, or of the blank for 0.
func (m HealthFieldPage) cropPath(page form.PageID) string {
	return fmt.Sprintf("%s/crops/%d?box=%s", m.Row.path(m.Template), page, BoxText(m.Around))
}

// BoxText returns x, y, width and height of b.
func BoxText(b geom.Box) string {
	text := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	return text(b.Min.X) + "," + text(b.Min.Y) + "," + text(b.Width()) + "," + text(b.Height())
}

func px(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

func viewBox(b geom.Box) string {
	return px(b.Min.X) + " " + px(b.Min.Y) + " " + px(b.Width()) + " " + px(b.Height())
}

// healthOrder returns in which order a column is sorted, as ARIA has it.
func healthOrder(by HealthSort) string {
	if by == HealthName {
		return "ascending"
	}
	return "descending"
}
