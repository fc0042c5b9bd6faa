package db

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/seosik/seosik/internal/form"
)

const domainColumns = `id, name, languages, hash, created_at, tables, fetch_urls, together, quota, webhook, signing_key, cells, beta, illegible, per_minute`

func scanDomain(scan func(...any) error) (form.Domain, error) {
	var d form.Domain
	var languages string
	var created int64
	err := scan(&d.ID, &d.Name, &languages, &d.Hash, &created,
		&d.Settings.Tables, &d.Settings.FetchURLs, &d.Settings.Together, &d.Settings.Quota, &d.Settings.Webhook, &d.SigningKey, &d.Settings.Cells, &d.Settings.Beta, &d.Settings.Illegible, &d.Settings.PerMinute)
	d.Languages = form.SplitLanguages(languages)
	d.CreatedAt = fromMillis(created)
	return d, err
}

// theDomain returns a domain as what an act changed.
func theDomain(id form.DomainID) subject {
	return subject{kind: "domain", id: int64(id), domain: id}
}

// AddDomain adds a domain with a secret, which is kept as a hash only and so
// cannot be shown again.
func (db *DB) AddDomain(ctx context.Context, by form.Actor, name string, languages []string) (d form.Domain, secret string, err error) {
	defer wrap(&err, "add domain")
	if err := form.CheckLanguages(languages); err != nil {
		return form.Domain{}, "", err
	}
	err = db.act(ctx, by, "add_domain", func(t tx) (of subject, err error) {
		d, err = scanDomain(t.row(ctx, `
			INSERT INTO domains (name, languages, hash, signing_key, created_at) VALUES (?, ?, ?, ?, ?)
			RETURNING `+domainColumns,
			name, strings.Join(languages, ","), hex.EncodeToString(random(32)), hex.EncodeToString(random(32)), millis(db.now())))
		if err != nil {
			return of, err
		}
		secret, err = db.addSecret(ctx, t, d.ID)
		return theDomain(d.ID), err
	})
	return d, secret, err
}

// RotateSecret gives a domain a new secret. The older ones stay good for
// keep, and not at all where keep is 0.
func (db *DB) RotateSecret(ctx context.Context, by form.Actor, id form.DomainID, keep time.Duration) (secret string, err error) {
	defer wrap(&err, "rotate secret of domain %d", id)
	err = db.act(ctx, by, "rotate_secret", func(t tx) (of subject, err error) {
		until := millis(db.now().Add(keep))
		if _, err := t.exec(ctx, `
			UPDATE secrets SET expires_at = ?
			WHERE domain_id = ? AND (expires_at IS NULL OR expires_at > ?)`, until, id, until); err != nil {
			return of, err
		}
		secret, err = db.addSecret(ctx, t, id)
		return theDomain(id), err
	})
	return secret, err
}

// EndSecrets ends the secrets of a domain that are good for a while yet: those that
// were replaced.
func (db *DB) EndSecrets(ctx context.Context, by form.Actor, id form.DomainID) (err error) {
	defer wrap(&err, "end secrets of domain %d", id)
	return db.act(ctx, by, "end_secrets", func(t tx) (subject, error) {
		if err := t.row(ctx, `SELECT id FROM domains WHERE id = ?`, id)(&id); err != nil {
			return subject{}, err
		}
		now := millis(db.now())
		_, err := t.exec(ctx, `UPDATE secrets SET expires_at = ? WHERE domain_id = ? AND expires_at > ?`, now, id, now)
		return theDomain(id), err
	})
}

func (db *DB) addSecret(ctx context.Context, t tx, id form.DomainID) (secret string, err error) {
	secret = base64.StdEncoding.EncodeToString(random(32))
	_, err = t.exec(ctx, `INSERT INTO secrets (hash, domain_id, created_at) VALUES (?, ?, ?)`,
		hashSecret(secret), id, millis(db.now()))
	return secret, err
}

// SecretValid reports whether secret is one of a domain and has not expired.
func (db *DB) SecretValid(ctx context.Context, id form.DomainID, secret string) (valid bool, err error) {
	defer wrap(&err, "secret of domain %d", id)
	// Looking up the hash of what was sent takes no longer for a secret that
	// is nearly right, so timing tells nothing.
	err = db.view(ctx, func(t tx) error {
		return t.row(ctx, `
			SELECT count(*) > 0 FROM secrets
			WHERE hash = ? AND domain_id = ? AND (expires_at IS NULL OR expires_at > ?)`,
			hashSecret(secret), id, millis(db.now()))(&valid)
	})
	return valid, err
}

