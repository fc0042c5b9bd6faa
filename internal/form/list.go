package form

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/seosik/seosik/internal/edit"
)

// Limits of lists.
const (
	MaxLists      = 200     // of a domain
	MaxListValues = 20_000  // of a list
	maxListValue  = 200     // characters of a value
	MaxListBytes  = 1 << 20 // of a list as text
)

// listPrefix stands before the name of a list in the template file.
const listPrefix = "list:"

// In says which texts a field may hold: those of a list of the domain, or
// those that are given. Its zero value says nothing.
type In struct {
	Ref   string   // "list:" and the name of a list, as in the file; otherwise empty
	Texts []string // the only ones that are allowed
}

// List returns the name of the list that is meant, or nothing.
func (in In) List() string { return strings.TrimPrefix(in.Ref, listPrefix) }

// few returns the texts that are given, if they are so few that a person
// reads them.
func (in In) few() []string {
	const most = 6
	if len(in.Texts) > most {
		return nil
	}
	return in.Texts
}

// MarshalJSON writes in as the template file has it.
func (in In) MarshalJSON() ([]byte, error) {
	if in.Ref != "" {
		return json.Marshal(in.Ref)
	}
	return json.Marshal(in.Texts)
}

// UnmarshalJSON reads a string or a list of strings.
func (in *In) UnmarshalJSON(data []byte) error {
	var err error
	if bytes.HasPrefix(data, []byte{'"'}) {
		err = json.Unmarshal(data, &in.Ref)
	} else {
		err = json.Unmarshal(data, &in.Texts)
	}
	if err != nil || in.Ref == "" && in.Texts == nil {
		return Invalid("rules.in", `must be "list:" and the name of a list, or a list of texts`)
	}
	return nil
}

// A List is the texts that fields of a domain may hold, under a name.
type List struct {
	ID        ListID
	Name      string
	Values    []string
	UpdatedAt time.Time

	once  sync.Once
	plain []string            // of Values
	known map[string]struct{} // of plain
}

// ParseList reads values, one a line. Lines that are empty, or were there
// before, are left out. An error is an *InvalidError.
func ParseList(name, text string) (*List, error) {
	if err := checkName("name", name); err != nil {
		return nil, err
	}
	if len(text) > MaxListBytes {
		return nil, Invalid("values", "have more than %d bytes", MaxListBytes)
	}
	if !utf8.ValidString(text) {
		return nil, Invalid("values", "are not UTF-8")
	}
	l := &List{Name: norm.NFC.String(name)}
	seen := make(map[string]bool)
	n := 0
	// Spreadsheets put a mark before the text, and Windows \r before \n.
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		n++
		value := norm.NFC.String(strings.TrimSpace(line)) // macOS takes syllables apart
		if value == "" || seen[value] {
			continue
		}
		if utf8.RuneCountInString(value) > maxListValue {
			return nil, Invalid("values", "line %d is longer than %d characters", n, maxListValue)
		}
		if checkVisible("", value) != nil {
			return nil, Invalid("values", "line %d has a character that cannot be seen", n)
		}
		seen[value] = true
		if l.Values = append(l.Values, value); len(l.Values) > MaxListValues {
			return nil, Invalid("values", "there are more than %d", MaxListValues)
		}
	}
	if len(l.Values) == 0 {
		return nil, Invalid("values", "there are none")
	}
	return l, nil
}

// Text returns the values of l, one a line.
func (l *List) Text() string { return strings.Join(l.Values, "\n") + "\n" }

func (l *List) prepare() {
	l.once.Do(func() {
		l.known = make(map[string]struct{}, len(l.Values))
		l.plain = make([]string, len(l.Values))
		for i, v := range l.Values {
			l.plain[i] = Plain(v)
			l.known[l.plain[i]] = struct{}{}
		}
	})
}

// Has reports whether text is in l. Spaces and the width of characters do not
// matter.
func (l *List) Has(text string) bool {
	l.prepare()
	_, ok := l.known[Plain(text)]
	return ok
}

// A Near is a value of a list, and how far a text is from it.
type Near struct {
	Value    string
	Distance int // characters that were changed, left out or added
}

// maxNear is how many characters may differ, at most.
const maxNear = 8

// Near returns the values of l that text may be meant to be, the nearest
// first, at most n: those that differ in no more than one character in each
// few of text, and in one in any case.
func (l *List) Near(text string, few, n int) []Near {
	l.prepare()
	own := []rune(Plain(text))
	far := min(maxNear, max(1, len(own)/few))
	var near []Near
	for i, p := range l.plain {
		if d := edit.Distance(own, []rune(p), far); d <= far && d < utf8.RuneCountInString(p) {
			near = append(near, Near{l.Values[i], d})
		}
	}
	slices.SortStableFunc(near, func(a, b Near) int { return a.Distance - b.Distance })
	return near[:min(n, len(near))]
}

// Allowed returns the texts that f may hold, or nil where it may hold any, or
// the list that its template names is not there.
func (f *Field) Allowed() *List {
	if len(f.Rules.In.Texts) > 0 && f.List == nil {
		return &List{Values: f.Rules.In.Texts}
	}
	return f.List
}

// ListNames returns the names of the lists that the rules of t name, each
// once.
func (t *Template) ListNames() []string {
	var names []string
	add := func(r *Rules) {
		if name := r.In.List(); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for i := range t.Fields {
		add(&t.Fields[i].Rules)
	}
	for i := range t.Tables {
		for k := range t.Tables[i].Columns {
			add(&t.Tables[i].Columns[k].Rules)
		}
	}
	return names
}
