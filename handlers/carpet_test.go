package handlers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/seosik/seosik/internal/form"
)

// say sends what a person says, as a script of a page does.
func (s *site) say(path string, said any) *answer {
	s.Helper()
	body, err := json.Marshal(said)
	if err != nil {
		s.Fatal(err)
	}
	return s.do(http.MethodPost, path, bytes.NewReader(body), "Content-Type", "application/json", "HX-Request", "true")
}

func TestCarpet(t *testing.T) {
	s := openSite(t)
	tpl := s.addTemplate()
	s.get("/carpet").status(http.StatusOK).says("p", "모아 볼 것이 없습니다")
	var pages []form.PageID
	for range 3 {
		pages = append(pages, s.addPage(tpl))
	}
	a := s.get("/carpet").status(http.StatusOK)
	first := a.one(".screen")
	shown := a.all(".tile")
	if attr(first, "data-sort") == "" || len(shown) != 3 {
		t.Fatalf("%d tiles of %q", len(shown), attr(first, "data-sort"))
	}
	// The group after it, which its screen names.
	next := url.Values{"sort": {attr(first, "data-sort")}, "text": {attr(first, "data-text")}, "after": {attr(first, "data-after")}}
	b := s.post("/carpet/screen", next, "HX-Request", "true").status(http.StatusOK)
	if n := len(b.all(".tile")); n != 3 || len(b.all("header")) != 0 {
		t.Errorf("then %d tiles", n)
	}
	var said []tileSaid
	for _, of := range [][]tileSaid{tilesOf(t, a), tilesOf(t, b)} {
		said = append(said, of...)
	}
	said[0].Text = "mended"
	var became []struct {
		Missed bool
		After  form.CorrectionID
	}
	if err := json.Unmarshal(s.say("/carpet/say", said).status(http.StatusOK).body, &became); err != nil || len(became) != 6 || became[0].Missed || became[5].After == 0 {
		t.Fatalf("%+v, %v", became, err)
	}
	for _, id := range pages {
		if p, err := s.cfg.DB.Page(t.Context(), form.Everything, id); err != nil || p.State != form.StateDone {
			t.Errorf("page %d is %s, %v", id, p.State, err)
		}
	}
	// What comes once more, since the answer got lost, has arrived.
	again := became[0]
	if err := json.Unmarshal(s.say("/carpet/say", said[:1]).status(http.StatusOK).body, &became); err != nil || became[0] != again {
		t.Errorf("sent twice: %+v, %v, want %+v", became, err, again)
	}
	// Whoever had the same screen is told that it does not count.
	said[0].Text = form.TileChecked
	if err := json.Unmarshal(s.say("/carpet/say", said[:1]).status(http.StatusOK).body, &became); err != nil || !became[0].Missed {
		t.Errorf("said twice: %+v, %v", became, err)
	}
	s.get("/carpet?template=1&lang=ko").status(http.StatusOK).says("p", "모아 볼 것이 없습니다")
	for _, wrong := range []url.Values{{"sort": {"x"}}, {"sort": {"short"}, "after": {"{"}}, {"sort": {"short"}, "lang": {strings.Repeat("x", 17)}}} {
		s.post("/carpet/screen", wrong).status(http.StatusBadRequest)
	}
	s.say("/carpet/say", "x").status(http.StatusBadRequest)
	s.say("/carpet/say", []tileSaid{{Text: strings.Repeat("x", tileText+1)}}).status(http.StatusBadRequest)
	s.say("/carpet/say", make([]tileSaid, carpetSaid+1)).status(http.StatusBadRequest)
}

