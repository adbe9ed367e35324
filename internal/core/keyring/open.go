package keyring

import (
	"cmp"
	"context"
	"errors"
	"log/slog"

	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Places says where an installation keeps its parts. The data folder exists.
type Places struct {
	DatabaseURL string
	// DirectURL reaches the same database without a pooler, for migrations; empty when DatabaseURL does.
	DirectURL     string
	DataDir       string
	MasterKeyFile string
	// Options are how the database is opened.
	Options []store.Option
}

// Open migrates and opens the database, opens the keyset, and begins the audit chain: without the chain no transaction
// can append an event. It authenticates the rows that grant from a version that had no MACs for them. Over an empty
// database it makes the secrets of a new installation. The caller closes the store. It returns a *ConfigError when
// master key file and database do not belong together.
func Open(ctx context.Context, at Places, log *slog.Logger) (*store.Store, *seal.Keyset, error) {
	if err := store.Migrate(ctx, cmp.Or(at.DirectURL, at.DatabaseURL), log); err != nil {
		return nil, nil, err
	}
	s, err := store.Open(ctx, at.DatabaseURL, log, at.Options...)
	if err != nil {
		return nil, nil, err
	}
	return openToWrite(ctx, s, at, log)
}

// OpenAsIs is Open for all that is not the server: it migrates nothing. It returns a *ConfigError when there is no
// installation, or it is of another version.
func OpenAsIs(ctx context.Context, at Places, log *slog.Logger) (*store.Store, *seal.Keyset, error) {
	s, err := openDatabaseAsIs(ctx, at, log)
	if err != nil {
		return nil, nil, err
	}
	return openToWrite(ctx, s, at, log)
}

// openToWrite opens what Open does over an opened store, and closes it when it fails.
func openToWrite(
	ctx context.Context, s *store.Store, at Places, log *slog.Logger,
) (*store.Store, *seal.Keyset, error) {
	keys, err := OpenKeyset(ctx, s, at.MasterKeyFile, at.DataDir, log)
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	audit.Keep(s, keys)
	switch err := audit.Begin(ctx, s); {
	case store.CannotSave(err): // commands that only read go on
		log.Warn("the database takes no changes", "err", err)
	case err != nil:
		return nil, nil, errors.Join(err, s.Close())
	}
	switch err := coverGrants(ctx, s, keys, at, log); {
	case store.CannotSave(err):
		log.Warn("the database takes no changes", "err", err)
	case err != nil:
		return nil, nil, errors.Join(err, s.Close())
	}
	return s, keys, nil
}

// OpenToRead opens the database and the keyset for a command that only reads: it migrates, makes and begins nothing.
// The caller closes the store. It returns a *ConfigError when there is no installation, or it is of another version.
func OpenToRead(ctx context.Context, at Places, log *slog.Logger) (*store.Store, *seal.Keyset, error) {
	s, err := openDatabaseAsIs(ctx, at, log)
	if err != nil {
		return nil, nil, err
	}
	keys, err := OpenExisting(ctx, s, at.MasterKeyFile, at.DataDir)
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	s.Keep(keys)
	return s, keys, nil
}

// openDatabaseAsIs opens a database that has the schema of this program. It returns a *ConfigError for another.
func openDatabaseAsIs(ctx context.Context, at Places, log *slog.Logger) (*store.Store, error) {
	empty, err := store.IsEmpty(ctx, cmp.Or(at.DirectURL, at.DatabaseURL))
	if err != nil {
		return nil, err
	}
	if empty {
		return nil, refuse("there is nothing in the database: start the portal once, or restore a backup")
	}
	s, err := store.Open(ctx, at.DatabaseURL, log, at.Options...)
	if err != nil {
		return nil, err
	}
	behind, err := s.Behind(ctx)
	if err == nil && behind > 0 {
		err = refuse("the database is %d migrations behind this program, and only \"chaveiro serve\" and "+
			"\"chaveiro migrate\" migrate: use the program that wrote it, or make a backup with that program and then migrate",
			behind)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}
