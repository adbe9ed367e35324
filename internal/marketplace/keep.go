package marketplace

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/clientproduct"
	"github.com/chaveiro/chaveiro/ent/clientrecord"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/predicate"
	"github.com/chaveiro/chaveiro/internal/audit"
	"github.com/chaveiro/chaveiro/internal/auth/principal"
	"github.com/chaveiro/chaveiro/internal/outbound"
	"github.com/chaveiro/chaveiro/internal/products"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/seal"
	"github.com/chaveiro/chaveiro/internal/store"
)

// How connections are kept working.
const (
	// slotsPerProvider is how many calls one process makes to a provider at a time: a slow provider holds up its own only.
	slotsPerProvider = 4
	pollEvery        = time.Second
	// leaseMargin is how much longer a lease is than the calls under it may take.
	leaseMargin = 15 * time.Second
	testTime    = 60 * time.Second
	// keepPrevious is how long the secrets before a renewal are kept, for a renewal whose answer was lost.
	keepPrevious    = 24 * time.Hour
	firstPause      = time.Minute
	longestPause    = time.Hour
	suspendedPause  = 24 * time.Hour
	shortestRenewal = 5 * time.Minute
	// faultsToPause is how many faults in a row make a process leave a provider alone for a while.
	faultsToPause = 5
)

// lane is what one process does for one provider.
type lane struct {
	provider provider.Provider
	http     *outbound.Client // calls it
	slots    chan struct{}
	wake     chan struct{}

	mu      sync.Mutex
	renewed []time.Time // the renewals of the last minute, also those that wait for their moment
	faults  int         // in a row
	until   time.Time   // to be left alone until then
}

func newLane(p provider.Provider, client *outbound.Client) *lane {
	return &lane{provider: p, http: client, slots: make(chan struct{}, slotsPerProvider), wake: make(chan struct{}, 1)}
}

// delay takes one renewal out of the allowance of the minute, and returns how long to wait before it. Nothing is taken
// when that is longer than most.
func (l *lane) delay(now time.Time, perMinute int, most time.Duration) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.renewed = slices.DeleteFunc(l.renewed, func(at time.Time) bool { return now.Sub(at) >= time.Minute })
	wait := time.Duration(0)
	if over := len(l.renewed) - perMinute; over >= 0 {
		wait = l.renewed[over].Add(time.Minute).Sub(now)
	}
	if wait <= most {
		l.renewed = append(l.renewed, now.Add(wait))
	}
	return wait
}

// heard takes note of how a call ended. After some faults in a row the provider is left alone for a while.
func (l *lane) heard(now time.Time, o provider.Outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if o != provider.Transient {
		l.faults = 0
		return
	}
	l.faults++
	if over := l.faults - faultsToPause; over >= 0 {
		l.until = now.Add(min(30*time.Second<<min(over, 4), 5*time.Minute))
	}
}

// room returns how many connections may be taken up now: one alone while the provider seems to be down.
func (l *lane) room(now time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	free := cap(l.slots) - len(l.slots)
	switch {
	case now.Before(l.until):
		return 0
	case l.faults >= faultsToPause:
		return min(free, 1)
	default:
		return free
	}
}

// Run checks and renews the connections as they are due, until ctx ends; it returns when nothing is under way any more.
func (s *Service) Run(ctx context.Context) {
	var lanes sync.WaitGroup
	for _, l := range s.lanes {
		lanes.Go(func() { s.runLane(ctx, l) })
	}
	lanes.Go(func() { s.sweep(ctx) })
	lanes.Wait()
	s.stop()
	s.working.Wait()
}

func (s *Service) runLane(ctx context.Context, l *lane) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		case <-timer.C:
		}
		taken, err := s.takeDue(ctx, l, l.room(s.now()))
		if err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "the connections that are due could not be read", "provider", l.provider.Code(), "error", err)
		}
		for _, m := range taken {
			l.slots <- struct{}{} // there is room: nobody else fills it but errands, which do not wait long
			s.working.Go(func() {
				defer func() {
					<-l.slots
					poke(l.wake)
				}()
				s.attendDue(s.base, l, m)
			})
		}
		timer.Reset(pollEvery)
	}
}

