package intake

import (
	"context"
	"errors"
	"io/fs"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// sweep removes some of the blobs that nothing refers to since something was
// deleted, and what the log of the database still has of that. What cannot be
// removed is tried again later.
func (in *Intake) sweep(ctx context.Context) error {
	loose, err := in.cfg.DB.LooseBlobs(ctx)
	if err != nil {
		return err
	}
	var removed []db.LooseBlob
	var failed error
	for _, b := range loose {
		gone, err := in.remove(ctx, b)
		failed = errors.Join(failed, err)
		if gone {
			removed = append(removed, b)
		}
	}
	if len(removed) > 0 {
		failed = errors.Join(failed, in.cfg.DB.BlobsRemoved(ctx, removed))
	}
	err = in.cfg.DB.EmptyLog(ctx)
	if errors.Is(err, form.ErrConflict) {
		err = nil // somebody reads; there is a next time
	}
	return errors.Join(failed, err)
}

// remove removes a blob, and reports whether it is no more. One that was stored
// lately stays.
func (in *Intake) remove(ctx context.Context, b db.LooseBlob) (gone bool, err error) {
	if deleted, err := in.cfg.Blobs.Delete(ctx, b.Key, b.Before); deleted || err != nil {
		return deleted, err
	}
	f, err := in.cfg.Blobs.Open(ctx, b.Key)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, f.Close()
}
