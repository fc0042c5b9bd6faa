package form

import "time"

// A Certificate is one that the site is served by https with.
type Certificate struct {
	Name     string    // of the site, or of the file
	From     time.Time // when it began to be good
	Over     time.Time // until when it is; zero where there is none yet
	Failed   string    // why the last try to have or to read it failed; empty where it did not
	FailedAt time.Time
}

// A certificate that is renewed by itself is so a third of its life before its end.
const (
	certificateSoon = 14 * 24 * time.Hour
	certificateLate = 5 // the part of its life that is left, as a divisor
)

// Late reports whether a certificate should have been renewed, or got, by now.
func (c Certificate) Late(now time.Time) bool {
	return c.Over.Sub(now) < min(certificateSoon, c.Over.Sub(c.From)/certificateLate)
}
