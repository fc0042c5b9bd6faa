package handlers

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// resident is a number that nobody has, and misread what the machine made of it.
const (
	resident = "900101-1234568"
	misread  = "900101-1234563"
)

// veiled returns an office whose template has the class of the number, with three
// pages: under review, done and corrected, and one that was read before the number
// was known to be personal data.
func veiled(t *testing.T) (*site, []form.PageInfo) {
	t.Helper()
	s := openSite(t)
	domain := fmt.Sprint(s.addDomain("총무과", "신청서"))
	s.read()
	give := func(name, line string) { s.wait(s.handIn("domain", domain, "file:"+name, line)) }
	give("old.png", "done 성명=홍길동 번호="+resident)
	classed := *s.template
	classed.Fields = slices.Clone(classed.Fields)
	classed.Fields[1].Personal, classed.Fields[1].ValueType = form.PersonalResident, form.All
	var err error
	if s.template, err = s.cfg.DB.SaveTemplate(t.Context(), form.Command, &classed); err != nil {
		t.Fatal(err)
	}
	give("review.png", "review 성명=홍길동 번호="+misread+"? margin=300,400")
	give("done.png", "review 성명=홍길동 번호="+misread+"?")
	s.index()
	pages, err := s.cfg.DB.Pages(t.Context(), form.Everything, db.PageFilter{})
	if err != nil || len(pages) != 3 {
		t.Fatal(pages, err)
	}
	s.post(fmt.Sprintf("/pages/%d/corrections", pages[0].ID), url.Values{"field": {"1"}, "run": {"1"}, "seen": {"0"}, "text": {resident}}).status(http.StatusSeeOther)
	s.index()
	return s, pages
}

// tells reports whether an answer has the number in it: anywhere.
func (a *answer) tells() bool {
	var all strings.Builder
	_ = a.Header.Write(&all)
	all.Write(a.body)
	text := strings.NewReplacer("-", "", "%2D", "", "&#45;", "").Replace(all.String())
	return strings.Contains(text, "900101"+"123456")
}

