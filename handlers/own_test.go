package handlers

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/docs"
	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/rest"
	"github.com/seosik/seosik/internal/scan"
)

// own calls the own API of the domain of a. The body may be nil.
func (a *api) own(method, path string, body io.Reader, header ...string) *answer {
	a.Helper()
	return a.do(method, fmt.Sprintf("/api/v1/domains/%d/%s", a.domain.ID, path), body, append([]string{"X-OCR-SECRET", a.secret}, header...)...)
}

// ask posts JSON to the own API.
func (a *api) ask(path, body string, header ...string) *answer {
	a.Helper()
	return a.own(http.MethodPost, path, strings.NewReader(body), header...)
}

// handIn hands in files through the own API, and waits until they have been read.
func (a *api) handInOwn(pairs ...string) (taken rest.Submitted) {
	a.Helper()
	body, kind := parts(a, pairs...)
	read(a.own(http.MethodPost, "submissions", body, "Content-Type", kind).status(http.StatusAccepted), &taken)
	if err := a.cfg.Intake.Wait(a.Context(), taken.Submission); err != nil {
		a.Fatal(err)
	}
	return taken
}

// described is the description of the API, whose objects are closed.
var described = sync.OnceValues(func() (*openapi3.T, error) { return strict(docs.OpenAPI) })

// read reads the JSON of an answer, which must be as it is described.
func read(a *answer, v any) {
	a.s.Helper()
	if got := a.Header.Get("Content-Type"); got != jsonType {
		a.s.Errorf("content type %q", got)
	}
	doc, err := described()
	if err != nil {
		a.s.Fatal(err)
	}
	if op := operation(doc, a.Request.Method, a.Request.URL.Path); op != nil {
		said := op.Responses.Status(a.StatusCode)
		if said == nil {
			a.s.Fatalf("%s %s: status %d is not described", a.Request.Method, a.Request.URL.Path, a.StatusCode)
		}
		if err := fits(said.Value.Content, a.body); err != nil {
			a.s.Errorf("%v\nin %s", err, a.body)
		}
	}
	if err := json.Unmarshal(a.body, v); err != nil {
		a.s.Fatalf("%v in %s", err, a.body)
	}
}

// refusedOwn ends the test unless the answer is that error of the own API and
// says so.
func (a *answer) refusedOwn(want *rest.Error, says string) {
	a.s.Helper()
	var e struct{ Code, Message, TraceID string }
	read(a.status(want.Status), &e)
	if e.Code != want.Code || !strings.Contains(e.Message, says) || len(e.TraceID) != 32 {
		a.s.Errorf("answer %s, want code %s and %q", a.body, want.Code, says)
	}
	if got := a.Header.Get("Retry-After") != ""; got != (want.RetryAfter > 0) {
		a.s.Errorf("Retry-After %q", a.Header.Get("Retry-After"))
	}
}

func TestOwnSubmission(t *testing.T) {
	a := newAPI(t)
	taken := a.handInOwn("file:가.jpg", "filled", "file:나.tif", "II*\x00blank damaged", "template", fmt.Sprint(a.template.ID))
	if len(taken.Pages) != 2 || taken.Pages[0].Document != "가.jpg" || taken.Pages[1].Document != "나.tif" {
		t.Fatalf("taken in: %+v", taken)
	}
	var progress rest.Progress
	read(a.get(taken.Progress, "X-OCR-SECRET", a.secret).status(http.StatusOK), &progress)
	if !progress.Finished || progress.Documents != 2 || progress.Open != 0 || len(progress.Pages) != len(form.States) ||
		progress.Pages[form.StateDone] != 1 || progress.Pages[form.StateUnmatched] != 1 || progress.Pages[form.StateFailed] != 1 {
		t.Errorf("progress %+v", progress)
	}
	var record rest.Record
	read(a.get(taken.Pages[0].Record, "X-OCR-SECRET", a.secret).status(http.StatusOK), &record)
	if record.UID != taken.Pages[0].UID || record.Values[0].Text != "홍길동" || record.Template.ID != a.template.ID {
		t.Errorf("record %+v", record)
	}
	s, err := a.cfg.DB.Submission(t.Context(), form.Everything, taken.Submission)
	if err != nil || !slices.Equal(s.Templates, []form.TemplateID{a.template.ID}) || s.By != 0 {
		t.Errorf("submission %+v, %v", s, err)
	}

	// The same as JSON. An answer does not wait: it comes before anything is read.
	data := base64.StdEncoding.EncodeToString([]byte("filled"))
	sent := a.ask("submissions", fmt.Sprintf(`{"files":[{"name":"다.jpg","data":%q}],"templates":[%d]}`, data, a.template.ID))
	read(sent.status(http.StatusAccepted), &taken)
	if taken.Pages[0].Document != "다.jpg" || sent.Header.Get("Location") != taken.Progress {
		t.Errorf("taken in: %s", sent.body)
	}
}

