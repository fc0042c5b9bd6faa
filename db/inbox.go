package db

import (
	"context"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A Taken is a file that was taken from a scan folder.
type Taken struct {
	Submission form.SubmissionID // 0 once somebody has deleted it
	Size       int64             // bytes that were read
	Progress   Progress
	Failure    form.Failure // of the first page that failed; empty where none has
}

// addTaken keeps the token of a file that submission id is.
func addTaken(ctx context.Context, t tx, token string, id form.SubmissionID, size int64) error {
	_, err := t.exec(ctx, `INSERT INTO inbox_files (token, submission_id, size) VALUES (?, ?, ?)`, token, id, size)
	return err
}

// Taken returns what became of the file with a token, or form.ErrNotFound where
// none was taken in with it.
func (db *DB) Taken(ctx context.Context, token string) (f Taken, err error) {
	defer wrap(&err, "file of a scan folder")
	err = db.view(ctx, func(t tx) error {
		if err := t.row(ctx, `SELECT coalesce(submission_id, 0), size FROM inbox_files WHERE token = ?`, token)(&f.Submission, &f.Size); err != nil || f.Submission == 0 {
			return err
		}
		if f.Progress, err = scanProgress(t.row(ctx, `SELECT `+progressColumns+` FROM submissions s WHERE s.id = ?`, f.Submission)); err != nil {
			return err
		}
		return t.row(ctx, `
			SELECT coalesce((SELECT p.failure FROM documents d JOIN pages p ON p.document_id = d.id
				WHERE d.submission_id = ? AND p.state = 'failed' ORDER BY d.id, p.number LIMIT 1), '')`, f.Submission)(&f.Failure)
	})
	return f, err
}

// keepTaken is how long a token is kept at least after its file was moved on: a process
// that hung with the file in hand does not take it in again.
const keepTaken = 30 * 24 * time.Hour

// EndTaken notes that a file was moved on.
func (db *DB) EndTaken(ctx context.Context, token string) (err error) {
	defer wrap(&err, "end of a file of a scan folder")
	now := millis(db.now())
	return db.update(ctx, func(t tx) error {
		if _, err := t.exec(ctx, `DELETE FROM inbox_files WHERE ended_at < ?`, now-keepTaken.Milliseconds()); err != nil {
			return err
		}
		_, err := t.exec(ctx, `UPDATE inbox_files SET ended_at = ? WHERE token = ?`, now, token)
		return err
	})
}
