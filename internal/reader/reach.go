package reader

import (
	"github.com/seosik/seosik/internal/confidence"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// People write on where a box ends, and beside it. Which field a word is of is
// told by the boxes and by the words before it: a line goes on to the right
// until another one begins.
const (
	ownShare  = .6  // of a word lies in the box of the field that it is of
	surelyOwn = .85 // the same, whatever may lie in another's
	// contestedShare of a word lies in a box that may be that of its field.
	contestedShare = .25
	nextGap        = .7 // heights of a line; words of a line are no further from each other
	strayAt        = .2 // heights of a field; what is written beside it and is not wider is a speck
	notedAt        = 1. // the same, beside one that is filled in
	strayGap       = .4 // heights of a field; how far beside a field a word may be meant for it
	overAt         = .5 // heights of a line; writing that ends so far outside has left its box
)

// How sure a value is at most of which a part may be another field's, and one
// that leaves its box or has something written beside it.
const (
	contested = .5
	leftBox   = .85
)

// A reach is where the writing of a field of text is, and what may be of it too.
type reach struct {
	box       geom.Box // of the field, with what goes on outside of it, in template px
	over      float64  // how far that is to the left or right, in heights of the line
	stray     float64  // how much is written beside the field that is of no other, in heights of it
	beside    bool     // it is that of a field that was moved
	contested bool     // part of it may be another field's, or another's be its own
}

// reaches returns the reach of each of places by its id; all that are texts are moved as o
// says, and then no word of theirs may be taken for a mark or a character.
func (w *placedWords) reaches(places []form.Field, o offset) map[form.FieldID]reach {
	t := territory{reaches: make([]reach, len(places)), words: w.words, owners: make([]int, len(w.words))}
	for i := range places {
		box := places[i].Box
		if places[i].Kind == form.Normal {
			t.texts = append(t.texts, i)
			box = geom.Box{Min: box.Min.Add(o.by), Max: box.Max.Add(o.by)}
			t.reaches[i].contested, t.reaches[i].beside = o.unsure, o.by != geom.Point{}
		}
		t.fields = append(t.fields, box)
		t.reaches[i].box = box
	}
	t.claim()
	t.goOn()
	t.strays()
	t.under(places, w.others)
	found := make(map[form.FieldID]reach, len(places))
	for i := range places {
		found[places[i].ID] = t.reaches[i]
	}
	return found
}

// A territory is the words of a page and whose they are.
type territory struct {
	texts   []int // the fields of text
	fields  []geom.Box
	reaches []reach
	words   []geom.Box
	owners  []int // of words; nobody where that is not known
}

const nobody = -1

// claim gives the fields what lies in them.
func (t *territory) claim() {
	for i, word := range t.words {
		t.owners[i] = nobody
		best := 0.0
		shares := make([]float64, len(t.texts))
		for k, f := range t.texts {
			shares[k] = area(word.Intersect(t.fields[f])) / area(word)
			if shares[k] > best && shares[k] >= ownShare {
				t.owners[i] = f
			}
			best = max(best, shares[k])
		}
		for k, f := range t.texts { // boxes may overlap
			second := shares[k] >= contestedShare && shares[k] < best && best < surelyOwn
			t.reaches[f].contested = t.reaches[f].contested || second || shares[k] >= contestedShare && t.owners[i] == nobody
			if second && t.owners[i] != nobody {
				t.reaches[t.owners[i]].contested = true
			}
		}
		if t.owners[i] != nobody {
			t.take(t.owners[i], word)
		}
	}
}

// take makes word the writing of field f.
func (t *territory) take(f int, word geom.Box) {
	r := &t.reaches[f]
	r.box = r.box.Union(word)
	own := t.fields[f]
	r.over = max(r.over, max(own.Min.X-word.Min.X, word.Max.X-own.Max.X)/word.Height())
}

// goOn has lines go on outside of their boxes. A word behind such a line that
// lies in another field may be of either.
func (t *territory) goOn() {
	for again := true; again; {
		again = false
		for i, word := range t.words {
			if t.owners[i] == nobody {
				continue
			}
			f := t.owners[i]
			for k, next := range t.words {
				if k == i || !follows(word, next) {
					continue
				}
				switch outside := !next.In(t.fields[f]) || !word.In(t.fields[f]); {
				case t.owners[k] == nobody:
					t.owners[k] = f
					t.take(f, next)
					again = true
				case t.owners[k] != f && outside && t.leaves(f, word, next):
					t.reaches[f].contested, t.reaches[t.owners[k]].contested = true, true
				}
			}
		}
	}
}

// leaves reports whether word, of field f, ends outside of it on the side of next.
func (t *territory) leaves(f int, word, next geom.Box) bool {
	if next.Min.X > word.Min.X {
		return word.Max.X > t.fields[f].Max.X
	}
	return word.Min.X < t.fields[f].Min.X
}

// follows reports whether b stands beside a in a line.
func follows(a, b geom.Box) bool {
	line := max(a.Height(), b.Height())
	along := min(a.Max.Y, b.Max.Y) - max(a.Min.Y, b.Min.Y)
	gap := max(a.Min.X, b.Min.X) - min(a.Max.X, b.Max.X)
	return 2*along > min(a.Height(), b.Height()) && gap <= nextGap*line
}

// strays tells fields of words near them that are nobody's.
func (t *territory) strays() {
	for i, word := range t.words {
		if t.owners[i] != nobody {
			continue
		}
		for _, f := range t.texts {
			box, r := t.fields[f], &t.reaches[f]
			near := box.Grow(strayGap * box.Height())
			if in := word.Intersect(near); !in.Empty() && 2*in.Width() > min(word.Width(), box.Width()) {
				r.stray = min(3, r.stray+word.Width()/box.Height())
			}
		}
	}
}

// under tells fields that are no texts of words that lie in them and are a text's,
// and texts of others, which are none of theirs.
func (t *territory) under(places []form.Field, others []geom.Box) {
	for _, word := range others {
		for _, f := range t.texts {
			t.reaches[f].contested = t.reaches[f].contested || area(word.Intersect(t.fields[f])) >= contestedShare*area(word)
		}
	}
	for i, word := range t.words {
		for f := range places {
			if places[f].Kind != form.Normal && t.owners[i] != nobody && area(word.Intersect(t.fields[f])) >= contestedShare*min(area(word), area(t.fields[f])) {
				t.reaches[f].contested = true
			}
		}
	}
}

// evidence adds what r says about a reading.
func (r *reach) evidence(e confidence.Evidence) {
	e["over"] = min(r.over, 3)
	e["stray"] = r.stray
	e["contested"] = truth(r.contested)
	e["beside"] = truth(r.beside)
}

// most returns how sure a reading can be at most, and whether that is less than
// it would be in the middle of its box.
func (r *reach) most(blank bool) (confidence float64, doubtful bool) {
	switch {
	case r.contested, blank && r.stray > strayAt:
		return contested, true
	case r.over > overAt, r.stray > notedAt:
		return leftBox, true
	default:
		return 1, false
	}
}
