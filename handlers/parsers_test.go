package handlers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// A double is a number of a client that refuses whole numbers where the
// original has a fraction, as Dart's "as double" does.
type double float64

func (d *double) UnmarshalJSON(text []byte) error {
	if !bytes.ContainsRune(text, '.') {
		return fmt.Errorf("%s has no decimal point", text)
	}
	return json.Unmarshal(text, (*float64)(d))
}

// A four is a list of four elements, no fewer and no more.
type four[T any] []T

func (f *four[T]) UnmarshalJSON(text []byte) error {
	if err := json.Unmarshal(text, (*[]T)(f)); err != nil {
		return err
	}
	if len(*f) != 4 {
		return fmt.Errorf("%d elements, want 4", len(*f))
	}
	return nil
}

// The types of clients, as the public code of real ones has them. A client
// reads all its members without looking whether they are there: none may be
// missing or null.
type (
	poly struct {
		Vertices *four[struct{ X, Y *double }]
	}
	bounding struct{ Top, Left, Width, Height *double }
	subField struct {
		BoundingPoly    *poly
		InferText       *string
		InferConfidence *double
	}
	word struct {
		subField
		LineBreak *bool
	}
	matched struct {
		ID   *int32
		Name *string
	}
	validation struct{ Result *string }
	about      struct {
		UID, Name, InferResult, Message *string
		ValidationResult                *validation
	}
	// A titleV1 is what SeoulMilk, TxFarm and SBAS read of a title.
	titleV1 struct {
		Name            *string
		Bounding        *bounding
		InferText       *string
		InferConfidence *double
	}
	titleV2 struct {
		Name            *string
		BoundingPoly    *poly
		InferText       *string
		InferConfidence *double
	}
	fieldV1 struct {
		Name            *string
		Bounding        *bounding
		ValueType       *string
		InferText       *string
		InferConfidence *double
	}
	fieldV2 struct {
		Name            *string
		ValueType       *string
		BoundingPoly    *poly
		InferText       *string
		InferConfidence *double
		Type            *string
	}
	// Readers of an answer, each of a client or of several.
	envelope[Image any] struct {
		Version, RequestID *string
		Timestamp          *int64
		Images             *[]Image
	}
	imageV1 struct { // SeoulMilk, TxFarm, SBAS
		about
		MatchedTemplate *matched
		Title           *titleV1
		Fields          *[]fieldV1
	}
	imageV2 struct { // SeoulMilk, wannavapi, the Dart app, Node and React
		about
		MatchedTemplate *matched
		Title           *titleV2
		Fields          *[]fieldV2
	}
	imageUnread struct { // all, where there is no template
		about
		Fields *[]fieldV2
	}
	refusal struct {
		Code, Message, Path, TraceID *string
		Timestamp                    *int64
	}
)

// missing returns the paths of members of v that are nil. Members of embedded
// structs are those of the struct around them.
func missing(v reflect.Value, path string) (paths []string) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return []string{path}
		}
		return missing(v.Elem(), path)
	case reflect.Slice:
		for i := range v.Len() {
			paths = append(paths, missing(v.Index(i), fmt.Sprintf("%s[%d]", path, i))...)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name := path + "." + v.Type().Field(i).Name
			if v.Type().Field(i).Anonymous {
				name = path
			}
			paths = append(paths, missing(v.Field(i), name)...)
		}
	}
	return paths
}

// parses returns what keeps a client with the types T from reading an answer.
func parses[T any](body []byte) error {
	v := new(T)
	if err := json.Unmarshal(body, v); err != nil {
		return err
	}
	if paths := missing(reflect.ValueOf(v), "answer"); len(paths) > 0 {
		return errors.New("missing: " + strings.Join(paths, ", "))
	}
	return nil
}

