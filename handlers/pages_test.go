package handlers

import (
	"net/http"
	"regexp"
	"strconv"
	"testing"

	"github.com/seosik/seosik/internal/form"
)

// untranslated matches an id of words that has none.
var untranslated = regexp.MustCompile(`^[a-z]+\.[a-z_]+(\.[a-z_]+)*$`)

// Every page speaks both languages, and has what keyboards and screen readers
// need.
func TestPagesInBothLanguages(t *testing.T) {
	s := openSite(t)
	domain := strconv.Itoa(int(s.addDomain("총무과", "출장 신청서")))
	s.read()
	submission := s.handIn("domain", domain, "template", "",
		"file:가.jpg", "review 성명=홍길도? 내역[1,0]=숙박비\nunmatched\nfailed engine\ndone 성명=홍길동")
	s.wait(submission)
	paths := []string{
		"/", submission, submission + "/pages", "/pages", "/pages?state=done", "/pages?template=999999", "/trash", "/export",
		"/login", "/templates", "/templates/options?domain=" + domain, "/domains", "/domains/" + domain, "/admin", "/admin/access", "/admin/access/report", "/admin/retention", "/admin/machine", "/no/such",
		"/pages/" + pageID(t, s, form.StateReview), "/pages/" + pageID(t, s, form.StateUnmatched),
		"/pages/" + pageID(t, s, form.StateFailed), "/pages/" + pageID(t, s, form.StateDone),
	}
	for _, lang := range []string{"ko", "en"} {
		for _, path := range paths {
			t.Run(lang+" "+path, func(t *testing.T) {
				a := s.get(path, "Accept-Language", lang)
				if a.StatusCode != http.StatusOK && path != "/no/such" {
					t.Fatalf("status %d", a.StatusCode)
				}
				checkWords(t, a)
				checkLabels(t, a)
				checkIDs(t, a)
				if html := a.all("html"); attr(html[0], "lang") != lang && len(a.all("title")) > 0 {
					t.Errorf("lang = %q", attr(html[0], "lang"))
				}
			})
		}
	}
}

func checkWords(t *testing.T, a *answer) {
	t.Helper()
	for _, n := range a.all("") {
		if c := n.FirstChild; c != nil && c == n.LastChild && untranslated.MatchString(c.Data) && c.FirstChild == nil && n.Data != "option" {
			t.Errorf("<%s> has no words: %s", n.Data, c.Data)
		}
		for _, at := range n.Attr {
			if (at.Key == "title" || at.Key == "aria-label" || at.Key == "placeholder") && untranslated.MatchString(at.Val) {
				t.Errorf("%s=%q has no words", at.Key, at.Val)
			}
		}
	}
}

// checkLabels finds inputs that nobody could name.
func checkLabels(t *testing.T, a *answer) {
	t.Helper()
	labelled := make(map[string]bool)
	for _, n := range a.all("label") {
		labelled[attr(n, "for")] = true
	}
	for _, tag := range []string{"input", "select", "textarea"} {
		for _, n := range a.all(tag) {
			if attr(n, "type") == "hidden" || attr(n, "aria-label") != "" || attr(n, "aria-labelledby") != "" || labelled[attr(n, "id")] && attr(n, "id") != "" {
				continue
			}
			inLabel := false
			for p := range n.Ancestors() {
				inLabel = inLabel || p.Data == "label"
			}
			if !inLabel {
				t.Errorf("<%s name=%q> has no label", tag, attr(n, "name"))
			}
		}
	}
}

func checkIDs(t *testing.T, a *answer) {
	t.Helper()
	seen := make(map[string]bool)
	for _, n := range a.all("[id]") {
		if id := attr(n, "id"); seen[id] {
			t.Errorf("two elements with id %q", id)
		} else {
			seen[id] = true
		}
	}
}
