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
	// leaseMargin is how much longer a lease lasts than the calls under it may take.
	leaseMargin = 15 * time.Second
	testTime    = 60 * time.Second
)

// task is a connection that this process has the lease of.
type task struct {
	lane *lane
	row  *ent.Marketplace
	// turn is whether a renewal was taken out of the allowance for the task.
	turn bool
	// waited is whether a caller waits for the task.
	waited bool
}

func system(ctx context.Context) context.Context {
	return principal.AsSystem(ctx, "keeping connections")
}

// runLane attends to the due connections of one provider as slots become free, until ctx ends.
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
			l.slots <- struct{}{} // a slot is free, as only this loop fills them
			begun := k.goOn(func() {
				defer func() {
					<-l.slots
					poke(l.wake)
				}()
				k.attendDue(k.base, t)
			})
			if !begun { // the process stops and leaves the list, so that no other process would free this lease
				k.giveBack(k.base, t)
				<-l.slots
			}
		}
		timer.Reset(pollEvery)
	}
}

// takeDue takes a lease on up to n due connections of a provider. First come renewals that were begun and whose outcome
// is not known. Then come the other renewals, as the allowance lets them, by the end of their credentials. Then come
// checks, the longest due first. While the provider has an incident there is one check at a time, at most once per
// probeEvery, also while n is 0.
func (k *Keeper) takeDue(ctx context.Context, l *lane, n int) (taken []task, err error) {
	open := l.troubles.isOpen()
	if n <= 0 && !open {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(store.InBackground(system(ctx)), jobTime)
	defer cancel()
	now := k.now()
	due := marketplace.And(connection.IsDue(l.provider.Code(), now), k.isNotHeld(now))
	// Read first: mostly there is nothing to do.
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
	// Renewals that a gone process had begun come first, and outside the allowance: it was already spent on them, and
	// their shops have no credentials that work.
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
	// Credentials whose end is not known may have expired: they come first on every database.
	byEnd := marketplace.ByCredentialsExpireAt(sql.OrderNullsFirst())
	rows, err := k.lease(ctx, l, turns, byEnd, due, marketplace.RenewAtLTE(now))
	for range rows {
		l.turn(now, true) // turns said that there is one
	}
	take(rows)
	return taken, err
}

// longestHold is how long after the end of its lease a begun renewal is still left to a process that lives. It is
// longer than any answer waits for a database that fails and comes back.
const longestHold = time.Hour

// isNotHeld matches the connections of which no living process may hold an unsaved answer. A process cannot extend its
// lease while the database is away: its begun renewals stay its own for longestHold.
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
	// Read first: a write transaction is expensive on SQLite, and mostly there is nothing to do.
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

// leaseTime returns a time that is longer than all calls under the lease: a test, a renewal if the test is refused, one
// with the previous secrets if that is refused, and new credentials by the house's log-in. The plan is that of an empty
// record: only its Timeout counts.
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

// LongestCalls returns how long the calls of one renewal with a plan may take. A stop waits for them.
func LongestCalls(plan *provider.Renewal) time.Duration { return 2*plan.Timeout + mintTime }

// testTimeOf returns how long a test may take: no longer than a renewal, if the connection can be renewed.
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
		if ent.IsNotFound(err) { // another process was quicker
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
