package views

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A QueuePage is the list of what needs a person.
type QueuePage struct {
	Frame
	Lanes     []QueueLane // what waits, and what is set aside
	Lane      form.Lane   // empty for all that waits
	Order     form.QueueOrder
	Template  string  // value of the chosen one
	Templates []Group // by domain
	Who       string
	Age       string // days, at least; may be empty
	Rows      []QueueRow
	Start     string // address that gives the first page; empty where there is none
	Older     string // address of the next part; empty on the last one
	First     string // address of the first part; empty on it
	Tally     QueueTally
}

// A QueueLane is one of the lists of the queue.
type QueueLane struct {
	Lane  form.Lane // empty for all that waits
	Path  string
	Pages int
	Aside bool
}

// A QueueRow is a line of the queue.
type QueueRow struct {
	PageRow
	Path       string // of the page, with how the queue was asked for it
	Lane       form.Lane
	Wrong      float64 // values expected to be wrong
	Held       Held
	AssignedTo string // name; empty for nobody
	Notes      int
}

// Held says who has a page open.
type Held struct {
	By   string // name; empty for nobody
	Mine bool   // the person's own
	Free time.Duration
}

// minutes returns in how many minutes a page is free at the latest.
func (h Held) minutes() int { return max(1, int(math.Ceil(h.Free.Minutes()))) }

func (h Held) other() bool { return h.By != "" && !h.Mine }

// A QueueTally is how far a person is.
type QueueTally struct {
	Done int     // pages finished today
	Left int     // that wait
	Hour float64 // pages an hour, lately; 0 where that is not known
}

// QueueBarModel is what stands about the queue on the page under review.
type QueueBarModel struct {
	Page       form.PageID
	Query      string    // how the queue was asked for it; may be empty
	Lane       form.Lane // empty where it needs nobody
	Held       Held
	AssignedTo string // name; empty for nobody
	AsideBy    string
	AsideAt    time.Time
	Notes      []form.Note
	People     []Option // to whom it can be given
	Tally      QueueTally
}

func (m QueueBarModel) aside() bool { return aside(m.Lane) }

func aside(l form.Lane) bool {
	for _, a := range form.Asides {
		if a == l {
			return true
		}
	}
	return false
}

func (m QueueBarModel) path(what string) string {
	return withQuery(fmt.Sprintf("/pages/%d%s", m.Page, what), m.Query)
}

// Next returns the address that goes on to the next page.
func (m QueueBarModel) Next() string {
	next := fmt.Sprintf("/review?after=%d", m.Page)
	if m.Query != "" {
		next += "&" + m.Query
	}
	return next
}

func withQuery(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}

// orderOptions returns the orders of the queue to choose from.
func orderOptions(ctx context.Context, chosen form.QueueOrder) (options []Option) {
	for _, o := range form.QueueOrders {
		words := "queue.order.oldest"
		if o != form.OldestFirst {
			words = "queue.order." + string(o)
		}
		options = append(options, Option{string(o), Say(ctx, words), o == chosen})
	}
	return options
}

func whoOptions(ctx context.Context, chosen string) (options []Option) {
	for _, who := range []string{"", "mine", "held", "all"} {
		words := "queue.who.can"
		if who != "" {
			words = "queue.who." + who
		}
		options = append(options, Option{who, Say(ctx, words), who == chosen})
	}
	return options
}

func ageOptions(ctx context.Context, chosen string) []Option {
	options := []Option{{"", Say(ctx, "queue.age.any"), chosen == ""}}
	for _, days := range []int{1, 3, 7, 30} {
		value := strconv.Itoa(days)
		options = append(options, Option{value, Say(ctx, "queue.age.days", "Count", days), value == chosen})
	}
	return options
}

// age says how long ago something came, as short as can be.
func age(ctx context.Context, at time.Time) string {
	switch d := time.Since(at); {
	case d < time.Hour:
		return Say(ctx, "queue.ago.minutes", "N", max(0, int(d.Minutes())))
	case d < 48*time.Hour:
		return Say(ctx, "queue.ago.hours", "N", int(d.Hours()))
	default:
		return Say(ctx, "queue.ago.days", "N", int(d.Hours()/24))
	}
}

func wrongValues(n float64) string { return strconv.FormatFloat(n, 'f', 1, 64) }

func (t QueueTally) of() int { return t.Done + t.Left }

func (t QueueTally) hour() string { return strconv.Itoa(int(math.Round(t.Hour))) }

// waits says why a page is in the queue, as an id of words.
func laneWords(l form.Lane) string {
	if l == "" {
		return "queue.lane.waiting"
	}
	return "queue.lane." + string(l)
}
