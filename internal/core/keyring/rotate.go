package keyring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/keyset"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Rotation changes the data keys while instances serve. It has two stages. The database stores the stage, so that an
// interrupted rotation goes on where it was:
//
//	PUBLISHED  the new key opens values; wait until every instance has it
//	PROMOTED   the new key seals; wait until no instance seals with an old one, seal every value again, drop the old ones
//
// The lease of package seal says how long to wait: an instance that could not check for the newest keyset for that long
// does not seal.
type Rotation struct {
	Store         *store.Store
	MasterKeyFile string
	DataDir       string
	// Settle is how long each stage waits for the instances: longer than their lease, and than any request takes.
	Settle time.Duration
	// Say prints the progress.
	Say func(format string, args ...any)
}

// errMoved says that another process changed the keyset at the same time.
var errMoved = errors.New("the keyset was changed by another process: run the command again")

// Run rotates the keys, or goes on with an interrupted rotation.
func (r Rotation) Run(ctx context.Context) error {
	ctx = principal.AsSystem(ctx, "command line")
	for begun := false; ; begun = true {
		stored, keys, err := r.load(ctx)
		if err != nil {
			return err
		}
		if stored.Rotation == nil {
			if begun {
				return nil
			}
			next, err := keys.Extend()
			if err != nil {
				return err
			}
			if err := r.move(ctx, stored, next, new(keyset.RotationPUBLISHED)); err != nil {
				return err
			}
			r.Say("a new key is published")
			continue
		}
		if !begun && stored.RotationSince != nil {
			r.Say("going on with a rotation that stands at %s since %s", *stored.Rotation,
				stored.RotationSince.Format(time.RFC3339))
		}
		if err := r.settle(ctx, r.Settle); err != nil {
			return err
		}
		if err := r.step(ctx, stored, keys); err != nil {
			return err
		}
	}
}

func (r Rotation) step(ctx context.Context, stored *ent.Keyset, keys *seal.Keyset) error {
	if *stored.Rotation == keyset.RotationPUBLISHED {
		next, err := keys.Promote()
		if err != nil {
			return err
		}
		if err := r.move(ctx, stored, next, new(keyset.RotationPROMOTED)); err != nil {
			return err
		}
		r.Say("the new key seals")
		return nil
	}
	lost, err := r.sealAgain(ctx, keys)
	if err != nil {
		return err
	}
	next, err := keys.Retire()
	if err != nil {
		return err
	}
	if err := r.move(ctx, stored, next, nil); err != nil {
		return err
	}
	if lost > 0 {
		r.Say("%d values were of a key that was lost before, and stay as they are: see `chaveiro keyset verify`", lost)
	}
	r.Say("the old key is gone: the rotation is done")
	return nil
}

func (r Rotation) load(ctx context.Context) (*ent.Keyset, *seal.Keyset, error) {
	stored, err := read(ctx, r.Store)
	if err != nil {
		return nil, nil, err
	}
	keys, err := open(stored, r.MasterKeyFile, r.DataDir)
	return stored, keys, err
}

// settle waits until the stored keyset has reached every instance. It always waits the whole time: the time of storing
// is by the clock of another machine, which may be wrong.
func (r Rotation) settle(ctx context.Context, wait time.Duration) error {
	r.Say("waiting %s until every instance has it", wait)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}

// move stores the next form of the keyset and the stage of the rotation; nil when the rotation is done.
func (r Rotation) move(ctx context.Context, stored *ent.Keyset, next *seal.Keyset, to *keyset.Rotation) error {
	master, err := seal.LoadMasterKey(r.MasterKeyFile, r.DataDir)
	if err != nil {
		return err
	}
	encrypted, err := next.Encrypt(master)
	if err != nil {
		return err
	}
	stage := "DONE"
	return r.Store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		update := tx.Keyset.Update().Where(keyset.ID(keysetID), keyset.Revision(stored.Revision)).
			SetEncrypted(encrypted).SetRevision(stored.Revision + 1)
		if to == nil {
			update.ClearRotation().ClearRotationSince()
		} else {
			stage = string(*to)
			update.SetRotation(*to).SetRotationSince(time.Now())
		}
		changed, err := update.Save(ctx)
		if err != nil {
			return fmt.Errorf("store the keyset: %w", err)
		}
		if changed == 0 {
			return errMoved
		}
		return audit.Append(ctx, tx,
			audit.Event{Action: "keyset.rotate", Changes: []audit.Change{{Field: "stage", New: stage}}})
	})
}