func TestOwnSubmissionRefuses(t *testing.T) {
	a := newAPI(t)
	a.cfg.Limits, a.cfg.UploadFiles, a.cfg.UploadBytes = scan.Limits{Bytes: 3 << 20}, 2, 8<<20
	a.start()
	post := func(pairs ...string) *answer {
		a.Helper()
		body, kind := parts(t, pairs...)
		return a.own(http.MethodPost, "submissions", body, "Content-Type", kind)
	}
	file := `{"name":"a","data":"YQ=="}`
	for _, tt := range []struct {
		name   string
		answer *answer
		want   *rest.Error
		says   string
	}{
		{"no file", post(), rest.ErrInvalid, "There is no file."},
		{"no body", a.ask("submissions", ""), rest.ErrInvalid, "There is no file."},
		{"another part", post("file:a", "b", "templates", "1"), rest.ErrInvalid, `other than "file" and "template"`},
		{"template no number", post("file:a", "b", "template", "x"), rest.ErrInvalid, ""},
		{"template in draft", post("file:a", "b", "template", fmt.Sprint(a.draft.ID)), rest.ErrReleased, "in service"},
		{"no such template", a.ask("submissions", `{"files":[`+file+`],"templates":[99]}`), rest.ErrReleased, "in service"},
		{"three files", post("file:a", "b", "file:a", "b", "file:a", "b"), rest.ErrTooLarge, ""},
		{"three files as JSON", a.ask("submissions", `{"files":[`+file+`,`+file+`,`+file+`]}`), rest.ErrTooLarge, ""},
		{"too many bytes", post("file:a", strings.Repeat("x", 9<<20)), rest.ErrTooLarge, ""},
		{"too many bytes as JSON", a.ask("submissions", `{"files":[{"name":"a","data":"`+strings.Repeat("AAAA", 2<<20)+`"}]}`), rest.ErrTooLarge, ""},
		{"misspelt", a.ask("submissions", `{"file":[]}`), rest.ErrInvalid, `"file" is not known`},
		{"no base64", a.ask("submissions", `{"files":[{"data":"?"}]}`), rest.ErrInvalid, "base64"},
		{"no JSON", a.ask("submissions", `{`), rest.ErrInvalid, "not JSON"},
		{"broken form", a.own(http.MethodPost, "submissions", strings.NewReader("--"), "Content-Type", "multipart/form-data; boundary=x"), rest.ErrInvalid, ""},
		{"long key", a.ask("submissions", `{"files":[`+file+`]}`, "Idempotency-Key", strings.Repeat("k", 256)), rest.ErrInvalid, "255"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a.in(t)
			tt.answer.refusedOwn(tt.want, tt.says)
		})
	}
	if n := a.pages(); n != 0 {
		t.Errorf("%d pages were taken in, want none", n)
	}
	a.set(func(d *form.Domain) { d.Settings.Quota = 1 })
	post("file:a", "b", "file:a", "b").refusedOwn(rest.ErrQuota, "this month") // each file is a call
	post("file:a", "b").status(http.StatusAccepted)
	a.set(func(d *form.Domain) { d.Settings.Quota, d.Settings.Together = 0, 1 })
	a.begin(a.domain, a.secret)
	post("file:a", "b").refusedOwn(rest.ErrRate, "")
}

