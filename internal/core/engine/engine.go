// Package engine puts together the rooms that work with the marketplaces: connections, the settings of providers, installs
// and the keeper.
package engine

import (
	"context"
	"log/slog"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/outbound"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/base/spool"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/install"
	"github.com/chaveiro/chaveiro/internal/core/keeper"
	"github.com/chaveiro/chaveiro/internal/core/providersettings"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// Engine is the rooms.
type Engine struct {
	Connections *connection.Service
	Settings    *providersettings.Service
	Installs    *install.Service
	Keeper      *keeper.Keeper
	Spool       *spool.Spool
}

// Options are what the rooms are made of.
type Options struct {
	Store     *store.Store
	Keys      *seal.Keyset
	Providers provider.Registry
	// Now is the clock.
	Now func() time.Time
	// HTTP calls the providers.
	HTTP *outbound.Client
	// Live is told of every change.
	Live *live.Bus
	// Fixed are the settings of providers from the environment.
	Fixed providersettings.Fixed
	// Portal is the public address of the portal, without a slash at its end.
	Portal string
	// Reachable is whether providers can send webhooks to it.
	Reachable bool
	// CheckEvery and CallsAtOnce are as of keeper.Options.
	CheckEvery  time.Duration
	CallsAtOnce int
	// DataDir is the folder of the spool.
	DataDir string
	// Meter is told of calls and renewals; nil tells nobody.
	Meter provider.Meter
	// Strangers records the installs and notices of callers who prove nothing; nil is one of the rooms' own.
	Strangers *audit.Strangers
	Log       *slog.Logger
}

// New returns the rooms. Whoever made them runs Keeper.Run, or calls Keeper.Close.
func New(o Options) (*Engine, error) {
	kept, err := spool.New(spool.Options{Dir: o.DataDir, Keys: o.Keys, Log: o.Log})
	if err != nil {
		return nil, err
	}
	var settings *providersettings.Service
	connections := connection.New(connection.Options{
		Store: o.Store, Keys: o.Keys, Providers: o.Providers, Now: o.Now, Live: o.Live,
		Host: func(ctx context.Context, code provider.Code) (string, error) { return settings.Host(ctx, code) },
	})
	settings = providersettings.New(providersettings.Options{
		Store: o.Store, Keys: o.Keys, Providers: o.Providers, Now: o.Now, Connections: connections, Fixed: o.Fixed,
		Allows: o.HTTP.Allows, Portal: o.Portal,
	})
	return &Engine{
		Connections: connections,
		Settings:    settings,
		Spool:       kept,
		Installs: install.New(install.Options{
			Store: o.Store, Keys: o.Keys, Providers: o.Providers, Now: o.Now, HTTP: o.HTTP, Live: o.Live,
			Connections: connections, Settings: settings, Spool: kept, Portal: o.Portal, Meter: o.Meter,
			Strangers: o.Strangers, Log: o.Log,
		}),
		Keeper: keeper.New(keeper.Options{
			Store: o.Store, Keys: o.Keys, Providers: o.Providers, Now: o.Now, HTTP: o.HTTP, Live: o.Live,
			Connections: connections, Settings: settings, Spool: kept, Portal: o.Portal, Reachable: o.Reachable,
			CheckEvery: o.CheckEvery, AtOnce: o.CallsAtOnce, Meter: o.Meter, Log: o.Log,
		}),
	}, nil
}

// Upgrade binds every secret that a version without bound hosts has sealed to the host that it was entered for, and holds
// back the credentials of shops that it only warned of. A start does so before anything is sent; afterwards it changes
// nothing.
func (e *Engine) Upgrade(ctx context.Context) error {
	hosts, err := e.Settings.HostsBefore(ctx)
	if err != nil {
		return err
	}
	if err := e.Connections.EnforceShops(ctx); err != nil {
		return err
	}
	if err := e.Connections.BindHosts(ctx, hosts); err != nil {
		return err
	}
	if err := e.Installs.BindHosts(ctx, hosts); err != nil {
		return err
	}
	return e.Settings.BindHosts(ctx)
}

// MoveHost binds the secrets of a provider that were entered for one host to the one in force: for whoever runs the
// server and has changed the address in its environment. It returns that host, and how many connections there were.
func (e *Engine) MoveHost(ctx context.Context, code provider.Code, from string) (to string, moved int, err error) {
	if to, err = e.Settings.Host(ctx, code); err != nil {
		return "", 0, err
	}
	if moved, err = e.Connections.MoveHost(ctx, code, from, to); err != nil {
		return "", 0, err
	}
	if err := e.Installs.MoveHost(ctx, code, from, to); err != nil {
		return "", 0, err
	}
	return to, moved, e.Settings.MoveHost(ctx, code, from, to, moved)
}
