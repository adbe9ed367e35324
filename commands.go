package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/app/doctor"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/backup"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
	"github.com/chaveiro/chaveiro/internal/store"
)

// printer returns what a command says as it goes, one line each.
func printer(w io.Writer) func(format string, args ...any) {
	return func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
}

// withStore calls fn with the opened database and keyset.
func withStore(ctx context.Context, settings config.Settings, log *slog.Logger, fn func(*store.Store, *seal.Keyset) error) error {
	s, keys, err := openStore(ctx, settings, log)
	if err != nil {
		return err
	}
	return errors.Join(fn(s, keys), s.Close())
}

// toRead is withStore for what only looks: nothing is migrated, made or begun.
func toRead(ctx context.Context, settings config.Settings, log *slog.Logger, fn func(*store.Store, *seal.Keyset) error) error {
	s, keys, err := keyring.OpenToRead(ctx, placesOf(settings), log)
	if err != nil {
		return err
	}
	return errors.Join(fn(s, keys), s.Close())
}

// witness knows how far the audit trail had come.
func witness(s *store.Store, keys *seal.Keyset, settings config.Settings) audit.Witness {
	return audit.Witness{Store: s, Keys: keys, File: settings.AuditAnchorFile}
}

// recoverKeyset makes a new keyset in place of one whose master key is lost.
func recoverKeyset(ctx context.Context, settings config.Settings, again bool, log *slog.Logger) error {
	if err := migrate(ctx, settings, log); err != nil {
		return err
	}
	s, err := store.Open(ctx, settings.DatabaseURL, log, storeOptions(settings)...)
	if err != nil {
		return err
	}
	recovery := keyring.Recovery{
		Store: s, MasterKeyFile: settings.MasterKeyFile, DataDir: settings.DataDir, Again: again, Log: log,
	}
	return errors.Join(recovery.Run(ctx), s.Close())
}

// verifyAudit walks the audit chain, against all that is known of it elsewhere, and prints its end.
func verifyAudit(ctx context.Context, settings config.Settings, command config.AuditVerify, stdout io.Writer, log *slog.Logger) error {
	var given []audit.Noted
	if command.Anchor != "" {
		at, err := audit.ParseAnchor(command.Anchor)
		if err != nil {
			return fmt.Errorf("--anchor: %w", err)
		}
		given = []audit.Noted{{Anchor: at}}
	}
	say := printer(stdout)
	return toRead(ctx, settings, log, func(s *store.Store, keys *seal.Keyset) error {
		known := witness(s, keys, settings)
		notes, _, err := known.Notes(ctx)
		if err != nil {
			return err
		}
		report, err := audit.Verify(ctx, s, keys, append(given, notes...), func(seq, head int64) { say("verified up to event %d of %d", seq, head) })
		if err != nil {
			return err
		}
		problems, err := known.Check(ctx)
		if err != nil {
			return err
		}
		for _, problem := range problems {
			say("wrong: %s", problem)
		}
		if len(problems) > 0 {
			return errors.New("the audit trail is not as it should be")
		}
		if report.Unverified > 0 {
			say("%d events are from before a recovery: their key is lost, and nothing vouches for them", report.Unverified)
		}
		say("whole: %d events from %d, the details of %d erased", report.Verified, report.From, report.Erased)
		say("anchor %s", report.Head)
		return nil
	})
}

// rotateKeyset changes the keys that seal, or the master key.
func rotateKeyset(ctx context.Context, settings config.Settings, command config.KeysetRotate, stdout io.Writer, log *slog.Logger) error {
	return withStore(ctx, settings, log, func(s *store.Store, _ *seal.Keyset) error {
		rotation := keyring.Rotation{
			Store: s, MasterKeyFile: settings.MasterKeyFile, DataDir: settings.DataDir,
			Settle: command.Settle, Say: printer(stdout),
		}
		if command.MasterKey != "" {
			return rotation.Rewrap(ctx, command.MasterKey)
		}
		return rotation.Run(ctx)
	})
}

// verifyKeyset opens every sealed value.
func verifyKeyset(ctx context.Context, settings config.Settings, stdout io.Writer, log *slog.Logger) error {
	say := printer(stdout)
	return toRead(ctx, settings, log, func(s *store.Store, keys *seal.Keyset) error {
		counts, err := keyring.OpenAll(ctx, s, keys)
		if err != nil {
			return err
		}
		failed := 0
		for _, c := range counts {
			say("%s: %d values, %d do not open", c.Sealed, c.Values, c.Failed)
			failed += c.Failed
		}
		if failed > 0 {
			return fmt.Errorf("%d sealed values do not open", failed)
		}
		return nil
	})
}

