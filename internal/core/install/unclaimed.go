package install

import (
	"context"
	"fmt"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/ent/unclaimedinstallation"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// storeUnclaimed seals and stores an unclaimed install, in place of an earlier one of the same shop.
func (s *Service) storeUnclaimed(ctx context.Context, tx *ent.Tx, g grant) error {
	code := g.Provider
	_, err := tx.UnclaimedInstallation.Delete().
		Where(unclaimedinstallation.Provider(string(code)), unclaimedinstallation.ExternalAccount(g.Account.ID)).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("replace the unclaimed installation: %w", err)
	}
	id := ident.New(ident.UnclaimedInstallation)
	encoded, err := provider.EncodeSecrets(g.Secrets)
	if err != nil {
		return err
	}
	sealed, err := s.keys.Seal(unclaimedPlace(id, g.Host), encoded)
	if err != nil {
		return fmt.Errorf("seal the unclaimed installation: %w", err)
	}
	create := tx.UnclaimedInstallation.Create().
		SetID(id).SetProvider(string(code)).SetExternalAccount(g.Account.ID).SetSecretsSealed(sealed).
		SetSecretsHost(g.Host)
	if g.State != nil {
		create.SetProviderState(g.State)
	}
	if g.Account.Name != "" {
		create.SetAccountName(g.Account.Name)
	}
	if g.Account.Document != "" {
		create.SetAccountDocument(g.Account.Document)
	}
	if err := create.Exec(ctx); err != nil {
		return fmt.Errorf("insert the unclaimed installation: %w", err)
	}
	if err := s.live.Publish(ctx, tx, live.Event{Topic: live.InstallationsChanged, ObjectID: id}); err != nil {
		return err
	}
	return audit.Append(ctx, tx, audit.Event{Action: "installation.keep", ObjectID: id,
		Changes: []audit.Change{{Field: "account", New: g.Account.ID}}})
}

// unclaimedPlace returns the place of an unclaimed installation's secrets, with the host that they are for.
func unclaimedPlace(id, host string) seal.Place {
	return seal.Place{
		Table: unclaimedinstallation.Table, Column: unclaimedinstallation.FieldSecretsSealed, RowID: id, Host: host,
	}
}

// grantOf opens the grant of an unclaimed installation.
func (s *Service) grantOf(u *ent.UnclaimedInstallation) (grant, error) {
	g := grant{Provider: provider.Code(u.Provider)}
	if u.SecretsHost != nil {
		g.Host = *u.SecretsHost
	}
	plain, err := s.keys.Open(unclaimedPlace(u.ID, g.Host), u.SecretsSealed)
	if err != nil {
		return grant{}, fmt.Errorf("open the unclaimed installation %s: %w", u.ID, err)
	}
	if g.Secrets, err = provider.DecodeSecrets(plain); err != nil {
		return grant{}, err
	}
	g.State, g.Account.ID = u.ProviderState, u.ExternalAccount
	if u.AccountName != nil {
		g.Account.Name = *u.AccountName
	}
	if u.AccountDocument != nil {
		g.Account.Document = *u.AccountDocument
	}
	return g, nil
}

// UnclaimedInstallations returns the unclaimed installs, latest first.
func (s *Service) UnclaimedInstallations(ctx context.Context) ([]*ent.UnclaimedInstallation, error) {
	found, err := s.store.Reader().UnclaimedInstallation.Query().
		Order(ent.Desc(unclaimedinstallation.FieldID)).Limit(maxUnclaimed).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the unclaimed installations: %w", err)
	}
	return found, nil
}

// AttachInput says where an unclaimed installation goes: exactly one of MarketplaceID and ClientProductID is set.
type AttachInput struct {
	ID                             string
	MarketplaceID, ClientProductID *string
}

// Attach gives an unclaimed installation to a marketplace, or to a new one. It returns a fault.List when the input can
// be mended.
func (s *Service) Attach(ctx context.Context, in AttachInput) (*ent.Marketplace, error) {
	by, err := principal.Only(ctx, principal.Admin, principal.Editor)
	if err == nil {
		err = by.Prove(s.now(), principal.Keys)
	}
	if err != nil {
		return nil, err
	}
	if (in.MarketplaceID == nil) == (in.ClientProductID == nil) {
		return nil, fault.New(fault.OneOf)
	}
	var attached *ent.Marketplace
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		system := principal.AsSystem(ctx, "install")
		u, err := tx.UnclaimedInstallation.Get(system, in.ID)
		if ent.IsNotFound(err) {
			return fault.New(fault.NotFound, "id")
		}
		if err != nil {
			return fmt.Errorf("find the unclaimed installation: %w", err)
		}
		target, err := s.attachTo(ctx, tx, in, u)
		if err != nil {
			return err
		}
		g, err := s.grantOf(u)
		if err != nil {
			return err
		}
		if err := s.connections.Free(ctx, tx, provider.Code(u.Provider), u.ExternalAccount, target.ID, "id"); err != nil {
			return err
		}
		if _, err := s.install(ctx, tx, target, g); err != nil {
			return err
		}
		if err := tx.UnclaimedInstallation.DeleteOne(u).Exec(system); err != nil {
			return fmt.Errorf("delete the unclaimed installation: %w", err)
		}
		if err := s.live.Publish(ctx, tx, live.Event{Topic: live.InstallationsChanged, ObjectID: u.ID}); err != nil {
			return err
		}
		attached, err = connection.Find(ctx, tx, target.ID, "marketplaceId")
		return err
	})
	if err == nil {
		s.connections.Wake()
	}
	return attached, err
}

