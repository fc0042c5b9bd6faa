package form

import (
	"slices"
	"strings"
	"unicode"
)

// A Sight says how somebody is shown what fields of a class of personal data hold.
type Sight string

// The sights, from the one that shows most.
const (
	SightOpen   Sight = ""       // as it is
	SightFocus  Sight = "focus"  // masked, until that person looks at it
	SightHidden Sight = "hidden" // masked for good: nothing of it is sent
)

// Sights lists the sights.
var Sights = []Sight{SightOpen, SightFocus, SightHidden}

// Masks are what the office set about personal data, on screens and in files.
type Masks struct {
	// Of has the sight of each role, by class. What works on values cannot be kept
	// from those who do: of some roles it is never SightHidden.
	Of map[Role]map[Personal]Sight `json:"of"`
	// Cover hides fields on the picture of the page under review too, until their
	// value has the focus.
	Cover bool `json:"cover,omitempty"`
	// Locked refuses files with personal data that are not encrypted.
	Locked bool `json:"locked,omitempty"`
}

// UsualMasks are those of an office that set nothing.
func UsualMasks() Masks { return Masks{}.Whole() }

// Whole returns m with what it says of each role and each class, and of no other. What
// was never said of one, as of a class that is newer than what the office set, or what
// cannot be, is as in an office that set nothing.
func (m Masks) Whole() Masks {
	of := make(map[Role]map[Personal]Sight)
	for _, role := range Roles {
		of[role] = make(map[Personal]Sight)
		for _, class := range PersonalClasses {
			of[role][class] = m.sight(role, class)
		}
	}
	m.Of = of
	return m
}

// sight returns how a role sees a class.
func (m Masks) sight(role Role, class Personal) Sight {
	if m.says(role, class) {
		return m.Of[role][class]
	}
	if role.Corrects() {
		return SightFocus
	}
	return SightHidden
}

// says reports whether m says how a role sees a class, and that can be.
func (m Masks) says(role Role, class Personal) bool {
	sight, said := m.Of[role][class]
	return said && slices.Contains(Sights, sight) && (sight != SightHidden || !role.Corrects())
}

// Corrects reports whether who has the role works on values, so that nothing can be
// hidden from them.
func (r Role) Corrects() bool { return rights[r]&MayReview != 0 }

// Check returns an *InvalidError where m cannot be kept.
func (m *Masks) Check() error {
	for _, role := range Roles {
		for _, class := range PersonalClasses {
			if m.Of[role][class] == SightHidden && role.Corrects() {
				return Invalid("masks", "nothing can be hidden from those who correct it")
			}
			if !m.says(role, class) {
				return Invalid("masks", "must say how each role sees each class")
			}
		}
	}
	return nil
}

// For returns how somebody with those roles sees what is in a domain: of each class,
// as the role lets them that shows most. Who has none sees nothing.
func (m *Masks) For(grants []Grant, domain DomainID) Seen {
	seen := make(Seen, len(PersonalClasses))
	for _, class := range PersonalClasses {
		best := SightHidden
		for _, g := range grants {
			if g.Domain == 0 || g.Domain == domain {
				if sight := m.sight(g.Role, class); slices.Index(Sights, sight) < slices.Index(Sights, best) {
					best = sight
				}
			}
		}
		seen[class] = best
	}
	return seen
}

// Least returns how somebody with those roles sees what may be of any domain in
// which that person has one.
func (m *Masks) Least(grants []Grant) Seen {
	least := make(Seen, len(PersonalClasses))
	for _, class := range PersonalClasses {
		for i, g := range grants {
			seen := m.For(grants, g.Domain)
			if sight := seen.Of(class); i == 0 || slices.Index(Sights, sight) > slices.Index(Sights, least[class]) {
				least[class] = sight
			}
		}
	}
	return least
}

// CheckExport returns an error where a file must not be made as x says.
func (m *Masks) CheckExport(x *Export) error {
	if err := x.CheckPurpose(); err != nil {
		return err
	}
	if m.Locked && x.Personal && !x.Encrypted {
		return ErrUnlocked
	}
	return nil
}

// Seen is how somebody sees each class of personal data. The zero value shows
// nothing.
type Seen map[Personal]Sight

// Of returns how what a field of a class holds is seen.
func (s Seen) Of(class Personal) Sight {
	if class == "" {
		return SightOpen
	}
	if sight, ok := s[class]; ok {
		return sight
	}
	return SightHidden
}

// Hides reports whether anything is masked for good.
func (s Seen) Hides() bool {
	return slices.ContainsFunc(PersonalClasses, func(class Personal) bool { return s.Of(class) == SightHidden })
}

