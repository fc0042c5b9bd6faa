package metrics

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// The board in docs asks for numbers that there are.
func TestTheBoardAsksForWhatThereIs(t *testing.T) {
	text, err := os.ReadFile("../../docs/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	if err := json.Unmarshal(text, &board); err != nil || len(board.Panels) == 0 {
		t.Fatalf("%d panels, %v", len(board.Panels), err)
	}
	known := ""
	descs := make(chan *prometheus.Desc, 100)
	m := New()
	for _, c := range []prometheus.Collector{m.asked, m.steps, m.logged, &office{}} {
		c.Describe(descs)
	}
	close(descs)
	for d := range descs {
		known += d.String()
	}
	name := regexp.MustCompile(`seosik_\w+`)
	suffix := regexp.MustCompile(`_(bucket|sum|count)$`)
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			for _, n := range name.FindAllString(target.Expr, -1) {
				if !regexp.MustCompile(`"` + suffix.ReplaceAllString(n, "") + `"`).MatchString(known) {
					t.Errorf("there is no %s", n)
				}
			}
		}
	}
}
