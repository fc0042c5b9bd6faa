package cli

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain makes this test's binary do what the program does when it is
// started as a worker, or with SEOSIK_TEST_MAIN set.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "ocr-worker" || os.Getenv("SEOSIK_TEST_MAIN") != "" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		status := Main(ctx, os.Args[1:], os.Stdout, os.Stderr)
		stop()
		os.Exit(status)
	}
	// Where `make test` puts the models.
	if models, err := filepath.Abs("../../models"); err == nil && os.Getenv("SEOSIK_MODELS") == "" {
		os.Setenv("SEOSIK_MODELS", models)
	}
	status := m.Run()
	endChromium()
	os.Exit(status)
}

// run runs a command that must go well and returns what it printed.
func run(t testing.TB, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if status := Main(t.Context(), args, &out, &errs); status != 0 {
		t.Fatalf("seosik %s: status %d\n%s", strings.Join(args, " "), status, errs.String())
	}
	return out.String()
}

// runBadly runs a command that must fail and returns what it complained of.
func runBadly(t testing.TB, args ...string) string {
	t.Helper()
	var errs bytes.Buffer
	if status := Main(t.Context(), args, io.Discard, &errs); status == 0 {
		t.Fatalf("seosik %s went well", strings.Join(args, " "))
	}
	return errs.String()
}

// freeAddress returns an address at which nobody listens.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// serve serves data until the test ends, and returns the address.
func serve(t testing.TB, data string) string {
	t.Helper()
	return serveAt(t, data, freeAddress(t))
}

func serveAt(t testing.TB, data, addr string) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan string, 1)
	go func() {
		var errs bytes.Buffer
		if status := Main(ctx, []string{"serve", "--data", data, "--listen", addr}, io.Discard, &errs); status != 0 {
			done <- errs.String()
		}
		close(done)
	}()
	t.Cleanup(func() {
		stop()
		if complaint := <-done; complaint != "" {
			t.Errorf("serve: %s", complaint)
		}
	})
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if resp, err := http.Get("http://" + addr + "/healthz"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return "http://" + addr
			}
		}
	}
	t.Fatal("the server does not answer")
	return ""
}

// serveWith serves data in a process of its own, for which a line of shell is
// run first, and returns the address. The process is told to end with the test,
// unless it is killed before.
func serveWith(t *testing.T, first, data string) (address string, kill func()) {
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
	killed := false
	t.Cleanup(func() {
		if killed {
			return
		}
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
			return address, func() {
				killed = true
				if err := cmd.Process.Kill(); err != nil {
					t.Error(err)
				}
				_ = cmd.Wait() // says that it was killed
			}
		}
	}
	t.Fatal("the server does not start")
	return "", nil
}
