package handlers

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// description returns the OpenAPI document that the site serves to anybody,
// with every object closed: a member that it does not list is an error. (That
// of errors is part of others, and stays open.)
func (s *site) description() *openapi3.T {
	s.Helper()
	served := s.get("/openapi.yaml").status(http.StatusOK)
	if got := served.Header.Get("Content-Type"); got != "application/yaml" {
		s.Errorf("content type %q", got)
	}
	doc, err := strict(served.body)
	if err != nil {
		s.Fatal(err)
	}
	if err := doc.Validate(s.Context()); err != nil {
		s.Fatal(err)
	}
	return doc
}

// strict reads a description and closes its objects.
func strict(text []byte) (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	for _, schema := range doc.Components.Schemas {
		if len(schema.Value.Properties) > 0 && schema != doc.Components.Schemas["Error"] && schema != doc.Components.Schemas["OwnError"] {
			closed := false
			schema.Value.AdditionalProperties = openapi3.BoolSchema{Has: &closed}
		}
	}
	return doc, nil
}

// Every answer of the contract is as the document says, and so is every
// request that is read and written as the original's documentation has it.
func TestOpenAPI(t *testing.T) {
	a := newContract(t, nil)
	doc := a.description()
	called := make(map[string]bool)
	for _, row := range contract {
		t.Run(row.name, func(t *testing.T) {
			a.in(t)
			request := a.requestFile(row.name)
			got := a.wire(request)
			head, sent, _ := bytes.Cut(request, []byte("\r\n\r\n"))
			method, path := strings.Fields(string(head))[0], strings.Fields(string(head))[1]
			op := operation(doc, method, path)
			if op == nil {
				if !strings.HasPrefix(row.name, "0022") && row.name != "0001-get" {
					t.Fatalf("%s %s is not described", method, path)
				}
				return
			}
			called[op.OperationID] = true
			described := op.Responses.Status(got.StatusCode)
			if described == nil {
				t.Fatalf("status %d is not described", got.StatusCode)
			}
			if err := fits(described.Value.Content, got.body); err != nil {
				t.Errorf("%v\nin %s", err, got.body)
			}
			if got.StatusCode == http.StatusOK && bytes.HasPrefix(sent, []byte("{")) && !loose[row.name] {
				if err := fits(op.RequestBody.Value.Content, sent); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if !called[op.OperationID] && !strings.HasPrefix(path, ownRoot) { // see TestOwnAPIExamples
				t.Errorf("no row of the contract calls %s %s", method, path)
			}
		}
	}
}

// loose are rows whose requests are read although the document says otherwise.
var loose = map[string]bool{"loose-types": true, "template-id-alone": true, "general-tables-not-wanted": true}

// operation returns what doc says about a request to path, or nil.
func operation(doc *openapi3.T, method, path string) *openapi3.Operation {
	for pattern, item := range doc.Paths.Map() {
		parameter := regexp.MustCompile(`\{[a-z]+\}`)
		if regexp.MustCompile("^" + parameter.ReplaceAllString(pattern, "[^/]+") + "$").MatchString(path) {
			if op := item.GetOperation(method); op != nil {
				return op
			}
		}
	}
	return nil
}

// fits returns what in text is not as the schema of JSON in content says.
func fits(content openapi3.Content, text []byte) error {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	return content["application/json"].Schema.Value.VisitJSON(v, openapi3.EnableJSONSchema2020())
}

// The document is strict enough to find what is wrong.
func TestOpenAPIRefuses(t *testing.T) {
	a := newContract(t, nil)
	post := operation(a.description(), http.MethodPost, a.domain.InvokePath())
	for _, tt := range []struct{ name, row, old, new string }{
		{"no text", "success-v2", `"inferText":"David",`, ``},
		{"text null", "success-v2", `"inferText":"David"`, `"inferText":null`},
		{"new member", "success-v2", `"inferText":"David"`, `"inferText":"David","more":1`},
		{"V1 in V2", "success-v2", `"version":"V2"`, `"version":"V1"`},
		{"confidence", "success-v2", `0.99630755`, `1.5`},
		{"identifier with a fraction", "success-v2", `"id":1`, `"id":1.5`},
		{"three corners", "success-v2", `{"x":287.2125,"y":287.2125},`, ``},
		{"a box with a line break", "success-v2", `"inferText":"8"`, `"inferText":"8","lineBreak":true`},
		{"a word without", "whole-v2", `,"lineBreak":false`, ``},
		{"checkbox without its state", "success-v2", `,"checked":true`, ``},
		{"no title", "success-v1", `"title"`, `"titel"`},
		{"no match with a template", "no-match-v2", `"fields":[]`, `"fields":[],"matchedTemplate":{"id":1,"name":"a"}`},
		{"result", "no-match-v2", `"FAILURE"`, `"NONE"`},
		{"code of another status", "0002-none", `"0002"`, `"0500"`},
		{"code a number", "0002-none", `"0002"`, `2`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a.in(t)
			got := a.wire(a.requestFile(tt.row))
			changed := bytes.Replace(got.body, []byte(tt.old), []byte(tt.new), 1)
			if bytes.Equal(changed, got.body) {
				t.Fatalf("nothing to change in %s", got.body)
			}
			content := post.Responses.Status(got.StatusCode).Value.Content
			if fits(content, got.body) != nil || fits(content, changed) == nil {
				t.Errorf("%s fits", changed)
			}
		})
	}
}
