package installation

import (
	"context"
	"errors"
	"log/slog"

	"github.com/chaveiro/chaveiro/internal/audit"
	"github.com/chaveiro/chaveiro/internal/seal"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Places says where an installation keeps what. The data folder exists.
type Places struct {
	DatabaseURL   string
	DataDir       string
	MasterKeyFile string
}

// Open migrates and opens the database, opens the keyset, and begins the audit chain: only then can a transaction
// append an audit event. Over an empty database it makes the secrets of a new installation. The caller closes the
// store. Returns a *ConfigError when master key file and database do not belong together.
func Open(ctx context.Context, at Places, log *slog.Logger) (*store.Store, *seal.Keyset, error) {
	if err := store.Migrate(ctx, at.DatabaseURL, log); err != nil {
		return nil, nil, err
	}
	s, err := store.Open(ctx, at.DatabaseURL, log)
	if err != nil {
		return nil, nil, err
	}
	keys, err := OpenKeyset(ctx, s, at.MasterKeyFile, at.DataDir, log)
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	audit.Keep(s, keys)
	if err := audit.Begin(ctx, s); err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return s, keys, nil
}
