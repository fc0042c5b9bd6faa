package ppocr

import (
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/ocr/ocrtest"
)

// modelDir is where `make test` puts the models.
const modelDir = "../../../models"

func openTest(t testing.TB, dirs ...string) *Engine {
	t.Helper()
	e, err := Open(append(dirs, modelDir))
	if err != nil {
		t.Fatalf("%v: run make test, which installs it", err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func TestEngine(t *testing.T) { ocrtest.Engine(t, openTest(t)) }

// drawChinese draws text in the font of Debian's fonts-noto-cjk.
func drawChinese(t *testing.T, text string) *image.Gray {
	t.Helper()
	const size = 40 // pixels
	data, err := os.ReadFile("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
	if err != nil {
		t.Fatalf("%v: run make test, which installs it", err)
	}
	fonts, err := opentype.ParseCollection(data)
	if err != nil {
		t.Fatal(err)
	}
	f, err := fonts.Font(3) // Traditional Chinese
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72})
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewGray(image.Rect(0, 0, font.MeasureString(face, text).Ceil()+16, size+16))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	d := font.Drawer{Dst: img, Src: image.NewUniform(color.Black), Face: face, Dot: fixed.P(8, 8+size*7/8)}
	d.DrawString(text)
	return img
}

func TestReadChinese(t *testing.T) {
	e := openTest(t)
	for _, want := range []string{"臺北市信義區", "王小明", "民國115年3月7日"} {
		texts, err := e.Read(t.Context(), []ocr.Crop{{Image: drawChinese(t, want), Languages: []string{"zh-TW", "en"}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := texts[0].String(); got != want {
			t.Errorf("read %q, want %q", got, want)
		}
	}
}

// It knows neither Hangul nor kana, and says so unless none can occur.
func TestReadOtherLanguages(t *testing.T) {
	e := openTest(t)
	img, err := ocr.DrawLine("2748 1365")
	if err != nil {
		t.Fatal(err)
	}
	for _, langs := range [][]string{{"ko"}, {"ja", "en"}, {"zh-TW", "ko"}} {
		crop := ocr.Crop{Image: img, Languages: langs}
		if _, err := e.Read(t.Context(), []ocr.Crop{crop}); !errors.Is(err, ocr.ErrLanguage) {
			t.Errorf("Read in %q = %v, want ErrLanguage", langs, err)
		}
		crop.Charset = "0123456789-"
		if texts, err := e.Read(t.Context(), []ocr.Crop{crop}); err != nil || texts[0].String() != "2748 1365" {
			t.Errorf("Read digits in %q = %v, %v", langs, texts, err)
		}
	}
}

func TestReadRefusesBlocks(t *testing.T) {
	e := openTest(t)
	for _, l := range []ocr.Layout{ocr.Block, ocr.Page} {
		crop := ocr.Crop{Image: image.NewGray(image.Rect(0, 0, 9, 9)), Languages: []string{"en"}, Layout: l}
		if _, err := e.Read(t.Context(), []ocr.Crop{crop}); !errors.Is(err, ErrLayout) {
			t.Errorf("Read of layout %d = %v, want ErrLayout", l, err)
		}
	}
}

// A crop may be of any shape; what does not fit is narrowed.
func TestReadOddShapes(t *testing.T) {
	e := openTest(t)
	for _, size := range []image.Point{{1, 300}, {300, 1}, {2, 2}, {20000, 10}, {5, 4000}} {
		img := image.NewGray(image.Rectangle{Max: size})
		img.Pix[0] = 255
		texts, err := e.Read(t.Context(), []ocr.Crop{{Image: img, Languages: []string{"en"}}})
		if err != nil {
			t.Fatalf("%v: %v", size, err)
		}
		for _, w := range texts[0].Words {
			if !w.Box.In(img.Rect) {
				t.Errorf("%v: box %v", size, w.Box)
			}
		}
	}
}

// copyOf writes the npm model again under another name.
func copyOf(t *testing.T, dir, name string, change func(*Manifest, map[string][]byte)) {
	t.Helper()
	m, err := Load(filepath.Join(modelDir, "ch_PP-OCRv4_rec"))
	if err != nil {
		t.Fatalf("%v: run make test, which installs it", err)
	}
	files := map[string][]byte{}
	for _, file := range []string{m.Network, m.Dictionary} {
		if files[file], err = os.ReadFile(filepath.Join(m.Dir, file)); err != nil {
			t.Fatal(err)
		}
	}
	m.Name = name
	change(&m.Manifest, files)
	folder := filepath.Join(dir, name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for file, data := range files {
		if err := os.WriteFile(filepath.Join(folder, file), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if m.SHA256[file], err = Checksum(filepath.Join(folder, file), maxNetwork); err != nil {
			t.Fatal(err)
		}
	}
	data, err := json.Marshal(m.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, ManifestName), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Any recogniser of the kind can be dropped in and serves what it names.
func TestAnotherModelServesItsLanguages(t *testing.T) {
	dir := t.TempDir()
	copyOf(t, dir, "korean", func(m *Manifest, _ map[string][]byte) { m.Languages = []string{"ko"} })
	e := openTest(t, dir)
	if got, want := e.Languages(), []string{"en", "ko", "zh-TW"}; !slices.Equal(got, want) {
		t.Errorf("Languages = %q, want %q", got, want)
	}
	for lang, want := range map[string]string{"ko": "korean", "zh-TW": "ch_PP-OCRv4_rec", "en": "ch_PP-OCRv4_rec"} {
		n, err := e.network(ocr.Crop{Languages: []string{lang, "en"}})
		if err != nil || n.Name != want {
			t.Errorf("%s is served by %v, %v, want %s", lang, n, err, want)
		}
	}
}

func TestOpenLeavesOutWhatCannotRun(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "no network", nil)
	copyOf(t, dir, "short dictionary", func(m *Manifest, files map[string][]byte) { files[m.Dictionary] = []byte("a\nb\n") })
	copyOf(t, dir, "half", func(m *Manifest, files map[string][]byte) {
		files[m.Network] = files[m.Network][:len(files[m.Network])/2]
	})
	e := openTest(t, dir)
	if got, want := e.Name(), "ppocr ch_PP-OCRv4_rec"; got != want {
		t.Errorf("Name = %q, want %q", got, want)
	}
	if _, err := Open([]string{dir}); !errors.Is(err, ErrModel) {
		t.Errorf("Open of broken models alone = %v, want ErrModel", err)
	}
}

func TestOpenWithoutModels(t *testing.T) {
	if _, err := Open(nil); !errors.Is(err, ErrNoModel) {
		t.Errorf("Open(nil) = %v, want ErrNoModel", err)
	}
	dir := t.TempDir()
	write(t, dir, "broken", func(m *Manifest) { m.Height = 0 })
	if _, err := Open([]string{dir, "/does/not/exist"}); !errors.Is(err, ErrNoModel) || !errors.Is(err, ErrManifest) {
		t.Errorf("Open = %v, want ErrNoModel and why", err)
	}
}

func BenchmarkLine(b *testing.B) {
	e := openTest(b)
	img, err := ocr.DrawLine("2748 1365 010-1234-5678")
	if err != nil {
		b.Fatal(err)
	}
	crops := []ocr.Crop{{Image: img, Languages: []string{"en"}}}
	for b.Loop() {
		if _, err := e.Read(b.Context(), crops); err != nil {
			b.Fatal(err)
		}
	}
}
