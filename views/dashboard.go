package views

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A DashboardPage says how templates fare: the pages, the machine, the people.
type DashboardPage struct {
	Frame
	Templates []Group
	Chosen    bool            // there is a template
	Template  form.TemplateID // 0 for all
	From, To  string          // days, 2026-11-22; may be empty
	Doubt     float64         // the dial of the office

	At  time.Time         // when the figures were reckoned; zero while they are
	All []DashboardDomain // where Template is 0
	One DashboardTemplate // otherwise
}

// A DashboardTemplate is how a template fares.
type DashboardTemplate struct {
	Counts []Count
	Trust  form.Trust
	Fields []DashboardField
}

// A DashboardDomain is how the templates of a domain fare.
type DashboardDomain struct {
	Name  string
	Lines []DashboardLine
}

// A DashboardLine is how a template fares, in short, or several together.
type DashboardLine struct {
	Template form.TemplateID
	Name     string
	Counts   map[form.State]int
	Trust    form.Trust
}

// pages returns how many there are.
func (l *DashboardLine) pages() (n int) {
	for _, k := range l.Counts {
		n += k
	}
	return n
}

// looked returns how often people found values wrong that they looked at.
func (l *DashboardLine) looked() (r form.Rate) {
	for _, b := range l.Trust.Bins {
		r.N += b.Verified.N
		r.Of += b.Verified.Of
	}
	return r
}

// sum returns what lines come to together.
func sum(lines []DashboardLine) DashboardLine {
	all := DashboardLine{Counts: make(map[form.State]int)}
	add := func(r *form.Rate, more form.Rate) { r.N, r.Of = r.N+more.N, r.Of+more.Of }
	for i := range lines {
		for state, n := range lines[i].Counts {
			all.Counts[state] += n
		}
		add(&all.Trust.Unseen, lines[i].Trust.Unseen)
		add(&all.Trust.Probes, lines[i].Trust.Probes)
		add(&all.Trust.Keyed, lines[i].Trust.Keyed)
		all.Trust.Bins = append(all.Trust.Bins, lines[i].Trust.Bins...)
	}
	return all
}

// lines returns those of all domains.
func (m *DashboardPage) lines() (lines []DashboardLine) {
	for _, d := range m.All {
		lines = append(lines, d.Lines...)
	}
	return lines
}

// path returns the address of the page about a template, 0 for all.
func (m *DashboardPage) path(template form.TemplateID) string {
	q := make(url.Values)
	for name, value := range map[string]string{"from": m.From, "to": m.To} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if template != 0 {
		q.Set("template", strconv.FormatInt(int64(template), 10))
	}
	return strings.TrimSuffix("/dashboard?"+q.Encode(), "?")
}

// short says a rate in a line.
func short(r form.Rate) string {
	if r.Of == 0 {
		return "–"
	}
	return percentage(r.Share())
}

// A DashboardField is what people do for a field.
type DashboardField struct {
	Name                      string
	Read, Corrected, Accepted int
	Seconds                   float64 // the median of those that one correction takes; 0 where nobody knows
}

// percentage returns a share for people.
func percentage(share float64) string {
	if share > 0 && share < 0.01 {
		return fmt.Sprintf("%.2f %%", 100*share)
	}
	return fmt.Sprintf("%.1f %%", 100*share)
}

// rate says a rate with its bounds.
func rate(ctx context.Context, r form.Rate) string {
	if r.Of == 0 {
		return Say(ctx, "dashboard.unknown")
	}
	low, high := r.Within()
	return Say(ctx, "dashboard.rate", "Share", percentage(r.Share()), "Low", percentage(low), "High", percentage(high), "N", r.N, "Of", r.Of)
}

func (f DashboardField) seconds() string {
	if f.Seconds == 0 {
		return ""
	}
	return strconv.FormatFloat(f.Seconds, 'f', 1, 64)
}

