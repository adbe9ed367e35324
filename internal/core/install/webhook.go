package install

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/ent/providernotice"
	"github.com/chaveiro/chaveiro/ent/unclaimedinstallation"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// Webhook takes a delivery of a provider. It returns false for one that the provider did not send. It only notes the
// delivery, as the sender waits.
func (s *Service) Webhook(
	ctx context.Context, providerSlug, topic string, header http.Header, body []byte,
) (bool, error) {
	p, ok := s.providers.BySlug(providerSlug)
	receiver, can := p.(provider.WebhookReceiver)
	if !ok || !can {
		return false, nil
	}
	code := p.Code()
	ctx = principal.AsSystem(ctx, "webhook")
	settings, err := s.settings.InForce(ctx, code)
	if err != nil {
		return false, err
	}
	notice, ok := receiver.Receive(settings, topic, header, body)
	if !ok {
		return false, nil
	}
	s.log.InfoContext(ctx, "a provider sent a webhook", "provider", code, "topic", notice.Topic, "account", notice.Account,
		"signed", notice.Signed)
	if !notice.Check && !notice.Erase {
		return true, nil // the portal keeps no data of a shop's customers: there is nothing to give and nothing to delete
	}
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		m, err := connection.OfAccount(ctx, tx, code, notice.Account)
		if err != nil {
			return err
		}
		if notice.Check && m != nil {
			if err := s.connections.Check(ctx, tx, m); err != nil {
				return err
			}
		}
		if notice.Erase {
			return s.erase(ctx, tx, code, m, notice)
		}
		return nil
	})
	if errors.Is(err, errTooManyUnproven) {
		return true, s.strangers.RecordTry(ctx, audit.Event{Action: audit.NoticeNotListed})
	}
	if err == nil {
		s.connections.Wake()
		select {
		case s.settle <- struct{}{}:
		default:
		}
	}
	return true, err
}

// erase deletes the data of a shop if the provider has signed the delivery and the shop's token is known to be dead.
// Otherwise it lists a notice: Settle handles that of an unclaimed installation, and a person that of a connection. It
// ignores a delivery about an unknown shop.
func (s *Service) erase(
	ctx context.Context, tx *ent.Tx, code provider.Code, m *ent.Marketplace, n provider.Notice,
) error {
	waits, err := tx.UnclaimedInstallation.Query().Where(unclaimedOf(code, n.Account)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for the unclaimed installation: %w", err)
	}
	if m == nil && !waits {
		return nil
	}
	if n.Signed && m != nil && provider.Reason(m.HealthReason) == provider.AccessRevoked {
		if _, err := s.connections.Move(ctx, tx, m, connection.Erased(m, s.now())); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{Action: "marketplace.erase", ObjectID: m.ID, ClientID: m.ClientID})
	}
	return s.list(ctx, tx, code, n)
}

// maxUnproven caps the open notices without a proof, so that a stranger cannot fill the list.
const maxUnproven = 20

// list adds a notice to the list of the administrators, once. A listed notice that comes again with a signature becomes
// proven.
func (s *Service) list(ctx context.Context, tx *ent.Tx, code provider.Code, n provider.Notice) error {
	var provenAt *time.Time
	if n.Signed {
		now := s.now()
		provenAt = &now
	}
	open, err := tx.ProviderNotice.Query().
		Where(providernotice.Provider(string(code)), providernotice.Topic(n.Topic), providernotice.ExternalAccount(n.Account),
			providernotice.ClosedAtIsNil()).
		Order(providernotice.ByID()).
		First(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return fmt.Errorf("look for the notice: %w", err)
	}
	changes := []audit.Change{{Field: "topic", New: n.Topic}, {Field: "signed", New: n.Signed}}
	switch {
	case open != nil && (open.ProvenAt != nil || provenAt == nil):
		return nil
	case open != nil:
		if err := tx.ProviderNotice.UpdateOne(open).SetProvenAt(*provenAt).Exec(ctx); err != nil {
			return fmt.Errorf("note that the notice is proven: %w", err)
		}
		return audit.Append(ctx, tx, audit.Event{Action: "notice.prove", ObjectID: open.ID, Changes: changes})
	}
	if provenAt == nil {
		unproven, err := tx.ProviderNotice.Query().
			Where(providernotice.ClosedAtIsNil(), providernotice.ProvenAtIsNil()).Count(ctx)
		if err != nil {
			return fmt.Errorf("count the notices that nobody has proven: %w", err)
		}
		if unproven >= maxUnproven {
			return errTooManyUnproven
		}
	}
	made, err := tx.ProviderNotice.Create().
		SetProvider(string(code)).SetTopic(n.Topic).SetExternalAccount(n.Account).SetNillableProvenAt(provenAt).
		Save(ctx)
	if err != nil {
		return fmt.Errorf("insert the notice: %w", err)
	}
	return audit.Append(ctx, tx, audit.Event{Action: "notice.receive", ObjectID: made.ID, Changes: changes})
}

// unclaimedOf matches the unclaimed installation of a shop.
func unclaimedOf(code provider.Code, account string) predicate.UnclaimedInstallation {
	return unclaimedinstallation.And(
		unclaimedinstallation.Provider(string(code)), unclaimedinstallation.ExternalAccount(account))
}

// errTooManyUnproven refuses a notice without a signature beyond maxUnproven.
var errTooManyUnproven = errors.New("too many notices that nobody has proven")

// Notices returns the open demands that providers made by law: first the proven ones, each oldest first.
func (s *Service) Notices(ctx context.Context) ([]*ent.ProviderNotice, error) {
	found, err := s.store.Reader().ProviderNotice.Query().
		Where(providernotice.ClosedAtIsNil()).
		Order(func(s *sql.Selector) { s.OrderExpr(sql.Expr(s.C(providernotice.FieldProvenAt) + " IS NULL")) },
			providernotice.ByID()).
		Limit(maxUnclaimed).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the notices: %w", err)
	}
	return found, nil
}

// CloseNotice closes a notice, which removes it from the list. It returns a fault.List when there is no such open
// notice.
func (s *Service) CloseNotice(ctx context.Context, id string) error {
	if _, err := principal.Changer(ctx, principal.Admin); err != nil {
		return err
	}
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		closed, err := tx.ProviderNotice.Update().
			Where(providernotice.ID(id), providernotice.ClosedAtIsNil()).SetClosedAt(s.now()).
			Save(principal.AsSystem(ctx, "notices"))
		if err != nil {
			return fmt.Errorf("close the notice: %w", err)
		}
		if closed == 0 {
			return fault.New(fault.NotFound, "id")
		}
		return audit.Append(ctx, tx, audit.Event{Action: "notice.close", ObjectID: id})
	})
}
