package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/chaveiro/chaveiro/ent/schema"
	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/core/providersettings"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// hosts lists the hosts that stored secrets were entered for, or moves the secrets of a provider to the host in force.
func hosts(ctx context.Context, settings config.Settings, command config.Hosts, stdout io.Writer, log *slog.Logger) error {
	switch say := printer(stdout); {
	case (command.Move == "") != (command.From == nil):
		return errors.New("--move and --from are given together")
	case command.Move == "":
		return listHosts(ctx, settings, say, log)
	default:
		return moveHost(ctx, settings, provider.Code(command.Move), *command.From, say, log)
	}
}

func listHosts(ctx context.Context, settings config.Settings, say func(string, ...any), log *slog.Logger) error {
	caller, fixed, err := callsOut(settings, nil)
	if err != nil {
		return err
	}
	return toRead(ctx, settings, log, func(s *store.Store, keys *seal.Keyset) error {
		connections := connection.New(connection.Options{
			Store: s, Keys: keys, Providers: providers.All(), Now: schema.Now, Live: live.New(s, log),
		})
		inForce := providersettings.New(providersettings.Options{
			Store: s, Keys: keys, Providers: providers.All(), Now: schema.Now, Connections: connections, Fixed: fixed,
			Allows: caller.Allows,
		})
		counts, err := connections.CountHosts(ctx)
		if err != nil {
			return err
		}
		for _, count := range counts {
			host, err := inForce.Host(ctx, count.Provider)
			if err != nil {
				return err
			}
			note := ""
			if count.Host != host {
				note = fmt.Sprintf("; not sent, as the host in force is %q", host)
			}
			say("%s: %d connections for %q%s", count.Provider, count.Connections, count.Host, note)
		}
		if len(counts) == 0 {
			say("no connection has secrets")
		}
		return nil
	})
}

func moveHost(
	ctx context.Context, settings config.Settings, code provider.Code, from string, say func(string, ...any), log *slog.Logger,
) error {
	portal, err := open(ctx, settings, nil, log)
	if err != nil {
		return err
	}
	defer portal.close()
	if err := portal.engine.Upgrade(ctx); err != nil {
		return err
	}
	to, moved, err := portal.engine.MoveHost(ctx, code, from)
	if err != nil {
		return fmt.Errorf("--move: %w", err)
	}
	say("%s: %d connections are now for %q", code, moved, to)
	return nil
}
