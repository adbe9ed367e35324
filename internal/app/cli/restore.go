package cli

import (
	"context"
	"time"

	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/app/portal"
)

// restoreBackup makes the database anew from a backup.
func (i *invocation) restoreBackup(ctx context.Context, command config.Restore) error {
	if err := portal.MakeDataDir(i.settings.DataDir); err != nil {
		return err
	}
	to := i.describeInstallation()
	to.IdentityFile = command.Identity
	m, err := to.Restore(ctx, command.File)
	if err != nil {
		return err
	}
	i.say("restored the backup of %s by version %s: it is whole, its secrets open and its audit trail verifies",
		m.Time.Format(time.RFC3339), m.Version)
	return nil
}
