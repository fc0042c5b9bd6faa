package ppocr

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// write writes a model's folder below dir whose network is not one: enough for
// what is done before it is run. The manifest may be spoilt.
func write(t *testing.T, dir, name string, spoil func(*Manifest)) string {
	t.Helper()
	folder := filepath.Join(dir, name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{"n.onnx": "no network", "d.txt": "\ufeffa\r\nb\n가\n"} {
		if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m := Manifest{Name: name, Kind: Kind, Languages: []string{"ko"}, Network: "n.onnx", Dictionary: "d.txt", Height: 48, Mean: .5, Deviation: .5, SHA256: map[string]string{}}
	for _, file := range []string{m.Network, m.Dictionary} {
		sum, err := Checksum(filepath.Join(folder, file), maxNetwork)
		if err != nil {
			t.Fatal(err)
		}
		m.SHA256[file] = sum
	}
	if spoil != nil {
		spoil(&m)
	}
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, ManifestName), data, 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestLoad(t *testing.T) {
	m, err := Load(write(t, t.TempDir(), "whole", nil))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"a", "b", "가", " "}, m.Symbols); d != "" {
		t.Error(d)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(*Manifest)
		want  error
	}{
		{"no name", func(m *Manifest) { m.Name = "" }, ErrManifest},
		{"a name that leads away", func(m *Manifest) { m.Name = "../x" }, ErrManifest},
		{"the folder above", func(m *Manifest) { m.Name = ".." }, ErrManifest},
		{"another kind", func(m *Manifest) { m.Kind = "pp-ocr detector" }, ErrManifest},
		{"no height", func(m *Manifest) { m.Height = 0 }, ErrManifest},
		{"a vast height", func(m *Manifest) { m.Height = 1 << 30 }, ErrManifest},
		{"division by zero", func(m *Manifest) { m.Deviation = 0 }, ErrManifest},
		{"no languages", func(m *Manifest) { m.Languages = nil }, ErrManifest},
		{"an odd language", func(m *Manifest) { m.Languages = []string{"Korean"} }, ErrManifest},
		{"a network elsewhere", func(m *Manifest) { m.Network = "../n.onnx" }, ErrManifest},
		{"no dictionary named", func(m *Manifest) { m.Dictionary = "" }, ErrManifest},
		{"a file that is not there", func(m *Manifest) { m.Network = "other.onnx" }, ErrChecksum},
		{"a folder for a file", func(m *Manifest) { m.Network = "." }, ErrChecksum},
		{"a wrong checksum", func(m *Manifest) { m.SHA256["d.txt"] = strings.Repeat("0", 64) }, ErrChecksum},
		{"no checksum", func(m *Manifest) { delete(m.SHA256, "n.onnx") }, ErrChecksum},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Load(write(t, t.TempDir(), "m", tt.spoil)); !errors.Is(err, tt.want) {
				t.Errorf("Load = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestLoadRefusesFiles(t *testing.T) {
	for _, tt := range []struct {
		name, file, text string
		want             error
	}{
		{"half a manifest", ManifestName, `{"name":`, ErrManifest},
		{"an unknown entry", ManifestName, `{"nickname": "x"}`, ErrManifest},
		{"a corrupt network", "n.onnx", "no network, and broken", ErrChecksum},
		{"a corrupt dictionary", "d.txt", "a\nc\n", ErrChecksum},
	} {
		t.Run(tt.name, func(t *testing.T) {
			folder := write(t, t.TempDir(), "m", nil)
			if err := os.WriteFile(filepath.Join(folder, tt.file), []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Load(folder); !errors.Is(err, tt.want) {
				t.Errorf("Load = %v, want %v", err, tt.want)
			}
		})
	}
	if _, err := Load(t.TempDir()); !errors.Is(err, ErrManifest) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Load of an empty folder = %v, want ErrManifest", err)
	}
}

func TestModels(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	write(t, a, "first", nil)
	write(t, a, "broken", func(m *Manifest) { m.Height = 0 })
	write(t, b, "first", nil) // of the same name: hidden
	write(t, b, "second", nil)
	models, err := Models([]string{"/does/not/exist", a, b})
	if !errors.Is(err, ErrManifest) || !strings.Contains(err.Error(), "broken") {
		t.Errorf("Models: %v, want the broken one named", err)
	}
	var dirs []string
	for _, m := range models {
		dirs = append(dirs, m.Dir)
	}
	if d := cmp.Diff([]string{filepath.Join(a, "first"), filepath.Join(b, "second")}, dirs); d != "" {
		t.Error(d)
	}
}

func TestAdd(t *testing.T) {
	from, to := write(t, t.TempDir(), "m", nil), filepath.Join(t.TempDir(), "models")
	m, err := Add(from, to)
	if err != nil {
		t.Fatal(err)
	}
	if m.Dir != filepath.Join(to, "m") {
		t.Errorf("added to %s", m.Dir)
	}
	if _, err := Add(from, to); !errors.Is(err, os.ErrExist) {
		t.Errorf("Add again = %v, want os.ErrExist", err)
	}
	if _, err := Add(write(t, t.TempDir(), "x", func(m *Manifest) { m.SHA256 = nil }), to); !errors.Is(err, ErrChecksum) {
		t.Errorf("Add of a broken one = %v, want ErrChecksum", err)
	}
	if left, err := os.ReadDir(to); err != nil || len(left) != 1 {
		t.Errorf("the folder has %v, %v, want the one model", left, err)
	}
}
