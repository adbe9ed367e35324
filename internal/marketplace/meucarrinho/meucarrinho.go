// Package meucarrinho is the provider Meu Carrinho (Softcom): a user and a password of its portal.
package meucarrinho

import (
	"github.com/chaveiro/chaveiro/internal/fault"
	"github.com/chaveiro/chaveiro/internal/marketplace"
	"github.com/chaveiro/chaveiro/internal/marketplace/secretstate"
	"github.com/chaveiro/chaveiro/internal/seal"
)

const code marketplace.Code = "MEU_CARRINHO"

const password = "password" // name of the secret

// Provider is Meu Carrinho.
type Provider struct{}

// settings are what is stored in plain.
type settings struct {
	Username string `json:"username"`
}

// Config is what the page shows of a connection.
type Config struct {
	Username string
	Password secretstate.State
}

// Credentials is what a back-office logs in with.
type Credentials struct {
	Username string
	Password string
}

// ConfigInput is a new connection, as typed.
type ConfigInput struct {
	Username string
	Password string
}

// ConfigUpdateInput is a changed connection, as typed; nil keeps what is there.
type ConfigUpdateInput struct {
	Username *string
	Password *string
}

// IsMarketplaceConfig makes Config a member of the union.
func (Config) IsMarketplaceConfig() {}

// IsMarketplaceCredentials makes Credentials a member of the union.
func (Credentials) IsMarketplaceCredentials() {}

// Code is MEU_CARRINHO.
func (Provider) Code() marketplace.Code { return code }

// Provider is MEU_CARRINHO.
func (ConfigInput) Provider() marketplace.Code { return code }

// Provider is MEU_CARRINHO.
func (ConfigUpdateInput) Provider() marketplace.Code { return code }

// Unchecked waits for the first check.
func (Provider) Unchecked() marketplace.Health {
	return marketplace.Health{State: marketplace.Waiting, Reason: marketplace.NotCheckedYet}
}

// Config shows the user, and that the password is set.
func (Provider) Config(r marketplace.Record) (marketplace.Config, error) {
	var s settings
	if err := r.Decode(&s); err != nil {
		return nil, err
	}
	return Config{Username: s.Username, Password: r.States[password]}, nil
}

// Credentials are the user and the password.
func (Provider) Credentials(r marketplace.Record, secrets marketplace.Secrets) (marketplace.Credentials, error) {
	var s settings
	if err := r.Decode(&s); err != nil {
		return nil, err
	}
	return Credentials{Username: s.Username, Password: secrets[password].Reveal()}, nil
}

// Draft checks a new connection. The password is kept exactly as given: a blank may be part of it.
func (in ConfigInput) Draft() (marketplace.Draft, error) {
	var bad fault.List
	username := bad.Line(in.Username, 200, "username")
	secret := bad.Secret(in.Password, false, password)
	return marketplace.Draft{
		Settings:       settings{Username: username},
		Secrets:        marketplace.Secrets{password: seal.NewSecret(secret)},
		NewCredentials: true,
	}, bad.Err()
}

// Apply checks a changed connection.
func (in ConfigUpdateInput) Apply(r marketplace.Record) (marketplace.Draft, error) {
	var (
		bad   fault.List
		s     settings
		draft marketplace.Draft
	)
	if err := r.Decode(&s); err != nil {
		return marketplace.Draft{}, err
	}
	if in.Username != nil {
		username := bad.Line(*in.Username, 200, "username")
		draft.NewCredentials = username != s.Username
		s.Username = username
	}
	if in.Password != nil {
		secret := bad.Secret(*in.Password, false, password)
		draft.Secrets = marketplace.Secrets{password: seal.NewSecret(secret)}
		draft.NewCredentials = true
	}
	draft.Settings = s
	return draft, bad.Err()
}
