package connection

import (
	"context"
	"fmt"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// CheckUntestable plans a check of every connection of a provider that could not be tested so far: new settings may
// allow it.
func (s *Service) CheckUntestable(ctx context.Context, tx *ent.Tx, code provider.Code) error {
	err := tx.Marketplace.Update().
		Where(marketplace.Provider(string(code)), marketplace.HealthState(string(provider.NotTestable))).
		SetNextCheckAt(s.now()).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("plan the checks of %s: %w", code, err)
	}
	return nil
}

// WaitsFor matches the connections of a provider that wait for a person for one of these reasons.
func WaitsFor(code provider.Code, reasons ...provider.Reason) predicate.Marketplace {
	names := make([]string, len(reasons))
	for i, reason := range reasons {
		names[i] = string(reason)
	}
	return marketplace.And(
		marketplace.Provider(string(code)), marketplace.HealthState(string(provider.NeedsAttention)),
		marketplace.HealthReasonIn(names...), marketplace.NextCheckAtIsNil(),
	)
}

// Check plans a check of a connection now.
func (s *Service) Check(ctx context.Context, tx *ent.Tx, m *ent.Marketplace) error {
	if err := tx.Marketplace.UpdateOne(m).SetNextCheckAt(s.now()).Exec(ctx); err != nil {
		return fmt.Errorf("plan the check: %w", err)
	}
	return nil
}
