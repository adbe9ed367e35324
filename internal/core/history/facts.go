package history

import (
	"time"

	"github.com/chaveiro/chaveiro/internal/provider"
)

// Facts say how one connection, or several together, worked within a window. Times of several connections are added.
//
// An outage begins when a connection stops working, and ends when it works again, or when nobody can tell any more.
// While it waits for a merchant or for its first check it is neither up nor down: that counts nowhere, and ends no
// outage.
type Facts struct {
	// Counted is for how long it was up or down.
	Counted time.Duration
	// Down is for how long it was down, and InIncident the part of that which an incident of the provider explains.
	Down, InIncident time.Duration
	// Broke is how many outages began, and BrokeInIncident how many of them were part of an incident.
	Broke, BrokeInIncident int
	// Mended is how many outages ended, and ToMend for how long those were down.
	Mended int
	ToMend time.Duration
	// Longest is for how long the longest outage was down.
	Longest time.Duration
}

// Availability returns the part of the counted time in which it was up, from 0 to 1; false when no time is counted.
func (f Facts) Availability() (float64, bool) {
	if f.Counted == 0 {
		return 0, false
	}
	return 1 - float64(f.Down)/float64(f.Counted), true
}

// MeanToMend returns how long an outage lasted that ended; false when none did.
func (f Facts) MeanToMend() (time.Duration, bool) {
	if f.Mended == 0 {
		return 0, false
	}
	return f.ToMend / time.Duration(f.Mended), true
}

// Sum returns the facts of several connections together.
func Sum(all ...Facts) (sum Facts) {
	for _, f := range all {
		sum.Counted += f.Counted
		sum.Down += f.Down
		sum.InIncident += f.InIncident
		sum.Broke += f.Broke
		sum.BrokeInIncident += f.BrokeInIncident
		sum.Mended += f.Mended
		sum.ToMend += f.ToMend
		sum.Longest = max(sum.Longest, f.Longest)
	}
	return sum
}

// outage is one that goes on.
type outage struct {
	down time.Duration
	// own is the part of down that no incident explains.
	own      time.Duration
	incident bool
	// inherited is whether it began before the window.
	inherited bool
}

// Facts returns what the course says.
func (c Course) Facts() (facts Facts) {
	var now *outage
	end := func(mended bool) {
		if now == nil {
			return
		}
		facts.Longest = max(facts.Longest, now.down)
		facts.InIncident += now.down - now.own
		if !now.inherited {
			facts.Broke++
			if now.incident {
				facts.BrokeInIncident++
			}
		}
		if mended {
			facts.Mended++
			facts.ToMend += now.down
		}
		now = nil
	}
	for i, interval := range c.Intervals {
		length := interval.Until.Sub(interval.Since)
		switch state := interval.Health.State(); {
		case state.IsDown():
			if now == nil {
				now = &outage{inherited: i == 0 && c.inherited}
			}
			now.add(interval, length)
			facts.Counted += length
			facts.Down += length
		case state == provider.Connected || state == provider.Expiring:
			facts.Counted += length
			end(true)
		case state == provider.NotTestable:
			end(true)
		}
	}
	end(false)
	return facts
}

// add adds an interval to an outage. The first minutes of an incident are those of single connections, until the portal
// sees that it is the provider: the incident explains them too.
func (o *outage) add(i Interval, length time.Duration) {
	o.down += length
	o.own += length
	if i.Health.Reason == provider.Incident {
		o.own, o.incident = 0, true
	}
}
