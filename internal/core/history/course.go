package history

import (
	"slices"
	"time"

	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// Window is the time that a history is about. Its days begin at midnight in Zone.
type Window struct {
	From, To time.Time
	Zone     *time.Location
}

// Interval is a time in which a connection had one health.
type Interval struct {
	Health       provider.Health
	Since, Until time.Time
}

// Course is what is known of one connection within a window: its intervals in order, none of which overlap.
type Course struct {
	Intervals []Interval
	// inherited is whether the first of the intervals began before the window.
	inherited bool
}

// CourseOf returns the course of a connection as of now, from its stored intervals and its row, which has the one that
// goes on. Of two intervals that overlap, as when credentials turn out to have ended a while ago, the later one counts.
func CourseOf(row *connection.Row, stored []Interval, w Window, now time.Time) Course {
	all := slices.Clone(stored)
	slices.SortStableFunc(all, func(a, b Interval) int { return a.Until.Compare(b.Until) })
	all = append(all, current(row, now)...)
	var c Course
	end := w.To
	if now.Before(end) {
		end = now
	}
	for _, i := range slices.Backward(all) {
		began := i.Since
		i.Since, i.Until = later(i.Since, w.From), earlier(i.Until, end)
		end = earlier(end, began)
		if !i.Until.After(i.Since) {
			continue
		}
		c.inherited = began.Before(w.From)
		if n := len(c.Intervals); n > 0 && c.Intervals[n-1].Health == i.Health && c.Intervals[n-1].Since.Equal(i.Until) {
			c.Intervals[n-1].Since = i.Since
			continue
		}
		c.Intervals = append(c.Intervals, i)
	}
	slices.Reverse(c.Intervals)
	return c
}

// current returns the interval that goes on: two where a health has changed that nothing has written yet.
func current(row *connection.Row, now time.Time) []Interval {
	stored := provider.Health{Reason: provider.Reason(row.HealthReason)}
	since := connection.ReasonSince(row)
	is, changed := connection.HealthAt(row, now)
	if is == stored {
		return []Interval{{Health: stored, Since: since, Until: now}}
	}
	return []Interval{
		{Health: stored, Since: since, Until: changed}, {Health: is, Since: changed, Until: now},
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
