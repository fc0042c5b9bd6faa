package clova

import (
	"errors"

	"github.com/seosik/seosik/internal/blob"
)

// maxFiles is how many files a request may hold: all but one are a client's
// mistake.
const maxFiles = 8

var errFiles = errors.New("there is more than one file")

// A storeError reports what is not the client's fault: a full disk, say.
type storeError struct{ err error }

func (e *storeError) Error() string { return e.err.Error() }

// A shelf has the files of a request while that is read.
type shelf struct {
	store  blob.Store
	drafts []*blob.Draft
}

// add begins a file.
func (s *shelf) add() (*blob.Draft, error) {
	if len(s.drafts) == maxFiles {
		return nil, errFiles
	}
	d, err := s.store.Create()
	if err != nil {
		return nil, &storeError{err}
	}
	s.drafts = append(s.drafts, d)
	return d, nil
}

// clear discards all files but one.
func (s *shelf) clear(but *blob.Draft) {
	for _, d := range s.drafts {
		if d != but {
			d.Discard()
		}
	}
}

// A sink takes the bytes of a file one by one, and stores them in pieces.
type sink struct {
	draft *blob.Draft
	left  int    // bytes that it may still take
	ready []byte // taken, and not stored yet
}

// pieceBytes is the length of a piece.
const pieceBytes = 32 << 10

// take takes one to three bytes. It returns errLarge where that is too many.
func (k *sink) take(b ...byte) error {
	if len(b) > k.left {
		return errLarge
	}
	k.left -= len(b)
	k.ready = append(k.ready, b...)
	if len(k.ready) >= pieceBytes {
		return k.flush()
	}
	return nil
}

func (k *sink) flush() error {
	_, err := k.draft.Write(k.ready)
	k.ready = k.ready[:0]
	if err != nil {
		return &storeError{err}
	}
	return nil
}

// close ends the file.
func (k *sink) close() error {
	if err := k.flush(); err != nil {
		return err
	}
	if err := k.draft.Close(); err != nil {
		return &storeError{err}
	}
	return nil
}

// holds reports whether b is all that was taken.
func (k *sink) holds(b string) bool { return k.draft.Size() == 0 && string(k.ready) == b }

// forget makes as if nothing had been taken, where nothing has been stored.
func (k *sink) forget() {
	k.left += len(k.ready)
	k.ready = k.ready[:0]
}
