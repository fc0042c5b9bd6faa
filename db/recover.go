package db

import (
	"context"
)

// recoverBatch is how many rows a transaction of the recovery changes: others
// write between two of them.
const recoverBatch = 200

// Recover mends what a process left that died: the pages it was reading wait
// again, and so do its jobs. It calls enqueue with the chores that have not been
// done and for which there is no job, in a transaction and so many at a time
// that nobody waits long. Call it while no process reads.
func (db *DB) Recover(ctx context.Context, enqueue Enqueue) (err error) {
	defer wrap(&err, "recover")
	if err := db.resume(ctx); err != nil {
		return err
	}
	chores, err := db.unqueued(ctx)
	if err != nil {
		return err
	}
	return db.inBatches(ctx, len(chores), func(t tx, from, to int) error { return enqueue(t.Tx, chores[from:to]) })
}

// resume has the pages that were being read wait, and their jobs be taken up at
// once. The clock may have been set back since they were to be taken up. Troubles
// are counted anew: those before came at intervals that this cuts short.
func (db *DB) resume(ctx context.Context) error {
	for _, statement := range []string{
		`UPDATE pages SET state = 'waiting' WHERE id IN (SELECT id FROM pages WHERE state = 'reading' LIMIT ?)`,
		`UPDATE documents SET trouble = '', waits = 0 WHERE id IN (
			SELECT id FROM documents WHERE finished_at IS NULL AND waits > 0 LIMIT ?)`,
		`UPDATE runs SET trouble = '', waits = 0 WHERE (page_id, number) IN (
			SELECT page_id, number FROM runs WHERE finished_at IS NULL AND waits > 0 LIMIT ?)`,
		`UPDATE river_job SET state = 'available', attempt = 0, scheduled_at = ` + db.jobTime() + ` WHERE id IN (
			SELECT id FROM river_job WHERE state IN ('running', 'retryable', 'scheduled') LIMIT ?)`,
		`UPDATE river_job SET scheduled_at = ` + db.jobTime() + ` WHERE id IN (
			SELECT id FROM river_job WHERE state = 'available' AND scheduled_at > ` + db.jobTime() + ` LIMIT ?)`,
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

// unqueued returns the chores that are to be done and for which there is no job.
// Jobs are looked through once, not for each. Those of the release before named
// what was to be read again by other means, and are not counted.
func (db *DB) unqueued(ctx context.Context) (chores []Chore, err error) {
	const jobs = `
		SELECT args FROM river_job
		WHERE kind = 'read' AND state IN ('available', 'pending', 'running', 'retryable', 'scheduled')`
	err = db.view(ctx, func(t tx) error {
		documents, err := collect(ctx, t, scanChore, `
			SELECT id, 0, 0 FROM documents
			WHERE finished_at IS NULL AND id NOT IN (
				SELECT CAST(args ->> 'document' AS BIGINT) FROM (`+jobs+`) AS jobs WHERE args ->> 'document' IS NOT NULL)
			ORDER BY id`)
		if err != nil {
			return err
		}
		runs, err := collect(ctx, t, scanChore, `
			SELECT 0, r.page_id, r.number FROM runs r
			WHERE r.finished_at IS NULL AND `+apart+` AND (r.page_id, r.number) NOT IN (
				SELECT CAST(args ->> 'page' AS BIGINT), CAST(args ->> 'run' AS BIGINT) FROM (`+jobs+`) AS jobs WHERE args ->> 'page' IS NOT NULL)
			ORDER BY r.page_id`)
		chores = append(documents, runs...)
		return err
	})
	return chores, err
}

func scanChore(scan func(...any) error) (c Chore, err error) {
	err = scan(&c.Document, &c.Page, &c.Run)
	return c, err
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
			UPDATE river_job SET scheduled_at = `+t.jobTime()+`
			WHERE state IN ('available', 'retryable', 'scheduled') AND scheduled_at > `+t.jobTime())
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
			UPDATE river_job SET state = 'available', attempt = 0, scheduled_at = `+t.jobTime()+`
			WHERE state = 'running' AND id IN (`+marks(to-from)+`)`, anys(ids[from:to])...)
		return err
	})
}
