package static

import (
	"errors"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestURL(t *testing.T) {
	url := URL("app.css")
	if !regexp.MustCompile(`^/static/app\.[0-9a-f]{12}\.css$`).MatchString(url) {
		t.Errorf("URL(app.css) = %q", url)
	}
	f, err := Open(url)
	if err != nil || f.Name != "app.css" || !strings.Contains(string(f.Data), "body") {
		t.Errorf("Open(%q) = %q, %d bytes, %v", url, f.Name, len(f.Data), err)
	}
}

func TestOpenRefusesOtherAddresses(t *testing.T) {
	for _, url := range []string{"/static/app.css", "/static/app.000000000000.css", "/static/../static.go", ""} {
		if _, err := Open(url); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Open(%q): %v, want ErrNotExist", url, err)
		}
	}
}

func TestURLPanicsForUnknownFiles(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("URL of an unknown file did not panic")
		}
	}()
	URL("typo.css")
}

// A browser says nothing of a style sheet with a brace that nobody closed: it leaves
// out what follows.
func TestStyleSheetsCloseTheirBraces(t *testing.T) {
	sheets, err := fs.Glob(os.DirFS("."), "*.css")
	if err != nil || len(sheets) == 0 {
		t.Fatal(sheets, err)
	}
	for _, name := range sheets {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if open, closed := strings.Count(string(text), "{"), strings.Count(string(text), "}"); open != closed {
			t.Errorf("%s opens %d braces and closes %d", name, open, closed)
		}
	}
}
