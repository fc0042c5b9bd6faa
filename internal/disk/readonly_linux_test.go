package disk

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// A disk that turns read-only, by hand or by itself, is seen.
func TestAReadOnlyDisk(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounts take root")
	}
	for name, turn := range map[string]string{"by hand": "remount,ro", "by itself": "remount,abort"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			image, at := filepath.Join(dir, "image"), filepath.Join(dir, "disk")
			if out, err := exec.CommandContext(t.Context(), "sh", "-ec", `truncate -s 16M "$0"; mkfs.ext4 -q "$0"; mkdir "$1"; mount -o loop "$0" "$1"`, image, at).CombinedOutput(); err != nil {
				t.Skipf("this machine mounts nothing: %v %s", err, out)
			}
			t.Cleanup(func() {
				if out, err := exec.Command("umount", at).CombinedOutput(); err != nil {
					t.Errorf("%v %s", err, out)
				}
			})
			if r, err := RoomAt(at); err != nil || r.ReadOnly {
				t.Errorf("before: %+v, %v", r, err)
			}
			if out, err := exec.CommandContext(t.Context(), "mount", "-o", turn, at).CombinedOutput(); err != nil {
				t.Fatalf("%v %s", err, out)
			}
			if r, err := RoomAt(at); err != nil || !r.ReadOnly || r.Total == 0 {
				t.Errorf("after: %+v, %v", r, err)
			}
		})
	}
}
