package cli

import (
	"encoding/json"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/sample/demo"
)

// Strangers who open thousands of connections and ask for nothing neither lock
// people out nor keep files from being read.
func TestIdleStrangersLockNobodyOut(t *testing.T) {
	data := t.TempDir()
	var domain struct{ InvokePath, Secret string }
	if err := json.Unmarshal([]byte(run(t, "domain", "add", "--data", data, "--name", "N", "--lang", "ko")), &domain); err != nil {
		t.Fatal(err)
	}
	run(t, "template", "import", "--data", data, "--domain", "1", "--stage", "service", demoFolder(t))
	address, _ := serveWith(t, "ulimit -n 1024", data)

	const strangers = 3000
	for i := range min(strangers, spareFiles(t)) {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		said := "GET /login HTTP/1.1\r\nHo" // and never goes on
		if i%4 > 0 {
			said = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" // and stays
		}
		if _, err := c.Write([]byte(said)); err != nil {
			t.Fatal(err)
		}
	}
	client := &http.Client{Timeout: 30 * time.Second, Transport: new(http.Transport)} // the browser's connections are new ones
	for range 5 {
		resp, err := client.Get("http://" + address + "/setup")
		if err != nil {
			t.Fatalf("a browser: %v", err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("a browser is answered with status %d", resp.StatusCode)
		}
		client.CloseIdleConnections()
	}
	if got := infer(t, "http://"+address+domain.InvokePath, domain.Secret, demo.Load().Scans[0]); got != "SUCCESS" {
		t.Errorf("the page was answered with %s", got)
	}
}

// spareFiles returns how many connections this process may open.
func spareFiles(t *testing.T) int {
	t.Helper()
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	return int(min(files.Cur, 100_000)) - 200
}
