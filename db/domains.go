package db

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"github.com/seosik/seosik/internal/form"
)

const domainColumns = `id, name, languages, hash, created_at`

func scanDomain(scan func(...any) error) (form.Domain, error) {
	var d form.Domain
	var languages string
	var created int64
	err := scan(&d.ID, &d.Name, &languages, &d.Hash, &created)
	d.Languages = form.SplitLanguages(languages)
	d.CreatedAt = fromMillis(created)
	return d, err
}

// AddDomain adds a domain with a secret, which is kept as a hash only and so
// cannot be shown again.
func (db *DB) AddDomain(ctx context.Context, name string, languages []string) (d form.Domain, secret string, err error) {
	defer wrap(&err, "add domain")
	if err := form.CheckLanguages(languages); err != nil {
		return form.Domain{}, "", err
	}
	err = db.update(ctx, func(t tx) error {
		d, err = scanDomain(t.row(ctx, `
			INSERT INTO domains (name, languages, hash, created_at) VALUES (?, ?, ?, ?)
			RETURNING `+domainColumns,
			name, strings.Join(languages, ","), hex.EncodeToString(random(32)), millis(db.now())))
		if err != nil {
			return err
		}
		secret, err = db.addSecret(ctx, t, d.ID)
		return err
	})
	return d, secret, err
}

// RotateSecret gives a domain a new secret. The older ones stay good for
// keep, and not at all where keep is 0.
func (db *DB) RotateSecret(ctx context.Context, id form.DomainID, keep time.Duration) (secret string, err error) {
	defer wrap(&err, "rotate secret of domain %d", id)
	err = db.update(ctx, func(t tx) error {
		until := millis(db.now().Add(keep))
		if _, err := t.exec(ctx, `
			UPDATE secrets SET expires_at = ?
			WHERE domain_id = ? AND (expires_at IS NULL OR expires_at > ?)`, until, id, until); err != nil {
			return err
		}
		secret, err = db.addSecret(ctx, t, id)
		return err
	})
	return secret, err
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

// Domain returns a domain.
func (db *DB) Domain(ctx context.Context, id form.DomainID) (d form.Domain, err error) {
	defer wrap(&err, "domain %d", id)
	err = db.view(ctx, func(t tx) error {
		d, err = scanDomain(t.row(ctx, `SELECT `+domainColumns+` FROM domains WHERE id = ?`, id))
		return err
	})
	return d, err
}

// Domains returns all domains, the oldest first.
func (db *DB) Domains(ctx context.Context) (ds []form.Domain, err error) {
	defer wrap(&err, "domains")
	err = db.view(ctx, func(t tx) error {
		ds, err = collect(ctx, t, scanDomain, `SELECT `+domainColumns+` FROM domains ORDER BY id`)
		return err
	})
	return ds, err
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
