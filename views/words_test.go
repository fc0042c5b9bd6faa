package views

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
)

// words returns the ids of words of a language, and the names that stand in
// each.
func wordsOf(t *testing.T, lang string) map[string][]string {
	t.Helper()
	names, err := fs.Glob(wordFiles, "words/*"+lang+".json")
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string][]string)
	for _, name := range names {
		data, err := wordFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var words map[string]any
		if err := json.Unmarshal(data, &words); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for id, w := range words {
			if _, ok := all[id]; ok {
				t.Errorf("%s: %s has words elsewhere too", name, id)
			}
			all[id] = gaps(t, w)
		}
	}
	return all
}

var gap = regexp.MustCompile(`{{\.(\w+)}}`)

// gaps returns the names in words, which are a string or have plural forms.
func gaps(t *testing.T, words any) []string {
	t.Helper()
	forms, ok := words.(map[string]any)
	if !ok {
		forms = map[string]any{"other": words}
	}
	if _, ok := forms["other"]; !ok {
		t.Errorf("%v has no form for other numbers", words)
	}
	names := make(map[string]bool)
	for _, f := range forms {
		s, ok := f.(string)
		if !ok || strings.TrimSpace(s) == "" {
			t.Errorf("%v has no text", words)
		}
		for _, m := range gap.FindAllStringSubmatch(s, -1) {
			names[m[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func TestLanguagesSayTheSame(t *testing.T) {
	if diff := cmp.Diff(wordsOf(t, "ko"), wordsOf(t, "en")); diff != "" {
		t.Errorf("ids and their gaps differ, -ko +en:\n%s", diff)
	}
}

// Where components and handlers name words.
var (
	said   = regexp.MustCompile(`Say\(\w+, "([^"]+)"[,)]`)
	quoted = regexp.MustCompile(`"((?:error|failure|nav|login|setup|upload|history|export)\.\w*[a-z])"`)
)

func TestEveryIDHasWords(t *testing.T) {
	words := wordsOf(t, "en")
	for pattern, re := range map[string]*regexp.Regexp{"*.templ": said, "*.go": said, "l*.go": quoted, "../handlers/*.go": quoted} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, "_templ.go") {
				continue
			}
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range re.FindAllStringSubmatch(string(source), -1) {
				if _, ok := words[m[1]]; !ok {
					t.Errorf("%s: no words for %q", file, m[1])
				}
			}
		}
	}
}

// Where the database names what somebody did.
var done = regexp.MustCompile(`(?:db\.(?:act|note|own)\(ctx, (?:t, )?[\w.]+, |Access\w+ += )"(\w+[a-z])"`)

func TestEveryActHasWords(t *testing.T) {
	words := wordsOf(t, "en")
	files, err := filepath.Glob("../db/*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range done.FindAllStringSubmatch(string(source), -1) {
			found++
			if _, ok := words["act."+m[1]]; !ok || !slices.Contains(Acts, m[1]) {
				t.Errorf("%s: no words for %q, or nobody can look for it", file, m[1])
			}
		}
	}
	if found < 50 {
		t.Errorf("%d acts found", found)
	}
}

func TestEveryStateAndFailureHasWords(t *testing.T) {
	words := wordsOf(t, "ko")
	for _, s := range form.States {
		if _, ok := words["state."+string(s)]; !ok {
			t.Errorf("no words for state %q", s)
		}
	}
	for _, f := range form.Failures {
		for _, id := range []string{"failure.", "retry.kind."} {
			if _, ok := words[id+string(f)]; !ok {
				t.Errorf("no words %s for failure %q", id, f)
			}
		}
	}
	for _, why := range []form.Trouble{form.TroubleFull, form.TroubleDisk, form.TroubleEngine, form.TroubleMachine} {
		if _, ok := words["trouble."+string(why)]; !ok {
			t.Errorf("no words for trouble %q", why)
		}
	}
}

func TestWithLanguage(t *testing.T) {
	tests := []struct {
		name, cookie, header, want string
	}{
		{"nothing", "", "", "ko"},
		{"browser", "", "en-GB,en;q=0.9,ko;q=0.5", "en"},
		{"browser without ours", "", "fr, de;q=0.5", "ko"},
		{"second choice of the browser", "", "ja, en;q=0.5", "en"},
		{"chosen", "ko", "en", "ko"},
		{"nonsense", "zz", "\x00;;;", "ko"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Language(WithLanguage(t.Context(), tt.cookie, tt.header)); got != tt.want {
				t.Errorf("language %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSay(t *testing.T) {
	en, ko := WithLanguage(t.Context(), "en"), WithLanguage(t.Context(), "ko")
	if got, want := Say(en, "setup.password", "Count", 10), "New password (at least 10 characters)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := Say(en, "setup.password", "Count", 1), "New password (at least 1 character)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := Say(ko, "setup.password", "Count", 10), "새 비밀번호 (10자 이상)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Say(ko, "no.such"); got != "no.such" {
		t.Errorf("got %q for an unknown id", got)
	}
}
