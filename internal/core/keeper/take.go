package keeper

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
)

const (
	// leaseMargin is how much longer a lease is than the calls under it may take.
	leaseMargin = 15 * time.Second
	testTime    = 60 * time.Second
)

// task is a connection that this process has the lease of.
type task struct {
	lane *lane
	row  *ent.Marketplace
	// turn is whether a renewal has been taken out of the allowance for it.
	turn bool
	// waited is whether somebody waits for it.
	waited bool
}

func system(ctx context.Context) context.Context {
	return principal.AsSystem(ctx, "keeping connections")
}

// runLane takes what is due at one provider as there is room, until ctx ends.
func (k *Keeper) runLane(ctx context.Context, l *lane) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		case <-timer.C:
		}
		taken, err := k.takeDue(ctx, l, l.room(k.now()))
		if err != nil && ctx.Err() == nil && !failing {
			k.log.ErrorContext(ctx, "the connections that are due could not be read", "provider", l.provider.Code(), "err", err)
		}
		failing = err != nil
		for _, t := range taken {
			l.slots <- struct{}{} // there is room: nobody else fills it
			begun := k.goOn(func() {
				defer func() {
					<-l.slots
					poke(l.wake)
				}()
				k.attendDue(k.base, t)
			})
			if !begun { // the process ends, and nobody is told by its silence: the lease must not outlive it
				k.giveBack(k.base, t)
				<-l.slots
			}
		}
		timer.Reset(pollEvery)
	}
}

