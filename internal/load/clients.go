package main

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
	"strconv"
	"strings"
	"sync"
	"time"
)

// errWait is what a sender is told that should come again.
var errWait = errors.New("wait")

// A tally counts what became of files.
type tally struct {
	mu       sync.Mutex
	done     int
	waits    int // times that a sender was told to come again
	late     int // still waited when the time was over
	failures map[string]int
	took     time.Duration
}

func newTally() *tally { return &tally{failures: make(map[string]int)} }

func (t *tally) failed() (n int) {
	for _, of := range t.failures {
		n += of
	}
	return n
}

// run calls send for n files at once, and again for those that are told to wait.
func (t *tally) run(ctx context.Context, n int, send func(i int) error) {
	start := time.Now()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			err := send(i)
			for pause := 5 * time.Second; errors.Is(err, errWait) && ctx.Err() == nil; pause = min(2*pause, time.Minute) {
				t.count(&t.waits)
				select {
				case <-time.After(pause):
				case <-ctx.Done():
				}
				err = send(i)
			}
			switch {
			case err == nil:
				t.count(&t.done)
				return
			case ctx.Err() != nil:
				t.count(&t.late)
				return
			}
			t.mu.Lock()
			defer t.mu.Unlock()
			t.failures[err.Error()]++
		})
	}
	all.Wait()
	t.took = time.Since(start)
}

func (t *tally) count(what *int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	*what++
}

// An office is a browser in which somebody is logged in.
type office struct {
	address string
	client  *http.Client
}

// do sends a request whose header holds the given names and values in turn.
// Its error names no address, so that errors can be counted.
func (o *office) do(ctx context.Context, client *http.Client, method, path string, body io.Reader, header ...string) (status int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, method, o.address+path, body)
	if err != nil {
		return 0, nil, err
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, errors.New(regexp.MustCompile(`\S*127\.0\.0\.1\S*`).ReplaceAllString(err.Error(), "…"))
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

// fresh returns a client with a connection of its own, as another person has.
func (o *office) fresh() *http.Client {
	c := *o.client
	c.Transport = &http.Transport{DisableKeepAlives: true}
	return &c
}

// upload sends copy i as the upload page does.
func (o *office) upload(ctx context.Context, p *picture, i int) error {
	const boundary = "a-boundary-of-the-load"
	part := func(name, more string) string {
		return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"" + more + "\r\n\r\n"
	}
	body := piecemeal(
		strings.NewReader(part("domain", "")+"1\r\n"+part("file", "; filename=\""+strconv.Itoa(i)+".png\"")),
		p.copy(i),
		strings.NewReader("\r\n--"+boundary+"--\r\n"))
	status, _, err := o.do(ctx, o.fresh(), http.MethodPost, "/submissions", body,
		"Content-Type", "multipart/form-data; boundary="+boundary, "HX-Request", "true")
	switch {
	case err != nil:
		return err
	case status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests:
		return errWait
	case status >= http.StatusBadRequest:
		return fmt.Errorf("status %d", status)
	}
	return nil
}

// call has copy i read through the API.
func (s *server) call(ctx context.Context, p *picture, i int) error {
	o := office{address: s.address, client: http.DefaultClient}
	body := piecemeal(
		strings.NewReader(`{"version":"V2","requestId":"`+strconv.Itoa(i)+`","timestamp":0,"images":[{"format":"png","name":"load","data":"`+
			base64.StdEncoding.EncodeToString(p.start(i))),
		bytes.NewReader(p.base64), strings.NewReader(`"}]}`))
	status, answer, err := o.do(ctx, o.fresh(), http.MethodPost, s.domain.InvokePath, body,
		"Content-Type", "application/json", "X-OCR-SECRET", s.domain.Secret)
	if err != nil {
		return err
	}
	var said struct {
		Code   string
		Images []struct{ InferResult string }
	}
	if err := json.Unmarshal(answer, &said); err != nil {
		return fmt.Errorf("status %d, not JSON", status)
	}
	switch {
	case said.Code == "0025":
		return errWait
	case said.Code != "" || len(said.Images) != 1:
		return fmt.Errorf("status %d, code %s", status, said.Code)
	case said.Images[0].InferResult != "SUCCESS":
		return errors.New(said.Images[0].InferResult)
	}
	return nil
}

// lists asks for lists while during runs, and returns how long each took.
func (o *office) lists(ctx context.Context, during func()) (took []time.Duration) {
	stop, asked := make(chan struct{}), make(chan []time.Duration)
	go func() {
		var took []time.Duration
		defer func() { asked <- took }()
		paths := []string{"/pages", "/review", "/", "/pages?state=review", "/export", "/templates"}
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
			}
			start := time.Now()
			status, _, err := o.do(ctx, o.client, http.MethodGet, paths[i%len(paths)], bytes.NewReader(nil))
			if err == nil && status >= http.StatusBadRequest {
				err = fmt.Errorf("status %d", status)
			}
			if err != nil && ctx.Err() == nil {
				took = append(took, time.Minute) // it counts as the longest
			}
			if err != nil {
				continue
			}
			took = append(took, time.Since(start))
		}
	}()
	during()
	close(stop)
	return <-asked
}
