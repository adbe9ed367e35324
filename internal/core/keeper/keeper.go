// Package keeper keeps the connections working: it checks and renews each when it is due, and at once when a reader
// waits. An answer that cannot be asked for again is saved, even when the database or the process fails.
//
//	due, or a reader waits
//	   |
//	   v        lease        mark (spends)          call             save
//	[ row ] ----------> [ leased ] ------> [ begun ] ----> answer ----------> [ row ]
//	                        |                  |             |  ^
//	                        |   process gone   |             |  | the database is away:
//	                        v                  v             v  | held, tried again,
//	                   [ free again ]   [ RENEWAL_INTERRUPTED ] + spooled at a stop
//
// decide.go returns what an answer does to a row; it is pure. The other files carry it out.
package keeper

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"
	"golang.org/x/time/rate"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/base/spool"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/providersettings"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

const (
	// DefaultAtOnce is how many calls one process makes to a provider at a time, unless set otherwise.
	DefaultAtOnce = 4
	pollEvery     = time.Second
	// jobTime bounds one use of the database by a background job.
	jobTime = 20 * time.Second
)

// Keeper is the worker of one process.
type Keeper struct {
	store       *store.Store
	keys        *seal.Keyset
	providers   provider.Registry
	now         func() time.Time
	connections *connection.Service
	settings    *providersettings.Service
	spool       *spool.Spool
	live        *live.Bus
	portal      string
	reachable   bool
	checkEvery  time.Duration
	atOnce      int
	meter       provider.Meter
	tracer      trace.Tracer
	log         *slog.Logger

	instance string // names this process in leases
	lanes    map[provider.Code]*lane
	beats    beats
	houses   houses
	tests    *rate.Limiter

	base    context.Context // of background work that a stop may cancel
	stop    context.CancelFunc
	working sync.WaitGroup

	mu      sync.Mutex
	errands map[string]*errand // by marketplace
	ended   bool
}

// Options are what a Keeper is made of.
type Options struct {
	Store     *store.Store
	Keys      *seal.Keyset
	Providers provider.Registry
	// Now is the clock.
	Now func() time.Time
	// HTTP calls the providers.
	HTTP        *outbound.Client
	Connections *connection.Service
	Settings    *providersettings.Service
	// Live publishes the changes of incidents.
	Live *live.Bus
	// Spool stores the answers that could not be saved.
	Spool *spool.Spool
	// Portal is the public address of the portal, without a slash at its end.
	Portal string
	// Reachable is whether providers can send webhooks to it.
	Reachable bool
	// CheckEvery is the time from a good check to the next one; an hour when it is 0.
	CheckEvery time.Duration
	// AtOnce caps the calls that this process makes to a provider at a time; DefaultAtOnce when it is 0.
	AtOnce int
	// Meter counts calls and renewals; nil counts none.
	Meter provider.Meter
	// Tracer begins a span for each check and renewal; nil begins none.
	Tracer trace.Tracer
	Log    *slog.Logger
}

// New returns a keeper. The caller runs Run, or calls Close.
func New(o Options) *Keeper {
	k := &Keeper{
		store: o.Store, keys: o.Keys, providers: o.Providers, now: o.Now, connections: o.Connections, settings: o.Settings,
		spool: o.Spool, live: o.Live, portal: o.Portal, reachable: o.Reachable, checkEvery: o.CheckEvery, atOnce: o.AtOnce,
		meter: o.Meter, tracer: o.Tracer, log: o.Log,
		instance: ident.New(ident.Instance),
		lanes:    map[provider.Code]*lane{},
		tests:    rate.NewLimiter(rate.Every(time.Minute/maxTests), maxTests),
		errands:  map[string]*errand{},
	}
	if k.checkEvery == 0 {
		k.checkEvery = time.Hour
	}
	if k.atOnce == 0 {
		k.atOnce = DefaultAtOnce
	}
	k.base, k.stop = context.WithCancel(context.Background())
	for code, p := range o.Providers {
		k.lanes[code] = newLane(p, provider.MeasureCalls(o.HTTP, o.Meter, code), k.atOnce)
		k.lanes[code].load = Load{Allowance: leastAllowance, CheckEvery: k.checkEvery}
	}
	k.connections.OnWake(k.wakeAll)
	return k
}

// Instance returns the name of this process in its leases, in the list of processes, and in the log of the others once
// it is gone.
func (k *Keeper) Instance() string { return k.instance }

// Close ends the work of a keeper that was never run.
func (k *Keeper) Close() {
	k.end()
	k.working.Wait()
}

// end lets no work begin any more, and cancels checks and waits for a turn. A call that spends a token goes on.
func (k *Keeper) end() {
	k.mu.Lock()
	k.ended = true
	k.mu.Unlock()
	k.stop()
}

// goOn runs fn in the background. It returns false, and runs nothing, when the keeper has ended.
func (k *Keeper) goOn(fn func()) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ended {
		return false
	}
	k.working.Go(fn)
	return true
}

