// Package vitrine is a made-up provider, the smallest that there can be: one token, which one call tests.
package vitrine

import (
	"context"
	"net/http"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/secretstate"
)

const code provider.Code = "VITRINE"

const token = "token" // name of the secret

const address = "url" // name of the setting

const callTime = 20 * time.Second

// Provider is Vitrine.
type Provider struct{}

// settings are what is stored in plain: nothing.
type settings struct{}

// Config is what the page shows of a connection.
type Config struct{ Token secretstate.State }

// Credentials is what a back-office calls Vitrine with.
type Credentials struct{ Token string }

// ConfigInput is a new connection, as typed.
type ConfigInput struct{ Token string }

// ConfigUpdateInput is a changed connection, as typed; nil keeps what is there.
type ConfigUpdateInput struct{ Token *string }

// IsMarketplaceConfig makes Config a member of the union.
func (Config) IsMarketplaceConfig() {}

// IsMarketplaceCredentials makes Credentials a member of the union.
func (Credentials) IsMarketplaceCredentials() {}

// Code is VITRINE.
func (Provider) Code() provider.Code { return code }

// Name is what people call it.
func (Provider) Name() string { return "Vitrine" }

// Provider is VITRINE.
func (ConfigInput) Provider() provider.Code { return code }

// Provider is VITRINE.
func (ConfigUpdateInput) Provider() provider.Code { return code }

// Settings are the address of the API.
func (Provider) Settings() []provider.Setting {
	const standard = "https://api.vitrine.example"
	return []provider.Setting{{
		Name: address, Kind: provider.URL, Env: "CHAVEIRO_VITRINE_URL",
		Default: standard, Choices: []string{standard}, Receives: provider.OfConnection,
	}}
}

// Unchecked says that there was no check yet.
func (Provider) Unchecked() provider.Health { return provider.Health{Reason: provider.NotCheckedYet} }

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

// Draft checks a new connection.
func (in ConfigInput) Draft() (provider.Draft, error) {
	var bad fault.List
	secret := bad.Token(in.Token, token)
	return provider.Draft{
		Settings:       settings{},
		Secrets:        provider.Secrets{token: seal.NewSecret(secret)},
		NewCredentials: true,
	}, bad.Err()
}

// Apply checks a changed connection.
func (in ConfigUpdateInput) Apply(provider.Record) (provider.Draft, error) {
	if in.Token == nil {
		return provider.Draft{Settings: settings{}}, nil
	}
	return ConfigInput{Token: *in.Token}.Draft()
}

// CanTest is always true: the address has a default.
func (Provider) CanTest(provider.Values) bool { return true }

// Test asks whose the token is. A refusal says so in its body: a status alone may be a gateway's.
func (Provider) Test(ctx context.Context, c provider.Call) provider.Result {
	request := outbound.Request{URL: c.Settings.At(address, "/whoami"), Header: http.Header{}, Timeout: callTime}
	request.Header.Set("Authorization", "Bearer "+c.Secrets[token].Reveal())
	a, err := c.HTTP.Do(ctx, request)
	switch {
	case err != nil:
		return provider.ResultOfError(err)
	case a.Status == http.StatusUnauthorized && !provider.FromGateway(a):
		return provider.Result{Outcome: provider.Refused, Reason: provider.TokenRefused}
	case provider.IsSuccess(a):
		return provider.Result{Outcome: provider.OK, Reason: provider.CheckPassed}
	default:
		return provider.ResultOfAnswer(a, c.Now, "")
	}
}
