package keeper

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/provider"
)

const (
	// faultsToPause is how many faults in a row make a process pause its calls to a provider.
	faultsToPause = 5
	// checksKeep is the part of the slots that renewals leave to checks: one in checksKeep.
	checksKeep = 4
	// readersKeep is the part of a minute's renewals that is left to readers who wait: one in readersKeep.
	readersKeep = 4
)

// lane is the work of one process for one provider: a slow provider holds up its own lane only.
type lane struct {
	provider provider.Provider
	http     *outbound.Client // calls it
	slots    chan struct{}    // for visits that are due
	readers  chan struct{}    // for visits that a caller waits for
	wake     chan struct{}

	mu       sync.Mutex
	renewed  []time.Time // the renewals of the last minute
	renewing int         // under way that no caller waits for
	faults   int         // in a row
	until    time.Time   // the end of the pause
	load     Load
	troubles troubles
}

func newLane(p provider.Provider, client *outbound.Client, atOnce int) *lane {
	return &lane{
		provider: p, http: client, slots: make(chan struct{}, atOnce), readers: make(chan struct{}, atOnce),
		wake: make(chan struct{}, 1),
	}
}

// turn takes one renewal out of the allowance of the minute. It returns 0 when it took one, or else how long to wait
// for one. A caller that waits may take the last one; renewals that are due leave a part to such callers.
func (l *lane) turn(now time.Time, waited bool) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forgetOld(now)
	allowed := l.allowed(waited)
	if len(l.renewed) < allowed {
		l.renewed = append(l.renewed, now)
		return 0
	}
	return max(l.renewed[len(l.renewed)-allowed].Add(time.Minute).Sub(now), time.Millisecond)
}

// giveTurnBack gives back a renewal that was not made.
func (l *lane) giveTurnBack() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.renewed); n > 0 {
		l.renewed = l.renewed[:n-1]
	}
}

// turns returns how many of the renewals that are due may begin now.
func (l *lane) turns(now time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forgetOld(now)
	most := cap(l.slots) - cap(l.slots)/checksKeep
	return max(0, min(l.allowed(false)-len(l.renewed), most-l.renewing))
}

func (l *lane) forgetOld(now time.Time) {
	// A time in the future is from before the clock was put back.
	l.renewed = slices.DeleteFunc(l.renewed,
		func(at time.Time) bool { return now.Sub(at) >= time.Minute || at.After(now) })
}

// allowed returns the allowance of a minute for a caller that waits, or for a renewal that is due.
func (l *lane) allowed(waited bool) int {
	allowance := max(1, l.load.Allowance)
	if waited {
		return allowance
	}
	return allowance - allowance/readersKeep
}

// heard stores how a call ended. After faultsToPause faults in a row it begins a pause.
func (l *lane) heard(now time.Time, o provider.Outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if o != provider.Transient {
		l.faults = 0
		return
	}
	l.faults++
	if over := l.faults - faultsToPause; over >= 0 {
		l.until = now.Add(min(30*time.Second<<min(over, 4), longestQuiet))
	}
}

// longestQuiet caps the pause of a provider that seems to be down. An incident ends no sooner than the pause. With the
// visits that close it, it ends within two minutes of the end of the provider's trouble.
const longestQuiet = time.Minute

// room returns how many visits may begin now: at most one while the provider seems to be down.
func (l *lane) room(now time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	free := cap(l.slots) - len(l.slots)
	switch {
	case now.Before(l.until) && l.until.Sub(now) <= longestQuiet: // a later end is from before the clock was put back
		return 0
	case l.faults >= faultsToPause:
		return min(free, 1)
	default:
		return free
	}
}

// checks returns how many checks may begin now, in the room that some renewals leave. During an incident that is one
// probe now and then, even during a pause: it tells when the trouble is over.
func (l *lane) checks(now time.Time, room, renewals int) int {
	if l.troubles.isOpen() {
		return l.troubles.probe(now, min(1, cap(l.slots)-len(l.slots)-renewals))
	}
	return room - renewals
}

func poke(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

// enter waits for a reader's slot. It returns false when there was none in time.
func (l *lane) enter(ctx context.Context, most time.Duration) bool {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case l.readers <- struct{}{}:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

func (l *lane) leave() { <-l.readers }

// begin and end count the renewals under way that no caller waits for.
func (l *lane) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.renewing++
}

func (l *lane) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.renewing--
}
