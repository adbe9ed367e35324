package connection

import (
	"context"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/healthinterval"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// ReasonSince returns since when a row has the reason of its health.
func ReasonSince(row *Row) time.Time {
	if row.HealthReasonSince != nil {
		return *row.HealthReasonSince
	}
	return row.HealthSince
}

// storeInterval stores the interval of the health that a move ends, to the second. It stores none without a length.
func storeInterval(ctx context.Context, tx *ent.Tx, old, moved *Row) error {
	since, until := ReasonSince(old).Unix(), ReasonSince(moved).Unix()
	if until <= since {
		return nil
	}
	err := tx.HealthInterval.Create().
		SetMarketplace(ident.NumberOf(old.ID)).SetReason(provider.Reason(old.HealthReason).Number()).
		SetSince(since).SetUntil(until).
		Exec(principal.AsSystem(ctx, "history of health"))
	if err != nil {
		return fmt.Errorf("store an interval of health: %w", err)
	}
	return nil
}

// Delete deletes connections with their secrets and the history of their health. It returns how many there were.
func Delete(ctx context.Context, tx *ent.Tx, ids ...string) (deleted int, err error) {
	_, err = tx.HealthInterval.Delete().Where(healthinterval.MarketplaceIn(ident.NumbersOf(ids...)...)).
		Exec(principal.AsSystem(ctx, "history of health"))
	if err != nil {
		return 0, fmt.Errorf("delete the history of health: %w", err)
	}
	if deleted, err = tx.Marketplace.Delete().Where(marketplace.IDIn(ids...)).Exec(ctx); err != nil {
		return 0, fmt.Errorf("delete marketplaces: %w", err)
	}
	return deleted, nil
}
