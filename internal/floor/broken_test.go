package floor

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seosik/seosik/internal/cli/clitest"
)

// raced says that the race detector watches, which makes reading slow.
var raced bool

// A world of ten documents, each with 40 fields, 10 checkboxes and a table of 10
// cells. One field in ten is read wrong, and none of those is called certain.
func invent() (documents []document, t *template, answers []*image) {
	t = &template{Name: "form", Lang: "ko,en"}
	for i := range 50 {
		kind := "NORMAL"
		if i >= 40 {
			kind = "CHECKBOX"
		}
		t.Fields = append(t.Fields, struct {
			Name, Type string
			Boxes      [][4]float64
		}{Name: fmt.Sprint(i), Type: kind})
	}
	t.Tables = []struct{ Name string }{{"items"}}
	for n := range 10 {
		d := document{File: fmt.Sprint(n, ".png"), Level: "scan", Style: []string{"typed", "hand"}[n%2]}
		d.Fields = make(map[string]struct {
			Text    string
			Checked bool
		})
		d.Tables = map[string][][]string{"items": {slices.Repeat([]string{"가 나"}, 10)}}
		got := &image{}
		got.MatchedTemplate.Name = "form"
		for i, f := range t.Fields {
			truth := d.Fields[f.Name]
			truth.Text, truth.Checked = fmt.Sprint("값 ", i), i%2 == 0
			if f.Type == "CHECKBOX" {
				truth.Text = ""
			}
			d.Fields[f.Name] = truth
			g := answeredField{Name: f.Name, InferText: strings.ReplaceAll(truth.Text, " ", ""), InferConfidence: .99, Checked: &truth.Checked}
			if i%10 == 0 && f.Type != "CHECKBOX" {
				g.InferText, g.InferConfidence = "갑", .1
			}
			got.Fields = append(got.Fields, g)
		}
		got.Tables = append(got.Tables, tableOf("items", 10))
		documents, answers = append(documents, d), append(answers, got)
	}
	return documents, t, answers
}

func tableOf(name string, columns int) (table struct {
	Name  *string
	Cells []answeredCell
},
) {
	table.Name = &name
	for column := range columns {
		cell := answeredCell{RowIndex: 1, ColumnIndex: column, InferConfidence: .99}
		cell.CellTextLines = append(cell.CellTextLines, struct{ CellWords []struct{ InferText string } }{
			[]struct{ InferText string }{{"가"}, {"나"}},
		})
		table.Cells = append(table.Cells, cell)
	}
	return table
}

// What the floor is there for makes it complain: confidence that tells nothing,
// or too little, wrong readings that are called certain, more wrong ones, and
// fields that are not answered.
func TestTheFloorHoldsWhatIsBroken(t *testing.T) {
	allowed := limits{
		auroc: .99, ece: .02, coverage: .91, strictCoverage: .91, silent: 0,
		groups: []groupFloor{
			{"classify", 10, 1},
			{"text-typed ko", 200, .9},
			{"text-hand", 200, .9},
			{"checkbox", 100, 1},
			{"cell-typed", 50, 1},
			{"cell-hand ko", 50, 1},
		},
	}
	everyField := func(change func(g *answeredField)) func(*image) {
		return func(m *image) {
			for i := range m.Fields {
				change(&m.Fields[i])
			}
		}
	}
	for _, tt := range []struct {
		name string
		harm func(m *image)
		want []string // what is complained of, in part
	}{
		{"nothing is broken", func(*image) {}, nil},
		{
			"all is certain", everyField(func(g *answeredField) { g.InferConfidence = 1 }),
			[]string{"AUROC", "coverage at 0.5", "coverage at 0.14", "calibration error", "40 fields are wrong and as sure as 0.95"},
		},
		{
			"nothing is sure", everyField(func(g *answeredField) { g.InferConfidence /= 2 }),
			[]string{"calibration error"},
		},
		{
			"what is wrong is surer", everyField(func(g *answeredField) { g.InferConfidence = 1 - g.InferConfidence }),
			[]string{"AUROC", "coverage at 0.5", "coverage at 0.14", "calibration error"},
		},
		{
			"one field of each page is wrong and certain", func(m *image) { m.Fields[0].InferConfidence = .96 },
			[]string{"calibration error", "10 fields are wrong and as sure as 0.95"},
		},
		{
			"a cell of each page is wrong and certain", func(m *image) { m.Tables[0].Cells[3].CellTextLines = nil },
			[]string{"10 fields are wrong", "cell-typed is 0.9000", "cell-hand ko is 0.9000"},
		},
		{
			"there are no tables", func(m *image) { m.Tables = nil },
			[]string{"cell-typed: 0 answered of 50", "cell-hand ko: 0 answered of 50", "cell-typed is 0.0000", "cell-hand ko is 0.0000"},
		},
		{
			"there are no checkboxes", func(m *image) { m.Fields = m.Fields[:40] },
			[]string{"checkbox: 0 answered of 100", "checkbox is 0.0000"},
		},
		{
			"no template is found", func(m *image) { m.MatchedTemplate.Name = "" },
			[]string{"AUROC", "classify: 0 answered of 10", "text-typed ko: 0 answered", "text-hand: 0 answered"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			documents, template, answers := invent()
			s := newScore(shippedDoubt)
			for i := range documents {
				tt.harm(answers[i])
				s.add(&documents[i], template, answers[i])
			}
			off := allowed.check(s)
			for _, want := range tt.want {
				if !slices.ContainsFunc(off, func(got string) bool { return strings.Contains(got, want) }) {
					t.Errorf("no complaint of %q in %q", want, off)
				}
			}
			if len(tt.want) == 0 && len(off) > 0 {
				t.Errorf("complains of %q", off)
			}
		})
	}
}

// The threshold is the one that the program is shipped with.
func TestTheThresholdIsTheOneOfTheProgram(t *testing.T) {
	if help := clitest.Run(t, "serve", "--help"); !strings.Contains(help, fmt.Sprintf("--doubt=%.2f", shippedDoubt)) {
		t.Errorf("serve has another --doubt than %.2f:\n%s", shippedDoubt, help)
	}
}
