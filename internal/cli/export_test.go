package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

func TestExportCommand(t *testing.T) {
	data, folder := t.TempDir(), demoFolder(t)
	run(t, "domain", "add", "--data", data, "--name", "N", "--lang", "ko")
	run(t, "template", "import", "--data", data, "--domain", "1", "--stage", "service", folder)
	out := run(t, "export", "--data", data, "--template", "1", "--format", "csv")
	if !strings.HasPrefix(out, "\ufeff파일,쪽,") || strings.Count(out, "\n") != 1 {
		t.Errorf("printed %q", out)
	}
	if out := run(t, "export", "--data", data, "--template", "1", "--format", "jsonl"); out != "" {
		t.Errorf("printed %q", out)
	}
	database, err := db.Open(t.Context(), filepath.Join(data, "seosik.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close() // as a server beside it would have it open
	x := form.Export{Template: 1, Format: form.FormatXLSX, Since: true, Language: "ko"}
	if _, err := database.SaveProfile(t.Context(), form.Command, form.Everything, form.Profile{Name: "매달", Export: x}); err != nil {
		t.Fatal(err)
	}
	unsaid := form.Export{Template: 1, Format: form.FormatCSV, Personal: true} // saved before it was asked for
	if _, err := database.SaveProfile(t.Context(), form.Command, form.Everything, form.Profile{Name: "사람", Export: unsaid}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "a.xlsx")
	run(t, "export", "--data", data, "--profile", "매달", "--out", file)
	if text, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(text), "PK") {
		t.Errorf("%q, %v", text, err)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 1 {
		t.Errorf("left %v, %v", list, err)
	}
	t.Setenv("SEOSIK_EXPORT_PASSWORD", "열려라 참깨")
	if out := run(t, "export", "--data", data, "--template", "1", "--format", "csv"); !strings.HasPrefix(out, "PK") || strings.Contains(out, "파일") {
		t.Errorf("with a password: %q", out)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{nil, "--profile or --template"},
		{[]string{"--profile", "없음"}, "not found"},
		{[]string{"--profile", "매달", "--domain", "9"}, "not found"},
		{[]string{"--template", "9"}, "not found"},
		{[]string{"--template", "1", "--table", "없음"}, "not found"},
		{[]string{"--template", "1", "--format", "jsonl", "--cp949"}, "of csv only"},
		{[]string{"--template", "1", "--state", "lost"}, "states"},
		{[]string{"--template", "1", "--personal"}, "--purpose and --reason"},
		{[]string{"--template", "1", "--personal", "--purpose", "work"}, "--purpose and --reason"},
		{[]string{"--profile", "사람"}, "in the saved download"},
	} {
		if got := runBadly(t, append([]string{"export", "--data", data}, tt.args...)...); !strings.Contains(got, tt.want) {
			t.Errorf("export %v: %s, want %q", tt.args, got, tt.want)
		}
	}
}
