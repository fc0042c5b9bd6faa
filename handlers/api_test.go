package handlers

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/intake"
	"github.com/seosik/seosik/internal/sample/demo"
	"github.com/seosik/seosik/internal/scan"
)

// A told reader reads what files tell it: their text is a list of words, and
// each is what becomes of a page.
type told struct {
	template  *form.Template
	now, most atomic.Int32 // how many pages are read, and were at the same time
}

func (r *told) words(file []byte) []string {
	return strings.Fields(string(bytes.Trim(file, "II*\x00")))
}

func (r *told) Pages(_ context.Context, file []byte) (int, form.Failure, error) {
	return len(r.words(file)), "", nil
}

func (r *told) Read(_ context.Context, file []byte, want func(int) (intake.Want, bool)) iter.Seq2[intake.Result, error] {
	return func(yield func(intake.Result, error) bool) {
		for i, word := range r.words(file) {
			if _, wanted := want(i + 1); wanted && !yield(r.page(i+1, word), nil) {
				return
			}
		}
	}
}

func (r *told) page(number int, word string) intake.Result {
	now := r.now.Add(1)
	defer r.now.Add(-1)
	for most := r.most.Load(); now > most && !r.most.CompareAndSwap(most, now); most = r.most.Load() {
	}
	page := form.Page{Number: number, Width: 1000, Height: 1400}
	switch word {
	case "filled":
		page.State, page.Template, page.Version = form.StateDone, r.template.ID, r.template.Version
		page.TemplateToPage, page.Score = geom.Scale(2, 2), 0.9
		first := r.template.Fields[0]
		return intake.Result{
			Page:  page,
			Title: form.Reading{Field: form.TitleID, Text: "머리", Confidence: 0.5},
			Readings: []form.Reading{{
				Field: first.ID, Text: "홍길동", Confidence: 0.75, Where: geom.XYWH(1, 2, 30, 40).Quad(),
				Words: []form.Word{{Text: "홍길동", Confidence: 0.5, Where: geom.XYWH(1, 2, 30, 40).Quad(), LineBreak: true}},
			}},
		}
	case "blank":
		page.State = form.StateUnmatched
	case "slow":
		time.Sleep(20 * time.Millisecond)
		page.State = form.StateUnmatched
	default:
		page.State, page.Failure = form.StateFailed, form.Failure(word)
		page.Width, page.Height = 0, 0
	}
	return intake.Result{Page: page}
}

// An api is a site with a domain that programs call.
type api struct {
	*site
	reader   *told
	domain   form.Domain
	secret   string
	template *form.Template // in service
	draft    *form.Template
	outside  intake.Outside // told of pages, if it is not nil
}

func newAPI(t testing.TB) *api {
	t.Helper()
	a := newDomain(t)
	a.template = a.saveDemo("서식", form.Service)
	a.draft = a.saveDemo("초안", form.Draft)
	a.reader.template = a.template
	a.readWith(a.reader)
	return a
}

// newDomain returns an api without templates, which reads nothing yet.
func newDomain(t testing.TB) *api {
	t.Helper()
	a := &api{site: newSite(t), reader: new(told)}
	var err error
	if a.domain, a.secret, err = a.cfg.DB.AddDomain(t.Context(), form.Command, "office", []string{"ko"}); err != nil {
		t.Fatal(err)
	}
	return a
}

// readWith starts the site anew, with another reader.
func (a *api) readWith(r intake.Reader) {
	a.Helper()
	var err error
	a.cfg.Intake, err = intake.New(intake.Config{
		DB: a.cfg.DB, Blobs: a.cfg.Blobs, Reader: r, Outside: a.outside, Workers: 2, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		a.Fatal(err)
	}
	started := a.cfg.Intake
	if err := started.Start(a.Context()); err != nil {
		a.Fatal(err)
	}
	a.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := started.Stop(ctx); err != nil {
			a.Error(err)
		}
	})
	a.start()
}

// in makes t, a part of a test, the one that a fails.
func (a *api) in(t *testing.T) {
	whole := a.TB
	a.TB = t
	t.Cleanup(func() { a.TB = whole })
}

// saveDemo adds the form of the demo to the domain. Its picture is blank: the
// real one takes seconds to prepare under the race detector, for readers that
// do not look at it.
func (a *api) saveDemo(name string, stage form.Stage) *form.Template {
	a.Helper()
	set := demo.Load()
	f, err := form.DecodeTemplate(set.Template)
	if err != nil {
		a.Fatal(err)
	}
	f.Domain, f.Name, f.Stage = a.domain.ID, name, stage
	if f.Image, err = a.cfg.Blobs.Put(a.Context(), page); err != nil {
		a.Fatal(err)
	}
	saved, err := a.cfg.DB.SaveTemplate(a.Context(), form.Command, f)
	if err != nil {
		a.Fatal(err)
	}
	return saved
}

