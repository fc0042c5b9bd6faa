package scan

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing/fstest"
)

// fontDirs are the folders in which fonts are looked for, and folders in them.
var fontDirs = []string{"/usr/share/fonts", "/usr/local/share/fonts"}

// standInFonts are the files of fonts that stand in for those that a PDF names
// and does not bring, by language: of each list the first that is installed. For
// other languages PDFium has its own.
var standInFonts = []struct {
	language string
	files    [][]string
}{
	{"ko", [][]string{
		{"NanumGothic.ttf", "NotoSansCJK-Regular.ttc"},
		{"NanumGothicBold.ttf", "NotoSansCJK-Bold.ttc"},
		{"NanumMyeongjo.ttf", "NotoSerifCJK-Regular.ttc"},
		{"NanumMyeongjoBold.ttf", "NotoSerifCJK-Bold.ttc"},
	}},
	{"ja", [][]string{{"ipag.ttf", "ipaexg.ttf", "NotoSansCJK-Regular.ttc"}}},
	{"zh-TW", [][]string{{"wqy-microhei.ttc", "NotoSansCJK-Regular.ttc"}}},
}

// StandIns returns, for each language whose letters PDFium does not have itself,
// the file of a font that draws text of a PDF that does not bring its own, or ""
// where none is installed: such text is then missing.
func StandIns() map[string]string {
	installed, found := fontFiles(), make(map[string]string)
	for _, s := range standInFonts {
		found[s.language] = installed[first(s.files[0], installed)]
	}
	return found
}

// standIns returns the file system that instances see: fonts, and nothing else.
func standIns() fs.FS {
	installed := fontFiles()
	seen := fontFS{make(map[string]string), make(fstest.MapFS)}
	for _, s := range standInFonts {
		for _, files := range s.files {
			if name := first(files, installed); name != "" {
				path := "usr/share/fonts/" + name // where PDFium looks
				seen.files[path] = installed[name]
				seen.folders[path] = &fstest.MapFile{}
			}
		}
	}
	return seen
}

// first returns the first of names that is installed, or "".
func first(names []string, installed map[string]string) string {
	for _, name := range names {
		if installed[name] != "" {
			return name
		}
	}
	return ""
}

// fontFiles returns the paths of the fonts that are installed, by their names.
func fontFiles() map[string]string {
	paths := make(map[string]string)
	for _, dir := range fontDirs {
		_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				paths[d.Name()] = path
			}
			return nil // what cannot be read is not there
		})
	}
	return paths
}

// A fontFS has files of the machine under other paths.
type fontFS struct {
	files   map[string]string // paths on the machine, by those here
	folders fstest.MapFS      // of files without contents: it has just the folders to list them
}

func (f fontFS) Open(name string) (fs.File, error) {
	if path, ok := f.files[name]; ok {
		return os.Open(path)
	}
	return f.folders.Open(name)
}
