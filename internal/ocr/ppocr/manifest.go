package ppocr

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// ManifestName is the file of a model's folder that says what the others are.
const ManifestName = "manifest.json"

// Kind is the one kind of network that this package can run: a picture of a
// line in three equal channels, as high as the manifest says and as wide as
// need be, goes in; for each step along the line come out the probabilities
// of the blank, of every line of the dictionary, and of the space, in this
// order.
const Kind = "pp-ocr line"

var (
	// ErrManifest reports a manifest that is missing or makes no sense.
	ErrManifest = errors.New("ppocr: bad manifest")
	// ErrChecksum reports a file that is not the one the manifest means.
	ErrChecksum = errors.New("ppocr: the file is not what the manifest says")
)

// A Manifest says what the files of a model's folder are.
type Manifest struct {
	Name       string   `json:"name"`
	Kind       string   `json:"kind"`       // always Kind
	Languages  []string `json:"languages"`  // that it reads, as in ocr.Crop
	Network    string   `json:"network"`    // file in ONNX
	Dictionary string   `json:"dictionary"` // file of one symbol a line
	Height     int      `json:"height"`     // of a line, in pixels
	// A gray value v from 0 to 255 goes in as (v/255 - Mean) / Deviation.
	Mean      float64           `json:"mean"`
	Deviation float64           `json:"deviation"`
	SHA256    map[string]string `json:"sha256"` // of each file, hexadecimal
	Licence   string            `json:"licence"`
	Source    string            `json:"source"`
}

// A Model is a folder whose files are what its manifest says.
type Model struct {
	Manifest
	Dir     string
	Symbols []string // by class of the network, less one: the blank is class 0
}

// Limits on the files of a folder, in bytes, and on the height of a line.
const (
	maxManifest   = 64 << 10
	maxDictionary = 4 << 20
	maxNetwork    = 512 << 20
	maxHeight     = 256 // pixels
)

var languageName = regexp.MustCompile(`^[a-z]{2}(-[A-Z]{2})?$`)

// Load returns the model in dir after it has compared the checksums.
func Load(dir string) (*Model, error) {
	data, err := readFile(filepath.Join(dir, ManifestName), maxManifest)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	m := &Model{Dir: dir}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&m.Manifest); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	if err := m.valid(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	if err := m.verify(m.Network, maxNetwork); err != nil {
		return nil, err
	}
	if err := m.verify(m.Dictionary, maxDictionary); err != nil {
		return nil, err
	}
	if m.Symbols, err = readDictionary(filepath.Join(dir, m.Dictionary)); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrManifest, m.Dictionary, err)
	}
	return m, nil
}

// valid returns what is wrong with m.
func (m *Manifest) valid() error {
	switch {
	case m.Name == "" || m.Name == ".." || !filepath.IsLocal(m.Name) || filepath.Base(m.Name) != m.Name:
		return fmt.Errorf("name %q cannot be that of a folder", m.Name)
	case m.Kind != Kind:
		return fmt.Errorf("kind %q is not %q", m.Kind, Kind)
	case m.Height < 8 || m.Height > maxHeight:
		return fmt.Errorf("height %d is not from 8 to %d", m.Height, maxHeight)
	case !(m.Deviation > 0):
		return errors.New("deviation must be above 0")
	case len(m.Languages) == 0:
		return errors.New("no languages")
	}
	for _, l := range m.Languages {
		if !languageName.MatchString(l) {
			return fmt.Errorf("%q is not a language", l)
		}
	}
	for _, file := range []string{m.Network, m.Dictionary} {
		if file == "" || filepath.Base(file) != file || !filepath.IsLocal(file) {
			return fmt.Errorf("%q is not a file of the folder", file)
		}
	}
	return nil
}

