package cli

import (
	"bufio"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/sample"
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
	address := serveWith(t, "ulimit -n 1024", data)

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
	if got := infer(t, "http://"+address+domain.InvokePath, domain.Secret, sample.Demo().Scans[0]); got != "SUCCESS" {
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

// serveWith serves data in a process of its own, which a line of shell is run
// for first, and returns the address.
func serveWith(t *testing.T, first, data string) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/bin/sh", "-c", first+`; exec "$0" "$@"`, exe, "serve", "--data", data, "--listen", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), "SEOSIK_TEST_MAIN=1")
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), "address=http://"); ok {
			go func() {
				for lines.Scan() { // so that it does not wait for us
				}
			}()
			address, _, _ = strings.Cut(address, " ")
			return address
		}
	}
	t.Fatal("the server does not start")
	return ""
}