// attachTo returns the marketplace that an installation goes to, and makes it where the input asks for a new one.
func (s *Service) attachTo(
	ctx context.Context, tx *ent.Tx, in AttachInput, u *ent.UnclaimedInstallation,
) (*ent.Marketplace, error) {
	if in.MarketplaceID != nil {
		m, err := connection.Lock(ctx, tx, *in.MarketplaceID, "marketplaceId")
		switch {
		case err != nil:
			return nil, err
		case m.Provider != u.Provider:
			return nil, fault.New(fault.ProviderMismatch, "marketplaceId")
		case m.ExternalAccount != nil && *m.ExternalAccount != u.ExternalAccount:
			return nil, fault.New(fault.AccountOther, "marketplaceId")
		}
		return m, nil
	}
	owner, err := products.Lock(ctx, tx, *in.ClientProductID, products.Marketplaces, "clientProductId")
	if err != nil {
		return nil, err
	}
	description := u.ExternalAccount
	if u.AccountName != nil {
		description = *u.AccountName
	}
	code := provider.Code(u.Provider)
	return s.connections.Insert(ctx, tx, owner, connection.Start{
		ID: ident.New(ident.Marketplace), Description: description, Provider: code,
		Settings: []byte("{}"), Health: s.providers[code].Unchecked(),
	}, "clientProductId")
}

// Discard deletes an unclaimed installation. It returns a fault.List when there is none.
func (s *Service) Discard(ctx context.Context, id string) error {
	if _, err := principal.Changer(ctx, principal.Admin); err != nil {
		return err
	}
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		deleted, err := tx.UnclaimedInstallation.Delete().
			Where(unclaimedinstallation.ID(id)).
			Exec(principal.AsSystem(ctx, "install"))
		if err != nil {
			return fmt.Errorf("delete the unclaimed installation: %w", err)
		}
		if deleted == 0 {
			return fault.New(fault.NotFound, "id")
		}
		if err := s.live.Publish(ctx, tx, live.Event{Topic: live.InstallationsChanged, ObjectID: id}); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{Action: "installation.discard", ObjectID: id})
	})
}

// BindHosts binds the unclaimed installations that a version without hosts sealed to the host of their provider.
func (s *Service) BindHosts(ctx context.Context, hosts map[provider.Code]string) error {
	return s.rebind(ctx, unclaimedinstallation.SecretsHostIsNil(), hosts)
}

// MoveHost binds the unclaimed installations of a provider from one host to another.
func (s *Service) MoveHost(ctx context.Context, code provider.Code, from, to string) error {
	of := unclaimedinstallation.And(
		unclaimedinstallation.Provider(string(code)), unclaimedinstallation.SecretsHost(from))
	return s.rebind(ctx, of, map[provider.Code]string{code: to})
}

// rebind seals installations again, bound to the host of their provider. Those that do not open stay as they are.
func (s *Service) rebind(
	ctx context.Context, which predicate.UnclaimedInstallation, hosts map[provider.Code]string,
) error {
	return s.store.Write(principal.AsSystem(ctx, "binding secrets to hosts"), func(ctx context.Context, tx *ent.Tx) error {
		rows, err := tx.UnclaimedInstallation.Query().Where(which, store.ForUpdate).All(ctx)
		if err != nil {
			return fmt.Errorf("read the unclaimed installations: %w", err)
		}
		for _, u := range rows {
			g, err := s.grantOf(u)
			if err != nil {
				continue // its secrets are lost: keyset verify counts them
			}
			encoded, err := provider.EncodeSecrets(g.Secrets)
			if err != nil {
				return err
			}
			host := hosts[g.Provider]
			sealed, err := s.keys.Seal(unclaimedPlace(u.ID, host), encoded)
			if err != nil {
				return fmt.Errorf("seal the unclaimed installation: %w", err)
			}
			if err := u.Update().SetSecretsSealed(sealed).SetSecretsHost(host).Exec(ctx); err != nil {
				return fmt.Errorf("bind the unclaimed installation: %w", err)
			}
		}
		return nil
	})
}