// maxAltered is how many rows are listed that were changed behind the portal.
const maxAltered = 1000

// grants lists the rows that let somebody in and were changed behind the portal, or adopts one.
func grants(ctx context.Context, settings config.Settings, command config.Grants, stdout io.Writer, log *slog.Logger) error {
	say := printer(stdout)
	if command.Adopt != "" {
		s, _, err := keyring.Open(ctx, placesOf(settings), log)
		if err != nil {
			return err
		}
		if err := errors.Join(keyring.AdoptGrant(ctx, s, command.Adopt), s.Close()); err != nil {
			return err
		}
		say("%s is taken as it is", command.Adopt)
		return nil
	}
	return toRead(ctx, settings, log, func(s *store.Store, keys *seal.Keyset) error {
		if !keys.CoversGrants() {
			return errors.New("the rows of a version before are not authenticated yet: start the portal once")
		}
		altered, err := s.AlteredGrants(ctx, maxAltered)
		if err != nil {
			return err
		}
		for _, row := range altered {
			say("%s %s", row.Table, row.ID)
		}
		if len(altered) > 0 {
			return fmt.Errorf("%d rows were changed behind the portal and let nobody in (docs/operations.md)", len(altered))
		}
		say("every row that lets somebody in is as the portal wrote it")
		return nil
	})
}

// rotateSigningKey changes the key that signs the access tokens of operators.
func rotateSigningKey(ctx context.Context, settings config.Settings, stdout io.Writer, log *slog.Logger) error {
	portal, err := open(ctx, settings, nil, log)
	if err != nil {
		return err
	}
	defer portal.close()
	from, err := portal.staff.Signing.Rotate(ctx)
	if err != nil {
		return err
	}
	printer(stdout)("a new key is published and signs from %s; the old one is destroyed when its last token has expired", from.Format(time.RFC3339))
	return nil
}

func installationOf(settings config.Settings, log *slog.Logger) backup.Installation {
	return backup.Installation{
		DatabaseURL: settings.OwnDatabaseURL(), DataDir: settings.DataDir, MasterKeyFile: settings.MasterKeyFile,
		AuditAnchorFile: settings.AuditAnchorFile, Version: version, Log: log,
	}
}

// writeBackup writes a backup of the database.
func writeBackup(ctx context.Context, settings config.Settings, command config.Backup, stdout io.Writer, log *slog.Logger) error {
	return withStore(ctx, settings, log, func(s *store.Store, keys *seal.Keyset) error {
		m, err := installationOf(settings, log).Write(ctx, s, keys, command.File)
		if err != nil {
			return err
		}
		printer(stdout)("wrote %s: %d bytes of %s, with the audit trail up to %s", command.File, m.Size, m.Dialect, m.AuditHead)
		return nil
	})
}

// restoreBackup makes the database anew from a backup.
func restoreBackup(ctx context.Context, settings config.Settings, command config.Restore, stdout io.Writer, log *slog.Logger) error {
	if err := makeDataDir(settings.DataDir); err != nil {
		return err
	}
	m, err := installationOf(settings, log).Restore(ctx, command.File)
	if err != nil {
		return err
	}
	printer(stdout)("restored the backup of %s by version %s: it is whole, its secrets open and its audit trail verifies", m.Time.Format(time.RFC3339), m.Version)
	return nil
}

// examine looks over the installation and prints a line for each finding.
func examine(ctx context.Context, settings config.Settings, stdout io.Writer, log *slog.Logger) error {
	caller, fixed, err := callsOut(settings, nil)
	if err != nil {
		return err
	}
	caller.CloseIdle()
	failed := 0
	for _, finding := range doctor.Examine(ctx, doctor.Patient{
		DatabaseURL: settings.DatabaseURL, DirectURL: settings.DatabaseDirect, Connections: settings.DatabaseConns,
		DataDir: settings.DataDir, MasterKeyFile: settings.MasterKeyFile, AuditAnchorFile: settings.AuditAnchorFile,
		PublicURL: settings.PublicURL, BehindProxy: settings.BehindProxy, TrustedProxies: settings.TrustedProxies,
		OwnTLS: settings.TLSCert != "", MetricsTokenFile: settings.MetricsTokenFile,
		Providers: providers.All(), Fixed: fixed, Log: log,
	}) {
		printer(stdout)("%s", finding)
		if finding.Level == doctor.Fail {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d findings are to be mended", failed)
	}
	return nil
}
