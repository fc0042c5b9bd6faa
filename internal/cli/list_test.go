package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestListCommands(t *testing.T) {
	data, file := t.TempDir(), filepath.Join(t.TempDir(), "banks.txt")
	if err := os.WriteFile(file, []byte("\ufeff국민은행\r\n신한은행\r\n국민은행\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "domain", "add", "--data", data, "--name", "N", "--lang", "ko")
	if out := run(t, "list", "set", "--data", data, "--domain", "1", "--name", "banks", file); out != "banks\t2 values\n" {
		t.Errorf("set printed %q", out)
	}
	if out := run(t, "list", "show", "--data", data, "--domain", "1", "--name", "banks"); out != "국민은행\n신한은행\n" {
		t.Errorf("show printed %q", out)
	}
	stdin := os.Stdin
	t.Cleanup(func() { os.Stdin = stdin })
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stdin = r
	if _, err := w.WriteString("농협\n"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	run(t, "list", "set", "--data", data, "--domain", "1", "--name", "banks")
	if out := run(t, "list", "list", "--data", data, "--domain", "1"); !strings.Contains(out, "banks  1") {
		t.Errorf("list printed\n%s", out)
	}
	run(t, "list", "remove", "--data", data, "--domain", "1", "--name", "banks")
	if err := os.WriteFile(file, []byte("\xb1\xb9"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"show", "--domain", "1", "--name", "banks"}, "not found"},
		{[]string{"remove", "--domain", "1", "--name", "banks"}, "not found"},
		{[]string{"set", "--domain", "1", "--name", "banks", file}, "values: are not UTF-8"},
		{[]string{"set", "--domain", "1", "--name", "banks", "/nowhere"}, "no such file"},
		{[]string{"set", "--domain", "1", "--name", "a[0]", file}, "name: must not"},
	} {
		args := append([]string{"list", tt.args[0], "--data", data}, tt.args[1:]...)
		if got := runBadly(t, args...); !strings.Contains(got, tt.want) {
			t.Errorf("seosik %v: %s, want %q", args, got, tt.want)
		}
	}
	if err := os.WriteFile(file, []byte("a"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := runBadly(t, "list", "set", "--data", data, "--domain", "9", "--name", "banks", file); !strings.Contains(got, "not found") {
		t.Errorf("a list of no domain: %s", got)
	}
}