func TestOwnSubmissionIsRepeated(t *testing.T) {
	a := newAPI(t)
	const name = "Idempotency-Key"
	send := func(file, key string) *answer {
		a.Helper()
		body, kind := parts(t, "file:a.jpg", file)
		return a.own(http.MethodPost, "submissions", body, "Content-Type", kind, name, key)
	}
	first := send("blank", "k").status(http.StatusAccepted)
	if again := send("blank", "k").status(http.StatusAccepted); !bytes.Equal(first.body, again.body) {
		t.Errorf("the second answer is another one:\n%s\n%s", first.body, again.body)
	}
	send("filled", "k").refusedOwn(rest.ErrInvalid, "was used for another request")
	send("blank", "l").status(http.StatusAccepted)
	if n := a.pages(); n != 2 {
		t.Errorf("%d pages were taken in, want 2", n)
	}
}

func TestOwnSearch(t *testing.T) {
	a := newAPI(t)
	other, otherSecret, err := a.cfg.DB.AddDomain(t.Context(), form.Command, "other", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	first := a.handInOwn("file:보험금 1.jpg", "filled", "file:보험금 2.tif", "II*\x00blank damaged blank")
	second := a.handInOwn("file:a_b.jpg", "filled")
	today := time.Now().Local()
	day := func(days int) string { return today.AddDate(0, 0, days).Format(time.DateOnly) }
	for _, tt := range []struct {
		name, search string
		want         []string // in their order
	}{
		{"all", ``, []string{"a_b.jpg 1", "보험금 2.tif 1", "보험금 2.tif 2", "보험금 2.tif 3", "보험금 1.jpg 1"}},
		{"empty", `{}`, []string{"a_b.jpg 1", "보험금 2.tif 1", "보험금 2.tif 2", "보험금 2.tif 3", "보험금 1.jpg 1"}},
		{"template", fmt.Sprintf(`"template":%d`, a.template.ID), []string{"a_b.jpg 1", "보험금 1.jpg 1"}},
		{"states", `"states":["failed","done"]`, []string{"a_b.jpg 1", "보험금 2.tif 2", "보험금 1.jpg 1"}},
		{"part of the name", `"document":"보험금 2"`, []string{"보험금 2.tif 1", "보험금 2.tif 2", "보험금 2.tif 3"}},
		{"decomposed name", `"document":"` + "\u1107\u1169험금 1" + `"`, []string{"보험금 1.jpg 1"}},
		{"submission", fmt.Sprintf(`"submission":%d`, second.Submission), []string{"a_b.jpg 1"}},
		{"both", fmt.Sprintf(`"submission":%d,"states":["unmatched"]`, first.Submission), []string{"보험금 2.tif 1", "보험금 2.tif 3"}},
		{"days", fmt.Sprintf(`"from":%q,"to":%q,"states":["done"]`, day(-1), day(1)), []string{"a_b.jpg 1", "보험금 1.jpg 1"}},
		{"days that are over", fmt.Sprintf(`"to":%q`, day(-2)), nil},
		{"times", fmt.Sprintf(`"from":%q`, today.Add(time.Hour).Format(time.RFC3339)), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a.in(t)
			for _, kind := range []string{"pages", "records"} {
				for _, limit := range []int{0, 1, 2} {
					if got := a.findAll(kind, tt.search, limit); !slices.Equal(got, tt.want) {
						t.Errorf("%s by %d: %q, want %q", kind, limit, got, tt.want)
					}
				}
			}
		})
	}
	none := a.do(http.MethodPost, fmt.Sprintf("/api/v1/domains/%d/pages/search", other.ID), nil, "X-OCR-SECRET", otherSecret)
	if got := string(none.status(http.StatusOK).body); got != "{\"pages\":[]}\n" {
		t.Errorf("another domain finds %s", got)
	}
	for search, says := range map[string]string{
		`{"state":["done"]}`:         `"state" is not known`,
		`{"states":["ready"]}`:       "states must be of waiting, reading, review",
		`{"states":["done","done"]}`: "each once",
		`{"template":0}`:             "template must be at least 1",
		`{"submission":-1}`:          "submission must be at least 1",
		`{"template":"1"}`:           "template is of the wrong type",
		`{"limit":0}`:                "limit must be from 1 to",
		`{"limit":201}`:              "limit must be from 1 to",
		`{"from":"yesterday"}`:       "from must be a day such as",
		`{"to":"2026-13-01"}`:        "to must be a day such as",
		`{"next":"x"}`:               "next must be that of an answer",
		`{"next":"` + rest.Cursor(strings.Repeat("0", 32)) + `"}`: "next must be that of an answer",
		`{"document":"` + strings.Repeat("가", 256) + `"}`:         "document has more than 255 characters",
		`[]`:    "not a JSON object",
		`{`:     "not JSON",
		`{} {}`: "Something follows",
	} {
		for _, kind := range []string{"pages", "records"} {
			a.ask(kind+"/search", search).refusedOwn(rest.ErrInvalid, says)
		}
	}
	a.ask("records/search", `{"limit":101}`).refusedOwn(rest.ErrInvalid, "limit must be from 1 to 100")
	a.ask("pages/search", strings.Repeat(" ", 2<<20)).refusedOwn(rest.ErrTooLarge, "")
}

