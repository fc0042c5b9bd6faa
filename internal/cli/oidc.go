package cli

import (
	"errors"
	"net/url"
	"os"
	"strings"

	"github.com/seosik/seosik/internal/vouch"
)

type oidcFlags struct {
	OIDCIssuer     string `name:"oidc-issuer" help:"Address of a server at which people log in (OpenID Connect), as https://login.office.example/realms/office." env:"SEOSIK_OIDC_ISSUER" placeholder:"URL"`
	OIDCClient     string `name:"oidc-client" help:"ID of this site there." env:"SEOSIK_OIDC_CLIENT" placeholder:"ID"`
	OIDCSecret     string `name:"oidc-secret" help:"Secret of this site there; best by the environment, or --oidc-secret-file." env:"SEOSIK_OIDC_SECRET" placeholder:"SECRET"`
	OIDCSecretFile string `name:"oidc-secret-file" help:"File with that secret." env:"SEOSIK_OIDC_SECRET_FILE" placeholder:"FILE"`
	OIDCSite       string `name:"oidc-site" help:"Address of this site, as browsers know it. There must be told of that address with /login/oidc/back." env:"SEOSIK_OIDC_SITE" placeholder:"URL"`
	OIDCClaim      string `name:"oidc-claim" help:"What of that which is said there of people is the name by which they are known here. They must not be able to choose it themselves." default:"preferred_username" env:"SEOSIK_OIDC_CLAIM"`
	OIDCName       string `name:"oidc-name" help:"What people call it, for the button; its host where none is given." env:"SEOSIK_OIDC_NAME"`
	OIDCAddPeople  bool   `name:"oidc-add-people" help:"Whoever logs in there and is not known here is added, without a role. Otherwise people must have been added without a password." env:"SEOSIK_OIDC_ADD_PEOPLE"`
}

// check reports what is wrong with the flags.
func (f *oidcFlags) check() error {
	if f.OIDCIssuer == "" {
		if f.OIDCClient != "" || f.OIDCSecret != "" || f.OIDCSecretFile != "" || f.OIDCSite != "" || f.OIDCAddPeople {
			return errors.New("--oidc-… have no effect without --oidc-issuer")
		}
		return nil
	}
	switch {
	case f.OIDCClient == "" || f.OIDCSite == "" || f.OIDCClaim == "":
		return errors.New("--oidc-issuer needs --oidc-client, --oidc-site and --oidc-claim")
	case f.OIDCSecret != "" && f.OIDCSecretFile != "":
		return errors.New("--oidc-secret and --oidc-secret-file exclude each other")
	}
	for flag, address := range map[string]string{"--oidc-issuer": f.OIDCIssuer, "--oidc-site": f.OIDCSite} {
		u, err := url.Parse(address)
		local := err == nil && u.Scheme == "http" && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1")
		if err != nil || u.Host == "" || u.Scheme != "https" && !local {
			return errors.New(flag + " must begin with https://")
		}
	}
	return nil
}

// provider returns where people log in, or nil for here only.
func (f *oidcFlags) provider() (*vouch.Provider, error) {
	if f.OIDCIssuer == "" {
		return nil, nil //nolint:nilnil // there is none
	}
	secret, name := f.OIDCSecret, f.OIDCName
	if f.OIDCSecretFile != "" {
		text, err := os.ReadFile(f.OIDCSecretFile)
		if err != nil {
			return nil, err
		}
		secret = strings.TrimSpace(string(text))
	}
	if u, err := url.Parse(f.OIDCIssuer); err == nil && name == "" {
		name = u.Hostname()
	}
	return vouch.New(vouch.Config{
		Name: name, Issuer: f.OIDCIssuer, Client: f.OIDCClient, Secret: secret, Claim: f.OIDCClaim, Site: strings.TrimSuffix(f.OIDCSite, "/"),
	}), nil
}
