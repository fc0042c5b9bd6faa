package clova

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/seosik/seosik/internal/form"
)

// A Question is what an external validation is asked.
type Question struct {
	Image *Image2 `json:"image"`
}

// NewQuestion asks about a page that has a template. Paged tells whether its
// file, of the given name, is one of pages.
func NewQuestion(name string, paged bool, r *Result) *Question {
	unchecked := *r
	unchecked.Validation = form.Validation{Verdict: form.Unchecked}
	image := NewImage2(name, &unchecked)
	if paged {
		image.ConvertedImageInfo = converted(&r.Page)
	}
	return &Question{image}
}

// JSON returns q as it is sent.
func (q *Question) JSON() ([]byte, error) { return encode(q) }

// maxVerdict limits what a validation may say to people, in characters.
const maxVerdict = 500

// ReadVerdict reads the answer to a Question: an object with result and,
// perhaps, message, or one with such an object as its validationResult, or as
// that of its image.
func ReadVerdict(answer []byte) (form.Validation, error) {
	type verdict struct {
		Result  string `json:"result"`
		Message string `json:"message"`
	}
	type wrapped struct {
		verdict
		ValidationResult verdict `json:"validationResult"`
	}
	var a struct {
		wrapped
		Image wrapped `json:"image"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return form.Validation{}, errors.New("its answer is not JSON")
	}
	for _, v := range []verdict{a.verdict, a.ValidationResult, a.Image.ValidationResult} {
		switch said := form.Verdict(strings.ToUpper(strings.TrimSpace(v.Result))); said {
		case form.Valid, form.NotValid, form.CheckFailed:
			message := []rune(strings.ToValidUTF8(v.Message, ""))
			return form.Validation{Verdict: said, Message: string(message[:min(len(message), maxVerdict)])}, nil
		}
	}
	return form.Validation{}, errors.New("its answer has no result VALID, INVALID or ERROR")
}
