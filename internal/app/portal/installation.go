package portal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
	"github.com/chaveiro/chaveiro/internal/store"
)

// OpenStore makes the data folder, migrates and opens the database, and opens the keyset: all that some commands need.
// The caller closes the store.
func OpenStore(ctx context.Context, settings config.Settings, log *slog.Logger) (*store.Store, *seal.Keyset, error) {
	if err := MakeDataDir(settings.DataDir); err != nil {
		return nil, nil, err
	}
	return keyring.Open(ctx, PlacesOf(settings), log)
}

// OpenStoreAsIs is OpenStore for all that is not the server: it makes no data folder, and migrates nothing.
func OpenStoreAsIs(
	ctx context.Context, settings config.Settings, log *slog.Logger,
) (*store.Store, *seal.Keyset, error) {
	return keyring.OpenAsIs(ctx, PlacesOf(settings), log)
}

// OpenStoreToRead opens the database and the keyset for a command that only looks: it migrates, makes and begins
// nothing. The caller closes the store.
func OpenStoreToRead(
	ctx context.Context, settings config.Settings, log *slog.Logger,
) (*store.Store, *seal.Keyset, error) {
	return keyring.OpenToRead(ctx, PlacesOf(settings), log)
}

// Migrate makes the data folder, and brings the database up to date.
func Migrate(ctx context.Context, settings config.Settings, log *slog.Logger) error {
	if err := MakeDataDir(settings.DataDir); err != nil {
		return err
	}
	return store.Migrate(ctx, settings.OwnDatabaseURL(), log)
}

// RecoverKeyset makes a new keyset in place of one whose master key is lost. again allows a second recovery.
func RecoverKeyset(ctx context.Context, settings config.Settings, again bool, log *slog.Logger) error {
	if err := Migrate(ctx, settings, log); err != nil {
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

// MakeDataDir makes the data folder, which its owner alone may read.
func MakeDataDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("--data-dir: %w", err)
	}
	return nil
}

// NewWitness returns the witness of the audit trail: it remembers, outside the database, how far the trail had come.
func NewWitness(s *store.Store, keys *seal.Keyset, settings config.Settings) audit.Witness {
	return audit.Witness{Store: s, Keys: keys, File: settings.AuditAnchorFile}
}

// PlacesOf says where the installation of the settings keeps what.
func PlacesOf(settings config.Settings) keyring.Places {
	return keyring.Places{
		DatabaseURL: settings.DatabaseURL, DirectURL: settings.OwnDatabaseURL(), DataDir: settings.DataDir,
		MasterKeyFile: settings.MasterKeyFile, Options: storeOptions(settings),
	}
}

// storeOptions say how the store opens the database.
func storeOptions(settings config.Settings) []store.Option {
	return []store.Option{store.Connections(settings.DatabaseConns), store.Direct(settings.DatabaseDirect)}
}
