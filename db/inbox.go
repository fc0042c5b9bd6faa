package db

import (
	"context"

	"github.com/seosik/seosik/internal/form"
)

// A Taken is a file that was taken from a scan folder.
type Taken struct {
	Submission form.SubmissionID // 0 once somebody has deleted it
	Progress   Progress
	Failure    form.Failure // of the first page that failed; empty where none has
}

// addTaken keeps the token of a file that submission id is.
func addTaken(ctx context.Context, t tx, token string, id form.SubmissionID) error {
	_, err := t.exec(ctx, `INSERT INTO inbox_files (token, submission_id) VALUES (?, ?)`, token, id)
	return err
}

// Taken returns what became of the file with a token, or form.ErrNotFound where
// none was taken in with it.
func (db *DB) Taken(ctx context.Context, token string) (f Taken, err error) {
	defer wrap(&err, "file of a scan folder")
	err = db.view(ctx, func(t tx) error {
		if err := t.row(ctx, `SELECT coalesce(submission_id, 0) FROM inbox_files WHERE token = ?`, token)(&f.Submission); err != nil || f.Submission == 0 {
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

// ForgetTaken forgets a token: its file lies in the folder reading no more.
func (db *DB) ForgetTaken(ctx context.Context, token string) (err error) {
	defer wrap(&err, "forget a file of a scan folder")
	return db.update(ctx, func(t tx) error {
		_, err := t.exec(ctx, `DELETE FROM inbox_files WHERE token = ?`, token)
		return err
	})
}
