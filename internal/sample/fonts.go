package sample

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// ErrNoFont reports that no font for a language is installed. On Debian the
// packages fonts-nanum, fonts-nanum-extra and fonts-noto-cjk have enough for
// all four.
var ErrNoFont = errors.New("sample: no font is installed")

// fontRoots are where fonts are looked for.
var fontRoots = []string{"/usr/share/fonts", "/usr/local/share/fonts"}

// A fontUse is what a font is good for.
type fontUse int

const (
	typed fontUse = iota // print, and what is typed into a form
	bold                 // headings
	hand                 // looks written by hand
)

// fontFiles lists the fonts that are known. A collection has one font a
// region; member is a part of its name.
var fontFiles = []struct {
	name, file, member string
	languages          string
	use                fontUse
}{
	{"Nanum Gothic", "NanumGothic.ttf", "", "ko", typed},
	{"Nanum Barun Gothic", "NanumBarunGothic.ttf", "", "ko", typed},
	{"Nanum Myeongjo", "NanumMyeongjo.ttf", "", "ko", typed},
	{"Nanum Square", "NanumSquareR.ttf", "", "ko", typed},
	{"Nanum Gothic Coding", "NanumGothicCoding.ttf", "", "ko", typed},
	{"UnDotum", "UnDotum.ttf", "", "ko", typed},
	{"UnBatang", "UnBatang.ttf", "", "ko", typed},
	{"Baekmuk Batang", "batang.ttf", "", "ko", typed},
	{"Baekmuk Dotum", "dotum.ttf", "", "ko", typed},
	{"Noto Sans CJK KR", "NotoSansCJK-Regular.ttc", "Noto Sans CJK KR", "ko", typed},
	{"Noto Serif CJK KR", "NotoSerifCJK-Regular.ttc", "Noto Serif CJK KR", "ko", typed},
	{"Noto Sans CJK JP", "NotoSansCJK-Regular.ttc", "Noto Sans CJK JP", "ja", typed},
	{"Noto Serif CJK JP", "NotoSerifCJK-Regular.ttc", "Noto Serif CJK JP", "ja", typed},
	{"IPAex Gothic", "ipaexg.ttf", "", "ja", typed},
	{"IPAex Mincho", "ipaexm.ttf", "", "ja", typed},
	{"Noto Sans CJK TC", "NotoSansCJK-Regular.ttc", "Noto Sans CJK TC", "zh-TW", typed},
	{"Noto Serif CJK TC", "NotoSerifCJK-Regular.ttc", "Noto Serif CJK TC", "zh-TW", typed},
	{"cwTeX Ming", "cwming.ttf", "", "zh-TW", typed},
	{"Liberation Sans", "LiberationSans-Regular.ttf", "", "en", typed},
	{"Liberation Serif", "LiberationSerif-Regular.ttf", "", "en", typed},
	{"Liberation Mono", "LiberationMono-Regular.ttf", "", "en", typed},
	{"DejaVu Sans", "DejaVuSans.ttf", "", "en", typed},
	{"DejaVu Serif", "DejaVuSerif.ttf", "", "en", typed},

	{"Nanum Gothic Bold", "NanumGothicBold.ttf", "", "ko", bold},
	{"Nanum Barun Gothic Bold", "NanumBarunGothicBold.ttf", "", "ko", bold},
	{"Nanum Myeongjo Bold", "NanumMyeongjoBold.ttf", "", "ko", bold},
	{"Nanum Square Bold", "NanumSquareB.ttf", "", "ko", bold},
	{"Noto Sans CJK KR Bold", "NotoSansCJK-Bold.ttc", "Noto Sans CJK KR", "ko", bold},
	{"Noto Serif CJK KR Bold", "NotoSerifCJK-Bold.ttc", "Noto Serif CJK KR", "ko", bold},
	{"Noto Sans CJK JP Bold", "NotoSansCJK-Bold.ttc", "Noto Sans CJK JP", "ja", bold},
	{"Noto Serif CJK JP Bold", "NotoSerifCJK-Bold.ttc", "Noto Serif CJK JP", "ja", bold},
	{"Noto Sans CJK TC Bold", "NotoSansCJK-Bold.ttc", "Noto Sans CJK TC", "zh-TW", bold},
	{"Noto Serif CJK TC Bold", "NotoSerifCJK-Bold.ttc", "Noto Serif CJK TC", "zh-TW", bold},
	{"Liberation Sans Bold", "LiberationSans-Bold.ttf", "", "en", bold},
	{"Liberation Serif Bold", "LiberationSerif-Bold.ttf", "", "en", bold},
	{"DejaVu Sans Bold", "DejaVuSans-Bold.ttf", "", "en", bold},

	{"Nanum Pen", "NanumPen.ttf", "", "ko en", hand},
	{"Nanum Brush", "NanumBrush.ttf", "", "ko en", hand},
	{"Nanum Barunpen", "NanumBarunpenR.ttf", "", "ko", hand},
	{"UnPen", "UnPen.ttf", "", "ko", hand},
	{"UnPilgi", "UnPilgi.ttf", "", "ko en", hand},
	{"UnPenheulim", "UnPenheulim.ttf", "", "ko", hand},
	{"Klee One", "KleeOne-Regular.ttf", "", "ja", hand},
	{"Kiloji", "kiloji.ttf", "", "ja", hand},
	{"LXGW WenKai", "LXGWWenKai-Light.ttf", "", "zh-TW", hand},
	{"cwTeX Kai", "cwkai.ttf", "", "zh-TW", hand},
	{"DKG Handwriting", "dkg.ttf", "", "en", hand},
	{"Rufscript", "Rufscript010.ttf", "", "en", hand},
	{"Delphine", "Delphine.ttf", "", "en", hand},
	{"SteveHand", "SteveHand.ttf", "", "en", hand},
	{"Breip", "Breip.ttf", "", "en", hand},
	{"Liberation Serif Italic", "LiberationSerif-Italic.ttf", "", "en", hand},
}

