// Package retention deletes data that has been kept long enough. docs/privacy.md says how long and why; a test compares
// the two.
package retention

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/credentialread"
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
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

const (
	day = 24 * time.Hour
	// Every is how often Run sweeps.
	Every = time.Hour
	// batch caps how many rows one transaction deletes, so that others can write between two of them.
	batch = 500
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
	// column is the time from which the age of a row counts. Without a column the id says it: ids have prefix, and rise
	// with the time they were made.
	column string
	prefix string
}

// Rules are all the rules. They leave out the audit trail, which is trimmed as a chain and kept for audit.Retention,
// and the secrets from before a renewal, which go after a day.
var Rules = []Rule{
	{Data: "sessions and their refresh tokens", Keep: 90 * day, From: "the absolute end of the session",
		table: session.Table, column: session.FieldExpiresAt},
	{Data: "counts of failed log-ins", Keep: 0, From: "their end, a day after the last failure",
		table: throttle.Table, column: throttle.FieldExpiresAt},
	{Data: "one-time tokens", Keep: day, From: "their end",
		table: onetimetoken.Table, column: onetimetoken.FieldExpiresAt},
	{Data: "idempotent requests", Keep: 7 * day, From: "the request",
		table: idempotentrequest.Table, prefix: ident.IdempotentRequest},
	{Data: "install states", Keep: day, From: "their end",
		table: installstate.Table, column: installstate.FieldExpiresAt},
	{Data: "install links", Keep: 90 * day, From: "their making",
		table: installlink.Table, prefix: ident.InstallLink},
	{Data: "unclaimed installs", Keep: 90 * day, From: "the install",
		table: unclaimedinstallation.Table, prefix: ident.UnclaimedInstallation},
	{Data: "closed provider notices", Keep: 365 * day, From: "their closing",
		table: providernotice.Table, column: providernotice.FieldClosedAt},
	{Data: "credential reads", Keep: 400 * day, From: "the day of the reads",
		table: credentialread.Table, column: credentialread.FieldDay},
}

// Service deletes what is past its time.
type Service struct {
	store *store.Store
	keys  audit.Keys
	now   func() time.Time
}

// New returns the service over a store. keys are those of the audit trail, which is verified before it is trimmed; now
// is the clock.
func New(s *store.Store, keys audit.Keys, now func() time.Time) *Service {
	return &Service{store: s, keys: keys, now: now}
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

// Sweep deletes all that is past its time, in small transactions. A rule that fails does not stop the others.
func (s *Service) Sweep(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(principal.AsSystem(ctx, "retention"), passTime)
	defer cancel()
	var failed []error
	for _, rule := range Rules {
		if err := s.apply(ctx, rule); err != nil {
			failed = append(failed, fmt.Errorf("remove %s: %w", rule.Data, err))
		}
	}
	if _, err := audit.Trim(ctx, s.store, s.keys, s.now().Add(-audit.Retention)); err != nil {
		failed = append(failed, fmt.Errorf("trim the audit trail: %w", err))
	}
	return errors.Join(failed...)
}

func (s *Service) apply(ctx context.Context, rule Rule) error {
	before := s.now().Add(-rule.Keep)
	for {
		removed := int64(0)
		err := s.store.Write(ctx, func(ctx context.Context, _ *ent.Tx) (err error) {
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
		column, bound = "id", ident.FirstAt(r.prefix, before)
	}
	return store.Exec(ctx, "DELETE FROM "+r.table+" WHERE id IN (SELECT id FROM "+r.table+
		" WHERE "+column+" < $1 LIMIT "+strconv.Itoa(batch)+")", bound)
}
