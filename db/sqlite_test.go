package db

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// ofSQLite are the words that PostgreSQL does not have, or means otherwise.
var ofSQLite = regexp.MustCompile(`(?i)\b(json_\w+|jsonb?\(|cross join|indexed by|(un)?likely\(|rowid|datetime\(|strftime|unixepoch|julianday|` +
	`pragma|match|glob|like|ifnull|printf\(|concat_ws|group_concat|insert or|replace into|autoincrement)|sqlite`)

func TestOnlyTheDialectHasWordsOfSQLite(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if name == "sqlite.go" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		positions := token.NewFileSet()
		file, err := parser.ParseFile(positions, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING {
				if word := ofSQLite.FindString(text.Value); word != "" {
					t.Errorf("%s: %s belongs to what sqlite.go says", positions.Position(text.Pos()), word)
				}
			}
			return true
		})
	}
}
