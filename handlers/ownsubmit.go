package handlers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/intake"
	"github.com/seosik/seosik/internal/rest"
)

// ownSubmit takes files in and does not wait until they have been read.
func (s *server) ownSubmit(c echo.Context, d form.Domain) error {
	ctx := c.Request().Context()
	done, err := s.calls.begin(d)
	if err != nil {
		return err
	}
	defer done()
	leave, err := s.uploads.enter(ctx, 1)
	if err != nil {
		return err
	}
	defer leave()
	body := s.pace.paced(c, 0)
	to, files, err := s.readSubmission(c, d)
	body.end()
	defer discard(files)
	if err != nil {
		return err
	}
	if to.Key, err = submissionKey(c.Request().Header.Get("Idempotency-Key"), to, files); err != nil {
		return err
	}
	id, err := s.submittedBefore(ctx, to)
	if errors.Is(err, form.ErrNotFound) {
		id, err = s.takeIn(ctx, actor(c), to, files)
	}
	if err != nil {
		return err
	}
	return s.sendSubmitted(c, d, id)
}

// takeIn hands files in, each of which is a call. Where the same request came
// at the same time, the other one counts.
func (s *server) takeIn(ctx context.Context, by form.Actor, to form.Submission, files []intake.File) (form.SubmissionID, error) {
	only, err := s.lookFor(ctx, to.Domain, to.Templates)
	if errors.Is(err, form.ErrNotFound) || err == nil && len(only) != len(to.Templates) {
		err = clova.ErrDeploy
	}
	if err == nil {
		err = s.useCalls(ctx, to.Domain, len(files))
	}
	if err != nil {
		return 0, err
	}
	id, err := s.Intake.Submit(ctx, by, to, files)
	if to.Key.Key != "" && errors.Is(err, form.ErrConflict) {
		return s.submittedBefore(ctx, to)
	}
	return id, err
}

// readSubmission reads what is handed in, as parts of a form or as JSON. The
// caller discards the files, also on an error.
func (s *server) readSubmission(c echo.Context, d form.Domain) (to form.Submission, files []intake.File, err error) {
	to = form.Submission{Domain: d.ID}
	if strings.HasPrefix(c.Request().Header.Get(echo.HeaderContentType), echo.MIMEMultipartForm) {
		files, to.Templates, err = s.readForm(c)
	} else {
		files, to.Templates, err = s.readFiles(c)
	}
	slices.Sort(to.Templates)
	to.Templates = slices.Compact(to.Templates)
	switch {
	case err != nil:
		return to, files, err
	case len(files) == 0:
		return to, nil, rest.ErrInvalid.Because("There is no file.")
	case len(files) > s.UploadFiles:
		return to, files, errTooMuch
	}
	return to, files, nil
}

// readForm reads the parts "file" and "template".
func (s *server) readForm(c echo.Context) (files []intake.File, templates []form.TemplateID, err error) {
	parts, err := c.Request().MultipartReader()
	if err != nil {
		return nil, nil, errBadRequest
	}
	var u upload
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return u.files, templates, nil
		}
		if err != nil {
			return u.files, nil, broken(err)
		}
		name := part.FormName()
		if name != "file" && name != "template" {
			return u.files, nil, rest.ErrInvalid.Because(`There is a part other than "file" and "template".`)
		}
		u.template = 0
		if err := s.readPart(&u, part); err != nil {
			return u.files, nil, err
		}
		if u.template != 0 {
			templates = append(templates, u.template)
		}
	}
}

// readFiles reads files in JSON. They are decoded in one piece, so that all of
// them together may be as large as one file, and only a few requests at a time.
func (s *server) readFiles(c echo.Context) (files []intake.File, templates []form.TemplateID, err error) {
	most := int64(s.Limits.Bytes)/3*4 + defaultBody
	done, err := s.looking.enter(c.Request().Context(), 2*most)
	if err != nil {
		return nil, nil, err
	}
	defer done()
	sent, err := rest.ReadFiles(http.MaxBytesReader(c.Response(), c.Request().Body, most))
	if err != nil {
		return nil, nil, err
	}
	for _, f := range sent.Files {
		file, err := s.readFile(bytes.NewReader(f.Data), int64(s.Limits.Bytes))
		if err != nil {
			return files, nil, err
		}
		file.Name = f.Name
		files = append(files, file)
	}
	return files, sent.Templates, nil
}

// submissionKey returns the key of a submission, which is zero for one without.
func submissionKey(key string, to form.Submission, files []intake.File) (form.RequestKey, error) {
	if key == "" {
		return form.RequestKey{}, nil
	}
	if len(key) > maxKey {
		return form.RequestKey{}, rest.ErrInvalid.Because("Idempotency-Key has more than %d characters.", maxKey)
	}
	h := sha256.New()
	fmt.Fprintf(h, "submission %d\n", to.Templates)
	for _, f := range files {
		fmt.Fprintf(h, "%q %d %s\n", f.Name, f.Size, keyOf(f))
	}
	return form.RequestKey{Key: key, Request: hex.EncodeToString(h.Sum(nil))}, nil
}

// keyOf returns the key of a file, which is empty for one that is too large to
// be kept.
func keyOf(f intake.File) blob.Key {
	if f.Draft == nil {
		return ""
	}
	return f.Draft.Key()
}

// submittedBefore returns the submission of a request whose key was used before.
// It returns form.ErrNotFound where it was not.
func (s *server) submittedBefore(ctx context.Context, to form.Submission) (form.SubmissionID, error) {
	if to.Key.Key == "" {
		return 0, form.ErrNotFound
	}
	before, err := s.DB.Keyed(ctx, to.Domain, to.Key.Key)
	if err == nil && before.Request != to.Key.Request {
		err = rest.ErrInvalid.Because("Idempotency-Key was used for another request.")
	}
	return before.Submission, err
}

// sendSubmitted says where to ask for what becomes of a submission.
func (s *server) sendSubmitted(c echo.Context, d form.Domain, id form.SubmissionID) error {
	pages, err := s.DB.PagesOf(c.Request().Context(), scope(c), id)
	if err != nil {
		return err
	}
	root := fmt.Sprintf("%sdomains/%d", ownRoot, d.ID)
	taken := rest.Submitted{Submission: id, Progress: fmt.Sprintf("%s/submissions/%d", root, id), Pages: []rest.SubmittedPage{}}
	for _, p := range pages {
		if p.Number == 1 {
			taken.Pages = append(taken.Pages, rest.SubmittedPage{UID: p.UID, Document: p.DocumentName, Record: root + "/records/" + p.UID})
		}
	}
	c.Response().Header().Set(echo.HeaderLocation, taken.Progress)
	return sendOwn(c, http.StatusAccepted, taken)
}

// ownProgress says how far a submission is.
func (s *server) ownProgress(c echo.Context, _ form.Domain) error {
	info, err := s.submissionInfo(c)
	if err != nil {
		return err
	}
	return sendOwn(c, http.StatusOK, rest.Progress{
		Submission: info.ID, ReceivedAt: info.CreatedAt, Documents: info.Progress.Documents, Open: info.Progress.Open,
		Finished: info.Progress.Finished(), Pages: info.Progress.Pages,
	})
}
