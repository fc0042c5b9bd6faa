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
	crowd       = 64 // entries a drawer; more say nothing about which template it is
	gathered    = 40 // templates with most votes, whose pairings are looked at
)

// An index finds the features of many templates that look like a given one:
// locality-sensitive hashing by some of the bits of their codes (Gionis, Indyk
// and Motwani 1999). More templates are told apart by more bits, so that a
// look-up costs hardly more.
type index struct {
	refs    []*Reference
	entries []entry
	tables  [tableCount]table
}

// An entry is a feature of a template.
type entry struct{ template, feature int32 }

// A table sorts the entries into drawers by a few bits of their codes.
type table struct {
	positions []uint8 // of the bits, in [0, 256)
	start     []int32 // where each drawer begins in items
	items     []int32 // entries
}

func newIndex(refs []*Reference) *index {
	x := &index{refs: refs}
	for t, ref := range refs {
		for f := range ref.features {
			x.entries = append(x.entries, entry{int32(t), int32(f)})
		}
	}
	width := min(max(bits.Len(uint(len(x.entries)))+2, 8), 20)
	positions := x.telling()
	r := rand.New(rand.NewPCG(2, 7))
	for i := range x.tables {
		r.Shuffle(len(positions), func(a, b int) { positions[a], positions[b] = positions[b], positions[a] })
		x.tables[i] = x.newTable(slices.Clone(positions[:width]))
	}
	return x
}

// telling returns the half of the bits that divide the entries most evenly.
func (x *index) telling() []uint8 {
	var set [256]int
	for i := range x.entries {
		c := &x.feature(int32(i)).code
		for p := range set {
			set[p] += int(c[p>>6] >> (p & 63) & 1)
		}
	}
	positions := make([]uint8, 256)
	for p := range positions {
		positions[p] = uint8(p)
	}
	off := func(p uint8) int { return abs(2*set[p] - len(x.entries)) }
	slices.SortStableFunc(positions, func(a, b uint8) int { return cmp.Compare(off(a), off(b)) })
	return positions[:128]
}

func (x *index) newTable(positions []uint8) table {
	t := table{positions: positions, start: make([]int32, 1<<len(positions)+1), items: make([]int32, len(x.entries))}
	keys := make([]int32, len(x.entries))
	for i := range x.entries {
		keys[i] = int32(t.drawer(&x.feature(int32(i)).code))
		t.start[keys[i]+1]++
	}
	for k := range len(t.start) - 1 {
		t.start[k+1] += t.start[k]
	}
	next := slices.Clone(t.start)
	for i, k := range keys {
		t.items[next[k]] = int32(i)
		next[k]++
	}
	return t
}

// drawer returns the drawer of c.
func (t *table) drawer(c *code) (drawer uint32) {
	for i, p := range t.positions {
		drawer |= uint32(c[p>>6]>>(p&63)&1) << i
	}
	return drawer
}

func (x *index) feature(item int32) *feature {
	e := x.entries[item]
	return &x.refs[e.template].features[e.feature]
}

// A hit is an entry that looks like a feature of the page.
type hit struct {
	page, item int32
	distance   int32
	weight     float32 // of the pairing, in (0, 1]; less where many look alike
}

// hits returns the entries that look like each of the features of a page.
func (x *index) hits(page []feature) []hit {
	var all []hit
	for i := range page {
		from := len(all)
		for k := range x.tables {
			t := &x.tables[k]
			d := t.drawer(&page[i].code)
			all = x.open(all, t.items[t.start[d]:t.start[d+1]], page, i)
		}
		own := all[from:]
		slices.SortFunc(own, func(a, b hit) int {
			return cmp.Or(cmp.Compare(a.item, b.item))
		})
		all = all[:from+len(slices.Compact(own))]
	}
	return all
}

// open appends to dst those of the items that look like a feature of the page.
func (x *index) open(dst []hit, items []int32, page []feature, i int) []hit {
	if len(items) > crowd {
		return dst
	}
	c := &page[i].code
	for _, item := range items {
		if n := c.distance(&x.feature(item).code); n <= maxDistance {
			dst = append(dst, hit{int32(i), item, int32(n), 0})
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
		x.vote(votes, hits[i:j])
		i = j
	}
	order := make([]int, len(votes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(votes[b], votes[a]) })
	order = order[:min(len(order), gathered)]
	proposals := x.gather(page, hits, order)
	slices.SortStableFunc(proposals, func(a, b proposal) int { return cmp.Compare(b.votes, a.votes) })
	return proposals[:min(len(proposals), limit)]
}

// vote weighs the hits of one feature of the page, in order of template, and
// adds them to the votes of their templates.
func (x *index) vote(votes []float64, hits []hit) {
	templates := 0
	for i := range hits {
		if i == 0 || x.template(hits[i]) != x.template(hits[i-1]) {
			templates++
		}
	}
	rarity := math.Sqrt(float64(templates))
	for i := 0; i < len(hits); {
		j := i
		for j < len(hits) && x.template(hits[j]) == x.template(hits[i]) {
			j++
		}
		for k := i; k < j; k++ {
			w := nearness(int(hits[k].distance)) / rarity / float64(j-i)
			hits[k].weight = float32(w)
			votes[x.template(hits[i])] += w
		}
		i = j
	}
}

func (x *index) template(h hit) int32 { return x.entries[h.item].template }

// gather returns the proposals for the given templates: pairings that agree on
// how the page is turned and zoomed, and their votes.
func (x *index) gather(page []feature, hits []hit, templates []int) []proposal {
	place := make(map[int32]int, len(templates))
	out := make([]proposal, len(templates))
	for i, t := range templates {
		place[int32(t)] = i
		out[i].template = t
	}
	for _, h := range hits {
		if i, ok := place[x.entries[h.item].template]; ok {
			out[i].pairings = append(out[i].pairings, pairing{&page[h.page], x.feature(h.item), int(h.distance), float64(h.weight)})
		}
	}
	for i := range out {
		out[i].pairings, out[i].votes = agreeing(out[i].pairings)
	}
	return out
}