func poke(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

// wake makes all lanes look for what is due.
func (s *Service) wake() {
	for _, l := range s.lanes {
		poke(l.wake)
	}
}

// Step does everything that is due now, once, and returns how many connections that were. It is Run for a test that
// moves the clock.
func (s *Service) Step(ctx context.Context) (int, error) {
	done := 0
	for _, l := range s.lanes {
		for {
			taken, err := s.takeDue(ctx, l, 100)
			if err != nil {
				return done, err
			}
			if len(taken) == 0 {
				break
			}
			for _, m := range taken {
				s.attendDue(ctx, l, m)
			}
			done += len(taken)
		}
	}
	return done, s.forget(ctx)
}

// sweep destroys now and then what need not be kept any more.
func (s *Service) sweep(ctx context.Context) {
	ticker := time.NewTicker(5 * time.Minute)
	defer ticker.Stop()
	for {
		if err := s.forget(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "old secrets and install states could not be deleted", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// OfActiveClient matches the connections that are counted and listed for people: nobody mends those of an archived client.
func OfActiveClient() predicate.Marketplace {
	return marketplace.HasClientProductWith(clientproduct.HasClientWith(clientrecord.ArchivedAtIsNil()))
}

// IsDue matches the connections of a provider that are to be checked or renewed by now, and that nobody has taken.
func IsDue(code provider.Code, now time.Time) predicate.Marketplace {
	return marketplace.And(
		marketplace.Provider(string(code)),
		marketplace.NextCheckAtLTE(now),
		marketplace.Or(marketplace.LeaseUntilIsNil(), marketplace.LeaseUntilLTE(now)),
	)
}

// takeDue takes a lease on up to n connections of a provider that are due, the longest due first.
func (s *Service) takeDue(ctx context.Context, l *lane, n int) ([]*ent.Marketplace, error) {
	if n <= 0 {
		return nil, nil
	}
	ctx = principal.AsSystem(ctx, "keeping connections")
	code, now := l.provider.Code(), s.now()
	isDue := IsDue(code, now)
	// A look first: a transaction that writes is dear on SQLite, and mostly there is nothing to do.
	if some, err := s.store.Reader().Marketplace.Query().Where(isDue).Exist(ctx); err != nil || !some {
		return nil, err
	}
	lease, err := s.leaseTime(ctx, code)
	if err != nil {
		return nil, err
	}
	var taken []*ent.Marketplace
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		taken, err = tx.Marketplace.Query().Where(isDue, skipLocked).Order(marketplace.ByNextCheckAt()).Limit(n).All(ctx)
		if err != nil || len(taken) == 0 {
			return err
		}
		ids := make([]string, len(taken))
		for i, m := range taken {
			ids[i] = m.ID
		}
		return tx.Marketplace.Update().Where(marketplace.IDIn(ids...)).
			SetLeaseUntil(now.Add(lease)).SetLeaseBy(s.instance).Exec(ctx)
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
// refused one with the secrets from before. The plan that is asked for is that of no connection: only its Timeout counts.
func (s *Service) leaseTime(ctx context.Context, code provider.Code) (time.Duration, error) {
	refresher, ok := s.providers[code].(provider.Refresher)
	if !ok {
		return testTime + leaseMargin, nil
	}
	settings, err := s.settings(ctx, code)
	if err != nil {
		return 0, err
	}
	if plan := refresher.Renewal(settings, provider.Record{}); plan != nil {
		return testTimeOf(plan) + 2*plan.Timeout + leaseMargin, nil
	}
	return testTime + leaseMargin, nil
}

// testTimeOf bounds a test of a connection that can be renewed: it need not be more patient than a renewal.
func testTimeOf(plan *provider.Renewal) time.Duration {
	if plan == nil {
		return testTime
	}
	return min(plan.Timeout, testTime)
}

// attendDue is attend for what nobody waits for: its errors go to the log.
func (s *Service) attendDue(ctx context.Context, l *lane, m *ent.Marketplace) {
	if _, err := s.attend(ctx, l, m, 0); err != nil && ctx.Err() == nil {
		s.log.ErrorContext(ctx, "a connection could not be attended to", "marketplace", m.ID, "error", err)
	}
}

// visit is a connection that this process has the lease of, with all that a call for it takes.
type visit struct {
	*lane
	row  *ent.Marketplace
	call provider.Call
	// refresher and plan are nil when the credentials are not renewed.
	refresher provider.Refresher
	plan      *provider.Renewal
	// patience is how long a renewal may wait for its turn.
	patience time.Duration
}

// attend checks or renews a connection that this process has the lease of, and saves what came of it.
func (s *Service) attend(ctx context.Context, l *lane, m *ent.Marketplace, patience time.Duration) (provider.Result, error) {
	ctx = principal.AsSystem(ctx, "keeping connections")
	settings, err := s.settings(ctx, l.provider.Code())
	if err != nil {
		return provider.Result{}, err
	}
	secrets, err := s.open(m)
	if err != nil {
		return provider.Result{}, err
	}
	v := visit{lane: l, row: m, patience: patience, call: provider.Call{
		HTTP: l.http, Settings: settings, Record: record(m), Secrets: secrets, Now: s.now(), WebhookURL: s.webhookURL(l.provider.Code()),
	}}
	if refresher, ok := l.provider.(provider.Refresher); ok && len(secrets) > 0 {
		v.refresher, v.plan = refresher, refresher.Renewal(settings, v.call.Record)
	}
	if v.plan != nil && (!v.plan.At.After(v.call.Now) || m.RenewalBegunAt != nil) {
		return s.renew(ctx, v)
	}
	result := provider.Result{Outcome: provider.Untestable}
	if tester, ok := l.provider.(provider.Tester); ok && tester.CanTest(settings) && len(secrets) > 0 {
		bounded, cancel := context.WithTimeout(ctx, testTimeOf(v.plan))
		defer cancel()
		result = tester.Test(bounded, v.call)
		l.heard(s.now(), result.Outcome)
	}
	if result.Outcome == provider.Refused && v.plan != nil && v.plan.Spends { // the token has ended before its time: the other one gets a new one
		return s.renew(ctx, v)
	}
	return result, s.save(ctx, v, provider.Renewed{Result: result}, false)
}

// renew gets new credentials for old ones. A refresh token may be spent by the call alone, so that the row says that one
// was begun before it goes out: whoever comes after knows whether an answer may have been lost.
func (s *Service) renew(ctx context.Context, v visit) (provider.Result, error) {
	if wait := v.delay(s.now(), v.plan.PerMinute, v.patience); wait > v.patience {
		spread := rand.N(time.Minute) // #nosec G404 -- a time to try again is no secret
		return provider.Result{Outcome: provider.Transient, Reason: provider.RateLimited, Unsent: true}, s.putOff(ctx, v.row, s.now().Add(wait+spread))
	} else if wait > 0 {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return provider.Result{}, ctx.Err()
		}
	}
	lost := v.row.RenewalBegunAt != nil
	if v.plan.Spends {
		begun, err := s.begin(ctx, v.row)
		if err != nil {
			return provider.Result{}, err
		}
		if !begun { // somebody else has it, or its credentials were replaced
			return provider.Result{Outcome: provider.Transient, Reason: provider.RenewalDelayed, Unsent: true}, nil
		}
	}
	refresh := func(c provider.Call) provider.Renewed {
		bounded, cancel := context.WithTimeout(ctx, v.plan.Timeout)
		defer cancel()
		renewed := v.refresher.Refresh(bounded, c)
		v.heard(s.now(), renewed.Outcome)
		return renewed
	}
	renewed := refresh(v.call)
	if renewed.Outcome == provider.Refused {
		if before, ok, err := s.previous(v.row, v.call); err != nil {
			return provider.Result{}, err
		} else if ok {
			if second := refresh(before); second.Outcome == provider.OK {
				renewed = second
			}
		}
	}
	if renewed.Outcome == provider.Refused && lost {
		renewed.Reason = provider.RenewalLost
	}
	if lost && renewed.Outcome == provider.Transient {
		renewed.Unsent = false // the earlier attempt still counts
	}
	err := s.save(ctx, v, renewed, true)
	if s.meter != nil {
		s.meter.Renewed(v.provider.Code(), renewed.Outcome, err)
	}
	return renewed.Result, err
}

// begin marks that a renewal is about to be sent. It returns false when the lease is no longer ours.
func (s *Service) begin(ctx context.Context, m *ent.Marketplace) (bool, error) {
	marked := 0
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) (err error) {
		now := s.now()
		marked, err = tx.Marketplace.Update().
			Where(
				marketplace.ID(m.ID),
				marketplace.LeaseBy(s.instance),
				marketplace.LeaseUntilGT(now),
				marketplace.CredentialVersion(m.CredentialVersion),
			).
			SetRenewalBegunAt(now).
			Save(ctx)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("mark the renewal of %s: %w", m.ID, err)
	}
	return marked == 1, nil
}

// putOff ends the lease of a connection without having called, and plans another try.
func (s *Service) putOff(ctx context.Context, m *ent.Marketplace, until time.Time) error {
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		return tx.Marketplace.Update().
			Where(marketplace.ID(m.ID), marketplace.LeaseBy(s.instance), marketplace.CredentialVersion(m.CredentialVersion)).
			ClearLeaseUntil().ClearLeaseBy().SetNextCheckAt(until).
			Exec(ctx)
	})
}

// previous returns the call with the secrets from before the last renewal, while they are kept.
func (s *Service) previous(m *ent.Marketplace, c provider.Call) (provider.Call, bool, error) {
	if len(m.PreviousSealed) == 0 || m.PreviousUntil == nil || !s.now().Before(*m.PreviousUntil) {
		return provider.Call{}, false, nil
	}
	plain, err := s.keys.Open(previousPlace(m.ID, m.ClientID), m.PreviousSealed)
	if err != nil {
		return provider.Call{}, false, fmt.Errorf("open the previous secrets of marketplace %s: %w", m.ID, err)
	}
	c.Secrets, err = decode(plain)
	return c, err == nil, err
}

func previousPlace(id, clientID string) seal.Place {
	return seal.Place{Table: marketplace.Table, Column: marketplace.FieldPreviousSealed, RowID: id, ClientID: clientID}
}

// save writes what came of a check or a renewal and ends the lease, in one transaction. It writes nothing when the
// lease was lost or the credentials were replaced meanwhile: then somebody else knows better.
func (s *Service) save(ctx context.Context, v visit, r provider.Renewed, renewing bool) error {
	ctx = context.WithoutCancel(ctx) // what the provider answered must not be lost to a shutdown
	ctx, cancel := context.WithTimeout(ctx, leaseMargin)
	defer cancel()
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		now, old := s.now(), v.row
		if _, err := products.Hold(ctx, tx, old.ClientProductID); err != nil {
			return err
		}
		fresh, err := tx.Marketplace.Query().Where(marketplace.ID(old.ID)).Only(ctx)
		if ent.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("find the marketplace: %w", err)
		}
		if fresh.LeaseBy == nil || *fresh.LeaseBy != s.instance || fresh.CredentialVersion != old.CredentialVersion {
			return nil
		}
		update := tx.Marketplace.UpdateOne(fresh).ClearLeaseUntil().ClearLeaseBy()
		if r.Outcome != provider.Untestable {
			update.SetLastCheckedAt(now)
		}
		record := record(fresh)
		var changes []audit.Change
		renewed := renewing && r.Outcome == provider.OK
		if renewed {
			sealed, states, err := s.seal(fresh.ID, fresh.ClientID, r.Secrets, r.ExpireAt, "Chaveiro", fresh.SecretStates)
			if err != nil {
				return err
			}
			before, err := encode(v.call.Secrets)
			if err != nil {
				return err
			}
			previous, err := s.keys.Seal(previousPlace(fresh.ID, fresh.ClientID), before)
			if err != nil {
				return fmt.Errorf("seal the previous secrets of marketplace %s: %w", fresh.ID, err)
			}
			record.States, record.ExpireAt = states, earliest(states)
			update.SetSecretsSealed(sealed).SetSecretStates(states).
				SetNillableCredentialsExpireAt(record.ExpireAt).
				SetPreviousSealed(previous).SetPreviousUntil(now.Add(keepPrevious)).
				SetRenewedAt(now).SetUpdatedAt(now).AddCredentialVersion(1)
			changes = secretChanges(r.Secrets)
		}
		if !renewing || r.Outcome != provider.Transient || r.Unsent || v.plan == nil || !v.plan.Spends {
			update.ClearRenewalBegunAt()
		}
		if r.State != nil {
			update.SetProviderState(r.State)
			record.ProviderState = r.State
		}
		if err := s.setAccount(ctx, tx, update, fresh, r.Account); err != nil {
			return err
		}
		switch {
		case r.Outcome == provider.OK || r.Outcome == provider.Untestable:
			update.ClearProviderMessage()
		case r.Message != "":
			update.SetProviderMessage(r.Message)
		}
		failures := 0
		if r.Outcome == provider.Transient {
			failures = fresh.Failures + 1
		}
		update.SetFailures(failures)
		at := provider.Situation{Renewing: renewing, Renewable: v.plan != nil}
		if _, refresher := v.provider.(provider.Refresher); record.ExpireAt != nil && (v.plan != nil || !refresher) {
			left := record.ExpireAt.Sub(now)
			at.Left = &left
		}
		was := provider.Health{Reason: provider.Reason(fresh.HealthReason)}
		is := was.After(r.Result, at)
		if is != was {
			update.SetHealthState(string(is.State())).SetHealthReason(string(is.Reason))
			if is.State() != was.State() {
				update.SetHealthSince(now)
			}
		}
		if next := s.next(now, v.call.Settings, v.provider, record, is, r.Result, failures); next != nil {
			update.SetNextCheckAt(*next)
		} else {
			update.ClearNextCheckAt()
		}
		if err := update.Exec(ctx); err != nil {
			return fmt.Errorf("update the marketplace: %w", err)
		}
		if is == was && !renewed {
			return nil
		}
		if renewed {
			if err := audit.Append(ctx, tx, audit.Event{Action: "marketplace.renew", ObjectID: fresh.ID, ClientID: fresh.ClientID, Changes: changes}); err != nil {
				return err
			}
		}
		if is.State() != was.State() {
			err := audit.Append(ctx, tx, audit.Event{Action: "marketplace.health", ObjectID: fresh.ID, ClientID: fresh.ClientID, Changes: []audit.Change{
				{Field: "state", Old: was.State(), New: is.State()}, {Field: "reason", Old: was.Reason, New: is.Reason},
			}})
			if err != nil {
				return err
			}
		}
		return s.changed(ctx, tx, fresh)
	})
	if err != nil {
		return fmt.Errorf("save the check of marketplace %s: %w", v.row.ID, err)
	}
	return nil
}

