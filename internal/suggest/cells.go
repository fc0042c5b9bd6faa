package suggest

import (
	"image"
	"slices"
)

// Sizes in millimetres of a page of A4.
const (
	touch     = .45 // between the end of a rule and another one that it reaches
	cellLeast = 2.2 // side of a cell
	guideMost = 12. // between a dotted rule that guides digits and the next one
)

const (
	drawn      = .7  // share of a side of a cell that is drawn, at least
	sideDrawn  = .6  // the same of a side that is one of several below each other
	wholePage  = .55 // share of the page that the frame around a form has at least
	cellBudget = 30_000_000
	maxCells   = 5000
)

// A cell is a part of the page with a rule on each side.
type cell struct {
	box   image.Rectangle // the middles of its rules
	inner image.Rectangle // between its rules
	open  bool            // has nothing on one side but the end of its rules
}

// A lattice is all rules of a page, and finds the cells between them.
type lattice struct {
	level, upright []rule
	unit           float64
	area           int     // pixels of the page
	joints         [][]int // of each upright rule, the level ones that it meets, from top to bottom
	budget         int     // steps that are left; a picture of lines would take too many
}

// cells returns the cells of the page. Every cell stands on a rule: each rule is
// divided by the upright ones that stand on it, and above each part of it the
// next rule that covers it closes a cell.
func (l *lattice) cells() []cell {
	l.budget = cellBudget
	l.joints = make([][]int, len(l.upright))
	for i, u := range l.upright {
		l.joints[i] = l.meets(u)
	}
	var cells []cell
	for i := range l.level {
		if len(cells) > maxCells || l.budget < 0 {
			break
		}
		cells = append(cells, l.above(i)...)
	}
	return cells
}

// A post is a place on a rule where an upright one stands, or where the rule
// ends.
type post struct {
	at, low, high int // its middle and edges
	end           bool
	dotted        bool
}

// above returns the cells that stand on a level rule.
func (l *lattice) above(i int) []cell {
	posts := l.posts(i)
	var cells []cell
	for k := 0; k+1 < len(posts); {
		c, ok, through := l.between(i, posts[k], posts[k+1])
		if through && k+2 < len(posts) {
			posts = slices.Delete(posts, k+1, k+2) // what stands there does not reach the top
			continue
		}
		if ok {
			cells = append(cells, c)
		}
		k++
	}
	return cells
}

// near returns how far, in pixels, the end of a rule may be from one that it
// reaches.
func (l *lattice) near() int { return max(3, int(touch*l.unit)) }

// meets returns the level rules that an upright one crosses, and at each of its
// ends the nearest one that it reaches.
func (l *lattice) meets(u rule) []int {
	near := l.near()
	var joints []int
	first, last := -1, -1 // nearest to the ends
	for i, r := range l.level {
		if u.High < r.From-near || u.Low > r.To+near || r.High < u.From-near || r.Low > u.To+near {
			continue
		}
		joints = append(joints, i)
		if first < 0 || abs(r.Middle()-u.From) < abs(l.level[first].Middle()-u.From) {
			first = i
		}
		if last < 0 || abs(r.Middle()-u.To) < abs(l.level[last].Middle()-u.To) {
			last = i
		}
	}
	return slices.DeleteFunc(joints, func(i int) bool {
		m := l.level[i].Middle()
		return m < l.level[first].Middle()-2 || m > l.level[last].Middle()+2
	})
}

// posts returns what stands on the level rule i, from left to right. What ends in
// the air above it is no post.
func (l *lattice) posts(i int) []post {
	bottom, near, least := l.level[i], 2*l.near(), int(cellLeast*l.unit)
	var posts []post
	for k, u := range l.upright {
		l.budget--
		joints := l.joints[k]
		if len(joints) > 1 && slices.Contains(joints, i) && bottom.Middle()-l.level[joints[0]].Middle() >= least {
			posts = append(posts, post{u.Middle(), u.Low, u.High, false, u.dotted})
		}
	}
	slices.SortFunc(posts, func(a, b post) int { return a.at - b.at })
	posts = slices.CompactFunc(posts, func(a, b post) bool { return abs(b.at-a.at) <= 2 })
	if len(posts) == 0 || posts[0].at-bottom.From > near {
		posts = append([]post{{bottom.From, bottom.From, bottom.From, true, false}}, posts...)
	}
	if bottom.To-posts[len(posts)-1].at > near {
		posts = append(posts, post{bottom.To, bottom.To, bottom.To, true, false})
	}
	return l.withoutGuides(posts)
}

