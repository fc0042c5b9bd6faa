// Package clitest serves a data folder within a test, as the program does.
package clitest

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/cli"
)

// Main is what TestMain of a package two folders below the root does: it makes
// the test's binary do what the program does when it is started to read lines,
// and otherwise runs the tests, with the models that `make test` installs.
func Main(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "ocr-worker" {
		os.Exit(cli.Main(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
	}
	if models, err := filepath.Abs("../../models"); err == nil && os.Getenv("SEOSIK_MODELS") == "" {
		os.Setenv("SEOSIK_MODELS", models)
	}
	os.Exit(m.Run())
}

// Run runs a command that must go well and returns what it prints.
func Run(tb testing.TB, args ...string) string {
	tb.Helper()
	var out, errs bytes.Buffer
	if status := cli.Main(tb.Context(), args, &out, &errs); status != 0 {
		tb.Fatalf("seosik %v: status %d\n%s", args, status, errs.String())
	}
	return out.String()
}

// Serve serves data until the test ends, and returns the address.
func Serve(tb testing.TB, data string) string {
	tb.Helper()
	l, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan string, 1)
	go func() {
		var errs bytes.Buffer
		if status := cli.Main(ctx, []string{"serve", "--data", data, "--listen", addr}, io.Discard, &errs); status != 0 {
			ended <- errs.String()
		}
		close(ended)
	}()
	tb.Cleanup(func() {
		stop()
		if complaint := <-ended; complaint != "" {
			tb.Errorf("serve: %s", complaint)
		}
	})
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if healthy(tb, "http://"+addr+"/healthz") {
			return "http://" + addr
		}
	}
	tb.Fatal("the server does not answer")
	return ""
}

func healthy(tb testing.TB, url string) bool {
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, url, nil)
	if err != nil {
		tb.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}
