package form

import (
	"slices"
	"strings"
	"time"
)

// Review says who looks at a reading.
type Review string

// The policies.
const (
	ReviewMachine Review = "machine" // a person looks at what is doubtful
	ReviewPerson  Review = "person"  // one looks at every reading
	ReviewTwo     Review = "two"     // two key it from the picture, seeing neither the reading nor each other's
	ReviewKey     Review = "key"     // one keys it from the picture, without seeing the reading
)

// Reviews lists the policies, the lightest first.
var Reviews = []Review{ReviewMachine, ReviewPerson, ReviewKey, ReviewTwo}

// Reason returns why a person looks at a reading under r, however sure it is;
// empty where none has to.
func (r Review) Reason() Reason {
	switch r {
	case ReviewPerson:
		return ReasonPerson
	case ReviewTwo:
		return ReasonTwo
	case ReviewKey:
		return ReasonKey
	}
	return ""
}

// Blind reports whether people key what they see without the reading.
func (r Review) Blind() bool { return r == ReviewTwo || r == ReviewKey }

func (r Review) check(at spot, property string) {
	if r == "" || slices.Contains(Reviews, r) {
		return
	}
	var names []string
	for _, known := range Reviews {
		names = append(names, string(known))
	}
	at.add(property, DefectNotOneOf, shown(string(r)), strings.Join(names, ", "))
}

// Policy returns the policy by which a reading is kept from people until they
// have keyed it, or empty. The reading itself says so, as the version of the template
// had it by which it was made.
func (r *Reading) Policy() Review {
	for _, review := range []Review{ReviewTwo, ReviewKey} {
		if slices.Contains(r.Reasons, review.Reason()) {
			return review
		}
	}
	return ""
}

// Secret reports whether what the machine read is kept from people: what they
// say is to be theirs.
func (v *Value) Secret() bool { return v.Latest() == nil && v.Reading.Policy() != "" }

// An Entry is what one of several people keyed, none of whom saw the others'.
// It is only ever added.
type Entry struct {
	Page   PageID
	Run    int // of the page
	Field  FieldID
	Third  bool // said by who settles what two keyed differently
	Held   Held // empty with a mark
	Mark   Mark
	By     UserID
	ByName string
	At     time.Time
}

// Same reports whether e and other say the same of f, by [Field.Same]. Who says
// that it is empty, and who types nothing, do.
func (e Entry) Same(f *Field, other Entry) bool {
	plain := func(e Entry) (Mark, Held) {
		if e.Mark == MarkEmpty {
			return "", Held{}
		}
		return e.Mark, e.Held
	}
	m, a := plain(e)
	n, b := plain(other)
	return m == n && f.Same(a, b)
}

// Keyed says how far a value is that two people key. Whoever is shown a page sees
// the one that is true of them.
type Keyed struct {
	By      []UserID // who has keyed it, at most two; while it is not settled
	Mine    bool     // one of them is who is shown the value
	Entries []Entry  // oldest first; none before it is settled
}

// Others reports whether it is others who have to say something now.
func (k *Keyed) Others() bool { return k.Mine || len(k.By) > 1 }

// Blind takes out of r what people must not see yet: readings of values that
// they key, and what they have keyed of those is not there to begin with. What
// is left tells why a person looks; the field is where the template has it.
func (r *Record) Blind() {
	for i := range r.Values {
		v := &r.Values[i]
		if !v.Secret() {
			continue
		}
		v.Reading = Reading{Field: v.Reading.Field, Reasons: []Reason{v.Reading.Policy().Reason()}}
	}
}
