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
	"net/url"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

// Path is where people come back to, below the address of the site.
const Path = "/login/oidc/back"

// ErrRefused reports that the server does not vouch for somebody, or that what came
// back is not what it was asked for.
var ErrRefused = errors.New("the server of the office vouches for nobody")

// ErrDown reports that the server does not answer, or not as it should.
var ErrDown = errors.New("the log-in server does not answer")

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
	asking singleflight.Group
	found  atomic.Pointer[oidc.Provider]
}

// within is how long a provider may take to answer.
const within = 10 * time.Second

// New returns the provider of cfg.
func New(cfg Config) *Provider {
	return &Provider{Config: cfg, client: &http.Client{Timeout: within}}
}

// discover asks the provider where its parts are, until it has said so once. All who
// wait meanwhile wait for the same answer, and none for longer than it may take.
func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	if found := p.found.Load(); found != nil {
		return found, nil
	}
	asked := p.asking.DoChan("", func() (any, error) {
		found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), p.Issuer)
		if err == nil {
			p.found.Store(found)
		}
		return found, err
	})
	select {
	case answer := <-asked:
		if answer.Err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDown, answer.Err)
		}
		return answer.Val.(*oidc.Provider), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *Provider) oauth(found *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.Client, ClientSecret: p.Secret, Endpoint: found.Endpoint(), RedirectURL: p.Site + Path,
		Scopes: []string{oidc.ScopeOpenID, "profile", "email"},
	}
}

// An Errand is what the browser of somebody who was sent away keeps meanwhile.
type Errand struct {
	State, Nonce, Verifier string
	Anew                   time.Time // when it was asked for that somebody logs in there anew; zero where it was not
}

// Owns reports whether what came back is an answer to e.
func (e Errand) Owns(answer url.Values) bool {
	return e.State != "" && same(e.State, answer.Get("state"))
}

// Send returns where somebody logs in, and what to keep. Where Anew is not zero, who is logged
// in there has to do so once more: it may be somebody else's browser by now.
func (p *Provider) Send(ctx context.Context, anew time.Time) (address string, e Errand, _ error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", e, err
	}
	e = Errand{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Anew: anew}
	with := []oauth2.AuthCodeOption{oidc.Nonce(e.Nonce), oauth2.S256ChallengeOption(e.Verifier)}
	if !anew.IsZero() {
		with = append(with, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	return p.oauth(found).AuthCodeURL(e.State, with...), e, nil
}

// Back returns the name that somebody logs in with, who came back with an answer. An
// error says why not, and nothing of what was secret.
func (p *Provider) Back(ctx context.Context, e Errand, answer url.Values) (name string, _ error) {
	code := answer.Get("code")
	switch {
	case !e.Owns(answer):
		return "", fmt.Errorf("%w: another state", ErrRefused)
	case code == "":
		return "", fmt.Errorf("%w: it answers %.40q", ErrRefused, answer.Get("error"))
	}
	found, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := p.oauth(found).Exchange(ctx, code, oauth2.VerifierOption(e.Verifier))
	if said, refused := errors.AsType[*oauth2.RetrieveError](err); refused {
		return "", fmt.Errorf("%w: it takes no code: %.40q", ErrRefused, said.ErrorCode) // all that it says may hold the code
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrDown, err)
	}
	raw, _ := token.Extra("id_token").(string)
	said, err := found.Verifier(&oidc.Config{ClientID: p.Client}).Verify(ctx, raw)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if !same(said.Nonce, e.Nonce) {
		return "", fmt.Errorf("%w: another nonce", ErrRefused)
	}
	return p.nameIn(said, e)
}

// clocks is how far apart those of this machine and of the provider may be.
const clocks = time.Minute

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// nameIn returns the claim that is the name. An address of mail that the provider
// has not verified is anybody's.
func (p *Provider) nameIn(said *oidc.IDToken, e Errand) (string, error) {
	claims := make(map[string]any)
	if err := said.Claims(&claims); err != nil {
		return "", fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if verified, _ := claims["email_verified"].(bool); p.Claim == "email" && !verified {
		return "", fmt.Errorf("%w: the mail address is not verified", ErrRefused)
	}
	if at, told := claims["auth_time"].(float64); told && time.Unix(int64(at), 0).Before(e.Anew.Add(-clocks)) {
		return "", fmt.Errorf("%w: nobody has logged in there anew", ErrRefused)
	}
	name, _ := claims[p.Claim].(string)
	if name == "" {
		return "", fmt.Errorf("%w: it says no %s", ErrRefused, p.Claim)
	}
	return name, nil
}
