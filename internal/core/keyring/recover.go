package keyring

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/auditcheckpoint"
	"github.com/chaveiro/chaveiro/ent/keyset"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/providersetting"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Recovery gives an installation whose master key is lost a new keyset.
type Recovery struct {
	Store         *store.Store
	MasterKeyFile string
	DataDir       string
	// Again allows a second recovery, for when the key of the first is lost too.
	Again bool
	Log   *slog.Logger
}

// Run makes a new keyset, encrypted by the key in the master key file, which it makes if there is none. It deletes the
// sealed values that no key opens any more, and the rows that are nothing without theirs. The values of marketplaces
// and providers stay: their packages report them as lost. It authenticates the rows that grant as they are, and begins
// a new segment of the audit chain. It writes the old keyset to a file in the data folder, in case its master key is
// found. Where the master key opens the keyset, nothing is lost and nothing changes. Without Again it returns a
// *ConfigError for a second recovery, and changes nothing: that would lose what was entered since the first.
func (r Recovery) Run(ctx context.Context) error {
	ctx = principal.AsSystem(ctx, "recovery")
	stored, err := read(ctx, r.Store)
	if err != nil && !ent.IsNotFound(err) {
		return err
	}
	if stored != nil {
		if _, err := open(stored, r.MasterKeyFile, r.DataDir); !errors.Is(err, errLost) {
			return err
		}
		if err := r.refuseSecond(ctx); err != nil {
			return err
		}
		if err := keep(stored, r.DataDir, r.Log); err != nil {
			return err
		}
	}
	master, made, err := loadOrMake(r.MasterKeyFile, r.DataDir)
	if err != nil {
		return refuse("%v", err)
	}
	if made {
		r.Log.Warn("made a new master key file: back it up apart from the data, which cannot be opened without it", "path",
			r.MasterKeyFile)
	}
	keys, encrypted, canary, err := newKeyset(master)
	if err != nil {
		return err
	}
	revision := int64(1)
	if stored != nil {
		revision = stored.Revision + 1
	}
	audit.Keep(r.Store, keys)
	err = r.Store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if err := removeLost(ctx, tx, stored); err != nil {
			return err
		}
		for _, column := range SealedColumns {
			if err := column.forget(ctx); err != nil {
				return err
			}
		}
		err := tx.Keyset.Create().SetID(keysetID).SetEncrypted(encrypted).SetCanary(canary).SetRevision(revision).Exec(ctx)
		if err != nil {
			return fmt.Errorf("store the keyset: %w", err)
		}
		if _, err := r.Store.AdoptGrants(ctx, tx, func(store.Grant) bool { return true }); err != nil {
			return err
		}
		return audit.Recover(ctx, tx, keys)
	})
	if err != nil {
		return err
	}
	r.Log.Warn("recovered without the lost master key: what it sealed is gone, and is to be entered again")
	return nil
}

// removeLost removes the keyset whose master key is lost; a nil keyset needs no removal. It returns errMoved when
// another process has replaced the keyset: that one must not be lost too.
func removeLost(ctx context.Context, tx *ent.Tx, lost *ent.Keyset) error {
	if lost == nil {
		return nil
	}
	removed, err := tx.Keyset.Delete().
		Where(keyset.ID(keysetID), keyset.Revision(lost.Revision), keyset.Encrypted(lost.Encrypted)).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("remove the lost keyset: %w", err)
	}
	if removed == 0 {
		return errMoved
	}
	return nil
}

// refuseSecond returns a *ConfigError when there has been a recovery before, unless Again is set.
func (r Recovery) refuseSecond(ctx context.Context) error {
	if r.Again {
		return nil
	}
	last, err := r.Store.Reader().AuditCheckpoint.Query().
		Where(auditcheckpoint.KindEQ(auditcheckpoint.KindRECOVERY)).
		Order(auditcheckpoint.ByThroughSeq(sql.OrderDesc())).First(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for an earlier recovery: %w", err)
	}
	return refuse("this database was recovered on %s, and %s is not the master key file of that recovery: put that file "+
		"back, or name its place with --master-key-file, and nothing is lost; "+
		"only if it is lost too, add --again, which loses every secret that was entered since; nothing was changed",
		last.CreatedAt.Format(time.DateOnly), r.MasterKeyFile)
}

// keep writes the encrypted keyset, which opens nothing without its master key, to a file in the data folder.
func keep(stored *ent.Keyset, dataDir string, log *slog.Logger) error {
	path := filepath.Join(dataDir, "keyset.lost-"+time.Now().UTC().Format("20060102T150405Z")+".json")
	if err := os.WriteFile(path, stored.Encrypted, 0o600); err != nil {
		return fmt.Errorf("keep the lost keyset: %w", err)
	}
	log.Warn("kept the lost keyset: with its master key, and a backup from before, its secrets could still be opened",
		"path", path)
	return nil
}

// forget deletes the values of a column, or the rows where the column must have a value. It leaves those of
// marketplaces and providers to their packages.
func (c Sealed) forget(ctx context.Context) error {
	if c.Table == marketplace.Table || c.Table == providersetting.Table || c.Table == keyset.Table {
		return nil
	}
	statement := "DELETE FROM " + c.Table
	if c.Optional {
		statement = fmt.Sprintf("UPDATE %s SET %s = NULL WHERE %[2]s IS NOT NULL", c.Table, c.Column)
	}
	if _, err := store.Exec(ctx, statement); err != nil {
		return fmt.Errorf("forget %s: %w", c, err)
	}
	return nil
}
