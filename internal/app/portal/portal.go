// Package portal is the one place that puts the portal together: the store and the keyring, the services over them, the
// GraphQL handler, the HTTP server, and the jobs in the background. The program, its demonstration and the tests use
// it.
package portal

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"

	"github.com/chaveiro/chaveiro/internal/app/metrics"
	"github.com/chaveiro/chaveiro/internal/app/traces"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/base/spool"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/core/activity"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/clients"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/due"
	"github.com/chaveiro/chaveiro/internal/core/finder"
	"github.com/chaveiro/chaveiro/internal/core/history"
	"github.com/chaveiro/chaveiro/internal/core/install"
	"github.com/chaveiro/chaveiro/internal/core/keeper"
	"github.com/chaveiro/chaveiro/internal/core/keyring"
	"github.com/chaveiro/chaveiro/internal/core/notes"
	"github.com/chaveiro/chaveiro/internal/core/products"
	"github.com/chaveiro/chaveiro/internal/core/providersettings"
	"github.com/chaveiro/chaveiro/internal/core/staff"
	"github.com/chaveiro/chaveiro/internal/httpserver"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// Portal is an opened installation with all its services.
type Portal struct {
	Store  *store.Store
	Keyset *seal.Keyset
	Live   *live.Bus

	*staff.Staff     // Operators, Logins, Factors, Sessions, ServiceTokens, Signing
	Clients          *clients.Service
	Notes            *notes.Service
	Products         *products.Service
	Connections      *connection.Service
	ProviderSettings *providersettings.Service
	Installs         *install.Service
	Keeper           *keeper.Keeper
	Keys             *accesskey.Service
	Due              *due.Service
	Counts           *activity.Service
	Finder           *finder.Service
	Trail            *audit.Trail
	Strangers        *audit.Strangers
	Spool            *spool.Spool
	Metrics          *metrics.Metrics // nil unless the settings name an address for them
	Traces           *traces.Traces   // nil unless the settings name a collector for them

	options  Options
	hooks    metrics.Hooks
	server   atomic.Pointer[httpserver.Server] // while it serves
	follower *keyring.Follower                 // nil of a portal whose keyset lives in memory alone
	log      *slog.Logger
}

// Open opens the database and the keyset of the settings, and makes the services over them. It migrates the database
// unless AsIs is set. The caller closes the portal. It returns a *config.SettingError before anything is made.
func Open(ctx context.Context, o Options) (*Portal, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	open := OpenStore
	if o.AsIs {
		open = OpenStoreAsIs
	}
	s, keys, err := open(ctx, o.Settings, o.Log)
	if err != nil {
		return nil, err
	}
	follower, err := keyring.Follow(s, keys, o.Settings.MasterKeyFile, o.Settings.DataDir, o.Log)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	p, err := New(s, keys, o)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	p.follower = follower
	return p, nil
}

// New makes the services over an opened store and its keyset. The caller runs Keeper.Run or calls Keeper.Close, calls
// Traces.Close, and closes the store.
func New(s *store.Store, keys *seal.Keyset, o Options) (*Portal, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	p := &Portal{
		Store: s, Keyset: keys, Live: live.New(s, o.Log), Trail: audit.NewTrail(s), options: o, log: o.Log,
	}
	p.addMetrics()
	if err := p.addTraces(); err != nil {
		return nil, err
	}
	p.Strangers = audit.NewStrangers(s, o.Now, p.hooks.Stranger)
	p.Counts = activity.New(activity.Options{Store: s, Providers: o.Providers, Now: o.Now,
		Sample: func(ctx context.Context) ([]activity.Sample, error) { return history.Sample(ctx, s, o.Now()) },
	})
	if err := p.addStaff(); err != nil {
		return nil, err
	}
	if err := p.addProviderRooms(); err != nil {
		return nil, err
	}
	p.Clients = clients.New(s, keys, p.Live, o.Now)
	p.Notes = notes.New(s, p.Live)
	p.Products = products.New(s, p.Live, o.Now)
	p.Keys = newKeys(s, p.Live, o)
	p.Keys.CountIn(p.Counts)
	p.Due = due.New(s, p.ProviderSettings, o.Now)
	p.Finder = finder.New(s)
	return p, nil
}

// addTraces makes the traces of this process: none unless the settings name a collector.
func (p *Portal) addTraces() (err error) {
	o := p.options
	if o.Settings.TracesTo == nil {
		return nil
	}
	p.Traces, err = traces.New(traces.Options{
		To: o.Settings.TracesTo, Share: o.Settings.TraceShare, Version: o.Version, Now: o.Now, Log: o.Log,
	})
	return err
}

// newKeys returns the access keys, with the brakes of the settings.
func newKeys(s *store.Store, bus *live.Bus, o Options) *accesskey.Service {
	environment := token.Live
	if o.Settings.Dev {
		environment = token.Test
	}
	return accesskey.New(s, environment, bus, o.Now, accesskey.Brakes{
		Issued: o.Settings.KeyShops, Read: o.Settings.ReadShops, Networks: o.Settings.KeyNetworks,
	})
}

// Prepare makes what the portal needs in its database before it serves.
func (p *Portal) Prepare(ctx context.Context) error {
	if err := p.Signing.Load(ctx); err != nil {
		return err
	}
	if err := p.BindHosts(ctx); err != nil {
		return err
	}
	return p.Products.Seed(ctx)
}

// ForgetLost clears the secrets that a lost master key sealed. It changes nothing where an earlier call has cleared
// them.
func (p *Portal) ForgetLost(ctx context.Context) error {
	if err := p.ProviderSettings.ForgetLost(ctx); err != nil {
		return err
	}
	count, err := p.Connections.ForgetLost(ctx)
	if err != nil {
		return err
	}
	p.log.Warn("connections wait for an operator who enters their secrets again", "marketplaces", count)
	return nil
}

// Close ends the work for the providers, sends the last traces, and closes the database.
func (p *Portal) Close() {
	p.Keeper.Close()
	p.Traces.Close()
	if err := p.Store.Close(); err != nil {
		p.log.Error("could not close the database", "err", err)
	}
}
