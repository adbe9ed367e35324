package connection

import (
	"context"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
)

// UnreadUntil returns until when an unreadable answer is kept; nil when there is none.
func UnreadUntil(m *Row, now time.Time) *time.Time {
	if len(m.UnreadSealed) == 0 || m.UnreadUntil == nil || !now.Before(*m.UnreadUntil) {
		return nil
	}
	return m.UnreadUntil
}

// Unread returns the connections, with their clients, that have an unreadable answer, the one that ends first in front.
// It opens nothing.
func (s *Service) Unread(ctx context.Context) ([]*ent.Marketplace, error) {
	found, err := s.store.Reader().Marketplace.Query().
		Where(marketplace.UnreadUntilGT(s.now()), marketplace.UnreadSealedNotNil()).
		Order(marketplace.ByUnreadUntil(), marketplace.ByID()).
		WithClientProduct(func(q *ent.ClientProductQuery) { q.WithClient() }).
		All(principal.AsSystem(ctx, "command line"))
	if err != nil {
		return nil, fmt.Errorf("list the answers that nobody could read: %w", err)
	}
	return found, nil
}

// ShowUnread opens the unreadable answer of a connection, for the person who runs the server, and records that. It
// returns a fault.List when there is none.
func (s *Service) ShowUnread(ctx context.Context, id string) (seal.Secret, error) {
	ctx = principal.AsSystem(ctx, "command line")
	var answer seal.Secret
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		m, err := Lock(ctx, tx, id, "id")
		if err != nil {
			return err
		}
		if UnreadUntil(m, s.now()) == nil {
			return fault.New(fault.NotFound, "id")
		}
		plain, err := s.keys.Open(unreadPlace(m), m.UnreadSealed)
		if err != nil {
			return fmt.Errorf("open the unread answer for marketplace %s: %w", m.ID, err)
		}
		answer = seal.NewSecret(string(plain))
		return audit.Append(ctx, tx, audit.Event{
			Action: "marketplace.unread_show", ObjectID: m.ID, ClientID: m.ClientID,
		})
	})
	return answer, err
}
