package scan

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// A Room bounds the memory of the pages that are in hand at once, of all files
// whose Limits have it. One page may take more, alone.
type Room struct {
	most int64 // bytes
	free *semaphore.Weighted
}

// NewRoom returns a Room of most bytes.
func NewRoom(most int64) *Room { return &Room{most, semaphore.NewWeighted(most)} }

// pixelBytes is what a page takes until it has been read, for each pixel: 7.6
// where it has colour, measured on the largest.
const pixelBytes = 8

// A stay is what the page in hand takes of a room.
type stay struct {
	room  *Room
	bytes int64
}

// enter waits until there is room for a page of so many pixels, whose decoder
// takes so many bytes besides.
func (s *stay) enter(ctx context.Context, width, height, besides int) error {
	if s == nil || s.room == nil {
		return nil
	}
	s.leave()
	bytes := min(pixelBytes*int64(width)*int64(height)+int64(besides), s.room.most)
	if err := s.room.free.Acquire(ctx, bytes); err != nil {
		return err
	}
	s.bytes = bytes
	return nil
}

// leave gives the room of the page back.
func (s *stay) leave() {
	if s.bytes > 0 {
		s.room.free.Release(s.bytes)
		s.bytes = 0
	}
}
