package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/sample/demo"
)

// What is suggested for the blank of the demo has its fields, and can be imported.
func TestTemplateSuggest(t *testing.T) {
	dir, set := t.TempDir(), demo.Load()
	picture, zip, data := filepath.Join(dir, "blank.png"), filepath.Join(dir, "suggested.zip"), filepath.Join(dir, "data")
	if err := os.WriteFile(picture, set.Picture, 0o600); err != nil {
		t.Fatal(err)
	}
	printed := run(t, "template", "suggest", "--data", data, "--output", zip, picture)
	got, err := form.DecodeTemplate([]byte(printed))
	if err != nil {
		t.Fatal(err)
	}
	want, err := form.DecodeTemplate(set.Template)
	if err != nil {
		t.Fatal(err)
	}
	alike(t, got, want, 9)
	run(t, "domain", "add", "--data", data, "--name", "본사", "--lang", "ko")
	if imported := run(t, "template", "import", "--data", data, "--domain", "1", zip); !strings.Contains(imported, got.Name) {
		t.Errorf("import printed %q", imported)
	}
}

// alike fails where fewer than so many of ten places of want are in got, or too many others.
func alike(t *testing.T, got, want *form.Template, tenths int) {
	t.Helper()
	found, places := 0, got.Places()
	for _, f := range want.Places() {
		if slices.ContainsFunc(places, func(g form.Field) bool { return g.Kind == f.Kind && !g.Box.Intersect(f.Box).Empty() }) {
			found++
		}
	}
	if all := len(want.Places()); 10*found < tenths*all || 10*len(places) > 12*all {
		t.Errorf("%d of %d places found, %d suggested", found, all, len(places))
	}
}

// The scans of the demo, laid over one another, have the fields of its blank.
func TestTemplateSuggestOfAPile(t *testing.T) {
	dir, set := t.TempDir(), demo.Load()
	args := []string{"template", "suggest", "--data", filepath.Join(dir, "data"), "--pile"}
	for i, scan := range set.Scans {
		name := filepath.Join(dir, strconv.Itoa(i)+filepath.Ext(scan.File))
		if err := os.WriteFile(name, scan.Data, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	got, err := form.DecodeTemplate([]byte(run(t, args...)))
	if err != nil {
		t.Fatal(err)
	}
	want, err := form.DecodeTemplate(set.Template)
	if err != nil {
		t.Fatal(err)
	}
	alike(t, got, want, 8)
}

func TestTemplateSuggestComplainsInWords(t *testing.T) {
	dir := t.TempDir()
	picture, broken := filepath.Join(dir, "blank.png"), filepath.Join(dir, "broken.png")
	if err := os.WriteFile(picture, demo.Load().Picture, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(broken, []byte("no picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{picture, "--lang", "fr"}, `"fr" is not one of`},
		{[]string{picture, "--page", "0"}, "--page must be at least 1"},
		{[]string{picture, "--page", "7"}, "page 7"},
		{[]string{broken}, "broken.png"},
		{[]string{picture, picture}, "--pile"},
		{[]string{"--pile", picture, picture}, "3 filled copies at least"},
		{[]string{"--pile", picture, broken, picture}, "broken.png"},
		{[]string{filepath.Join(dir, "nowhere.png")}, "no such file"},
	} {
		if got := runBadly(t, append([]string{"template", "suggest", "--data", dir}, tt.args...)...); !strings.Contains(got, tt.want) {
			t.Errorf("%v: %s, want %q", tt.args, got, tt.want)
		}
	}
}
