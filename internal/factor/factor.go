// Package factor is the second factor by which people log in: codes of an app
// (TOTP, RFC 6238: 6 digits, 30 s, SHA-1, as all apps know it), and codes on paper
// for who has lost the app.
package factor

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"image/png"
	"strings"
	"time"
	"unicode"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
	"golang.org/x/text/width"
)

const (
	period     = 30 // seconds that a code is shown for
	drift      = 1  // periods that a telephone's clock may be off by
	digits     = 6
	secretSize = 20  // bytes, as RFC 4226 wants it
	codeSize   = 10  // bytes of a code on paper: too many to be guessed, also from its hash
	Codes      = 10  // on paper, at a time
	side       = 240 // pixels of the picture
)

// A Secret is what an app and the site share: base32.
type Secret string

// New returns a secret that nobody knows.
func New() Secret { return Secret(random(secretSize)) }

func random(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b)
}

// Step returns in which period code is shown, around now. It is false for a code
// that is not shown then. A code is good once: whoever takes it notes its period,
// and takes none of that or an earlier one.
func (s Secret) Step(code string, now time.Time) (step int64, ok bool) {
	code = plain(code)
	for step = now.Unix()/period - drift; step <= now.Unix()/period+drift; step++ {
		if right, err := hotp.ValidateCustom(code, uint64(step), string(s), hotp.ValidateOpts{Digits: digits, Algorithm: otp.AlgorithmSHA1}); err == nil && right {
			return step, true
		}
	}
	return 0, false
}

// Code returns the code that an app shows at a time.
func (s Secret) Code(at time.Time) (string, error) {
	return totp.GenerateCodeCustom(string(s), at, totp.ValidateOpts{Period: period, Digits: digits, Algorithm: otp.AlgorithmSHA1})
}

// Picture returns a PNG that an app takes the secret from, for the account of
// somebody at a site.
func (s Secret) Picture(site, account string) ([]byte, error) {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(string(s))
	if err != nil {
		return nil, err
	}
	// A colon parts the two in an app.
	key, err := totp.Generate(totp.GenerateOpts{Issuer: strings.ReplaceAll(site, ":", " "), AccountName: strings.ReplaceAll(account, ":", " "), Secret: raw})
	if err != nil {
		return nil, err
	}
	picture, err := key.Image(side, side)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = png.Encode(&b, picture)
	return b.Bytes(), err
}

// Groups returns the secret as people type it.
func (s Secret) Groups() string { return groups(string(s)) }

func groups(text string) string {
	var b strings.Builder
	for i, r := range text {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// NewCodes returns codes for paper.
func NewCodes() []string {
	codes := make([]string, Codes)
	for i := range codes {
		codes[i] = groups(random(codeSize))
	}
	return codes
}

// Hash returns what is kept of a code on paper. It needs no salt and no stretching:
// a code is 80 random bits.
func Hash(code string) []byte {
	sum := sha256.Sum256([]byte(strings.ToUpper(plain(code))))
	return sum[:]
}

// plain returns what of a code counts: people type spaces, hyphens, and, with a
// Korean or Japanese keyboard, wide characters.
func plain(code string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' {
			return -1
		}
		return r
	}, width.Narrow.String(code))
}
