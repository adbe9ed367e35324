package install

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/base/spool"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// kindGrant is the kind of the answers that this package spools.
const kindGrant = "grant"

// grant is the result of an install, and what the install was started for.
type grant struct {
	Provider provider.Code
	// MarketplaceID and LinkID are what it was started for; empty when the merchant started it at the provider.
	MarketplaceID string
	LinkID        *string
	// Host is the provider's host that the credentials are for.
	Host string
	provider.Granted
}

// spooledGrant is a grant as it is spooled.
type spooledGrant struct {
	Provider      provider.Code   `json:"provider"`
	MarketplaceID string          `json:"marketplaceId"`
	LinkID        *string         `json:"linkId"`
	Host          string          `json:"host"`
	Result        provider.Result `json:"result"`
	Secrets       json.RawMessage `json:"secrets"`
	Unread        string          `json:"unread"`
}

func (g grant) encode() (spool.Answer, error) {
	secrets, err := provider.EncodeSecrets(g.Secrets)
	if err != nil {
		return spool.Answer{}, err
	}
	plain, err := json.Marshal(
		spooledGrant{g.Provider, g.MarketplaceID, g.LinkID, g.Host, g.Result, secrets, g.Unread.Reveal()})
	if err != nil {
		return spool.Answer{}, errors.New("encode what an install gave") // the error might repeat a secret
	}
	return spool.Answer{Kind: kindGrant, RowID: ident.New(ident.UnclaimedInstallation), Plain: plain}, nil
}

func decodeGrant(plain []byte) (grant, error) {
	var s spooledGrant
	if err := json.Unmarshal(plain, &s); err != nil {
		return grant{}, errors.New("decode what an install gave")
	}
	secrets, err := provider.DecodeSecrets(s.Secrets)
	return grant{
		Provider: s.Provider, MarketplaceID: s.MarketplaceID, LinkID: s.LinkID, Host: s.Host,
		Granted: provider.Granted{Result: s.Result, Secrets: secrets, Unread: seal.NewSecret(s.Unread)},
	}, err
}

// save stores a grant where it belongs, in one transaction. An unreadable answer goes to its connection. Without a
// connection it is dropped.
func (s *Service) save(ctx context.Context, g grant) (end Ended, err error) {
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if g.Outcome == provider.OK {
			end.Ending, end.OwnerID, err = s.bind(ctx, tx, g)
			return err
		}
		if g.MarketplaceID == "" {
			s.log.ErrorContext(ctx, "drop an unreadable answer of an install: it belongs to no connection",
				"provider", g.Provider)
			return nil
		}
		m, err := connection.Find(ctx, tx, g.MarketplaceID, "marketplaceId")
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Altered) {
			return nil
		}
		if err != nil {
			return err
		}
		sealed, err := s.connections.SealUnread(m, g.Unread)
		if err != nil {
			return err
		}
		if _, err := s.connections.Move(ctx, tx, m, connection.Unread(m, sealed, s.now().
			Add(connection.KeepUnread))); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{Action: "marketplace.unread", ObjectID: m.ID, ClientID: m.ClientID})
	})
	return end, err
}

// TakeUp saves the grants that an earlier process could not save and left in the spool. After an error it is to be
// called again.
func (s *Service) TakeUp(ctx context.Context) error {
	return s.spool.TakeUp(principal.AsSystem(ctx, "install"), kindGrant, func(ctx context.Context, a spool.Answer) error {
		g, err := decodeGrant(a.Plain)
		if err == nil && g.Host == "" { // spooled by a version that stored no hosts
			g.Host, err = s.settings.Host(ctx, g.Provider)
		}
		if err != nil {
			return err
		}
		// The grant may be old: a later install of the shop ends its token.
		if outcome, err := s.probe(ctx, g); err != nil || outcome == provider.Refused {
			if err == nil {
				s.log.WarnContext(ctx, "drop a spooled install: its token no longer works", "provider", g.Provider)
			}
			return err
		}
		if _, err := s.save(ctx, g); err != nil {
			return fmt.Errorf("save what an install gave: %w", err)
		}
		s.connections.Wake()
		return nil
	})
}

// Run saves what an earlier process left in the spool, and settles the demands to erase, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	const every = 5 * time.Minute
	taken := false
	for {
		wait := every
		if !taken {
			err := s.TakeUp(ctx)
			if taken = err == nil; !taken {
				wait = 3 * time.Second
				s.log.ErrorContext(ctx, "the spooled installs could not be saved: retry soon", "err", err)
			}
		}
		if err := s.Settle(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "the demands to erase installations could not be settled: retry later", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.settle:
		case <-time.After(wait):
		}
	}
}