// What was mended so that it breaks a rule says so, since the page is not done then.
func TestCarpetSaysWhatBreaksARule(t *testing.T) {
	s := openSite(t)
	tpl := s.addTemplate()
	for i := range tpl.Fields {
		if tpl.Fields[i].Kind == form.Normal {
			tpl.Fields[i].Rules.Pattern = "[가-힣]{2,4}"
		}
	}
	tpl, err := s.cfg.DB.SaveTemplate(t.Context(), form.Command, tpl)
	if err != nil {
		t.Fatal(err)
	}
	readings := make([]form.Reading, len(tpl.Fields))
	at := -1
	for i, f := range tpl.Fields {
		readings[i] = form.Reading{Field: f.ID, Confidence: .99, Text: "홍길동"}
		if f.Kind == form.Normal && at < 0 {
			at, readings[i].Reasons, readings[i].Confidence = i, []form.Reason{form.ReasonUnsure}, .5
		}
	}
	page := s.savePage(tpl, readings)
	// So it does while it is typed under review.
	for text, broken := range map[string]bool{"77": true, "홍길동": false} {
		a := s.post(fmt.Sprintf("/pages/%d/typed", page), url.Values{"field": {fmt.Sprint(at)}, "run": {"1"}, "seen": {"0"}, "text": {text}}).status(http.StatusOK)
		var now struct{ Rows map[string][]string }
		if err := json.Unmarshal(a.body, &now); err != nil || len(now.Rows[fmt.Sprint(at)]) > 0 != broken {
			t.Errorf("%s breaks %v, %v", text, now.Rows, err)
		}
	}
	if err := s.cfg.DB.DropTyped(t.Context(), form.Person(1), page, tpl.Fields[at].ID); err != nil {
		t.Fatal(err)
	}
	said := tileSaid{Page: page, Run: 1, Field: tpl.Fields[at].ID, Text: "77"}
	a := s.say("/carpet/say", []tileSaid{said}).status(http.StatusOK)
	var became []struct{ Broken []string }
	if err := json.Unmarshal(a.body, &became); err != nil || len(became) != 1 || len(became[0].Broken) != 1 || !strings.HasPrefix(became[0].Broken[0], tpl.Fields[at].Title()+": ") {
		t.Errorf("%s, %v", a.body, err)
	}
	if p, err := s.cfg.DB.Page(t.Context(), form.Everything, page); err != nil || p.State != form.StateReview || p.Doubtful != 0 {
		t.Errorf("%+v, %v", p, err)
	}
}

// tilesOf returns the tiles of a screen as they were read.
func tilesOf(t *testing.T, a *answer) (said []tileSaid) {
	t.Helper()
	for _, n := range a.all(".tile") {
		var v tileSaid
		if _, err := fmt.Sscan(attr(n, "data-page")+" "+attr(n, "data-run")+" "+attr(n, "data-place"), &v.Page, &v.Run, &v.Place); err != nil {
			t.Fatal(err)
		}
		v.Field, v.Text = form.FieldID(attr(n, "data-field")), attr(n, "data-read")
		said = append(said, v)
	}
	return said
}

// A page without pictures of its values has them cut once, all of them.
func TestSnippetsAreCutOnDemand(t *testing.T) {
	s := openSite(t)
	tpl := s.addTemplate()
	id := s.addPage(tpl)
	address := attr(s.get("/carpet").all("img")[0], "src")
	if !strings.HasPrefix(address, fmt.Sprintf("/pages/%d/snippets/1/", id)) {
		t.Fatalf("the picture is at %s", address)
	}
	a := s.get(address).status(http.StatusOK)
	if _, err := png.Decode(bytes.NewReader(a.body)); err != nil || a.Header.Get("Content-Type") != "image/png" {
		t.Errorf("%s: %v", a.Header.Get("Content-Type"), err)
	}
	for _, img := range s.get("/carpet").all("img") {
		if !strings.HasPrefix(attr(img, "src"), "data:image/png;base64,") {
			t.Errorf("a picture is still at %s", attr(img, "src"))
		}
	}
	if again := s.get(address).status(http.StatusOK); !bytes.Equal(again.body, a.body) {
		t.Error("what is kept is another picture")
	}
	for _, gone := range []string{"/pages/99/snippets/1/x/0", fmt.Sprintf("/pages/%d/snippets/2/x/0", id), fmt.Sprintf("/pages/%d/snippets/1/x/0", id), fmt.Sprintf("/pages/%d/snippets/x/x/0", id)} {
		s.get(gone).status(http.StatusNotFound)
	}
}

