package cli

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/sample/demo"
)

// A page is read although the process that reads its letters is killed while
// it is at work.
func TestPageIsReadThoughItsOCRProcessIsKilled(t *testing.T) {
	t.Setenv("SEOSIK_WORKERS", "1")
	data := t.TempDir()
	var domain struct{ InvokePath, Secret string }
	if err := json.Unmarshal([]byte(run(t, "domain", "add", "--data", data, "--name", "N", "--lang", "ko")), &domain); err != nil {
		t.Fatal(err)
	}
	site := serve(t, data)
	// A running server sees what the command line imports.
	run(t, "template", "import", "--data", data, "--domain", "1", "--stage", "service", demoFolder(t))

	answer := make(chan string, 1)
	go func() { answer <- infer(t, site+domain.InvokePath, domain.Secret, demo.Load().Scans[0]) }()
	killed := killWhenBusy(t)
	if got := <-answer; got != "SUCCESS" {
		t.Errorf("the page was answered with %s", got)
	}
	if killed == 0 {
		t.Error("no process was at work to be killed")
	}
}

// infer posts a scan and returns what became of it.
func infer(t *testing.T, url, secret string, scan demo.Scan) string {
	body, err := json.Marshal(map[string]any{
		"version": "V2", "requestId": "1", "timestamp": 0,
		"images": []any{map[string]any{
			"format": "jpg", "name": scan.Name, "data": base64.StdEncoding.EncodeToString(scan.Data),
		}},
	})
	if err != nil {
		return err.Error()
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err.Error()
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-OCR-SECRET", secret)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	var out struct {
		Images []struct{ InferResult string }
	}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || len(out.Images) != 1 {
		return fmt.Sprintf("status %d, %d images, %v", resp.StatusCode, len(out.Images), err)
	}
	return out.Images[0].InferResult
}

// killWhenBusy kills the worker once it has begun to read: when it has used
// more of the processor than it did idle. It returns the worker's number, or 0.
func killWhenBusy(t *testing.T) int {
	idle := make(map[int]int)
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		for pid, ticks := range workers(t) {
			if first, known := idle[pid]; !known {
				idle[pid] = ticks
			} else if ticks > first+3 {
				if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
					t.Errorf("kill %d: %v", pid, err)
				}
				return pid
			}
		}
	}
	return 0
}

// workers returns the processor time, in ticks, of the OCR processes that this
// process has started.
func workers(t *testing.T) map[int]int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[int]int)
	for _, file := range stats {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended meanwhile
		}
		// After the name in parentheses: state, parent, …, and user time as the twelfth.
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		parent, err := strconv.Atoi(fields[1])
		if err != nil || parent != os.Getpid() {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			continue
		}
		command, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if err != nil || !bytes.Contains(command, []byte("ocr-worker")) {
			continue
		}
		ticks, err := strconv.Atoi(fields[11])
		if err != nil {
			t.Fatal(err)
		}
		found[pid] = ticks
	}
	return found
}
