package doctor

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/providerincident"
	"github.com/chaveiro/chaveiro/ent/providersetting"
	"github.com/chaveiro/chaveiro/internal/auth/principal"
	"github.com/chaveiro/chaveiro/internal/keeper"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/spool"
	"github.com/chaveiro/chaveiro/internal/store"
)

// spooled looks whether answers of providers wait in files.
func spooled(dataDir string) Finding {
	n, err := spool.Files(dataDir)
	switch {
	case err != nil:
		return fail("spool", "%v", err)
	case n > 0:
		return warn("spool", "%d answers of providers wait in %s/spool: start the portal, which saves them, before the keyset is rotated", n, dataDir)
	}
	return ok("spool", "no answer of a provider waits to be saved")
}

// connectionsOf looks at what the portal keeps working: answers that nobody could read, the house's own log-in, incidents,
// and whether the settings of each provider carry its renewals.
func connectionsOf(ctx context.Context, s *store.Store, providers provider.Registry, fixed map[provider.Code]provider.Values) []Finding {
	ctx = principal.AsSystem(ctx, "doctor")
	now := time.Now()
	findings := []Finding{unread(ctx, s, now), houses(ctx, s), incidents(ctx, s)}
	for _, code := range slices.Sorted(maps.Keys(providers)) {
		if refresher, ok := providers[code].(provider.Refresher); ok {
			findings = append(findings, renewals(ctx, s, providers[code], refresher, fixed[code], now))
		}
	}
	return findings
}

func unread(ctx context.Context, s *store.Store, now time.Time) Finding {
	n, err := s.Reader().Marketplace.Query().Where(marketplace.UnreadUntilGT(now)).Count(ctx)
	switch {
	case err != nil:
		return fail("answers", "%v", err)
	case n > 0:
		return warn("answers", "%d connections have an answer that the portal could not read, kept for 24 hours: look at it with chaveiro answers", n)
	}
	return ok("answers", "every answer of a provider could be read")
}

func houses(ctx context.Context, s *store.Store) Finding {
	refused, err := s.Reader().ProviderSetting.Query().Where(providersetting.HouseRefusedAtNotNil()).
		Order(providersetting.ByProvider()).Select(providersetting.FieldProvider).Strings(ctx)
	switch {
	case err != nil:
		return fail("house log-in", "%v", err)
	case len(refused) > 0:
		return warn("house log-in", "the provider refused it: %v; correct it in the provider's settings, and save them", refused)
	}
	return ok("house log-in", "no provider has refused it")
}

func incidents(ctx context.Context, s *store.Store) Finding {
	open, err := s.Reader().ProviderIncident.Query().Where(providerincident.ClosedAtIsNil()).
		Order(providerincident.ByProvider()).Select(providerincident.FieldProvider).Strings(ctx)
	switch {
	case err != nil:
		return fail("incidents", "%v", err)
	case len(open) > 0:
		return warn("incidents", "in trouble, and not its shops: %v; it ends by itself", open)
	}
	return ok("incidents", "no provider is in trouble")
}

// renewals looks whether what a provider's settings allow carries its pairs.
func renewals(
	ctx context.Context, s *store.Store, p provider.Provider, refresher provider.Refresher, fixed provider.Values,
	now time.Time,
) Finding {
	values, err := plain(ctx, s, p, fixed)
	if err != nil {
		return fail("renewals", "%v", err)
	}
	load, err := keeper.CountRenewals(ctx, s, p.Code(), now)
	if err != nil {
		return fail("renewals", "%v", err)
	}
	plan := refresher.Renewal(values, provider.Record{})
	if plan == nil {
		return ok("renewals", "%s renews nothing", p.Code())
	}
	load.Needed, load.Ceiling = keeper.Needed(load, plan), plan.PerMinute
	if load.Overloaded() {
		return warn("renewals", "%s: %d pairs, %d past their time, need %d renewals a minute, and its setting allows %d: raise it",
			p.Code(), load.Pairs, load.Due, load.Needed, load.Ceiling)
	}
	return ok("renewals", "%s: %d pairs, %d past their time, need %d renewals a minute of %d", p.Code(), load.Pairs, load.Due, load.Needed, load.Ceiling)
}

// plain returns the settings in force of a provider but for its secrets.
func plain(ctx context.Context, s *store.Store, p provider.Provider, fixed provider.Values) (provider.Values, error) {
	values := provider.Values{}
	for _, setting := range p.Settings() {
		values[setting.Name] = setting.Default
	}
	rows, err := s.Reader().ProviderSetting.Query().Where(providersetting.Provider(string(p.Code()))).All(ctx)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		maps.Copy(values, row.Values)
	}
	maps.Copy(values, fixed)
	return values, nil
}