// takeDue takes a lease on up to n connections of a provider that are due: first renewals that were begun and whose
// outcome is not known; then the others, as the allowance lets them, those whose credentials end soonest before the
// rest; then checks, the longest due first. While the provider has an incident there is one check at a time, and not
// more often than probeEvery, also while n is 0.
func (k *Keeper) takeDue(ctx context.Context, l *lane, n int) (taken []task, err error) {
	open := l.troubles.isOpen()
	if n <= 0 && !open {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(system(ctx), jobTime)
	defer cancel()
	now := k.now()
	due := marketplace.And(connection.IsDue(l.provider.Code(), now), k.isNotHeld(now))
	// One look first: mostly there is nothing to do.
	some, err := k.store.Reader().Marketplace.Query().Where(due).Exist(ctx)
	if err != nil || !some && !open {
		return nil, err
	}
	if some && n > 0 {
		if taken, err = k.takeRenewals(ctx, l, n, due, now); err != nil {
			return taken, err
		}
	}
	checks := l.checks(now, n, len(taken))
	if checks <= 0 {
		return taken, nil
	}
	if open {
		// Which connection is asked does not matter: one that is not due yet is as good as another.
		due = marketplace.And(
			marketplace.Provider(string(l.provider.Code())), marketplace.NextCheckAtNotNil(), connection.IsFree(now),
			k.isNotHeld(now),
		)
	}
	rows, err := k.lease(ctx, l, checks, marketplace.ByNextCheckAt(), due,
		marketplace.Or(marketplace.RenewAtIsNil(), marketplace.RenewAtGT(now)))
	for _, row := range rows {
		taken = append(taken, task{lane: l, row: row})
	}
	return taken, err
}

// takeRenewals takes a lease on up to n connections whose credentials are to be renewed. It returns what it took also
// with an error.
func (k *Keeper) takeRenewals(
	ctx context.Context, l *lane, n int, due predicate.Marketplace, now time.Time,
) (taken []task, err error) {
	take := func(rows []*ent.Marketplace) {
		for _, row := range rows {
			l.begin()
			taken = append(taken, task{lane: l, row: row, turn: true})
		}
	}
	// What a process that has gone had begun comes first, whatever the allowance: it was in it already, and its shop has
	// nothing that works.
	begun, err := k.lease(ctx, l, n, marketplace.ByRenewalBegunAt(), due,
		marketplace.RenewalBegunAtNotNil(), marketplace.HealthReason(string(provider.RenewalInterrupted)))
	if err != nil {
		return nil, err
	}
	take(begun)
	turns := min(n-len(taken), l.turns(now))
	if turns <= 0 {
		return taken, nil
	}
	// Those whose end is not known may have ended: they come first on every database.
	byEnd := marketplace.ByCredentialsExpireAt(sql.OrderNullsFirst())
	rows, err := k.lease(ctx, l, turns, byEnd, due, marketplace.RenewAtLTE(now))
	for range rows {
		l.turn(now, true) // turns said that there is one
	}
	take(rows)
	return taken, err
}

// longestHold is how long after the end of its lease a begun renewal is still left to a process that lives: longer than
// any answer waits for a database that goes and comes.
const longestHold = time.Hour

// isNotHeld matches the connections that no living process may hold the answer of: the others' renewals were begun by
// one that could not prolong its lease while the database went and came.
func (k *Keeper) isNotHeld(now time.Time) predicate.Marketplace {
	living := k.living()
	return marketplace.Or(
		marketplace.RenewalBegunAtIsNil(), marketplace.LeaseByIsNil(), marketplace.LeaseByNotIn(living...),
		marketplace.LeaseUntilIsNil(), marketplace.LeaseUntilLTE(now.Add(-longestHold)),
	)
}

// lease takes a lease on up to n connections.
func (k *Keeper) lease(
	ctx context.Context, l *lane, n int, order marketplace.OrderOption, which ...predicate.Marketplace,
) ([]*ent.Marketplace, error) {
	// A look first: a transaction that writes is dear on SQLite, and mostly there is nothing to do.
	if some, err := k.store.Reader().Marketplace.Query().Where(which...).Exist(ctx); err != nil || !some {
		return nil, err
	}
	length, err := k.leaseTime(ctx, l.provider.Code())
	if err != nil {
		return nil, err
	}
	var taken []*ent.Marketplace
	err = k.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		taken, err = tx.Marketplace.Query().Where(which...).Where(skipLocked).Order(order).Limit(n).All(ctx)
		if err != nil || len(taken) == 0 {
			return err
		}
		until, ids := k.now().Add(length), make([]string, len(taken))
		for i, old := range taken {
			ids[i], taken[i] = old.ID, connection.Leased(old, k.instance, until)
		}
		return tx.Marketplace.Update().Where(marketplace.IDIn(ids...)).SetLeaseUntil(until).SetLeaseBy(k.instance).Exec(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("take what is due: %w", err)
	}
	return taken, nil
}

// skipLocked locks the rows that a query finds and passes over those that another transaction has locked.
func skipLocked(q *sql.Selector) {
	if q.Dialect() == dialect.Postgres {
		q.ForUpdate(sql.WithLockAction(sql.SkipLocked))
	}
}

// leaseTime is longer than all calls under the lease: a test and, where it is refused, a renewal, and where that is
// refused one with the secrets from before, and then new ones by the house's log-in. The plan that is asked for is that
// of no connection: only its Timeout counts.
func (k *Keeper) leaseTime(ctx context.Context, code provider.Code) (time.Duration, error) {
	refresher, ok := k.providers[code].(provider.Refresher)
	if !ok {
		return testTime + leaseMargin, nil
	}
	settings, err := k.settings.InForce(ctx, code)
	if err != nil {
		return 0, err
	}
	if plan := refresher.Renewal(settings, provider.Record{}); plan != nil {
		return testTimeOf(plan) + LongestCalls(plan) + leaseMargin, nil
	}
	return testTime + leaseMargin, nil
}

// LongestCalls returns how long the calls of one renewal with a plan may take, which a stop waits for.
func LongestCalls(plan *provider.Renewal) time.Duration { return 2*plan.Timeout + mintTime }

// testTimeOf bounds a test of a connection that can be renewed: it need not be more patient than a renewal.
func testTimeOf(plan *provider.Renewal) time.Duration {
	if plan == nil {
		return testTime
	}
	return min(plan.Timeout, testTime)
}

// take takes the lease of one connection. It returns nil while another has it, and errNotNeeded when there is nothing
// to do.
func (k *Keeper) take(
	ctx context.Context, id string, lease time.Duration, needed func(*ent.Marketplace) bool,
) (*ent.Marketplace, error) {
	ctx, cancel := context.WithTimeout(ctx, jobTime)
	defer cancel()
	now := k.now()
	m, err := k.store.Reader().Marketplace.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if !needed(m) {
		return nil, errNotNeeded
	}
	free := marketplace.And(marketplace.ID(id), connection.IsFree(now), k.isNotHeld(now))
	if some, err := k.store.Reader().Marketplace.Query().Where(free).Exist(ctx); err != nil || !some {
		return nil, err
	}
	var taken *ent.Marketplace
	err = k.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		taken = nil
		m, err := tx.Marketplace.Query().Where(free, store.ForUpdate).Only(ctx)
		if ent.IsNotFound(err) { // another was quicker
			return nil
		}
		if err != nil {
			return err
		}
		if !needed(m) {
			return errNotNeeded
		}
		taken, err = connection.Update(ctx, tx, m, connection.Leased(m, k.instance, now.Add(lease)))
		return err
	})
	return taken, err
}
