// Package vouchtest is a log-in server of an office within tests (OpenID Connect). It
// vouches for whom it is told to, and keeps browsers logged in.
package vouchtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"
)

// What the site is called there.
const (
	Client = "seosik"
	Secret = "office-secret"
)

// A Server is one that vouches for people.
type Server struct {
	testing.TB
	*httptest.Server
	Claims map[string]any // of who logs in there next, over those that are right
	Then   func()         // done before it vouches, where there is something

	key *ecdsa.PrivateKey

	mu    sync.Mutex
	codes map[string]login
}

// A login is one that a code stands for.
type login struct {
	asked url.Values
	name  string
	at    time.Time
}

// Open opens a server, until the test ends.
func Open(t testing.TB) *Server {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{TB: t, key: key, codes: make(map[string]login)}
	described := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "1", Algorithm: oidc.ES256}}, Algorithms: []string{oidc.ES256}}
	mux := http.NewServeMux()
	mux.Handle("/", described)
	mux.HandleFunc("/auth", s.auth)
	mux.HandleFunc("/token", s.token)
	s.Server = httptest.NewServer(mux)
	described.SetIssuer(s.URL)
	t.Cleanup(s.Close)
	return s
}

// Answer returns what a browser comes back with that was sent there with asked, and in
// which somebody of that name has logged in.
func (s *Server) Answer(asked url.Values, name string) url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	code := rand.Text()
	s.codes[code] = login{asked, name, time.Now()}
	return url.Values{"code": {code}, "state": {asked.Get("state")}}
}

// cookie is the one of who is logged in there.
const cookie = "vouchtest"

// auth asks people for their name, unless their browser has one and need not ask anew.
func (s *Server) auth(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	name := r.PostFormValue("name")
	if kept, err := r.Cookie(cookie); err == nil && name == "" && asked.Get("prompt") != "login" {
		name = kept.Value
	}
	if name == "" {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<!doctype html><title>office</title><form method="post"><input id="name" name="name"><button>log in</button></form>`)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: name, HttpOnly: true})
	http.Redirect(w, r, asked.Get("redirect_uri")+"?"+s.Answer(asked, name).Encode(), http.StatusSeeOther)
}

// token exchanges a code, once, for who can show what its challenge was made from.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	of, ok := s.codes[r.FormValue("code")]
	delete(s.codes, r.FormValue("code"))
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	id, secret, _ := r.BasicAuth()
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !ok || id != Client || secret != Secret || base64.RawURLEncoding.EncodeToString(sum[:]) != of.asked.Get("code_challenge") {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"invalid_grant"}`)
		return
	}
	if s.Then != nil {
		s.Then()
	}
	claims := map[string]any{
		"iss": s.URL, "aud": Client, "sub": "1", "exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix(), "auth_time": of.at.Unix(),
		"nonce": of.asked.Get("nonce"), "preferred_username": of.name,
	}
	maps.Copy(claims, s.Claims)
	text, err := json.Marshal(claims)
	if err != nil {
		s.Error(err)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": oidctest.SignIDToken(s.key, "1", oidc.ES256, string(text))})
}
