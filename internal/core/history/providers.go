package history

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/core/activity"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Sample counts the connections of each provider by their state, those that an incident holds up, and for how long the
// one that is broken longest has been so.
func Sample(ctx context.Context, s *store.Store, now time.Time) ([]activity.Sample, error) {
	counts, err := connection.CountStates(ctx, s)
	if err != nil {
		return nil, err
	}
	type of struct {
		kind activity.Kind
		code provider.Code
	}
	found := map[of]int64{}
	seen := map[provider.Code]bool{}
	for _, c := range counts {
		code := provider.Code(c.Provider)
		if !seen[code] {
			seen[code] = true
			for _, state := range provider.States {
				found[of{activity.InState(state), code}] = 0 // what was there before in this hour is no more
			}
			found[of{activity.InIncident, code}] = 0
			if found[of{activity.LongestDown, code}], err = longestDown(ctx, s, code, now); err != nil {
				return nil, err
			}
		}
		found[of{activity.InState(provider.State(c.State)), code}] += int64(c.Count)
		if c.Reason == string(provider.Incident) {
			found[of{activity.InIncident, code}] += int64(c.Count)
		}
	}
	samples := make([]activity.Sample, 0, len(found))
	for what, n := range found {
		samples = append(samples, activity.Sample{Kind: what.kind, Provider: what.code, N: n})
	}
	return samples, nil
}

// longestDown returns for how many minutes the connection of a provider that is broken longest has been so.
func longestDown(ctx context.Context, s *store.Store, code provider.Code, now time.Time) (int64, error) {
	first, err := s.Reader().Marketplace.Query().
		Where(
			connection.OfActiveClient(), marketplace.Provider(string(code)),
			marketplace.HealthStateIn(namesOf(provider.InTrouble)...),
		).
		Order(marketplace.ByHealthSince()).Select(marketplace.FieldHealthSince).First(ctx)
	if ent.IsNotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look for the connection that is broken longest: %w", err)
	}
	return max(int64(now.Sub(first.HealthSince).Minutes()), 0), nil
}

func namesOf(states []provider.State) []string {
	names := make([]string, len(states))
	for i, state := range states {
		names[i] = string(state)
	}
	return names
}

// longestOfProviders is how long a window of providers may be.
const longestOfProviders = 93 * 24 * time.Hour

// OfProvider is how the connections of a provider worked within a window, by the samples of its hours. An outage counts
// as mended in the mean time that the connections which broke were down.
type OfProvider struct {
	Window
	Provider provider.Code
	Days     []ProviderDay
	Facts    Facts
}

// ProviderDay is one day of a provider.
type ProviderDay struct {
	// Begins is when the day begins, in the zone of its window.
	Begins time.Time
	// Facts are those of the day: Broke and the times.
	Facts Facts
}

// Providers returns the histories of all providers that connections were counted of, in the order of their codes. It
// returns a fault.BadRequest when the window is too long.
func Providers(ctx context.Context, s *store.Store, w Window) ([]*OfProvider, error) {
	if w.To.Sub(w.From) > longestOfProviders {
		return nil, fault.BadRequest{Detail: fault.WindowOutOfRange}
	}
	points, err := activity.Series(ctx, s.Reader(), activity.Range{From: w.From, To: w.To, Zone: w.Zone, ByDay: true})
	if err != nil {
		return nil, err
	}
	found := map[provider.Code]*OfProvider{}
	for _, p := range points {
		for _, code := range p.Providers() {
			if found[code] == nil {
				found[code] = &OfProvider{Window: w, Provider: code}
			}
		}
	}
	for code, of := range found {
		for _, p := range points {
			day := ProviderDay{Begins: p.Begins, Facts: factsOf(p, code)}
			// What was down for longer than the window was so since before.
			day.Facts.Longest = min(day.Facts.Longest, w.To.Sub(w.From))
			of.Days, of.Facts = append(of.Days, day), Sum(of.Facts, day.Facts)
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b *OfProvider) int {
		return slices.Compare([]provider.Code{a.Provider}, []provider.Code{b.Provider})
	}), nil
}

// factsOf returns what the samples and counts of a day say of a provider.
func factsOf(p *activity.Point, code provider.Code) Facts {
	hours := func(kind activity.Kind) time.Duration { return time.Duration(p.Sum(kind, code)) * time.Hour }
	f := Facts{
		InIncident: hours(activity.InIncident), Broke: int(p.Sum(activity.Broke, code)),
		BrokeInIncident: int(p.Sum(activity.BrokeInIncident, code)),
		Longest:         time.Duration(p.Most(activity.LongestDown, code)) * time.Minute,
	}
	for _, state := range provider.States {
		switch {
		case state.IsDown():
			f.Down += hours(activity.InState(state))
			fallthrough
		case state == provider.Connected || state == provider.Expiring:
			f.Counted += hours(activity.InState(state))
		}
	}
	f.Mended, f.ToMend = f.Broke, f.Down
	return f
}
