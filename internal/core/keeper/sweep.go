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
	// expireEvery is how soon lists, counts and the audit trail say what HealthAt says at once.
	expireEvery = 2 * time.Second
	// sweepBatch is how many connections are changed in one transaction.
	sweepBatch = 100
	// aheadOfClock is how far in the future something may have been written, by an instance whose clock differs a little.
	aheadOfClock = time.Minute
)

// expire says of every connection whose credentials have ended that it has, also when nobody looks at it.
func (k *Keeper) expire(ctx context.Context) error {
	now := k.now()
	return k.each(ctx, connection.HasEnded(now), func(old *connection.Row) *connection.Row {
		return connection.Expired(old, k.now())
	})
}

// unpark brings back what was planned while a clock was ahead: everything of a connection that was checked, renewed or
// changed in the future.
func (k *Keeper) unpark(ctx context.Context) error {
	ahead := k.now().Add(aheadOfClock)
	written := marketplace.Or(
		marketplace.LastCheckedAtGT(ahead), marketplace.RenewedAtGT(ahead), marketplace.MintedAtGT(ahead),
		marketplace.HealthSinceGT(ahead), marketplace.UpdatedAtGT(ahead),
	)
	return k.each(ctx, written, func(old *connection.Row) *connection.Row { return connection.Unparked(old, k.now()) })
}

// each makes a move of every connection that matches, a batch a transaction, each under the lock of its client's
// product. A move that changes nothing of a row it matches ends it.
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
			if ent.IsNotFound(err) { // somebody else has moved it
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

// forget deletes what need not be kept: secrets from before a renewal, and answers that nobody could read.
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
