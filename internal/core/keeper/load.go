package keeper

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
)

const (
	// measureEvery is how often the renewals are counted.
	measureEvery = 10 * time.Second
	measureTime  = 20 * time.Second
	// leastAllowance is how many renewals a minute are always allowed, if the setting lets them.
	leastAllowance = 5
	// catchUp is the time in which a backlog is to be worked off.
	catchUp = 20 * time.Minute
)

// Load is how much there is to renew at one provider, as last counted.
type Load struct {
	// Pairs is how many connections have credentials that the portal renews.
	Pairs int
	// Due is how many renewals are overdue, and Oldest for how long the oldest of them is.
	Due    int
	Oldest time.Duration
	// Allowance is how many renewals a minute this process may make. Needed is how many all processes need together, and
	// Ceiling how many the settings let them make; both are 0 for a provider that renews nothing.
	Allowance, Needed, Ceiling int
	// Incident is whether the provider is in trouble.
	Incident bool
	// CheckEvery is how often a working connection is checked. It is longer than the setting when the calls at a time are
	// too few for that.
	CheckEvery time.Duration
}

// IsOverloaded reports whether the renewals need more a minute than the setting allows.
func (l Load) IsOverloaded() bool { return l.Needed > l.Ceiling }

// renewalsNeeded returns how many renewals a minute pairs with a life need, with the overdue ones worked off within
// catchUp, and a half more in reserve.
func renewalsNeeded(pairs, overdue int, life time.Duration) int {
	if pairs == 0 || life <= 0 {
		return 0
	}
	steady := float64(pairs) / life.Minutes()
	return int(math.Ceil(1.5 * (steady + float64(overdue)/catchUp.Minutes())))
}

// keepUp returns how many renewals a minute are needed. While there is a backlog, that is not less than before:
// otherwise it would fall with the backlog, and the last of it would take for ever.
func keepUp(before, pairs, overdue int, life time.Duration) int {
	need := renewalsNeeded(pairs, overdue, life)
	if overdue > max(leastAllowance, renewalsNeeded(pairs, 0, life)) {
		return max(need, before)
	}
	return need
}

// allowance returns how many renewals a minute one of several processes may make.
func allowance(needed, ceiling, processes int) int {
	all := min(max(needed, leastAllowance), ceiling)
	return max(1, int(math.Ceil(float64(all)/float64(max(1, processes)))))
}

// measure counts the renewals at every provider.
func (k *Keeper) measure(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(principal.AsSystem(ctx, "counting renewals"), measureTime)
	defer cancel()
	for code, l := range k.lanes {
		l.mu.Lock()
		before := l.load
		l.mu.Unlock()
		load, err := k.count(ctx, code, before)
		if err != nil {
			return err
		}
		l.mu.Lock()
		l.load = load
		l.mu.Unlock()
		k.tellOverload(ctx, l, before, load)
	}
	return nil
}

func (k *Keeper) count(ctx context.Context, code provider.Code, before Load) (Load, error) {
	load := Load{Allowance: leastAllowance, CheckEvery: k.checkEvery}
	connections, err := k.store.Reader().Marketplace.Query().Where(marketplace.Provider(string(code))).Count(ctx)
	if err != nil {
		return Load{}, fmt.Errorf("count the connections of %s: %w", code, err)
	}
	load.CheckEvery = stretchInterval(k.checkEvery, connections, k.atOnce)
	refresher, ok := k.providers[code].(provider.Refresher)
	if !ok {
		return load, nil
	}
	settings, err := k.settings.InForce(ctx, code)
	if err != nil {
		return Load{}, err
	}
	plan := refresher.Renewal(settings, provider.Record{})
	if plan == nil {
		return load, nil
	}
	renewals, err := CountRenewals(ctx, k.store, code, k.now())
	if err != nil {
		return Load{}, err
	}
	load.Pairs, load.Due, load.Oldest = renewals.Pairs, renewals.Due, renewals.Oldest
	load.Needed = keepUp(before.Needed, load.Pairs, load.Due, plan.Life)
	load.Ceiling = plan.PerMinute
	load.Allowance = allowance(load.Needed, load.Ceiling, k.beats.processes())
	return load, nil
}

// CountRenewals counts the renewals at a provider: the Pairs, Due and Oldest of a Load.
func CountRenewals(ctx context.Context, s *store.Store, code provider.Code, now time.Time) (load Load, err error) {
	pairs := s.Reader().Marketplace.Query().Where(marketplace.Provider(string(code)), marketplace.RenewAtNotNil())
	if load.Pairs, err = pairs.Clone().Count(ctx); err != nil {
		return Load{}, fmt.Errorf("count the pairs of %s: %w", code, err)
	}
	due := pairs.Where(marketplace.RenewAtLTE(now))
	if load.Due, err = due.Clone().Count(ctx); err != nil {
		return Load{}, fmt.Errorf("count the renewals of %s: %w", code, err)
	}
	oldest, err := due.Order(marketplace.ByRenewAt()).Limit(1).Select(marketplace.FieldRenewAt).All(ctx)
	if err != nil {
		return Load{}, fmt.Errorf("find the oldest renewal of %s: %w", code, err)
	}
	if len(oldest) > 0 {
		load.Oldest = now.Sub(*oldest[0].RenewAt)
	}
	return load, nil
}

// RenewalsNeeded returns how many renewals a minute a load needs by a plan, with its backlog worked off, and a half
// more in reserve.
func RenewalsNeeded(load Load, plan *provider.Renewal) int {
	return renewalsNeeded(load.Pairs, load.Due, plan.Life)
}

// usualCheck is how long one check is assumed to take: the time that a provider needs to answer.
const usualCheck = 500 * time.Millisecond

// stretchInterval returns how often all connections can be checked with atOnce calls at a time, half of which are left
// to renewals and slow answers. It returns every or longer.
func stretchInterval(every time.Duration, connections, atOnce int) time.Duration {
	carried := time.Duration(connections) * usualCheck * 2 / time.Duration(max(1, atOnce))
	return max(every, carried.Round(time.Minute))
}

// tellOverload logs when the renewals of a provider begin or cease to exceed its setting, and when its checks get
// another interval.
func (k *Keeper) tellOverload(ctx context.Context, l *lane, before, now Load) {
	code := l.provider.Code()
	if now.CheckEvery != before.CheckEvery && (before.CheckEvery != 0 || now.CheckEvery != k.checkEvery) {
		k.log.WarnContext(ctx, "the interval of checks changes with the number of connections",
			"provider", code, "every", now.CheckEvery.String(), "set", k.checkEvery.String())
	}
	if was, is := before.IsOverloaded(), now.IsOverloaded(); is && !was {
		k.log.WarnContext(ctx, "the renewals need more a minute than is allowed: raise the provider's setting",
			"provider", code, "pairs", now.Pairs, "due", now.Due, "needed", now.Needed, "allowed", now.Ceiling)
	} else if was && !is {
		k.log.InfoContext(ctx, "the renewals fit into what is allowed again", "provider", code, "needed", now.Needed,
			"allowed", now.Ceiling)
	}
}

// Loads returns the load of each provider, as last counted.
func (k *Keeper) Loads() map[provider.Code]Load {
	loads := make(map[provider.Code]Load, len(k.lanes))
	for code, l := range k.lanes {
		l.mu.Lock()
		load := l.load
		l.mu.Unlock()
		load.Incident = l.troubles.isOpen()
		loads[code] = load
	}
	return loads
}
