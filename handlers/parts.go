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

// readUpload reads the parts of the request as they come. Of a file that is
// larger than files may be, it keeps one byte more than that: the file will be
// seen to fail, and the others are read.
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
		data, err := io.ReadAll(io.LimitReader(part, int64(s.Limits.Bytes)+1))
		if err != nil {
			return broken(err)
		}
		u.files = append(u.files, intake.File{Name: part.FileName(), Data: data})
	}
	return err
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
