// Package importtest keeps the order of the packages: each may import only
// those listed for it.
package importtest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module = "github.com/seosik/seosik/"
	root   = "../.."
)

// allowed lists, for each directory, the packages of this module that its
// files may import, tests aside.
var allowed = map[string]string{
	"internal/geom":             "",
	"internal/edit":             "",
	"internal/blob":             "",
	"internal/cache":            "",
	"internal/ocr":              "",
	"internal/scan":             "",
	"internal/confidence":       "",
	"internal/fetch":            "",
	"internal/password":         "",
	"internal/gate":             "",
	"internal/beside":           "",
	"migrations":                "",
	"static":                    "",
	"docs":                      "",
	"internal/raster":           "internal/geom",
	"internal/form":             "internal/geom internal/blob internal/edit",
	"internal/align":            "internal/geom internal/raster",
	"internal/mark/net":         "",
	"internal/mark":             "internal/geom internal/mark/net internal/raster",
	"internal/mark/draw":        "internal/geom internal/raster",
	"internal/mark/train":       "internal/mark internal/mark/draw internal/mark/net",
	"internal/grid":             "internal/raster",
	"internal/ocr/tesseract":    "internal/ocr",
	"internal/ocr/ppocr":        "internal/ocr",
	"internal/ocr/ocrtest":      "internal/ocr",
	"internal/reader":           "internal/align internal/blob internal/cache internal/confidence internal/edit internal/form internal/geom internal/grid internal/mark internal/ocr internal/raster internal/scan",
	"internal/reader/calibrate": "internal/blob internal/confidence internal/form internal/ocr internal/ocr/ppocr internal/ocr/tesseract internal/reader internal/sample",
	"internal/export":           "internal/form",
	"internal/clova":            "internal/blob internal/form internal/geom",
	"internal/rest":             "internal/form",
	"internal/templatefile":     "internal/blob internal/form internal/scan",
	"internal/sample":           "internal/form internal/geom internal/raster",
	"internal/sample/demo/gen":  "internal/form internal/geom internal/sample",
	"internal/load":             "internal/sample",
	"internal/upgrade":          "internal/sample",
	"db":                        "internal/blob internal/form internal/geom migrations",
	"views":                     "internal/form internal/geom static",
	"internal/intake":           "db internal/blob internal/form internal/geom internal/ocr internal/reader internal/scan",
	"internal/callback":         "db internal/blob internal/clova internal/fetch internal/form",
	"handlers":                  "db docs internal/blob internal/cache internal/clova internal/export internal/fetch internal/form internal/geom internal/intake internal/password internal/reader internal/rest internal/sample internal/scan internal/templatefile static views",
	"internal/soak":             "db internal/blob internal/form internal/sample",
	"internal/cli":              "db handlers internal/blob internal/callback internal/fetch internal/form internal/gate internal/intake internal/ocr internal/ocr/ppocr internal/ocr/tesseract internal/password internal/reader internal/sample internal/scan internal/templatefile",
	"internal/cli/clitest":      "internal/cli",
	".":                         "internal/cli",
}

// The files are parsed here, and not listed by the go command, so that the
// test cache knows what the result depends on.
func TestImports(t *testing.T) {
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return err
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(rel))
		list, ok := allowed[dir]
		if !ok {
			t.Errorf("%s: package %s is not listed: say what it may import", rel, dir)
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			imp, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			dep, ours := strings.CutPrefix(imp, module)
			if ours && !slices.Contains(strings.Fields(list), dep) {
				t.Errorf("%s: %s must not import %s", rel, dir, dep)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
