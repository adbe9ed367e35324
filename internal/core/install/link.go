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

// LinkState says whether a link works.
type LinkState string

// The states of a link.
const (
	// LinkOpen: the link works.
	LinkOpen LinkState = "open"
	// LinkUsed: the shop was connected by it.
	LinkUsed LinkState = "used"
	// LinkRevoked: an operator or the merchant ended it, or a newer link took its place.
	LinkRevoked LinkState = "revoked"
	// LinkExpired: its time is over.
	LinkExpired LinkState = "expired"
)

// Invitation is what the page behind a link shows.
type Invitation struct {
	State LinkState
	// Client is the name of the shop that the link is for.
	Client string
	// Provider is the provider's name.
	Provider  string
	ExpiresAt time.Time
}

// FindInvitation returns what a link is or was for. It returns fault.NotFound for one that is unknown.
func (s *Service) FindInvitation(ctx context.Context, text string) (Invitation, error) {
	link, err := s.linkByText(ctx, text)
	if err != nil {
		return Invitation{}, err
	}
	m := link.Edges.Marketplace
	return Invitation{
		State: s.stateOf(link), Client: m.Edges.ClientProduct.Edges.Client.Name,
		Provider: s.nameOf(provider.Code(m.Provider)), ExpiresAt: link.ExpiresAt,
	}, nil
}

func (s *Service) stateOf(link *ent.InstallLink) LinkState {
	switch {
	case link.UsedAt != nil:
		return LinkUsed
	case link.RevokedAt != nil:
		return LinkRevoked
	case !link.ExpiresAt.After(s.now()):
		return LinkExpired
	}
	return LinkOpen
}

// nameOf returns what people call a provider.
func (s *Service) nameOf(code provider.Code) string {
	if p, ok := s.providers[code]; ok {
		return p.Name()
	}
	return string(code)
}

// DeclineLink ends a link because its merchant does not know the request. It returns a fault.List when the link does
// not work.
func (s *Service) DeclineLink(ctx context.Context, text string) error {
	ctx = principal.AsSystem(ctx, "install link")
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		link, err := tx.InstallLink.Query().
			Where(installlink.Hash(token.HashOpaque(text)), LinkWorks(s.now()), store.ForUpdate).
			WithMarketplace().
			Only(ctx)
		if err != nil && !ent.IsNotFound(err) {
			return fmt.Errorf("find the install link: %w", err)
		}
		if err != nil || !store.Vouches(ctx, s.store, link) {
			return fault.New(fault.NotFound)
		}
		if err := tx.InstallLink.UpdateOneID(link.ID).SetRevokedAt(s.now()).Exec(ctx); err != nil {
			return fmt.Errorf("revoke the install link: %w", err)
		}
		return s.installEvent(ctx, tx, "install_link.decline", link.Edges.Marketplace)
	})
}

// linkByText returns a link, whether it works or not.
func (s *Service) linkByText(ctx context.Context, text string) (*ent.InstallLink, error) {
	ctx = principal.AsSystem(ctx, "install link")
	link, err := s.store.Reader().InstallLink.Query().
		Where(installlink.Hash(token.HashOpaque(text))).
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
	if s.stateOf(link) != LinkOpen {
		return Started{}, fault.New(fault.NotFound)
	}
	return s.start(principal.AsSystem(ctx, "install link"), link.MarketplaceID, link.ID, "")
}