// findAll returns the documents and numbers of the pages, or records, that a
// search finds, limit at a time; 0 for the usual number.
func (a *api) findAll(kind, search string, limit int) (found []string) {
	a.Helper()
	for next := ""; ; {
		members := strings.Trim(search, "{}")
		for name, v := range map[string]any{"limit": limit, "next": next} {
			if v == 0 || v == "" {
				continue
			}
			text, err := json.Marshal(v)
			if err != nil {
				a.Fatal(err)
			}
			members = strings.TrimPrefix(members+fmt.Sprintf(",%q:%s", name, text), ",")
		}
		var part struct {
			Pages, Records []rest.Record
			Next           string
		}
		read(a.ask(kind+"/search", "{"+members+"}").status(http.StatusOK), &part)
		list := slices.Concat(part.Pages, part.Records)
		for _, r := range list {
			found = append(found, fmt.Sprintf("%s %d", r.Document, r.Number))
		}
		if limit > 0 && len(list) > limit {
			a.Errorf("%d in an answer, want %d at most", len(list), limit)
		}
		if next = part.Next; next == "" {
			return found
		}
	}
}

func TestOwnAPIIsForWhoHasTheSecret(t *testing.T) {
	a := newAPI(t)
	now := &clock{time.Now()}
	a.cfg.Now = now.now
	a.start()
	taken := a.handInOwn("file:a.jpg", "filled")
	other, otherSecret, err := a.cfg.DB.AddDomain(t.Context(), form.Command, "other", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	body := func(path string) io.Reader {
		if strings.HasSuffix(path, "results") {
			return strings.NewReader(`{"uids":["` + taken.Pages[0].UID + `"]}`)
		}
		return nil
	}
	var refusals []string
	for _, r := range (&server{}).ownRoutes() {
		now.Time = now.Add(time.Hour) // strangers must not be too many at once
		path := strings.NewReplacer(":uid", taken.Pages[0].UID, ":submission", fmt.Sprint(taken.Submission)).Replace(r.path)
		ask := func(domain, secret string) *answer {
			a.Helper()
			path := strings.Replace(path, ":domain", domain, 1)
			return a.do(r.method, path, body(path), "X-OCR-SECRET", secret)
		}
		mine := fmt.Sprint(a.domain.ID)
		for _, bad := range []*answer{
			ask(mine, ""), ask(mine, "x"), ask(mine, otherSecret), ask("99", a.secret), ask("x", a.secret), ask("0", a.secret),
		} {
			bad.refusedOwn(rest.ErrSecret, "")
			refusals = append(refusals, string(ids.ReplaceAll(bad.body, []byte("$1"))))
		}
		a.own(r.method, strings.TrimPrefix(path, "/api/v1/domains/:domain/")+"?limit=1", body(path)).refusedOwn(rest.ErrInvalid, `no parameter "limit"`)
	}
	if slices.Sort(refusals); len(slices.Compact(refusals)) != 1 {
		t.Errorf("refusals differ: %q", slices.Compact(refusals))
	}
	// What another domain has is nothing to who has a secret of its own.
	for _, path := range []string{"records/" + taken.Pages[0].UID, fmt.Sprintf("submissions/%d", taken.Submission), "submissions/99", "submissions/x", "records/x"} {
		a.get(fmt.Sprintf("/api/v1/domains/%d/%s", other.ID, path), "X-OCR-SECRET", otherSecret).refusedOwn(rest.ErrNotFound, "")
	}
	a.get("/api/v1/no/such").refusedOwn(rest.ErrNotFound, "")
	a.own(http.MethodDelete, "templates", nil).refusedOwn(rest.ErrMethod, "")
}

// What a program is told of our errors says whether another try may do better.
func TestOwnError(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want *rest.Error
	}{
		{fmt.Errorf("x: %w", rest.ErrInvalid), rest.ErrInvalid},
		{clova.ErrSecret, rest.ErrSecret},
		{clova.ErrRate.Because("one at a time"), rest.ErrRate},
		{clova.ErrQuota, rest.ErrQuota},
		{clova.ErrDeploy, rest.ErrReleased},
		{fmt.Errorf("page: %w", form.ErrNotFound), rest.ErrNotFound},
		{form.Invalid("files", "there are none"), rest.ErrInvalid},
		{&http.MaxBytesError{}, rest.ErrTooLarge},
		{echo.ErrMethodNotAllowed, rest.ErrMethod},
		{fmt.Errorf("put: %w", syscall.ENOSPC), rest.ErrFull},
		{fmt.Errorf("put: %w", syscall.EIO), rest.ErrStorage},
		{fmt.Errorf("wait: %w", context.DeadlineExceeded), rest.ErrSlow},
		{errors.New("x"), rest.ErrInternal},
	} {
		if got := ownError(tt.err); !errors.Is(got, tt.want) || got.RetryAfter != tt.want.RetryAfter {
			t.Errorf("ownError(%v) = %v, want %v", tt.err, got, tt.want)
		}
	}
}

