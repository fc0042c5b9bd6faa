package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What make bundle packs is installed with what it needs out of its own folder, and
// not where a file of it is damaged.
func TestTheBundleIsInstalledByItself(t *testing.T) {
	if system, err := os.ReadFile("/etc/os-release"); err != nil || !strings.Contains(string(system), `VERSION_ID="12"`) || !strings.Contains(string(system), "ID=debian\n") {
		t.Skip("it is for Debian 12")
	}
	folder := filepath.Join(t.TempDir(), "a folder")
	debs := filepath.Join(folder, "debs")
	if err := os.MkdirAll(debs, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, more := range map[string]string{"seosik": "Depends: what-seosik-needs\n", "what-seosik-needs": ""} {
		dir := filepath.Join(t.TempDir(), "DEBIAN")
		control := "Package: " + name + "\nVersion: 99\nArchitecture: amd64\nMaintainer: nobody\n" + more + "Description: nothing\n more of it\n"
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "control"), []byte(control), 0o644); err != nil {
			t.Fatal(err)
		}
		does(t, "dpkg-deb", "--build", filepath.Dir(dir), debs)
	}
	does(t, "cp", "install", folder)
	does(t, "./index", folder)
	install := filepath.Join(folder, "install")
	if got := does(t, install, "-s"); !strings.Contains(got, "Inst seosik (99") || !strings.Contains(got, "Inst what-seosik-needs (99") {
		t.Errorf("it would install\n%s", got)
	}
	needed := filepath.Join(debs, "what-seosik-needs_99_amd64.deb")
	if err := os.Truncate(needed, 100); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), install, "-s").CombinedOutput(); err == nil || !strings.Contains(string(out), "missing or damaged") {
		t.Errorf("with a damaged package: %v\n%s", err, out)
	}
}

func does(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", program, args, err, out)
	}
	return string(out)
}
