package handlers

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/intake"
)

// An upload is what a person hands in.
type upload struct {
	domain   form.DomainID
	template form.TemplateID // 0 to look for it
	files    []intake.File
}

// discard removes what has not been handed in.
func (u *upload) discard() { discard(u.files) }

func discard(files []intake.File) {
	for _, f := range files {
		f.Draft.Discard()
	}
}

// readUpload reads the parts of the request as they come. A file that is
// larger than files may be is not kept: it will be seen to fail, and the others
// are read. The caller discards u, also on an error.
func (s *server) readUpload(c echo.Context) (u upload, err error) {
	parts, err := c.Request().MultipartReader()
	if err != nil {
		return u, errBadRequest
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return u, nil
		}
		if err != nil {
			return u, broken(err)
		}
		if err := s.readPart(&u, part); err != nil {
			return u, err
		}
	}
}

func (s *server) readPart(u *upload, part *multipart.Part) (err error) {
	switch part.FormName() {
	case "domain":
		u.domain, err = partNumber[form.DomainID](part)
	case "template":
		u.template, err = partNumber[form.TemplateID](part)
	case "file":
		if part.FileName() == "" { // no file was chosen
			return nil
		}
		if len(u.files) == s.UploadFiles {
			return errTooMuch
		}
		f, err := s.readFile(part, int64(s.Limits.Bytes))
		if err != nil {
			return err
		}
		f.Name = part.FileName()
		u.files = append(u.files, f)
	}
	return err
}

// readFile has r stored as it comes. Of a file with more bytes than most, only
// that is told.
func (s *server) readFile(r io.Reader, most int64) (f intake.File, err error) {
	d, err := s.Blobs.Create()
	if err != nil {
		return f, err
	}
	_, readErr := io.Copy(d, io.LimitReader(r, most+1))
	err = d.Close()
	if err == nil && readErr != nil {
		err = broken(readErr)
	}
	if err != nil || d.Size() > most {
		d.Discard()
		return intake.File{Size: d.Size()}, err
	}
	return intake.File{Size: d.Size(), Draft: d}, nil
}

func partNumber[T ~int64](part *multipart.Part) (T, error) {
	text, err := io.ReadAll(io.LimitReader(part, 20))
	if err != nil {
		return 0, broken(err)
	}
	return number[T](string(text))
}

// broken tells an upload that is too long from one that the browser broke off
// or that makes no sense.
func broken(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return err
	}
	return fmt.Errorf("%w: %w", errBadRequest, err)
}
