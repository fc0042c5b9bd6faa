package clova

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"mime/multipart"
	"slices"
	"strconv"
	"strings"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
)

// Limits bound what a request may ask for.
type Limits struct {
	Bytes int // of the file; 0 for 50 MiB
}

// bytes returns the limit of a file.
func (l Limits) bytes() int {
	if l.Bytes == 0 {
		return 50 << 20
	}
	return l.Bytes
}

// Body returns how many bytes the body of a request may have: each byte of a
// file takes six at most, as "-128, ".
func (l Limits) Body() int64 { return 6*int64(l.bytes()) + 2*maxMessage }

// maxMessage limits a request without its file, in bytes.
const maxMessage = 1 << 20

var errMessage = errors.New("the message without its file is larger than 1 MB")

// ReadRequest reads a request, whose file goes to store as it comes; the caller
// keeps or discards it. The body is what it looks like, JSON or multipart; the
// content type is asked for the boundary only. Errors are *Error, of the code
// that the protocol gives them, or of the store.
func ReadRequest(contentType string, body io.Reader, store blob.Store, limits Limits) (*Request, error) {
	b := &watched{r: body, left: limits.Body()}
	files := &shelf{store: store}
	r, err := read(contentType, bufio.NewReaderSize(b, 64<<10), files, limits)
	if b.err != nil { // worse than whatever came of it
		err = b.err
	}
	if err == nil {
		files.clear(r.Image.File)
		return r, nil
	}
	files.clear(nil)
	if e, ok := errors.AsType[*storeError](err); ok {
		return nil, e.err
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return nil, e
	}
	if errors.Is(err, errLarge) {
		return nil, ErrBody.Because("the file is larger than %d MB", limits.bytes()>>20)
	}
	return nil, ErrBody.Because("%s", err)
}

// A watched reader ends a body that is too long, and remembers how it ended.
type watched struct {
	r    io.Reader
	left int64 // bytes
	err  error // other than io.EOF
}

func (w *watched) Read(p []byte) (int, error) {
	if w.left <= 0 {
		w.err = errLarge
		return 0, w.err
	}
	n, err := w.r.Read(p[:min(int64(len(p)), w.left)])
	w.left -= int64(n)
	if err != nil && err != io.EOF {
		w.err = errors.New("the body was cut off")
		return n, w.err
	}
	return n, err
}

func read(contentType string, in *bufio.Reader, files *shelf, limits Limits) (*Request, error) {
	if err := skipSpace(in); err != nil {
		return nil, err
	}
	start, _ := in.Peek(2)
	if start[0] == '{' {
		l := lifter{in: in, files: files, limits: limits}
		if err := l.lift(); err != nil {
			return nil, err
		}
		return l.request(nil)
	}
	boundary := boundaryOf(contentType)
	if boundary == "" && string(start) == "--" {
		line, _ := in.Peek(256) // a boundary has at most 70 characters
		line, _, _ = bytes.Cut(line[2:], []byte("\n"))
		boundary = string(bytes.TrimRight(line, "\r"))
	}
	if boundary == "" {
		return nil, errors.New("it is neither JSON nor multipart/form-data")
	}
	return readMultipart(multipart.NewReader(in, boundary), files, limits)
}

// skipSpace skips what may stand before a body: a byte order mark and white space.
func skipSpace(in *bufio.Reader) error {
	if bom, _ := in.Peek(3); string(bom) == "\ufeff" {
		_, _ = in.Discard(3)
	}
	for {
		c, err := in.ReadByte()
		if err != nil {
			return errors.New("it is empty")
		}
		if b64Digits[c] != b64Space {
			return in.UnreadByte()
		}
	}
}

// boundaryOf returns the boundary that a content type of multipart names, or "".
func boundaryOf(contentType string) string {
	kind, _, _ := strings.Cut(contentType, "/")
	if !strings.EqualFold(strings.TrimSpace(kind), "multipart") {
		return ""
	}
	return param(contentType, "boundary")
}

// param returns a parameter of a header's value, or "". It also reads
// parameters that break the rules, such as one with a slash and no quotes.
func param(value, name string) string {
	if _, params, err := mime.ParseMediaType(value); err == nil {
		return params[name]
	}
	for _, p := range strings.Split(value, ";")[1:] {
		if k, v, _ := strings.Cut(strings.TrimSpace(p), "="); strings.EqualFold(strings.TrimSpace(k), name) {
			return strings.Trim(strings.TrimSpace(v), `"`)
		}
	}
	return ""
}

// readMultipart reads the parts "message" and "file", in any order and of any
// type. The first of each counts.
func readMultipart(parts *multipart.Reader, files *shelf, limits Limits) (*Request, error) {
	var message *lifter
	var file *blob.Draft
	for {
		part, err := parts.NextPart()
		if ended(err) {
			break
		}
		if err != nil {
			return nil, errors.New("it is not multipart/form-data")
		}
		switch name := param(part.Header.Get("Content-Disposition"), "name"); {
		case name == "message" && message == nil:
			message = &lifter{in: bufio.NewReader(part), files: files, limits: limits}
			err = message.lift()
		case name == "file" && file == nil:
			file, err = readFile(part, files, limits)
		}
		if err != nil {
			return nil, err
		}
	}
	if message == nil {
		return nil, errors.New(`the part "message" is missing`)
	}
	return message.request(file)
}

