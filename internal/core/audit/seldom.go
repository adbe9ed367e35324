package audit

import (
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// maxSeldom is how many things a Seldom remembers. What it forgets may be recorded once more.
const maxSeldom = 20_000

// Seldom lets each thing into the audit trail once within a time, so that nobody fills the trail by repeating one. Each
// instance remembers for itself. It is safe for concurrent use.
type Seldom[K comparable] struct {
	every time.Duration
	last  *lru.Cache[K, time.Time]
}

// NewSeldom returns a Seldom that lets each thing in once within every.
func NewSeldom[K comparable](every time.Duration) *Seldom[K] {
	last, err := lru.New[K, time.Time](maxSeldom)
	if err != nil {
		panic(err) // only of a size that is not positive
	}
	return &Seldom[K]{every: every, last: last}
}

// Admit reports whether what was not let in within the time before now, and lets it in if so.
func (s *Seldom[K]) Admit(what K, now time.Time) bool {
	last, found, _ := s.last.PeekOrAdd(what, now)
	if !found {
		return true
	}
	if now.Sub(last) < s.every {
		return false
	}
	s.last.Add(what, now)
	return true
}

// Forget lets what in at its next time: it could not be recorded.
func (s *Seldom[K]) Forget(what K) { s.last.Remove(what) }
