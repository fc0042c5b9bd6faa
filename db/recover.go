package db

import (
	"context"
	"database/sql"

	"github.com/seosik/seosik/internal/form"
)

// recoverBatch is how many rows a transaction of the recovery changes: others
// write between two of them.
const recoverBatch = 200

// Recover mends what a process left that died: the pages it was reading wait
// again, and so do its jobs. It calls enqueue with the documents that have not
// been read and for which there is no job, and enqueueAgain with what is to be
// read again, each in a transaction and so many at a time that nobody waits
// long. Call it while no process reads.
func (db *DB) Recover(ctx context.Context, enqueue func(*sql.Tx, []form.Document) error, enqueueAgain func(*sql.Tx, []RereadID) error) (err error) {
	defer wrap(&err, "recover")
	if err := db.resume(ctx); err != nil {
		return err
	}
	docs, err := unqueued[form.DocumentID](ctx, db, `SELECT id FROM documents WHERE finished_at IS NULL`, "document")
	if err != nil {
		return err
	}
	if err := db.inBatches(ctx, len(docs), func(t tx, from, to int) error {
		list, err := collect(ctx, t, scanDocument, `
			SELECT `+documentColumns+` FROM documents d
			WHERE d.finished_at IS NULL AND d.id IN (`+marks(to-from)+`) ORDER BY d.id`, anys(docs[from:to])...)
		if err != nil {
			return err
		}
		return enqueue(t.Tx.Tx, list)
	}); err != nil {
		return err
	}
	again, err := unqueued[RereadID](ctx, db, `SELECT id FROM rereads WHERE finished_at IS NULL`, "reread")
	if err != nil {
		return err
	}
	return db.inBatches(ctx, len(again), func(t tx, from, to int) error { return enqueueAgain(t.Tx.Tx, again[from:to]) })
}

// resume has the pages that were being read wait, and their jobs be taken up at
// once. The clock may have been set back since they were to be taken up. Troubles
// are counted anew: those before came at intervals that this cuts short.
func (db *DB) resume(ctx context.Context) error {
	for _, statement := range []string{
		`UPDATE pages SET state = 'waiting' WHERE id IN (SELECT id FROM pages WHERE state = 'reading' LIMIT ?)`,
		`UPDATE documents SET trouble = '', waits = 0 WHERE id IN (
			SELECT id FROM documents WHERE finished_at IS NULL AND waits > 0 LIMIT ?)`,
		`UPDATE rereads SET trouble = '', waits = 0 WHERE id IN (
			SELECT id FROM rereads WHERE finished_at IS NULL AND waits > 0 LIMIT ?)`,
		`UPDATE river_job SET state = 'available', attempt = 0, scheduled_at = datetime('now', 'subsec') WHERE id IN (
			SELECT id FROM river_job WHERE state IN ('running', 'retryable', 'scheduled') LIMIT ?)`,
		`UPDATE river_job SET scheduled_at = datetime('now', 'subsec') WHERE id IN (
			SELECT id FROM river_job WHERE state = 'available' AND scheduled_at > datetime('now', 'subsec') LIMIT ?)`,
	} {
		for changed := int64(recoverBatch); changed == recoverBatch; {
			if err := db.update(ctx, func(t tx) error {
				r, err := t.exec(ctx, statement, recoverBatch)
				if err != nil {
					return err
				}
				changed, err = r.RowsAffected()
				return err
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// unqueued returns the ids that query selects and for which there is no job
// that names them under key. Jobs are looked through once, not for each.
func unqueued[T ~int64](ctx context.Context, db *DB, query, key string) (ids []T, err error) {
	err = db.view(ctx, func(t tx) error {
		ids, err = collect(ctx, t, scanID[T], query+` AND id NOT IN (
			SELECT json_extract(CAST(args AS TEXT), '$.`+key+`') FROM river_job
			WHERE state IN ('available', 'pending', 'running', 'retryable', 'scheduled')
			AND json_extract(CAST(args AS TEXT), '$.`+key+`') IS NOT NULL)
			ORDER BY id`)
		return err
	})
	return ids, err
}

// inBatches calls f, in a transaction each, with the bounds of n things.
func (db *DB) inBatches(ctx context.Context, n int, f func(t tx, from, to int) error) error {
	for from := 0; from < n; from += recoverBatch {
		if err := db.update(ctx, func(t tx) error { return f(t, from, min(from+recoverBatch, n)) }); err != nil {
			return err
		}
	}
	return nil
}

// HurryJobs has the jobs that are to be taken up be taken up at once: the clock
// was set back, and they would wait until it is as late again.
func (db *DB) HurryJobs(ctx context.Context) (err error) {
	defer wrap(&err, "hurry jobs")
	return db.update(ctx, func(t tx) error {
		_, err := t.exec(ctx, `
			UPDATE river_job SET scheduled_at = datetime('now', 'subsec')
			WHERE state IN ('available', 'retryable', 'scheduled') AND scheduled_at > datetime('now', 'subsec')`)
		return err
	})
}

// RunningJobs returns the jobs that are noted as being worked on.
func (db *DB) RunningJobs(ctx context.Context) (ids []int64, err error) {
	defer wrap(&err, "running jobs")
	err = db.view(ctx, func(t tx) error {
		ids, err = collect(ctx, t, scanID[int64], `SELECT id FROM river_job WHERE state = 'running'`)
		return err
	})
	return ids, err
}

// RescueJobs has jobs that are noted as being worked on be taken up again: how
// they ended could not be written.
func (db *DB) RescueJobs(ctx context.Context, ids []int64) (err error) {
	defer wrap(&err, "rescue jobs")
	return db.inBatches(ctx, len(ids), func(t tx, from, to int) error {
		_, err := t.exec(ctx, `
			UPDATE river_job SET state = 'available', attempt = 0, scheduled_at = datetime('now', 'subsec')
			WHERE state = 'running' AND id IN (`+marks(to-from)+`)`, anys(ids[from:to])...)
		return err
	})
}