// verify returns ErrChecksum unless file is the one that m means.
func (m *Model) verify(file string, limit int64) error {
	sum, err := Checksum(filepath.Join(m.Dir, file), limit)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrChecksum, err)
	}
	if want := m.SHA256[file]; !strings.EqualFold(sum, want) {
		return fmt.Errorf("%w: %s has the SHA-256 %s, not %q", ErrChecksum, file, sum, want)
	}
	return nil
}

// Checksum returns the SHA-256 of a regular file of at most limit bytes.
func Checksum(file string, limit int64) (string, error) {
	f, err := open(file, limit)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, io.LimitReader(f, limit)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// open opens a regular file of at most limit bytes.
func open(file string, limit int64) (*os.File, error) {
	f, err := os.Open(filepath.Clean(file))
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && (!info.Mode().IsRegular() || info.Size() > limit) {
		err = fmt.Errorf("%s: not a file of at most %d bytes", file, limit)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func readFile(file string, limit int64) ([]byte, error) {
	f, err := open(file, limit)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit))
}

// readDictionary returns the symbols of a dictionary and, after them, the
// space.
func readDictionary(file string) ([]string, error) {
	data, err := readFile(file, maxDictionary)
	if err != nil {
		return nil, err
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	if text == "" || !utf8.ValidString(text) {
		return nil, errors.New("empty or not UTF-8")
	}
	var symbols []string
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		symbols = append(symbols, strings.TrimSuffix(line, "\r"))
	}
	return append(symbols, " "), nil
}

// Models returns the models in the folders below dirs, those of an earlier
// one first. Of two models of one name the first is meant. The error says
// which folders hold a broken one; the whole ones are returned all the same.
func Models(dirs []string) ([]*Model, error) {
	var (
		models []*Model
		errs   []error
	)
	for _, dir := range dirs {
		found, err := filepath.Glob(filepath.Join(dir, "*", ManifestName))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, file := range found {
			m, err := Load(filepath.Dir(file))
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", filepath.Dir(file), err))
				continue
			}
			if !slices.ContainsFunc(models, func(o *Model) bool { return o.Name == m.Name }) {
				models = append(models, m)
			}
		}
	}
	return models, errors.Join(errs...)
}

// Describe makes a model's folder of dir: it copies a network and a dictionary
// there and writes m with their names and checksums.
func Describe(dir string, m Manifest, network, dictionary string) error {
	m.Network, m.Dictionary, m.SHA256 = filepath.Base(network), filepath.Base(dictionary), map[string]string{}
	if err := m.valid(); err != nil {
		return fmt.Errorf("%w: %w", ErrManifest, err)
	}
	for _, file := range []string{network, dictionary} {
		copied := filepath.Join(dir, filepath.Base(file))
		if err := copyFile(copied, file); err != nil {
			return err
		}
		sum, err := Checksum(copied, maxNetwork)
		if err != nil {
			return err
		}
		m.SHA256[filepath.Base(file)] = sum
	}
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, ManifestName), append(data, '\n'), 0o644)
}

// Add copies the model in dir into the folder to, under its name. It must not
// be there yet.
func Add(dir, to string) (_ *Model, err error) {
	m, err := Load(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return nil, err
	}
	target := filepath.Join(to, m.Name)
	if _, err := os.Lstat(target); err == nil {
		return nil, fmt.Errorf("%s: %w", target, os.ErrExist)
	}
	half, err := os.MkdirTemp(to, ".half-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(half)) }()
	for _, file := range []string{m.Network, m.Dictionary, ManifestName} {
		if err := copyFile(filepath.Join(half, file), filepath.Join(dir, file)); err != nil {
			return nil, err
		}
	}
	if _, err := Load(half); err != nil { // it may have changed since
		return nil, err
	}
	if err := os.Chmod(half, 0o755); err != nil {
		return nil, err
	}
	if err := os.Rename(half, target); err != nil {
		return nil, err
	}
	return Load(target)
}

func copyFile(to, from string) (err error) {
	in, err := open(from, maxNetwork)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(filepath.Clean(to), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, io.LimitReader(in, maxNetwork))
	return err
}
