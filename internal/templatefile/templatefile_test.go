package templatefile

import (
	"archive/zip"
	"bytes"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seosik/seosik/internal/form"
)

const text = `{"name": "신청서", "lang": "ko", "image": "blank.png", "width": 40, "height": 50,
 "fields": [{"name": "이름", "type": "NORMAL", "box": [5, 5, 20, 10]}]}`

func picture(t testing.TB, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipped(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, data := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestOpenFolderFileAndZip(t *testing.T) {
	dir := t.TempDir()
	files := map[string][]byte{"template.json": []byte(text), "blank.png": picture(t, 40, 50)}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	inFolder := map[string][]byte{"신청서/template.json": files["template.json"], "신청서/blank.png": files["blank.png"]}
	for name, data := range map[string][]byte{"top.zip": zipped(t, files), "folder.zip": zipped(t, inFolder)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"", "template.json", "top.zip", "folder.zip"} {
		f, err := Open(t.Context(), filepath.Join(dir, name))
		if err != nil {
			t.Errorf("Open %q: %v", name, err)
			continue
		}
		if f.Template.Name != "신청서" || !bytes.Equal(f.Picture, files["blank.png"]) || f.Template.Image == "" {
			t.Errorf("Open %q = %+v with a picture of %d bytes", name, f.Template, len(f.Picture))
		}
	}
}

func TestFromFiles(t *testing.T) {
	files := map[string][]byte{"template.json": []byte(text), "blank.png": picture(t, 40, 50)}
	for name, files := range map[string]map[string][]byte{"folder": files, "zip": {"신청서.zip": zipped(t, files)}} {
		f, err := FromFiles(t.Context(), files)
		if err != nil || f.Template.Name != "신청서" {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
	delete(files, "blank.png")
	if _, err := FromFiles(t.Context(), files); err == nil || !strings.Contains(err.Error(), "blank.png: there is no such file") {
		t.Errorf("without the picture: %v", err)
	}
}

func TestZipIsReadBack(t *testing.T) {
	want, err := Unzip(t.Context(), zipped(t, map[string][]byte{"template.json": []byte(text), "blank.png": picture(t, 40, 50)}))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Zip(&b, want); err != nil {
		t.Fatal(err)
	}
	got, err := Unzip(t.Context(), b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestFaultsAreNamed(t *testing.T) {
	ok := picture(t, 40, 50)
	for _, tt := range []struct {
		name string
		zip  []byte
		want string
	}{
		{"no zip", []byte("PK, or not"), "not a ZIP"},
		{"no template", zipped(t, map[string][]byte{"blank.png": ok}), "no template.json"},
		{"two templates", zipped(t, map[string][]byte{"a/template.json": nil, "b/template.json": nil}), "more than one"},
		{"bad template", zipped(t, map[string][]byte{"template.json": []byte("{")}), "not JSON"},
		{"no picture", zipped(t, map[string][]byte{"template.json": []byte(text)}), "blank.png: there is no such file"},
		{"picture is text", zipped(t, map[string][]byte{"template.json": []byte(text), "blank.png": []byte("hello")}), "neither PNG nor JPEG"},
		{"picture cut", zipped(t, map[string][]byte{"template.json": []byte(text), "blank.png": ok[:len(ok)-20]}), "image: blank.png: "},
		{"other size", zipped(t, map[string][]byte{"template.json": []byte(text), "blank.png": picture(t, 41, 50)}), "the picture has 41 x 50"},
	} {
		_, err := Unzip(t.Context(), tt.zip)
		_, file := errors.AsType[*form.InvalidError](err)
		if _, template := errors.AsType[*form.InvalidTemplateError](err); !file && !template || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

// What a draft may have comes with its defects; what would be lost does not.
func TestAFileWithDefectsIsReadAsFarAsADraftHasThem(t *testing.T) {
	for name, tt := range map[string]struct {
		text  string
		there bool
	}{
		"outside":       {strings.Replace(text, "[5, 5, 20, 10]", "[35, 5, 20, 10]", 1), true},
		"no fields":     {strings.Replace(text, `{"name": "이름", "type": "NORMAL", "box": [5, 5, 20, 10]}`, "", 1), true},
		"unknown":       {strings.Replace(text, `"lang"`, `"colour": 1, "lang"`, 1), false},
		"of other type": {strings.Replace(text, `"NORMAL"`, `7`, 1), false},
		"no picture":    {strings.Replace(text, "[5, 5, 20, 10]", "[35, 5, 20, 10]", 1), false},
	} {
		files := map[string][]byte{"template.json": []byte(tt.text), "blank.png": picture(t, 40, 50)}
		if name == "no picture" {
			files["blank.png"] = nil
		}
		f, err := FromFiles(t.Context(), files)
		if _, ok := errors.AsType[*form.InvalidTemplateError](err); !ok || (f != nil) != tt.there {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
}