func TestOwnResults(t *testing.T) {
	a := newAPI(t)
	taken := a.handInOwn("file:a.jpg", "filled", "file:b.jpg", "blank")
	unknown := strings.Repeat("0", 32)
	var got struct {
		Results []json.RawMessage
		Missing []string
	}
	uids := []string{taken.Pages[1].UID, unknown, taken.Pages[0].UID}
	read(a.ask("results", fmt.Sprintf(`{"uids":["%s"]}`, strings.Join(uids, `","`))).status(http.StatusOK), &got)
	if len(got.Results) != 2 || !slices.Equal(got.Missing, []string{unknown}) {
		t.Fatalf("got %s, missing %q", got.Results, got.Missing)
	}
	base := strings.TrimSuffix(a.domain.InvokePath(), "infer") + "results/"
	for i, uid := range []string{uids[0], uids[2]} {
		want := times.ReplaceAll(a.get(base+uid, "X-OCR-SECRET", a.secret).body, []byte(`"timestamp":0`))
		if got := times.ReplaceAll(got.Results[i], []byte(`"timestamp":0`)); !bytes.Equal(got, bytes.TrimSpace(want)) {
			t.Errorf("result of %s:\n%s\nwant\n%s", uid, got, want)
		}
	}
	for body, says := range map[string]string{
		``: "1 to 100", `{"uids":[]}`: "1 to 100", `{"uids":["a","a"]}`: "uids[1] is there twice", `{"ids":[]}`: "not known",
		`{"uids":[` + strings.Repeat(`"a",`, 100) + `"a"]}`: "1 to 100",
	} {
		a.ask("results", body).refusedOwn(rest.ErrInvalid, says)
	}
}

var (
	anyUID  = regexp.MustCompile(`\b[0-9a-f]{32}\b`)
	anyID   = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	anyTime = regexp.MustCompile(`"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z"|\b[0-9]{13}\b`)
	anyNext = regexp.MustCompile(`"next":"[0-9A-Za-z_-]{22}"`)
)

// withoutChance returns JSON without what is another one each time.
func withoutChance(text []byte) []byte {
	text = anyUID.ReplaceAll(text, []byte("{uid}"))
	text = anyID.ReplaceAll(text, []byte("{id}"))
	text = anyTime.ReplaceAll(text, []byte(`"{time}"`))
	return anyNext.ReplaceAll(text, []byte(`"next":"{next}"`))
}