// setAccount remembers which shop it is. An account that another connection has is left out: the page warns of it.
func (s *Service) setAccount(ctx context.Context, tx *ent.Tx, update *ent.MarketplaceUpdateOne, m *ent.Marketplace, a provider.Account) error {
	if a.Name != "" {
		update.SetAccountName(a.Name)
	}
	if a.Document != "" {
		update.SetAccountDocument(a.Document)
	}
	if a.ID == "" || m.ExternalAccount != nil {
		return nil
	}
	owner, err := ofAccount(ctx, tx, provider.Code(m.Provider), a.ID)
	if err != nil {
		return err
	}
	if owner == nil {
		update.SetExternalAccount(a.ID)
	}
	return nil
}

// next returns when a connection is to be checked or renewed next; nil when a person has to act first.
func (s *Service) next(now time.Time, settings provider.Values, p provider.Provider, r provider.Record, h provider.Health, last provider.Result, failures int) *time.Time {
	var at time.Time
	switch {
	case h.State() == provider.NeedsAttention, h.State() == provider.NotTestable && last.Outcome == provider.Untestable:
		return nil
	case h.State() == provider.Suspended:
		at = now.Add(spread(suspendedPause))
	case last.Outcome == provider.Transient:
		pause := min(firstPause<<min(failures-1, 10), longestPause)
		at = now.Add(max(spread(pause), last.RetryAfter))
	default:
		at = now.Add(spread(s.checkEvery))
	}
	refresher, ok := p.(provider.Refresher)
	if !ok || last.Outcome == provider.Transient {
		return &at
	}
	if plan := refresher.Renewal(settings, r); plan != nil && plan.At.Before(at) {
		at = plan.At
		if soonest := now.Add(shortestRenewal); last.Outcome == provider.OK && r.ExpireAt != nil && at.Before(soonest) {
			at = soonest // credentials that are due again at once would be renewed without end
		}
	}
	return &at
}