// sealAgain seals every value of an old key by the new key, and returns how many values are of an unknown key. It goes
// over all values until none is left, as requests write some meanwhile.
func (r Rotation) sealAgain(ctx context.Context, keys *seal.Keyset) (lost int, err error) {
	for {
		lost = 0
		left := 0
		for _, column := range SealedColumns {
			done := 0
			err := column.each(ctx, r.Store, func(values []sealedValue) error {
				old, unknown := sortOut(keys, values)
				lost += unknown
				left += len(old)
				done += len(old)
				return r.sealBatch(ctx, keys, column, old)
			})
			if err != nil {
				return 0, err
			}
			if done > 0 {
				r.Say("%s: %d sealed again", column, done)
			}
		}
		if left == 0 {
			return lost, nil
		}
	}
}

// sortOut returns the values of old keys, and counts those of unknown keys.
func sortOut(keys *seal.Keyset, values []sealedValue) (old []sealedValue, lost int) {
	for _, v := range values {
		switch {
		case keys.IsCurrent(v.sealed):
		case keys.Knows(v.sealed):
			old = append(old, v)
		default:
			lost++
		}
	}
	return old, lost
}

// sealBatch replaces values in one transaction. It skips a value that was changed since it was read: that change has
// sealed it.
func (r Rotation) sealBatch(ctx context.Context, keys *seal.Keyset, column Sealed, values []sealedValue) error {
	if len(values) == 0 {
		return nil
	}
	replace := fmt.Sprintf("UPDATE %s SET %s = $1 WHERE id = $2 AND %[2]s = $3", column.Table, column.Column)
	return r.Store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		for _, v := range values {
			plain, err := keys.Open(v.place, v.sealed)
			if err != nil {
				return fmt.Errorf("%w: the rotation stops here, and the old key stays. If the value is damaged, put it in again, "+
					"or take it away, and run the command again", err)
			}
			again, err := keys.Seal(v.place, plain)
			if err != nil {
				return err
			}
			if _, err := store.Exec(ctx, replace, again, v.place.RowID, v.sealed); err != nil {
				return fmt.Errorf("seal %s of row %s again: %w", column, v.place.RowID, err)
			}
		}
		return nil
	})
}

// Rewrap encrypts the keyset by the master key in another file, which it makes if there is none. Running instances go
// on; their next start needs that file. It waits until they have the newest keyset, as they cannot read it afterwards,
// and is refused during a rotation, which they could then not follow.
func (r Rotation) Rewrap(ctx context.Context, newFile string) error {
	ctx = principal.AsSystem(ctx, "command line")
	stored, keys, err := r.load(ctx)
	if err != nil {
		return err
	}
	if stored.Rotation != nil {
		return errors.New("a rotation of the keyset is under way: finish it first with `chaveiro keyset rotate`")
	}
	master, _, err := loadOrMake(newFile, r.DataDir)
	if err != nil {
		return err
	}
	encrypted, err := keys.Encrypt(master)
	if err != nil {
		return err
	}
	if err := r.settle(ctx, min(r.Settle, keysetLease)); err != nil {
		return err
	}
	err = r.Store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		changed, err := tx.Keyset.Update().
			Where(keyset.ID(keysetID), keyset.Revision(stored.Revision), keyset.Encrypted(stored.Encrypted)).
			SetEncrypted(encrypted).Save(ctx)
		if err != nil {
			return fmt.Errorf("store the keyset: %w", err)
		}
		if changed == 0 {
			return errMoved
		}
		return audit.Append(ctx, tx, audit.Event{Action: "master_key.rotate"})
	})
	if err != nil {
		return err
	}
	r.Say("the keyset is encrypted by the master key in %s: start every instance again with --master-key-file %[1]s, "+
		"then destroy the old file", newFile)
	return nil
}

// Stage returns the stage of a rotation; "" when none is under way.
func Stage(ctx context.Context, s *store.Store) (string, error) {
	stored, err := read(ctx, s)
	if err != nil {
		return "", err
	}
	if stored.Rotation == nil {
		return "", nil
	}
	return string(*stored.Rotation), nil
}
