// Package showkase is the provider ShowKase (Softcom): one token, made in the client's ShowKase portal. Its API is not
// public, so the token is opaque. It can be tested only if an administrator knows an address for that.
package showkase

import (
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/secretstate"
)

const code provider.Code = "SHOWKASE"

const token = "token" // name of the secret

// Names of the settings of the installation.
const (
	checkURL      = "checkUrl"
	checkHeader   = "checkHeader"
	checkStatuses = "checkRefusedStatuses"
	checkText     = "checkRefusedText"
)

const (
	defaultHeader   = "Authorization: Bearer {token}"
	defaultStatuses = "401"
)

// Provider is ShowKase.
type Provider struct{}

// settings are stored in plain: there are none.
type settings struct{}

// Config is what the page shows of a connection.
type Config struct{ Token secretstate.State }

// Credentials is what a back-office calls ShowKase with.
type Credentials struct{ Token string }

// ConfigInput is a new connection, as typed.
type ConfigInput struct{ Token string }

// ConfigUpdateInput is a changed connection, as typed; nil keeps the stored value.
type ConfigUpdateInput struct{ Token *string }

// IsMarketplaceConfig makes Config a member of the union.
func (Config) IsMarketplaceConfig() {}

// IsMarketplaceCredentials makes Credentials a member of the union.
func (Credentials) IsMarketplaceCredentials() {}

// Code is SHOWKASE.
func (Provider) Code() provider.Code { return code }

// Name is what people call it.
func (Provider) Name() string { return "ShowKase" }

// Provider is SHOWKASE.
func (ConfigInput) Provider() provider.Code { return code }

// Provider is SHOWKASE.
func (ConfigUpdateInput) Provider() provider.Code { return code }

// Settings describe the test of a token: an address, the header for the token, and which answer is a refusal. None of
// this is public, so an administrator who knows it enters it.
func (Provider) Settings() []provider.Setting {
	return []provider.Setting{
		{Name: checkURL, Kind: provider.URL, Env: "CHAVEIRO_SHOWKASE_CHECK_URL", Receives: provider.OfConnection},
		{Name: checkHeader, Kind: provider.Text, Env: "CHAVEIRO_SHOWKASE_CHECK_HEADER", Default: defaultHeader,
			Form: headerForm},
		{
			Name: checkStatuses, Kind: provider.Text, Env: "CHAVEIRO_SHOWKASE_CHECK_REFUSED_STATUSES",
			Default: defaultStatuses, Form: statusesForm,
		},
		{Name: checkText, Kind: provider.Text, Env: "CHAVEIRO_SHOWKASE_CHECK_REFUSED_TEXT"},
		provider.Panel("CHAVEIRO_SHOWKASE_PANEL_URL", ""),
	}
}

// Unchecked returns that no test is available.
func (Provider) Unchecked() provider.Health {
	return provider.Health{Reason: provider.NoTestAvailable}
}

// Config shows that the token is set.
func (Provider) Config(r provider.Record) (provider.Config, error) {
	return Config{Token: r.States[token]}, nil
}

// Credentials are the token.
func (Provider) Credentials(
	_ provider.Record, secrets provider.Secrets, _ provider.Values,
) (provider.Credentials, error) {
	return Credentials{Token: secrets[token].Reveal()}, nil
}

// Draft validates a new connection.
func (in ConfigInput) Draft() (provider.Draft, error) {
	var bad fault.List
	secret := bad.Token(in.Token, token)
	return provider.Draft{
		Settings:       settings{},
		Secrets:        provider.Secrets{token: seal.NewSecret(secret)},
		NewCredentials: true,
	}, bad.Err()
}

// Apply validates a changed connection.
func (in ConfigUpdateInput) Apply(provider.Record) (provider.Draft, error) {
	if in.Token == nil {
		return provider.Draft{Settings: settings{}}, nil
	}
	return ConfigInput{Token: *in.Token}.Draft()
}
