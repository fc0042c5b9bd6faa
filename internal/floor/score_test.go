package floor

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A document is a page of the bench with its truth, a line of truth.jsonl.
type document struct {
	File, Form, Level, Style string
	RealDigits               bool
	Fields                   map[string]struct {
		Text    string
		Checked bool
	}
	Tables map[string][][]string // rows below the header
}

// A template is the part of a template.json that says what is to be read.
type template struct {
	Name, Lang string
	Fields     []struct {
		Name, Type string
		Boxes      [][4]float64
	}
	Tables []struct{ Name string }
}

// An image is the part of an answer of the API that is scored.
type image struct {
	InferResult, Message string
	MatchedTemplate      struct{ Name string }
	Fields               []answeredField
	Tables               []struct {
		Name  *string
		Cells []answeredCell
	}
}

type answeredField struct {
	Name, InferText string
	InferConfidence float64
	Checked         *bool
	SubFields       []struct{ InferText string }
}

type answeredCell struct {
	RowIndex, ColumnIndex int
	InferConfidence       float64
	CellTextLines         []struct {
		CellWords []struct{ InferText string }
	}
}

func (c answeredCell) text() string {
	var words []string
	for _, line := range c.CellTextLines {
		for _, word := range line.CellWords {
			words = append(words, word.InferText)
		}
	}
	return strings.Join(words, " ")
}

// A pair is a confidence and whether what it is of was right.
type pair struct {
	confidence float64
	right      bool
}

// A tally is how many there are of a group, and what became of them.
type tally struct{ total, answered, right int }

// A score is what the scorer of the bench, score.py, says of answers, counted
// alike; and besides it the groups of fields by language, and which wrong ones
// were called certain.
type score struct {
	groups    map[string]*tally // as "text-typed", "classify/fax", "text-typed ko"
	text      []pair            // fields of text, and rows of boxes
	every     []pair            // all fields; cells of tables have no part in it
	threshold float64           // from which a reading is not doubted
	silent    []string          // wrong, and at least that sure; cells of tables too
}

func newScore(threshold float64) *score {
	return &score{groups: make(map[string]*tally), threshold: threshold}
}

// mark counts what is right or wrong in a group, and in that of its level and of
// its language.
func (s *score) mark(group string, d *document, lang string, answered, right bool) {
	for _, name := range []string{group, group + "/" + d.Level, group + " " + lang} {
		t := s.groups[name]
		if t == nil {
			t = new(tally)
			s.groups[name] = t
		}
		t.total++
		if answered {
			t.answered++
		}
		if right {
			t.right++
		}
	}
}

// share returns which part of a group is right.
func (s *score) share(group string) float64 {
	t := s.groups[group]
	if t == nil {
		return math.NaN()
	}
	return float64(t.right) / float64(t.total)
}

// doubt notes a reading that is wrong and was called certain.
func (s *score) doubt(d *document, name string, confidence float64, right bool) {
	if !right && confidence >= s.threshold {
		s.silent = append(s.silent, fmt.Sprintf("%s %s (%.4f)", d.File, name, confidence))
	}
}

// add scores the answer for a document.
func (s *score) add(d *document, t *template, got *image) {
	lang, _, _ := strings.Cut(t.Lang, ",")
	hit := got.MatchedTemplate.Name == t.Name
	s.mark("classify", d, lang, hit, hit)
	if !hit {
		got = new(image)
	}
	s.addFields(d, t, lang, got)
	for k, table := range t.Tables {
		cells := got.table(table.Name, k)
		for i, row := range d.Tables[table.Name] {
			for j, want := range row {
				cell, answered := cells[[2]int{i + 1, j}]
				right := plain(cell.text()) == plain(want)
				group := "cell-blank"
				if want != "" {
					group = "cell-" + d.Style
				}
				s.mark(group, d, lang, answered, right)
				s.doubt(d, fmt.Sprintf("%s[%d,%d]", table.Name, i, j), cell.InferConfidence, right)
			}
		}
	}
}

func (s *score) addFields(d *document, t *template, lang string, got *image) {
	for _, f := range t.Fields {
		want := d.Fields[f.Name]
		i := slices.IndexFunc(got.Fields, func(g answeredField) bool { return g.Name == f.Name })
		g, answered := answeredField{}, i >= 0
		if answered {
			g = got.Fields[i]
		}
		right, group := answered && plain(g.InferText) == plain(want.Text), ""
		switch {
		case f.Type == "CHECKBOX":
			right, group = g.Checked != nil && *g.Checked == want.Checked, "checkbox"
		case f.Type == "MULTI_BOX":
			group = "multibox-" + boxes(d)
			s.addBoxes(d, lang, want.Text, &g)
		case want.Text == "":
			group = "text-blank"
		default:
			group = "text-" + d.Style
		}
		s.mark(group, d, lang, answered, right)
		s.every = append(s.every, pair{g.InferConfidence, right})
		if f.Type != "CHECKBOX" {
			s.text = append(s.text, pair{g.InferConfidence, right})
		}
		s.doubt(d, f.Name, g.InferConfidence, right)
	}
}

