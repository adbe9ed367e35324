package install

import (
	"context"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/installlink"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// CreateLink makes a link for the merchant, in place of an earlier one. It returns the whole link, which is shown only
// once, or a fault.List as StartInstall does. It also returns the errors of principal.Operator.Prove: the link decides
// where a shop's token goes.
func (s *Service) CreateLink(ctx context.Context, id string) (link string, m *ent.Marketplace, err error) {
	operator, err := principal.Only(ctx, principal.Admin, principal.Editor)
	if err == nil {
		err = operator.Prove(s.now(), principal.Keys)
	}
	if err != nil {
		return "", nil, err
	}
	text, hash := token.NewOpaque()
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if m, _, _, err = s.installable(ctx, tx, id); err != nil {
			return err
		}
		system := principal.AsSystem(ctx, "install")
		if err := s.revokeLinks(system, tx, id); err != nil {
			return err
		}
		err := tx.InstallLink.Create().
			SetMarketplaceID(id).SetHash(hash).SetCreatedBy(operator.Name).SetCreatedByID(operator.ID).
			SetExpiresAt(s.now().Add(linkLife)).
			Exec(system)
		if err != nil {
			return fmt.Errorf("insert the install link: %w", err)
		}
		return s.installEvent(ctx, tx, "install_link.create", m)
	})
	return s.portal + "/install/link/" + text, m, err
}

// RevokeLink makes the link of a marketplace stop working. It returns a fault.List when there is no such marketplace.
func (s *Service) RevokeLink(ctx context.Context, id string) (m *ent.Marketplace, err error) {
	if _, err := principal.Changer(ctx, principal.Admin, principal.Editor); err != nil {
		return nil, err
	}
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if m, err = connection.Find(ctx, tx, id, "marketplaceId"); err != nil {
			return err
		}
		system := principal.AsSystem(ctx, "install")
		some, err := tx.InstallLink.Query().Where(linkOf(id, s.now())).Exist(system)
		if err != nil || !some {
			return err
		}
		if err := s.revokeLinks(system, tx, id); err != nil {
			return err
		}
		return s.installEvent(ctx, tx, "install_link.revoke", m)
	})
	return m, err
}

func (s *Service) revokeLinks(system context.Context, tx *ent.Tx, id string) error {
	err := tx.InstallLink.Update().Where(linkOf(id, s.now())).SetRevokedAt(s.now()).Exec(system)
	if err != nil {
		return fmt.Errorf("revoke the install links: %w", err)
	}
	return nil
}

// installEvent records what happened to a link, and publishes it to the page.
func (s *Service) installEvent(ctx context.Context, tx *ent.Tx, action string, m *ent.Marketplace) error {
	err := s.live.Publish(ctx, tx, live.Event{Topic: live.MarketplaceChanged, ClientID: m.ClientID,
		ClientProductID: m.ClientProductID, ObjectID: m.ID})
	if err != nil {
		return err
	}
	return audit.Append(ctx, tx, audit.Event{Action: action, ObjectID: m.ID, ClientID: m.ClientID})
}

// linkOf matches the link of a marketplace that works at now.
func linkOf(id string, now time.Time) predicate.InstallLink {
	return installlink.And(installlink.MarketplaceID(id), LinkWorks(now))
}

// LinkWorks matches the links that work at now.
func LinkWorks(now time.Time) predicate.InstallLink {
	return installlink.And(installlink.UsedAtIsNil(), installlink.RevokedAtIsNil(), installlink.ExpiresAtGT(now))
}

// Invitation is what the page behind a link shows.
type Invitation struct {
	Client, Description string
	Provider            provider.Code
	ExpiresAt           time.Time
}

// FindInvitation returns what a link is for. It returns fault.NotFound for one that is unknown, used, revoked or
// expired.
func (s *Service) FindInvitation(ctx context.Context, text string) (Invitation, error) {
	link, err := s.linkByText(ctx, text)
	if err != nil {
		return Invitation{}, err
	}
	m := link.Edges.Marketplace
	return Invitation{
		Client: m.Edges.ClientProduct.Edges.Client.Name, Description: m.Description,
		Provider: provider.Code(m.Provider), ExpiresAt: link.ExpiresAt,
	}, nil
}

func (s *Service) linkByText(ctx context.Context, text string) (*ent.InstallLink, error) {
	ctx = principal.AsSystem(ctx, "install link")
	link, err := s.store.Reader().InstallLink.Query().
		Where(installlink.Hash(token.HashOpaque(text)), LinkWorks(s.now())).
		WithMarketplace(
			func(q *ent.MarketplaceQuery) { q.WithClientProduct(func(q *ent.ClientProductQuery) { q.WithClient() }) }).
		Only(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return nil, fmt.Errorf("find the install link: %w", err)
	}
	if err != nil || !store.Vouches(ctx, s.store, link) {
		return nil, fault.New(fault.NotFound)
	}
	return link, nil
}

// StartByLink starts an install in the browser of a merchant who opened a link. It returns a fault.List when the link
// does not work, or as StartInstall does.
func (s *Service) StartByLink(ctx context.Context, text string) (Started, error) {
	link, err := s.linkByText(ctx, text)
	if err != nil {
		return Started{}, err
	}
	return s.start(principal.AsSystem(ctx, "install link"), link.MarketplaceID, link.ID, "")
}
