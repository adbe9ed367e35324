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

// Actions that callers without a proof can cause as often as they like. They are counted, and not each recorded.
const (
	LoginFailed     = "session.login_failed"
	PasskeyFailed   = "session.passkey_failed"
	LoginThrottled  = "session.throttled"
	InstallRefused  = "install.refuse"
	NoticeNotListed = "notice.not_listed"
)

// StrangerActions are all these actions.
var StrangerActions = []string{LoginFailed, PasskeyFailed, LoginThrottled, InstallRefused, NoticeNotListed}

// strangersEvery is the least time between two events of the same action on the same object.
const strangersEvery = time.Minute

// Strangers records the tries of callers that prove nothing: per action and object at most one event a minute, with the
// number of tries. So a caller can neither fill the trail, which cannot be emptied, nor make others wait. Each instance
// counts for itself.
type Strangers struct {
	store   *store.Store
	now     func() time.Time
	measure func(action string)

	recorded *Seldom[tried]
	mu       sync.Mutex
	tries    map[tried]*tries // that are not recorded yet
}

// tried is the key by which tries are counted. Objects are rows of the portal, so their number is limited.
type tried struct{ action, object string }

// tries are the tries of one key that are not recorded yet.
type tries struct {
	number int
	// last is the newest of them, with its principal and origin.
	last   Event
	by     principal.Principal
	origin Origin
}

// NewStrangers returns a recorder; now is the clock. It calls measure for every try, unless it is nil. measure must not
// block.
func NewStrangers(s *store.Store, now func() time.Time, measure func(action string)) *Strangers {
	if measure == nil {
		measure = func(string) {}
	}
	return &Strangers{
		store: s, now: now, measure: measure, recorded: NewSeldom[tried](strangersEvery), tries: map[tried]*tries{},
	}
}

// RecordTry notes a refused try, with the principal of ctx as actor. It records the try at once when none of its kind
// was recorded within the last minute. Otherwise Run records it together with the next ones.
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

// Run calls Flush at each interval until ctx ends, and then records the rest. It passes an error to report, and retries
// what could not be recorded.
func (s *Strangers) Run(ctx context.Context, every time.Duration, report func(error)) {
	backlog.SaveEvery(ctx, every, s.Flush, func(ctx context.Context) error {
		return s.save(ctx, func(tried) bool { return true })
	}, report)
}

// save records the kinds of tries that ripe selects, in one transaction. If that fails, they stay to be recorded.
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

// take removes the kinds of tries that ripe selects, and returns them.
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
