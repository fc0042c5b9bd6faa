package db

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

const (
	attemptsFree = 10                  // failed attempts before the first wait
	attemptsWait = time.Minute         // the first wait; each one after it is twice as long
	attemptsMost = 15 * time.Minute    // the longest wait
	attemptsPast = 10 * time.Minute    // forgives one failed attempt
	attemptsKnow = 90 * 24 * time.Hour // how long an address stays known
	attemptsKept = 20_000              // rows; those that matter least go first
)

// An Attempt names whose attempt to get in it is, by keys that tell nothing of
// names and addresses.
type Attempt struct {
	Account []byte // nil where accounts are not guarded as a whole
	Address []byte
	Both    []byte // the account, from this address
}

// keys returns what a failure is counted for.
func (a Attempt) keys() [][]byte {
	if a.Account == nil {
		return [][]byte{a.Address, a.Both}
	}
	return [][]byte{a.Account, a.Address, a.Both}
}

// A tally is what is kept of a key.
type tally struct {
	failed   int
	failedAt time.Time
	knownTo  time.Time
}

// left returns how many failures time has not forgiven at now.
func (t tally) left(now time.Time) int {
	past := max(0, now.Sub(t.failedAt)) // clocks are set back
	return max(0, t.failed-int(past/attemptsPast))
}

// wait returns how long after now the next attempt may be made.
func (t tally) wait(now time.Time) time.Duration {
	over := t.failed - attemptsFree
	if over < 0 || now.Before(t.failedAt) {
		return 0
	}
	wait := attemptsMost
	if over < 4 { // 1, 2, 4, 8 minutes
		wait = attemptsWait << over
	}
	return max(0, wait-now.Sub(t.failedAt))
}

// BeginAttempt counts an attempt as failed, until AttemptSucceeded says
// otherwise: many at once do not slip through. Where too many have failed, it
// counts nothing and returns how long to wait.
//
// An address from which somebody has got into the account is held up only by
// failures for that account from there: strangers who guess at a name, or
// guess from behind the same proxy, keep nobody out who comes from where they
// always come from.
func (db *DB) BeginAttempt(ctx context.Context, a Attempt, now time.Time) (wait time.Duration, err error) {
	defer wrap(&err, "attempt")
	err = db.update(ctx, func(t tx) error {
		s, err := standing(ctx, t, a, now)
		if wait = s.Wait; err != nil || wait > 0 {
			return err
		}
		for _, key := range a.keys() {
			if err := countAttempt(ctx, t, key, now); err != nil {
				return err
			}
		}
		return pruneAttempts(ctx, t, now)
	})
	return wait, err
}

// A Standing is how an address stands with an account.
type Standing struct {
	Wait   time.Duration // before the next attempt
	Known  bool          // it has got into the account before
	Failed int           // attempts that are counted for both together
}

// Standing returns that of an attempt, which it does not count.
func (db *DB) Standing(ctx context.Context, a Attempt, now time.Time) (s Standing, err error) {
	defer wrap(&err, "standing")
	err = db.view(ctx, func(t tx) error {
		s, err = standing(ctx, t, a, now)
		return err
	})
	return s, err
}

// AttemptSucceeded forgets what was counted for the account from this address,
// and nothing else: not what was guessed at other accounts from here, nor at
// this one from elsewhere.
func (db *DB) AttemptSucceeded(ctx context.Context, a Attempt, now time.Time) (err error) {
	defer wrap(&err, "attempt")
	return db.update(ctx, func(t tx) error {
		both, err := attemptTally(ctx, t, a.Both)
		if err != nil {
			return err
		}
		for _, key := range a.keys() {
			if _, err := t.exec(ctx, `UPDATE attempts SET failed = CASE WHEN failed > ? THEN failed - ? ELSE 0 END WHERE key = ?`, both.failed, both.failed, key); err != nil {
				return err
			}
		}
		if _, err := t.exec(ctx, `
			INSERT INTO attempts (key, failed, failed_at, known_to) VALUES (?, 0, ?, ?)
			ON CONFLICT (key) DO UPDATE SET failed = 0, known_to = excluded.known_to`,
			a.Both, millis(now), millis(now.Add(attemptsKnow))); err != nil {
			return err
		}
		return pruneAttempts(ctx, t, now)
	})
}

func standing(ctx context.Context, t tx, a Attempt, now time.Time) (Standing, error) {
	both, err := attemptTally(ctx, t, a.Both)
	s := Standing{both.wait(now), both.knownTo.After(now), both.failed}
	if err != nil || s.Known {
		return s, err
	}
	for _, key := range a.keys() {
		other, err := attemptTally(ctx, t, key)
		if err != nil {
			return Standing{}, err
		}
		s.Wait = max(s.Wait, other.wait(now))
	}
	return s, nil
}

// attemptTally returns what is kept of key, nothing where nothing is.
func attemptTally(ctx context.Context, t tx, key []byte) (tally, error) {
	var failed int
	var failedAt, knownTo int64
	err := t.row(ctx, `SELECT failed, failed_at, known_to FROM attempts WHERE key = ?`, key)(&failed, &failedAt, &knownTo)
	if errors.Is(err, sql.ErrNoRows) {
		return tally{}, nil
	}
	return tally{failed, fromMillis(failedAt), fromMillis(knownTo)}, err
}

func countAttempt(ctx context.Context, t tx, key []byte, now time.Time) error {
	kept, err := attemptTally(ctx, t, key)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `
		INSERT INTO attempts (key, failed, failed_at) VALUES (?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET failed = excluded.failed, failed_at = excluded.failed_at`,
		key, kept.left(now)+1, millis(now))
	return err
}

// pruneAttempts bounds the table. What was forgiven goes first, then what has
// failed least: a flood of new names and addresses does not have an account
// forgotten that is being guessed at.
func pruneAttempts(ctx context.Context, t tx, now time.Time) error {
	_, err := t.exec(ctx, `
		DELETE FROM attempts WHERE (SELECT count(*) FROM attempts) > ? AND key NOT IN (
			SELECT key FROM attempts
			ORDER BY
				known_to > ? DESC,
				failed - (? - failed_at) / ? DESC,
				failed_at DESC
			LIMIT ?
		)`,
		attemptsKept, millis(now), millis(now), attemptsPast.Milliseconds(), attemptsKept)
	return err
}
