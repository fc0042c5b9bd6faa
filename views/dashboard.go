package views

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/seosik/seosik/internal/form"
)

// A DashboardPage says how a template fares: the pages, the machine, the people.
type DashboardPage struct {
	Frame
	Templates []Group
	Chosen    bool // there is a template
	Counts    []Count
	Trust     form.Trust
	Doubt     float64 // the dial of the office
	Fields    []DashboardField
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
	points := m.Trust.Points()
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
	if at := m.Trust.At(m.Doubt); at.Unseen > 0 {
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
		if p := m.Trust.At(c); p.Unseen > 0 {
			p.Confidence = c
			rows = append(rows, p)
		}
	}
	return rows
}

func coordinate(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

func perThousand(share float64) string { return strconv.FormatFloat(1000*share, 'f', 1, 64) }