// withoutGuides returns posts without the dotted ones that stand close to another:
// they guide single digits of one field.
func (l *lattice) withoutGuides(posts []post) []post {
	guide := func(i int) bool {
		close := func(j int) bool {
			return j >= 0 && j < len(posts) && float64(abs(posts[j].at-posts[i].at)) <= guideMost*l.unit
		}
		return posts[i].dotted && (close(i-1) || close(i+1))
	}
	var kept []post
	for i, p := range posts {
		if !guide(i) {
			kept = append(kept, p)
		}
	}
	return kept
}

// between returns the cell on the level rule i between two posts, if there is
// one. Through reports that the right post does not reach the top, and so
// divides nothing.
func (l *lattice) between(i int, left, right post) (c cell, ok, through bool) {
	bottom, least := l.level[i], int(cellLeast*l.unit)
	if right.at-left.at < least {
		return cell{}, false, false
	}
	top, found := l.top(i, left, right)
	if !found {
		return cell{}, false, false
	}
	height := bottom.Middle() - top.Middle()
	leftDrawn, rightDrawn := l.side(left.at, top.Middle(), bottom.Middle()), l.side(right.at, top.Middle(), bottom.Middle())
	if !right.end && (rightDrawn < sideDrawn || !l.reaches(right.at, top)) {
		return cell{}, false, true // also a stroke of a letter
	}
	c.box = image.Rect(left.at, top.Middle(), right.at, bottom.Middle())
	c.inner = image.Rect(left.high, top.High, right.low, bottom.Low)
	leftOK, rightOK := leftDrawn >= sideDrawn && l.reaches(left.at, top), rightDrawn >= sideDrawn && l.reaches(right.at, top)
	c.open = !leftOK || !rightOK
	// Rules that end without one across end together.
	leftOpen, rightOpen := left.end && abs(top.From-bottom.From) <= 2*l.near(), right.end && abs(top.To-bottom.To) <= 2*l.near()
	closed := (leftOK || leftOpen) && (rightOK || rightOpen) && (leftOK || rightOK)
	return c, closed && height >= least && float64(c.box.Dx()*c.box.Dy()) < wholePage*float64(l.area), false
}

// reaches reports whether an upright rule at a place meets top: a stroke of a letter
// between two rules does not.
func (l *lattice) reaches(at int, top rule) bool {
	for i, u := range l.upright {
		l.budget--
		if abs(u.Middle()-at) <= 3 && slices.ContainsFunc(l.joints[i], func(j int) bool { return abs(l.level[j].Middle()-top.Middle()) <= 3 }) {
			return true
		}
	}
	return false
}

// top returns the lowest rule above the level rule i that covers what lies between two
// posts, and that one of them reaches: a row of boxes between them hangs in the air.
func (l *lattice) top(i int, left, right post) (rule, bool) {
	bottom, least := l.level[i], int(cellLeast*l.unit)
	slack := min(2*l.near(), (right.at-left.at)/5)
	from, to := left.at+slack, right.at-slack
	for j := i - 1; j >= 0; j-- {
		l.budget--
		if l.budget < 0 {
			return rule{}, false
		}
		t := l.level[j]
		if bottom.Middle()-t.Middle() < least || t.From >= to || t.To <= from {
			continue
		}
		// Others beside it may go on where it ends.
		covered := min(t.To, to) - max(t.From, from)
		for k := j - 1; k >= 0 && t.Middle()-l.level[k].Middle() <= 3; k-- {
			l.budget--
			if o := l.level[k]; o.From >= t.To || o.To <= t.From {
				covered += max(0, min(o.To, to)-max(o.From, from))
			}
		}
		if float64(covered) >= drawn*float64(to-from) && (left.end || right.end || l.reaches(left.at, t) || l.reaches(right.at, t)) {
			return t, true
		}
	}
	return rule{}, false
}

// side returns the share of what lies between two heights that upright rules at
// a place cover.
func (l *lattice) side(at, top, bottom int) float64 {
	slack := min(2*l.near(), (bottom-top)/5)
	top, bottom = top+slack, bottom-slack
	covered := 0
	for _, u := range l.upright {
		l.budget--
		if abs(u.Middle()-at) <= 3 {
			covered += max(0, min(u.To, bottom)-max(u.From, top))
		}
	}
	return float64(covered) / float64(max(1, bottom-top))
}
