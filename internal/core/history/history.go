// Package history tells how connections worked: what was stored of their health becomes bars of days, and facts as a
// desk tells them (how much of the time it worked, how often it broke, how long it took to mend). The intervals are
// written by the moves of package connection.
package history

import (
	"context"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/healthinterval"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/instant"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
)

const (
	// longest is how long a window may be: as long as intervals are kept.
	longest = 401 * 24 * time.Hour
	// usual is how long a window is whose beginning nobody names.
	usual = 30 * 24 * time.Hour
	// maxIntervals caps the intervals that are shown of a history; days and facts count all.
	maxIntervals = 1000
)

// NewWindow returns the window from one instant to another, with days of a zone of the IANA database. A nil beginning
// is 30 days before now, and an end that is nil or in the future is now. It returns a fault.BadRequest when the zone is
// unknown, or the window is empty or too long.
func NewWindow(from, to *time.Time, zone string, now time.Time) (Window, error) {
	location, err := instant.Zone(zone)
	if err != nil {
		return Window{}, err
	}
	w := Window{From: now.UTC().Add(-usual), To: now.UTC(), Zone: location}
	if from != nil {
		w.From = from.UTC()
	}
	if to != nil && to.Before(now) {
		w.To = to.UTC()
	}
	if length := w.To.Sub(w.From); length <= 0 || length > longest {
		return Window{}, fault.BadRequest{Detail: fault.WindowOutOfRange}
	}
	return w, nil
}

// History is how one connection, or several together, worked within a window.
type History struct {
	Window
	Days  []Day
	Facts Facts
	// Intervals are the newest of a single connection, newest first; none of several.
	Intervals []Interval
}

// Of returns the history of one course, with its intervals, or of several together.
func Of(w Window, courses ...Course) *History {
	h := &History{Window: w, Days: Days(courses, w)}
	for _, c := range courses {
		h.Facts = Sum(h.Facts, c.Facts())
	}
	if len(courses) != 1 {
		return h
	}
	all := courses[0].Intervals
	for n := len(all) - 1; n >= 0 && len(h.Intervals) < maxIntervals; n-- {
		h.Intervals = append(h.Intervals, all[n])
	}
	return h
}

// Stored returns the intervals of connections that a window has a part of, by their ids. It is one statement.
func Stored(ctx context.Context, s *store.Store, ids []string, w Window) (map[string][]Interval, error) {
	rows, err := s.Reader().HealthInterval.Query().
		Where(
			healthinterval.MarketplaceIn(ident.NumbersOf(ids...)...),
			healthinterval.UntilGT(w.From.Unix()), healthinterval.SinceLTE(w.To.Unix()),
		).
		Order(ent.Asc(healthinterval.FieldMarketplace, healthinterval.FieldUntil)).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the history of health: %w", err)
	}
	found := make(map[string][]Interval, len(ids))
	for _, i := range named(ids, rows) {
		found[i.MarketplaceID] = append(found[i.MarketplaceID], i.Interval)
	}
	return found, nil
}

// Named is an interval with the id of its connection.
type Named struct {
	MarketplaceID string
	Interval
}

// Newest returns the newest stored intervals of connections, newest first.
func Newest(ctx context.Context, s *store.Store, ids []string, limit int) ([]Named, error) {
	rows, err := s.Reader().HealthInterval.Query().
		Where(healthinterval.MarketplaceIn(ident.NumbersOf(ids...)...)).
		Order(ent.Desc(healthinterval.FieldUntil, healthinterval.FieldID)).Limit(limit).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the newest history of health: %w", err)
	}
	return named(ids, rows), nil
}

// named returns rows as intervals of the connections of ids.
func named(ids []string, rows []*ent.HealthInterval) []Named {
	by := make(map[int64]string, len(ids))
	for _, id := range ids {
		by[ident.NumberOf(id)] = id
	}
	intervals := make([]Named, len(rows))
	for n, row := range rows {
		intervals[n] = Named{by[row.Marketplace], Interval{
			Health: provider.Health{Reason: provider.ReasonOf(row.Reason)},
			Since:  time.Unix(row.Since, 0).UTC(), Until: time.Unix(row.Until, 0).UTC(),
		}}
	}
	return intervals
}