// Run checks and renews the connections as they are due, until ctx ends. It returns when every answer that cannot be
// asked for again is saved or spooled; the Spool logs what it waits for.
func (k *Keeper) Run(ctx context.Context) {
	k.repeat(ctx, 0, "the list of the portal's processes could not be read or written", k.beat) // before the first lease
	k.repeat(ctx, 0, "the renewals that are due could not be counted", k.measure)
	k.repeat(ctx, 0, "connections with times in the future could not be planned again", k.unpark)
	var jobs sync.WaitGroup
	jobs.Go(func() { k.takeUp(ctx) })
	for _, l := range k.lanes {
		jobs.Go(func() { k.runLane(ctx, l) })
	}
	for _, job := range k.jobs() {
		jobs.Go(func() { k.repeat(ctx, job.every, job.failed, job.do) })
	}
	jobs.Wait()
	k.end()
	// The beat goes on while calls are under way: the others must not count this process as gone.
	beating, rest := context.WithCancel(context.WithoutCancel(ctx))
	var last sync.WaitGroup
	last.Go(func() { k.repeat(beating, beatEvery, "the beat of this process could not be written", k.beat) })
	k.working.Wait()
	rest()
	last.Wait()
	k.goodbye(ctx)
}

// job is a task that is repeated.
type job struct {
	every  time.Duration
	failed string // what the log says when it fails
	do     func(context.Context) error
}

func (k *Keeper) jobs() []job {
	return []job{
		{beatEvery, "the list of the portal's processes could not be read or written", k.beat},
		{measureEvery, "the renewals that are due could not be counted", k.measure},
		{expireEvery, "expired credentials could not be marked", k.expire},
		{watchEvery, "the incidents of providers could not be read or written", k.watch},
		{5 * time.Minute, "old secrets could not be deleted", k.forget},
		{5 * time.Minute, "visits for new credentials by the house's log-in could not be planned", k.planMints},
		{5 * time.Minute, "checks of connections whose host is in force again could not be planned", k.planReturns},
	}
}

// repeat calls do at once and then every so often until ctx ends; once when every is 0. It logs only the first of
// several failures in a row.
func (k *Keeper) repeat(ctx context.Context, every time.Duration, failed string, do func(context.Context) error) {
	failing := false
	for {
		err := do(ctx)
		if err != nil && ctx.Err() == nil && !failing {
			k.log.ErrorContext(ctx, failed, "err", err)
		}
		failing = err != nil
		if every == 0 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
	}
}

// goodbye takes this process off the list, so that the others need not wait for its silence.
func (k *Keeper) goodbye(ctx context.Context) {
	ctx, cancel := context.WithTimeout(system(context.WithoutCancel(ctx)), beatTime)
	defer cancel()
	if err := k.leave(ctx, k.instance); err != nil {
		k.log.Warn("this process is still on the list: the others find out by its silence", "err", err)
	}
}

// Step does everything that is due now, once, and returns how many connections that were. Tests that move the clock use
// it in place of Run.
func (k *Keeper) Step(ctx context.Context) (int, error) {
	for _, do := range []func(context.Context) error{k.measure, k.expire, k.watch} {
		if err := do(ctx); err != nil {
			return 0, err
		}
	}
	done := 0
	for _, l := range k.lanes {
		for {
			taken, err := k.takeDue(ctx, l, 100)
			if err != nil {
				return done, err
			}
			if len(taken) == 0 {
				break
			}
			for _, v := range taken {
				k.attendDue(ctx, v)
			}
			done += len(taken)
		}
	}
	return done, k.forget(ctx)
}

// wakeAll makes all lanes look for what is due.
func (k *Keeper) wakeAll() {
	for _, l := range k.lanes {
		poke(l.wake)
	}
}

// move stores a move of a row that tx has locked, and publishes it. It appends an audit event if the state changed.
func (k *Keeper) move(ctx context.Context, tx *ent.Tx, old, moved *connection.Row) error {
	if old.HealthReason == moved.HealthReason && old.CredentialVersion == moved.CredentialVersion {
		_, err := connection.Update(ctx, tx, old, moved)
		return err
	}
	if _, err := k.connections.Move(ctx, tx, old, moved); err != nil {
		return err
	}
	if old.HealthState == moved.HealthState {
		return nil
	}
	return audit.Append(ctx, tx, audit.Event{
		Action: "marketplace.health", ObjectID: old.ID, ClientID: old.ClientID, Changes: []audit.Change{
			{Field: "state", Old: old.HealthState, New: moved.HealthState},
			{Field: "reason", Old: old.HealthReason, New: moved.HealthReason},
		},
	})
}

func (k *Keeper) webhookURL(code provider.Code) string {
	if _, ok := k.providers[code].(provider.WebhookReceiver); !ok || !k.reachable {
		return ""
	}
	return k.portal + provider.WebhookPath(code)
}
