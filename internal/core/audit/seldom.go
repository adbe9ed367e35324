package audit

import (
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/chaveiro/chaveiro/internal/base/recent"
)

// maxSeldom caps how many things a Seldom remembers. A forgotten thing may be recorded once more.
const maxSeldom = 20_000

// Seldom admits each thing to the audit trail once per interval, so that repeating it does not fill the trail. Each
// instance counts for itself. It is safe for concurrent use.
type Seldom[K comparable] struct {
	every time.Duration
	last  *lru.Cache[K, time.Time]
}

// NewSeldom returns a Seldom that admits each thing once per every.
func NewSeldom[K comparable](every time.Duration) *Seldom[K] {
	return &Seldom[K]{every: every, last: recent.New[K, time.Time](maxSeldom)}
}

// Admit reports whether what was not admitted within the interval before now, and then admits it.
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

// Forget makes the next Admit of what return true, as what could not be recorded.
func (s *Seldom[K]) Forget(what K) { s.last.Remove(what) }
