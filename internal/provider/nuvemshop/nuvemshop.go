// Package nuvemshop is the provider Nuvemshop / Tiendanube. Its credentials are not typed: the merchant installs the
// portal's application in the shop, and the install returns the token. Until then a connection waits.
package nuvemshop

import (
	"cmp"
	"encoding/json"
	"net/url"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/secretstate"
)

const code provider.Code = "NUVEMSHOP"

const accessToken = "accessToken" // name of the secret

// Names of the settings of the installation.
const (
	baseURL         = "url"
	apiURL          = "apiUrl"
	apiVersion      = "apiVersion"
	appID           = "appId"
	appSecret       = "appSecret"
	appSecretEndsOn = "appSecretEndsOn"
	headerSetting   = "header"
	contact         = "contact"
)

const (
	defaultContact = "https://github.com/chaveiro/chaveiro"
	defaultVersion = "2025-03"
)

// The spellings of the header that carries the token, as the setting has them. The vendor's documentation has both.
const (
	authentication = "AUTHENTICATION"
	authorization  = "AUTHORIZATION"
)

// Provider is Nuvemshop.
type Provider struct{}

// settings are stored in plain.
type settings struct {
	StoreURL string `json:"storeUrl,omitempty"`
}

// state is stored between calls.
type state struct {
	// Header is the spelling that worked last, if it is not that of the setting; else empty.
	Header string `json:"header,omitempty"`
	// WebhooksAt is the portal's address that all webhooks are registered for; empty until they are.
	WebhooksAt string `json:"webhooksAt,omitempty"`
}

// Config is what the page shows of a connection.
type Config struct {
	StoreURL    *string
	StoreID     *string
	AccessToken *secretstate.State
}

// Credentials is what a back-office calls the Nuvemshop API with.
type Credentials struct {
	StoreID     string
	AccessToken string
	HeaderName  string
	HeaderValue string
}

// ConfigInput is a new connection, as typed.
type ConfigInput struct{ StoreURL *string }

// ConfigUpdateInput is a changed connection, as typed; nil keeps the stored value.
type ConfigUpdateInput struct{ StoreURL *string }

// IsMarketplaceConfig makes Config a member of the union.
func (Config) IsMarketplaceConfig() {}

// IsMarketplaceCredentials makes Credentials a member of the union.
func (Credentials) IsMarketplaceCredentials() {}

// Code is NUVEMSHOP.
func (Provider) Code() provider.Code { return code }

// Name is what people call it.
func (Provider) Name() string { return "Nuvemshop" }

// Provider is NUVEMSHOP.
func (ConfigInput) Provider() provider.Code { return code }

// Provider is NUVEMSHOP.
func (ConfigUpdateInput) Provider() provider.Code { return code }

// Settings are the software house's application, and the addresses and headers of its calls.
func (Provider) Settings() []provider.Setting {
	return []provider.Setting{
		{
			Name: baseURL, Kind: provider.URL, Env: "CHAVEIRO_NUVEMSHOP_URL", Receives: provider.OfHouse,
			Default: "https://www.nuvemshop.com.br",
			Choices: []string{"https://www.nuvemshop.com.br", "https://www.tiendanube.com"},
		},
		{
			Name: apiURL, Kind: provider.URL, Env: "CHAVEIRO_NUVEMSHOP_API_URL", Receives: provider.OfConnection,
			Default: "https://api.nuvemshop.com.br",
			Choices: []string{"https://api.nuvemshop.com.br", "https://api.tiendanube.com"},
		},
		{Name: apiVersion, Kind: provider.Text, Env: "CHAVEIRO_NUVEMSHOP_API_VERSION", Default: defaultVersion},
		{Name: appID, Kind: provider.Number, Env: "CHAVEIRO_NUVEMSHOP_APP_ID", Required: true, Min: 1, Max: 1<<53 - 1},
		{Name: appSecret, Kind: provider.SecretText, Env: "CHAVEIRO_NUVEMSHOP_APP_SECRET_FILE", Required: true,
			Form: provider.TokenForm},
		{Name: appSecretEndsOn, Kind: provider.Date, Env: "CHAVEIRO_NUVEMSHOP_APP_SECRET_ENDS_ON"},
		{Name: headerSetting, Kind: provider.Choice, Env: "CHAVEIRO_NUVEMSHOP_HEADER", Default: authentication,
			Choices: []string{authentication, authorization}},
		{Name: contact, Kind: provider.Text, Env: "CHAVEIRO_NUVEMSHOP_CONTACT", Default: defaultContact},
		provider.Panel("CHAVEIRO_NUVEMSHOP_PANEL_URL", "https://www.nuvemshop.com.br/login"),
	}
}