// Listed returns how a list shows what is seen as s, which nobody looks at one by
// one.
func (s Seen) Listed() Seen {
	listed := make(Seen)
	for class, sight := range s {
		if sight == SightOpen {
			listed[class] = sight
		}
	}
	return listed
}

// MaskMark stands for a character that is not shown.
const MaskMark = '●'

// lastShown is how many characters stay of numbers by which people tell what is
// theirs, and least how many those numbers must have besides.
const (
	lastShown = 4
	least     = 4
)

// Mask returns text as people see it who are not shown what a field of a class
// holds; that of none as it is. Each letter and digit becomes a mark, and what stands between them stays.
// The last four stay of cards, accounts and telephone numbers, and of names the
// first character of each word, as 개인정보 보호 지침 and habit have it.
func (p Personal) Mask(text string) string {
	if p == "" {
		return text
	}
	runes := []rune(text)
	stay := p.stays(runes)
	for i, r := range runes {
		if hideable(r) && !stay[i] {
			runes[i] = MaskMark
		}
	}
	return string(runes)
}

func hideable(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.M) }

// stays returns which characters are shown.
func (p Personal) stays(runes []rune) map[int]bool {
	stay := make(map[int]bool)
	switch {
	case p == PersonalName:
		for i := range runes {
			if first := i == 0 || unicode.IsSpace(runes[i-1]); first && slices.IndexFunc(runes[i:], unicode.IsSpace) != 1 && i+1 < len(runes) {
				stay[i] = true
			}
		}
	case p == PersonalCard || p == PersonalAccount || p == PersonalContact && !strings.ContainsFunc(string(runes), unicode.IsLetter):
		var at []int
		for i, r := range runes {
			if hideable(r) {
				at = append(at, i)
			}
		}
		if len(at) >= lastShown+least {
			for _, i := range at[len(at)-lastShown:] {
				stay[i] = true
			}
		}
	}
	return stay
}

// Mask takes out of r what is masked for good of a person who sees it so, and notes
// of each value how it is seen.
func (r *Record) Mask(seen Seen) {
	for i := range r.Values {
		v := &r.Values[i]
		v.Sight = seen.Of(v.Field.Personal)
		if v.Sight == SightHidden {
			v.mask()
		}
	}
}

// mask puts masks in the place of all that v holds, or did.
func (v *Value) mask() {
	v.Reading = v.Field.MaskReading(v.Reading)
	v.Corrections = v.Field.MaskCorrections(v.Corrections)
	v.Keyed.Entries = v.Field.MaskEntries(v.Keyed.Entries)
}

// unknownMasks stand for what gives away nothing, not even its length.
const unknownMasks = 3

// Mask returns text as people see it who are not shown what f holds, as of its class;
// that of a field without one as it is. Of what is empty, or a box that is ticked or
// not, it gives away neither.
func (f Field) Mask(text string) string {
	if f.Personal != "" && (f.Kind == Checkbox || strings.TrimSpace(text) == "") {
		return strings.Repeat(string(MaskMark), unknownMasks)
	}
	return f.Personal.Mask(text)
}

// MaskHeld returns h, which f holds, with masks in the place of it.
func (f Field) MaskHeld(h Held) Held { return Held{Text: f.Mask(h.Text)} }

// MaskReading returns r, which was read in f, with masks in the place of it, and
// without doubts that would say something of it, as that nothing was read.
func (f Field) MaskReading(r Reading) Reading {
	r.Text, r.Checked, r.Words, r.Alternatives, r.Ruled = f.Mask(r.Text), false, nil, nil, ""
	r.Reasons = slices.DeleteFunc(slices.Clone(r.Reasons), func(of Reason) bool {
		return of != ReasonPerson && of != ReasonTwo && of != ReasonKey // which the template says
	})
	return r
}

// MaskCorrections returns list with masks in the place of what was said of f, also
// where that was no text.
func (f Field) MaskCorrections(list []Correction) []Correction {
	list = slices.Clone(list)
	for i := range list {
		if c := &list[i]; c.Mark != MarkWithdrawn {
			c.Text, c.Checked, c.Mark, c.Override = f.Mask(c.Text), false, "", false
		}
	}
	return list
}

// MaskEntries returns list with masks in the place of what was keyed.
func (f Field) MaskEntries(list []Entry) []Entry {
	list = slices.Clone(list)
	for i := range list {
		list[i].Held, list[i].Mark = f.MaskHeld(list[i].Held), ""
	}
	return list
}
