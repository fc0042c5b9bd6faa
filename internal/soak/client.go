package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
)

// A ledger is what was sent, and what was answered. What was answered well has
// to be there whatever happens later.
type ledger struct {
	mu      sync.Mutex
	sent    map[blob.Key]*file
	uploads []upload
	calls   []call
	said    []*said
	kept    exported            // files to be taken
	folded  exported            // files in the folder
	taken   map[string]blob.Key // what was taken, by export
	answers map[string]int      // how many of each kind, as "upload 303"
	wrong   []string            // answers that must not be
}

// An upload was answered with 303.
type upload struct {
	submission form.SubmissionID
	files      []*file
	at         time.Time
}

// A call of the API was answered with 200.
type call struct {
	file   *file
	images []answeredImage
}

type answeredImage struct{ UID, InferResult string }

func newLedger() *ledger {
	return &ledger{sent: make(map[blob.Key]*file), taken: make(map[string]blob.Key), answers: make(map[string]int)}
}

// send notes files before they are sent.
func (l *ledger) send(files ...*file) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range files {
		l.sent[f.key] = f
	}
}

// note notes an answer.
func (l *ledger) note(answer string, keep func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers[answer]++
	if keep != nil {
		keep()
	}
}

// complain notes an answer that must not be.
func (l *ledger) complain(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wrong = append(l.wrong, fmt.Sprintf(format, args...))
}

// login logs the administrator in.
func (h *house) login(ctx context.Context, site string) error {
	body := url.Values{"user": {"admin"}, "password": {h.password}}.Encode()
	a, err := h.ask(ctx, http.MethodPost, site+"/login", formKind, strings.NewReader(body))
	if err == nil && a.status != http.StatusSeeOther {
		err = fmt.Errorf("log in: status %d", a.status)
	}
	return err
}

// upload uploads files as a browser does, and returns the status, or 0 where
// there was no answer.
func (h *house) upload(ctx context.Context, site string, files ...*file) (status int, text string) {
	h.ledger.send(files...)
	body, kind := multi(map[string]string{"domain": strconv.FormatInt(int64(h.domain), 10)}, files...)
	a, err := h.ask(ctx, http.MethodPost, site+"/submissions", kind, body)
	if err != nil {
		h.ledger.note("upload cut off", nil)
		return 0, ""
	}
	var keep func()
	if a.status == http.StatusSeeOther {
		id, err := strconv.ParseInt(strings.TrimPrefix(a.location, "/submissions/"), 10, 64)
		if err != nil {
			h.ledger.complain("the browser was sent to %s after an upload", a.location)
		}
		keep = func() {
			h.ledger.uploads = append(h.ledger.uploads, upload{form.SubmissionID(id), files, time.Now()})
		}
	}
	h.ledger.note(fmt.Sprintf("upload %d", a.status), keep)
	return a.status, string(a.body)
}

// infer calls the API with a file.
func (h *house) infer(ctx context.Context, site string, f *file) {
	h.ledger.send(f)
	message, err := json.Marshal(map[string]any{
		"version": "V2", "requestId": f.name, "timestamp": 0,
		"images": []any{map[string]any{"format": f.format, "name": f.name}},
	})
	if err != nil {
		panic(err) // it is made of texts
	}
	body, kind := multi(map[string]string{"message": string(message)}, f)
	a, err := h.ask(ctx, http.MethodPost, site+h.invoke, kind, body)
	if err != nil {
		h.ledger.note("call cut off", nil)
		return
	}
	var keep func()
	if a.status == http.StatusOK {
		var said struct{ Images []answeredImage }
		if err := json.Unmarshal(a.body, &said); err != nil {
			h.ledger.complain("a call was answered with what is no JSON: %v", err)
		}
		keep = func() { h.ledger.calls = append(h.ledger.calls, call{f, said.Images}) }
	}
	h.ledger.note(fmt.Sprintf("call %d", a.status), keep)
}

// An answer is what a request was answered with.
type answer struct {
	status   int
	location string
	body     []byte
}

const formKind = "application/x-www-form-urlencoded"

// ask sends a request, whose header holds more names and values in turn, and returns
// the whole answer.
func (h *house) ask(ctx context.Context, method, address, kind string, body io.Reader, more ...string) (a answer, err error) {
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return a, err
	}
	req.Header.Set("Content-Type", kind)
	for i := 0; i+1 < len(more); i += 2 {
		req.Header.Set(more[i], more[i+1])
	}
	req.Header.Set("Accept-Language", "en")
	req.Header.Set("X-OCR-SECRET", h.secret)
	resp, err := h.browser.Do(req)
	if err != nil {
		return a, err
	}
	defer resp.Body.Close()
	a = answer{status: resp.StatusCode, location: resp.Header.Get("Location")}
	a.body, err = io.ReadAll(resp.Body)
	return a, err
}

// multi returns a multipart body.
func multi(values map[string]string, files ...*file) (body io.Reader, kind string) {
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	var errs []error
	for name, value := range values {
		errs = append(errs, w.WriteField(name, value))
	}
	for _, f := range files {
		part, err := w.CreateFormFile("file", f.name)
		if err == nil {
			_, err = part.Write(f.data)
		}
		errs = append(errs, err)
	}
	if err := errors.Join(append(errs, w.Close())...); err != nil {
		panic(err) // a buffer takes all
	}
	return &out, w.FormDataContentType()
}
