package audit

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/backlog"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Actions of what strangers can make happen as often as they like, which are counted and not recorded each.
const (
	LoginFailed     = "session.login_failed"
	PasskeyFailed   = "session.passkey_failed"
	LoginThrottled  = "session.throttled"
	InstallRefused  = "install.refuse"
	NoticeNotListed = "notice.not_listed"
)

// StrangerActions are all of them.
var StrangerActions = []string{LoginFailed, PasskeyFailed, LoginThrottled, InstallRefused, NoticeNotListed}

// strangersEvery is how often the same action on the same object is recorded at most.
const strangersEvery = time.Minute

// Strangers records what callers who prove nothing try: of the same action on the same object one event a minute, with
// how often it was. So nobody fills the trail, which nobody can empty, and waits are not longer for it. Each instance
// counts for itself.
type Strangers struct {
	store   *store.Store
	now     func() time.Time
	measure func(action string)

	recorded *Seldom[tried]
	mu       sync.Mutex
	tries    map[tried]*tries // that are not recorded yet
}

// tried is what tries are counted by. Objects are rows of the portal, so that there are only so many.
type tried struct{ action, object string }

// tries are those of one kind that are not recorded yet.
type tries struct {
	number int
	// last is the newest of them, of whom and from where.
	last   Event
	by     principal.Principal
	origin Origin
}

// NewStrangers returns a recorder; now is the clock. measure is told of every try and must not wait for anything; nil
// tells nobody.
func NewStrangers(s *store.Store, now func() time.Time, measure func(action string)) *Strangers {
	if measure == nil {
		measure = func(string) {}
	}
	return &Strangers{
		store: s, now: now, measure: measure, recorded: NewSeldom[tried](strangersEvery), tries: map[tried]*tries{},
	}
}

// RecordTry takes note of what somebody tried in vain, on behalf of the principal of ctx: it is recorded at once when
// there was none of its kind within the last minute, and otherwise with the next ones by Run.
func (s *Strangers) RecordTry(ctx context.Context, event Event) error {
	event.Refused = true
	s.measure(event.Action)
	key := tried{event.Action, event.ObjectID}
	s.mu.Lock()
	of := s.tries[key]
	if of == nil {
		of = &tries{}
		s.tries[key] = of
	}
	of.number++
	of.last, of.by, of.origin = event, principal.From(ctx), OriginFrom(ctx)
	s.mu.Unlock()
	return s.save(ctx, func(kind tried) bool { return kind == key && s.recorded.Admit(kind, s.now()) })
}

// Flush records the tries that have waited for a minute.
func (s *Strangers) Flush(ctx context.Context) error {
	return s.save(ctx, func(kind tried) bool { return s.recorded.Admit(kind, s.now()) })
}

// Run calls Flush every so often until ctx ends, and then records all that is left. report is told of an error; what
// could not be recorded is tried again.
func (s *Strangers) Run(ctx context.Context, every time.Duration, report func(error)) {
	backlog.SaveEvery(ctx, every, s.Flush, report)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	if err := s.save(last, func(tried) bool { return true }); err != nil {
		report(err)
	}
}

// save records those kinds of tries that ripe picks, in one transaction. What cannot be recorded stays to be.
func (s *Strangers) save(ctx context.Context, ripe func(tried) bool) error {
	taken := s.take(ripe)
	if len(taken) == 0 {
		return nil
	}
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		for _, of := range taken {
			event := of.last
			event.Changes = append(slices.Clone(event.Changes), Change{Field: "tries", New: of.number})
			if err := Append(WithOrigin(principal.With(ctx, of.by), of.origin), tx, event); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.putBack(taken)
		return fmt.Errorf("record the tries of strangers: %w", err)
	}
	return nil
}

// take returns the kinds of tries that ripe picks, which begin anew.
func (s *Strangers) take(ripe func(tried) bool) map[tried]tries {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := map[tried]tries{}
	for key, of := range s.tries {
		if ripe(key) {
			taken[key] = *of
			delete(s.tries, key)
		}
	}
	return taken
}

func (s *Strangers) putBack(taken map[tried]tries) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, old := range taken {
		s.recorded.Forget(key)
		of := s.tries[key]
		if of == nil {
			of = &tries{last: old.last, by: old.by, origin: old.origin}
			s.tries[key] = of
		}
		of.number += old.number
	}
}
