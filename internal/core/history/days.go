package history

import (
	"slices"
	"time"

	"github.com/chaveiro/chaveiro/internal/provider"
)

// Day is one day of one connection, or of several together.
type Day struct {
	// Begins is when the day begins, in the zone of its window.
	Begins time.Time
	// Worst is the worst state of the day; empty when nothing is known of it.
	Worst provider.State
	// Down is for how long it was down; of several connections, for how long at least one of them was.
	Down time.Duration
	// InIncident is the part of Down that incidents of the provider explain.
	InIncident time.Duration
}

// order has the states from the best to the worst.
var order = []provider.State{
	provider.Connected, provider.NotTestable, provider.Waiting, provider.Expiring, provider.Failing, provider.Suspended,
	provider.NeedsAttention,
}

func worse(a, b provider.State) provider.State {
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}

// Days returns the days of a window, the first and the last of which it may have a part only.
func Days(courses []Course, w Window) []Day {
	var days []Day
	from := w.From.In(w.Zone)
	for n := 0; ; n++ {
		begins := time.Date(from.Year(), from.Month(), from.Day()+n, 0, 0, 0, 0, w.Zone)
		if !begins.Before(w.To) {
			break
		}
		days = append(days, Day{Begins: begins})
	}
	var down, incident []span
	for _, c := range courses {
		for _, i := range c.Intervals {
			state := i.Health.State()
			eachDay(days, span{i.Since, i.Until}, func(day *Day, _ time.Duration) { day.Worst = worse(day.Worst, state) })
			if state.IsDown() {
				down = append(down, span{i.Since, i.Until})
			}
		}
		incident = append(incident, c.inIncident()...)
	}
	for _, s := range union(down) {
		eachDay(days, s, func(day *Day, part time.Duration) { day.Down += part })
	}
	for _, s := range union(incident) {
		eachDay(days, s, func(day *Day, part time.Duration) { day.InIncident += part })
	}
	return days
}

// inIncident returns the times that incidents of the provider explain: also those before each in which the connection
// was down already.
func (c Course) inIncident() (spans []span) {
	var down []span // of the outage that goes on, as far as nothing explains it
	for _, i := range c.Intervals {
		switch state := i.Health.State(); {
		case i.Health.Reason == provider.Incident:
			spans = append(append(spans, down...), span{i.Since, i.Until})
			down = nil
		case state.IsDown():
			down = append(down, span{i.Since, i.Until})
		case state != provider.Waiting:
			down = nil
		}
	}
	return spans
}

// span is a time from one instant to another.
type span struct{ since, until time.Time }

// union returns the times in which at least one of the spans is, in order.
func union(spans []span) (joined []span) {
	slices.SortFunc(spans, func(a, b span) int { return a.since.Compare(b.since) })
	for _, s := range spans {
		if n := len(joined); n > 0 && !s.since.After(joined[n-1].until) {
			joined[n-1].until = later(joined[n-1].until, s.until)
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// eachDay calls fn with each day that a span has a part of, and with that part.
func eachDay(days []Day, s span, fn func(day *Day, part time.Duration)) {
	first, exact := slices.BinarySearchFunc(days, s.since, func(d Day, at time.Time) int { return d.Begins.Compare(at) })
	if !exact {
		first = max(first-1, 0)
	}
	for n := first; n < len(days) && days[n].Begins.Before(s.until); n++ {
		part := s.until
		if n+1 < len(days) {
			part = earlier(part, days[n+1].Begins)
		}
		if length := part.Sub(later(s.since, days[n].Begins)); length > 0 {
			fn(&days[n], length)
		}
	}
}
