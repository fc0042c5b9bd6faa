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
	"strings"
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

// drawn draws text in a font of Debian's, the nth of a collection.
func drawn(t *testing.T, file string, n int, text string) *image.Gray {
	t.Helper()
	const size = 40 // pixels
	data, err := os.ReadFile(filepath.Join("/usr/share/fonts", file))
	if err != nil {
		t.Fatalf("%v: run make test, which installs it", err)
	}
	fonts, err := opentype.ParseCollection(data)
	if err != nil {
		t.Fatal(err)
	}
	f, err := fonts.Font(n)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72})
	if err != nil {
		t.Fatal(err)
	}
	bounds, _ := font.BoundString(face, text)
	const margin = 5 // pixels
	img := image.NewGray(image.Rect(0, 0, (bounds.Max.X-bounds.Min.X).Ceil()+2*margin, (bounds.Max.Y-bounds.Min.Y).Ceil()+2*margin))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	origin := fixed.P(margin, margin).Sub(bounds.Min)
	(&font.Drawer{Dst: img, Src: image.NewUniform(color.Black), Face: face, Dot: origin}).DrawString(text)
	return img
}

func TestRead(t *testing.T) {
	e := openTest(t)
	const japanese, chinese = 0, 3 // in the collection of Noto; the latter traditional
	for _, tt := range []struct {
		language, file string
		n              int
		texts          []string
	}{
		{"zh-TW", "opentype/noto/NotoSansCJK-Regular.ttc", chinese, []string{"臺北市信義區", "吳小明", "民國115年3月7日"}},
		{"ja", "opentype/noto/NotoSansCJK-Regular.ttc", japanese, []string{"東京都千代田区", "ヤマダ タロウ", "ひばりが丘", "令和8年3月7日", "￥1,250,000"}},
		{"en", "truetype/dejavu/DejaVuSans.ttf", 0, []string{"Jane Wilson", "jane.wilson@example.com", "4510 Oak Street", "$1,250.75"}},
		{"ko", "truetype/nanum/NanumGothic.ttf", 0, []string{"서울특별시", "홍길동", "2026년 3월 7일", "복사용지 A4", "1,250,000원"}},
		{"ko", "truetype/nanum/NanumPen.ttf", 0, []string{"홍길동", "신한은행", "배우자", "연구원"}},
	} {
		for _, want := range tt.texts {
			texts, err := e.Read(t.Context(), []ocr.Crop{{Image: drawn(t, tt.file, tt.n, want), Languages: []string{tt.language, "en"}}})
			if err != nil {
				t.Fatal(err)
			}
			if got := texts[0].String(); strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
				t.Errorf("in %s read %q, want %q", tt.language, got, want)
			}
		}
	}
}

// No model knows Korean and another language of Asia at once, and the engine
// says so unless only digits can occur.
func TestReadOtherLanguages(t *testing.T) {
	e := openTest(t)
	img, err := ocr.DrawLine("2748 1365")
	if err != nil {
		t.Fatal(err)
	}
	for _, langs := range [][]string{{"ja", "ko"}, {"zh-TW", "ko"}} {
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

func TestAlphabet(t *testing.T) {
	e := openTest(t)
	for _, tt := range []struct {
		languages   []string
		has, hasNot string
	}{
		{[]string{"ko", "en"}, "가힝A0₩", "円ひ"},
		{[]string{"zh-TW"}, "臺吳A0", "가"},
		{[]string{"en"}, "Az09", "가"},
		{[]string{"ja", "en"}, "ひカ円鷗A", "가"},
		{[]string{"ja", "ko"}, "", "A"}, // none
	} {
		alphabet := e.Alphabet(tt.languages)
		for _, r := range tt.has {
			if !strings.ContainsRune(alphabet, r) {
				t.Errorf("the alphabet of %q has no %c", tt.languages, r)
			}
		}
		for _, r := range tt.hasNot {
			if strings.ContainsRune(alphabet, r) {
				t.Errorf("the alphabet of %q has %c", tt.languages, r)
			}
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

// copyOf writes a model again under another name.
func copyOf(t *testing.T, dir, name string, change func(*Manifest, map[string][]byte)) {
	t.Helper()
	m, err := Load(filepath.Join(modelDir, "seosik_kanji"))
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
	if got, want := e.Languages(), []string{"en", "ja", "ko", "zh-TW"}; !slices.Equal(got, want) {
		t.Errorf("Languages = %q, want %q", got, want)
	}
	for lang, want := range map[string]string{"ko": "korean", "zh-TW": "seosik_kanji", "en": "seosik_kanji"} {
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
	if got, want := e.Name(), "ppocr seosik_kanji+seosik_ko"; got != want {
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
