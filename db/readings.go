package db

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/vault"
)

// detail is what of a reading is only shown. It lies apart, so that lists and
// downloads need not pass it by.
type detail struct {
	Where        geom.Quad          `json:"where"`
	Words        []form.Word        `json:"words,omitempty"`
	Alternatives []form.Alternative `json:"alternatives,omitempty"`
	Ruled        form.Reason        `json:"ruled,omitempty"`
}

const (
	readingColumns = `r.page_id, r.field, r.text, r.checked, r.confidence, r.reasons, r.engine`
	detailColumn   = `(SELECT detail FROM reading_details WHERE page_id = r.page_id AND run = r.run AND field = r.field)`
)

// A pageReading is a reading and the page it is of.
type pageReading struct {
	page form.PageID
	form.Reading
}

// scanPlain scans a reading without its detail.
func scanPlain(scan func(...any) error) (pageReading, error) { return scanReading(scan) }

// scanWhole scans a reading and its detail.
func scanWhole(scan func(...any) error) (pageReading, error) {
	var encoded []byte
	r, err := scanReading(scan, &encoded)
	if err != nil {
		return r, err
	}
	var d detail
	err = json.Unmarshal(encoded, &d)
	r.Where, r.Words, r.Alternatives, r.Ruled = d.Where, d.Words, d.Alternatives, d.Ruled
	return r, err
}

func scanReading(scan func(...any) error, more ...any) (pageReading, error) {
	var r pageReading
	var reasons string
	err := scan(append([]any{&r.page, &r.Field, &r.Text, &r.Checked, &r.Confidence, &reasons, &r.Engine}, more...)...)
	for reason := range strings.FieldsSeq(reasons) {
		r.Reasons = append(r.Reasons, form.Reason(reason))
	}
	return r, err
}

// addReadings adds what was read in a run of a page.
func (db *DB) addReadings(ctx context.Context, t tx, page form.PageID, run int, of version, readings []form.Reading) error {
	secret, err := db.sealedPlaces(ctx, t, of)
	if err != nil {
		return err
	}
	var texts *vault.Texts
	if len(secret) > 0 {
		if texts, err = t.textsOf(ctx, page); err != nil {
			return err
		}
	}
	insert, err := t.prepare(ctx, `
		INSERT INTO readings (page_id, run, field, text, checked, confidence, reasons, engine)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	detailed, err := t.prepare(ctx, `
		INSERT INTO reading_details (page_id, run, field, detail) VALUES (?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer detailed.Close()
	for _, r := range readings {
		encoded, err := json.Marshal(detail{r.Where, r.Words, r.Alternatives, r.Ruled})
		if err != nil {
			return err
		}
		text, detail := r.Text, string(encoded)
		if slices.Contains(secret, r.Field) {
			if detail = texts.Seal(detail); text != "" {
				text = texts.Seal(text)
			}
		}
		if _, err := insert.ExecContext(ctx,
			page, run, r.Field, text, r.Checked, r.Confidence, spaced(r.Reasons), r.Engine); err != nil {
			// Not wrapped: a field that comes twice is a mistake of the reader,
			// and must not look like a page that has been read already.
			return fmt.Errorf("reading of %s: %v", r.Field, err) //nolint:errorlint // see above
		}
		if _, err := detailed.ExecContext(ctx, page, run, r.Field, detail); err != nil {
			return err
		}
	}
	return countDoubt(ctx, t, page)
}

// spaced returns the words with a space between each two.
func spaced[T ~string](words []T) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(w))
	}
	return b.String()
}

const correctionColumns = `c.id, c.page_id, c.run, c.field, c.text, c.checked, c.mark, c.accepted, c.override, c.user_id, u.name, c.at`

func scanCorrection(scan func(...any) error) (form.Correction, error) {
	var c form.Correction
	var at int64
	err := scan(&c.ID, &c.Page, &c.Run, &c.Field, &c.Text, &c.Checked, &c.Mark, &c.Accepted, &c.Override, &c.By, &c.ByName, &at)
	c.At = fromMillis(at)
	return c, err
}
