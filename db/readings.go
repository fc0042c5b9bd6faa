package db

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// detail is what of a reading is only shown and never searched for.
type detail struct {
	Where        geom.Quad          `json:"where"`
	Words        []form.Word        `json:"words,omitempty"`
	Alternatives []form.Alternative `json:"alternatives,omitempty"`
	Ruled        form.Reason        `json:"ruled,omitempty"`
}

const readingColumns = `r.page_id, r.field, r.text, r.checked, r.confidence, r.reasons, r.engine, r.detail`

// A pageReading is a reading and the page it is of.
type pageReading struct {
	page form.PageID
	form.Reading
}

func scanReading(scan func(...any) error) (pageReading, error) {
	var r pageReading
	var reasons string
	var encoded []byte
	if err := scan(&r.page, &r.Field, &r.Text, &r.Checked, &r.Confidence, &reasons, &r.Engine, &encoded); err != nil {
		return r, err
	}
	for reason := range strings.FieldsSeq(reasons) {
		r.Reasons = append(r.Reasons, form.Reason(reason))
	}
	var d detail
	err := json.Unmarshal(encoded, &d)
	r.Where, r.Words, r.Alternatives, r.Ruled = d.Where, d.Words, d.Alternatives, d.Ruled
	return r, err
}

func addReadings(ctx context.Context, t tx, page form.PageID, run int, readings []form.Reading) error {
	insert, err := t.PrepareContext(ctx, t.Rebind(`
		INSERT INTO readings (page_id, run, field, text, checked, confidence, reasons, engine, detail)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`))
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, r := range readings {
		encoded, err := json.Marshal(detail{r.Where, r.Words, r.Alternatives, r.Ruled})
		if err != nil {
			return err
		}
		if _, err := insert.ExecContext(ctx,
			page, run, r.Field, r.Text, r.Checked, r.Confidence, spaced(r.Reasons), r.Engine, string(encoded)); err != nil {
			// Not wrapped: a field that comes twice is a mistake of the reader,
			// and must not look like a page that has been read already.
			return fmt.Errorf("reading of %s: %v", r.Field, err) //nolint:errorlint // see above
		}
	}
	return nil
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

const correctionColumns = `c.id, c.page_id, c.run, c.field, c.text, c.checked, c.accepted, c.user_id, u.name, c.at`

func scanCorrection(scan func(...any) error) (form.Correction, error) {
	var c form.Correction
	var at int64
	err := scan(&c.ID, &c.Page, &c.Run, &c.Field, &c.Text, &c.Checked, &c.Accepted, &c.By, &c.ByName, &at)
	c.At = fromMillis(at)
	return c, err
}