// The answers that the description of the own API shows are those that the site
// gives, and every one is as its schema says.
func TestOwnAPIExamples(t *testing.T) {
	a := newContract(t, nil)
	doc := a.description()
	taken := a.handInOwn("file:신청서.jpg", "whole", "file:백지.jpg", "blank")
	p, err := a.cfg.DB.PageByUID(t.Context(), a.domain.ID, taken.Pages[0].UID)
	if err != nil {
		t.Fatal(err)
	}
	a.addUser("kim")
	kim, err := a.cfg.DB.UserByName(t.Context(), "kim")
	if err != nil {
		t.Fatal(err)
	}
	template, err := a.cfg.DB.Template(t.Context(), form.Everything, p.Template, p.Version)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []form.Correction{{Field: "주소", Text: "서울 중구 세종대로 110"}, {Field: "동의", Checked: true, Text: "예"}} {
		c.Field = named(template, []form.Reading{{Field: c.Field}})[0].Field
		c.Page, c.Run = p.ID, p.Run
		if _, _, err := a.cfg.DB.AddCorrection(t.Context(), form.Person(kim.ID), c, 0); err != nil {
			t.Fatal(err)
		}
	}
	uncounted := a.uncounted()
	if _, err := a.cfg.DB.HoldPages(t.Context(), form.Person(kim.ID), 0, []form.PageID{p.ID}, "분쟁"); err != nil {
		t.Fatal(err)
	}
	body, kind := parts(t, "file:신청서.jpg", "whole", "file:백지.jpg", "blank")
	again, kindAgain := parts(t, "file:신청서.jpg", "whole")
	called := make(map[*openapi3.Operation]bool)
	for name, got := range map[string]*answer{
		"templates":        a.own(http.MethodGet, "templates", nil),
		"submitted":        a.own(http.MethodPost, "submissions", body, "Content-Type", kind),
		"progress":         a.get(taken.Progress, "X-OCR-SECRET", a.secret),
		"pages":            a.ask("pages/search", fmt.Sprintf(`{"submission":%d,"limit":1}`, taken.Submission)),
		"records":          a.ask("records/search", fmt.Sprintf(`{"submission":%d,"states":["done"]}`, taken.Submission)),
		"record":           a.get(taken.Pages[1].Record, "X-OCR-SECRET", a.secret),
		"results":          a.ask("results", fmt.Sprintf(`{"uids":[%q]}`, taken.Pages[1].UID)),
		"own-not-yet":      a.own(http.MethodDelete, "pages/"+uncounted, nil),
		"own-held":         a.own(http.MethodDelete, "pages/"+taken.Pages[0].UID, nil),
		"own-invalid":      a.ask("pages/search", `{"state":"done"}`),
		"own-unauthorized": a.own(http.MethodGet, "templates", nil, "X-OCR-SECRET", "x"),
		"own-not-found":    a.own(http.MethodGet, "records/x", nil),
		"own-not-released": a.do(http.MethodPost, fmt.Sprintf("/api/v1/domains/%d/submissions", a.empty.ID), again, "Content-Type", kindAgain, "X-OCR-SECRET", a.emptySecret),
	} {
		t.Run(name, func(t *testing.T) {
			called[operation(doc, got.Request.Method, got.Request.URL.Path)] = true
			example, schema := exampleOf(t, doc, got, name)
			text, err := json.Marshal(example)
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.VisitJSON(parsed(t, got.body), openapi3.EnableJSONSchema2020()); err != nil {
				t.Errorf("%v\nin %s", err, got.body)
			}
			submission := regexp.MustCompile(`("submission":|/submissions/)\d+`)
			mask := func(b []byte) any { return parsed(t, submission.ReplaceAll(withoutChance(b), []byte("${1}7"))) }
			if diff := cmp.Diff(mask(compact(t, text)), mask(got.body)); diff != "" {
				t.Errorf("example (-described +answered):\n%s\nanswer %s", diff, got.body)
			}
		})
	}
	held := a.do(http.MethodDelete, taken.Progress, nil, "X-OCR-SECRET", a.secret)
	exampleOf(t, doc, held, "own-held") // else see TestOwnDeletion: there is no body
	called[operation(doc, http.MethodDelete, taken.Progress)] = true
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if strings.HasPrefix(path, ownRoot) && !called[op] {
				t.Errorf("%s %s is not called", method, path)
			}
		}
	}
}

