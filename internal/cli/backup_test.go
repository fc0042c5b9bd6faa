package cli

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// The drill of an office: a backup, a look, and a folder of it again.
func TestBackupAndRestore(t *testing.T) {
	dir := t.TempDir()
	data, file, again := filepath.Join(dir, "data"), filepath.Join(dir, "b.tar"), filepath.Join(dir, "again")
	fails := func(want string, args ...string) {
		t.Helper()
		var out, errs strings.Builder
		if Main(t.Context(), args, &out, &errs) == 0 || !strings.Contains(out.String()+errs.String(), want) {
			t.Errorf("%v says\n%s%s", args, out.String(), errs.String())
		}
	}
	fails("is no data folder", "backup", "--data", data, file)
	run(t, "domain", "add", "--data", data, "--name", "N", "--lang", "ko")
	run(t, "template", "import", "--data", data, "--domain", "1", "--stage", "service", demoFolder(t))
	d := diagnosis{out: new(strings.Builder)}
	if d.data(t.Context(), data, masterFlags{}.source(data)); !d.sick {
		t.Errorf("doctor is content without a backup: %s", d.out)
	}
	if out := run(t, "backup", "--data", data, file); !strings.Contains(out, "the database and 1 pictures and files, not encrypted") {
		t.Errorf("backup says %s", out)
	}
	fails("there is such a file", "backup", "--data", data, file)
	d = diagnosis{out: new(strings.Builder)}
	if d.data(t.Context(), data, masterFlags{}.source(data)); d.sick {
		t.Errorf("doctor says %s", d.out)
	}
	d = diagnosis{out: new(strings.Builder)}
	if d.backups(form.Backups{Last: form.Backup{At: time.Now().AddDate(4, 0, 0)}}, time.Now()); !d.sick {
		t.Errorf("doctor says of a backup of later %s", d.out)
	}
	t.Setenv(passphraseVariable, "short")
	fails("fewer than 12 characters", "backup", "--data", data, filepath.Join(dir, "c.tar"))
	fails("the master key is not in the backup", "restore", "--data", again, file)
	key := filepath.Join(data, "vault.key")
	if out := run(t, "restore", "--data", again, "--key-file", key, file); !strings.Contains(out, "1 pictures and files") {
		t.Errorf("restore says %s", out)
	}
	if out := run(t, "template", "list", "--data", again, "--key-file", key); !strings.Contains(out, "service") {
		t.Errorf("what was restored has %s", out)
	}
	fails("the folder is not empty", "restore", "--data", again, "--key-file", key, file)
	fails("the master key of what is encrypted is not there", "template", "list", "--data", again)
	if out := run(t, "key", "rotate", "--data", data); !strings.Contains(out, "another master key") {
		t.Errorf("rotate says %s", out)
	}
	if out := run(t, "key", "show", "--data", data); !strings.Contains(out, "1 keys") || !strings.Contains(out, "copy of ") {
		t.Errorf("show says %s", out)
	}
	run(t, "restore", "--data", filepath.Join(dir, "third"), "--key-file", key, file)
}

func TestDoctorSaysWhetherTheAccessLogIsWhole(t *testing.T) {
	now := time.Now()
	for _, tt := range []struct {
		found form.LogCheck
		want  string
		sick  bool
	}{
		{form.LogCheck{}, "not looked through yet", false},
		{form.LogCheck{At: now, Rows: 7}, "all 7 rows", false},
		{form.LogCheck{At: now.AddDate(0, 0, -4), Rows: 7}, "last looked through", true},
		{form.LogCheck{At: now, Rows: 4, Row: 5, Why: "it is not there"}, "broken at row 5: it is not there", true},
	} {
		var out strings.Builder
		d := diagnosis{out: &out}
		if d.log(tt.found, now); d.sick != tt.sick || !strings.Contains(out.String(), tt.want) {
			t.Errorf("doctor says of %+v: %s", tt.found, &out)
		}
	}
}
