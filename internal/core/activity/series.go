package activity

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/hourlycount"
	"github.com/chaveiro/chaveiro/internal/base/instant"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// Range is a time by hours, or by days of a zone.
type Range struct {
	From, To time.Time
	Zone     *time.Location
	ByDay    bool
}

// Back is for how long back a range goes, a value of the GraphQL enum ActivityWindow.
type Back string

// The values; the GraphQL schema says what each means.
const (
	Day   Back = "DAY"
	Week  Back = "WEEK"
	Month Back = "MONTH"
)

// RangeOf returns the range that goes back from now: the last 24 hours, or the last 7 or 30 days of a zone. The hour or
// day that goes on is among them. It returns a fault.BadRequest when the zone is unknown.
func RangeOf(back Back, zone string, now time.Time) (Range, error) {
	location, err := instant.Zone(zone)
	if err != nil {
		return Range{}, err
	}
	days := map[Back]int{Week: 7, Month: 30}[back]
	if days == 0 {
		return Range{From: now.Add(-23 * time.Hour), To: now, Zone: location}, nil
	}
	return Range{From: now.In(location).AddDate(0, 0, 1-days), To: now, Zone: location, ByDay: true}, nil
}

// begin returns when the hour or day of an instant begins.
func (r Range) begin(at time.Time) time.Time {
	if !r.ByDay {
		return at.UTC().Truncate(time.Hour)
	}
	at = at.In(r.Zone)
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, r.Zone)
}

// next returns when the hour or day after one begins.
func (r Range) next(begins time.Time) time.Time {
	if !r.ByDay {
		return begins.Add(time.Hour)
	}
	return time.Date(begins.Year(), begins.Month(), begins.Day()+1, 0, 0, 0, 0, r.Zone)
}

// Point is what was counted in an hour or a day.
type Point struct {
	// Begins is when it begins.
	Begins time.Time
	counts map[key]counted
}

// counted are the counts of the hours of a point: their sum, how many hours have one, and the largest.
type counted struct{ sum, hours, most int64 }

// Sum returns the sum of the counts of a provider, or of all when code is empty.
func (p *Point) Sum(kind Kind, code provider.Code) (n int64) {
	for k, c := range p.counts {
		if k.kind == kind && (code == "" || k.provider == code) {
			n += c.sum
		}
	}
	return n
}

// Mean returns the sum of the means of all providers, each of the hours that have a sample; false where none has.
func (p *Point) Mean(kind Kind) (n int64, known bool) {
	for k, c := range p.counts {
		if k.kind == kind {
			n, known = n+(c.sum+c.hours/2)/c.hours, true
		}
	}
	return n, known
}

// Most returns the largest count of a provider.
func (p *Point) Most(kind Kind, code provider.Code) int64 { return p.counts[key{kind, code}].most }

// Providers returns the providers that something was counted of.
func (p *Point) Providers() []provider.Code {
	found := map[provider.Code]bool{}
	for k := range p.counts {
		if k.provider != "" {
			found[k.provider] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Series returns the counts of a range, in order. Hours and days without counts are among them.
func Series(ctx context.Context, db *ent.Client, r Range) ([]*Point, error) {
	rows, err := db.HourlyCount.Query().
		Where(hourlycount.IDGTE(FirstAt(r.begin(r.From))), hourlycount.IDLT(FirstAt(r.To.Add(time.Hour)))).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the counts by the hour: %w", err)
	}
	var points []*Point
	at := map[time.Time]*Point{}
	for begins := r.begin(r.From); begins.Before(r.To); begins = r.next(begins) {
		p := &Point{Begins: begins, counts: map[key]counted{}}
		points, at[begins] = append(points, p), p
	}
	for _, row := range rows {
		c, ok := parse(row.ID, row.N)
		p := at[r.begin(c.hour)]
		if !ok || p == nil {
			continue
		}
		so := p.counts[c.key]
		p.counts[c.key] = counted{so.sum + c.n, so.hours + 1, max(so.most, c.n)}
	}
	return points, nil
}
