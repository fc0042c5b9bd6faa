package handlers

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/scan"
)

// FuzzUpload fuzzes the parts of uploads, of files to be read and of templates.
func FuzzUpload(f *testing.F) {
	const head = "multipart/form-data; boundary=b"
	f.Add(head, []byte("--b\r\nContent-Disposition: form-data; name=\"domain\"\r\n\r\n1\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../a.png\"\r\n\r\nhello\r\n--b--\r\n"))
	f.Add(head, []byte("--b\r\nContent-Disposition: form-data; name=file; filename*=UTF-8''%EC%8B%A0.pdf\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=ff\r\n--b--"))
	f.Add(`multipart/form-data; boundary="a b:c"`, []byte("--a b:c\r\n\r\n--a b:c--"))
	store, err := blob.Open(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	s := &server{Config: Config{Blobs: store, Limits: scan.Limits{Bytes: 100}, UploadFiles: 3}}
	e := echo.New()
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		ask := func() echo.Context {
			req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(body))
			req.Header.Set("Content-Type", contentType)
			return e.NewContext(req, httptest.NewRecorder())
		}
		u, err := s.readUpload(ask())
		if err == nil && len(u.files) > s.UploadFiles {
			t.Errorf("%d files are taken", len(u.files))
		}
		for _, file := range u.files {
			if file.Draft != nil && file.Size > int64(s.Limits.Bytes) {
				t.Errorf("a file of %d bytes is taken", file.Size)
			}
		}
		u.discard()
		if _, files, err := readTemplateUpload(ask()); err == nil && len(files) > maxTemplateFiles {
			t.Errorf("%d files of a template are taken", len(files))
		}
	})
}
