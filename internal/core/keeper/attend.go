package keeper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/base/span"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
)

// visit is a task with what its call to the provider needs.
type visit struct {
	task
	call provider.Call
	// refresher and plan are nil when the credentials are not renewed.
	refresher provider.Refresher
	plan      *provider.Renewal
	// host is the provider's host that the call goes to. elsewhere says that the secrets were entered for another host:
	// they are then not opened.
	host      string
	elsewhere bool
}

// attendDue attends to a connection that no caller waits for: errors go to the log.
func (k *Keeper) attendDue(ctx context.Context, t task) {
	ctx = store.InBackground(ctx)
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

// giveBack ends the lease of a connection after an error, so that it is free before the lease's own end. It retries
// while the database is unavailable. The mark of a begun renewal stays.
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

// attend checks or renews a connection that this process has the lease of, and saves the result.
func (k *Keeper) attend(ctx context.Context, t task) (result provider.Result, err error) {
	ctx, end := k.trace(system(ctx), t)
	defer func() { end(result, err) }()
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
		result = notForHost(t.row)
		return result, k.save(ctx, v, answer{Renewed: provider.Renewed{Result: result}})
	}
	if v.plan != nil && (!v.plan.At.After(v.call.Now) || t.row.RenewalBegunAt != nil) {
		return k.renewInTurn(ctx, v, provider.Result{})
	}
	result = provider.Result{Outcome: provider.Untestable}
	if tester, ok := t.lane.provider.(provider.Tester); ok && tester.CanTest(v.call.Settings) && len(v.call.Secrets) > 0 {
		bounded, cancel := context.WithTimeout(ctx, testTimeOf(v.plan))
		defer cancel()
		result = tester.Test(bounded, v.call)
		if ctx.Err() != nil { // the process is stopping: a cancelled test says nothing
			return provider.Result{}, k.putBack(ctx, v)
		}
		t.lane.heard(k.now(), result.Outcome)
	}
	// The access token ended before its time: the refresh token gets a new one.
	if result.Outcome == provider.Refused && v.plan != nil && v.plan.Spends {
		return k.renewInTurn(ctx, v, result)
	}
	if k.mintable(v, result) {
		return k.heal(ctx, v, result)
	}
	return result, k.save(ctx, v, answer{Renewed: provider.Renewed{Result: result}, asked: true})
}

// trace begins the span of a task: inside that of the first caller that waits for it, if one does.
func (k *Keeper) trace(ctx context.Context, t task) (context.Context, func(provider.Result, error)) {
	if k.tracer == nil {
		return ctx, func(provider.Result, error) {}
	}
	ctx, s := k.tracer.Start(ctx, "check connection", trace.WithAttributes(
		span.Provider.String(string(t.lane.provider.Code())), span.Marketplace.String(t.row.ID), span.Awaited.Bool(t.waited)))
	return ctx, func(result provider.Result, err error) {
		s.SetAttributes(span.Outcome.String(string(result.Outcome)), span.Reason.String(string(result.Reason)))
		span.Fail(s, err != nil || result.Outcome == provider.Transient)
		s.End()
	}
}

// errAltered says that a row, or its sealed secrets, was changed outside this program.
var errAltered = errors.New("it is not what the program stored")

// prepare opens the secrets of a task and builds its call. It may return errAltered.
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

// notForHost returns the result for secrets that were entered for another host than the one in force: the provider is
// not asked. Secrets that were entered while there was no host are untestable, not refused.
func notForHost(m *ent.Marketplace) provider.Result {
	if m.SecretsHost != nil && *m.SecretsHost == "" {
		return provider.Result{Outcome: provider.Untestable}
	}
	return provider.Result{Outcome: provider.Refused, Reason: provider.HostChanged}
}

// renewInTurn renews if the allowance permits it now. Otherwise it stores in the row when the renewal is due, so that
// the wait costs nothing more. tested is the result of a check before; empty without one.
func (k *Keeper) renewInTurn(ctx context.Context, v visit, tested provider.Result) (provider.Result, error) {
	// A connection that was taken for a check queues for its renewal by the end of its credentials, like all others.
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

// renew exchanges the credentials for new ones. The call may spend the refresh token, so the row is marked as begun
// before the call: after a crash, the next process knows that an answer may be lost. Once the call is sent, only its
// own timeout ends it.
func (k *Keeper) renew(ctx context.Context, v visit) (provider.Result, error) {
	trace.SpanFromContext(ctx).SetName("renew credentials")
	lost := v.row.RenewalBegunAt != nil
	if v.plan.Spends {
		defer k.spool.Begin()()
		begun, err := k.begin(ctx, v.row)
		if err != nil {
			return provider.Result{}, err
		}
		if begun == nil { // the lease was lost, or the credentials were replaced
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

// refresh asks for new credentials. If that is refused, it asks once more with the previous credentials, while they are
// stored.
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
		return second, nil // also when the answer was lost on the way, or could not be read
	}
	return renewed, nil
}

// begin marks that a renewal is about to be sent. It returns nil when this process no longer has the lease, or the
// credentials were replaced.
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

// putBack ends the lease of a connection without a result.
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