// spread returns a duration that is up to a tenth shorter or longer, so that what began together does not stay together.
func spread(d time.Duration) time.Duration {
	if d < 10 {
		return d
	}
	return d - d/10 + rand.N(d/5) // #nosec G404 -- a time to check is no secret
}

// forget deletes what need not be kept: secrets from before a renewal, and install states that are over.
func (s *Service) forget(ctx context.Context) error {
	ctx = principal.AsSystem(ctx, "sweep")
	now := s.now()
	some, err := s.store.Reader().Marketplace.Query().Where(marketplace.PreviousUntilLTE(now)).Exist(ctx)
	if err != nil {
		return err
	}
	states, err := s.store.Reader().InstallState.Query().Where(stateOver(now)).Exist(ctx)
	if err != nil || !some && !states {
		return err
	}
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		err := tx.Marketplace.Update().Where(marketplace.PreviousUntilLTE(now)).ClearPreviousSealed().ClearPreviousUntil().Exec(ctx)
		if err != nil {
			return err
		}
		_, err = tx.InstallState.Delete().Where(stateOver(now)).Exec(ctx)
		return err
	})
}

// waitForNews is how long a caller waits for a check or a renewal that is under way.
const waitForNews = 8 * time.Second

// errand is a check or a renewal of one connection that somebody waits for. All who want the same one wait for one.
type errand struct {
	done   chan struct{}
	result provider.Result
	err    error
}

