package handlers

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/intake"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/reader"
	"github.com/seosik/seosik/internal/scan"
)

// newRealAPI returns a site that decodes what it is sent, with an engine that
// sees nothing.
func newRealAPI(t *testing.T) *api {
	t.Helper()
	a := &api{site: newSite(t)}
	var err error
	if a.domain, a.secret, err = a.cfg.DB.AddDomain(t.Context(), form.Command, "office", []string{"ko"}); err != nil {
		t.Fatal(err)
	}
	a.template = a.saveDemo("서식", form.Service)
	forms := reader.New(reader.Config{
		Engine: ocr.Func(func(ocr.Crop) (ocr.Text, error) { return ocr.Text{}, nil }),
		Limits: scan.Limits{Pages: 200},
	})
	a.cfg.Intake, err = intake.New(intake.Config{DB: a.cfg.DB, Blobs: a.cfg.Blobs, Reader: forms, Workers: 2, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.cfg.Intake.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := a.cfg.Intake.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	a.cfg.General = forms
	a.start()
	return a
}

// pictureOf returns a white PNG.
func pictureOf(width, height int) []byte {
	img := image.NewGray(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}

// pdfOf returns a PDF of n blank pages.
func pdfOf(n int) []byte {
	var b bytes.Buffer
	var offsets []int
	object := func(format string, args ...any) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(offsets), fmt.Sprintf(format, args...))
	}
	b.WriteString("%PDF-1.4\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	var kids []string
	for i := range n {
		kids = append(kids, fmt.Sprintf("%d 0 R", i+3))
	}
	object("<< /Type /Pages /Kids [%s] /Count %d >>", strings.Join(kids, " "), n)
	for range n {
		object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >>")
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, start)
	return b.Bytes()
}

// asked sends a file in JSON, or as a part of the body.
func (a *api) asked(what, version string, file []byte, parts bool) *answer {
	a.Helper()
	path := strings.TrimSuffix(a.domain.InvokePath(), "infer") + what
	message := fmt.Sprintf(`{"version":%q,"requestId":"r","timestamp":0,"images":[{"format":"jpg","name":"n"}]}`, version)
	if !parts {
		body := strings.Replace(message, `"name":"n"`, `"name":"n","data":"`+base64.StdEncoding.EncodeToString(file)+`"`, 1)
		return a.call(path, strings.NewReader(body))
	}
	var head, tail bytes.Buffer
	w := multipart.NewWriter(&head)
	w.WriteField("message", message)
	w.CreateFormFile("file", "x")
	fmt.Fprintf(&tail, "\r\n--%s--\r\n", w.Boundary())
	return a.call(path, io.MultiReader(&head, bytes.NewReader(file), &tail), "Content-Type", w.FormDataContentType())
}

// outcome is the result of each image of an answer.
func (a *answer) outcome() string {
	a.s.Helper()
	var got struct {
		Images []struct{ InferResult, Message string }
	}
	if err := json.Unmarshal(a.status(http.StatusOK).body, &got); err != nil {
		a.s.Fatal(err)
	}
	var list []string
	for _, image := range got.Images {
		list = append(list, image.InferResult)
		if image.InferResult == "ERROR" && !strings.HasPrefix(image.Message, "The image resolution limit has been exceeded") {
			a.s.Errorf("message %q", image.Message)
		}
	}
	return strings.Join(list, " ")
}

// Every limit of the contract, on both sides, by files that are really read.
func TestContractLimits(t *testing.T) {
	a := newRealAPI(t)
	sides := []struct {
		width, height int
		good          bool
	}{
		{10, 10, true},
		{9, 10, false},
		{10, 9, false},
		{8000, 10, true},
		{8001, 10, false},
		{10, 8000, true},
		{10, 8001, false},
	}
	good := map[string]string{"infer": "FAILURE", "general": "SUCCESS"} // a white picture is no template, and has no text
	most := map[string]int{"infer": 5, "general": 10}
	for _, what := range []string{"infer", "general"} {
		for _, version := range []string{"V1", "V2"} {
			t.Run(what+" "+version, func(t *testing.T) {
				a.in(t)
				for _, s := range sides {
					want := "ERROR"
					if s.good {
						want = good[what]
					}
					if got := a.asked(what, version, pictureOf(s.width, s.height), false).outcome(); got != want {
						t.Errorf("%d x %d px: %s, want %s", s.width, s.height, got, want)
					}
				}
				n := most[what]
				if got, want := a.asked(what, version, pdfOf(n), false).outcome(), strings.TrimSpace(strings.Repeat(good[what]+" ", n)); got != want {
					t.Errorf("PDF of %d pages: %s, want %s", n, got, want)
				}
				says := fmt.Sprintf("a PDF or TIFF may have %d pages at most", n)
				a.asked(what, version, pdfOf(n+1), false).refused(clova.ErrBody, says)
				a.asked(what, version, []byte(tiffOf(n)), true).status(http.StatusOK)
				a.asked(what, version, []byte(tiffOf(n+1)), true).refused(clova.ErrBody, says)
			})
		}
	}
}

// 50 MB of a file are taken, and not a byte more.
func TestContractSizes(t *testing.T) {
	if testing.Short() {
		t.Skip("sends 50 MB several times")
	}
	a := newRealAPI(t)
	file := pictureOf(10, 10)
	file = append(file, make([]byte, 50<<20-len(file)+1)...)
	for _, tt := range []struct {
		what, version string
		parts         bool
		want          string
	}{{"infer", "V1", true, "FAILURE"}, {"infer", "V2", false, "FAILURE"}, {"general", "V1", false, "SUCCESS"}, {"general", "V2", true, "SUCCESS"}} {
		if got := a.asked(tt.what, tt.version, file[:50<<20], tt.parts).outcome(); got != tt.want {
			t.Errorf("%s %s: 50 MB: %s, want %s", tt.what, tt.version, got, tt.want)
		}
		a.asked(tt.what, tt.version, file, tt.parts).refused(clova.ErrBody, "the file is larger than 50 MB")
	}
}
