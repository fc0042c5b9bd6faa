package metrics

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/reader"
)

// labels returns those of each number that there is.
func labels(t *testing.T) map[string][]string {
	t.Helper()
	descs := make(chan *prometheus.Desc, 100)
	m := New()
	for _, c := range []prometheus.Collector{m.asked, m.steps, m.logged, &office{}} {
		c.Describe(descs)
	}
	close(descs)
	known := map[string][]string{}
	said := regexp.MustCompile(`fqName: "(\w+)".*variableLabels: \{([^}]*)\}`)
	for d := range descs {
		found := said.FindStringSubmatch(d.String())
		if found == nil {
			t.Fatalf("this is read no more: %v", d)
		}
		known[found[1]] = strings.FieldsFunc(found[2], func(r rune) bool { return r == ',' || r == ' ' })
	}
	return known
}

// The board in docs, and the alarms, ask for numbers that there are, by labels that
// they have.
func TestTheBoardAsksForWhatThereIs(t *testing.T) {
	text, err := os.ReadFile("../../docs/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Targets []struct{ Expr, LegendFormat string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil || len(board.Panels) == 0 {
		t.Fatalf("%d panels, %v", len(board.Panels), err)
	}
	alarms, err := os.ReadFile("../../docs/operate.md")
	if err != nil {
		t.Fatal(err)
	}
	known, asked := labels(t), regexp.MustCompile(`(?m)^    .*seosik_.*$`).FindAllString(string(alarms), -1)
	if len(asked) < 5 {
		t.Errorf("%d alarms are found", len(asked))
	}
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			// What stands in braces in a legend is a label, as after by.
			asked = append(asked, target.Expr+" by ("+strings.Join(regexp.MustCompile(`\{\{(\w+)\}\}`).FindAllString(target.LegendFormat, -1), ", ")+")")
		}
	}
	for _, expr := range asked {
		complain(t, known, expr)
	}
}

func complain(t *testing.T, known map[string][]string, expr string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`(seosik_\w+?)(_bucket|_sum|_count)?\b(\{([^}]*)\})?`).FindAllStringSubmatch(expr, -1) {
		has, ok := known[m[1]]
		if !ok {
			t.Errorf("there is no %s", m[1])
		}
		for _, l := range regexp.MustCompile(`(\w+)=~?"([^"]*)"`).FindAllStringSubmatch(m[4], -1) {
			if l[1] != "job" && !slices.Contains(has, l[1]) { // job is Prometheus's own
				t.Errorf("%s has no label %s", m[1], l[1])
			}
			for value := range strings.SplitSeq(l[2], "|") {
				if l[1] == "step" && !slices.Contains(reader.Steps, reader.Step(value)) || l[1] == "state" && !slices.Contains(form.States, form.State(value)) {
					t.Errorf("%s: there is no %s %s", m[1], l[1], value)
				}
			}
		}
		for _, by := range regexp.MustCompile(`by \(([^)]*)\)`).FindAllStringSubmatch(expr, -1) {
			for label := range strings.SplitSeq(by[1], ",") {
				label = strings.Trim(label, "{} ")
				if label != "" && !slices.Contains(has, label) && (label != "le" || m[2] != "_bucket") {
					t.Errorf("%s has no label %s", m[1], label)
				}
			}
		}
	}
}