// errNotNeeded ends an errand whose work somebody else has done.
var errNotNeeded = errors.New("not needed any more")

// send begins an errand, or joins the one that is under way in this process. needed says, of the row as it is when the
// lease could be taken, whether there is anything to do.
func (s *Service) send(id string, code provider.Code, needed func(*ent.Marketplace) bool) *errand {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.errands[id]; ok {
		return e
	}
	e := &errand{done: make(chan struct{})}
	s.errands[id] = e
	s.working.Go(func() {
		e.result, e.err = s.run(id, s.lanes[code], needed)
		if e.err != nil && !errors.Is(e.err, errNotNeeded) && s.base.Err() == nil {
			s.log.Error("a connection could not be attended to", "marketplace", id, "error", e.err)
		}
		s.mu.Lock()
		delete(s.errands, id)
		s.mu.Unlock()
		close(e.done)
	})
	return e
}

// run takes the lease of a connection, waiting for whoever has it, and attends to it.
func (s *Service) run(id string, l *lane, needed func(*ent.Marketplace) bool) (provider.Result, error) {
	ctx := principal.AsSystem(s.base, "keeping connections")
	lease, err := s.leaseTime(ctx, l.provider.Code())
	if err != nil {
		return provider.Result{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*lease)
	defer cancel()
	for {
		m, err := s.take(ctx, id, lease, needed)
		if err != nil {
			return provider.Result{}, err
		}
		if m != nil {
			return s.attend(ctx, l, m, waitForNews)
		}
		select {
		case <-ctx.Done():
			return provider.Result{}, ctx.Err()
		case <-time.After(150 * time.Millisecond):
		}
	}
}

// take takes the lease of one connection. It returns nil while another process has it, and errNotNeeded when there is
// nothing to do.
func (s *Service) take(ctx context.Context, id string, lease time.Duration, needed func(*ent.Marketplace) bool) (*ent.Marketplace, error) {
	now := s.now()
	leased := func(m *ent.Marketplace) bool { return m.LeaseUntil != nil && now.Before(*m.LeaseUntil) }
	m, err := s.store.Reader().Marketplace.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if !needed(m) {
		return nil, errNotNeeded
	}
	if leased(m) {
		return nil, nil
	}
	var taken *ent.Marketplace
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		taken = nil
		m, err := tx.Marketplace.Query().Where(marketplace.ID(id), store.ForUpdate).Only(ctx)
		if err != nil || leased(m) {
			return err
		}
		if !needed(m) {
			return errNotNeeded
		}
		taken, err = m.Update().SetLeaseUntil(now.Add(lease)).SetLeaseBy(s.instance).Save(ctx)
		return err
	})
	return taken, err
}

