package handlers

import (
	"bytes"
	"image"
	_ "image/jpeg" // how pages are kept
	_ "image/png"
	"sync"

	"github.com/seosik/seosik/internal/blob"
)

// pictures keeps the pages that were last cut into crops: a review screen
// asks for some thirty crops of one page at once, and must not decode it
// thirty times. A page of 200 dpi takes some 15 MB, so few are kept.
type pictures struct {
	blobs *blob.Store

	mu   sync.Mutex
	kept []*picture // the last used first
}

const keptPictures = 4

type picture struct {
	key    blob.Key
	decode func() (image.Image, error)
}

// image returns the picture with the given key. It is not to be changed.
func (ps *pictures) image(key blob.Key) (image.Image, error) {
	return ps.find(key).decode()
}

func (ps *pictures) find(key blob.Key) *picture {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for i, p := range ps.kept {
		if p.key == key {
			copy(ps.kept[1:i+1], ps.kept[:i])
			ps.kept[0] = p
			return p
		}
	}
	p := &picture{key, sync.OnceValues(func() (image.Image, error) {
		data, err := ps.blobs.Bytes(key)
		if err != nil {
			return nil, err
		}
		img, _, err := image.Decode(bytes.NewReader(data))
		return img, err
	})}
	ps.kept = append([]*picture{p}, ps.kept...)
	if len(ps.kept) > keptPictures {
		ps.kept = ps.kept[:keptPictures]
	}
	return p
}
