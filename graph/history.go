package graph

import (
	"context"
	"sync"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/graph/internal/model"
	"github.com/chaveiro/chaveiro/internal/core/activity"
	"github.com/chaveiro/chaveiro/internal/core/history"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
)

// intervalLoaders are the loaders of the stored intervals of connections, one for each window that is asked for. Each
// expects all connections that the response has read.
type intervalLoaders struct {
	store *store.Store

	mu       sync.Mutex
	seen     []string
	byWindow map[[2]time.Time]*loader[[]history.Interval]
}

// expect queues the intervals of a connection, in each window.
func (l *intervalLoaders) expect(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = append(l.seen, id)
	for _, in := range l.byWindow {
		in.expect(id)
	}
}

// in returns the loader of a window that was asked for with these ends, of which nil ones are by now.
func (l *intervalLoaders) in(w history.Window, from, to *time.Time) *loader[[]history.Interval] {
	l.mu.Lock()
	defer l.mu.Unlock()
	var asked [2]time.Time
	for i, end := range []*time.Time{from, to} {
		if end != nil {
			asked[i] = end.UTC()
		}
	}
	if known := l.byWindow[asked]; known != nil {
		return known
	}
	made := lists(func(ctx context.Context, ids []string) (map[string][]history.Interval, error) {
		return history.Stored(ctx, l.store, ids, w)
	})
	made.expect(l.seen...)
	if l.byWindow == nil {
		l.byWindow = map[[2]time.Time]*loader[[]history.Interval]{}
	}
	l.byWindow[asked] = made
	return made
}

// historyOf returns the history of connections together.
func (r *Resolver) historyOf(
	ctx context.Context, from, to *time.Time, zone string, rows ...*ent.Marketplace,
) (*model.MarketplaceHistory, error) {
	now := r.Now()
	w, err := history.NewWindow(from, to, zone, now)
	if err != nil {
		return nil, err
	}
	stored := load(ctx).intervals.in(w, from, to)
	courses := make([]history.Course, len(rows))
	for i, m := range rows {
		intervals, err := stored.Load(ctx, m.ID)
		if err != nil {
			return nil, err
		}
		courses[i] = history.CourseOf(m, intervals, w, now)
	}
	return toldHistory(history.Of(w, courses...)), nil
}

// connectionsOf returns the connections of a client.
func connectionsOf(ctx context.Context, client *ent.ClientRecord) (found []*ent.Marketplace, err error) {
	owned, err := load(ctx).productsOfClient.Load(ctx, client.ID)
	if err != nil {
		return nil, err
	}
	for _, p := range owned {
		some, err := load(ctx).marketplacesOfClientProduct.Load(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	return found, nil
}

func toldHistory(h *history.History) *model.MarketplaceHistory {
	told := &model.MarketplaceHistory{
		From: h.From, To: h.To, Facts: toldFacts(h.Facts), Days: make([]*model.MarketplaceHealthDay, len(h.Days)),
		Intervals: make([]*model.MarketplaceHealthInterval, len(h.Intervals)),
	}
	for i, d := range h.Days {
		told.Days[i] = &model.MarketplaceHealthDay{
			Begins: d.Begins, DownMinutes: minutes(d.Down), IncidentMinutes: minutes(d.InIncident),
		}
		if d.Worst != "" {
			told.Days[i].Worst = &d.Worst
		}
	}
	for i, is := range h.Intervals {
		told.Intervals[i] = &model.MarketplaceHealthInterval{
			State: is.Health.State(), Reason: is.Health.Reason, Since: is.Since, Until: is.Until,
		}
	}
	return told
}

func toldFacts(f history.Facts) model.MarketplaceHealthFacts {
	told := model.MarketplaceHealthFacts{
		CountedMinutes: minutes(f.Counted), DownMinutes: minutes(f.Down), IncidentMinutes: minutes(f.InIncident),
		Broke: f.Broke, BrokeInIncident: f.BrokeInIncident, Mended: f.Mended, LongestMinutes: minutes(f.Longest),
		Availability: availability(f),
	}
	if mean, known := f.MeanToMend(); known {
		told.MeanMinutesToMend = new(minutes(mean))
	}
	return told
}

// availability returns the availability of facts, nil where it is unknown.
func availability(f history.Facts) *float64 {
	share, known := f.Availability()
	if !known {
		return nil
	}
	return &share
}

func minutes(d time.Duration) int { return int(d.Round(time.Minute) / time.Minute) }

func toldProvider(of *history.OfProvider) *model.ProviderHistory {
	told := &model.ProviderHistory{
		Provider: of.Provider, Facts: toldFacts(of.Facts), Days: make([]*model.ProviderHealthDay, len(of.Days)),
	}
	for i, d := range of.Days {
		told.Days[i] = &model.ProviderHealthDay{
			Begins: d.Begins, Availability: availability(d.Facts), Broke: d.Facts.Broke,
			BrokeInIncident: d.Facts.BrokeInIncident,
		}
	}
	return told
}

func toldPoint(p *activity.Point) *model.ActivityPoint {
	sum := func(kind activity.Kind) int { return int(p.Sum(kind, "")) }
	told := &model.ActivityPoint{
		Begins: p.Begins, Reads: sum(activity.Reads), RefusedCalls: sum(activity.KeysRefused),
		RefusedConnections: sum(activity.Refused), Renewals: sum(activity.Renewed),
		FailedRenewals: sum(activity.NotRenewed), Connections: []*model.ConnectionCount{},
	}
	for _, state := range provider.States {
		if n, known := p.Mean(activity.InState(state)); known {
			told.Connections = append(told.Connections, &model.ConnectionCount{State: state, Count: int(n)})
		}
	}
	return told
}

// toldEach returns what tell makes of each member of a list.
func toldEach[T, M any](all []T, tell func(T) M) []M {
	told := make([]M, len(all))
	for i, one := range all {
		told[i] = tell(one)
	}
	return told
}
