package install

import (
	"context"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/installlink"
	"github.com/chaveiro/chaveiro/ent/installstate"
)

// EndOfMakers ends the installs that operators or service tokens started, and revokes their links for merchants. A
// maker that may no longer act connects no shop.
func EndOfMakers(ctx context.Context, tx *ent.Tx, now time.Time, makerIDs ...string) error {
	if _, err := tx.InstallState.Delete().Where(installstate.OperatorIDIn(makerIDs...)).Exec(ctx); err != nil {
		return fmt.Errorf("end the installs that were begun: %w", err)
	}
	err := tx.InstallLink.Update().
		Where(installlink.CreatedByIDIn(makerIDs...), installlink.UsedAtIsNil(), installlink.RevokedAtIsNil()).
		SetRevokedAt(now).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("end the install links: %w", err)
	}
	return nil
}
