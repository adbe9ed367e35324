package keeper

import (
	"context"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/store"
)

const (
	// expireEvery is how soon lists, counts and the audit trail show an expiry that HealthAt shows at once.
	expireEvery = 2 * time.Second
	// sweepBatch is how many connections are changed in one transaction.
	sweepBatch = 100
	// aheadOfClock is how far in the future a stored time may lie, as the clock of another instance may differ a little.
	aheadOfClock = time.Minute
)

// expire marks every connection whose credentials have expired, also when no caller reads it.
func (k *Keeper) expire(ctx context.Context) error {
	now := k.now()
	return k.each(ctx, connection.HasEnded(now), func(old *connection.Row) *connection.Row {
		return connection.Expired(old, k.now())
	})
}

// unpark plans anew the connections that were planned while a clock was ahead: those that were checked, renewed or
// changed in the future.
func (k *Keeper) unpark(ctx context.Context) error {
	ahead := k.now().Add(aheadOfClock)
	written := marketplace.Or(
		marketplace.LastCheckedAtGT(ahead), marketplace.RenewedAtGT(ahead), marketplace.MintedAtGT(ahead),
		marketplace.HealthSinceGT(ahead), marketplace.UpdatedAtGT(ahead),
	)
	return k.each(ctx, written, func(old *connection.Row) *connection.Row { return connection.Unparked(old, k.now()) })
}

// each makes a move of every connection that matches, one batch per transaction, each under the lock of its client
// product. The move must make a row match no longer, or each does not end.
func (k *Keeper) each(
	ctx context.Context, which predicate.Marketplace, move func(*connection.Row) *connection.Row,
) error {
	ctx = system(ctx)
	for {
		moved, err := k.eachOfBatch(ctx, which, move)
		if err != nil || moved < sweepBatch {
			return err
		}
	}
}

func (k *Keeper) eachOfBatch(
	ctx context.Context, which predicate.Marketplace, move func(*connection.Row) *connection.Row,
) (moved int, err error) {
	ctx, cancel := context.WithTimeout(ctx, jobTime)
	defer cancel()
	found, err := k.store.Reader().Marketplace.Query().Where(which).
		Order(marketplace.ByClientProductID(), marketplace.ByID()).Limit(sweepBatch).
		Select(marketplace.FieldID, marketplace.FieldClientProductID).All(ctx)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	err = k.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		moved = 0
		for _, one := range found {
			if _, err := products.Hold(ctx, tx, one.ClientProductID); err != nil {
				if ent.IsNotFound(err) {
					continue
				}
				return err
			}
			old, err := tx.Marketplace.Query().Where(marketplace.ID(one.ID), which, store.ForUpdate).Only(ctx)
			if ent.IsNotFound(err) { // it was changed meanwhile and matches no longer
				continue
			}
			if err != nil {
				return fmt.Errorf("find the marketplace: %w", err)
			}
			if err := k.move(ctx, tx, old, move(old)); err != nil {
				return err
			}
			moved++
		}
		return nil
	})
	return moved, err
}

// forget deletes the secrets from before a renewal, and the answers that could not be read, once their time is over.
func (k *Keeper) forget(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(system(ctx), jobTime)
	defer cancel()
	now := k.now()
	old := marketplace.PreviousUntilLTE(now)
	unread := marketplace.UnreadUntilLTE(now)
	some, err := k.store.Reader().Marketplace.Query().Where(marketplace.Or(old, unread)).Exist(ctx)
	if err != nil || !some {
		return err
	}
	return k.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if err := tx.Marketplace.Update().Where(old).ClearPreviousSealed().ClearPreviousUntil().Exec(ctx); err != nil {
			return err
		}
		return tx.Marketplace.Update().Where(unread).ClearUnreadSealed().ClearUnreadUntil().Exec(ctx)
	})
}
