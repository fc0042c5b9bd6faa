package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// installed is the model that `make test` installs.
const installed = "../../models/seosik_kanji"

func TestModelsCommands(t *testing.T) {
	data := t.TempDir()
	added := run(t, "models", "add", "--data", data, filepath.Join(installed, "rec.onnx"),
		"--name", "mine", "--lang", "en,ko", "--dictionary", filepath.Join(installed, "dictionary.txt"), "--licence", "Apache-2.0")
	if want := "mine\ten,ko\t" + filepath.Join(data, "models", "mine") + "\n"; added != want {
		t.Errorf("add printed %q, want %q", added, want)
	}
	run(t, "models", "add", "--data", data, installed)
	list := run(t, "models", "list", "--data", data)
	if !strings.Contains(list, "mine") || strings.Count(list, "seosik_kanji ") != 1 {
		t.Errorf("list:\n%s", list)
	}
	checked := run(t, "models", "check", "--data", data)
	for _, name := range []string{"mine", "seosik_kanji", "seosik_ko"} {
		if !strings.Contains(checked, "ok  "+name+" reads a test line") {
			t.Errorf("%s was not checked:\n%s", name, checked)
		}
	}
}

func TestModelsCommandsComplainInWords(t *testing.T) {
	data := t.TempDir()
	folder := filepath.Join(data, "models", "broken")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "manifest.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	network, dictionary := filepath.Join(installed, "rec.onnx"), filepath.Join(t.TempDir(), "keys.txt")
	if err := os.WriteFile(dictionary, []byte("a\nb\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"models", "list", "--data", data}, folder + ": ppocr: bad manifest"},
		{[]string{"models", "check", "--data", data}, folder + ": ppocr: bad manifest"},
		{[]string{"models", "add", "--data", data, "/nowhere"}, "no such file"},
		{[]string{"models", "add", "--data", data, network, "--dictionary", dictionary, "--lang", "en"}, `name "" cannot be`},
		{[]string{"models", "add", "--data", data, network, "--dictionary", dictionary, "--lang", "en", "--name", "short"}, "dictionary has 4 classes"},
	} {
		if got := runBadly(t, tt.args...); !strings.Contains(got, tt.want) {
			t.Errorf("seosik %v: %s, want %q", tt.args, got, tt.want)
		}
	}
	if _, err := os.Stat(filepath.Join(data, "models", "short")); !os.IsNotExist(err) {
		t.Errorf("a model that cannot be used was left behind: %v", err)
	}
}

func TestDoctorMissesTheSecondReader(t *testing.T) {
	t.Setenv("SEOSIK_MODELS", t.TempDir())
	var out strings.Builder
	if status := Main(t.Context(), []string{"doctor", "--data", t.TempDir()}, &out, &strings.Builder{}); status == 0 {
		t.Error("doctor is content without a second reader")
	}
	if !strings.Contains(out.String(), "MISSING  second reader") || !strings.Contains(out.String(), "mend: make models") {
		t.Errorf("doctor says\n%s", out.String())
	}
}

// A server reads with one reader where the other is not installed.
func TestServeWithoutModels(t *testing.T) {
	t.Setenv("SEOSIK_MODELS", t.TempDir())
	t.Setenv("SEOSIK_ADMIN_PASSWORD", "열려라 참깨 123")
	serve(t, t.TempDir())
}
