package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/backup"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/sample/demo"
)

// demoFolder writes the template of the demo as a folder.
func demoFolder(t testing.TB) string {
	t.Helper()
	dir, set := t.TempDir(), demo.Load()
	for name, data := range map[string][]byte{"template.json": set.Template, "template.png": set.Picture} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestDomainAddPrintsOneObject(t *testing.T) {
	data := filepath.Join(t.TempDir(), "new", "data")
	out := run(t, "domain", "add", "--data", data, "--name", "보험과", "--lang", "ko,ja,zh-TW,en")
	if strings.Count(out, "\n") != 1 {
		t.Errorf("printed %q, want one line", out)
	}
	var d struct {
		ID                 int
		InvokePath, Secret string
	}
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatal(err)
	}
	if d.ID != 1 || !regexp.MustCompile(`^/custom/v1/1/[0-9a-f]{64}/infer$`).MatchString(d.InvokePath) || len(d.Secret) != 44 {
		t.Errorf("%+v", d)
	}
	if list := run(t, "domain", "list", "--data", data); !strings.Contains(list, d.InvokePath) || strings.Contains(list, d.Secret) {
		t.Errorf("list:\n%s", list)
	}
}

// noteOf returns the note of the last release of template 1.
func noteOf(t *testing.T, data string) string {
	t.Helper()
	database, err := db.Open(t.Context(), filepath.Join(data, "seosik.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	list, err := database.Releases(t.Context(), form.Everything, 1)
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	return list[0].Note
}

func TestTemplateCommands(t *testing.T) {
	data, folder := t.TempDir(), demoFolder(t)
	run(t, "domain", "add", "--data", data, "--name", "N", "--lang", "ko")
	run(t, "template", "import", "--data", data, "--domain", "1", "--stage", "service", folder)
	if list := run(t, "template", "list", "--data", data); !strings.Contains(list, "service") {
		t.Errorf("list:\n%s", list)
	}
	run(t, "template", "release", "--data", data, "1", "--stage", "beta", "--note", "시험 삼아")
	if note := noteOf(t, data); note != "시험 삼아" {
		t.Errorf("the note is %q", note)
	}
	if list := run(t, "template", "list", "--data", data); !strings.Contains(list, "beta") {
		t.Errorf("list:\n%s", list)
	}
	out := filepath.Join(t.TempDir(), "t.zip")
	run(t, "template", "export", "--data", data, "1", "-o", out)
	// The same again, as a ZIP and as a template.json, is no new version.
	again := run(t, "template", "import", "--data", data, "--domain", "1", "--stage", "service", out, filepath.Join(folder, "template.json"))
	if strings.Count(again, "1\t출장 여비 정산 신청서\tversion 1\tservice\n") != 2 {
		t.Errorf("import again:\n%s", again)
	}
}

func TestCommandsComplainInWords(t *testing.T) {
	data, folder := t.TempDir(), demoFolder(t)
	run(t, "domain", "add", "--data", data, "--name", "N", "--lang", "ko")
	bad := filepath.Join(folder, "template.json")
	text, err := os.ReadFile(bad)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bad, []byte(strings.Replace(string(text), `"NORMAL"`, `"NORMALLY"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"domain", "add", "--data", data, "--name", "N", "--lang", "fr"}, `"fr" is not one of`},
		{[]string{"template", "import", "--data", data, "--domain", "9", folder}, "not found"},
		{[]string{"template", "import", "--data", data, "--domain", "1", folder}, `fields[0] 성명: type: "NORMALLY"`},
		{[]string{"template", "import", "--data", data, "--domain", "1", "/nowhere"}, "no such file"},
		{[]string{"template", "release", "--data", data, "7"}, "not found"},
		{[]string{"serve", "--doubt", "2"}, "--doubt must be"},
		{[]string{"serve", "--allow-url-fetch", "--fetch-hosts", "http://files"}, "--fetch-hosts"},
		{[]string{"serve", "--fetch-hosts", "10.0.0.0/8"}, "without --allow-url-fetch"},
		{[]string{"dance"}, "unexpected argument"},
	} {
		if got := runBadly(t, tt.args...); !strings.Contains(got, tt.want) {
			t.Errorf("seosik %v: %s, want %q", tt.args, got, tt.want)
		}
	}
}

// What the linker puts in is looked at by make build.
func TestVersion(t *testing.T) {
	if got := run(t, "version"); got != backup.Program()+"\n" || strings.TrimSpace(got) == "" {
		t.Errorf("version says %q", got)
	}
}

func TestDoctorIsContentWhereEverythingIsInstalled(t *testing.T) {
	if out := run(t, "doctor"); !strings.Contains(out, "all is well") {
		t.Error(out)
	}
}

func TestHelpExplainsEveryFlagOfServe(t *testing.T) {
	help := run(t, "serve", "--help")
	for _, flag := range []string{"--data", "--listen", "--workers", "--max-file-mb", "--max-pages", "--fetch-hosts", "SEOSIK_ADMIN_PASSWORD"} {
		if !strings.Contains(help, flag) {
			t.Errorf("no %s in\n%s", flag, help)
		}
	}
}
