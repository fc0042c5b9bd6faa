package handlers

import (
	"bytes"
	"image/png"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/views"
)

// readTwo has two pages of a template read, corrects the number on the first and
// lets the name on the second stand.
func readTwo(s *site) (pages []form.PageID) {
	s.Helper()
	domain := strconv.Itoa(int(s.addDomain("사무소", "신청서")))
	s.read()
	s.wait(s.handIn("domain", domain, "template", "",
		"file:a.png", "review 성명=홍길동? 번호=0123?", "file:b.png", "review 성명=김철수? 번호=4567"))
	ids, err := s.cfg.DB.PagesOf(s.Context(), form.Everything, 1)
	if err != nil {
		s.Fatal(err)
	}
	for i, p := range ids {
		field := s.template.Fields[1-i].ID
		said := form.Correction{Page: p.ID, Run: p.Run, Field: field, Text: "0124"}
		if i == 1 {
			said.Text, said.Accepted = "김철수", true
		}
		if _, _, err := s.cfg.DB.AddCorrection(s.Context(), form.Person(1), said, 0); err != nil {
			s.Fatal(err)
		}
		pages = append(pages, p.ID)
	}
	return pages
}

// checked waits until the boxes of the template have been looked at.
func (s *site) checked() {
	s.Helper()
	for {
		t, err := s.cfg.DB.Template(s.Context(), form.Everything, s.template.ID, 0)
		if err != nil {
			s.Fatal(err)
		}
		if known, running := s.cfg.Intake.Checkup(t, false); !running && !known.At.IsZero() {
			return
		}
	}
}

func TestTemplateHealth(t *testing.T) {
	s := openSite(t)
	readTwo(s)
	s.checked()
	health := templatePath(s.template.ID) + "/health"
	rows := func(query string) (lines []string) {
		t.Helper()
		for _, tr := range s.get(health + "/table" + query).status(http.StatusOK).all("tr") {
			lines = append(lines, text(tr))
		}
		return lines[1:]
	}
	// The last of the numbers is how often ink is at the border: the pages are empty.
	for i, want := range []string{
		"번호 글 2 0 (0%) 1 (50%) 1 (50%) 0 (0%) – 250 – 빌더",
		"성명 글 2 0 (0%) 2 (100%) 0 (0%) 1 (50%) – 500 – 빌더",
		"내역 · 금액 표 4 4 (100%) 0 (0%) 0 (0%) 0 (0%) – 0 – 빌더",
	} {
		if got := rows("?sort=corrected&days=0")[[]int{0, 1, 3}[i]]; got != want {
			t.Errorf("row %q, want %q", got, want)
		}
	}
	if got := rows("?sort=lost&days=30")[0]; !strings.HasPrefix(got, "성명") {
		t.Errorf("the worst is %q", got)
	}
	if got := rows("?sort=nonsense&days=-1")[0]; !strings.HasPrefix(got, "성명") {
		t.Errorf("the worst is %q", got)
	}
	a := s.get(health).status(http.StatusOK)
	a.says("nav", views.Say(t.Context(), "template.tab.health"))
	a.says("div.looked", "최근 2쪽 기준")
	for _, path := range []string{"/templates/99/health", "/templates/x/health", "/templates/99/health/table"} {
		s.get(path).status(http.StatusNotFound)
	}
	s.post(health, nil).goesTo(health)
	s.checked()
}

func TestHealthOfADraft(t *testing.T) {
	s := openSite(t)
	s.addDomain("사무소", "신청서")
	draft := *s.template
	draft.ID, draft.Name = 0, "초안"
	f, err := s.cfg.DB.SaveDraft(t.Context(), form.Command, &draft)
	if err != nil {
		t.Fatal(err)
	}
	s.get(templatePath(f.ID)+"/health").status(http.StatusOK).says("p", views.Say(t.Context(), "health.none"))
}

func TestABetterBoxGoesIntoTheDraft(t *testing.T) {
	s := openSite(t)
	pages := readTwo(s)
	s.checked()
	field := s.template.Fields[0]
	path := templatePath(s.template.ID) + "/health/fields/" + string(field.ID)
	a := s.get(path).status(http.StatusOK)
	if n := len(a.all("figure")); n != 3 { // the blank, and two pages
		t.Errorf("%d crops, want 3", n)
	}
	for _, img := range a.all("image") {
		crop := s.get(attr(img, "href")).status(http.StatusOK)
		if config, err := png.DecodeConfig(bytes.NewReader(crop.body)); err != nil || config.Width < 200 {
			t.Errorf("%s: %+v, %v", attr(img, "href"), config, err)
		}
	}
	put := func(was, box string) *answer { return s.post(path, url.Values{"was": {was}, "box": {box}}) }
	put("10,10,200,40", "10,8,200,50").goesTo(path)
	draft, err := s.cfg.DB.Draft(t.Context(), form.Everything, s.template.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := draft.Fields[0].Box, geom.XYWH(10, 8, 200, 50); got != want {
		t.Errorf("the box is %v, want %v", got, want)
	}
	s.get(path).status(http.StatusOK) // with a draft
	put("10,10,200,40", "10,6,200,50").status(http.StatusConflict)
	for _, box := range []string{"", "1,2,3", "0,0,0,0", "700,10,200,40", "-1,0,10,10", `1,2,3,"4"`, "1e999,0,1,1"} {
		put("10,8,200,50", box).status(http.StatusBadRequest)
	}
	crop := path + "/crops/" + strconv.FormatInt(int64(pages[0]), 10)
	s.get(crop + "?box=0,0,900,40").status(http.StatusNotFound)
	s.get(path + "/crops/99?box=0,0,90,40").status(http.StatusNotFound)
	s.get(path + "/crops/x?box=0,0,90,40").status(http.StatusNotFound)
	s.get(strings.Replace(path, string(field.ID), "nobody", 1)).status(http.StatusNotFound)
	column := strings.Replace(path, string(field.ID), s.template.Tables[0].Columns[0].ID, 1)
	s.get(column).status(http.StatusOK)
	s.post(column, url.Values{"was": {"10,200,200,120"}, "box": {"10,200,300,120"}}).status(http.StatusBadRequest)
}