// SaveDomain keeps the name, languages and settings of d.
func (db *DB) SaveDomain(ctx context.Context, by form.Actor, d form.Domain) (err error) {
	defer wrap(&err, "save domain %d", d.ID)
	if err := d.Check(); err != nil {
		return err
	}
	return db.act(ctx, by, "save_domain", func(t tx) (subject, error) {
		s := &d.Settings
		return theDomain(d.ID), t.row(ctx, `
			UPDATE domains SET
				name = ?, languages = ?, tables = ?, fetch_urls = ?, together = ?, quota = ?, webhook = ?, cells = ?, illegible = ?, per_minute = ?,
				catalog = catalog + (beta <> ?), beta = ?
			WHERE id = ?
			RETURNING id`,
			d.Name, strings.Join(d.Languages, ","), s.Tables, s.FetchURLs, s.Together, s.Quota, s.Webhook, s.Cells, s.Illegible, s.PerMinute, s.Beta, s.Beta, d.ID)(&d.ID)
	})
}

// RotateSigningKey gives a domain a new signing key. The old one is not used
// any more.
func (db *DB) RotateSigningKey(ctx context.Context, by form.Actor, id form.DomainID) (err error) {
	defer wrap(&err, "signing key of domain %d", id)
	return db.act(ctx, by, "rotate_signing_key", func(t tx) (subject, error) {
		return theDomain(id), t.row(ctx, `UPDATE domains SET signing_key = ? WHERE id = ? RETURNING id`, hex.EncodeToString(random(32)), id)(&id)
	})
}

// A Secret is what is known of a secret: not the secret itself.
type Secret struct {
	CreatedAt time.Time
	ExpiresAt time.Time // zero for never
}

// Secrets returns the secrets of a domain that are good, the newest first.
func (db *DB) Secrets(ctx context.Context, id form.DomainID) (list []Secret, err error) {
	defer wrap(&err, "secrets of domain %d", id)
	err = db.view(ctx, func(t tx) error {
		list, err = collect(ctx, t, scanSecret, `
			SELECT created_at, expires_at FROM secrets
			WHERE domain_id = ? AND (expires_at IS NULL OR expires_at > ?)
			ORDER BY created_at DESC, expires_at IS NOT NULL`, id, millis(db.now()))
		return err
	})
	return list, err
}

func scanSecret(scan func(...any) error) (Secret, error) {
	var created int64
	var expires sql.Null[int64]
	err := scan(&created, &expires)
	return Secret{fromMillis(created), fromNullMillis(expires)}, err
}

// UseCalls counts n calls of a domain, or none, and reports whether there were
// as many left this month. The month is that of the server.
func (db *DB) UseCalls(ctx context.Context, id form.DomainID, n int) (left bool, err error) {
	defer wrap(&err, "count calls of domain %d", id)
	err = db.update(ctx, func(t tx) error {
		used, err := calls(ctx, t, id, db.month())
		if err != nil {
			return err
		}
		if err := t.row(ctx, `SELECT quota = 0 OR quota >= ? FROM domains WHERE id = ?`, used+n, id)(&left); err != nil || !left {
			return err
		}
		_, err = t.exec(ctx, `
			INSERT INTO calls (domain_id, month, n) VALUES (?, ?, ?)
			ON CONFLICT (domain_id, month) DO UPDATE SET n = calls.n + excluded.n`, id, db.month(), n)
		return err
	})
	return left, err
}

// Calls returns how many calls of a domain have been counted this month.
func (db *DB) Calls(ctx context.Context, id form.DomainID) (n int, err error) {
	defer wrap(&err, "calls of domain %d", id)
	err = db.view(ctx, func(t tx) error {
		n, err = calls(ctx, t, id, db.month())
		return err
	})
	return n, err
}

func calls(ctx context.Context, t tx, id form.DomainID, month string) (n int, err error) {
	err = t.row(ctx, `SELECT coalesce(sum(n), 0) FROM calls WHERE domain_id = ? AND month = ?`, id, month)(&n)
	return n, err
}

// month returns the month it is, 2026-11.
func (db *DB) month() string { return db.now().Format("2006-01") }

// Domain returns a domain.
func (db *DB) Domain(ctx context.Context, in form.Scope, id form.DomainID) (d form.Domain, err error) {
	defer wrap(&err, "domain %d", id)
	err = db.view(ctx, func(t tx) error {
		d, err = scanDomain(t.row(ctx, `SELECT `+domainColumns+` FROM domains WHERE id = ?`, id))
		return seen(in, d.ID, err)
	})
	return d, err
}

// Domains returns all domains, the oldest first.
func (db *DB) Domains(ctx context.Context, in form.Scope) (ds []form.Domain, err error) {
	defer wrap(&err, "domains")
	err = db.view(ctx, func(t tx) error {
		ds, err = collect(ctx, t, scanDomain, `SELECT `+domainColumns+` FROM domains ORDER BY id`)
		return err
	})
	return slices.DeleteFunc(ds, func(d form.Domain) bool { return !in.Has(d.ID) }), err
}

// hashSecret needs no salt and no stretching: secrets are 256 random bits.
func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// random returns n random bytes.
func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return b
}
