package handlers

import (
	"cmp"
	"fmt"
	"net/http"
	"net/netip"
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

// leaves ends the session of who asks for it.
const leaves = "/account/leave"

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
	routes := srv.routes()
	// Nobody is there to ask for anything else after it.
	last := slices.IndexFunc(routes, func(r route) bool { return r.path == leaves })
	routes = append(slices.Delete(slices.Clone(routes), last, last+1), routes[last])
	var lines []string
	for _, r := range routes {
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
			} else if strings.HasPrefix(a.Header.Get("HX-Redirect"), "/login") || a.StatusCode == http.StatusUnauthorized {
				t.Errorf("%s %s by %s, who is not logged in any more", r.method, path, d.letter)
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
	logTable(t, list, lines)
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

// logTable says how many of the lines of the matrix let each of list in.
func logTable(t *testing.T, list []deskOf, lines []string) {
	t.Helper()
	for i, d := range list[:len(list)-1] {
		in := 0
		for _, line := range lines {
			if line[i] != '.' {
				in++
			}
		}
		t.Logf("%s %-16s is let in by %3d of %d routes", d.letter, d.role, in, len(lines))
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
	_, err = s.cfg.DB.StartDraft(ctx, by, s.template.ID, 0)
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
			if r.access != people || r.needs&form.MayManage != 0 || r.path == leaves {
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
	for _, id := range []form.TemplateID{mine.ID, s.template.ID} {
		if _, err := s.cfg.DB.Template(ctx, form.Everything, id, 0); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.cfg.DB.Draft(ctx, form.Everything, s.template.ID); err != nil {
		t.Errorf("the draft is gone: %v", err)
	}
}

// Nobody is shown a way to what they may not do.
func TestWhatOneMayNotDoIsNotShown(t *testing.T) {
	s := newSite(t)
	own := s.addDomain("우리", "신청서")
	s.addDomain("남의집", "남의서식")
	s.addUser("kim")
	s.logIn("kim", testPassword)
	s.read()
	mine, err := s.cfg.DB.Templates(t.Context(), own)
	if err != nil || len(mine) != 1 {
		t.Fatal(mine, err)
	}
	for _, file := range []string{"review 성명=홍길동? 번호=77 margin=300,400", "done 성명=홍길동 번호=77", "failed", "unmatched"} {
		s.wait(s.handIn("domain", fmt.Sprint(own), "file:"+strings.Fields(file)[0]+".png", file))
	}
	pages, err := s.cfg.DB.Pages(t.Context(), form.Everything, db.PageFilter{})
	if err != nil || len(pages) != 4 {
		t.Fatal(pages, err)
	}
	srv, err := newServer(s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	routes := srv.routes()
	for _, d := range desks(s, own)[1:] {
		may := form.PermissionsOf([]form.Grant{{Domain: own, Role: d.role}})
		for _, page := range pages {
			for _, r := range routes {
				if r.access != people || r.method != http.MethodGet || !may.May(r.needs, own) {
					continue
				}
				path := strings.NewReplacer(":page", fmt.Sprint(page.ID), ":template", fmt.Sprint(mine[0].ID), ":domain", fmt.Sprint(own), ":submission", fmt.Sprint(page.Submission)).Replace(r.path)
				if strings.Contains(path, ":") || page.ID != pages[0].ID && path == r.path {
					continue
				}
				a := d.get(path)
				if a.StatusCode != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
					continue
				}
				for _, way := range a.ways() {
					if to := routeOf(routes, way[0], way[1]); to != nil && to.access == people && !may.May(to.needs, own) {
						t.Errorf("%s shows %s the way to %s %s", r.path, d.role, to.method, to.path)
					}
				}
			}
		}
	}
}

// ways returns where links and forms of the page lead: method and path.
func (a *answer) ways() (list [][2]string) {
	for _, at := range [][3]string{
		{"a", "href", http.MethodGet},
		{"form", "action", ""},
		{"button", "formaction", http.MethodPost},
		{"form", "hx-post", http.MethodPost},
		{"button", "hx-post", http.MethodPost},
		{"div", "hx-get", http.MethodGet},
		{"section", "hx-get", http.MethodGet},
	} {
		for _, n := range a.all(at[0]) {
			path, _, _ := strings.Cut(attr(n, at[1]), "?")
			if method := cmp.Or(at[2], strings.ToUpper(attr(n, "method"))); path != "" {
				list = append(list, [2]string{cmp.Or(method, http.MethodGet), path})
			}
		}
	}
	return list
}

// routeOf returns the route of a path; nil where there is none.
func routeOf(routes []route, method, path string) (found *route) {
	asked := strings.Split(path, "/")
	for i := range routes {
		parts := strings.Split(routes[i].path, "/")
		same := routes[i].method == method && len(parts) == len(asked)
		for k := 0; same && k < len(parts); k++ {
			same = parts[k] == asked[k] || strings.HasPrefix(parts[k], ":")
		}
		if same && (found == nil || strings.Count(routes[i].path, ":") < strings.Count(found.path, ":")) {
			found = &routes[i]
		}
	}
	return found
}

// People are given roles, and lose them, by who administers all domains.
func TestPeopleAreManaged(t *testing.T) {
	s := openSite(t)
	domain := s.addDomain("우리", "신청서")
	role := fmt.Sprintf("%d/reviewer", domain)
	given := url.Values{"name": {"lee"}, "password": {"임시 비밀번호 12"}, "grant": {role}}
	s.post("/admin/people", url.Values{"name": {"lee"}, "password": {"짧다"}}).status(http.StatusUnprocessableEntity)
	s.post("/admin/people", given).goesTo("/admin/people")
	s.post("/admin/people", given).status(http.StatusUnprocessableEntity)
	if body := string(s.get("/admin/people", "Accept-Language", "ko").status(http.StatusOK).body); !strings.Contains(body, "검토자 (우리)") {
		t.Error("the list does not say what lee may do")
	}
	lee, err := s.cfg.DB.UserByName(t.Context(), "lee")
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/admin/people/%d", lee.ID)

	other := s.colleague("kim", form.Grant{Role: form.Reader})
	other.logIn("lee", "임시 비밀번호 12")
	other.get("/pages").goesTo("/account") // the password is to be lee's own
	own := url.Values{"current": {"임시 비밀번호 12"}, "password": {testPassword}, "again": {testPassword}}
	other.post("/account/password", url.Values{"current": {"falsch"}, "password": {testPassword}, "again": {testPassword}}).status(http.StatusUnprocessableEntity)
	before := other.cookie()
	other.post("/account/password", own).goesTo("/account?changed")
	if before == other.cookie() {
		t.Error("the session is the same with another password")
	}
	other.get("/pages").status(http.StatusOK)
	other.get("/export").status(http.StatusForbidden)
	other.get("/admin/people").status(http.StatusForbidden)

	before = other.cookie()
	s.post(path+"/roles", url.Values{"grant": {"0/exporter"}}).goesTo(path)
	other.get("/export").status(http.StatusOK)
	if before == other.cookie() {
		t.Error("the session is the same with other rights")
	}
	other.get("/queue").status(http.StatusForbidden)
	if a := s.get(path).status(http.StatusOK); len(a.all("tr")) < 7 {
		t.Error("it does not say who gave what")
	}
	s.post(path+"/sessions/end", nil).goesTo(path)
	other.get("/export").goesTo("/login?next=%2Fexport")
	other.logIn("lee", testPassword)
	s.post(path+"/disable", nil).goesTo(path)
	other.get("/export").goesTo("/login?next=%2Fexport")
	wrong := other.post("/login", url.Values{"user": {"lee"}, "password": {testPassword}}, "Accept-Language", "en")
	wrong.status(http.StatusUnprocessableEntity).says(".wrong", "The user name or the password is wrong.")
	s.post(path+"/enable", nil).goesTo(path)
	other.logIn("lee", testPassword)

	s.post("/admin/people/1/disable", nil, "Accept-Language", "en").status(http.StatusUnprocessableEntity).says(".wrong", "Somebody has to administer all domains. Give another person that role first.")
	s.post("/admin/people/1/roles", nil).status(http.StatusUnprocessableEntity)
	s.post("/admin/people/1/password", url.Values{"password": {testPassword}}).status(http.StatusBadRequest)
}

// Pages are shown to the networks of the office, and nobody shuts themselves out.
func TestNetworksOfTheOffice(t *testing.T) {
	s := newSite(t)
	s.cfg.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	s.start()
	s.addUser("admin")
	s.logIn("admin", testPassword)
	set := func(networks string) *answer {
		return s.post("/admin/people/admission", url.Values{"idle": {"5"}, "life": {"60"}, "networks": {networks}}, "X-Forwarded-For", "192.0.2.7")
	}
	set("198.51.100.0/24").status(http.StatusUnprocessableEntity)
	set("nonsense").status(http.StatusUnprocessableEntity)
	set("198.51.100.0/24\n192.0.2.7").goesTo("/admin/people")
	for from, want := range map[string]int{"192.0.2.7": http.StatusOK, "198.51.100.9": http.StatusOK, "192.0.2.8": http.StatusForbidden} {
		s.get("/login", "X-Forwarded-For", from).status(want)
		s.get("/pages", "X-Forwarded-For", from).status(want)
	}
	s.get("/healthz", "X-Forwarded-For", "192.0.2.8").status(http.StatusOK)
	set("").goesTo("/admin/people")
	s.get("/login", "X-Forwarded-For", "192.0.2.8").status(http.StatusOK)
}

func TestOneSeesWhereOneIsLoggedIn(t *testing.T) {
	s := openSite(t)
	jar := s.client.Jar
	s.client.Jar = nil
	other := strings.Split(s.post("/login", url.Values{"user": {"admin"}, "password": {testPassword}}, "User-Agent", "Elsewhere/1").Header.Get("Set-Cookie"), ";")[0]
	s.client.Jar = jar
	a := s.get("/account").status(http.StatusOK)
	if !strings.Contains(string(a.body), "Elsewhere/1") {
		t.Error("the other browser is not named")
	}
	for _, f := range a.all("form") {
		if path := attr(f, "action"); strings.HasPrefix(path, "/account/sessions/") {
			s.post(path, nil).goesTo("/account")
		}
	}
	s.client.Jar = nil
	s.get("/", "Cookie", other).goesTo("/login")
}
