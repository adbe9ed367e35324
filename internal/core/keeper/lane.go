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
	// faultsToPause is how many faults in a row make a process leave a provider alone for a while.
	faultsToPause = 5
	// checksKeep is the part of the calls at once that renewals leave to checks: one in so many.
	checksKeep = 4
	// readersKeep is the part of a minute's renewals that are left to readers who wait: one in so many.
	readersKeep = 4
)

// lane is what one process does for one provider: a slow provider holds up its own lane only.
type lane struct {
	provider provider.Provider
	http     *outbound.Client // calls it
	slots    chan struct{}    // of what is due
	readers  chan struct{}    // of what somebody waits for
	wake     chan struct{}

	mu       sync.Mutex
	renewed  []time.Time // the renewals of the last minute
	renewing int         // under way for nobody who waits
	faults   int         // in a row
	until    time.Time   // to be left alone until then
	load     Load
	troubles troubles
}

func newLane(p provider.Provider, client *outbound.Client, atOnce int) *lane {
	return &lane{
		provider: p, http: client, slots: make(chan struct{}, atOnce), readers: make(chan struct{}, atOnce),
		wake: make(chan struct{}, 1),
	}
}

// turn takes one renewal out of the allowance of the minute. It returns how long to wait for one when there is none
// left now; 0 when it took one. Who waits for it may take the last; what is due leaves a part to them.
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

// turns returns how many renewals may begin now for what is due.
func (l *lane) turns(now time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forgetOld(now)
	most := cap(l.slots) - cap(l.slots)/checksKeep
	return max(0, min(l.allowed(false)-len(l.renewed), most-l.renewing))
}

func (l *lane) forgetOld(now time.Time) {
	// A moment in the future is one before the clock was put back.
	l.renewed = slices.DeleteFunc(l.renewed,
		func(at time.Time) bool { return now.Sub(at) >= time.Minute || at.After(now) })
}

// allowed is the allowance of a minute.
func (l *lane) allowed(waited bool) int {
	allowance := max(1, l.load.Allowance)
	if waited {
		return allowance
	}
	return allowance - allowance/readersKeep
}

// heard takes note of how a call ended. After some faults in a row the provider is left alone for a while.
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

// longestQuiet is how long a provider that seems to be down is left alone at most. An incident can end no sooner:
// with the visits that close it, it ends within two minutes of the provider's trouble.
const longestQuiet = time.Minute

// room returns how many connections may be taken up now: one alone while the provider seems to be down.
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

// checks returns how many checks may begin now, of the room there is, beside some renewals. During an incident that is
// one, now and then, also while the provider is left alone: it tells when the trouble is over.
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

// enter waits for a place among the calls that somebody waits for; false when there was none in time.
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

// begin and end count the renewals under way that nobody waits for.
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