// The number of a person stands on no page of the site that is shown to who must
// not see it: neither in text nor in what only scripts read. To those who work on it
// it is shown where they look at it one by one, and to nobody in a preview.
func TestWhoIsShownANumber(t *testing.T) {
	s, pages := veiled(t)
	lookedAt := []string{
		"/pages looked at", "/pages/:page/values/:place", "/pages/:page/story looked at", "/sheet", "/sheet/rows", "/carpet",
	}
	srv, err := newServer(s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	shown := make(map[form.Role]map[string]bool)
	for _, d := range desks(s, pages[0].Domain) {
		if shown[d.role] == nil {
			shown[d.role] = make(map[string]bool)
		}
		look := func(route string, a *answer) {
			t.Helper()
			if a.StatusCode >= http.StatusInternalServerError {
				t.Errorf("%s for %s: %d", route, d.role, a.StatusCode)
			}
			if !a.tells() {
				return
			}
			if shown[d.role][route] = true; !d.role.Corrects() || !slices.Contains(lookedAt, route) {
				t.Errorf("%s shows the number to %s", route, d.role)
			}
		}
		for _, p := range pages {
			ids := strings.NewReplacer(":page", fmt.Sprint(p.ID), ":template", fmt.Sprint(s.template.ID), ":domain", fmt.Sprint(p.Domain),
				":submission", fmt.Sprint(p.Submission), ":field", string(s.template.Fields[1].ID), ":run", "1", ":place", "1")
			for _, r := range srv.routes() {
				if r.access != people || r.method != http.MethodGet || r.path == "/export/csv" {
					continue
				}
				look(r.path, d.get(ids.Replace(r.path)))
				query := url.Values{"template": {fmt.Sprint(s.template.ID)}, "field": {string(s.template.Fields[1].ID)}, "all": {"1"}, "run": {"1"}}
				look(r.path, d.get(ids.Replace(r.path)+"?"+query.Encode()))
				if r.path == "/pages/:page/story" {
					look(r.path+" looked at", d.get(ids.Replace(r.path)+"?look="+url.QueryEscape(string(s.template.Fields[1].ID))))
					look(r.path+" looked at", d.get(ids.Replace(r.path)+"?look=runs"))
				}
			}
		}
		found := d.post("/pages/search", url.Values{"value": {resident}})
		if to := found.Header.Get("Location"); found.StatusCode == http.StatusSeeOther {
			a := d.get(to)
			a.body = bytes.ReplaceAll(a.body, []byte(`value="`+resident+`"`), nil) // what the person typed
			look("/pages", a)
			for _, p := range pages {
				look("/pages looked at", d.get(to+fmt.Sprint("&look=", p.ID)))
			}
			if at := len(a.all("tr")) - 1; !d.role.Corrects() && at > 0 {
				t.Errorf("%s finds %d pages by a number that is hidden", d.role, at)
			}
		}
		form := url.Values{"template": {fmt.Sprint(s.template.ID)}, "format": {"csv"}, "state": {"done", "review"}, "personal": {"1"}}
		for _, format := range []string{"csv", "xlsx", "jsonl"} {
			form.Set("format", format)
			look("/export/form", d.post("/export/form", form, "HX-Request", "true"))
			look("/export/files", d.post("/export/files", form)) // without a purpose
		}
		look("/export/csv", d.get(fmt.Sprintf("/export/csv?part=%d&state=done&state=review&personal=1", s.template.ID)))
		look("/export/csv", d.get(fmt.Sprintf("/export/csv?part=%d&state=done&state=review", s.template.ID)))
	}
	for _, role := range form.Roles {
		for _, route := range []string{"/pages/:page/values/:place", "/pages/:page/story looked at", "/sheet", "/pages looked at"} {
			if role.Corrects() && !shown[role][route] {
				t.Errorf("%s does not show the number to %s, who works on it", route, role)
			}
		}
	}
}

// What is granted to a role is shown to it, and what is not is neither in the
// picture nor in a part of it.
func TestWhatIsHiddenIsCoveredOnThePicture(t *testing.T) {
	s, pages := veiled(t)
	reader := s.colleague("reader", form.Grant{Domain: pages[0].Domain, Role: form.Reader})
	dark := func(of *site, path string, x, y int) bool {
		t.Helper()
		a := of.get(path).status(http.StatusOK)
		img, _, err := image.Decode(bytes.NewReader(a.body))
		if err != nil {
			t.Fatal(path, err)
		}
		return color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y < 0xa0
	}
	story, picture := fmt.Sprintf("/pages/%d/story", pages[0].ID), fmt.Sprintf("/pages/%d/picture", pages[0].ID)
	name, number := fmt.Sprintf("/pages/%d/crops/0", pages[0].ID), fmt.Sprintf("/pages/%d/crops/1", pages[0].ID)
	for _, tt := range []struct {
		path   string
		x, y   int
		hidden bool
	}{{picture, 100, 80, true}, {picture, 100, 30, false}, {picture, 600, 500, false}, {number, 60, 25, true}, {name, 60, 20, false}} {
		if dark(s, tt.path, tt.x, tt.y) {
			t.Errorf("%s is covered at %d,%d for who may see it", tt.path, tt.x, tt.y)
		}
		if dark(reader, tt.path, tt.x, tt.y) != tt.hidden {
			t.Errorf("%s at %d,%d: covered is %v", tt.path, tt.x, tt.y, !tt.hidden)
		}
	}
	reader.get(story).says("span.masked", "●●●●●●-●●●●●●●").says("b", "홍길동")
	masks := make(url.Values)
	for _, choice := range s.get("/admin/masks").status(http.StatusOK).all("select") {
		for o := range choice.Descendants() {
			if o.Data == "option" && slices.ContainsFunc(o.Attr, func(a html.Attribute) bool { return a.Key == "selected" }) {
				masks.Set(attr(choice, "name"), attr(o, "value"))
			}
		}
	}
	masks.Set("reader.resident", "focus")
	s.post("/admin/masks", masks).goesTo("/admin/masks")
	if a := reader.get(story); a.tells() || len(a.all("button.veil")) == 0 {
		t.Error("a reader who was granted the class has the number before looking at it")
	}
	if !reader.get(story + "?look=" + url.QueryEscape(string(s.template.Fields[1].ID))).tells() {
		t.Error("a reader who was granted the class is not shown the number")
	}
	reader.get(story + "?look=99").status(http.StatusNotFound)
	if dark(reader, picture, 100, 80) {
		t.Error("and the picture of it is covered")
	}
	taken := fmt.Sprintf("/export/csv?part=%d&state=done&state=review&personal=1&purpose=work&reason=x", s.template.ID)
	if a := s.get(taken).status(http.StatusOK); !a.tells() {
		t.Error("the number is not in a file for which a purpose was given")
	}
	saved, err := s.cfg.DB.SaveProfile(t.Context(), form.Command, form.Everything, form.Profile{Name: "saved", Export: form.Export{
		Template: s.template.ID, Format: form.FormatCSV, Personal: true, Purpose: "work", Reason: "x",
	}})
	if err != nil {
		t.Fatal(err)
	}
	profile := fmt.Sprint("/export?profile=", saved)
	if strings.Contains(string(s.get(profile).status(http.StatusOK).body), "암호를 걸어야") {
		t.Error("a saved download that may be made is called wrong")
	}
	masks.Set("locked", "1")
	s.post("/admin/masks", masks).goesTo("/admin/masks")
	s.get(taken).status(http.StatusUnprocessableEntity)
	s.get(profile).status(http.StatusOK).says(".wrong", "암호를 걸어야")
	for _, wrong := range []string{"hidden", "", "all"} {
		masks.Set("reviewer.resident", wrong)
		s.post("/admin/masks", masks).status(http.StatusUnprocessableEntity)
	}
	masks.Del("reviewer.resident") // as a page does that was drawn by a release without the class
	s.post("/admin/masks", masks).status(http.StatusUnprocessableEntity)
	if m, err := s.cfg.DB.Masks(t.Context()); err != nil || m.Of[form.Reviewer][form.PersonalResident] != form.SightFocus {
		t.Errorf("after wrong forms, reviewers see numbers as %q, %v", m.Of[form.Reviewer][form.PersonalResident], err)
	}
}

// Who works on a page sees one, however many of its values they look at; who asks for
// a value of one that they were not shown sees it too.
func TestValuesThatAreLookedAtAreOfAPageThatCounts(t *testing.T) {
	s, pages := veiled(t)
	clerk := s.colleague("clerk", form.Grant{Domain: s.template.Domain, Role: form.Reviewer})
	seen := func() (n int) {
		t.Helper()
		now := time.Now()
		days, err := s.cfg.DB.AccessDay(t.Context(), time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location()))
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range days {
			if d.Account == "clerk" {
				n = d.Seen
			}
		}
		return n
	}
	value := func(page form.PageID) string { return fmt.Sprintf("/pages/%d/values/1?run=1", page) }
	clerk.get(fmt.Sprintf("/pages/%d", pages[0].ID)).status(http.StatusOK)
	for range 3 {
		clerk.get(value(pages[0].ID)).status(http.StatusOK)
	}
	if n := seen(); n != 1 {
		t.Errorf("%d pages were seen, want 1", n)
	}
	clerk.get(value(pages[1].ID)).status(http.StatusOK)
	if n := seen(); n != 2 {
		t.Errorf("%d pages were seen, want 2", n)
	}
}
