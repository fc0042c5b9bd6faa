package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// An authority is asked for certificates, and what it has against one is told: what
// renews them by itself says nothing of that.
type authority struct {
	http.RoundTripper
	tell func(reason string)
}

// answerMost is how much of an answer is looked at: bytes.
const answerMost = 1 << 20

// RoundTrip is as http.RoundTripper says.
func (a authority) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := a.RoundTripper.RoundTrip(r)
	if err != nil {
		a.tell(err.Error())
		return nil, err
	}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, answerMost)) // who reads on meets the error
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), resp.Body), resp.Body}
	if reason := objection(body); reason != "" {
		a.tell(reason)
	}
	return resp, nil
}

// A problem is what an authority has against a certificate (RFC 8555, section 6.7).
type problem struct{ Type, Detail string }

// say returns what the problem is; nothing where it is none, or of those that belong
// to the protocol.
func (p problem) say() string {
	kind, is := strings.CutPrefix(p.Type, "urn:ietf:params:acme:error:")
	if !is || kind == "badNonce" || kind == "accountDoesNotExist" {
		return ""
	}
	return kind + ": " + p.Detail
}

// objection returns what an answer has against a certificate, by itself or of an order
// or an authorization; nothing where that is nothing.
func objection(answer []byte) string {
	var said struct {
		problem
		Error      problem
		Challenges []struct{ Error problem }
	}
	if json.Unmarshal(answer, &said) != nil {
		return ""
	}
	all := []problem{said.problem, said.Error}
	for _, c := range said.Challenges {
		all = append(all, c.Error)
	}
	for _, p := range all {
		if reason := p.say(); reason != "" {
			return reason
		}
	}
	return ""
}