// call posts a body to path, or to the invoke path if that is empty, with the
// right secret unless header says otherwise.
func (a *api) call(path string, body io.Reader, header ...string) *answer {
	a.Helper()
	if path == "" {
		path = a.domain.InvokePath()
	}
	return a.do(http.MethodPost, path, body, append([]string{"X-OCR-SECRET", a.secret}, header...)...)
}

// asks returns a request in JSON about an image; more are members of images[0].
func asks(version, file, more string) io.Reader {
	return strings.NewReader(fmt.Sprintf(`{"version":%q,"requestId":"r","timestamp":0,"images":[{%s"format":"jpg","name":"claim 17","data":%q}]}`,
		version, more, base64.StdEncoding.EncodeToString([]byte(file))))
}

var (
	ids   = regexp.MustCompile(`"(uid|traceId)":"[0-9a-f]{32}"`)
	times = regexp.MustCompile(`"timestamp":[0-9]{13}\b`)
)

// json compares the answer with JSON in which a uid, traceId or time is 0.
func (a *answer) json(want string) {
	a.s.Helper()
	if got := a.Header.Get("Content-Type"); got != jsonType {
		a.s.Errorf("content type %q", got)
	}
	body := ids.ReplaceAll(a.body, []byte(`"$1":0`))
	body = times.ReplaceAll(body, []byte(`"timestamp":0`))
	if diff := cmp.Diff(parsed(a.s, []byte(want)), parsed(a.s, body)); diff != "" {
		a.s.Errorf("answer (-want +got):\n%s", diff)
	}
}

func parsed(t testing.TB, text []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// unread is an image of an answer that has no template.
func unread(result, message, more string) string {
	return fmt.Sprintf(`{"uid":0,"name":"claim 17","inferResult":%q,"message":%q,%s"validationResult":{"result":"NO_REQUESTED"},"fields":[]}`, result, message, more)
}

func response(version string, images ...string) string {
	return fmt.Sprintf(`{"version":%q,"requestId":"r","timestamp":0,"images":[%s]}`, version, strings.Join(images, ","))
}

const notFound = "NOT_FOUND: not found matched template"

func TestInferOutcomes(t *testing.T) {
	a := newAPI(t)
	converted := func(page int) string {
		return fmt.Sprintf(`"convertedImageInfo":{"width":1000,"height":1400,"pageIndex":%d,"longImage":false},`, page)
	}
	const damaged = "The image is damaged and cannot be decoded."
	for _, tt := range []struct {
		name, version, file, more string
		want                      string
	}{
		{"no match", "V2", "blank", "", response("V2", unread("FAILURE", notFound, ""))},
		{"no match V1", "v1", "blank", "", response("V1", unread("FAILURE", notFound, ""))},
		{"no such template", "V2", "filled", `"templateIds":["99"],`, response("V2", unread("FAILURE", notFound, ""))},
		{"damaged", "V2", "damaged", "", response("V2", unread("ERROR", damaged, ""))},
		{"resolution", "V2", "resolution", "", response("V2", unread("ERROR", "The image resolution limit has been exceeded. Each side of the image must be between 10 px and 8000 px.", ""))},
		{"pages", "V2", "II*\x00blank damaged engine blank", "", response("V2",
			unread("FAILURE", notFound, converted(0)), unread("ERROR", damaged, ""), unread("ERROR", "OCR service error.", ""), unread("FAILURE", notFound, converted(3)))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a.in(t)
			a.call("", asks(tt.version, tt.file, tt.more)).status(http.StatusOK).json(tt.want)
		})
	}
}

