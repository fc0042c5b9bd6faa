// Package vouch has people log in at a server that the office has for that (OpenID
// Connect): they are sent there, and come back with a code, for which that server says
// to this one who they are. What is sent is bound to the browser by a state, to the
// answer by a nonce, and to this server by PKCE.
package vouch

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Path is where people come back to, below the address of the site.
const Path = "/login/oidc/back"

// ErrRefused reports that the server does not vouch for somebody, or that what came
// back is not what it was asked for.
var ErrRefused = errors.New("the server of the office vouches for nobody")

// A Config says where people log in. Name, Claim, Issuer, Client and Site are needed.
type Config struct {
	Name   string // of it, for people
	Issuer string // its address, under which it describes itself
	Client string // ID of this site there
	Secret string // of this site there; empty for a public client
	Claim  string // what of that which it says is the name to log in with; people must not be able to choose it
	Site   string // address of this site, as browsers know it
}

// A Provider is a server that vouches for people. It is first asked when somebody
// wants to log in: it may be down when this one starts.
type Provider struct {
	Config
	client *http.Client

	mu    sync.Mutex
	found *oidc.Provider
}

// within is how long a provider may take to answer.
const within = 10 * time.Second

// New returns the provider of cfg.
func New(cfg Config) *Provider {
	return &Provider{Config: cfg, client: &http.Client{Timeout: within}}
}

// discover asks the provider where its parts are, once.
func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), p.Issuer)
	if err != nil {
		return nil, fmt.Errorf("log-in server: %w", err)
	}
	p.found = found
	return found, nil
}

func (p *Provider) oauth(found *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.Client, ClientSecret: p.Secret, Endpoint: found.Endpoint(), RedirectURL: p.Site + Path,
		Scopes: []string{oidc.ScopeOpenID, "profile", "email"},
	}
}

// An Errand is what the browser of somebody who was sent away keeps meanwhile.
type Errand struct{ State, Nonce, Verifier string }

// Send returns where somebody logs in, and what to keep.
func (p *Provider) Send(ctx context.Context) (address string, e Errand, _ error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", e, err
	}
	e = Errand{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	return p.oauth(found).AuthCodeURL(e.State, oidc.Nonce(e.Nonce), oauth2.S256ChallengeOption(e.Verifier)), e, nil
}

// Back returns the name that somebody logs in with, who came back with a state and a
// code.
func (p *Provider) Back(ctx context.Context, e Errand, state, code string) (name string, _ error) {
	if e.State == "" || !same(e.State, state) || code == "" {
		return "", ErrRefused
	}
	found, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := p.oauth(found).Exchange(ctx, code, oauth2.VerifierOption(e.Verifier))
	if _, refused := errors.AsType[*oauth2.RetrieveError](err); refused {
		return "", ErrRefused // what it says may hold the code
	}
	if err != nil {
		return "", fmt.Errorf("log-in server: %w", err)
	}
	raw, _ := token.Extra("id_token").(string)
	said, err := found.Verifier(&oidc.Config{ClientID: p.Client}).Verify(ctx, raw)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if !same(said.Nonce, e.Nonce) {
		return "", fmt.Errorf("%w: another nonce", ErrRefused)
	}
	return p.nameIn(said)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// nameIn returns the claim that is the name. An address of mail that the provider
// has not verified is anybody's.
func (p *Provider) nameIn(said *oidc.IDToken) (string, error) {
	claims := make(map[string]any)
	if err := said.Claims(&claims); err != nil {
		return "", fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if verified, _ := claims["email_verified"].(bool); p.Claim == "email" && !verified {
		return "", fmt.Errorf("%w: the mail address is not verified", ErrRefused)
	}
	name, _ := claims[p.Claim].(string)
	if name == "" {
		return "", fmt.Errorf("%w: it says no %s", ErrRefused, p.Claim)
	}
	return name, nil
}
