package views

import (
	"strconv"

	"github.com/seosik/seosik/internal/form"
)

// A VigilancePage says how often people take what is wrong for right.
type VigilancePage struct {
	Frame
	Share  float64 // of pages that carry a probe
	Shares []float64
	Days   int // of which Rate is
	Rate   form.Rate
	Misses []VigilanceMiss // the newest first
}

func (m VigilancePage) least() float64 { low, _ := m.Rate.Within(); return low }

func (m VigilancePage) most() float64 { _, high := m.Rate.Within(); return high }

// A VigilanceMiss is a probe that somebody took for right.
type VigilanceMiss struct {
	form.Miss
	Title string // of the field; empty where it is no more
}

func shareValue(share float64) string { return strconv.FormatFloat(share, 'f', -1, 64) }

// tenths writes a share in percent, with a tenth.
func tenths(share float64) string { return strconv.FormatFloat(100*share, 'f', 1, 64) + " %" }