// Unchecked waits for the merchant.
func (Provider) Unchecked() provider.Health {
	return provider.Health{Reason: provider.WaitingForMerchant}
}

// Config shows the typed address and, after the install, the shop and the token.
func (Provider) Config(r provider.Record) (provider.Config, error) {
	var s settings
	if err := r.Decode(&s); err != nil {
		return nil, err
	}
	var c Config
	if s.StoreURL != "" {
		c.StoreURL = &s.StoreURL
	}
	if r.ExternalAccount != "" {
		c.StoreID = &r.ExternalAccount
	}
	if state, ok := r.States[accessToken]; ok {
		c.AccessToken = &state
	}
	return c, nil
}

// Credentials returns the shop and its token, with the header in the spelling that worked last; nil before the install.
func (Provider) Credentials(
	r provider.Record, secrets provider.Secrets, values provider.Values,
) (provider.Credentials, error) {
	token, ok := secrets[accessToken]
	if !ok || r.ExternalAccount == "" {
		return nil, nil
	}
	name, value := header(stateOf(r).spelling(values), token.Reveal())
	return Credentials{StoreID: r.ExternalAccount, AccessToken: token.Reveal(), HeaderName: name, HeaderValue: value}, nil
}

// stateOf reads the state of a connection. An unreadable state counts as empty.
func stateOf(r provider.Record) state {
	var s state
	if json.Unmarshal(r.ProviderState, &s) != nil || s.Header != authentication && s.Header != authorization {
		s.Header = ""
	}
	return s
}

// spelling returns the spelling of the header that worked last, or the one of the setting.
func (s state) spelling(values provider.Values) string {
	return cmp.Or(s.Header, values[headerSetting], authentication)
}

// header returns the header that carries a token, in a spelling.
func header(spelling, token string) (name, value string) {
	if spelling == authorization {
		return "Authorization", "Bearer " + token
	}
	return "Authentication", "bearer " + token
}

// Draft validates a new connection.
func (in ConfigInput) Draft() (provider.Draft, error) {
	var s settings
	if err := s.set(in.StoreURL); err != nil {
		return provider.Draft{}, err
	}
	return provider.Draft{Settings: s}, nil
}

// Apply validates a changed connection.
func (in ConfigUpdateInput) Apply(r provider.Record) (provider.Draft, error) {
	var s settings
	if err := r.Decode(&s); err != nil {
		return provider.Draft{}, err
	}
	if err := s.set(in.StoreURL); err != nil {
		return provider.Draft{}, err
	}
	return provider.Draft{Settings: s}, nil
}

// set stores a shop's address as typed; nil keeps the stored address, and an empty one removes it.
func (s *settings) set(address *string) error {
	if address == nil {
		return nil
	}
	var bad fault.List
	s.StoreURL = bad.OptionalLine(*address, 200, "storeUrl")
	if len(bad) == 0 && s.StoreURL != "" {
		u, err := url.Parse(s.StoreURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
			bad.Add(fault.URLInvalid, nil, "storeUrl")
		}
	}
	return bad.Err()
}
