package keyring

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/auditevent"
	"github.com/chaveiro/chaveiro/ent/keyset"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// adoption is the audit event for rows that grant and were authenticated as they were: all rows, or the one that is the
// event's object.
const adoption = "portal.adopt"

// versionOfKeyset is the field of that event with the version of the keyset that the rows were authenticated for.
// Events of the first adoption, for seal.CoversDoors, do not have it.
const versionOfKeyset = "keysetVersion"

// coverGrants gives the rows that grant their MACs, once, in a database from a version before those rows had any. The
// person who starts this version vouches for the rows. The keyset stores that it is done, in the same transaction, so
// that removing the MACs does not cause it again.
func coverGrants(ctx context.Context, s *store.Store, keys *seal.Keyset, at Places, log *slog.Logger) error {
	if keys.CoversGrants() {
		return nil
	}
	master, err := seal.LoadMasterKey(at.MasterKeyFile, at.DataDir)
	if err != nil {
		return err
	}
	adopted := 0
	ctx = store.WithoutDeadline(principal.AsSystem(ctx, "upgrade"))
	err = s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		stored, err := tx.Keyset.Query().Where(keyset.ID(keysetID), store.ForUpdate).Only(ctx)
		if err != nil {
			return fmt.Errorf("read the keyset: %w", err)
		}
		newest, err := seal.OpenKeyset(stored.Encrypted, master)
		if err != nil || newest.CoversGrants() { // another instance that started at the same time was faster
			return err
		}
		// Restoring an older keyset must not authenticate the rows of today again.
		taken, err := takenUpTo(ctx, tx)
		if err != nil {
			return err
		}
		if taken > newest.Version() {
			return refuse("the keyset in the database is older than the rows that it authenticates: restore the database from " +
				"a backup; nothing was changed")
		}
		covering, err := newest.CoverGrants()
		if err != nil {
			return err
		}
		encrypted, err := covering.Encrypt(master)
		if err != nil {
			return err
		}
		if adopted, err = s.AdoptGrants(ctx, tx,
			func(row store.Grant) bool { return row.Since() > newest.Version() }); err != nil {
			return err
		}
		if err := tx.Keyset.UpdateOne(stored).SetEncrypted(encrypted).SetRevision(stored.Revision + 1).Exec(ctx); err != nil {
			return fmt.Errorf("store the keyset: %w", err)
		}
		changes := []audit.Change{{Field: "rows", New: adopted}, {Field: versionOfKeyset, New: covering.Version()}}
		return audit.Append(ctx, tx, audit.Event{Action: adoption, Changes: changes})
	})
	if err != nil {
		return fmt.Errorf("authenticate the rows that let somebody in: %w", err)
	}
	if adopted > 0 {
		log.Info("authenticated the rows that give access or name an owner", "rows", adopted)
	}
	return nil
}

// takenUpTo returns the newest version of the keyset that rows were authenticated for; 0 when there is none.
func takenUpTo(ctx context.Context, tx *ent.Tx) (version int, err error) {
	events, err := tx.AuditEvent.Query().Where(auditevent.Action(adoption), auditevent.ObjectIDIsNil()).All(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for an earlier start: %w", err)
	}
	for _, event := range events {
		version = max(version, seal.CoversDoors)
		var changes []audit.Change
		if err := json.Unmarshal(event.Changes, &changes); err != nil {
			return 0, fmt.Errorf("read an earlier start: %w", err)
		}
		for _, change := range changes {
			if to, is := change.New.(float64); is && change.Field == versionOfKeyset {
				version = max(version, int(to))
			}
		}
	}
	return version, nil
}

// AdoptGrant authenticates a row that grants as it is now, although it was changed behind the program: the caller has
// examined it. It returns a *ConfigError when there is no such row.
func AdoptGrant(ctx context.Context, s *store.Store, id string) error {
	ctx = store.WithoutDeadline(principal.AsSystem(ctx, "command line"))
	return s.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		var table string
		adopted, err := s.AdoptGrants(ctx, tx, func(row store.Grant) bool {
			if row.ID == id {
				table = row.Table
			}
			return row.ID == id
		})
		if err != nil {
			return err
		}
		if adopted > 1 {
			return refuse("%s is the id of %d rows that were changed behind the portal: nothing was changed", id, adopted)
		}
		if adopted == 0 {
			return refuse("%s is no row that lets somebody in and was changed behind the portal: nothing was changed", id)
		}
		changes := []audit.Change{{Field: "table", New: table}}
		return audit.Append(ctx, tx, audit.Event{Action: adoption, ObjectID: id, Changes: changes})
	})
}
