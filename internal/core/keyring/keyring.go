// Package keyring makes a new installation's secrets at its first start and opens them at every other: the master key
// file, and the keyset that it encrypts, with its canary. It refuses parts that do not belong together, and never
// replaces secrets over existing data.
package keyring

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/keyset"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/store"
)

// ConfigError says why an installation cannot be opened, and what to do, in one sentence.
type ConfigError struct {
	sentence string
	lost     bool
}

// errLost matches, by errors.Is, a ConfigError for a keyset whose master key is missing or another.
var errLost = errors.New("the master key is lost")

// Is reports whether the error is errLost.
func (e *ConfigError) Is(target error) bool { return target == errLost && e.lost }

// Error returns the sentence.
func (e *ConfigError) Error() string { return e.sentence }

func refuse(format string, args ...any) error {
	return &ConfigError{sentence: fmt.Sprintf(format, args...)}
}

func lost(format string, args ...any) error {
	return &ConfigError{sentence: fmt.Sprintf(format, args...), lost: true}
}

const (
	keysetID    = "keyset"
	canaryPlain = "chaveiro canary v1"
)

var canaryPlace = seal.Place{Table: keyset.Table, Column: keyset.FieldCanary, RowID: keysetID}

// OpenKeyset returns the installation's keyset. Over an empty database it makes the master key file, unless it is
// there, and the keyset. It returns a *ConfigError when master key file and database do not belong together.
func OpenKeyset(
	ctx context.Context, s *store.Store, masterKeyFile, dataDir string, log *slog.Logger,
) (*seal.Keyset, error) {
	ctx = principal.AsSystem(ctx, "installation")
	keys, err := OpenExisting(ctx, s, masterKeyFile, dataDir)
	if !errors.Is(err, errNoKeyset) {
		return keys, err
	}
	inUse, err := holdsData(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("look for data: %w", err)
	}
	if inUse {
		// The data may be the keyset of a process that started at the same time and made it between the two reads.
		if keys, err := OpenExisting(ctx, s, masterKeyFile, dataDir); !errors.Is(err, errNoKeyset) {
			return keys, err
		}
		return nil, refuse("the database holds data but no keyset, so the secrets in it cannot be opened: restore the " +
			"database from a backup; nothing was changed")
	}
	master, made, err := loadOrMake(masterKeyFile, dataDir)
	if err != nil {
		return nil, refuse("%v", err)
	}
	if made {
		log.Info("made the master key file: back it up apart from the data, which cannot be opened without it", "path",
			masterKeyFile)
	}
	return create(ctx, s, master, masterKeyFile, dataDir)
}

var errNoKeyset = refuse("the database has no keyset")

// OpenExisting is OpenKeyset for a database that has a keyset: it makes nothing.
func OpenExisting(ctx context.Context, s *store.Store, masterKeyFile, dataDir string) (*seal.Keyset, error) {
	stored, err := read(ctx, s)
	if ent.IsNotFound(err) {
		return nil, errNoKeyset
	}
	if err != nil {
		return nil, err
	}
	return open(stored, masterKeyFile, dataDir)
}

// read returns the keyset of the database. ent.IsNotFound of its error reports that there is none.
func read(ctx context.Context, s *store.Store) (*ent.Keyset, error) {
	stored, err := s.Reader().Keyset.Get(principal.AsSystem(ctx, "installation"), keysetID)
	if err != nil {
		return nil, fmt.Errorf("read the keyset: %w", err)
	}
	return stored, nil
}

// loadOrMake returns the master key in a file. It makes the file if there is none.
func loadOrMake(path, dataDir string) (master seal.MasterKey, made bool, err error) {
	master, err = seal.LoadMasterKey(path, dataDir)
	if !errors.Is(err, fs.ErrNotExist) {
		return master, false, err
	}
	master, err = seal.CreateMasterKey(path)
	if errors.Is(err, fs.ErrExist) { // another process was faster
		master, err = seal.LoadMasterKey(path, dataDir)
		return master, false, err
	}
	return master, err == nil, err
}

