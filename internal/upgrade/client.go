package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A client is a person with a browser, or a program with a secret.
type client struct {
	site   string // as http://127.0.0.1:8080
	http   *http.Client
	secret string // of a program
}

// newClient returns one that follows no redirects.
func newClient(site, secret string) *client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // it never is
	}
	return &client{site, &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, secret}
}

// login returns a person who is logged in.
func login(ctx context.Context, site string, u user) (*client, error) {
	c := newClient(site, "")
	_, err := c.form(ctx, "/login", url.Values{"user": {u.Name}, "password": {u.Password}})
	return c, err
}

// send sends a request, and returns where it leads, or else the body. A status
// of 400 or more is an error.
func (c *client) send(ctx context.Context, method, path string, header map[string]string, body io.Reader) (to string, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, method, c.site+path, body)
	if err != nil {
		return "", nil, err
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	if c.secret != "" {
		req.Header.Set("X-OCR-SECRET", c.secret)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return "", nil, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s %s: status %d: %.300s", method, path, resp.StatusCode, answer)
	}
	return resp.Header.Get("Location"), answer, err
}

func (c *client) get(ctx context.Context, path string) ([]byte, error) {
	_, body, err := c.send(ctx, http.MethodGet, path, nil, nil)
	return body, err
}

// form sends what a person typed, and returns where that leads.
func (c *client) form(ctx context.Context, path string, values url.Values) (to string, err error) {
	header := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	to, _, err = c.send(ctx, http.MethodPost, path, header, strings.NewReader(values.Encode()))
	return to, err
}

// ask sends JSON and reads the answer.
func (c *client) ask(ctx context.Context, path string, header map[string]string, question, answer any) error {
	text, err := json.Marshal(question)
	if err != nil {
		return err
	}
	all := map[string]string{"Content-Type": "application/json"}
	for name, value := range header {
		all[name] = value
	}
	_, body, err := c.send(ctx, http.MethodPost, path, all, bytes.NewReader(text))
	if err != nil {
		return err
	}
	return json.Unmarshal(body, answer)
}

// A file is one that is sent.
type file struct {
	name string
	data []byte
}

// upload uploads files, template is 0 for any in service, and returns the path
// of the submission.
func (c *client) upload(ctx context.Context, domain, template int, files ...file) (string, error) {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	errs := []error{w.WriteField("domain", fmt.Sprint(domain))}
	if template != 0 {
		errs = append(errs, w.WriteField("template", fmt.Sprint(template)))
	}
	for _, f := range files {
		part, err := w.CreateFormFile("file", f.name)
		if err == nil {
			_, err = part.Write(f.data)
		}
		errs = append(errs, err)
	}
	if err := errors.Join(append(errs, w.Close())...); err != nil {
		return "", err
	}
	to, _, err := c.send(ctx, http.MethodPost, "/submissions", map[string]string{"Content-Type": w.FormDataContentType()}, &body)
	return to, err
}

var pageLink = regexp.MustCompile(`href="/pages/(\d+)"`)

// pages returns the ids of the pages of a submission, once all have been read,
// in the order in which they came to be.
func (c *client) pages(ctx context.Context, submission string) (ids []string, err error) {
	for {
		body, err := c.get(ctx, submission)
		if err != nil {
			return nil, err
		}
		if !bytes.Contains(body, []byte(`hx-trigger="every 1s"`)) {
			seen := make(map[string]bool)
			for _, m := range pageLink.FindAllSubmatch(body, -1) {
				if id := string(m[1]); !seen[id] {
					seen[id] = true
					ids = append(ids, id)
				}
			}
			slices.SortFunc(ids, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) }) // as numbers
			return ids, nil
		}
		if err := pause(ctx); err != nil {
			return nil, err
		}
	}
}

// settled waits until a page has been read.
func (c *client) settled(ctx context.Context, page string) error {
	for {
		body, err := c.get(ctx, "/pages/"+page)
		if err != nil || !bytes.Contains(body, []byte(`/ready"`)) {
			return err
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context) error {
	select {
	case <-time.After(100 * time.Millisecond):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// correct says what the place with an index holds; "x" and "" of a checkbox.
func (c *client) correct(ctx context.Context, page string, index int, checkbox bool, text string) error {
	body, err := c.get(ctx, "/pages/"+page)
	if err != nil {
		return err
	}
	row := regexp.MustCompile(fmt.Sprintf(`(?s)<form id="field-%d".*?name="run" value="(\d+)".*?name="seen" value="(\d+)"`, index)).FindSubmatch(body)
	if row == nil {
		return fmt.Errorf("page %s has no field %d", page, index)
	}
	values := url.Values{"field": {fmt.Sprint(index)}, "run": {string(row[1])}, "seen": {string(row[2])}}
	switch {
	case checkbox && text != "":
		values.Set("checked", "true")
	case !checkbox:
		values.Set("text", text)
	}
	_, err = c.form(ctx, "/pages/"+page+"/corrections", values)
	return err
}
