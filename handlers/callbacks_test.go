package handlers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/callback"
	"github.com/seosik/seosik/internal/fetch"
	"github.com/seosik/seosik/internal/form"
)

// An office is a program of the customer that is asked about pages, and told
// of them.
type office struct {
	*httptest.Server
	says    http.HandlerFunc // to a validation
	letters chan letter
}

// A letter is what an office got.
type letter struct {
	event  string
	header http.Header
	body   []byte
}

func newOffice(t *testing.T) *office {
	o := &office{letters: make(chan letter, 100)}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		l := letter{r.Header.Get("X-Seosik-Event"), r.Header, body}
		if l.event == "validation" {
			o.says(w, r)
		}
		o.letters <- l
	}))
	t.Cleanup(o.Close)
	return o
}

// next returns the next letter about an event.
func (o *office) next(t *testing.T, event string) letter {
	t.Helper()
	for {
		select {
		case l := <-o.letters:
			if l.event == event {
				return l
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("no letter about %s", event)
		}
	}
}

// The verdict of an external validation stands in the answer, and what is sent
// to it and to the webhook is as the OpenAPI document says, with a signature.
func TestCallbacks(t *testing.T) {
	o := newOffice(t)
	a := newContract(t, nil, func(a *contractSite) {
		allow, err := fetch.ParseAllowed([]string{"127.0.0.1"})
		if err != nil {
			t.Fatal(err)
		}
		a.outside = callback.New(callback.Config{
			DB: a.cfg.DB, Blobs: a.cfg.Blobs, Client: fetch.New(fetch.Config{Allow: allow}), Pause: time.Millisecond,
		})
		a.set(func(d *form.Domain) { d.Settings.Webhook = o.URL })
		if err := a.cfg.DB.SetValidation(t.Context(), form.Command, a.template.ID, o.URL); err != nil {
			t.Fatal(err)
		}
	})
	doc := a.description()
	say := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	for _, tt := range []struct {
		name string
		says http.HandlerFunc
		want map[string]any
	}{
		{"valid", say(200, `{"result":"VALID"}`), map[string]any{"result": "VALID"}},
		{"invalid", say(200, `{"result":"INVALID","message":"합계가 다릅니다"}`), map[string]any{"result": "INVALID", "message": "합계가 다릅니다"}},
		{"error", say(200, `{"validationResult":{"result":"ERROR"}}`), map[string]any{"result": "ERROR"}},
		{"no verdict", say(200, `{}`), map[string]any{
			"result": "UNCHECKED", "message": "The validation gave no verdict: its answer has no result VALID, INVALID or ERROR.",
		}},
		{"broken", say(500, ""), map[string]any{
			"result": "UNCHECKED", "message": "The validation gave no verdict: it answered with status 500.",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a.in(t)
			o.says = tt.says
			got := a.wire(a.requestFile("success-v2"))
			want := exact(t, readFile(t, "testdata/contract/success-v2.json")).(map[string]any)
			want["images"].([]any)[0].(map[string]any)["validationResult"] = tt.want
			if diff := cmp.Diff(any(want), exact(t, a.timeless(got.body))); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
			if err := fits(operation(doc, http.MethodPost, a.domain.InvokePath()).Responses.Status(http.StatusOK).Value.Content, got.body); err != nil {
				t.Error(err)
			}
			asked, told := o.next(t, "validation"), o.next(t, "page")
			a.signed(doc.Webhooks["validation"].Post, asked)
			a.signed(doc.Webhooks["page"].Post, told)
			if !bytes.Contains(asked.body, []byte(`"UNCHECKED"`)) {
				t.Errorf("the question %s is not about something unchecked", asked.body)
			}
			var event struct{ Result string }
			if err := json.Unmarshal(told.body, &event); err != nil {
				t.Fatal(err)
			}
			a.get(event.Result, "X-OCR-SECRET", a.secret).status(http.StatusOK)
		})
	}
}

// signed holds that a letter is as post says, and has the domain's signature.
func (a *contractSite) signed(post *openapi3.Operation, l letter) {
	a.Helper()
	if err := fits(post.RequestBody.Value.Content, l.body); err != nil {
		a.Error(err)
	}
	for _, p := range post.Parameters {
		value := l.header.Get(p.Value.Name)
		if pattern := p.Value.Schema.Value.Pattern; value == "" || !regexp.MustCompile(pattern).MatchString(value) {
			a.Errorf("header %s: %q", p.Value.Name, value)
		}
	}
	d, err := a.cfg.DB.Domain(a.Context(), form.Everything, a.domain.ID)
	if err != nil {
		a.Fatal(err)
	}
	want := callback.Signature(d.SigningKey, l.header.Get("X-Seosik-Timestamp"), l.body)
	if got := l.header.Get("X-Seosik-Signature"); got != want {
		a.Errorf("signature %s, want %s", got, want)
	}
}

// A person who corrects a page that was done is told of once, however many
// values that were, and the result has them.
func TestTheWebhookIsToldOfCorrections(t *testing.T) {
	o := newOffice(t)
	a := newContract(t, nil, func(a *contractSite) {
		allow, err := fetch.ParseAllowed([]string{"127.0.0.1"})
		if err != nil {
			t.Fatal(err)
		}
		a.outside = callback.New(callback.Config{DB: a.cfg.DB, Blobs: a.cfg.Blobs, Client: fetch.New(fetch.Config{Allow: allow})})
		a.set(func(d *form.Domain) { d.Settings.Webhook = o.URL })
	})
	post := a.description().Webhooks["page"].Post
	type event struct {
		UID, Result string
		State       form.State
		Corrected   *bool
	}
	told := func() (e event) {
		t.Helper()
		l := o.next(t, "page")
		a.signed(post, l)
		if err := json.Unmarshal(l.body, &e); err != nil {
			t.Fatal(err)
		}
		return e
	}
	a.wire(a.requestFile("success-v2"))
	read := told()
	p, err := a.cfg.DB.PageByUID(t.Context(), a.domain.ID, read.UID)
	if err != nil {
		t.Fatal(err)
	}
	if read.Corrected != nil || read.State != p.State {
		t.Errorf("told %+v of a page that has been read", read)
	}
	a.addUser("admin")
	a.logIn("admin", testPassword)
	correct := func(field, text string, seen form.CorrectionID) {
		t.Helper()
		a.post(fmt.Sprintf("/pages/%d/corrections", p.ID), url.Values{
			"field": {field}, "run": {"1"}, "seen": {fmt.Sprint(seen)}, "text": {text},
		}, "HX-Request", "true").status(http.StatusOK)
	}
	if p.State != form.StateDone {
		t.Fatalf("the page is %s", p.State)
	}
	correct("0", "가", 0)
	correct("1", "나", 0)
	again := told()
	if again.UID != read.UID || again.State != form.StateDone || again.Corrected == nil || !*again.Corrected {
		t.Errorf("told %+v of a page that was corrected", again)
	}
	said := string(a.get(again.Result, "X-OCR-SECRET", a.secret).status(http.StatusOK).body)
	if !strings.Contains(said, `"가"`) || !strings.Contains(said, `"나"`) {
		t.Errorf("result %s", said)
	}
	if n, err := a.cfg.DB.Untold(t.Context(), a.domain.ID); err != nil || n > 1 { // the letter may not be noted as delivered yet
		t.Errorf("%d notices are left, %v", n, err)
	}
}
