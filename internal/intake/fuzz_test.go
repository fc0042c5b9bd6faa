package intake

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// The name of a file that a stranger sends becomes a line that can be shown, and
// no path.
func FuzzName(f *testing.F) {
	for _, name := range []string{"신청서.pdf", `C:\scans\a.pdf`, "../../etc/passwd", "a\x00b", "\xff", "\u202egpj.exe", "\u1100\u1161", strings.Repeat("가", 300)} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := cleanName(name)
		switch {
		case got == "" || !utf8.ValidString(got) || utf8.RuneCountInString(got) > maxName:
			t.Errorf("%q becomes %q", name, got)
		case strings.ContainsAny(got, `/\`) || strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsGraphic(r) }):
			t.Errorf("%q becomes %q", name, got)
		case cleanName(got) != got:
			t.Errorf("%q becomes %q, and then %q", name, got, cleanName(got))
		}
	})
}
