package form

import "time"

// A Lane is one of the lists that the queue has: what needs a person, by its
// state, and what people set aside, by why.
type Lane string

// The lanes. Those of Waiting are what a person is given who asks for nothing
// else.
const (
	LaneReview         = Lane(StateReview)
	LaneUnmatched      = Lane(StateUnmatched)
	LaneFailed         = Lane(StateFailed)
	LaneNotAForm  Lane = "not_a_form"
	LaneRescan    Lane = "rescan" // another scan of it is wanted
	LaneLater     Lane = "later"
)

var (
	// Waiting are the lanes of what waits for a person.
	Waiting = []Lane{LaneReview, LaneUnmatched}
	// Asides are the lanes of what is set aside, which comes to nobody unasked.
	Asides = []Lane{LaneNotAForm, LaneRescan, LaneLater}
	// Lanes are all of them, in their order.
	Lanes = []Lane{LaneReview, LaneUnmatched, LaneFailed, LaneNotAForm, LaneRescan, LaneLater}
)

// A QueueOrder says which page of the queue comes first.
type QueueOrder string

// The orders.
const (
	OldestFirst QueueOrder = ""
	WorstFirst  QueueOrder = "worst" // with most values expected to be wrong
	QuickFirst  QueueOrder = "quick" // with most wrong values put right in a second of a person's time
)

// QueueOrders lists the orders.
var QueueOrders = []QueueOrder{OldestFirst, WorstFirst, QuickFirst}

// A Claim says who has a page open. Its zero value is nobody.
type Claim struct {
	By     UserID
	ByName string
	Free   time.Duration // until it is over, if its holder is not heard of
}

// A Note is what somebody wrote about a page.
type Note struct {
	ByName string
	At     time.Time
	Text   string
}

// A QueueRow is a page in the queue.
type QueueRow struct {
	Page       PageInfo
	Lane       Lane
	Wrong      float64 // values of it that are expected to be wrong, of those to look at
	Held       Claim
	Assigned   UserID // 0 for nobody
	AssignedTo string // name
	Notes      int
}

// Care is who deals with a page, and what people say about that.
type Care struct {
	Lane       Lane // empty where it needs nobody
	Held       Claim
	Assigned   UserID // 0 for nobody
	AssignedTo string // name
	AsideBy    string // who set it aside
	AsideAt    time.Time
	Notes      []Note
}
