// Package retention deletes data that has been kept long enough. docs/privacy.md says how long and why; a test compares
// the two.
package retention

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/healthinterval"
	"github.com/chaveiro/chaveiro/ent/hourlycount"
	"github.com/chaveiro/chaveiro/ent/idempotentrequest"
	"github.com/chaveiro/chaveiro/ent/installlink"
	"github.com/chaveiro/chaveiro/ent/installstate"
	"github.com/chaveiro/chaveiro/ent/onetimetoken"
	"github.com/chaveiro/chaveiro/ent/providernotice"
	"github.com/chaveiro/chaveiro/ent/session"
	"github.com/chaveiro/chaveiro/ent/throttle"
	"github.com/chaveiro/chaveiro/ent/unclaimedinstallation"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/activity"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

const (
	day = 24 * time.Hour
	// Every is how often Run sweeps.
	Every = time.Hour
	// batch caps how many rows one transaction deletes, so that others can write between two of them.
	batch = 500
	// longestMonth is how much longer a read is kept than is said: those of a month go together.
	longestMonth = 31 * day
	// passTime is the deadline of one sweep; the next one deletes what is left.
	passTime = 10 * time.Minute
)

// Rule is how long one kind of data is kept.
type Rule struct {
	// Data names the data as docs/privacy.md does.
	Data string
	// Keep is how long it is kept, counted from From.
	Keep time.Duration
	// From is when the time begins.
	From  string
	table string
	// column is the time from which the age of a row counts. Without a column the id says it: ids rise with the time they
	// were made, and firstAt returns the first one of an instant.
	column  string
	firstAt func(time.Time) any
}

// prefixed returns the firstAt of ids with a prefix.
func prefixed(prefix string) func(time.Time) any {
	return func(at time.Time) any { return ident.FirstAt(prefix, at) }
}

// Periods are how long the installation keeps what grows most.
type Periods struct {
	// Trail is for how long the events of the audit trail are kept.
	Trail time.Duration
	// Reads is for how long it is kept who read which credentials.
	Reads time.Duration
}

// Rules returns all the rules. They leave out the audit trail, which is trimmed as a chain, and the secrets from before
// a renewal, which go after a day.
func (p Periods) Rules() []Rule { return append(slices.Clone(fixedRules), p.reads()) }

// reads is the rule of the reads of credentials. They are removed by those who vouch for them.
func (p Periods) reads() Rule {
	return Rule{Data: "credential reads", Keep: p.Reads + longestMonth, From: "the first of the month of the reads"}
}

// fixedRules are the rules that no setting changes.
var fixedRules = []Rule{
	{Data: "sessions and their refresh tokens", Keep: 90 * day, From: "the absolute end of the session",
		table: session.Table, column: session.FieldExpiresAt},
	{Data: "counts of failed log-ins", Keep: 0, From: "their end, a day after the last failure",
		table: throttle.Table, column: throttle.FieldExpiresAt},
	{Data: "one-time tokens", Keep: day, From: "their end",
		table: onetimetoken.Table, column: onetimetoken.FieldExpiresAt},
	{Data: "idempotent requests", Keep: 7 * day, From: "the request",
		table: idempotentrequest.Table, firstAt: prefixed(ident.IdempotentRequest)},
	{Data: "install states", Keep: day, From: "their end",
		table: installstate.Table, column: installstate.FieldExpiresAt},
	{Data: "install links", Keep: 90 * day, From: "their making",
		table: installlink.Table, firstAt: prefixed(ident.InstallLink)},
	{Data: "unclaimed installs", Keep: 90 * day, From: "the install",
		table: unclaimedinstallation.Table, firstAt: prefixed(ident.UnclaimedInstallation)},
	{Data: "closed provider notices", Keep: 365 * day, From: "their closing",
		table: providernotice.Table, column: providernotice.FieldClosedAt},
	{Data: "history of connections' health", Keep: 400 * day, From: "the end of a state",
		table: healthinterval.Table, firstAt: func(at time.Time) any { return ident.FirstNumberAt(at) }},
	{Data: "counts by the hour", Keep: 400 * day, From: "the hour",
		table: hourlycount.Table, firstAt: func(at time.Time) any { return activity.FirstAt(at) }},
}