func TestInferSuccess(t *testing.T) {
	a := newAPI(t)
	multi := func() (body io.Reader, contentType string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		f, _ := w.CreateFormFile("file", "x")
		io.WriteString(f, "filled")
		w.WriteField("message", `{"version":"V2","requestId":"r","timestamp":"1","images":[{"format":"jpg","name":"claim 17"}]}`)
		w.Close()
		return &b, w.FormDataContentType()
	}
	body, contentType := multi()
	inner := strings.Replace(a.domain.InvokePath(), "/custom/", "/external/", 1)
	for _, tt := range []struct {
		name string
		*answer
	}{
		{"json", a.call("", asks("V2", "filled", ""))},
		{"json under a form's content type", a.call("", asks("V2", "filled", ""), "Content-Type", "application/x-www-form-urlencoded")},
		{"multipart", a.call("", body, "Content-Type", contentType)},
		{"behind the gateway", a.call(inner, asks("V2", "filled", ""))},
		{"slash at the end", a.call(a.domain.InvokePath()+"/", asks("V2", "filled", ""))},
		{"from a page of another site", a.call("", asks("V2", "filled", ""), "Origin", "https://example.com", "Sec-Fetch-Site", "cross-site")},
		{"template named", a.call("", asks("V2", "filled", fmt.Sprintf(`"templateIds":[99,%d,%d],`, a.template.ID, a.draft.ID)))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a.in(t)
			tt.status(http.StatusOK)
			var got struct{ Images []clova.Image2 }
			if err := json.Unmarshal(tt.body, &got); err != nil {
				t.Fatal(err)
			}
			if len(got.Images) != 1 {
				t.Fatalf("%d images in %s", len(got.Images), tt.body)
			}
			image := got.Images[0]
			if image.InferResult != "SUCCESS" || image.MatchedTemplate == nil || *image.MatchedTemplate != (clova.MatchedTemplate{ID: a.template.ID, Name: "서식"}) {
				t.Errorf("got %s", tt.body)
			}
			if image.Title == nil || image.Title.InferText != "머리" {
				t.Errorf("title %v", image.Title)
			}
			if len(image.Fields) != len(a.template.Fields) {
				t.Fatalf("%d fields, want %d", len(image.Fields), len(a.template.Fields))
			}
			if f := image.Fields[0]; f.InferText != "홍길동" || f.InferConfidence != 0.75 || len(f.SubFields) != 1 {
				t.Errorf("first field %+v", f)
			}
		})
	}
	t.Run("history", func(t *testing.T) {
		a.in(t)
		pages, err := a.cfg.DB.Pages(t.Context(), form.Everything, db.PageFilter{Domain: a.domain.ID})
		if err != nil {
			t.Fatal(err)
		}
		if len(pages) != 7 || pages[0].DocumentName != "claim 17.jpg" {
			t.Fatalf("%d pages, %+v", len(pages), pages)
		}
		var got struct{ Images []clova.Image2 }
		if err := json.Unmarshal(a.call("", asks("V2", "filled", "")).body, &got); err != nil {
			t.Fatal(err)
		}
		if _, err := a.cfg.DB.PageByUID(t.Context(), a.domain.ID, got.Images[0].UID); err != nil {
			t.Errorf("the page of the uid: %v", err)
		}
	})
}

