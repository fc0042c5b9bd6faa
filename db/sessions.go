package db

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// formerTime is how long the secret of a session is good for after it was
// exchanged: requests are under way with it.
const formerTime = time.Minute

// maxSessions is how many sessions somebody has at most: the one that was used
// least lately ends.
const maxSessions = 20

// BeginSession keeps that a user is logged in where that secret is, from s.BeganAt on.
func (db *DB) BeginSession(ctx context.Context, s form.Session, secret string) (id form.SessionID, err error) {
	defer wrap(&err, "begin session")
	err = db.update(ctx, func(t tx) error {
		now := millis(s.BeganAt)
		if _, err := t.exec(ctx, `
			DELETE FROM sessions WHERE began_at < ? - (SELECT life FROM admission) * 60000 OR used_at < ? - (SELECT idle FROM admission) * 60000`,
			now, now); err != nil {
			return err
		}
		if err := t.row(ctx, `
			INSERT INTO sessions (user_id, token, began_at, used_at, address, browser, vouched) VALUES (?, ?, ?, ?, ?, ?, ?)
			RETURNING id`, s.User, hashToken(secret), now, now, s.Address, s.Browser, s.Vouched)(&id); err != nil {
			return err
		}
		_, err := t.exec(ctx, `
			DELETE FROM sessions WHERE user_id = ? AND id NOT IN (
				SELECT id FROM sessions WHERE user_id = ? ORDER BY used_at DESC, id DESC LIMIT ?)`, s.User, s.User, maxSessions)
		return err
	})
	return id, err
}

// A Visit is what is to be known of whoever asks, by a session.
type Visit struct {
	Session form.Session
	User    form.User
	Grants  []form.Grant
}

// Visit returns what a session with that secret says, or form.ErrNotFound where
// there is none, or where its user is disabled. Whether it is over is not asked.
func (db *DB) Visit(ctx context.Context, secret string, now time.Time) (v Visit, err error) {
	defer wrap(&err, "session")
	err = db.view(ctx, func(t tx) error {
		token := hashToken(secret)
		v, err = scanVisit(t.row(ctx, `
			SELECT `+userColumns+`, `+sessionColumns+`
			FROM sessions s JOIN users u ON u.id = s.user_id
			WHERE (s.token = ? OR s.former = ? AND s.former_until > ?) AND u.disabled_at IS NULL`, token, token, millis(now)))
		if err != nil {
			return err
		}
		v.Grants, err = grantsOf(ctx, t, v.User.ID)
		return err
	})
	return v, err
}

const sessionColumns = `s.id, s.user_id, s.stale, s.began_at, s.used_at, s.address, s.browser, s.vouched`

// sessionFields returns what sessionColumns are scanned into, and what is to be
// called then.
func sessionFields(s *form.Session) (fields []any, then func()) {
	var began, used int64
	return []any{&s.ID, &s.User, &s.Stale, &began, &used, &s.Address, &s.Browser, &s.Vouched}, func() {
		s.BeganAt, s.UsedAt = fromMillis(began), fromMillis(used)
	}
}

func scanVisit(scan func(...any) error) (v Visit, err error) {
	fields, then := sessionFields(&v.Session)
	v.User, err = scanUser(scan, fields...)
	then()
	return v, err
}

// UseSession keeps that a session was used, when and from where.
func (db *DB) UseSession(ctx context.Context, s form.Session) (err error) {
	defer wrap(&err, "use session %d", s.ID)
	return db.update(ctx, func(t tx) error {
		_, err := t.exec(ctx, `UPDATE sessions SET used_at = ?, address = ?, browser = ? WHERE id = ?`, millis(s.UsedAt), s.Address, s.Browser, s.ID)
		return err
	})
}