// holdsData reports whether the database has been used: it has an operator or a sealed value.
func holdsData(ctx context.Context, s *store.Store) (bool, error) {
	operators, err := s.Reader().Operator.Query().Exist(ctx)
	if err != nil || operators {
		return operators, err
	}
	return anySealed(ctx, s)
}

// Encrypted returns the keyset as it is stored, encrypted by the master key.
func Encrypted(ctx context.Context, s *store.Store) ([]byte, error) {
	stored, err := read(ctx, s)
	if err != nil {
		return nil, err
	}
	return stored.Encrypted, nil
}

// OpenEncrypted returns the keyset that Encrypted returned, from wherever it is kept. Returns an error that wraps
// fs.ErrNotExist if the master key file is missing, seal.ErrWrongMasterKey if it is another, and seal.ErrKeysetDamaged
// if the keyset is not whole.
func OpenEncrypted(encrypted []byte, masterKeyFile, dataDir string) (*seal.Keyset, error) {
	master, err := seal.LoadMasterKey(masterKeyFile, dataDir)
	if err != nil {
		return nil, err
	}
	return seal.OpenKeyset(encrypted, master)
}

// open returns the keyset of the database, or a *ConfigError.
func open(stored *ent.Keyset, masterKeyFile, dataDir string) (*seal.Keyset, error) {
	keys, err := OpenEncrypted(stored.Encrypted, masterKeyFile, dataDir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil,
			lost(
				"the master key file %s is missing, and the data cannot be opened without it: put the file back from its backup, "+
					"or name its place with --master-key-file (if it is lost, docs/operations.md says how to go on); nothing was "+
					"changed", masterKeyFile)
	case errors.Is(err, seal.ErrWrongMasterKey):
		return nil,
			lost(
				"the master key file %s is not the one that this database was made with: put the right file back, or name its "+
					"place with --master-key-file (if it is lost, docs/operations.md says how to go on); nothing was changed",
				masterKeyFile)
	case errors.Is(err, seal.ErrKeysetDamaged):
		return nil,
			refuse("the keyset in the database is damaged (%v): restore the database from a backup; nothing was changed", err)
	case err != nil:
		return nil, refuse("%v", err)
	}
	plain, err := keys.Open(canaryPlace, stored.Canary)
	if err != nil || string(plain) != canaryPlain {
		return nil, refuse(
			"the keyset does not open the canary in the database: restore the database from a backup; nothing was changed")
	}
	return keys, nil
}

func create(
	ctx context.Context, s *store.Store, master seal.MasterKey, masterKeyFile, dataDir string,
) (*seal.Keyset, error) {
	keys, encrypted, canary, err := newKeyset(master)
	if err != nil {
		return nil, err
	}
	err = s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		return tx.Keyset.Create().SetID(keysetID).SetEncrypted(encrypted).SetCanary(canary).Exec(ctx)
	})
	// another process started at the same time and was faster: its keyset is the one
	if store.IsUniqueViolation(err, keyset.Table, keyset.FieldID) {
		stored, err := read(ctx, s)
		if err != nil {
			return nil, err
		}
		return open(stored, masterKeyFile, dataDir)
	}
	if err != nil {
		return nil, fmt.Errorf("store the keyset: %w", err)
	}
	return keys, nil
}

// newKeyset makes a keyset, with its encrypted form and the canary that it seals.
func newKeyset(master seal.MasterKey) (keys *seal.Keyset, encrypted, canary []byte, err error) {
	if keys, err = seal.NewKeyset(); err != nil {
		return nil, nil, nil, fmt.Errorf("make the keyset: %w", err)
	}
	if encrypted, err = keys.Encrypt(master); err != nil {
		return nil, nil, nil, fmt.Errorf("encrypt the keyset: %w", err)
	}
	if canary, err = keys.Seal(canaryPlace, []byte(canaryPlain)); err != nil {
		return nil, nil, nil, fmt.Errorf("seal the canary: %w", err)
	}
	return keys, encrypted, canary, nil
}
