package align

import (
	"cmp"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
)

const (
	tableCount  = 6  // ways to look a code up
	maxDistance = 56 // comparisons in which a pair of features may differ
	crowd       = 80 // items a drawer; more say nothing about which template it is
	gathered    = 40 // templates with most votes, whose pairings are looked at
)

// An index finds the features of many templates that look like a given one:
// locality-sensitive hashing by some of the bits of their codes (Gionis, Indyk
// and Motwani 1999). More templates are told apart by more bits, so that a
// look-up costs hardly more.
type index struct {
	refs   []*Reference
	tables [tableCount]table
}

// An item is a feature of a template: the template's place in the index times
// itemFeatures, plus the feature's in the template.
type item uint32

const itemFeatures = 1024 // more than features a template

func (i item) template() int { return int(i / itemFeatures) }

func (x *index) feature(i item) *feature { return &x.refs[i.template()].features[i%itemFeatures] }

// A table sorts all features into drawers by a few bits of their codes.
type table struct {
	positions []uint8 // of the bits, in [0, 256)
	shift     int     // 32 less the binary logarithm of the number of drawers
	start     []int32 // where each drawer begins in items
	items     []item
}

func newIndex(refs []*Reference) *index {
	x := &index{refs: refs}
	var items []item
	for t, ref := range refs {
		for f := range ref.features {
			items = append(items, item(t*itemFeatures+f))
		}
	}
	log := max(bits.Len(uint(len(items)))-1, 8)
	positions := x.telling(items)
	r := rand.New(rand.NewPCG(2, 7))
	for i := range x.tables {
		r.Shuffle(len(positions), func(a, b int) { positions[a], positions[b] = positions[b], positions[a] })
		x.tables[i] = table{positions: slices.Clone(positions[:min(log+1, 24)]), shift: 32 - min(log, 24)}
		x.fill(&x.tables[i], items)
	}
	return x
}

// telling returns the half of the bits that divide the items most evenly.
func (x *index) telling(items []item) []uint8 {
	var set [256]int
	for _, i := range items {
		c := &x.feature(i).code
		for p := range set {
			set[p] += int(c[p>>6] >> (p & 63) & 1)
		}
	}
	positions := make([]uint8, 256)
	for p := range positions {
		positions[p] = uint8(p)
	}
	off := func(p uint8) int { return abs(2*set[p] - len(items)) }
	slices.SortStableFunc(positions, func(a, b uint8) int { return cmp.Compare(off(a), off(b)) })
	return positions[:128]
}

// fill sorts the items into the drawers of t.
func (x *index) fill(t *table, items []item) {
	t.start = make([]int32, 1<<(32-t.shift)+1)
	t.items = make([]item, len(items))
	drawers := make([]uint32, len(items))
	for i, item := range items {
		drawers[i] = t.drawer(&x.feature(item).code)
		t.start[drawers[i]+1]++
	}
	for d := range len(t.start) - 1 {
		t.start[d+1] += t.start[d]
	}
	next := slices.Clone(t.start)
	for i, d := range drawers {
		t.items[next[d]] = items[i]
		next[d]++
	}
}

// drawer returns the drawer of c. Features in one drawer need not agree in the
// bits of t, as there are fewer drawers than ways to set them.
func (t *table) drawer(c *code) uint32 {
	key := uint32(0)
	for i, p := range t.positions {
		key |= uint32(c[p>>6]>>(p&63)&1) << i
	}
	return key * 0x9e3779b1 >> t.shift // 2^32 over the golden ratio, which spreads the keys (Knuth, TAOCP 6.4)
}

// A hit is a feature of a template that looks like one of the page.
type hit struct {
	page     int32 // which feature of the page
	distance int32
	item     item
	weight   float32 // of the pairing, in (0, 1]; less where many look alike
}

// hits returns what looks like each of the features of a page, in order of
// page feature and item.
func (x *index) hits(page []feature) []hit {
	var all []hit
	for i := range page {
		from := len(all)
		for k := range x.tables {
			t := &x.tables[k]
			d := t.drawer(&page[i].code)
			if items := t.items[t.start[d]:t.start[d+1]]; len(items) <= crowd {
				all = x.open(all, items, page, i)
			}
		}
		own := all[from:]
		slices.SortFunc(own, func(a, b hit) int { return cmp.Compare(a.item, b.item) })
		all = all[:from+len(slices.Compact(own))]
	}
	return all
}

// open appends to dst those of the items that look like a feature of the page.
func (x *index) open(dst []hit, items []item, page []feature, i int) []hit {
	for _, item := range items {
		if n := page[i].code.distance(&x.feature(item).code); n <= maxDistance {
			dst = append(dst, hit{page: int32(i), distance: int32(n), item: item})
		}
	}
	return dst
}

// A proposal is a template that a page may be, with the pairings that speak
// for it.
type proposal struct {
	template int
	votes    float64
	pairings []pairing
}

// propose returns up to limit templates that share most features with the
// page, the likeliest first. Features that many templates have count less.
func (x *index) propose(page []feature, limit int) []proposal {
	hits := x.hits(page)
	votes := make([]float64, len(x.refs))
	for i := 0; i < len(hits); {
		j := i
		for j < len(hits) && hits[j].page == hits[i].page {
			j++
		}
		vote(votes, hits[i:j])
		i = j
	}
	var order []int
	for t, v := range votes {
		if v > 0 {
			order = append(order, t)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(votes[b], votes[a]) })
	order = order[:min(len(order), gathered)]
	proposals := x.gather(page, hits, order)
	slices.SortStableFunc(proposals, func(a, b proposal) int { return cmp.Compare(b.votes, a.votes) })
	return proposals[:min(len(proposals), limit)]
}

// vote weighs the hits of one feature of the page, in order of template, and
// adds them to the votes of their templates.
func vote(votes []float64, hits []hit) {
	templates := 0
	for i := range hits {
		if i == 0 || hits[i].item.template() != hits[i-1].item.template() {
			templates++
		}
	}
	rarity := math.Sqrt(float64(templates))
	for i := 0; i < len(hits); {
		j := i
		for j < len(hits) && hits[j].item.template() == hits[i].item.template() {
			j++
		}
		for k := i; k < j; k++ {
			w := nearness(int(hits[k].distance)) / rarity / float64(j-i)
			hits[k].weight = float32(w)
			votes[hits[i].item.template()] += w
		}
		i = j
	}
}

// gather returns the proposals for the given templates: pairings that agree on
// how the page is turned and zoomed, and their votes.
func (x *index) gather(page []feature, hits []hit, templates []int) []proposal {
	place := make(map[int]int, len(templates))
	out := make([]proposal, len(templates))
	for i, t := range templates {
		place[t] = i
		out[i].template = t
	}
	for _, h := range hits {
		if i, ok := place[h.item.template()]; ok {
			out[i].pairings = append(out[i].pairings, pairing{&page[h.page], x.feature(h.item), int(h.distance), float64(h.weight)})
		}
	}
	for i := range out {
		out[i].pairings, out[i].votes = agreeing(out[i].pairings)
	}
	return out
}
