package handlers

import (
	"context"
	"errors"

	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/fetch"
	"github.com/seosik/seosik/internal/form"
)

// fetchFile gets the file of an image that names an address only, if server
// and domain allow it.
func (s *server) fetchFile(ctx context.Context, d form.Domain, image *clova.Image) error {
	const instead = `send images[0].data, or a part "file"`
	switch {
	case image.File != nil:
		return nil
	case s.Fetch == nil:
		return clova.ErrBody.Because("images[0].url is not fetched by this server: %s", instead)
	case !d.Settings.FetchURLs:
		return clova.ErrBody.Because("images[0].url is not fetched for this domain: %s", instead)
	}
	file, err := s.Blobs.Create()
	if err != nil {
		return err
	}
	image.File = file // discarded with the request, whatever comes
	err = s.Fetch.Get(ctx, image.URL, file, s.Limits.Bytes, clova.Readable)
	if broken := file.Close(); broken != nil {
		return broken
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, fetch.ErrTooLarge):
		return clova.ErrBody.Because("images[0].url: the file is larger than %d MB", s.Limits.Bytes>>20)
	case errors.Is(err, fetch.ErrKind):
		return clova.ErrBody.Because("images[0].url: it is no JPEG, PNG, PDF or TIFF")
	case err != nil:
		return clova.ErrBody.Because("images[0].url: %s", err)
	}
	image.Head = file.Head()
	return nil
}