// The types of clients do refuse what is not as they want it.
func TestParses(t *testing.T) {
	const vertex = `{"x":1.0,"y":2.5}`
	field := func(vertices, confidence, text string) string {
		return `{"boundingPoly":{"vertices":[` + vertices + `]},"inferConfidence":` + confidence + `,"inferText":` + text + `}`
	}
	corners := vertex + "," + vertex + "," + vertex + "," + vertex
	for _, tt := range []struct {
		name string
		body string
		ok   bool
	}{
		{"good", field(corners, "0.0", `""`), true},
		{"no text", field(corners, "0.0", "null"), false},
		{"whole number", field(corners, "1", `""`), false},
		{"confidence a string", field(corners, `"1.0"`, `""`), false},
		{"three corners", field(vertex+","+vertex+","+vertex, "0.0", `""`), false},
		{"corner without y", field(strings.Replace(corners, `"y"`, `"z"`, 1), "0.0", `""`), false},
		{"nothing", `{}`, false},
	} {
		if err := parses[subField]([]byte(tt.body)); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	for _, id := range []string{"2147483648", "1.0", `"1"`} {
		if parses[matched]([]byte(`{"id":`+id+`,"name":""}`)) == nil {
			t.Errorf("id %s fits", id)
		}
	}
}

// generic reads an answer as clients in languages without types do.
func generic(body []byte) (first map[string]any, err error) {
	var answer struct{ Images []map[string]any }
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	if len(answer.Images) == 0 {
		return nil, errors.New("no images")
	}
	return answer.Images[0], nil
}

// What real clients do with an answer goes well with ours, for every answer
// that they meet.
func TestParsersOfClients(t *testing.T) {
	a := newContract(t, nil)
	answers := make(map[string][]byte)
	for _, row := range contract {
		got := a.wire(a.requestFile(row.name))
		if got.StatusCode != row.status {
			t.Fatalf("%s: status %d, want %d", row.name, got.StatusCode, row.status)
		}
		answers[row.name] = got.body
	}
	read := []string{"success-v2", "whole-v2"}
	unread := []string{"no-match-v2", "no-such-template-v2", "damaged-v2", "resolution-v2", "unsupported-v2", "encrypted-v2", "no-match-v1", "damaged-v1"}
	all := slices.Concat(read, unread, []string{"success-v1", "whole-v1", "pages-v1", "pages-v2"})
	var refused []string
	for _, row := range contract {
		if row.status != http.StatusOK {
			refused = append(refused, row.name)
		}
	}
	for _, tt := range []struct {
		client string
		rows   []string
		check  func(body []byte) error
	}{
		{"SeoulMilk, Dart, wannavapi: types of V2", read, parses[envelope[imageV2]]},
		{"SeoulMilk, TxFarm, SBAS: types of V1", []string{"success-v1", "whole-v1"}, parses[envelope[imageV1]]},
		{"all: types of an image without a template", unread, parses[envelope[imageUnread]]},
		{"all: types of what every image has", all, parses[envelope[about]]},
		{"all: types of an error", refused, parses[refusal]},
		{"petful: words of a field and the title", read, petful},
		{"jazzmeet: matchedTemplate, or the message", slices.Concat(read, unread[:2]), jazzmeet},
		{"gymjjak, autofit, receipts: no match", unread[:2], noMatch},
		{"bank statements: the order of fields, the corners of words", []string{"whole-v2"}, bank},
		{"Node and React: fields by index", []string{"success-v2"}, byIndex},
		{"Python: one object, 1 MiB at most", slices.Concat(all, refused), oneObject},
		{"billing: ERROR is of the picture", []string{"damaged-v2", "resolution-v2", "unsupported-v2", "encrypted-v2"}, pictureError},
		{"loops over images: one image each", []string{"pages-v2"}, pages},
	} {
		t.Run(tt.client, func(t *testing.T) {
			for _, row := range tt.rows {
				body, ok := answers[row]
				if !ok {
					t.Fatalf("no row %s", row)
				}
				if err := tt.check(body); err != nil {
					t.Errorf("%s: %v in %s", row, err, body)
				}
			}
		})
	}
}

// petful reads the words of each field that has some, each with a lineBreak,
// and makes the text of them.
func petful(body []byte) error {
	type text struct {
		InferText *string
		Type      string
		SubFields *[]word
	}
	var answer struct {
		Images []struct {
			Title  text
			Fields []text
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	image := answer.Images[0]
	for _, f := range append(image.Fields, image.Title) {
		if f.SubFields == nil || f.Type == "MULTI_BOX" || f.Type == "CHECKBOX" {
			continue
		}
		if paths := missing(reflect.ValueOf(f.SubFields), "subFields"); len(paths) > 0 {
			return errors.New("missing: " + strings.Join(paths, ", "))
		}
		var joined string
		for _, w := range *f.SubFields {
			joined += *w.InferText + map[bool]string{true: "\n", false: " "}[*w.LineBreak]
		}
		if strings.TrimSpace(joined) != *f.InferText {
			return fmt.Errorf("the words make %q, the text is %q", joined, *f.InferText)
		}
	}
	return nil
}

// jazzmeet looks for the words of no match, and else takes matchedTemplate as
// an object with a name.
func jazzmeet(body []byte) error {
	image, err := generic(body)
	if err != nil {
		return err
	}
	if strings.Contains(image["message"].(string), "not found matched template") {
		return nil
	}
	template, ok := image["matchedTemplate"].(map[string]any)
	if !ok || template["name"] == "" {
		return errors.New("no matchedTemplate")
	}
	return nil
}

func noMatch(body []byte) error {
	image, err := generic(body)
	if err != nil {
		return err
	}
	if image["message"] != notFound || image["inferResult"] != "FAILURE" {
		return errors.New("not the words of no match")
	}
	for _, key := range []string{"matchedTemplate", "title"} {
		if _, ok := image[key]; ok {
			return fmt.Errorf("%s is there", key)
		}
	}
	if fields, ok := image["fields"].([]any); !ok || len(fields) != 0 {
		return errors.New("fields is no empty array")
	}
	return nil
}

// bank takes the first field as the head of a statement, and makes rows of
// the words of the others by where they begin.
func bank(body []byte) error {
	image, err := generic(body)
	if err != nil {
		return err
	}
	var names []string
	for _, f := range image["fields"].([]any) {
		f := f.(map[string]any)
		names = append(names, f["name"].(string))
		words, _ := f["subFields"].([]any)
		for _, w := range words {
			corners := w.(map[string]any)["boundingPoly"].(map[string]any)["vertices"].([]any)
			if _, ok := corners[0].(map[string]any)["y"].(float64); !ok {
				return errors.New("a corner without y")
			}
		}
	}
	if want := []string{"주소", "비고", "동의", "번호"}; !slices.Equal(names, want) {
		return fmt.Errorf("fields %q, want %q", names, want)
	}
	return nil
}

func byIndex(body []byte) error {
	image, err := generic(body)
	if err != nil {
		return err
	}
	title := image["title"].(map[string]any)["inferText"]
	first := image["fields"].([]any)[0].(map[string]any)["inferText"]
	if title != "보험금 청구서 (인보험月)" || first != "102831" {
		return fmt.Errorf("title %q, first field %q", title, first)
	}
	return nil
}

func oneObject(body []byte) error {
	if len(body) > 1<<20 {
		return fmt.Errorf("%d bytes", len(body))
	}
	return json.Unmarshal(body, new(map[string]any))
}

// pictureError holds that ERROR comes with a sentence for people, and never
// with a template.
func pictureError(body []byte) error {
	image, err := generic(body)
	if err != nil {
		return err
	}
	if image["inferResult"] != "ERROR" || len(image["message"].(string)) < 10 || image["matchedTemplate"] != nil {
		return errors.New("no ERROR with a sentence")
	}
	return nil
}

func pages(body []byte) error {
	var answer struct {
		Images []struct {
			InferResult        string
			ConvertedImageInfo *struct{ Width, Height, PageIndex int32 }
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	for i, image := range answer.Images {
		if info := image.ConvertedImageInfo; image.InferResult == "SUCCESS" && (info == nil || int(info.PageIndex) != i || info.Width < 10) {
			return fmt.Errorf("image %d has convertedImageInfo %+v", i, info)
		}
	}
	if len(answer.Images) != 5 {
		return fmt.Errorf("%d images, want 5", len(answer.Images))
	}
	return nil
}
