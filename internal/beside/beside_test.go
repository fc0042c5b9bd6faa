package beside

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Only Bench goes beside the repository, so that `make test` knows what was left
// out.
func TestNobodyElseGoesBesideTheRepository(t *testing.T) {
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() == "node_modules" {
			return cutOff(err)
		}
		if d.IsDir() || !strings.HasSuffix(path, "_test.go") || filepath.Base(path) == "beside_test.go" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, way := range []string{"../shared/", `"shared", "`} {
			if bytes.Contains(text, []byte(way)) {
				t.Errorf("%s goes to %s by itself", path, way)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func cutOff(err error) error {
	if err == nil {
		return fs.SkipDir
	}
	return err
}
