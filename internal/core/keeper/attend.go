package keeper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
)

// visit is a task with all that a call for it takes.
type visit struct {
	task
	call provider.Call
	// refresher and plan are nil when the credentials are not renewed.
	refresher provider.Refresher
	plan      *provider.Renewal
	// host is the provider's host that the call goes to, and elsewhere whether the secrets were entered for another one:
	// they are then not opened.
	host      string
	elsewhere bool
}

// attendDue is attend for what nobody waits for: its errors go to the log.
func (k *Keeper) attendDue(ctx context.Context, t task) {
	if t.turn {
		defer t.lane.end()
	}
	if _, err := k.attend(ctx, t); err != nil {
		if ctx.Err() == nil {
			k.log.ErrorContext(ctx, "a connection could not be attended to", "marketplace", t.row.ID, "err", err)
		}
		k.giveBack(ctx, t)
	}
}

// giveBack ends the lease of a connection that could not be attended to, so that it does not wait for the lease's own
// end. What was begun keeps its mark.
func (k *Keeper) giveBack(ctx context.Context, t task) {
	ctx = system(ctx)
	for pause := time.Second; pause < time.Minute; pause *= 2 {
		err := k.putBack(ctx, visit{task: t})
		if err == nil || !store.IsUnavailable(err) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// attend checks or renews a connection that this process has the lease of, and saves what came of it.
func (k *Keeper) attend(ctx context.Context, t task) (provider.Result, error) {
	ctx = system(ctx)
	v, err := k.prepare(ctx, t)
	if errors.Is(err, errAltered) {
		k.log.ErrorContext(ctx, "the secrets of a connection were altered behind the program", "marketplace", t.row.ID,
			"err", err)
		unopened := func(old *connection.Row) *connection.Row { return connection.Unopened(old, k.now()) }
		return provider.Result{Outcome: provider.Refused, Reason: provider.SecretsLost},
			k.change(ctx, visit{task: t}, unopened)
	}
	if err != nil {
		return provider.Result{}, err
	}
	if k.waitsForHouse(v) {
		return k.heal(ctx, v, provider.Result{Outcome: provider.Refused, Reason: provider.Reason(t.row.HealthReason)})
	}
	if v.elsewhere {
		result := notForHost(t.row)
		return result, k.save(ctx, v, answer{Renewed: provider.Renewed{Result: result}})
	}
	if v.plan != nil && (!v.plan.At.After(v.call.Now) || t.row.RenewalBegunAt != nil) {
		return k.renewInTurn(ctx, v, provider.Result{})
	}
	result := provider.Result{Outcome: provider.Untestable}
	if tester, ok := t.lane.provider.(provider.Tester); ok && tester.CanTest(v.call.Settings) && len(v.call.Secrets) > 0 {
		bounded, cancel := context.WithTimeout(ctx, testTimeOf(v.plan))
		defer cancel()
		result = tester.Test(bounded, v.call)
		if ctx.Err() != nil { // the process is to end: what came of it says nothing
			return provider.Result{}, k.putBack(ctx, v)
		}
		t.lane.heard(k.now(), result.Outcome)
	}
	// The token has ended before its time: the other one gets a new one.
	if result.Outcome == provider.Refused && v.plan != nil && v.plan.Spends {
		return k.renewInTurn(ctx, v, result)
	}
	if k.mintable(v, result) {
		return k.heal(ctx, v, result)
	}
	return result, k.save(ctx, v, answer{Renewed: provider.Renewed{Result: result}, asked: true})
}

// errAltered is a connection whose secrets do not open although their key is there.
var errAltered = errors.New("it is not what the program stored")

// prepare opens what a call takes. Its error may be errAltered.
func (k *Keeper) prepare(ctx context.Context, t task) (visit, error) {
	code := t.lane.provider.Code()
	settings, err := k.settings.InForce(ctx, code)
	if err != nil {
		return visit{}, err
	}
	host := provider.Host(t.lane.provider.Settings(), settings, provider.OfConnection)
	if !store.Vouches(ctx, k.store, t.row) {
		return visit{}, errAltered
	}
	elsewhere := !connection.IsFor(t.row, host)
	var secrets provider.Secrets
	if !elsewhere {
		secrets, err = k.connections.Open(ctx, t.row)
		if errors.Is(err, seal.ErrNotOpened) && k.keys.Knows(t.row.SecretsSealed) {
			return visit{}, fmt.Errorf("%w: %w", errAltered, err)
		}
		if err != nil {
			return visit{}, err
		}
	}
	v := visit{task: t, host: host, elsewhere: elsewhere, call: provider.Call{
		HTTP: t.lane.http, Settings: settings, Record: connection.Record(t.row), Secrets: secrets, Now: k.now(),
		WebhookURL: k.webhookURL(code),
	}}
	if refresher, ok := t.lane.provider.(provider.Refresher); ok && len(secrets) > 0 {
		v.refresher, v.plan = refresher, refresher.Renewal(settings, v.call.Record)
	}
	return v, nil
}

// notForHost returns what is known of secrets that were entered for another host than the one in force: nobody is
// asked. Those that were entered for none are as good as they were when there was no check.
func notForHost(m *ent.Marketplace) provider.Result {
	if m.SecretsHost != nil && *m.SecretsHost == "" {
		return provider.Result{Outcome: provider.Untestable}
	}
	return provider.Result{Outcome: provider.Refused, Reason: provider.HostChanged}
}

// renewInTurn renews if the allowance lets it now. Otherwise the row says that it is due, at no further cost until its
// turn comes. tested is what a check found before; empty without one.
func (k *Keeper) renewInTurn(ctx context.Context, v visit, tested provider.Result) (provider.Result, error) {
	// One that came by its check, as its row says another time, waits in the order of the ends like all others.
	strays := tested.Outcome == "" && !v.waited
	if !v.turn && (strays || v.lane.turn(k.now(), v.waited) > 0) {
		at := v.plan.At
		if at.IsZero() || at.After(v.call.Now) {
			at = v.call.Now
		}
		planned := func(old *connection.Row) *connection.Row { return connection.Planned(old, at, v.call.Now) }
		result := tested
		if result.Outcome == "" {
			result = provider.Result{Outcome: provider.Transient, Reason: provider.RenewalDelayed, Unsent: true}
		}
		return result, k.change(ctx, v, planned)
	}
	return k.renew(ctx, v)
}

// renew gets new credentials for old ones. A refresh token may be spent by the call alone, so that the row says that
// one was begun before it goes out: whoever comes after knows whether an answer may have been lost. Once it is out,
// nothing cuts it off but its own time.
func (k *Keeper) renew(ctx context.Context, v visit) (provider.Result, error) {
	lost := v.row.RenewalBegunAt != nil
	if v.plan.Spends {
		defer k.spool.Begin()()
		begun, err := k.begin(ctx, v.row)
		if err != nil {
			return provider.Result{}, err
		}
		if begun == nil { // somebody else has it, or its credentials were replaced
			return provider.Result{Outcome: provider.Transient, Reason: provider.RenewalDelayed, Unsent: true}, nil
		}
		v.row = begun
		ctx = context.WithoutCancel(ctx)
	}
	renewed, err := k.refresh(ctx, v)
	if err != nil {
		return provider.Result{}, err
	}
	if ctx.Err() != nil {
		return provider.Result{}, k.putBack(ctx, v)
	}
	if renewed.Outcome == provider.Refused && lost {
		renewed.Reason = provider.RenewalLost
	}
	if lost && renewed.Outcome == provider.Transient {
		renewed.Unsent = false // the earlier attempt still counts
	}
	a := answer{Renewed: renewed, asked: true, renewing: true}
	if k.mintable(v, renewed.Result) {
		a = k.mint(ctx, v, a)
	}
	err = k.save(ctx, v, a)
	if k.meter != nil {
		k.meter.CountRenewal(v.lane.provider.Code(), a.Outcome, err)
	}
	return a.Result, err
}

// refresh asks for new credentials, and where that is refused once more with those from before, while they are kept.
func (k *Keeper) refresh(ctx context.Context, v visit) (provider.Renewed, error) {
	ask := func(c provider.Call) provider.Renewed {
		bounded, cancel := context.WithTimeout(ctx, v.plan.Timeout)
		defer cancel()
		renewed := v.refresher.Refresh(bounded, c)
		v.lane.heard(k.now(), renewed.Outcome)
		return renewed
	}
	renewed := ask(v.call)
	if renewed.Outcome != provider.Refused {
		return renewed, nil
	}
	before, err := k.connections.OpenPrevious(v.row)
	if err != nil || before == nil {
		return renewed, err
	}
	call := v.call
	call.Secrets = before
	if second := ask(call); second.Outcome != provider.Refused && !second.Unsent {
		return second, nil // also an answer that was lost on the way, or that nobody could read
	}
	return renewed, nil
}

// begin marks that a renewal is about to be sent. It returns nil when the lease is no longer ours.
func (k *Keeper) begin(ctx context.Context, m *ent.Marketplace) (*ent.Marketplace, error) {
	ctx, cancel := context.WithTimeout(ctx, jobTime)
	defer cancel()
	var begun *ent.Marketplace
	err := k.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		now := k.now()
		begun = nil
		marked, err := tx.Marketplace.Update().
			Where(
				marketplace.ID(m.ID),
				marketplace.LeaseBy(k.instance),
				marketplace.LeaseUntilGT(now),
				marketplace.CredentialVersion(m.CredentialVersion),
			).
			SetRenewalBegunAt(now).
			Save(ctx)
		if err == nil && marked == 1 {
			copied := *m
			copied.RenewalBegunAt = &now
			begun = &copied
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("mark the renewal of %s: %w", m.ID, err)
	}
	return begun, nil
}

// putBack ends the lease of a connection of which nothing was found out, as the process is to end.
func (k *Keeper) putBack(ctx context.Context, v visit) error {
	ctx = context.WithoutCancel(ctx)
	return k.change(ctx, v, func(old *connection.Row) *connection.Row { return connection.Released(old) })
}

// change stores a move of a connection if this process still has its lease.
func (k *Keeper) change(ctx context.Context, v visit, move func(*connection.Row) *connection.Row) error {
	ctx, cancel := context.WithTimeout(ctx, leaseMargin)
	defer cancel()
	err := k.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		old, err := k.lockLeased(ctx, tx, v)
		if err != nil || old == nil {
			return err
		}
		return k.move(ctx, tx, old, move(old))
	})
	if err != nil {
		return fmt.Errorf("change marketplace %s: %w", v.row.ID, err)
	}
	return nil
}
