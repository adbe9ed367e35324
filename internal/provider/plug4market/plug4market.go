// Package plug4market is the provider Plug4Market (TecnoSpeed), a hub: an access token that lives 24 hours and a
// refresh token, both made in its portal under Lojas > Detalhes > Gerar Tokens. Only the portal renews the pair: a
// second refresher would make it worthless, so a back-office gets the access token alone.
package plug4market

import (
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/secretstate"
)

const code provider.Code = "PLUG4MARKET"

// Names of the secrets.
const (
	accessToken  = "accessToken"
	refreshToken = "refreshToken"
)

// Names of the settings of the installation.
const (
	baseURL            = "url"
	leadMinutes        = "leadMinutes"
	refreshesPerMinute = "refreshesPerMinute"
	timeoutSeconds     = "timeoutSeconds"
	houseLogin         = "houseLogin"
	housePassword      = "housePassword"
	houseCNPJ          = "houseCNPJ"
	loginPath          = "loginPath"
	tokenPath          = "tokenPath"
	notEncoded         = "notEncoded"
)

// Defaults of what integrators agree on, and the vendor's public texts do not confirm.
const (
	defaultLoginPath  = "/auth/login"
	defaultTokenPath  = "/stores/{store}/software-houses/{house}/token"
	defaultNotEncoded = "true"
)

// Provider is Plug4Market.
type Provider struct{}

// settings are stored in plain: there are none.
type settings struct{}

// Config is what the page shows of a connection.
type Config struct {
	AccessToken  secretstate.State
	RefreshToken secretstate.State
}

// Credentials is what a back-office calls Plug4Market with.
type Credentials struct {
	AccessToken string
	ExpiresAt   *time.Time
}

// ConfigInput is a new connection, as typed.
type ConfigInput struct {
	AccessToken  string
	RefreshToken string
}

// ConfigUpdateInput is a changed connection, as typed; nil keeps the stored value.
type ConfigUpdateInput struct {
	AccessToken  *string
	RefreshToken *string
}

// IsMarketplaceConfig makes Config a member of the union.
func (Config) IsMarketplaceConfig() {}

// IsMarketplaceCredentials makes Credentials a member of the union.
func (Credentials) IsMarketplaceCredentials() {}

// Code is PLUG4MARKET.
func (Provider) Code() provider.Code { return code }

// Name is what people call it.
func (Provider) Name() string { return "Plug4Market" }

// Provider is PLUG4MARKET.
func (ConfigInput) Provider() provider.Code { return code }

// Provider is PLUG4MARKET.
func (ConfigUpdateInput) Provider() provider.Code { return code }

// Settings are the address, when and how the pairs are renewed, and the software house's own log-in.
//
// refreshesPerMinute is a ceiling for all processes together. The one integrator that is known to have a limit (5 a
// minute) set it for itself, and for few shops: 5 a minute renew 7,200 pairs a day at most. What the portal allows
// itself follows the number of its pairs, and stays below this.
//
// What stands in loginPath, tokenPath and notEncoded is what two integrators or more do; the vendor's own reference is
// not public. So an administrator can change it.
func (Provider) Settings() []provider.Setting {
	const env = "CHAVEIRO_PLUG4MARKET_"
	return []provider.Setting{
		{
			Name: baseURL, Kind: provider.URL, Env: env + "URL", Receives: provider.OfConnection | provider.OfHouse,
			Default: "https://api.plug4market.com.br",
			Choices: []string{"https://api.plug4market.com.br", "https://api.sandbox.plug4market.com.br"},
		},
		{Name: leadMinutes, Kind: provider.Number, Env: env + "LEAD_MINUTES", Default: "60", Min: 1, Max: 1380},
		{
			Name: refreshesPerMinute, Kind: provider.Number, Env: env + "REFRESHES_PER_MINUTE",
			Default: "120", Min: 1, Max: 1000,
		},
		{Name: timeoutSeconds, Kind: provider.Number, Env: env + "TIMEOUT_SECONDS", Default: "90", Min: 1, Max: 120},
		{Name: houseLogin, Kind: provider.Text, Env: env + "HOUSE_LOGIN"},
		{Name: housePassword, Kind: provider.SecretText, Env: env + "HOUSE_PASSWORD_FILE"},
		{Name: houseCNPJ, Kind: provider.Text, Env: env + "HOUSE_CNPJ", Form: cnpjForm},
		{Name: loginPath, Kind: provider.Text, Env: env + "LOGIN_PATH", Default: defaultLoginPath, Form: pathForm()},
		{
			Name: tokenPath, Kind: provider.Text, Env: env + "TOKEN_PATH",
			Default: defaultTokenPath, Form: pathForm(storePlace, housePlace),
		},
		{
			Name: notEncoded, Kind: provider.Choice, Env: env + "NOT_ENCODED",
			Default: defaultNotEncoded, Choices: []string{"true", "false"},
		},
		provider.Panel(env+"PANEL_URL", ""),
	}
}

// Unchecked waits for the first check.
func (Provider) Unchecked() provider.Health {
	return provider.Health{Reason: provider.NotCheckedYet}
}

// Config shows that the pair is set, and when the access token ends, if known.
func (Provider) Config(r provider.Record) (provider.Config, error) {
	return Config{AccessToken: r.States[accessToken], RefreshToken: r.States[refreshToken]}, nil
}

// Credentials returns the access token; the refresh token never leaves the portal.
func (Provider) Credentials(
	r provider.Record, secrets provider.Secrets, _ provider.Values,
) (provider.Credentials, error) {
	return Credentials{AccessToken: secrets[accessToken].Reveal(), ExpiresAt: r.ExpireAt}, nil
}

// Draft validates a new connection.
func (in ConfigInput) Draft() (provider.Draft, error) {
	var bad fault.List
	access := bad.Token(in.AccessToken, accessToken)
	refresh := bad.Token(in.RefreshToken, refreshToken)
	draft := provider.Draft{
		Settings:       settings{},
		Secrets:        provider.Secrets{accessToken: seal.NewSecret(access), refreshToken: seal.NewSecret(refresh)},
		Account:        account(access).ID,
		Document:       account(access).Document,
		NewCredentials: true,
	}
	if end, ok := expiry(access); ok {
		draft.ExpireAt = map[string]time.Time{accessToken: end}
	}
	return draft, bad.Err()
}

// Apply validates a changed connection: both tokens, or none.
func (in ConfigUpdateInput) Apply(provider.Record) (provider.Draft, error) {
	switch {
	case in.AccessToken == nil && in.RefreshToken == nil:
		return provider.Draft{Settings: settings{}}, nil
	case in.AccessToken == nil:
		return provider.Draft{}, fault.New(fault.PairRequired, accessToken)
	case in.RefreshToken == nil:
		return provider.Draft{}, fault.New(fault.PairRequired, refreshToken)
	}
	return ConfigInput{AccessToken: *in.AccessToken, RefreshToken: *in.RefreshToken}.Draft()
}

// expiry reads the end of an access token, if it is a JWT that states it. Its signature cannot be verified here, so the
// end is only a hint, and an unreadable token is not a fault.
func expiry(token string) (time.Time, bool) {
	var claims jwt.RegisteredClaims
	if _, _, err := jwt.NewParser().ParseUnverified(token, &claims); err != nil || claims.ExpiresAt == nil {
		return time.Time{}, false
	}
	end := claims.ExpiresAt.UTC()
	return end, 0 < end.Year() && end.Year() <= 9999 // milliseconds instead of seconds read as the year 58000
}
