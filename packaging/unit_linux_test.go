// Package packaging tests how the program is packed and installed.
package packaging

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/seosik/seosik/internal/cli"
	"github.com/seosik/seosik/internal/sample/demo"
)

// TestMain makes this test's binary be the program, with SEOSIK_TEST_CALLS under
// a filter that lets it make the system calls of these numbers and no others.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "ocr-worker" || os.Getenv("SEOSIK_TEST_CALLS") != "" {
		if calls := os.Getenv("SEOSIK_TEST_CALLS"); calls != "" {
			if err := allowOnly(strings.Fields(calls)); err != nil {
				panic(err)
			}
		}
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		status := cli.Main(ctx, os.Args[1:], os.Stdout, os.Stderr)
		stop()
		os.Exit(status)
	}
	if models, err := filepath.Abs("../models"); err == nil && os.Getenv("SEOSIK_MODELS") == "" {
		os.Setenv("SEOSIK_MODELS", models)
	}
	os.Exit(m.Run())
}

// allowOnly has the kernel refuse all system calls but these, as systemd does for
// a service: with EPERM.
func allowOnly(calls []string) error {
	program := []bpf.Instruction{bpf.LoadAbsolute{Off: 0, Size: 4}}
	for _, call := range calls {
		n, err := strconv.ParseUint(call, 10, 32)
		if err != nil {
			return err
		}
		program = append(program, bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(n), SkipFalse: 1}, bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW})
	}
	raw, err := bpf.Assemble(append(program, bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)}))
	if err != nil {
		return err
	}
	filter := make([]unix.SockFilter, len(raw))
	for i, p := range raw {
		filter[i] = unix.SockFilter{Code: p.Op, Jt: p.Jt, Jf: p.Jf, K: p.K}
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC,
		uintptr(unsafe.Pointer(&unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}))) //nolint:gosec // some hundred
	if errno != 0 {
		return errno
	}
	return nil
}

// analyze returns what systemd-analyze prints.
func analyze(t *testing.T, args ...string) string {
	t.Helper()
	var complaints bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "systemd-analyze", args...)
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("systemd-analyze %v (make test installs it): %v\n%s", args, err, &complaints)
	}
	if args[0] == "verify" && complaints.Len() > 0 {
		t.Errorf("systemd finds fault with the unit:\n%s", &complaints)
	}
	return string(out)
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The unit is one that systemd understands, also with what it needs for HTTPS.
func TestTheUnitIsUnderstood(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, dropIn := range map[string]string{"as it is": "", "with https.conf": read(t, "https.conf")} {
		t.Run(name, func(t *testing.T) {
			// It looks whether the program is there.
			unit := strings.ReplaceAll(read(t, "seosik.service"), "/usr/bin/seosik", exe)
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "seosik.service"), []byte(unit+dropIn), 0o600); err != nil {
				t.Fatal(err)
			}
			analyze(t, "verify", "--man=no", filepath.Join(dir, "seosik.service"))
		})
	}
}

// allowed returns the names of the system calls that the unit lets the program make.
func allowed(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	var add func(words []string)
	add = func(words []string) {
		for _, w := range words {
			switch {
			case strings.HasPrefix(w, "@"):
				group := regexp.MustCompile(`(?m)^ +([@\w].*)$`).FindAllStringSubmatch(analyze(t, "syscall-filter", w), -1)
				for _, line := range group {
					add([]string{line[1]})
				}
			default:
				names[w] = true
			}
		}
	}
	for _, line := range regexp.MustCompile(`(?m)^SystemCallFilter=(.*)$`).FindAllStringSubmatch(read(t, "seosik.service"), -1) {
		add(strings.Fields(line[1]))
	}
	add([]string{"@default"}) // always
	return names
}

// numbers returns the numbers of system calls on this machine. Those that its
// headers do not know yet are left out, as are those that it has not.
func numbers(t *testing.T, names map[string]bool) string {
	t.Helper()
	headers, err := filepath.Glob("/usr/include/*/asm/unistd_64.h")
	if err != nil || len(headers) == 0 {
		t.Skipf("the headers of Linux are not there: %v", err)
	}
	var found []string
	for _, m := range regexp.MustCompile(`#define __NR_(\w+) (\d+)`).FindAllStringSubmatch(read(t, headers[0]), -1) {
		if names[m[1]] {
			found = append(found, m[2])
		}
	}
	if len(found) < 200 {
		t.Fatalf("the unit lets %d system calls through: %v", len(found), names)
	}
	return strings.Join(found, " ")
}

// Under the filter of the unit a page is read, and the readers are kept from as
// much as without it.
func TestTheUnitAllowsWhatIsNeeded(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data, forms := t.TempDir(), t.TempDir()
	set := demo.Load()
	for name, content := range map[string][]byte{"template.json": set.Template, "template.png": set.Picture} {
		if err := os.WriteFile(filepath.Join(forms, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	seosik := func(args ...string) *exec.Cmd {
		cmd := exec.Command(exe, args...) // the server outlives the context of the test
		cmd.Env = append(os.Environ(), "SEOSIK_TEST_CALLS="+numbers(t, allowed(t)), "SEOSIK_DATA="+data, "SEOSIK_LISTEN=127.0.0.1:0")
		cmd.Stderr = os.Stderr
		return cmd
	}
	added, err := seosik("domain", "add", "--name", "N", "--lang", "ko").Output()
	if err != nil {
		t.Fatal(err)
	}
	var domain struct{ InvokePath, Secret string }
	if err := json.Unmarshal(added, &domain); err != nil {
		t.Fatal(err)
	}
	if out, err := seosik("template", "import", "--domain", "1", "--stage", "service", forms).Output(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	if got := infer(t, "http://"+serve(t, seosik("serve"))+domain.InvokePath, domain.Secret, set.Scans[0]); got != "SUCCESS" {
		t.Errorf("a page was answered with %s", got)
	}

	readers := regexp.MustCompile(`(?m)^ok +readers .*$`)
	under, _ := seosik("doctor").Output() // it wants a backup
	var free bytes.Buffer
	cli.Main(t.Context(), []string{"doctor", "--data", data}, &free, os.Stderr)
	if got, want := readers.FindString(string(under)), readers.FindString(free.String()); got != want || got == "" {
		t.Errorf("under the unit's filter:\n%s\nwithout:\n%s", got, want)
	}
}

// serve starts a server, which is ended with the test, and returns its address.
func serve(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	cmd.Stderr = nil
	log, err := cmd.StderrPipe()
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
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), "address=http://"); ok {
			go func() {
				for lines.Scan() { // so that it does not wait for us
				}
			}()
			address, _, _ := strings.Cut(rest, " ")
			return address
		}
	}
	t.Fatal("the server does not start")
	return ""
}

// infer has a scan be read, and returns what became of it.
func infer(t *testing.T, url, secret string, scan demo.Scan) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"version": "V2", "requestId": "1", "timestamp": 0,
		"images": []any{map[string]any{"format": "jpg", "name": scan.Name, "data": base64.StdEncoding.EncodeToString(scan.Data)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-OCR-SECRET", secret)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
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
