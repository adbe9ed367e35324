// Package meucarrinho is the provider Meu Carrinho (Softcom): a user and a password of its portal and, if an
// administrator wants it, a session that the portal renews with them.
package meucarrinho

import (
	"encoding/json"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/secretstate"
)

const code provider.Code = "MEU_CARRINHO"

// Names of the secrets.
const (
	password     = "password"
	sessionToken = "sessionToken"
)

// Names of the settings of the installation; that of the session is the secret's.
const (
	baseURL            = "url"
	refreshesPerMinute = "refreshesPerMinute"
)

// The choices of the setting sessionToken.
const (
	off = "OFF"
	on  = "ON"
)

// Provider is Meu Carrinho.
type Provider struct{}

// settings are stored in plain.
type settings struct {
	Username string `json:"username"`
}

// state is stored between calls.
type state struct {
	// SessionOf is the user of the stored session, which outlives a change of the user name alone.
	SessionOf string `json:"sessionOf,omitempty"`
}

// Config is what the page shows of a connection.
type Config struct {
	Username string
	Password secretstate.State
}

// Credentials has the back-office's log-in and, where the portal maintains one, a session that saves the log-in.
type Credentials struct {
	Username         string
	Password         string
	SessionToken     *string
	SessionExpiresAt *time.Time
}

// ConfigInput is a new connection, as typed.
type ConfigInput struct {
	Username string
	Password string
}

// ConfigUpdateInput is a changed connection, as typed; nil keeps the stored value.
type ConfigUpdateInput struct {
	Username *string
	Password *string
}

// IsMarketplaceConfig makes Config a member of the union.
func (Config) IsMarketplaceConfig() {}

// IsMarketplaceCredentials makes Credentials a member of the union.
func (Credentials) IsMarketplaceCredentials() {}

// Code is MEU_CARRINHO.
func (Provider) Code() provider.Code { return code }

// Name is what people call it.
func (Provider) Name() string { return "Meu Carrinho" }

// Provider is MEU_CARRINHO.
func (ConfigInput) Provider() provider.Code { return code }

// Provider is MEU_CARRINHO.
func (ConfigUpdateInput) Provider() provider.Code { return code }

// Settings are the address, whether the portal keeps a session, and how many log-ins a minute that may take at most.
func (Provider) Settings() []provider.Setting {
	return []provider.Setting{
		{
			Name: baseURL, Kind: provider.URL, Env: "CHAVEIRO_MEU_CARRINHO_URL", Receives: provider.OfConnection,
			Default: "https://api.meucarrinho.delivery",
		},
		{Name: sessionToken, Kind: provider.Choice, Env: "CHAVEIRO_MEU_CARRINHO_SESSION_TOKEN", Default: off,
			Choices: []string{off, on}},
		{
			Name: refreshesPerMinute, Kind: provider.Number, Env: "CHAVEIRO_MEU_CARRINHO_REFRESHES_PER_MINUTE",
			Default: "120", Min: 1, Max: 1000,
		},
		provider.Panel("CHAVEIRO_MEU_CARRINHO_PANEL_URL", ""),
	}
}

// Unchecked waits for the first check.
func (Provider) Unchecked() provider.Health {
	return provider.Health{Reason: provider.NotCheckedYet}
}

// Config shows the user, and that the password is set.
func (Provider) Config(r provider.Record) (provider.Config, error) {
	var s settings
	if err := r.Decode(&s); err != nil {
		return nil, err
	}
	return Config{Username: s.Username, Password: r.States[password]}, nil
}

// Credentials returns the user and the password, and the session while the setting is on.
func (Provider) Credentials(
	r provider.Record, secrets provider.Secrets, values provider.Values,
) (provider.Credentials, error) {
	var s settings
	if err := r.Decode(&s); err != nil {
		return nil, err
	}
	c := Credentials{Username: s.Username, Password: secrets[password].Reveal()}
	if token, ok := secrets[sessionToken]; ok && values[sessionToken] == on && sessionOf(r, s.Username) {
		text := token.Reveal()
		c.SessionToken, c.SessionExpiresAt = &text, r.States[sessionToken].ExpiresAt
	}
	return c, nil
}

// sessionOf reports whether the stored session, if any, belongs to this user.
func sessionOf(r provider.Record, username string) bool {
	var s state
	return json.Unmarshal(r.ProviderState, &s) == nil && s.SessionOf == username
}

// Draft validates a new connection. It does not trim the password, because a blank may be part of it.
func (in ConfigInput) Draft() (provider.Draft, error) {
	var bad fault.List
	username := bad.Line(in.Username, 200, "username")
	secret := bad.Secret(in.Password, password)
	return provider.Draft{
		Settings:       settings{Username: username},
		Secrets:        provider.Secrets{password: seal.NewSecret(secret)},
		NewCredentials: true,
	}, bad.Err()
}

// Apply validates a changed connection.
func (in ConfigUpdateInput) Apply(r provider.Record) (provider.Draft, error) {
	var (
		bad   fault.List
		s     settings
		draft provider.Draft
	)
	if err := r.Decode(&s); err != nil {
		return provider.Draft{}, err
	}
	if in.Username != nil {
		username := bad.Line(*in.Username, 200, "username")
		draft.NewCredentials = username != s.Username
		s.Username = username
	}
	if in.Password != nil {
		secret := bad.Secret(*in.Password, password)
		draft.Secrets = provider.Secrets{password: seal.NewSecret(secret)}
		draft.NewCredentials = true
	}
	draft.Settings = s
	return draft, bad.Err()
}
