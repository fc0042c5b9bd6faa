package clova

import (
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A ResultResponse tells what is known of a page, as version V2 does, with what
// people have said about it. It is an addition to the protocol.
type ResultResponse struct {
	Version   Version    `json:"version"`   // V2
	Timestamp int64      `json:"timestamp"` // ms since 1970, of the server
	UID       string     `json:"uid"`
	State     form.State `json:"state"`
	Images    []*Image2  `json:"images"` // one, or none while the page is still to be read
}

// NewResult returns what is known of a page at the time at. The name is that
// of its file.
func NewResult(name string, r *Result, at time.Time) *ResultResponse {
	answer := &ResultResponse{Version: V2, Timestamp: at.UnixMilli(), UID: r.UID, State: r.Page.State, Images: []*Image2{}}
	if !r.Page.State.Final() {
		return answer
	}
	said := *r
	said.Values = make([]form.Value, len(r.Values))
	byID := make(map[form.FieldID]form.Value)
	for i := range r.Values {
		said.Values[i] = asReviewed(r.Values[i])
		byID[r.Values[i].Field.ID] = r.Values[i]
	}
	image := NewImage2(name, &said)
	if r.Template != nil {
		for i, f := range r.fields() {
			v := byID[f.ID]
			is := v.Latest() != nil
			image.Fields[i].Reviewed, image.Fields[i].Mark = &is, v.Mark()
		}
	}
	answer.Images = append(answer.Images, image)
	return answer
}

// asReviewed returns v with what a person said in the place of its reading. A
// person is believed; the words of the machine go where the text is another.
func asReviewed(v form.Value) form.Value {
	said := v.Latest()
	if said == nil {
		return v
	}
	r := v.Reading
	if v.Field.Kind == form.Checkbox && said.Mark != "" {
		r.Text, r.Checked = "", false
	} else if v.Field.Kind == form.Checkbox {
		r.Text = v.Field.UncheckedText
		if r.Checked = said.Checked; r.Checked {
			r.Text = v.Field.CheckedText
		}
	} else if r.Text != said.Text {
		r.Text, r.Words = said.Text, spread(v.Field, r.Words, said.Text)
	}
	r.Confidence = 1
	v.Reading = r
	return v
}

// spread returns text as the words of a row of boxes, if that has a box for
// each character; other fields have no words then.
func spread(f form.Field, boxes []form.Word, text string) []form.Word {
	characters := []rune(text)
	if f.Kind != form.MultiBox || len(boxes) != len(f.Boxes) || len(characters) > len(boxes) {
		return nil
	}
	words := make([]form.Word, len(boxes))
	for i := range words {
		words[i] = form.Word{Where: boxes[i].Where, Confidence: 1}
		if i < len(characters) {
			words[i].Text = string(characters[i])
		}
	}
	return words
}

// JSON returns a as it is sent.
func (a *ResultResponse) JSON() ([]byte, error) { return encode(a) }
