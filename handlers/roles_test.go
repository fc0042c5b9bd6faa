package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// A deskOf is somebody with a browser.
type deskOf struct {
	*site
	letter string // in the matrix
	role   form.Role
}

// desks returns somebody of each role in a domain, somebody who administers all,
// and somebody without a role.
func desks(s *site, domain form.DomainID) (list []deskOf) {
	s.Helper()
	add := func(letter, name string, role form.Role, grants ...form.Grant) {
		list = append(list, deskOf{s.colleague(name, grants...), letter, role})
	}
	add("A", "boss", form.Administrator)
	letters := []string{"a", "m", "r", "s", "e", "v"}
	for i, role := range form.Roles {
		add(letters[i], string(role), role, form.Grant{Domain: domain, Role: role})
	}
	add("-", "nobody", "", []form.Grant{}...)
	return list
}

// Each route, asked by each role: who is let in is in testdata/roles.txt, to be
// read by people. A is who administers all domains; the others have a role in one:
// a administrator, m maker of templates, r reviewer, s second reviewer, e exporter,
// v reader.
func TestWhoMayCallWhat(t *testing.T) {
	s := newSite(t)
	own := s.addDomain("우리", "신청서")
	list := desks(s, own)
	srv, err := newServer(s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range srv.routes() {
		if r.access != people {
			if r.needs != 0 {
				t.Errorf("%s %s needs something of people, and is for others", r.method, r.path)
			}
			continue
		}
		if r.needs == 0 {
			t.Errorf("%s %s does not say what it needs", r.method, r.path)
			continue
		}
		path := nowhere(r.path)
		var who strings.Builder
		for _, d := range list {
			letter := d.letter
			if a := d.do(r.method, path, nil, "HX-Request", "true"); a.StatusCode == http.StatusForbidden {
				letter = "."
			} else if a.StatusCode >= http.StatusInternalServerError {
				t.Errorf("%s %s by %s: %d", r.method, path, d.letter, a.StatusCode)
			}
			who.WriteString(letter)
		}
		lines = append(lines, fmt.Sprintf("%s %-4s %s", who.String()[:len(list)-1], r.method, r.path))
		if last := who.String()[len(list)-1]; last != '.' {
			t.Errorf("%s %s is open to who has no role", r.method, r.path)
		}
	}
	slices.Sort(lines)
	got, file := strings.Join(lines, "\n")+"\n", "testdata/roles.txt"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != got {
		t.Errorf("%v: who may call what is not as in %s; look at what go test -run %s -update changes", err, file, t.Name())
	}
}

// nowhere returns the address of things that are not there.
func nowhere(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, ":") {
			parts[i] = "999999"
		}
	}
	return strings.Join(parts, "/")
}

// What is of another domain is not there, whatever one may do in one's own.
func TestNothingOfAnotherDomain(t *testing.T) {
	const secret = "비밀스러운값"
	s := newSite(t)
	own := s.addDomain("우리", "신청서")
	mine := s.template
	other := s.addDomain("남의집", "남의서식")
	s.addUser("kim")
	s.logIn("kim", testPassword)
	s.read()
	s.wait(s.handIn("domain", fmt.Sprint(other), "file:stranger.png", "review 성명="+secret+" 번호=77?"))
	s.index()
	ctx, by := t.Context(), form.Command
	pages, err := s.cfg.DB.Pages(ctx, form.Everything, db.PageFilter{})
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(err)
	if len(pages) != 1 || pages[0].Domain != other {
		t.Fatalf("pages %+v", pages)
	}
	kim, err := s.cfg.DB.UserByName(ctx, "kim")
	check(err)
	values, err := form.ParseList("은행", secret)
	check(err)
	listed, err := s.cfg.DB.SaveList(ctx, by, other, values)
	check(err)
	cases, err := s.cfg.DB.AddSamples(ctx, form.Person(kim.ID), s.template.ID, []form.Case{{Name: "case.png", Blob: pages[0].Image}})
	check(err)
	profile, err := s.cfg.DB.SaveProfile(ctx, by, form.Everything, form.Profile{Name: "남의것", Export: form.Export{Template: s.template.ID, Format: "csv"}})
	check(err)
	export, err := s.cfg.DB.AddExport(ctx, by, form.Everything, db.NewExport{Export: form.Export{Template: s.template.ID, Format: "csv"}}, nil)
	check(err)
	ids := map[string]any{
		"page": pages[0].ID, "submission": pages[0].Submission, "template": s.template.ID, "domain": other, "list": listed, "case": cases[0],
		"profile": profile, "export": export, "field": s.template.Fields[0].ID, "run": 1, "place": 0, "view": 999999, "bulk": 999999, "person": 999999, "session": 999999,
	}
	srv, err := newServer(s.cfg)
	check(err)
	for _, d := range desks(s, own)[1:] {
		for _, r := range srv.routes() {
			if r.access != people || r.needs&form.MayManage != 0 {
				continue
			}
			path := r.path
			for name, id := range ids {
				path = strings.ReplaceAll(path, ":"+name, fmt.Sprint(id))
			}
			a := d.do(r.method, path, strings.NewReader(url.Values{"domain": {fmt.Sprint(other)}, "template": {fmt.Sprint(s.template.ID)}, "page": {fmt.Sprint(pages[0].ID)}, "text": {"x"}, "act": {"trash"}}.Encode()),
				"Content-Type", "application/x-www-form-urlencoded")
			if a.StatusCode == http.StatusForbidden {
				continue
			}
			named := strings.Contains(r.path, ":")
			if strings.HasSuffix(r.path, "/changes") && a.StatusCode == http.StatusUnprocessableEntity {
				continue // it is no JSON
			}
			if named && a.StatusCode != http.StatusNotFound && a.StatusCode != http.StatusBadRequest || a.StatusCode >= http.StatusInternalServerError {
				t.Errorf("%s %s by %s: %d", r.method, r.path, d.role, a.StatusCode)
			}
			for _, word := range []string{secret, "남의", "stranger", "case.png"} {
				if strings.Contains(string(a.body), word) {
					t.Errorf("%s %s shows %q to %s", r.method, r.path, word, d.role)
				}
			}
		}
	}
	after, err := s.cfg.DB.Pages(ctx, form.Everything, db.PageFilter{})
	if err != nil || len(after) != 1 || after[0].Revision != pages[0].Revision {
		t.Errorf("the page was changed: %+v, %v", after, err)
	}
	if _, err := s.cfg.DB.Template(ctx, form.Everything, mine.ID, 0); err != nil {
		t.Error(err)
	}
}
