package throttle

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/throttle"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// How many log-ins may fail before the next one waits. The counts are in the database: all instances share them.
const (
	// One operator from one address: 5 failures are free, then 1, 2, 4 ... 300 seconds.
	freePerPair = 5
	maxPairWait = 300 * time.Second
	// One address, whichever operators it tries: 20 failures in 15 minutes, then 15 minutes; in a /56 of IPv6 80, in a
	// /48 320.
	maxPerAddress = 20
	addressWindow = 15 * time.Minute
	// One operator from all strange addresses: over 50 failures in an hour a wait of up to 30 seconds after each; at
	// 100 without a success nothing from a strange address for a day, unless there is one before, or a reset.
	slowPerAccount = 50
	stopPerAccount = 100
	accountWindow  = time.Hour
	maxAccountWait = 30 * time.Second
	// An address that the operator logged in from within 30 days is not strange: an attack from elsewhere does not lock
	// the operator out.
	knownFor = 30 * 24 * time.Hour
	// throttleLife is when a count is forgotten. The stop of an account outlives it only by new failures.
	throttleLife = 24 * time.Hour
)

// Options are what a Service works with.
type Options struct {
	Store *store.Store
	Keys  *seal.Keyset
	// Strangers records when a wait begins.
	Strangers *audit.Strangers
	// Now is the clock.
	Now func() time.Time
}

// Service counts log-ins that fail.
type Service struct {
	store     *store.Store
	keys      *seal.Keyset
	strangers *audit.Strangers
	now       func() time.Time
}

// New returns the service.
func New(o Options) *Service {
	return &Service{store: o.Store, keys: o.Keys, strangers: o.Strangers, now: o.Now}
}

// counter is one count of failures, and how long the next try waits after each.
type counter struct {
	kind   string
	of     string
	window time.Duration // failures before it are forgotten; 0: only a success forgets them
	wait   func(failures int) time.Duration
}

// counters are what a log-in counts for. An empty e-mail address is a log-in with a passkey alone. A passkey cannot be
// guessed: only the number that strangers begin is bounded. A browser that the operator logged in from lately has a
// count of its own. From such a network only the operator's own failures there count. Neither waits for what strangers
// did.
func counters(email string, o Origin) []counter {
	perPair := func(n int) time.Duration { return doubling(n-freePerPair, maxPairWait) }
	pair := counter{"pair", email + " " + o.network, 0, perPair}
	strange := addressCounters(o.address)
	switch {
	case email == "" && o.known:
		return nil
	case email == "":
		return strange
	case o.device != "":
		return []counter{{"device", o.device, 0, perPair}}
	case o.known:
		return []counter{pair}
	}
	return append(strange, pair,
		counter{"account", email, accountWindow, func(n int) time.Duration {
			return doubling(n-slowPerAccount, maxAccountWait)
		}},
		counter{"stop", email, 0, func(n int) time.Duration {
			if n >= stopPerAccount {
				return throttleLife
			}
			return 0
		}},
	)
}

// addressCounters are what a log-in counts for whichever operator is tried, the narrowest network first.
func addressCounters(address string) []counter {
	var all []counter
	for _, network := range ratelimit.Networks(address) {
		all = append(all, counter{"address", network.Name, addressWindow, func(n int) time.Duration {
			if n >= maxPerAddress*network.Times {
				return addressWindow
			}
			return 0
		}})
	}
	return all
}

// doubling is 1, 2, 4 ... seconds for 1, 2, 3 ..., up to most; nothing for less than 1.
func doubling(n int, most time.Duration) time.Duration {
	if n < 1 {
		return 0
	}
	return min(time.Second<<min(n-1, 16), most)
}

func (s *Service) rowID(c counter) string {
	return hex.EncodeToString(s.keys.MAC("throttle "+c.kind, []byte(c.of)))
}

// Attempt counts a log-in as failed before anything is checked, so that many at once find no gap; Forgive takes it
// back. It returns a fault.Throttled when the log-in has to wait, and then counts nothing.
func (s *Service) Attempt(ctx context.Context, email string, o Origin) error {
	all := counters(email, o)
	var waits []audit.Event
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		rows, err := s.lockRows(ctx, tx, all)
		if err != nil {
			return err
		}
		waits, err = s.countFailures(ctx, tx, all, rows)
		return err
	})
	if err != nil {
		return err
	}
	for _, event := range waits {
		if err := s.strangers.RecordTry(principal.AsSystem(ctx, "log-in"), event); err != nil {
			return err
		}
	}
	return nil
}

