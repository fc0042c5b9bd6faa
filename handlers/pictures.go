package handlers

import (
	"bufio"
	"context"
	"image"
	"image/color"
	_ "image/jpeg" // how pages are kept
	_ "image/png"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/cache"
)

// keptPictures bounds the memory of decoded pages, in bytes: the largest page
// that there is takes as much alone.
const keptPictures = 256 << 20

// pictures keeps the pages that were last cut into crops: a review screen
// asks for some thirty crops of one page at once, and must not decode it
// thirty times. A page of 200 dpi takes some 15 MB.
type pictures struct {
	blobs blob.Store
	kept  *cache.Cache[blob.Key, image.Image]
	// decoding lets one picture be decoded at a time: a progressive JPEG takes
	// for that several times what it takes then.
	decoding sync.Mutex
}

func newPictures(blobs blob.Store) *pictures {
	return &pictures{blobs: blobs, kept: cache.New[blob.Key, image.Image](keptPictures)}
}

// take returns the picture with the given key, until done is called. It is not
// to be changed.
func (ps *pictures) take(ctx context.Context, key blob.Key) (_ image.Image, done func(), err error) {
	return ps.kept.Take(ctx, key, func(reserve func(int64) error) (image.Image, error) {
		f, err := ps.blobs.Open(context.WithoutCancel(ctx), key)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		config, _, err := image.DecodeConfig(bufio.NewReader(f))
		if err != nil {
			return nil, err
		}
		if err := reserve(decodedBytes(config)); err != nil {
			return nil, err
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		ps.decoding.Lock()
		defer ps.decoding.Unlock()
		img, _, err := image.Decode(bufio.NewReader(f))
		return img, err
	})
}

// decodedBytes returns how many bytes a picture takes once it is decoded.
func decodedBytes(c image.Config) int64 {
	pixel := int64(4)
	if _, ok := c.ColorModel.(color.Palette); ok { // it cannot be compared
		return int64(c.Width) * int64(c.Height)
	}
	switch c.ColorModel {
	case color.GrayModel:
		pixel = 1
	case color.Gray16Model:
		pixel = 2
	case color.YCbCrModel:
		pixel = 3
	case color.RGBA64Model, color.NRGBA64Model:
		pixel = 8
	}
	return pixel * int64(c.Width) * int64(c.Height)
}

// sendBlob sends a picture from its file.
func (s *server) sendBlob(c echo.Context, key blob.Key) error {
	f, err := s.Blobs.Open(c.Request().Context(), key)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := s.logged(c); err != nil {
		return err
	}
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, f)
	return nil
}
