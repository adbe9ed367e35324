// Package provider is the contract with the online marketplaces: what one is, what it can do, what its answers mean for
// the health of a connection, and what is set of it. Each folder below is one of them. Nothing here knows the database.
package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider/secretstate"
)

// Code is the stable name of a provider, a value of the GraphQL enum Provider.
type Code string

// Provider is an online marketplace. What only some providers can do are the interfaces of ability.go, found by type
// assertion; nothing outside a provider's folder asks for its name.
type Provider interface {
	// Code is the provider's name.
	Code() Code
	// Settings are what an administrator sets of the provider for the whole installation, in the order of a form.
	Settings() []Setting
	// Config is what the page shows of a connection: settings, and of each secret its state.
	Config(Record) (Config, error)
	// Credentials is what a back-office calls the marketplace with, or nil while there is nothing to give.
	Credentials(Record, Secrets, Values) (Credentials, error)
	// Unchecked is the health of a connection whose credentials have just been set.
	Unchecked() Health
}

// Config is the settings of one provider's connection: a member of the GraphQL union MarketplaceConfig.
type Config interface{ IsMarketplaceConfig() }

// Credentials is what a back-office needs of one provider: a member of the GraphQL union MarketplaceCredentials.
type Credentials interface{ IsMarketplaceCredentials() }

// Record is what is stored of a connection, but for its secrets.
type Record struct {
	// Settings are the provider's own, as JSON.
	Settings json.RawMessage
	// States has an entry for each secret that is set.
	States map[string]secretstate.State
	// ProviderState is what the provider's package remembers between calls, as JSON; empty before the first.
	ProviderState json.RawMessage
	// ExternalAccount is what the provider calls the shop; empty while unknown.
	ExternalAccount string
	// ExpireAt is when the credentials end; nil when they do not or that is not known.
	ExpireAt *time.Time
}

// Decode reads the settings into v, a provider's own struct.
func (r Record) Decode(v any) error {
	if err := json.Unmarshal(r.Settings, v); err != nil {
		return fmt.Errorf("decode marketplace settings: %w", err)
	}
	return nil
}

// Secrets are the secrets of a connection by their names.
type Secrets map[string]seal.Secret

// EncodeSecrets returns secrets as the text that is sealed.
func EncodeSecrets(secrets Secrets) ([]byte, error) {
	plain := make(map[string]string, len(secrets))
	for name, secret := range secrets {
		plain[name] = secret.Reveal()
	}
	encoded, err := json.Marshal(plain)
	if err != nil {
		return nil, errors.New("encode secrets") // the error itself might repeat one
	}
	return encoded, nil
}

// DecodeSecrets is the reverse of EncodeSecrets.
func DecodeSecrets(plain []byte) (Secrets, error) {
	var texts map[string]string
	if err := json.Unmarshal(plain, &texts); err != nil {
		return nil, errors.New("decode secrets") // the error itself might repeat one
	}
	secrets := make(Secrets, len(texts))
	for name, text := range texts {
		secrets[name] = seal.NewSecret(text)
	}
	return secrets, nil
}

// Draft is what an input makes of a connection.
type Draft struct {
	// Settings are all settings after the change, a provider's own struct.
	Settings any
	// Secrets are all secrets after the change; nil keeps those that are there. There is no changing of some alone:
	// that would need the others opened, and the page's paths never open.
	Secrets Secrets
	// ExpireAt has the secrets that end and when.
	ExpireAt map[string]time.Time
	// Account is what the provider calls the shop, where the secrets themselves tell; empty otherwise.
	Account string
	// Document is the shop's CNPJ or CPF without punctuation, where the secrets themselves tell; empty otherwise.
	Document string
	// NewCredentials is whether what a back-office gets has changed, so that it must read again.
	NewCredentials bool
}

// Record returns what would be stored of a connection that is not saved.
func (d Draft) Record() (Record, error) {
	settings, err := json.Marshal(d.Settings)
	if err != nil {
		return Record{}, fmt.Errorf("encode marketplace settings: %w", err)
	}
	return Record{Settings: settings, ExternalAccount: d.Account}, nil
}

// Input is what a person typed for a new connection: a member of the GraphQL input MarketplaceConfigInput.
type Input interface {
	// Provider is whose input it is.
	Provider() Code
	// Draft checks the input. It returns a fault.List with what the person can mend.
	Draft() (Draft, error)
}

// Update is what a person typed for an existing connection: a member of MarketplaceConfigUpdateInput.
type Update interface {
	// Provider is whose input it is.
	Provider() Code
	// Apply checks the input against what is stored. It returns a fault.List with what the person can mend.
	Apply(Record) (Draft, error)
}

// Registry is the providers that there are, by name.
type Registry map[Code]Provider

// NewRegistry returns a registry of these providers.
func NewRegistry(providers ...Provider) Registry {
	r := make(Registry, len(providers))
	for _, p := range providers {
		r[p.Code()] = p
	}
	return r
}

// Get returns a provider. It returns an error for one that is not registered.
func (r Registry) Get(code Code) (Provider, error) {
	p, ok := r[code]
	if !ok {
		return nil, fmt.Errorf("provider %q is not registered", code)
	}
	return p, nil
}

// BySlug returns the provider that an address names.
func (r Registry) BySlug(name string) (Provider, bool) {
	for code, p := range r {
		if slug(code) == name {
			return p, true
		}
	}
	return nil, false
}

// slug is a provider's name in an address.
func slug(code Code) string { return strings.ReplaceAll(strings.ToLower(string(code)), "_", "-") }

// CallbackPath is where a provider sends the browser back to after an install.
func CallbackPath(code Code) string { return "/install/" + slug(code) + "/callback" }

// WebhookPath is where a provider sends what happens by itself.
func WebhookPath(code Code) string { return "/webhooks/" + slug(code) }