// await waits for errands, for a bounded time in all. It returns false when one is still under way then.
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

// Fresh returns connections with credentials that have not ended, as far as that can be had in a few seconds: for those
// that have it waits for the one renewal, whoever makes it. The others, and those that could not be renewed, come as
// they are stored.
func (s *Service) Fresh(ctx context.Context, rows []*ent.Marketplace) ([]*ent.Marketplace, error) {
	var waiting []*errand
	for _, m := range rows {
		ended, err := s.ended(ctx, m)
		if err != nil {
			return nil, err
		}
		if ended {
			waiting = append(waiting, s.send(m.ID, provider.Code(m.Provider), func(now *ent.Marketplace) bool {
				ended, err := s.ended(s.base, now)
				return err == nil && ended
			}))
		}
	}
	if len(waiting) == 0 {
		return rows, nil
	}
	await(ctx, waiting...)
	ids := make([]string, len(rows))
	for i, m := range rows {
		ids[i] = m.ID
	}
	again, err := s.store.Reader().Marketplace.Query().Where(marketplace.IDIn(ids...)).Order(marketplace.ByID()).
		All(context.WithoutCancel(ctx))
	if err != nil {
		return nil, fmt.Errorf("read the renewed marketplaces: %w", err)
	}
	return again, nil
}

// ended reports whether the credentials of a connection have ended and a renewal is worth trying now.
func (s *Service) ended(ctx context.Context, m *ent.Marketplace) (bool, error) {
	now := s.now()
	if m.CredentialsExpireAt == nil || now.Before(*m.CredentialsExpireAt) {
		return false, nil
	}
	if state := provider.State(m.HealthState); state == provider.NeedsAttention || state == provider.Suspended {
		return false, nil
	}
	if m.Failures > 0 && m.NextCheckAt != nil && now.Before(*m.NextCheckAt) {
		return false, nil // it has just failed: the pause is for everybody
	}
	refresher, ok := s.providers[provider.Code(m.Provider)].(provider.Refresher)
	if !ok {
		return false, nil
	}
	settings, err := s.settings(ctx, provider.Code(m.Provider))
	if err != nil {
		return false, err
	}
	return refresher.Renewal(settings, record(m)) != nil, nil
}