// RenewSession exchanges the secret of a session for another. It returns
// form.ErrConflict where a request that came at the same time has done so.
func (db *DB) RenewSession(ctx context.Context, id form.SessionID, old, secret string, now time.Time) (err error) {
	defer wrap(&err, "renew session %d", id)
	return db.update(ctx, func(t tx) error {
		var n int
		if err := t.row(ctx, `SELECT count(*) FROM sessions WHERE id = ? AND token = ?`, id, hashToken(old))(&n); err != nil {
			return err
		}
		if n == 0 {
			return form.ErrConflict
		}
		_, err := t.exec(ctx, `UPDATE sessions SET token = ?, former = ?, former_until = ?, stale = 0 WHERE id = ?`,
			hashToken(secret), hashToken(old), millis(now.Add(formerTime)), id)
		return err
	})
}

// EndVisit ends the session with that secret, if there is one.
func (db *DB) EndVisit(ctx context.Context, secret string) (err error) {
	defer wrap(&err, "end session")
	return db.update(ctx, func(t tx) error {
		token := hashToken(secret)
		_, err := t.exec(ctx, `DELETE FROM sessions WHERE token = ? OR former = ?`, token, token)
		return err
	})
}

// Sessions returns the sessions of a user, the last used first.
func (db *DB) Sessions(ctx context.Context, user form.UserID) (list []form.Session, err error) {
	defer wrap(&err, "sessions of user %d", user)
	err = db.view(ctx, func(t tx) error {
		list, err = collect(ctx, t, func(scan func(...any) error) (s form.Session, err error) {
			fields, then := sessionFields(&s)
			err = scan(fields...)
			then()
			return s, err
		}, `SELECT `+sessionColumns+` FROM sessions s WHERE s.user_id = ? ORDER BY s.used_at DESC, s.id DESC`, user)
		return err
	})
	return list, err
}

// EndSession ends a session of a user.
func (db *DB) EndSession(ctx context.Context, by form.Actor, user form.UserID, id form.SessionID) (err error) {
	defer wrap(&err, "end session %d", id)
	return db.act(ctx, by, "end_session", func(t tx) (subject, error) {
		return theUser(user), t.row(ctx, `DELETE FROM sessions WHERE id = ? AND user_id = ? RETURNING id`, id, user)(&id)
	})
}

// EndSessions ends all sessions of a user but one, or all for 0.
func (db *DB) EndSessions(ctx context.Context, by form.Actor, user form.UserID, but form.SessionID) (err error) {
	defer wrap(&err, "end sessions of user %d", user)
	return db.act(ctx, by, "end_sessions", func(t tx) (subject, error) {
		return theUser(user), endSessions(ctx, t, user, but)
	})
}

func endSessions(ctx context.Context, t tx, user form.UserID, but form.SessionID) error {
	_, err := t.exec(ctx, `DELETE FROM sessions WHERE user_id = ? AND id <> ?`, user, but)
	return err
}

// hashToken needs no salt and no stretching: secrets are 128 random bits.
func hashToken(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// Admission returns what the office asks of those who come in.
func (db *DB) Admission(ctx context.Context) (a form.Admission, err error) {
	defer wrap(&err, "admission")
	err = db.view(ctx, func(t tx) error {
		var idle, life int64
		var networks string
		if err := t.row(ctx, `SELECT idle, life, networks, factor FROM admission`)(&idle, &life, &networks, &a.Factor); err != nil {
			return err
		}
		a.Idle, a.Life = time.Duration(idle)*time.Minute, time.Duration(life)*time.Minute
		a.Networks, err = form.ParseNetworks(networks)
		return err
	})
	return a, err
}

// SetAdmission sets what the office asks of those who come in from now on.
func (db *DB) SetAdmission(ctx context.Context, by form.Actor, a form.Admission) (err error) {
	defer wrap(&err, "set admission")
	if err := a.Check(); err != nil {
		return err
	}
	return db.act(ctx, by, "set_admission", func(t tx) (subject, error) {
		_, err := t.exec(ctx, `UPDATE admission SET idle = ?, life = ?, networks = ?, factor = ?`,
			int64(a.Idle/time.Minute), int64(a.Life/time.Minute), form.NetworksText(a.Networks), a.Factor)
		return subject{kind: "office"}, err
	})
}
