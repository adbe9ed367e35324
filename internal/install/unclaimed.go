package install

import (
	"context"
	"fmt"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/unclaimedinstallation"
	"github.com/chaveiro/chaveiro/internal/audit"
	"github.com/chaveiro/chaveiro/internal/auth/principal"
	"github.com/chaveiro/chaveiro/internal/connection"
	"github.com/chaveiro/chaveiro/internal/fault"
	"github.com/chaveiro/chaveiro/internal/ident"
	"github.com/chaveiro/chaveiro/internal/live"
	"github.com/chaveiro/chaveiro/internal/products"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/seal"
)

// keep seals an install that nobody has claimed, in place of an earlier one of the same shop.
func (s *Service) keep(ctx context.Context, tx *ent.Tx, code provider.Code, g provider.Granted) error {
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
	sealed, err := s.keys.Seal(unclaimedPlace(id), encoded)
	if err != nil {
		return fmt.Errorf("seal the unclaimed installation: %w", err)
	}
	create := tx.UnclaimedInstallation.Create().
		SetID(id).SetProvider(string(code)).SetExternalAccount(g.Account.ID).SetSecretsSealed(sealed)
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
	return audit.Append(ctx, tx, audit.Event{Action: "installation.keep", ObjectID: id, Changes: []audit.Change{{Field: "account", New: g.Account.ID}}})
}

func unclaimedPlace(id string) seal.Place {
	return seal.Place{Table: unclaimedinstallation.Table, Column: unclaimedinstallation.FieldSecretsSealed, RowID: id}
}

// UnclaimedInstallations returns the installs that nobody has claimed, latest first.
func (s *Service) UnclaimedInstallations(ctx context.Context) ([]*ent.UnclaimedInstallation, error) {
	found, err := s.store.Reader().UnclaimedInstallation.Query().
		Order(ent.Desc(unclaimedinstallation.FieldID)).Limit(maxUnclaimed).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the unclaimed installations: %w", err)
	}
	return found, nil
}

// AttachInput says where an unclaimed installation goes: just one of the two.
type AttachInput struct {
	ID                             string
	MarketplaceID, ClientProductID *string
}

// Attach gives an unclaimed installation to a marketplace that waits, or to a new one. It returns a fault.List when the
// input can be mended.
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
		plain, err := s.keys.Open(unclaimedPlace(u.ID), u.SecretsSealed)
		if err != nil {
			return fmt.Errorf("open the unclaimed installation %s: %w", u.ID, err)
		}
		secrets, err := provider.DecodeSecrets(plain)
		if err != nil {
			return err
		}
		if err := s.connections.Free(ctx, tx, provider.Code(u.Provider), u.ExternalAccount, target.ID, "id"); err != nil {
			return err
		}
		g := provider.Granted{Secrets: secrets, Result: provider.Result{State: u.ProviderState, Account: provider.Account{ID: u.ExternalAccount}}}
		if u.AccountName != nil {
			g.Account.Name = *u.AccountName
		}
		if u.AccountDocument != nil {
			g.Account.Document = *u.AccountDocument
		}
		if err := s.install(ctx, tx, target, g); err != nil {
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

// attachTo returns the marketplace that an installation goes to; a new one is made where that is asked for.
func (s *Service) attachTo(ctx context.Context, tx *ent.Tx, in AttachInput, u *ent.UnclaimedInstallation) (*ent.Marketplace, error) {
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
	return s.connections.Insert(ctx, tx, connection.Start{
		ID: ident.New(ident.Marketplace), ClientProductID: owner.ID, ClientID: owner.ClientID, Description: description,
		Provider: code, Settings: []byte("{}"), Health: s.providers[code].Unchecked(),
	}, "clientProductId")
}

// Discard throws an unclaimed installation away. It returns a fault.List when there is none.
func (s *Service) Discard(ctx context.Context, id string) error {
	if _, err := principal.Only(ctx, principal.Admin); err != nil {
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