// lockRows returns the rows of counters, locked. It returns a fault.Throttled when one of them makes the log-in wait.
func (s *Service) lockRows(ctx context.Context, tx *ent.Tx, all []counter) ([]*ent.Throttle, error) {
	now, wait := s.now(), time.Duration(0)
	rows := make([]*ent.Throttle, len(all))
	for i, c := range all { // always in this order, so that two log-ins do not wait for each other
		row, err := s.lockRow(ctx, tx, c)
		if err != nil {
			return nil, err
		}
		if rows[i] = row; row.Until != nil {
			wait = max(wait, row.Until.Sub(now))
		}
	}
	if wait > 0 {
		return nil, fault.Throttled{After: wait}
	}
	return rows, nil
}

// countFailures counts a failure in each row. It returns an event for each counter whose wait begins with it.
func (s *Service) countFailures(
	ctx context.Context, tx *ent.Tx, all []counter, rows []*ent.Throttle,
) (waits []audit.Event, err error) {
	for i, c := range all {
		begins, err := s.countFailure(ctx, tx, c, rows[i])
		if err != nil {
			return nil, err
		}
		if begins {
			waits = append(waits, audit.Event{Action: audit.LoginThrottled, Changes: []audit.Change{
				{Field: "counter", New: c.kind}, {Field: "failures", New: rows[i].Failures + 1},
			}})
		}
	}
	return waits, nil
}

// lockRow returns the row of a counter, locked. It begins anew when there is none or its window has passed.
func (s *Service) lockRow(ctx context.Context, tx *ent.Tx, c counter) (*ent.Throttle, error) {
	id, now := s.rowID(c), s.now()
	// Inserted first: a row that is not there cannot be locked.
	err := tx.Throttle.Create().SetID(id).SetSince(now).SetExpiresAt(now.Add(throttleLife)).
		OnConflictColumns(throttle.FieldID).SetExpiresAt(now.Add(throttleLife)).
		Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("count the log-in: %w", err)
	}
	row, err := tx.Throttle.Get(ctx, id) // locked by the update
	if err != nil {
		return nil, fmt.Errorf("read the count of log-ins: %w", err)
	}
	waiting := row.Until != nil && now.Before(*row.Until)
	if c.window > 0 && now.Sub(row.Since) >= c.window && !waiting {
		row.Failures, row.Since, row.Until = 0, now, nil
	}
	return row, nil
}

// countFailure counts a failure, and reports whether the wait begins with it.
func (s *Service) countFailure(ctx context.Context, tx *ent.Tx, c counter, row *ent.Throttle) (bool, error) {
	failures := row.Failures + 1
	// UpdateOne would read the row again.
	update := tx.Throttle.Update().Where(throttle.ID(row.ID)).SetFailures(failures).SetSince(row.Since)
	wait := c.wait(failures)
	if wait > 0 {
		update.SetUntil(s.now().Add(wait))
	} else {
		update.ClearUntil()
	}
	if err := update.Exec(ctx); err != nil {
		return false, fmt.Errorf("count the log-in: %w", err)
	}
	return wait > 0 && c.wait(failures-1) == 0, nil
}

// Undo takes back the one failure that Attempt counted.
func (s *Service) Undo(ctx context.Context, email string, o Origin) error {
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if err := s.subtract(ctx, tx, counters(email, o)); err != nil {
			return fmt.Errorf("take back the count of the log-in: %w", err)
		}
		return nil
	})
}

// subtract takes one failure from each counter, and ends its wait.
func (s *Service) subtract(ctx context.Context, tx *ent.Tx, all []counter) error {
	for _, c := range all {
		err := tx.Throttle.Update().
			Where(throttle.ID(s.rowID(c)), throttle.FailuresGT(0)).
			AddFailures(-1).
			ClearUntil().
			Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// Forgive takes back what Attempt counted, after a complete log-in. It resets the operator's counts, and subtracts one
// failure from the address's count.
func (s *Service) Forgive(ctx context.Context, tx *ent.Tx, email string, o Origin) error {
	// In the order of Attempt, so that neither waits for the other.
	if !o.known {
		if err := s.subtract(ctx, tx, addressCounters(o.address)); err != nil {
			return fmt.Errorf("forgive the failed log-ins: %w", err)
		}
	}
	all := []counter{
		{kind: "pair", of: email + " " + o.network}, {kind: "account", of: email}, {kind: "stop", of: email},
	}
	if o.device != "" {
		all = append(all, counter{kind: "device", of: o.device})
	}
	for _, c := range all {
		if _, err := tx.Throttle.Delete().Where(throttle.ID(s.rowID(c))).Exec(ctx); err != nil {
			return fmt.Errorf("forgive the failed log-ins: %w", err)
		}
	}
	return nil
}
