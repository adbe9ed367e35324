package auth

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
	"github.com/chaveiro/chaveiro/internal/core/audit"
)

// How many log-ins may fail before the next one waits. The counts are in the database: all instances share them.
const (
	// One operator from one address: 5 failures are free, then 1, 2, 4 ... 300 seconds.
	freePerPair = 5
	maxPairWait = 300 * time.Second
	// One address, whoever it tries: 20 failures in 15 minutes, then 15 minutes; in a /56 of IPv6 80, in a /48 320.
	maxPerAddress = 20
	addressWindow = 15 * time.Minute
	// One operator from all strange addresses: over 50 failures in an hour a wait of up to 30 seconds after each; at 100
	// without a success nothing from a strange address for a day, unless there is one before, or a reset.
	slowPerAccount = 50
	stopPerAccount = 100
	accountWindow  = time.Hour
	maxAccountWait = 30 * time.Second
	// An address that the operator logged in from within 30 days is not strange: whoever attacks from elsewhere does not
	// lock the operator out.
	knownFor = 30 * 24 * time.Hour
	// throttleLife is when a count is forgotten. The stop of an account outlives it only by new failures.
	throttleLife = 24 * time.Hour
)

// counter is one count of failures, and how long the next try waits after each.
type counter struct {
	kind   string
	of     string
	window time.Duration // failures before it are forgotten; 0: only a success forgets them
	wait   func(failures int) time.Duration
}

// counters are what a log-in counts for. An empty e-mail address is a log-in with a passkey alone, which nobody guesses: only
// that strangers begin many is bounded. A browser that the operator logged in from lately has a count of its own, and from such
// a network only the operator's own failures there count: neither waits for what strangers did.
func counters(email string, o origin) []counter {
	own := func(n int) time.Duration { return doubling(n-freePerPair, maxPairWait) }
	pair := counter{"pair", email + " " + o.network, 0, own}
	strange := addressCounters(o.address)
	switch {
	case email == "" && o.known:
		return nil
	case email == "":
		return strange
	case o.device != "":
		return []counter{{"device", o.device, 0, own}}
	case o.known:
		return []counter{pair}
	}
	return append(strange, pair,
		counter{"account", email, accountWindow, func(n int) time.Duration { return doubling(n-slowPerAccount, maxAccountWait) }},
		counter{"stop", email, 0, func(n int) time.Duration {
			if n >= stopPerAccount {
				return throttleLife
			}
			return 0
		}},
	)
}

// addressCounters are what a log-in counts for whoever is tried, the narrowest network first.
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

// maxAddresses bounds the addresses that operators logged in from which are looked at.
const maxAddresses = 1000

func (s *Service) throttleID(c counter) string {
	return hex.EncodeToString(s.keys.MAC("throttle "+c.kind, []byte(c.of)))
}

// attempt counts a log-in as failed before it is looked at, so that many at once find no gap; forgive takes it back. It
// returns a fault.Throttled when the log-in has to wait, and then counts nothing.
func (s *Service) attempt(ctx context.Context, email string, o origin) error {
	all := counters(email, o)
	var waits []audit.Event
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		now := s.now()
		waits = nil
		rows := make([]*ent.Throttle, len(all))
		var wait time.Duration
		for i, c := range all { // always in this order, so that two log-ins do not wait for each other
			row, err := s.counted(ctx, tx, c)
			if err != nil {
				return err
			}
			if rows[i] = row; row.Until != nil {
				wait = max(wait, row.Until.Sub(now))
			}
		}
		if wait > 0 {
			return fault.Throttled{After: wait}
		}
		for i, c := range all {
			begins, err := s.count(ctx, tx, c, rows[i])
			if err != nil {
				return err
			}
			if begins {
				waits = append(waits, audit.Event{Action: audit.LoginThrottled, Changes: []audit.Change{
					{Field: "counter", New: c.kind}, {Field: "failures", New: rows[i].Failures + 1},
				}})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, event := range waits {
		if err := s.strangers.Tried(principal.AsSystem(ctx, "log-in"), event); err != nil {
			return err
		}
	}
	return nil
}

// counted returns a counter's row, locked, begun anew when there is none or its window has passed.
func (s *Service) counted(ctx context.Context, tx *ent.Tx, c counter) (*ent.Throttle, error) {
	id, now := s.throttleID(c), s.now()
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

// count counts a failure, and reports whether the waiting begins with it.
func (s *Service) count(ctx context.Context, tx *ent.Tx, c counter, row *ent.Throttle) (bool, error) {
	failures := row.Failures + 1
	update := tx.Throttle.UpdateOneID(row.ID).SetFailures(failures).SetSince(row.Since)
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

// takeBack takes back the one try that attempt counted.
func (s *Service) takeBack(ctx context.Context, email string, o origin) error {
	all := counters(email, o)
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		for _, c := range all {
			err := tx.Throttle.Update().
				Where(throttle.ID(s.throttleID(c)), throttle.FailuresGT(0)).
				AddFailures(-1).
				ClearUntil().
				Exec(ctx)
			if err != nil {
				return fmt.Errorf("take back the count of the log-in: %w", err)
			}
		}
		return nil
	})
}

// forgive takes back what attempt counted, after a log-in that was complete: the operator's counts begin anew, and the
// address has one failure less where it was counted.
func (s *Service) forgive(ctx context.Context, tx *ent.Tx, email string, o origin) error {
	// In the order of attempt, so that neither waits for the other.
	if !o.known {
		for _, c := range addressCounters(o.address) {
			err := tx.Throttle.Update().
				Where(throttle.ID(s.throttleID(c)), throttle.FailuresGT(0)).
				AddFailures(-1).
				ClearUntil().
				Exec(ctx)
			if err != nil {
				return fmt.Errorf("forgive the failed log-ins: %w", err)
			}
		}
	}
	all := []counter{{kind: "pair", of: email + " " + o.network}, {kind: "account", of: email}, {kind: "stop", of: email}}
	if o.device != "" {
		all = append(all, counter{kind: "device", of: o.device})
	}
	for _, c := range all {
		if _, err := tx.Throttle.Delete().Where(throttle.ID(s.throttleID(c))).Exec(ctx); err != nil {
			return fmt.Errorf("forgive the failed log-ins: %w", err)
		}
	}
	return nil
}
