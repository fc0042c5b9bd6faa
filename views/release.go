package views

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"

	"github.com/seosik/seosik/internal/form"
)

// A ReleasePage shows how an edition of a template gets into beta and service,
// and back.
type ReleasePage struct {
	Frame
	Template *form.Template // the edition that is to go
	Editions []Edition      // the draft first, then the newest version
	Defects  []string       // of a draft
	Missing  []string       // lists that its rules name, and that are not there
	Beta     bool           // who asks for the template gets its version in beta
	Dry      DryPanel
	Releases []form.Release // the last first
	Note     string         // as typed
	Wrong    string         // why it was not released; empty if nothing was wrong
	Print    string         // fingerprint of Template
}

// in returns the edition that is in a stage, or nil.
func (m *ReleasePage) in(s form.Stage) *Edition {
	for i := range m.Editions {
		if m.Editions[i].Stage == s {
			return &m.Editions[i]
		}
	}
	return nil
}

// heading returns what stands over the edition, as an id of words.
func (m *ReleasePage) heading() string {
	if len(m.next()) == 0 {
		return "release.chosen_is"
	}
	return "release.what"
}

// next returns the stages that the edition can be put into, the likeliest first.
func (m *ReleasePage) next() []form.Stage {
	switch m.Template.Stage {
	case form.Beta:
		return []form.Stage{form.Service}
	case form.Service:
		return nil
	}
	if !m.Beta {
		return []form.Stage{form.Service, form.Beta}
	}
	return []form.Stage{form.Beta, form.Service}
}

// DryChoices are of how many pages a dry run may be; the second is usual.
var DryChoices = []int{50, 200, 1000}

// A DryPanel shows the dry run of a template.
type DryPanel struct {
	Template *form.Template // the edition that may be run
	CanRun   bool           // it has no defects
	Run      *form.DryRun   // nil where there is none
	Stale    bool           // it was of something else than the edition
	Changes  []DryChange
	Losses   []DryLoss
	Twins    []form.Twin
}

// Running reports whether the dry run goes on.
func (m *DryPanel) Running() bool { return m.Run != nil && m.Run.FinishedAt.IsZero() }

// ran says of what edition the dry run was.
func (m *DryPanel) ran(ctx context.Context) string {
	if m.Run.Version == 0 {
		return Say(ctx, "stage.draft")
	}
	return Say(ctx, "template.version_n", "Version", m.Run.Version)
}

// A DryChange is the values of one change, as far as they are listed.
type DryChange struct {
	Change form.Comparison
	Count  int
	Values []DryValue
}

// A DryValue is a value that is read otherwise than before.
type DryValue struct {
	Page     form.PageID
	Document string
	Label    string // of the number of the page
	Of       form.Field
	Name     string     // of the field
	Said     *form.Held // what a person said; nil where nobody did
	Was, Now form.Held
	Box      [2]float64 // width and height of the crop, template px
	Sight    form.Sight
	Look     string // where it is told once somebody looks at it; empty where it is told
	Place    string // among the others
}

func (v *DryValue) veil(of form.Held, what string) Veil {
	return Veil{Sight: v.Sight, Of: v.Of, Text: of.Text, Look: v.Look, Name: "dry-" + v.Place + "-" + what}
}

// Mask says how v is seen, and takes out of it what is masked for good.
func (v *DryValue) Mask(sight form.Sight) {
	if v.Sight = sight; sight != form.SightHidden {
		return
	}
	v.Was, v.Now = v.Of.MaskHeld(v.Was), v.Of.MaskHeld(v.Now)
	if v.Said != nil {
		said := v.Of.MaskHeld(*v.Said)
		v.Said = &said
	}
}

// A DryLoss is a page that could not be read.
type DryLoss struct {
	Page     form.PageID
	Document string
	Label    string
	Failed   bool   // it ended the reading, and is not only not found
	TakenFor string // the name of the template by which it is found; empty for none
}

// Crops are shown at most so large, in px.
const (
	dryCropWidth  = 300.0
	dryCropHeight = 40.0
)

func (v *DryValue) crop(t *form.Template) string {
	return templatePath(t, fmt.Sprintf("/dry-run/crops/%d/%s", v.Page, url.PathEscape(string(v.Of.ID))))
}

// cropSize returns the width and height at which the crop is shown, px.
func (v *DryValue) cropSize() (width, height string) {
	scale := min(1, dryCropWidth/v.Box[0], dryCropHeight/v.Box[1])
	px := func(side float64) string { return strconv.Itoa(int(math.Ceil(side * scale))) }
	return px(v.Box[0]), px(v.Box[1])
}

// dryCounts says what a dry run came to in a line.
func dryCounts(ctx context.Context, r *form.DryResult) string {
	parts := []string{Say(ctx, "dry.counts", "Count", r.Verified, "Same", r.Same(), "Better", r.Better, "Worse", r.Worse)}
	if r.Cases.N > 0 {
		parts = append(parts, casesWords(ctx, r.Cases))
	}
	for _, more := range []struct {
		id string
		n  int
	}{
		{"dry.lost_n", r.Lost},
		{"dry.failed_n", r.Failed},
		{"dry.other_n", r.Other},
		{"dry.doubted_n", r.Doubted},
		{"dry.surer_n", r.Surer},
		{"dry.twins_n", r.Twins},
	} {
		if more.n > 0 {
			parts = append(parts, Say(ctx, more.id, "Count", more.n))
		}
	}
	if r.Stopped {
		parts = append(parts, Say(ctx, "dry.was_stopped"))
	}
	return strings.Join(parts, " · ")
}

// casesWords says how the cases were read by which a template is tested.
func casesWords(ctx context.Context, n form.DryCases) string {
	return Say(ctx, "dry.cases", "Count", n.N, "Values", n.Values, "Right", n.Right)
}

// read returns how many pages were read.
func (m *DryPanel) read() int { return m.Run.Result.Pages - m.Run.Result.Lost - m.Run.Result.Failed }

// releaseWords says what became of a version.
func releaseWords(ctx context.Context, r form.Release) string {
	stage := func(s form.Stage) string {
		if s == "" {
			return "?"
		}
		return Say(ctx, "stage."+string(s))
	}
	return Say(ctx, "release.moved", "Version", r.Version, "From", stage(r.From), "To", stage(r.To))
}

// releaseBy says who did it.
func releaseBy(ctx context.Context, r form.Release) string {
	if r.By != "" {
		return r.By
	}
	return Say(ctx, "actor."+string(r.Actor))
}

// twinWords says how a twin differs in print.
func twinWords(w form.Twin) string {
	const much = .02
	switch {
	case w.AsOwn-w.AsOther > much:
		return "dry.twin_more"
	case w.AsOther-w.AsOwn > much:
		return "dry.twin_less"
	default:
		return "dry.twin_same"
	}
}

func percentOf(score float64) string { return strconv.FormatFloat(100*score, 'f', 0, 64) }