func readFile(r io.Reader, files *shelf, limits Limits) (*blob.Draft, error) {
	file, err := files.add()
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(file, io.LimitReader(r, int64(limits.bytes())+1))
	switch closeErr := file.Close(); {
	case closeErr != nil:
		return nil, &storeError{closeErr}
	case err != nil && !ended(err):
		return nil, err
	case file.Size() > int64(limits.bytes()):
		return nil, errLarge
	}
	return file, nil
}

// A message is a request as it is written. Clients disagree about the types,
// so that any is taken here.
type message struct {
	Version   any `json:"version"`
	RequestID any `json:"requestId"`
	Timestamp any `json:"timestamp"`
	Lang      any `json:"lang"`
	Tables    any `json:"enableTableDetection"`
	Images    []struct {
		Format      any `json:"format"`
		Name        any `json:"name"`
		URL         any `json:"url"`
		Data        any `json:"data"` // the number of a lifted file
		TemplateIDs any `json:"templateIds"`
	} `json:"images"`
}

// request returns the request that l has read. The file of a part of the body,
// if there is one, goes before those lifted.
func (l *lifter) request(file *blob.Draft) (*Request, error) {
	var m message
	d := json.NewDecoder(&l.text)
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		return nil, explain(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows the JSON")
	}
	r := &Request{Version: Version(strings.ToUpper(strings.TrimSpace(text(m.Version))))}
	if r.Version != V1 && r.Version != V2 {
		return nil, ErrVersion.Because("version must be V1 or V2")
	}
	if len(m.Images) != 1 {
		return nil, fmt.Errorf("images must have exactly one element, not %d", len(m.Images))
	}
	var err error
	if r.Timestamp, err = integer(m.Timestamp); err != nil {
		return nil, fmt.Errorf("timestamp: %w", err)
	}
	r.ID, r.Languages = text(m.RequestID), languages(text(m.Lang))
	r.Tables = strings.EqualFold(strings.TrimSpace(text(m.Tables)), "true")
	image := m.Images[0]
	r.Image = Image{
		Name:   text(image.Name),
		Format: strings.ToLower(strings.TrimSpace(text(image.Format))),
		File:   file,
		URL:    strings.TrimSpace(text(image.URL)),
	}
	if !slices.Contains(formats, r.Image.Format) {
		return nil, fmt.Errorf("images[0].format must be one of %s", strings.Join(formats, ", "))
	}
	if r.Image.Templates, err = templates(image.TemplateIDs); err != nil {
		return nil, err
	}
	if file == nil || file.Size() == 0 {
		if r.Image.File, err = l.file(image.Data); err != nil {
			return nil, err
		}
	}
	switch {
	case r.Image.File != nil && r.Image.File.Size() > 0:
		r.Image.Head = r.Image.File.Head()
	case r.Image.URL == "":
		return nil, errors.New("there is no image: set images[0].data or images[0].url, or send a part \"file\"")
	default:
		r.Image.File = nil
	}
	return r, nil
}

var formats = []string{"jpg", "jpeg", "png", "pdf", "tiff", "tif"}

// explain returns what an error of encoding/json means, without Go's words.
func explain(err error) error {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if e.Field == "" {
			return errors.New("it is not a JSON object")
		}
		return fmt.Errorf("%s is of the wrong type", e.Field)
	}
	return errJSON
}

// file returns the file that stands for the value of the key data, or nil.
func (l *lifter) file(data any) (*blob.Draft, error) {
	if data == nil {
		return nil, nil
	}
	i, err := strconv.Atoi(text(data))
	if err != nil || i < 0 || i >= len(l.files.drafts) {
		return nil, fmt.Errorf("images[0].data: %w", errBase64)
	}
	return l.files.drafts[i], nil
}

// text returns a string, or a number or truth value as it is written; else "".
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// integer returns a number, also one with a fraction or written as a string,
// and 0 for none.
func integer(v any) (int64, error) {
	s := strings.TrimSpace(text(v))
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i, nil
	}
	if s == "" && !isStructure(v) {
		return 0, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(math.Abs(f) < 1<<62) {
		return 0, errors.New("not a number")
	}
	return int64(f), nil
}

// isStructure reports whether v is an array or object.
func isStructure(v any) bool {
	switch v.(type) {
	case []any, map[string]any:
		return true
	}
	return false
}

// languages returns those of a comma list that can be read. Others are left
// out: a template is read in its own languages in any case.
func languages(list string) []string {
	var langs []string
	for lang := range strings.SplitSeq(list, ",") {
		lang = strings.ReplaceAll(strings.TrimSpace(lang), "_", "-")
		for _, known := range form.Languages {
			if strings.EqualFold(lang, known) && !slices.Contains(langs, known) {
				langs = append(langs, known)
			}
		}
	}
	return langs
}

// templates returns the ids in an array of numbers or strings, or one alone.
func templates(v any) ([]form.TemplateID, error) {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var ids []form.TemplateID
	for _, v := range list {
		id, err := integer(v)
		if err != nil {
			return nil, fmt.Errorf("images[0].templateIds: %w", err)
		}
		if text(v) != "" {
			ids = append(ids, form.TemplateID(id))
		}
	}
	return ids, nil
}