func TestSheet(t *testing.T) {
	s := openSite(t)
	tpl := s.addTemplate()
	s.get("/sheet").status(http.StatusOK).says("p", "확인할 값이 없습니다")
	pages := []form.PageID{s.addPage(tpl), s.addPage(tpl)}
	a := s.get("/sheet").status(http.StatusOK)
	rows := a.all("tr.line")
	if len(rows) != 2 || attr(rows[0], "data-page") != fmt.Sprint(pages[0]) {
		t.Fatalf("%d rows", len(rows))
	}
	if attr(a.one("#next"), "href") == "" || len(a.all("#before")) != 0 {
		t.Error("no way to the next field")
	}
	field := form.FieldID(attr(rows[0], "data-field"))
	type said struct {
		Page  form.PageID       `json:"page"`
		Run   int               `json:"run"`
		Field form.FieldID      `json:"field"`
		Text  string            `json:"text"`
		Seen  form.CorrectionID `json:"seen"`
	}
	var became sheetSaid
	say := func(v said, want int) sheetSaid {
		t.Helper()
		became = sheetSaid{}
		if body := s.say("/sheet/say", v).status(want).body; want == http.StatusOK || want == http.StatusUnprocessableEntity {
			if err := json.Unmarshal(body, &became); err != nil {
				t.Fatal(err)
			}
		}
		return became
	}
	first := said{pages[0], 1, field, "김철수", 0}
	seen := say(first, http.StatusOK).Seen
	if first.Text = "other"; !say(first, http.StatusUnprocessableEntity).Conflict || became.Text != "김철수" || became.By != "admin" || became.Seen != seen {
		t.Errorf("said by two: %+v", became)
	}
	if first.Seen = seen; say(first, http.StatusOK).Conflict {
		t.Error("a conflict where it was seen")
	}
	if rows := s.get("/sheet").all("tr.line"); len(rows) != 1 {
		t.Errorf("%d rows are left", len(rows))
	}
	all := fmt.Sprintf("/sheet/rows?template=%d&field=%s&all=1", tpl.ID, url.QueryEscape(string(field)))
	if a := s.get(all).status(http.StatusOK); len(a.all("input")) != 2 {
		t.Errorf("all are %s", a.body)
	}
	if a := s.get(all + "&after=" + fmt.Sprint(pages[1])).status(http.StatusOK); len(bytes.TrimSpace(a.body)) != 0 {
		t.Errorf("after the last: %s", a.body)
	}
	// What was typed and not accepted is there again, and who says a mark has said it.
	index := attr(rows[1], "data-index")
	s.post(fmt.Sprintf("/pages/%d/typed", pages[1]), url.Values{"field": {index}, "run": {"1"}, "seen": {"0"}, "text": {"이영"}}).status(http.StatusOK)
	a = s.get("/sheet").status(http.StatusOK).says("p.left", "확인하지 않은 값")
	if got := attr(a.one("input[type=text]"), "value"); got != "이영" {
		t.Errorf("typed is %q", got)
	}
	type marked struct {
		said
		Mark     form.Mark `json:"mark"`
		Override bool      `json:"override"`
	}
	mark := marked{said{pages[1], 1, field, "", 0}, "scribble", false}
	s.say("/sheet/say", mark).status(http.StatusBadRequest)
	mark.Mark = form.MarkNotApplicable
	s.say("/sheet/say", mark).status(http.StatusOK)
	if r, err := s.cfg.DB.Record(t.Context(), form.Everything, pages[1]); err != nil || r.Values[1].Mark() != form.MarkNotApplicable && r.Values[0].Mark() != form.MarkNotApplicable {
		t.Errorf("%+v, %v", r.Values, err)
	}
	say(said{pages[1], 2, field, "x", 0}, http.StatusConflict)
	say(said{pages[1], 1, "none", "x", 0}, http.StatusNotFound)
	say(said{99, 1, field, "x", 0}, http.StatusNotFound)
	say(said{pages[1], 1, field, strings.Repeat("x", maxValue+1), 0}, http.StatusBadRequest)
	s.say("/sheet/say", "x").status(http.StatusBadRequest)
}

// What breaks a rule asks on the sheet, too, to be kept so; where it is another value
// that does, and nothing else is left, the row says so.
func TestSheetAsksForWhatBreaksARule(t *testing.T) {
	s := openSite(t)
	page := s.addInvoice()
	r, err := s.cfg.DB.Record(t.Context(), form.Everything, page)
	if err != nil {
		t.Fatal(err)
	}
	var became sheetSaid
	say := func(field int, text string, override bool) {
		t.Helper()
		a := s.say("/sheet/say", sheetAsked{Page: page, Run: 1, Field: r.Values[field].Field.ID, Text: text, Override: override, Seen: became.Seen}).status(http.StatusOK)
		became = sheetSaid{}
		if err := json.Unmarshal(a.body, &became); err != nil {
			t.Fatal(err)
		}
	}
	say(5, "2,500", false)
	if became.Asks || !became.Elsewhere {
		t.Errorf("a sum that is wrong: %+v", became)
	}
	say(5, "두천", false)
	if !became.Asks || len(became.Problems) == 0 {
		t.Errorf("no number: %+v", became)
	}
	say(5, "두천", true)
	now, err := s.cfg.DB.Record(t.Context(), form.Everything, page)
	if err != nil || became.Asks || !now.Values[5].Overridden() {
		t.Errorf("kept so: %+v, %v", became, err)
	}
}
