package clova

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A Result is what became of one page of the file of a request.
type Result struct {
	UID      string         // of NewID
	Page     form.Page      // in a state that is final
	Template *form.Template // the version that the page was read with; nil where none was found
	Title    form.Reading   // of the template's title
	Values   []form.Value   // of the template's places, in any order
	Cells    bool           // the domain has the cells of tables among the fields

	Validation form.Validation // zero where there is none
}

// ResultOf returns what became of the page of r, which is of a domain that has,
// or has not, the cells of tables among the fields.
func ResultOf(r *form.Record, cells bool) *Result {
	return &Result{
		UID: r.Page.UID, Page: r.Page.Page, Template: r.Template, Title: r.Title, Values: r.Values, Cells: cells,
		Validation: r.Page.Validation,
	}
}

// A Response is the answer to a request.
type Response struct {
	Version   Version `json:"version"`
	RequestID string  `json:"requestId"`
	Timestamp int64   `json:"timestamp"` // ms since 1970, of the server
	Images    []any   `json:"images"`    // Image1, Image2, General1 or General2, one a page
}

// NewResponse returns the answer to r at the time at.
func NewResponse(r *Request, at time.Time, results []Result) *Response {
	answer := &Response{Version: r.Version, RequestID: r.ID, Timestamp: at.UnixMilli(), Images: []any{}}
	paged := Paged(r.Image.Head)
	for i := range results {
		image := NewImage2(r.Image.Name, &results[i])
		if paged {
			image.ConvertedImageInfo = converted(&results[i].Page)
		}
		if !r.Tables { // strict clients fail on what they did not ask for
			image.Tables = nil
		}
		if r.Version == V1 {
			answer.Images = append(answer.Images, image.v1())
		} else {
			answer.Images = append(answer.Images, image)
		}
	}
	return answer
}

// JSON returns a as it is sent. Text stands in it as it is, not escaped for HTML.
func (a *Response) JSON() ([]byte, error) { return encode(a) }

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// An Image2 is one page in an answer of version V2.
type Image2 struct {
	head
	ConvertedImageInfo *ConvertedImageInfo `json:"convertedImageInfo,omitempty"`
	Title              *Title2             `json:"title,omitempty"`
	Fields             []Field2            `json:"fields"` // in the order of the template, then cells; never null
	combined
	Tables []Table `json:"tables,omitempty"`
}

// An Image1 is one page in an answer of version V1.
type Image1 struct {
	head
	Title  *Title1  `json:"title,omitempty"`
	Fields []Field1 `json:"fields"` // in the order of the template; never null
	combined
}

// head is how an image begins in both versions.
type head struct {
	UID              string           `json:"uid"`
	Name             string           `json:"name"`
	InferResult      string           `json:"inferResult"` // SUCCESS, FAILURE or ERROR
	Message          string           `json:"message"`
	Warning          string           `json:"warning,omitempty"` // how the page lies badly; ours: clients compare Message with SUCCESS
	MatchedTemplate  *MatchedTemplate `json:"matchedTemplate,omitempty"`
	ValidationResult ValidationResult `json:"validationResult"`
}

// A MatchedTemplate says which template a page was found to be.
type MatchedTemplate struct {
	ID   form.TemplateID `json:"id"`
	Name string          `json:"name"`
}

// A ValidationResult is what an external validation made of an image.
type ValidationResult struct {
	Result  string `json:"result"` // a form.Verdict, or NO_REQUESTED where none is set up
	Message string `json:"message,omitempty"`
}

// A ConvertedImageInfo tells the pages of a PDF or TIFF apart.
type ConvertedImageInfo struct {
	Width     int  `json:"width"`     // pixels
	Height    int  `json:"height"`    // pixels
	PageIndex int  `json:"pageIndex"` // from 0
	LongImage bool `json:"longImage"` // whether it was cut into pieces, which is never done here
}

// combined is the values that a template makes out of others.
type combined struct {
	CombineResult *CombineResult `json:"combineResult,omitempty"`
	// CombineResults has all of them where there is more than one, for which
	// the protocol has no place.
	CombineResults []CombineResult `json:"combineResults,omitempty"`
}

// A CombineResult is a value made out of others.
type CombineResult struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// A Number is written with a decimal point always, and as short as a 32-bit
// float allows: there are clients that refuse a whole number where the
// original has a float.
type Number float64

// MarshalJSON never fails: what is not finite is written as 0.0.
func (n Number) MarshalJSON() ([]byte, error) {
	f := float64(n)
	if math.IsNaN(f) || math.Abs(f) > math.MaxFloat32 {
		f = 0
	}
	b := strconv.AppendFloat(nil, f, 'f', -1, 32)
	if !slices.Contains(b, '.') {
		b = append(b, ".0"...)
	}
	return b, nil
}

// The results of an image, and the message that the original sends with a page
// that is no template's.
const (
	success  = "SUCCESS"
	failure  = "FAILURE"
	failed   = "ERROR"
	notFound = "NOT_FOUND: not found matched template"
)

