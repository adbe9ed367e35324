// Package provider is the contract with the online marketplaces: what a provider is and can do, how its answers change
// the health of a connection, and which settings it has. Each folder below is one provider. Nothing here uses the
// database.
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

// Provider is an online marketplace. The interfaces of ability.go, found by type assertion, are for what only some
// providers can do. No code outside a provider's folder depends on its name.
type Provider interface {
	// Code is the provider's name for programs.
	Code() Code
	// Name is what people call the provider.
	Name() string
	// Settings are the settings that an administrator makes for the whole installation, in the order of the form.
	Settings() []Setting
	// Config returns what the page shows of a connection: its settings, and the state of each secret.
	Config(Record) (Config, error)
	// Credentials returns what a back-office needs to call the marketplace; nil while there is none.
	Credentials(Record, Secrets, Values) (Credentials, error)
	// Unchecked returns the health of a connection with new credentials.
	Unchecked() Health
}

// Config is the settings of one provider's connection: a member of the GraphQL union MarketplaceConfig.
type Config interface{ IsMarketplaceConfig() }

// Credentials is what a back-office needs of one provider: a member of the GraphQL union MarketplaceCredentials.
type Credentials interface{ IsMarketplaceCredentials() }

// Record is the stored part of a connection without its secrets.
type Record struct {
	// Settings are the provider's own, as JSON.
	Settings json.RawMessage
	// States has an entry for each secret that is set.
	States map[string]secretstate.State
	// ProviderState is what the provider's package stores between calls, as JSON; empty before the first call.
	ProviderState json.RawMessage
	// ExternalAccount is the provider's id of the shop; empty while unknown.
	ExternalAccount string
	// ExpireAt is when the credentials end; nil when they do not or when that is unknown.
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
		return nil, errors.New("encode secrets") // err may quote a secret
	}
	return encoded, nil
}

// DecodeSecrets is the reverse of EncodeSecrets.
func DecodeSecrets(plain []byte) (Secrets, error) {
	var texts map[string]string
	if err := json.Unmarshal(plain, &texts); err != nil {
		return nil, errors.New("decode secrets") // err may quote a secret
	}
	secrets := make(Secrets, len(texts))
	for name, text := range texts {
		secrets[name] = seal.NewSecret(text)
	}
	return secrets, nil
}

// Draft is the connection that an input describes.
type Draft struct {
	// Settings are all settings after the change, a provider's own struct.
	Settings any
	// Secrets are all secrets after the change; nil keeps the stored ones. A change replaces all or none: to change some,
	// the page's path would have to open the others, and it never opens secrets.
	Secrets Secrets
	// ExpireAt has the secrets that end and when.
	ExpireAt map[string]time.Time
	// Account is the provider's id of the shop if the secrets contain it; else empty.
	Account string
	// Document is the shop's CNPJ or CPF without punctuation if the secrets contain it; else empty.
	Document string
	// NewCredentials is true if the back-office's credentials changed, so that it must read them again.
	NewCredentials bool
}

// Record returns the Record of a connection that is not saved yet.
func (d Draft) Record() (Record, error) {
	settings, err := json.Marshal(d.Settings)
	if err != nil {
		return Record{}, fmt.Errorf("encode marketplace settings: %w", err)
	}
	return Record{Settings: settings, ExternalAccount: d.Account}, nil
}

// Input is what a person typed for a new connection: a member of the GraphQL input MarketplaceConfigInput.
type Input interface {
	// Provider is the provider that the input is for.
	Provider() Code
	// Draft validates the input. It returns a fault.List of what the person can correct.
	Draft() (Draft, error)
}

// Update is what a person typed for an existing connection: a member of MarketplaceConfigUpdateInput.
type Update interface {
	// Provider is the provider that the input is for.
	Provider() Code
	// Apply validates the input against the stored record. It returns a fault.List of what the person can correct.
	Apply(Record) (Draft, error)
}

// Registry has the known providers by name.
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

// BySlug returns the provider that a part of an address names.
func (r Registry) BySlug(name string) (Provider, bool) {
	for code, p := range r {
		if slug(code) == name {
			return p, true
		}
	}
	return nil, false
}

// slug returns a provider's name for an address.
func slug(code Code) string { return strings.ReplaceAll(strings.ToLower(string(code)), "_", "-") }

// CallbackPath is where a provider redirects the browser after an install.
func CallbackPath(code Code) string { return "/install/" + slug(code) + "/callback" }

// WebhookPath is where a provider sends webhooks.
func WebhookPath(code Code) string { return "/webhooks/" + slug(code) }