func TestInferErrors(t *testing.T) {
	a := newAPI(t)
	other, _, err := a.cfg.DB.AddDomain(t.Context(), form.Command, "empty", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	emptySecret, err := a.cfg.DB.RotateSecret(t.Context(), form.Command, other.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	path := a.domain.InvokePath()
	base := strings.TrimSuffix(path, "/infer")
	good := func() io.Reader { return asks("V2", "filled", "") }
	message := func(e *clova.Error) string { return e.Message }
	for _, tt := range []struct {
		name    string
		answer  func() *answer
		status  int
		code    string
		message string
		path    string // of the error, without its root
	}{
		{"no such domain", func() *answer { return a.call("/custom/v1/99/"+a.domain.Hash+"/infer", good()) }, 400, "0001", message(clova.ErrURL), "99/" + a.domain.Hash + "/infer"},
		{"domain no number", func() *answer { return a.call("/custom/v1/x/"+a.domain.Hash+"/infer", good()) }, 400, "0001", message(clova.ErrURL), "x/" + a.domain.Hash + "/infer"},
		{"hash of another", func() *answer { return a.call("/custom/v1/1/"+other.Hash+"/infer", good()) }, 400, "0001", message(clova.ErrURL), "1/" + other.Hash + "/infer"},
		{"half a path", func() *answer { return a.call("/custom/v1/1", good()) }, 400, "0001", message(clova.ErrURL), "1"},
		{"GET", func() *answer { return a.get(path) }, 400, "0001", message(clova.ErrURL), ""},
		{"no secret", func() *answer { return a.call("", good(), "X-OCR-SECRET", "") }, 401, "0002", message(clova.ErrSecret), ""},
		{"wrong secret", func() *answer { return a.call("", good(), "X-OCR-SECRET", emptySecret) }, 401, "0002", message(clova.ErrSecret), ""},
		{"wrong secret, long body", func() *answer {
			return a.call("", asks("V2", strings.Repeat("x", 4<<20), ""), "X-OCR-SECRET", "x")
		}, 401, "0002", message(clova.ErrSecret), ""},
		{"general", func() *answer { return a.call(base+"/general", good()) }, 400, "0022", message(clova.ErrDomain), "1/" + a.domain.Hash + "/general"},
		{"infer twice", func() *answer { return a.call(path+"/infer", good()) }, 400, "0022", message(clova.ErrDomain), "1/" + a.domain.Hash + "/infer/infer"},
		{"receipt", func() *answer { return a.call(base+"/document/receipt", good()) }, 400, "0022", message(clova.ErrDomain), "1/" + a.domain.Hash + "/document/receipt"},
		{"no body", func() *answer { return a.call("", nil) }, 400, "0011", "Request body invalid: it is empty", ""},
		{"no JSON", func() *answer { return a.call("", strings.NewReader("{")) }, 400, "0011", "Request body invalid: not JSON", ""},
		{"version", func() *answer { return a.call("", asks("V3", "filled", "")) }, 400, "0021", "Protocol version not support: version must be V1 or V2", ""},
		{
			"url alone", func() *answer { return a.call("", asks("V2", "", `"url":"http://127.0.0.1/a.jpg",`)) }, 400, "0011",
			`Request body invalid: images[0].url is not fetched by this server: send images[0].data, or a part "file"`, "",
		},
		{"six pages", func() *answer { return a.call("", asks("V2", tiffOf(6), "")) }, 400, "0011", "Request body invalid: a PDF or TIFF may have 5 pages at most", ""},
		{"engine", func() *answer { return a.call("", asks("V2", "engine", "")) }, 500, "0501", message(clova.ErrEngine), ""},
		{"internal", func() *answer { return a.call("", asks("V2", "internal", "")) }, 500, "0500", message(clova.ErrService), ""},
		{
			"nothing released", func() *answer { return a.call(other.InvokePath(), good(), "X-OCR-SECRET", emptySecret) }, 500, "1021",
			message(clova.ErrDeploy), fmt.Sprintf("%d/%s/infer", other.ID, other.Hash),
		},
		{
			"template not released", func() *answer {
				return a.call("", asks("V2", "filled", fmt.Sprintf(`"templateIds":%d,`, a.draft.ID)))
			}, 500, "1021", message(clova.ErrDeploy), "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a.in(t)
			if tt.path == "" {
				tt.path = strings.TrimPrefix(path, "/custom/v1/")
			}
			want, err := json.Marshal(map[string]any{
				"code": tt.code, "message": tt.message, "path": "/external/v1/" + tt.path, "traceId": 0, "timestamp": 0,
			})
			if err != nil {
				t.Fatal(err)
			}
			tt.answer().status(tt.status).json(string(want))
		})
	}
}

// tiffOf returns a TIFF file of n pages, without pictures.
func tiffOf(n int) string {
	file := []byte("II*\x00")
	for range n {
		file = binary.LittleEndian.AppendUint32(file, uint32(len(file)+4)) // where the directory is
		file = append(file, 1, 0, 0, 1, 3, 0, 1, 0, 0, 0, 100, 0, 0, 0)    // one entry: ImageWidth
	}
	return string(append(file, 0, 0, 0, 0))
}

func TestInferSizeLimit(t *testing.T) {
	a := newAPI(t)
	a.cfg.Limits = scan.Limits{Bytes: 1 << 20}
	a.start()
	a.call("", asks("V2", "blank"+strings.Repeat(" ", 1<<20-5), "")).status(http.StatusOK)
	large := a.call("", asks("V2", strings.Repeat(" ", 10<<20), "")).status(http.StatusBadRequest)
	if want := "the file is larger than 1 MB"; !strings.Contains(string(large.body), want) {
		t.Errorf("answer %s does not say %q", large.body, want)
	}
}

// More calls than workers wait.
func TestInferTogether(t *testing.T) {
	a := newAPI(t)
	const calls = 12
	statuses := make(chan int)
	for range calls {
		go func() {
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, a.server.URL+a.domain.InvokePath(), asks("V2", "slow", ""))
			req.Header.Set("X-OCR-SECRET", a.secret)
			resp, err := a.client.Do(req)
			if err != nil {
				statuses <- 0
				return
			}
			resp.Body.Close()
			statuses <- resp.StatusCode
		}()
	}
	for range calls {
		if status := <-statuses; status != http.StatusOK {
			t.Errorf("status %d", status)
		}
	}
	if most := a.reader.most.Load(); most > 2 {
		t.Errorf("%d pages were read at the same time, want 2 at most", most)
	}
}

func TestAPIError(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want *clova.Error
	}{
		{"its own", fmt.Errorf("x: %w", clova.ErrBody), clova.ErrBody},
		{"no route", echo.ErrNotFound, clova.ErrURL},
		{"too slow", fmt.Errorf("wait: %w", context.DeadlineExceeded), clova.ErrEngine},
		{"unknown", errors.New("x"), clova.ErrService},
	} {
		if got := apiError(tt.err); !errors.Is(got, tt.want) {
			t.Errorf("%s: apiError = %v, want %v", tt.name, got, tt.want)
		}
	}
}
