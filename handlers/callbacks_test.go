package handlers

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
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
		if err := a.cfg.DB.SetValidation(t.Context(), a.template.ID, o.URL); err != nil {
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
	d, err := a.cfg.DB.Domain(a.Context(), a.domain.ID)
	if err != nil {
		a.Fatal(err)
	}
	want := callback.Signature(d.SigningKey, l.header.Get("X-Seosik-Timestamp"), l.body)
	if got := l.header.Get("X-Seosik-Signature"); got != want {
		a.Errorf("signature %s, want %s", got, want)
	}
}
