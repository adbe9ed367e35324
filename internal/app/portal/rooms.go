package portal

import (
	"context"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/spool"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/install"
	"github.com/chaveiro/chaveiro/internal/core/keeper"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
	"github.com/chaveiro/chaveiro/internal/core/providersettings"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// addProviderRooms makes the services that work with the marketplaces: connections, the settings of providers, installs
// and the keeper.
func (p *Portal) addProviderRooms() (err error) {
	o := p.options
	if p.Spool, err = spool.New(spool.Options{Dir: o.Settings.DataDir, Keys: p.Keyset, Log: o.Log}); err != nil {
		return err
	}
	p.Connections = connection.New(connection.Options{
		Store: p.Store, Keys: p.Keyset, Providers: o.Providers, Now: o.Now, Live: p.Live,
		// ProviderSettings, which knows them, needs Connections itself.
		Host: func(ctx context.Context, code provider.Code) (string, error) {
			return p.ProviderSettings.Host(ctx, code)
		},
		Settings: func(ctx context.Context, code provider.Code) (provider.Values, error) {
			return p.ProviderSettings.InForce(ctx, code)
		},
		NoteRead: func(ctx context.Context, m *ent.Marketplace) { p.Keys.CredentialsRead(ctx, m) },
		Counts:   p.Counts,
	})
	address := o.Settings.PublicURL.String()
	p.ProviderSettings = providersettings.New(providersettings.Options{
		Store: p.Store, Keys: p.Keyset, Providers: o.Providers, Now: o.Now, Connections: p.Connections, Fixed: o.Fixed,
		Allows: o.HTTP.Allows, Portal: address,
	})
	p.Installs = install.New(install.Options{
		Store: p.Store, Keys: p.Keyset, Providers: o.Providers, Now: o.Now, HTTP: o.HTTP, Live: p.Live,
		Connections: p.Connections, Settings: p.ProviderSettings, Spool: p.Spool, Portal: address,
		Meter: p.hooks.Providers, Tracer: p.Traces.Tracer(), Strangers: p.Strangers, Log: o.Log,
	})
	p.Keeper = keeper.New(keeper.Options{
		Store: p.Store, Keys: p.Keyset, Providers: o.Providers, Now: o.Now, HTTP: o.HTTP, Live: p.Live,
		Connections: p.Connections, Settings: p.ProviderSettings, Spool: p.Spool, Portal: address,
		Reachable:  o.Settings.PublicURL.Scheme == "https" || o.Settings.Dev, // by the webhooks of providers
		CheckEvery: o.Settings.CheckEvery, AtOnce: o.Settings.CallsAtOnce, Meter: p.meters(),
		Tracer: p.Traces.Tracer(), Log: o.Log,
	})
	if p.Metrics != nil {
		p.Metrics.WatchKeeper(p.Keeper, p.Spool)
	}
	return nil
}

// meters counts renewals by the hour, and for the metrics where there are any.
func (p *Portal) meters() provider.Meter {
	if p.hooks.Providers == nil {
		return p.Counts
	}
	return provider.Meters{p.Counts, p.hooks.Providers}
}

// BindHosts binds every secret that a version without bound hosts has sealed to the host that the secret was entered
// for, and its fingerprint to its row. It also holds back the credentials of shops that such a version only warned of.
// A start calls it before the portal sends anything; a second call changes nothing, and finds that by an index.
func (p *Portal) BindHosts(ctx context.Context) error {
	if err := keyring.BindFingerprints(ctx, p.Store, p.Keyset); err != nil {
		return err
	}
	hosts, err := p.ProviderSettings.HostsBefore(ctx)
	if err != nil {
		return err
	}
	if err := p.Connections.EnforceShops(ctx); err != nil {
		return err
	}
	if err := p.Connections.BindHosts(ctx, hosts); err != nil {
		return err
	}
	if err := p.Installs.BindHosts(ctx, hosts); err != nil {
		return err
	}
	return p.ProviderSettings.BindHosts(ctx)
}

// MoveHost binds the secrets of a provider that were entered for one host to the host in force. Only the command hosts
// calls it: whoever runs the server has changed the address in the environment. It returns the host in force, and how
// many connections it moved.
func (p *Portal) MoveHost(ctx context.Context, code provider.Code, from string) (to string, count int, err error) {
	if to, err = p.ProviderSettings.Host(ctx, code); err != nil {
		return "", 0, err
	}
	if count, err = p.Connections.MoveHost(ctx, code, from, to); err != nil {
		return "", 0, err
	}
	if err := p.Installs.MoveHost(ctx, code, from, to); err != nil {
		return "", 0, err
	}
	return to, count, p.ProviderSettings.MoveHost(ctx, code, from, to, count)
}