// exampleOf returns the named example of an answer, and its schema.
func exampleOf(t *testing.T, doc *openapi3.T, got *answer, name string) (any, *openapi3.Schema) {
	t.Helper()
	path, method := got.Request.URL.Path, got.Request.Method
	op := operation(doc, method, path)
	if op == nil || op.Responses.Status(got.StatusCode) == nil {
		t.Fatalf("%s %s, status %d: not described", method, path, got.StatusCode)
	}
	content := op.Responses.Status(got.StatusCode).Value.Content["application/json"]
	example := content.Examples[name]
	if example == nil {
		t.Fatalf("%s %s, status %d: there is no example %s; the answer is\n%s", method, path, got.StatusCode, name, got.body)
	}
	return example.Value.Value, content.Schema.Value
}

// Every example is as its schema says, those of the protocol are rows of the
// contract, and those that the page for people shows are the same.
func TestExamplesAreValid(t *testing.T) {
	doc := newSite(t).description()
	named := make(map[string]any)
	check := func(where string, content openapi3.Content) {
		for _, media := range content {
			for name, example := range media.Examples {
				if err := media.Schema.Value.VisitJSON(example.Value.Value, openapi3.EnableJSONSchema2020()); err != nil {
					t.Errorf("%s: example %s: %v", where, name, err)
				}
				named[name] = example.Value.Value
			}
		}
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			where := method + " " + path
			if op.RequestBody != nil {
				check(where, op.RequestBody.Value.Content)
			}
			for status, r := range op.Responses.Map() {
				check(where, r.Value.Content)
				if content := r.Value.Content["application/json"]; content != nil && len(content.Examples) == 0 {
					t.Errorf("%s: status %s has no example", where, status)
				}
			}
		}
	}
	for _, row := range contract {
		if example := named[row.name]; example != nil {
			text, err := json.Marshal(example)
			if err != nil {
				t.Fatal(err)
			}
			want := readFile(t, "testdata/contract/"+row.name+".json")
			unknown := strings.NewReplacer("{trace}", "{uid}", `"timestamp":0`, `"timestamp":"{time}"`, "{hash}", strings.Repeat("0", 64), "{busy-hash}", strings.Repeat("0", 64))
			if diff := cmp.Diff(parsed(t, []byte(unknown.Replace(string(compact(t, want))))), parsed(t, withoutChance(text))); diff != "" {
				t.Errorf("example %s (-contract +described):\n%s", row.name, diff)
			}
		}
	}
	shown := regexp.MustCompile("(?s)```json ([a-z0-9-]+)\n(.*?)```").FindAllSubmatch(docs.Markdown, -1)
	if len(shown) < 8 {
		t.Errorf("%d examples in api.md", len(shown))
	}
	for _, m := range shown {
		name := string(m[1])
		if named[name] == nil {
			t.Errorf("api.md shows %s, which the description has not", name)
			continue
		}
		text, err := json.Marshal(named[name])
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(parsed(t, text), parsed(t, m[2])); diff != "" {
			t.Errorf("api.md, %s (-described +shown):\n%s", name, diff)
		}
	}
}

// The page for people is there without a log-in, and its links lead somewhere.
func TestAPIDocs(t *testing.T) {
	s := newSite(t)
	page := s.get("/docs/api", "Accept-Language", "ko").status(http.StatusOK).says("h1", "The API").says("code", "/pages/search").says("td", "enableTableDetection")
	places := make(map[string]bool)
	for _, n := range page.all("[id]") {
		places["#"+attr(n, "id")] = true
	}
	for _, n := range page.all("a") {
		if to := attr(n, "href"); strings.HasPrefix(to, "#") && !places[to] {
			t.Errorf("a link leads to %s, which is not there", to)
		}
	}
	s.addUser("admin")
	s.logIn("admin", testPassword)
	id := s.addDomain("총무과", "출장 신청서")
	s.get(fmt.Sprintf("/domains/%d", id), "Accept-Language", "ko").status(http.StatusOK).says("a", "API 설명서")
}
