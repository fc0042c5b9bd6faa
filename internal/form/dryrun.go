package form

import (
	"time"

	"github.com/seosik/seosik/internal/geom"
)

// A DryRunID is what a dry run is known by.
type DryRunID int64

// A DryRun is a draft or version of a template, read over pages of the template
// that people have finished, and looked for among the other templates of its
// domain. Nothing that is read counts.
type DryRun struct {
	ID          DryRunID
	Template    TemplateID
	Version     int    // 0 for the draft
	Fingerprint string // of the template, when it was begun
	By          string // who began it; empty for nobody in person
	StartedAt   time.Time
	FinishedAt  time.Time // zero while there is something to do
	Stopped     bool      // by a person, before its end
	Trouble     Trouble   // what keeps it from going on for now; mostly empty
	Left        int       // pages that are still to be read
	Result      DryResult // of those that have been
}

// A DryResult is what comes of a dry run, in numbers.
type DryResult struct {
	Pages    int      `json:"pages"`    // that were read, or could not be
	Lost     int      `json:"lost"`     // those that the template is not found on any more
	Failed   int      `json:"failed"`   // those that ended the reading
	Verified int      `json:"verified"` // values that people accepted or corrected
	Better   int      `json:"better"`   // of those
	Worse    int      `json:"worse"`    // of those
	Other    int      `json:"other"`    // values that are read otherwise, and that nobody verified
	Surer    int      `json:"surer"`    // values that would no longer come to a person
	Doubted  int      `json:"doubted"`  // values that would newly
	Cases    DryCases `json:"cases"`
	Twins    int      `json:"twins"`             // templates that may be taken for this one, or it for them
	Stopped  bool     `json:"stopped,omitempty"` // before all pages were read
}

// Same returns how many of the verified values are as right as before.
func (r *DryResult) Same() int { return r.Verified - r.Better - r.Worse }

// DryCases is how the cases are read by which a template is tested.
type DryCases struct {
	N      int `json:"n"`      // that were read
	Values int `json:"values"` // of which people said what they hold, and that are there
	Right  int `json:"right"`  // of those
}

// CountCases returns how cases were read; places are those of the template by
// which they were.
func CountCases(cases []Case, places []Field) (n DryCases) {
	for i := range cases {
		outcomes := cases[i].Outcomes(places)
		if len(outcomes) > 0 {
			n.N++
		}
		for _, o := range outcomes {
			if !o.Gone {
				n.Values++
			}
			if o.Right {
				n.Right++
			}
		}
	}
	return n
}

// Other is the change of a value of which nobody knows which reading is
// right.
const Other Comparison = "other"

// A DryPage is what came of one page in a dry run.
type DryPage struct {
	Page     PageID
	State    DryState
	TakenFor TemplateID      // by which a lost one is found; 0 for none
	Place    geom.Homography // template px to page px, of one that is read
	Verified int             // as of a DryResult
	Surer    int
	Doubted  int
	Changes  []DryChange
}

// A DryState is how far a page of a dry run is.
type DryState string

// The states of pages of dry runs.
const (
	DryWaiting DryState = "waiting"
	DryRead    DryState = "read"
	DryLost    DryState = "lost"   // the template is not found on it
	DryFailed  DryState = "failed" // it ended the reading
)

// A DryChange is a value that is read otherwise than before.
type DryChange struct {
	Field  FieldID
	Change Comparison // better, worse or other
	Now    Held
}

// A Twin is a template that may be taken for that of a dry run, or it for the
// twin. Scores are in [0, 1], as those of pages.
type Twin struct {
	Template TemplateID
	Version  int
	Name     string
	Own      float64 // of the picture of the dry run's template, found as itself
	AsOther  float64 // the same, found as the twin
	Other    float64 // of the twin's picture, found as itself
	AsOwn    float64 // the same, found as the dry run's template
	Filled   int     // pages of the twin that were looked at
	Taken    int     // those that would be found as the dry run's template
}

// Mistaken reports whether one would be taken for the other, and not only nearly.
func (w *Twin) Mistaken() bool { return w.AsOther >= w.Own || w.AsOwn >= w.Other || w.Taken > 0 }

// CompareDry compares a page as it is kept with what a template reads on it now:
// places are those of that template. A field that is not in both, or is of
// another kind, has nothing to compare; but a new one that is doubtful comes to a
// person.
func CompareDry(kept *Record, places []Field, readings []Reading) (p DryPage) {
	p.Page, p.State = kept.Page.ID, DryRead
	before := make(map[FieldID]*Value, len(kept.Values))
	for i := range kept.Values {
		before[kept.Values[i].Field.ID] = &kept.Values[i]
	}
	now := make(map[FieldID]*Reading, len(readings))
	for i := range readings {
		now[readings[i].Field] = &readings[i]
	}
	for i := range places {
		f := &places[i]
		switch was, is := before[f.ID], now[f.ID]; {
		case is == nil:
		case was == nil || (was.Field.Kind == Checkbox) != (f.Kind == Checkbox):
			if len(is.Reasons) > 0 {
				p.Doubted++
			}
		default:
			p.compare(f, was, is)
		}
	}
	return p
}

func (p *DryPage) compare(f *Field, was *Value, is *Reading) {
	switch doubted := len(is.Reasons) > 0; {
	case doubted && len(was.Reading.Reasons) == 0:
		p.Doubted++
	case !doubted && len(was.Reading.Reasons) > 0:
		p.Surer++
	}
	change := Alike
	if said := was.Latest(); said != nil && !said.Mark.Unknown() {
		p.Verified++
		change = f.Compare(Held{said.Text, said.Checked}, was.Reading.Held(), is.Held())
	} else if !f.Same(was.Reading.Held(), is.Held()) {
		change = Other
	}
	if change != Alike {
		p.Changes = append(p.Changes, DryChange{f.ID, change, is.Held()})
	}
}
