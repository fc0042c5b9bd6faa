package handlers

import (
	"context"
	"errors"
	"time"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/form"
)

// maxKey is how many characters an Idempotency-Key may have.
const maxKey = 255

// requestKey returns the key of a call, which is zero for a call without.
func requestKey(key string, r *clova.Request) (form.RequestKey, error) {
	if key == "" {
		return form.RequestKey{}, nil
	}
	if len(key) > maxKey {
		return form.RequestKey{}, clova.ErrBody.Because("Idempotency-Key has more than %d characters", maxKey)
	}
	sum, err := r.Sum()
	return form.RequestKey{Key: key, Request: sum}, err
}

// repeated answers a call whose key was used before, without reading again. It
// returns form.ErrNotFound where it was not, or in vain.
func (s *server) repeated(ctx context.Context, d form.Domain, r *clova.Request, key form.RequestKey) (*clova.Response, error) {
	if key.Key == "" {
		return nil, form.ErrNotFound
	}
	before, err := s.DB.Keyed(ctx, d.ID, key.Key)
	if err != nil {
		return nil, err
	}
	if before.Request != key.Request {
		return nil, clova.ErrBody.Because("Idempotency-Key was used for another request")
	}
	if err := s.load(ctx, form.Within(d.ID), before.Submission, &r.Image); err != nil {
		return nil, err
	}
	answer, err := s.answer(ctx, d, r, before.Submission, func() time.Time { return before.At })
	if _, refused := errors.AsType[*clova.Error](err); refused {
		// A fault of ours: the client may try again, and is then read again.
		err = errors.Join(err, s.DB.DropKey(ctx, d.ID, key.Key, before.Submission))
	}
	return answer, err
}

// load gives an image that was fetched the first bytes of the file that was.
func (s *server) load(ctx context.Context, in form.Scope, id form.SubmissionID, image *clova.Image) error {
	if image.Head != nil {
		return nil
	}
	pages, err := s.DB.PagesOf(ctx, in, id)
	if err == nil && len(pages) == 0 {
		err = form.ErrNotFound // deleted meanwhile
	}
	if err != nil {
		return err
	}
	doc, err := s.DB.Document(ctx, in, pages[0].Document)
	if err != nil {
		return err
	}
	image.Head, err = blob.Head(ctx, s.Blobs, doc.Blob)
	return err
}
