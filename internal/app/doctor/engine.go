package doctor

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/marketplace"
	"github.com/chaveiro/chaveiro/ent/providerincident"
	"github.com/chaveiro/chaveiro/ent/providersetting"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/spool"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/keeper"
	"github.com/chaveiro/chaveiro/internal/core/providersettings"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
)

// answersInSpool checks whether answers of providers wait in files.
func answersInSpool(dataDir string) Finding {
	n, err := spool.Files(dataDir)
	switch {
	case err != nil:
		return fail("spool", "%v", err)
	case n > 0:
		return warn("spool", "%d answers of providers wait in %s/spool: start the portal, which saves them, before the "+
			"keyset is rotated; where it runs, its log says why it cannot", n, dataDir)
	}
	return ok("spool", "no answer of a provider waits to be saved")
}

// connectionsOf checks the work on connections: what is late, unreadable answers, the house's log-in, incidents, and
// whether each provider's settings allow enough renewals.
func connectionsOf(
	ctx context.Context, s *store.Store, providers provider.Registry, fixed map[provider.Code]provider.Values,
) []Finding {
	ctx = principal.AsSystem(ctx, "doctor")
	now := time.Now()
	findings := []Finding{backlog(ctx, s, now), unread(ctx, s, now), houses(ctx, s), incidents(ctx, s)}
	for _, code := range slices.Sorted(maps.Keys(providers)) {
		findings = append(findings, addresses(ctx, s, providers[code], fixed[code])...)
		if refresher, ok := providers[code].(provider.Refresher); ok {
			findings = append(findings, renewals(ctx, s, providers[code], refresher, fixed[code], now))
		}
	}
	return findings
}

// addresses finds addresses that an earlier version let the page set and that are no longer used.
func addresses(ctx context.Context, s *store.Store, p provider.Provider, fixed provider.Values) []Finding {
	row, err := s.Reader().ProviderSetting.Query().Where(providersetting.Provider(string(p.Code()))).Only(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return []Finding{fail("addresses", "%v", err)}
	}
	var findings []Finding
	for _, setting := range providersettings.UnusedAddresses(p.Settings(), row, fixed) {
		findings = append(findings,
			warn("addresses", "%s: the address that was set on the page is not used: set it in %s, if it is right",
				p.Code(), setting.Env))
	}
	return findings
}

// backlog finds checks and renewals that nobody makes although their time has come.
func backlog(ctx context.Context, s *store.Store, now time.Time) Finding {
	late := s.Reader().Marketplace.Query().Where(marketplace.NextCheckAtLTE(now.Add(-connection.LateAfter)))
	longest, err := late.Clone().Order(marketplace.ByNextCheckAt()).Limit(1).Select(marketplace.FieldNextCheckAt).All(ctx)
	if err != nil {
		return fail("backlog", "%v", err)
	}
	if len(longest) == 0 {
		return ok("backlog", "no check and no renewal waits for long")
	}
	n, err := late.Count(ctx)
	if err != nil {
		return fail("backlog", "%v", err)
	}
	return warn("backlog", "%d connections wait to be checked or renewed, the longest for %s: start the portal; where it "+
		"runs, look at its log, and raise --calls-at-once", n, now.Sub(*longest[0].NextCheckAt).Round(time.Minute))
}

func unread(ctx context.Context, s *store.Store, now time.Time) Finding {
	n, err := s.Reader().Marketplace.Query().Where(marketplace.UnreadUntilGT(now)).Count(ctx)
	switch {
	case err != nil:
		return fail("answers", "%v", err)
	case n > 0:
		return warn("answers", "%d connections have an answer that the portal could not read, kept for 24 hours: look at "+
			"it with chaveiro answers", n)
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
		return warn("house log-in",
			"the provider refused it: %v; correct it in the provider's settings, and save them", refused)
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

// renewals checks whether a provider's settings allow the renewals that its pairs need.
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
	load.Needed, load.Ceiling = keeper.RenewalsNeeded(load, plan), plan.PerMinute
	if load.IsOverloaded() {
		return warn("renewals",
			"%s: %d pairs, %d past their time, need %d renewals a minute, and its setting allows %d: raise it",
			p.Code(), load.Pairs, load.Due, load.Needed, load.Ceiling)
	}
	if load.Oldest > connection.LateAfter {
		return warn("renewals", "%s: %d of %d pairs are past their time, the longest for %s, although the setting allows "+
			"enough: look at their health, the provider and the log", p.Code(), load.Due, load.Pairs,
			load.Oldest.Round(time.Minute))
	}
	return ok("renewals", "%s: %d pairs, %d past their time, need %d renewals a minute of %d", p.Code(), load.Pairs,
		load.Due, load.Needed, load.Ceiling)
}

// plain returns the effective settings of a provider without its secrets.
func plain(ctx context.Context, s *store.Store, p provider.Provider, fixed provider.Values) (provider.Values, error) {
	row, err := s.Reader().ProviderSetting.Query().Where(providersetting.Provider(string(p.Code()))).Only(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return nil, err
	}
	return providersettings.Plain(p.Settings(), row, fixed), nil
}