// The plot: px of its view box.
const (
	plotWidth, plotHeight   = 720.0, 320.0
	plotLeft, plotTop       = 64.0, 14.0
	plotRight, plotBottom   = 16.0, 46.0
	leastErrors, mostErrors = 0.0001, 0.1 // shares at the bottom and the top
)

// A Plot is errors against the share that is accepted unseen.
type Plot struct {
	Expected string // path of what the machine says itself
	Measured []PlotMark
	Dial     PlotMark
	HasDial  bool
	Lines    []PlotLine // of errors
	Ticks    []PlotLine // of the share
}

// A PlotMark is a point with the bounds of what it says.
type PlotMark struct{ X, Y, Low, High float64 }

// A PlotLine is a line across the plot.
type PlotLine struct {
	At   float64
	Text string
}

// x and y return where a share and an error are. Errors are on a logarithmic scale.
func plotX(share, least float64) float64 {
	return plotLeft + (plotWidth-plotLeft-plotRight)*(share-least)/(1-least)
}

func plotY(errors float64) float64 {
	e := math.Log(max(leastErrors, min(mostErrors, errors)) / leastErrors)
	return plotHeight - plotBottom - (plotHeight-plotTop-plotBottom)*e/math.Log(mostErrors/leastErrors)
}

// fewVerified is how many values a person must have looked at for a point to be
// drawn.
const fewVerified = 20

// plot returns the plot of m.
func (m *DashboardPage) plot() (p Plot) {
	points := m.One.Trust.Points()
	least := leastShare(points)
	var path strings.Builder
	var drawn form.Rate
	for i, point := range points {
		if point.Unseen < least {
			continue
		}
		letter := "L"
		if path.Len() == 0 {
			letter = "M"
		}
		fmt.Fprintf(&path, "%s%.1f %.1f", letter, plotX(point.Unseen, least), plotY(point.Expected))
		if v := point.Verified; v.Of >= fewVerified && (v.Of >= drawn.Of+drawn.Of/4 || i == len(points)-1) {
			drawn = v
			p.Measured = append(p.Measured, markOf(point, least))
		}
	}
	p.Expected = path.String()
	if at := m.One.Trust.At(m.Doubt); at.Unseen > 0 {
		p.HasDial, p.Dial = true, PlotMark{X: plotX(max(least, at.Unseen), least), Y: plotY(at.Expected)}
	}
	for _, e := range []float64{0.0001, 0.001, 0.01, 0.1} {
		p.Lines = append(p.Lines, PlotLine{plotY(e), strconv.FormatFloat(1000*e, 'g', -1, 64)})
	}
	for i := range 6 {
		share := least + (1-least)*float64(i)/5
		p.Ticks = append(p.Ticks, PlotLine{plotX(share, least), fmt.Sprintf("%.0f %%", 100*share)})
	}
	return p
}

// leastShare returns where the plot begins: the surest readings are many.
func leastShare(points []form.TrustPoint) float64 {
	for _, p := range points {
		if p.Confidence < 0.999 {
			return min(0.9, math.Floor(p.Unseen*10)/10)
		}
	}
	return 0
}

func markOf(p form.TrustPoint, least float64) PlotMark {
	low, high := p.Verified.Within()
	return PlotMark{X: plotX(p.Unseen, least), Y: plotY(p.Verified.Share()), Low: plotY(low), High: plotY(high)}
}

// rows returns the points that the table has: those at round confidences.
func (m *DashboardPage) rows() (rows []form.TrustPoint) {
	for _, c := range []float64{0.999, 0.99, 0.98, 0.95, 0.9, 0.8, 0.5} {
		if p := m.One.Trust.At(c); p.Unseen > 0 {
			p.Confidence = c
			rows = append(rows, p)
		}
	}
	return rows
}

func coordinate(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

func perThousand(share float64) string { return strconv.FormatFloat(1000*share, 'f', 1, 64) }
