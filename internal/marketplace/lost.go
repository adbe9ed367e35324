package marketplace

import (
	"context"
	"fmt"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/providersetting"
	"github.com/chaveiro/chaveiro/internal/audit"
	"github.com/chaveiro/chaveiro/internal/auth/principal"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// ForgetLost takes away the secrets of every connection that do not open, because the keyset that sealed them is lost,
// and makes the connection say so: it needs attention until somebody enters them again. Everything else of it stays.
// Those of the settings of providers go the same way. Returns how many connections there were.
func (s *Service) ForgetLost(ctx context.Context) (int, error) {
	ctx = principal.AsSystem(ctx, "recovery")
	if err := s.forgetLostSettings(ctx); err != nil {
		return 0, err
	}
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
			if _, err := s.keys.Open(place(m.ID, m.ClientID), m.SecretsSealed); err == nil {
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
		forgotten, err := tx.Marketplace.UpdateOneID(m.ID).
			ClearSecretsSealed().ClearSecretStates().ClearCredentialsExpireAt().ClearProviderMessage().
			ClearPreviousSealed().ClearPreviousUntil().ClearRenewalBegunAt().ClearLeaseUntil().ClearLeaseBy().
			AddCredentialVersion(1).SetUpdatedAt(s.now()).SetFailures(0).
			SetHealthState(string(provider.NeedsAttention)).SetHealthReason(string(provider.SecretsLost)).SetHealthSince(s.now()).
			ClearNextCheckAt().
			Save(ctx)
		if err != nil {
			return fmt.Errorf("forget the lost secrets of marketplace %s: %w", m.ID, err)
		}
		if err := s.changed(ctx, tx, forgotten); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{Action: "marketplace.secrets_lost", ObjectID: m.ID, ClientID: m.ClientID})
	})
}

func (s *Service) forgetLostSettings(ctx context.Context) error {
	rows, err := s.store.Reader().ProviderSetting.Query().Where(providersetting.SecretsSealedNotNil()).All(ctx)
	if err != nil {
		return fmt.Errorf("read the settings of providers: %w", err)
	}
	for _, row := range rows {
		if _, err := s.settingSecrets(row); err == nil {
			continue
		}
		err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
			if err := tx.ProviderSetting.UpdateOneID(row.ID).ClearSecretsSealed().ClearSecretStates().Exec(ctx); err != nil {
				return fmt.Errorf("forget the lost secrets of the settings of %s: %w", row.Provider, err)
			}
			return audit.Append(ctx, tx, audit.Event{Action: "provider.secrets_lost", ObjectID: row.ID, Changes: []audit.Change{{Field: "provider", New: row.Provider}}})
		})
		if err != nil {
			return err
		}
	}
	return nil
}