// failures are the messages of pages that could not be read.
var failures = map[form.Failure]string{
	form.FailEmpty:       "The image is empty.",
	form.FailUnsupported: "The image format is not supported: send JPEG, PNG, PDF or TIFF.",
	form.FailCoding:      "The image is stored in a way that cannot be decoded, as AVIF, JPEG XL, or JPEG that is lossless, arithmetic or of 12 bits: send it as a usual JPEG or PNG.",
	form.FailHEIF:        "The HEIC image cannot be decoded: send it as JPEG.",
	form.FailDamaged:     "The image is damaged and cannot be decoded.",
	form.FailEncrypted:   "The PDF is locked with a password.",
	form.FailTooLarge:    "The file is too large.",
	form.FailTooMany:     "The file has too many pages.",
	form.FailResolution:  "The image resolution limit has been exceeded. Each side of the image must be between 10 px and 8000 px.",
	form.FailEngine:      "OCR service error.",
	form.FailInternal:    "Internal server error.",
}

// warnings are what the faults of a page mean to a program.
var warnings = map[form.Fault]string{
	form.FaultLoose:  "The print does not lie where the template has it.",
	form.FaultCut:    "Part of the form is outside the image.",
	form.FaultUnseen: "The file has no picture of a part of the page.",
	form.FaultBeside: "The values are printed beside their fields.",
	form.FaultCoarse: "The resolution is too low for the smallest field.",

	form.FaultMirrored: "The page matches a template only when it is mirrored.",

	form.FaultIncomplete: "Part of what is filled in could not be drawn.",

	form.FaultSeveral: "There may be another form on the image, which was not read.",
}

// NewImage2 returns what version V2 says about a page, under the name that the
// client gave its file.
func NewImage2(name string, r *Result) *Image2 {
	image := &Image2{
		head: head{
			UID:              r.UID,
			Name:             name,
			InferResult:      failed,
			ValidationResult: validation(r.Validation),
		},
		Fields: []Field2{},
	}
	switch r.Page.State {
	case form.StateDone, form.StateReview:
		image.read(r)
	case form.StateUnmatched:
		image.InferResult, image.Message, image.Warning = failure, notFound, warning(r.Page.Faults)
	default:
		image.fail(r.Page.Failure)
	}
	return image
}

// fail says why a page could not be read.
func (h *head) fail(why form.Failure) {
	h.InferResult, h.Message = failed, failures[why]
	if h.Message == "" {
		h.Message = failures[form.FailInternal]
	}
}

// notRequested is the result of a validation that was not asked for.
const notRequested = "NO_REQUESTED"

func validation(v form.Validation) ValidationResult {
	if v.Verdict == "" {
		return ValidationResult{Result: notRequested}
	}
	return ValidationResult{string(v.Verdict), v.Message}
}

// read fills in what was read on a page that has a template.
func (image *Image2) read(r *Result) {
	image.InferResult, image.Message = success, success
	image.Warning = warning(r.Page.Faults)
	image.MatchedTemplate = &MatchedTemplate{r.Template.ID, r.Template.Name}
	image.Title = title(r)
	values := make(map[form.FieldID]*form.Reading, len(r.Values))
	for i := range r.Values {
		values[r.Values[i].Field.ID] = &r.Values[i].Reading
	}
	page := page{r.Page, values}
	for _, f := range r.fields() {
		image.Fields = append(image.Fields, page.field(&f))
	}
	for i := range r.Template.Tables {
		image.Tables = append(image.Tables, page.table(&r.Template.Tables[i]))
	}
	image.combined = page.combine(r.Template.Combine)
}

// fields returns what the fields of an image are about: the fields of the
// template and, where the domain has them there, the cells of its tables.
func (r *Result) fields() []form.Field {
	if !r.Cells {
		return r.Template.Fields
	}
	fields := r.Template.Places()
	for i := range fields {
		if fields[i].Table != "" {
			fields[i].Name = r.Template.CellName(&fields[i])
		}
	}
	return fields
}

func warning(faults []form.Fault) string {
	words := make([]string, len(faults))
	for i, f := range faults {
		words[i] = warnings[f]
	}
	return strings.Join(words, " ")
}

func converted(p *form.Page) *ConvertedImageInfo {
	if p.Width == 0 {
		return nil // it was never decoded
	}
	return &ConvertedImageInfo{Width: p.Width, Height: p.Height, PageIndex: p.Number - 1}
}

// v1 returns image as version V1 has it.
func (image *Image2) v1() *Image1 {
	old := &Image1{head: image.head, Fields: []Field1{}, combined: image.combined}
	if t := image.Title; t != nil {
		old.Title = &Title1{t.Name, bounding(t.BoundingPoly), t.InferText, t.InferConfidence}
	}
	for i := range image.Fields {
		f := &image.Fields[i]
		old.Fields = append(old.Fields, Field1{f.Name, bounding(f.BoundingPoly), f.ValueType, f.InferText, f.InferConfidence})
	}
	return old
}

// Refusal returns the error that answers a whole request whose pages became
// results, or nil if they are answered one by one. The original says ERROR
// both of a bad file and of its own faults, and clients cannot tell whether to
// try again; here a fault of ours that leaves no page read is a status of 500.
func Refusal(results []Result) error {
	var refusal *Error
	for i := range results {
		switch p := results[i].Page; {
		case p.State != form.StateFailed:
			return nil
		case p.Failure == form.FailEngine:
			refusal = ErrEngine
		case p.Failure == form.FailInternal && refusal == nil:
			refusal = ErrService
		}
	}
	if refusal == nil {
		return nil
	}
	return refusal
}