// Options are what a Service is made of.
type Options struct {
	Store *store.Store
	// Keys are those of the audit trail, which is verified before it is trimmed.
	Keys    audit.Keys
	Periods Periods
	// TidyReads keeps the reads of credentials in bounds, as of a time, and removes those of days before an instant.
	TidyReads func(ctx context.Context, now, before time.Time) error
	// Now is the clock, which may be wrong.
	Now func() time.Time
	// Uptime is how long the process runs, whatever the clock says; nil measures it from here.
	Uptime func() time.Duration
	Log    *slog.Logger
}

// Service deletes what is past its time. Its sweeps run one after the other.
type Service struct {
	store     *store.Store
	keys      audit.Keys
	periods   Periods
	tidyReads func(ctx context.Context, now, before time.Time) error
	now       func() time.Time
	uptime    func() time.Duration
	sweptAt   time.Duration // the uptime at the last sweep
	log       *slog.Logger
}

// New returns the service.
func New(o Options) *Service {
	if o.Uptime == nil {
		began := time.Now()
		o.Uptime = func() time.Duration { return time.Since(began) }
	}
	return &Service{
		store: o.Store, keys: o.Keys, periods: o.Periods, tidyReads: o.TidyReads, now: o.Now, uptime: o.Uptime, log: o.Log,
	}
}

// Run sweeps at once and then at each interval until ctx ends. It passes an error to report, and the next sweep
// retries. Several instances may run: rows that one has deleted the others do not find.
func (s *Service) Run(ctx context.Context, every time.Duration, report func(error)) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			report(err)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// Sweep deletes all that is past its time, in small transactions. A rule that fails does not stop the others. It does
// not trust one reading of the clock: see believe.
func (s *Service) Sweep(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(principal.AsSystem(ctx, "retention"), passTime)
	defer cancel()
	now, err := s.tellTime(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, rule := range fixedRules {
		if err := s.apply(ctx, rule, now); err != nil {
			failed = append(failed, fmt.Errorf("remove %s: %w", rule.Data, err))
		}
	}
	if err := s.tidyReads(ctx, now, now.Add(-s.periods.reads().Keep)); err != nil {
		failed = append(failed, fmt.Errorf("tidy the reads of credentials: %w", err))
	}
	if err := s.trim(ctx, now.Add(-s.periods.Trail)); err != nil {
		failed = append(failed, fmt.Errorf("trim the audit trail: %w", err))
	}
	return errors.Join(failed...)
}

// trim removes the events of the audit trail from before a time.
func (s *Service) trim(ctx context.Context, before time.Time) error {
	trimmed, err := audit.Trim(ctx, s.store, s.keys, before)
	if trimmed > 0 {
		s.log.WarnContext(ctx, "the oldest events of the audit trail were removed: their time is over",
			"events", trimmed, "before", before)
	}
	return err
}

func (s *Service) apply(ctx context.Context, rule Rule, now time.Time) error {
	before := now.Add(-rule.Keep)
	for {
		removed := int64(0)
		err := s.store.Write(store.InBackground(ctx), func(ctx context.Context, _ *ent.Tx) (err error) {
			removed, err = rule.remove(ctx, before)
			return err
		})
		if err != nil || removed < batch {
			return err
		}
	}
}

// remove deletes at most batch rows whose time began before an instant, in the transaction of ctx, and returns how
// many. The rows that they own are deleted with them.
func (r Rule) remove(ctx context.Context, before time.Time) (int64, error) {
	column, bound := r.column, any(before)
	if column == "" {
		column, bound = "id", r.firstAt(before)
	}
	return store.Exec(ctx, "DELETE FROM "+r.table+" WHERE id IN (SELECT id FROM "+r.table+
		" WHERE "+column+" < $1 LIMIT "+strconv.Itoa(batch)+")", bound)
}
