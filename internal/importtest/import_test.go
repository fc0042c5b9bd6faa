// Package importtest keeps the order of the packages: each may import only
// those listed for it.
package importtest

import (
	"go/ast"
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
	"internal/confidence/fit":   "internal/confidence",
	"internal/fetch":            "",
	"internal/password":         "",
	"internal/factor":           "",
	"internal/vouch":            "",
	"internal/vouch/vouchtest":  "",
	"internal/gate":             "",
	"internal/keyfile":          "",
	"internal/vault":            "internal/blob internal/keyfile",
	"internal/beside":           "",
	"internal/disk":             "",
	"migrations":                "",
	"static":                    "",
	"docs":                      "",
	"internal/raster":           "internal/geom",
	"internal/form":             "internal/geom internal/blob internal/edit",
	"internal/align":            "internal/geom internal/raster",
	"internal/mark/net":         "",
	"internal/mark/net/learn":   "internal/mark/net",
	"internal/mark":             "internal/geom internal/mark/net internal/raster",
	"internal/mark/draw":        "internal/geom internal/raster",
	"internal/mark/train":       "internal/mark internal/mark/draw internal/mark/net internal/mark/net/learn",
	"internal/grid":             "internal/raster",
	"internal/ocr/tesseract":    "internal/ocr",
	"internal/ocr/ppocr":        "internal/ocr",
	"internal/ocr/ocrtest":      "internal/ocr",
	"internal/reader":           "internal/align internal/blob internal/cache internal/confidence internal/edit internal/form internal/geom internal/grid internal/mark internal/ocr internal/raster internal/reader/ink internal/reader/vote internal/scan",
	"internal/reader/ink":       "internal/geom internal/raster",
	"internal/reader/vote":      "internal/edit internal/ocr",
	"internal/reader/calibrate": "internal/confidence internal/confidence/fit internal/form internal/ocr internal/ocr/ppocr internal/ocr/tesseract internal/reader/drawn internal/sample",
	"internal/reader/drawn":     "internal/blob internal/confidence internal/form internal/ocr internal/reader internal/sample",
	"internal/suggest":          "internal/align internal/form internal/geom internal/grid internal/ocr internal/raster internal/scan",
	"internal/register":         "internal/align internal/form internal/geom internal/raster",
	"internal/suggest/measure":  "internal/form internal/geom internal/ocr internal/ocr/ppocr internal/ocr/tesseract internal/raster internal/sample internal/scan internal/suggest internal/templatefile",
	"internal/export":           "internal/form",
	"internal/clova":            "internal/blob internal/form internal/geom",
	"internal/rest":             "internal/form",
	"internal/health":           "internal/geom",
	"internal/templatefile":     "internal/blob internal/form internal/scan",
	"internal/sample":           "internal/form internal/geom internal/raster",
	"internal/sample/demo":      "internal/form",
	"internal/sample/demo/gen":  "internal/form internal/geom internal/sample internal/sample/demo",
	"internal/fuzz":             "",
	"internal/supply":           "",
	"internal/clerk":            "",
	"internal/load":             "internal/clerk internal/sample/demo",
	"internal/upgrade":          "internal/sample/demo",
	"db":                        "internal/blob internal/disk internal/form internal/geom internal/keyfile internal/vault migrations",
	"views":                     "internal/form internal/geom static",
	"internal/intake":           "db internal/blob internal/disk internal/form internal/geom internal/health internal/ocr internal/reader internal/reader/ink internal/scan",
	"internal/download":         "db internal/blob internal/export internal/form internal/keyfile views",
	"internal/inbox":            "db internal/blob internal/form internal/intake views",
	"internal/backup":           "db internal/blob internal/disk internal/form internal/vault",
	"internal/audit":            "db internal/form internal/keyfile",
	"internal/metrics":          "db internal/disk internal/form internal/reader",
	"internal/callback":         "db internal/blob internal/clova internal/fetch internal/form",
	"handlers":                  "db docs internal/backup internal/blob internal/cache internal/clova internal/disk internal/download internal/export internal/factor internal/fetch internal/form internal/geom internal/grid internal/inbox internal/intake internal/keyfile internal/ocr internal/password internal/raster internal/reader internal/register internal/rest internal/sample/demo internal/scan internal/suggest internal/templatefile internal/vouch static views",
	"internal/soak":             "db internal/backup internal/blob internal/clerk internal/form internal/ocr internal/sample/demo internal/vault",
	"internal/cli":              "db handlers internal/audit internal/backup internal/blob internal/callback internal/disk internal/download internal/fetch internal/form internal/gate internal/geom internal/inbox internal/intake internal/keyfile internal/metrics internal/ocr internal/ocr/ppocr internal/ocr/tesseract internal/password internal/reader internal/sample/demo internal/scan internal/suggest internal/templatefile internal/vault internal/vouch",
	"internal/cli/clitest":      "internal/cli",
	".":                         "internal/cli",
}

// apart lists what fits, trains and draws: the program must not contain it.
const apart = "internal/clerk internal/confidence/fit internal/fuzz internal/load internal/mark/draw internal/mark/net/learn internal/mark/train internal/reader/calibrate internal/reader/drawn internal/sample internal/sample/demo/gen internal/soak internal/suggest/measure internal/supply"

func TestImports(t *testing.T) {
	for dir, deps := range imports(t) {
		list, ok := allowed[dir]
		if !ok {
			t.Errorf("package %s is not listed: say what it may import", dir)
		}
		for _, dep := range deps {
			if !slices.Contains(strings.Fields(list), dep) {
				t.Errorf("%s must not import %s", dir, dep)
			}
		}
	}
}

func TestTheProgramNeitherFitsNorDraws(t *testing.T) {
	all := imports(t)
	for _, dir := range strings.Fields(apart) {
		if _, ok := all[dir]; !ok {
			t.Errorf("there is no package %s", dir)
		}
	}
	seen := map[string]bool{}
	for queue := []string{"."}; len(queue) > 0; queue = queue[1:] {
		for _, dep := range all[queue[0]] {
			if seen[dep] {
				continue
			}
			seen[dep] = true
			queue = append(queue, dep)
			if slices.Contains(strings.Fields(apart), dep) {
				t.Errorf("the program contains %s, by %s", dep, queue[0])
			}
		}
	}
}

// imports returns which packages of this module each of its directories
// imports, tests aside. The files are parsed here, and not listed by the go
// command, so that the test cache knows what the result depends on.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return err
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(rel))
		all[dir] = append(all[dir], ours(f)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// ours returns the packages of this module that f imports.
func ours(f *ast.File) []string {
	var deps []string
	for _, spec := range f.Imports {
		imp, _ := strconv.Unquote(spec.Path.Value) // the parser has seen that it is a string
		if dep, ok := strings.CutPrefix(imp, module); ok {
			deps = append(deps, dep)
		}
	}
	return deps
}
