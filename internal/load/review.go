package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/seosik/seosik/internal/clerk"
	"github.com/seosik/seosik/internal/sample/demo"
)

const (
	backlog  = 40               // times that the demo's scans are sent
	reviewIn = 60 * time.Second // how long is reviewed while they are read
)

// A review is how long a person waited for what they asked for, by kind.
type review struct {
	*office
	took   map[string][]time.Duration
	failed int
}

// underReview has a person correct pages while more are read than can be, and
// reports whether the bars are met meanwhile.
func (o *office) underReview() bool {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	fmt.Printf("\nA person corrects pages for %v while others are read\n", reviewIn)
	if err := o.fill(ctx); err != nil {
		fmt.Printf("  not measured            %v\n", err)
		return false
	}
	r := &review{office: o, took: make(map[string][]time.Duration)}
	for end := time.Now().Add(reviewIn); time.Now().Before(end); {
		r.next(ctx)
	}
	waiting, err := o.pages(ctx, "waiting")
	met := err == nil && len(waiting) > 0 && r.failed == 0
	for _, kind := range []string{"list", "page", "picture", "correction"} {
		at := percentile(r.took[kind])
		fmt.Printf("  %-23s 50th %v, 95th %v (bar %v), longest %v, of %d\n", kind, at(.5), at(.95), maxList, at(1), len(r.took[kind]))
		met = met && len(r.took[kind]) > 0 && at(.95) <= maxList
	}
	fmt.Printf("  failed                  %d (bar 0); still to be read at the end: %v\n", r.failed, len(waiting) > 0)
	return met
}

// fill sends scans, and returns when some are read.
func (o *office) fill(ctx context.Context) error {
	for range backlog {
		for _, scan := range demo.Load().Scans {
			if err := o.send(ctx, scan); err != nil {
				return err
			}
		}
	}
	for ctx.Err() == nil {
		if pages, err := o.pages(ctx, "review"); err != nil || len(pages) > 9 {
			return err
		}
		time.Sleep(time.Second)
	}
	return ctx.Err()
}

func (o *office) send(ctx context.Context, scan demo.Scan) error {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	err := w.WriteField("domain", "1")
	part, err2 := w.CreateFormFile("file", scan.Name)
	if err = errors.Join(err, err2); err != nil {
		return err
	}
	if _, err := part.Write(scan.Data); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	status, _, err := o.do(ctx, o.client, http.MethodPost, "/submissions", &body, "Content-Type", w.FormDataContentType(), "HX-Request", "true")
	if err == nil && status >= http.StatusBadRequest {
		err = fmt.Errorf("status %d", status)
	}
	return err
}

// pages returns the ids of the first pages in a state.
func (o *office) pages(ctx context.Context, state string) (ids []string, err error) {
	_, list, err := o.do(ctx, o.client, http.MethodGet, "/pages?state="+state, http.NoBody)
	return clerk.Pages(list), err
}

// next opens a page that wants a person, and corrects three of its values.
func (r *review) next(ctx context.Context) {
	pages := clerk.Pages(r.timed(ctx, "list", http.MethodGet, "/pages?state=review", nil))
	if len(pages) == 0 {
		time.Sleep(time.Second)
		return
	}
	n := len(r.took["page"])
	page := "/pages/" + pages[n%len(pages)]
	shown := r.timed(ctx, "page", http.MethodGet, page, nil)
	r.timed(ctx, "picture", http.MethodGet, page+"/picture", nil)
	values := clerk.Texts(shown)
	for _, v := range values[:min(3, len(values))] {
		r.timed(ctx, "correction", http.MethodPost, page+"/corrections", url.Values{
			"field": {v.Field}, "run": {v.Run}, "seen": {v.Seen}, "text": {"값 " + strconv.Itoa(n)},
		})
		time.Sleep(100 * time.Millisecond) // who types is slower
	}
}

// timed asks, notes how long the whole answer took, and returns it.
func (r *review) timed(ctx context.Context, kind, method, path string, form url.Values) []byte {
	start := time.Now()
	status, answer, err := r.do(ctx, r.client, method, path, strings.NewReader(form.Encode()),
		"Content-Type", "application/x-www-form-urlencoded", "HX-Request", "true")
	r.took[kind] = append(r.took[kind], time.Since(start))
	if err != nil || status >= http.StatusBadRequest {
		r.failed++
	}
	return answer
}