// boxes returns the group of rows of boxes: real handwriting is one of its own.
func boxes(d *document) string {
	if d.RealDigits {
		return "digits"
	}
	return d.Style
}

// addBoxes scores the characters of a row of boxes.
func (s *score) addBoxes(d *document, lang, want string, g *answeredField) {
	for i, r := range []rune(want) {
		answered := i < len(g.SubFields)
		s.mark("box-"+boxes(d), d, lang, answered, answered && plain(g.SubFields[i].InferText) == string(r))
	}
}

// table returns the cells of the table with a name, or of the one at an index
// where tables have none, by row and column.
func (m *image) table(name string, index int) map[[2]int]answeredCell {
	cells := make(map[[2]int]answeredCell)
	for i := range m.Tables {
		t := &m.Tables[i]
		if t.Name != nil && *t.Name == name || t.Name == nil && i == index {
			for k := range t.Cells {
				cells[[2]int{t.Cells[k].RowIndex, t.Cells[k].ColumnIndex}] = t.Cells[k]
			}
			return cells
		}
	}
	return cells
}

// plain returns s without what does not count: white space and width.
func plain(s string) string {
	return strings.Join(strings.FieldsFunc(norm.NFKC.String(s), func(r rune) bool {
		return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f // as Python splits
	}), "")
}

// auroc returns the probability that a right reading is surer than a wrong one,
// from the ranks of the right ones; equal ones share theirs.
func auroc(pairs []pair) float64 {
	sorted := slices.SortedFunc(slices.Values(pairs), func(a, b pair) int { return cmp.Compare(a.confidence, b.confidence) })
	rank, all := 0.0, 0
	for i := 0; i < len(sorted); {
		j, right := i, 0
		for ; j < len(sorted) && sorted[j].confidence == sorted[i].confidence; j++ {
			if sorted[j].right {
				right++
			}
		}
		rank += float64(right) * float64(i+j+1) / 2
		all += right
		i = j
	}
	right, wrong := float64(all), float64(len(sorted)-all)
	return (rank - right*(right+1)/2) / (right * wrong) // NaN where all are the same
}

// ece returns the expected calibration error over ten bins.
func ece(pairs []pair) float64 {
	var off [10]float64
	for _, p := range pairs {
		bin := &off[min(9, int(p.confidence*10))]
		if *bin += p.confidence; p.right {
			*bin--
		}
	}
	sum := 0.0
	for _, o := range off {
		sum += math.Abs(o)
	}
	return sum / float64(max(1, len(pairs)))
}

// coverage returns the share of readings that may be accepted unseen with at
// most a share of limit wrong among them.
func coverage(pairs []pair, limit float64) float64 {
	sorted := slices.SortedFunc(slices.Values(pairs), func(a, b pair) int { return cmp.Compare(b.confidence, a.confidence) })
	best, wrong := 0, 0
	for i, p := range sorted {
		if !p.right {
			wrong++
		}
		// Where several are as sure as this one, all are accepted or none.
		if float64(wrong) <= limit*float64(i+1) && (i+1 == len(sorted) || sorted[i+1].confidence < p.confidence) {
			best = i + 1
		}
	}
	return float64(best) / float64(max(1, len(sorted)))
}

// The figures are those that score.py gives for the same pairs.
func TestFiguresAreThoseOfTheScorer(t *testing.T) {
	var pairs []pair
	for i := range 400 { // as sure as often right, but for some
		c := float64(i*i%97) / 97
		pairs = append(pairs, pair{c, i%10 < int(10*c) || i%7 == 0})
	}
	for i := range 100 {
		pairs = append(pairs, pair{.99 + float64(i%5)/1000, i != 40})
	}
	for _, tt := range []struct {
		name      string
		got, want float64
	}{
		{"AUROC", auroc(pairs), 0.8645812428925012},
		{"ECE", ece(pairs), 0.050960824742268235},
		{"coverage at 0.5 %", coverage(pairs, .005), 0.16},
		{"coverage at 2 %", coverage(pairs, .02), 0.312},
	} {
		if math.Abs(tt.got-tt.want) > 1e-12 {
			t.Errorf("%s is %.15f, want %.15f", tt.name, tt.got, tt.want)
		}
	}
}
