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
	crowd       = 96 // entries a drawer: more say nothing about which template it is
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
	mask  code
	shift int     // 64 less the binary logarithm of the number of drawers
	start []int32 // where each drawer begins in items
	items []int32 // entries
}

func newIndex(refs []*Reference) *index {
	x := &index{refs: refs}
	for t, ref := range refs {
		for f := range ref.features {
			x.entries = append(x.entries, entry{int32(t), int32(f)})
		}
	}
	width := min(max(bits.Len(uint(len(x.entries)))-2, 8), 20)
	r := rand.New(rand.NewPCG(2, 7))
	for i := range x.tables {
		x.tables[i] = x.newTable(r.Perm(256)[:width+2], width)
	}
	return x
}

func (x *index) newTable(positions []int, width int) table {
	t := table{shift: 64 - width, start: make([]int32, 1<<width+1), items: make([]int32, len(x.entries))}
	for _, p := range positions {
		t.mask[p>>6] |= 1 << (p & 63)
	}
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
func (t *table) drawer(c *code) int {
	const odd = 0x9e3779b97f4a7c15 // 2^64 over the golden ratio: spreads what differs in few bits
	h := (c[0] & t.mask[0]) * odd
	for i := 1; i < 4; i++ {
		h = (bits.RotateLeft64(h, 29) ^ c[i]&t.mask[i]) * odd
	}
	return int(h >> t.shift)
}

func (x *index) feature(item int32) *feature {
	e := x.entries[item]
	return &x.refs[e.template].features[e.feature]
}

// A hit is an entry that looks like a feature of the page.
type hit struct {
	page, item int32
	distance   int32
}

// hits returns the entries that look like each of the features of a page.
func (x *index) hits(page []feature) []hit {
	var all []hit
	for i := range page {
		from := len(all)
		c := &page[i].code
		for k := range x.tables {
			t := &x.tables[k]
			d := t.drawer(c)
			items := t.items[t.start[d]:t.start[d+1]]
			if len(items) > crowd {
				continue
			}
			for _, item := range items {
				if n := c.distance(&x.feature(item).code); n <= maxDistance {
					all = append(all, hit{int32(i), item, int32(n)})
				}
			}
		}
		own := all[from:]
		slices.SortFunc(own, func(a, b hit) int {
			return cmp.Or(cmp.Compare(a.item, b.item))
		})
		all = all[:from+len(slices.Compact(own))]
	}
	return all
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
	order = order[:min(len(order), 3*limit)]
	proposals := x.gather(page, hits, order)
	slices.SortStableFunc(proposals, func(a, b proposal) int { return cmp.Compare(b.votes, a.votes) })
	return proposals[:min(len(proposals), limit)]
}

// vote adds the votes of one feature of the page: at most one a template.
func (x *index) vote(votes []float64, hits []hit) {
	templates := 0
	last := int32(-1)
	for _, h := range hits { // in order of template
		if t := x.entries[h.item].template; t != last {
			templates++
			last = t
		}
	}
	weight := 1 / math.Sqrt(float64(templates))
	best := 0.0
	for i, h := range hits {
		best = max(best, nearness(int(h.distance)))
		t := x.entries[h.item].template
		if i+1 == len(hits) || x.entries[hits[i+1].item].template != t {
			votes[t] += weight * best
			best = 0
		}
	}
}

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
			out[i].pairings = append(out[i].pairings, pairing{&page[h.page], x.feature(h.item), int(h.distance)})
		}
	}
	for i := range out {
		out[i].pairings, out[i].votes = agreeing(out[i].pairings)
	}
	return out
}
