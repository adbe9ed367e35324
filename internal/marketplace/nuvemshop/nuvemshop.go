// Package nuvemshop is the provider Nuvemshop / Tiendanube. Nobody types its credentials: the merchant installs the
// portal's application in the shop, and the token comes from that. Until then a connection waits.
package nuvemshop

import (
	"net/url"

	"github.com/chaveiro/chaveiro/internal/fault"
	"github.com/chaveiro/chaveiro/internal/marketplace"
	"github.com/chaveiro/chaveiro/internal/marketplace/secretstate"
)

const code marketplace.Code = "NUVEMSHOP"

const accessToken = "accessToken" // name of the secret

// Provider is Nuvemshop.
type Provider struct{}

// settings are what is stored in plain.
type settings struct {
	StoreURL string `json:"storeUrl,omitempty"`
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
}

// ConfigInput is a new connection, as typed.
type ConfigInput struct{ StoreURL *string }

// ConfigUpdateInput is a changed connection, as typed; nil keeps what is there.
type ConfigUpdateInput struct{ StoreURL *string }

// IsMarketplaceConfig makes Config a member of the union.
func (Config) IsMarketplaceConfig() {}

// IsMarketplaceCredentials makes Credentials a member of the union.
func (Credentials) IsMarketplaceCredentials() {}

// Code is NUVEMSHOP.
func (Provider) Code() marketplace.Code { return code }

// Provider is NUVEMSHOP.
func (ConfigInput) Provider() marketplace.Code { return code }

// Provider is NUVEMSHOP.
func (ConfigUpdateInput) Provider() marketplace.Code { return code }

// Unchecked waits for the merchant.
func (Provider) Unchecked() marketplace.Health {
	return marketplace.Health{State: marketplace.Waiting, Reason: marketplace.WaitingForMerchant}
}

// Config shows the address that was typed, and the shop and token once the install has told them.
func (Provider) Config(r marketplace.Record) (marketplace.Config, error) {
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

// Credentials are the shop and its token, or nothing before the install.
func (Provider) Credentials(r marketplace.Record, secrets marketplace.Secrets) (marketplace.Credentials, error) {
	token, ok := secrets[accessToken]
	if !ok || r.ExternalAccount == "" {
		return nil, nil
	}
	return Credentials{StoreID: r.ExternalAccount, AccessToken: token.Reveal()}, nil
}

// Draft checks a new connection.
func (in ConfigInput) Draft() (marketplace.Draft, error) {
	var s settings
	if err := s.set(in.StoreURL); err != nil {
		return marketplace.Draft{}, err
	}
	return marketplace.Draft{Settings: s}, nil
}

// Apply checks a changed connection.
func (in ConfigUpdateInput) Apply(r marketplace.Record) (marketplace.Draft, error) {
	var s settings
	if err := r.Decode(&s); err != nil {
		return marketplace.Draft{}, err
	}
	if err := s.set(in.StoreURL); err != nil {
		return marketplace.Draft{}, err
	}
	return marketplace.Draft{Settings: s}, nil
}

// set takes a shop's address as typed; nil keeps the address that is there and an empty one removes it.
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
