// Package floor holds what the program must not fall below in telling right
// readings from wrong ones: its test reads a part of the bench, which lies in
// testdata, and fails where a figure is worse than stated.
package floor

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/seosik/seosik/internal/cli/clitest"
)

var set = flag.String("set", "testdata", "filled forms with truth.jsonl; floors are of those in testdata only")

func TestMain(m *testing.M) { clitest.Main(m) }

// Pages of the bench, of each form and level, are sent to a server as programs
// send them, and what it answers is no worse than stated.
func TestFloor(t *testing.T) {
	if testing.Short() || raced {
		t.Skip("reads 84 pages")
	}
	clitest.Run(t, "doctor") // with one reader alone all would fall
	b := openBench(t)
	s := newScore(shippedDoubt)
	for i, got := range b.read(t) {
		d := &b.documents[i]
		s.add(d, b.templates[d.Form], got)
	}
	t.Log("\n" + s.report())
	if *set == "testdata" {
		for _, off := range floors.check(s) {
			t.Error(off)
		}
	}
}

// report returns the figures, a line each, as floors_test.go states them.
func (s *score) report() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.groups)) {
		g := s.groups[name]
		fmt.Fprintf(&b, "%-28s %5d answered of %5d, %.4f right\n", name, g.answered, g.total, s.share(name))
	}
	right := 0
	for _, p := range s.every {
		if p.right {
			right++
		}
	}
	fmt.Fprintf(&b, "AUROC %.4f, ECE %.4f, coverage at 0.5 %% %.4f, at 0.14 %% %.4f, of text at 0.5 %% %.4f, all fields %.4f\n",
		auroc(s.text), ece(s.text), coverage(s.every, .005), coverage(s.every, .0014), coverage(s.text, .005), float64(right)/float64(len(s.every)))
	fmt.Fprintf(&b, "%d wrong and as sure as %.2f:\n%s", len(s.silent), s.threshold, strings.Join(s.silent, "\n"))
	return b.String()
}

// A bench is pages with their truth, and the templates that they are of.
type bench struct {
	documents []document
	templates map[string]*template // by form
}

func openBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{templates: make(map[string]*template)}
	for line := range bytes.Lines(read(t, "truth.jsonl")) {
		var d document
		decode(t, line, &d)
		b.documents = append(b.documents, d)
		if b.templates[d.Form] == nil {
			b.templates[d.Form] = new(template)
			decode(t, read(t, d.Form, "template.json"), b.templates[d.Form])
		}
	}
	return b
}

// read returns a file of the set.
func read(t *testing.T, name ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(append([]string{*set}, name...)...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func decode(t *testing.T, data []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatal(err)
	}
}

// read returns what a server answers for each document, as many of which are
// sent at once as there are cores.
func (b *bench) read(t *testing.T) []*image {
	t.Helper()
	data := t.TempDir()
	var added struct{ InvokePath, Secret string }
	decode(t, []byte(clitest.Run(t, "domain", "add", "--data", data, "--name", "bench", "--lang", "ko,ja,zh-TW,en")), &added)
	args := []string{"template", "import", "--data", data, "--domain", "1", "--stage", "service"}
	for _, form := range slices.Sorted(maps.Keys(b.templates)) {
		args = append(args, filepath.Join(*set, form))
	}
	clitest.Run(t, args...)
	site := clitest.Serve(t, data)
	answers := make([]*image, len(b.documents))
	next := make(chan int)
	var wait sync.WaitGroup
	for range runtime.NumCPU() {
		wait.Go(func() {
			for i := range next {
				answers[i] = infer(t, site+added.InvokePath, added.Secret, b.documents[i].File)
			}
		})
	}
	for i := range b.documents {
		next <- i
	}
	close(next)
	wait.Wait()
	return answers
}

// infer returns what the API answers for a file.
func infer(t *testing.T, url, secret, name string) *image {
	data, err := os.ReadFile(filepath.Join(*set, name))
	if err != nil {
		t.Error(err)
		return new(image)
	}
	format := strings.Replace(strings.TrimPrefix(filepath.Ext(name), "."), "tif", "tiff", 1)
	body, err := json.Marshal(map[string]any{
		"version": "V2", "requestId": name, "timestamp": 0, "enableTableDetection": true,
		"images": []any{map[string]any{"format": format, "name": name, "data": base64.StdEncoding.EncodeToString(data)}},
	})
	if err != nil {
		t.Error(err)
		return new(image)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return new(image)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-OCR-SECRET", secret)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return new(image)
	}
	defer resp.Body.Close()
	var answer struct{ Images []*image }
	if body, err = io.ReadAll(resp.Body); err == nil {
		err = json.Unmarshal(body, &answer)
	}
	if err != nil || resp.StatusCode != http.StatusOK || len(answer.Images) != 1 {
		t.Errorf("%s: status %d, %v: %.200s", name, resp.StatusCode, err, body)
		return new(image)
	}
	return answer.Images[0]
}
