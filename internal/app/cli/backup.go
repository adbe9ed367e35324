package cli

import (
	"context"
	"time"

	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/app/portal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/backup"
	"github.com/chaveiro/chaveiro/internal/store"
)

// writeBackup writes a backup of the database, or checks one.
func (i *invocation) writeBackup(ctx context.Context, command config.Backup) error {
	of := i.describeInstallation()
	if command.Check {
		if err := portal.MakeDataDir(i.settings.DataDir); err != nil { // on another machine there may be none
			return err
		}
		of.IdentityFile = command.Identity
		m, err := of.Check(ctx, command.File)
		if err != nil {
			return err
		}
		i.say("%s is whole: the backup of %s by version %s, of %s, with the audit trail up to %s", command.File,
			m.Time.Format(time.RFC3339), m.Version, m.Dialect, m.AuditHead)
		return nil
	}
	of.EncryptTo = command.EncryptTo
	return i.withStore(ctx, func(s *store.Store, keys *seal.Keyset) error {
		m, err := of.Write(ctx, s, keys, command.File)
		if err != nil {
			return err
		}
		form := "not encrypted"
		if len(of.EncryptTo) > 0 {
			form = "encrypted"
		}
		i.say("wrote %s, %s: %d bytes of %s, with the audit trail up to %s", command.File, form, m.Size, m.Dialect,
			m.AuditHead)
		return nil
	})
}

// describeInstallation says what a backup is of, or to where a restore goes.
func (i *invocation) describeInstallation() backup.Installation {
	return backup.Installation{
		DatabaseURL: i.settings.OwnDatabaseURL(), DataDir: i.settings.DataDir, MasterKeyFile: i.settings.MasterKeyFile,
		AuditAnchorFile: i.settings.AuditAnchorFile, Version: i.version, Log: i.log,
	}
}
