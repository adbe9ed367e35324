package keeper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/span"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// waitForNews is how long a caller waits for a check or a renewal that is under way.
const waitForNews = 8 * time.Second

// errand is a check or a renewal of one connection that callers wait for. Callers that want the same connection share
// one errand.
type errand struct {
	done   chan struct{}
	result provider.Result
	err    error
}

// errNotNeeded ends an errand that finds nothing left to do.
var errNotNeeded = errors.New("not needed any more")

// send begins an errand, or joins the one that is under way in this process. needed gets the row once its lease can be
// taken, and returns whether there is anything to do. renews says that the work is certainly a renewal. Of ctx it takes
// the trace alone: the errand goes on when its callers are gone.
func (k *Keeper) send(
	ctx context.Context, id string, code provider.Code, renews bool, needed func(*ent.Marketplace) bool,
) *errand {
	k.mu.Lock()
	if e, ok := k.errands[id]; ok {
		k.mu.Unlock()
		return e
	}
	e := &errand{done: make(chan struct{})}
	k.errands[id] = e
	k.mu.Unlock()
	begun := k.goOn(func() {
		e.result, e.err = k.run(span.Inside(k.base, ctx), id, k.lanes[code], renews, needed)
		if e.err != nil && !errors.Is(e.err, errNotNeeded) && k.base.Err() == nil {
			k.log.Error("a connection could not be attended to", "marketplace", id, "err", e.err)
		}
		k.close(id, e)
	})
	if !begun {
		e.err = errNotNeeded
		k.close(id, e)
	}
	return e
}

func (k *Keeper) close(id string, e *errand) {
	k.mu.Lock()
	delete(k.errands, id)
	k.mu.Unlock()
	close(e.done)
}

// run waits for a reader's slot, takes the lease of a connection, waiting while another has it, and attends to it. A
// renewal waits for its turn before the lease is taken: a wait in vain costs the database nothing.
func (k *Keeper) run(
	ctx context.Context, id string, l *lane, renews bool, needed func(*ent.Marketplace) bool,
) (result provider.Result, err error) {
	ctx = system(ctx)
	lease, err := k.leaseTime(ctx, l.provider.Code())
	if err != nil {
		return provider.Result{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*lease)
	defer cancel()
	if !l.enter(ctx, waitForNews) {
		return provider.Result{Outcome: provider.Transient, Reason: provider.RateLimited, Unsent: true}, nil
	}
	defer l.leave()
	late := provider.Result{Outcome: provider.Transient, Reason: provider.RenewalDelayed, Unsent: true}
	if renews && !k.waitTurn(ctx, l) {
		return late, nil
	}
	used := false
	defer func() {
		if renews && !used {
			l.giveTurnBack()
		}
	}()
	for {
		m, err := k.take(ctx, id, lease, needed)
		if err != nil {
			return provider.Result{}, err
		}
		if m != nil {
			t := task{lane: l, row: m, waited: true, turn: renews}
			used = true
			result, err := k.attend(ctx, t)
			if err != nil {
				k.giveBack(ctx, t)
			}
			return result, err
		}
		select {
		case <-ctx.Done():
			return provider.Result{}, ctx.Err()
		case <-time.After(150 * time.Millisecond):
		}
	}
}

// waitTurn takes one renewal out of the allowance of the minute, and waits for it up to waitForNews. It returns false
// when there was none. The wait does not use the database.
func (k *Keeper) waitTurn(ctx context.Context, l *lane) bool {
	ctx, cancel := context.WithTimeout(ctx, waitForNews)
	defer cancel()
	for {
		wait := l.turn(k.now(), true)
		if wait <= 0 {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(min(wait, time.Second)):
		}
	}
}

// await waits for errands, up to waitForNews in all. It returns false when one is still under way.
func await(ctx context.Context, errands ...*errand) bool {
	ctx, cancel := context.WithTimeout(ctx, waitForNews)
	defer cancel()
	for _, e := range errands {
		select {
		case <-e.done:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// Fresh returns connections with credentials that have not expired, as far as a few seconds allow. For each one that
// has expired it waits for a single renewal, whichever process makes it. The others, and those that could not be
// renewed, are returned as stored. It tells whether it waited.
func (k *Keeper) Fresh(
	ctx context.Context, rows []*ent.Marketplace,
) (fresh []*ent.Marketplace, waited bool, err error) {
	var waiting []*errand
	for _, m := range rows {
		ended, err := k.isOver(ctx, m)
		if err != nil {
			return nil, false, err
		}
		if ended {
			waiting = append(waiting, k.send(ctx, m.ID, provider.Code(m.Provider), true, func(now *ent.Marketplace) bool {
				ended, err := k.isOver(k.base, now)
				return err == nil && ended
			}))
		}
	}
	if len(waiting) == 0 {
		return rows, false, nil
	}
	await(ctx, waiting...)
	ids := make([]string, len(rows))
	for i, m := range rows {
		ids[i] = m.ID
	}
	again, err := k.store.Reader().Marketplace.Query().Where(marketplace.IDIn(ids...)).Order(marketplace.ByID()).
		All(context.WithoutCancel(ctx))
	if err != nil {
		return nil, true, fmt.Errorf("read the renewed marketplaces: %w", err)
	}
	return again, true, nil
}

// isOver reports whether the credentials of a connection have ended and a renewal is worth trying now.
func (k *Keeper) isOver(ctx context.Context, m *ent.Marketplace) (bool, error) {
	now := k.now()
	if m.CredentialsExpireAt == nil || now.Before(*m.CredentialsExpireAt) {
		return false, nil
	}
	if state := provider.State(m.HealthState); state == provider.NeedsAttention || state == provider.Suspended {
		return false, nil
	}
	if m.Failures > 0 && m.NextCheckAt != nil && now.Before(*m.NextCheckAt) {
		return false, nil // it has just failed: its pause holds for every caller
	}
	refresher, ok := k.providers[provider.Code(m.Provider)].(provider.Refresher)
	if !ok {
		return false, nil
	}
	settings, err := k.settings.InForce(ctx, provider.Code(m.Provider))
	if err != nil {
		return false, err
	}
	return refresher.Renewal(settings, connection.Record(m)) != nil, nil
}
