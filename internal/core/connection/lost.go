package connection

import (
	"context"
	"fmt"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
)

// ForgetLost removes the secrets of every connection that do not open because their keyset is lost. Such a connection
// needs attention until a person enters the secrets again; the rest of its row stays. It returns how many there were.
func (s *Service) ForgetLost(ctx context.Context) (int, error) {
	ctx = principal.AsSystem(ctx, "recovery")
	forgotten := 0
	for last := ""; ; {
		batch, err := s.store.Reader().Marketplace.Query().
			Where(marketplace.IDGT(last), marketplace.SecretsSealedNotNil()).
			Order(marketplace.ByID()).Limit(forgetBatch).All(ctx)
		if err != nil {
			return forgotten, fmt.Errorf("read the marketplaces: %w", err)
		}
		for _, m := range batch {
			last = m.ID
			if _, err := s.keys.Open(boundPlace(m), m.SecretsSealed); err == nil {
				continue
			}
			if err := s.forgetSecrets(ctx, m); err != nil {
				return forgotten, err
			}
			forgotten++
		}
		if len(batch) < forgetBatch {
			return forgotten, nil
		}
	}
}

// forgetBatch is how many connections are read at once.
const forgetBatch = 200

func (s *Service) forgetSecrets(ctx context.Context, m *ent.Marketplace) error {
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		old, err := find(ctx, tx, m.ID, "id")
		if err != nil {
			return err
		}
		if _, err := s.Move(ctx, tx, old, Lost(old, s.now())); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{Action: "marketplace.secrets_lost", ObjectID: m.ID, ClientID: m.ClientID})
	})
}