// A typeface is an installed font.
type typeface struct {
	name string
	font *sfnt.Font
}

// installedFiles maps the names of font files to where they are.
var installedFiles = sync.OnceValue(func() map[string]string {
	files := map[string]string{}
	for _, root := range fontRoots {
		// A root that does not exist, or a folder that cannot be read, has no fonts.
		_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				files[d.Name()] = path
			}
			return nil
		})
	}
	return files
})

// Fonts are parsed once and kept: a typeface is a few kilobytes and its file.
var (
	fontMu sync.Mutex
	parsed = map[string]*typeface{} // by name; nil for one that cannot be used
	opened = map[string]*sfnt.Collection{}
)

// typefaces returns the installed fonts for a language and a use, in a fixed order.
func typefaces(language string, use fontUse) []*typeface {
	var faces []*typeface
	for _, f := range fontFiles {
		if f.use != use || !slices.Contains(strings.Fields(f.languages), language) {
			continue
		}
		if t := openTypeface(f.name, f.file, f.member); t != nil {
			faces = append(faces, t)
		}
	}
	return faces
}

// findTypeface returns an installed font by its name.
func findTypeface(name string) (*typeface, error) {
	for _, f := range fontFiles {
		if f.name == name {
			if t := openTypeface(f.name, f.file, f.member); t != nil {
				return t, nil
			}
		}
	}
	return nil, fmt.Errorf("%w: %s", ErrNoFont, name)
}

// openTypeface returns a font, or nil where it is not installed or broken.
func openTypeface(name, file, member string) *typeface {
	fontMu.Lock()
	defer fontMu.Unlock()
	t, known := parsed[name]
	if known {
		return t
	}
	path, ok := installedFiles()[file]
	if ok {
		if f := openMember(path, member); f != nil {
			t = &typeface{name, f}
		}
	}
	parsed[name] = t
	return t
}

// openMember returns the font of a file whose name contains member, or nil.
func openMember(path, member string) *sfnt.Font {
	c, ok := opened[path]
	if !ok {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		if c, err = sfnt.ParseCollection(data); err != nil {
			return nil
		}
		opened[path] = c
	}
	for i := range c.NumFonts() {
		f, err := c.Font(i)
		if err != nil {
			return nil
		}
		if name, _ := f.Name(nil, sfnt.NameIDFull); member == "" || strings.Contains(name, member) {
			return f
		}
	}
	return nil
}

// A fontset is a font and those that stand in for characters it lacks.
type fontset []*typeface

// withFallback returns t followed by the print fonts of a language and of English.
func withFallback(t *typeface, language string) fontset {
	s := fontset{t}
	s = append(s, typefaces(language, typed)...)
	return append(s, typefaces("en", typed)...)
}

// glyph finds the outline for r. It returns nil where no font has one.
func (s fontset) glyph(buf *sfnt.Buffer, r rune) (*sfnt.Font, sfnt.GlyphIndex) {
	for _, t := range s {
		if g, err := t.font.GlyphIndex(buf, r); err == nil && g != 0 && (r == ' ' || drawn(t.font, buf, g)) {
			return t.font, g
		}
	}
	return nil, 0
}

// drawn reports whether a glyph has an outline: some handwriting fonts map
// characters that they lack to an empty one.
func drawn(f *sfnt.Font, buf *sfnt.Buffer, g sfnt.GlyphIndex) bool {
	b, _, err := f.GlyphBounds(buf, g, fixed.I(64), font.HintingNone)
	return err == nil && b.Min.X < b.Max.X
}

// needFonts returns the fonts of a language and use, or ErrNoFont.
func needFonts(language string, use fontUse) ([]*typeface, error) {
	faces := typefaces(language, use)
	if len(faces) == 0 && use == hand {
		faces = typefaces(language, typed)
	}
	if len(faces) == 0 {
		return nil, fmt.Errorf("%w: language %q, looked in %s", ErrNoFont, language, strings.Join(fontRoots, ", "))
	}
	return faces, nil
}
