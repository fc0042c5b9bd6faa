// Package beside finds what tests measure on that lies beside the repository and
// is no part of it. Where that is missing such a test is left out, which `make
// test` says at its end: a test that was left out looks like one that passed.
package beside

import (
	"os"
	"path/filepath"
	"testing"
)

// Bench returns the path of a folder of the bench, such as "dev", which holds
// filled forms with their truth. Where it is missing it has the test left out.
func Bench(tb testing.TB, name string) string {
	tb.Helper()
	root, err := filepath.Abs(".")
	if err != nil {
		tb.Fatal(err)
	}
	for !exists(filepath.Join(root, "go.mod")) {
		if root == filepath.Dir(root) {
			tb.Fatal("the test does not run in the repository")
		}
		root = filepath.Dir(root)
	}
	dir := filepath.Join(root, "..", "shared", "bench", name)
	if !exists(dir) {
		tb.Skipf("LEFT OUT: %s is not there", dir)
	}
	return dir
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
