package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/chaveiro/chaveiro/ent/schema"
	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/app/portal"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/providersettings"
	"github.com/chaveiro/chaveiro/internal/provider"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
	"github.com/chaveiro/chaveiro/internal/store"
)

// showHosts lists the hosts that stored secrets were entered for, or moves the secrets of a provider to the host in
// force.
func (i *invocation) showHosts(ctx context.Context, command config.Hosts) error {
	switch {
	case (command.Move == "") != (command.From == nil):
		return errors.New("--move and --from are given together")
	case command.Move == "":
		return i.listHosts(ctx)
	default:
		return i.moveHost(ctx, provider.Code(command.Move), *command.From)
	}
}

func (i *invocation) listHosts(ctx context.Context) error {
	caller, err := portal.NewCaller(i.settings, i.version)
	if err != nil {
		return err
	}
	fixed, err := portal.ReadFixed(caller)
	if err != nil {
		return err
	}
	return i.withStoreToRead(ctx, func(s *store.Store, keys *seal.Keyset) error {
		connections := i.makeConnections(s, keys)
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
			i.say("%s: %d connections for %q%s", count.Provider, count.Connections, count.Host, note)
		}
		if len(counts) == 0 {
			i.say("no connection has secrets")
		}
		return nil
	})
}

func (i *invocation) moveHost(ctx context.Context, code provider.Code, from string) error {
	p, err := i.openPortal(ctx)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := p.BindHosts(ctx); err != nil {
		return err
	}
	host, count, err := p.MoveHost(ctx, code, from)
	if err != nil {
		return fmt.Errorf("--move: %w", err)
	}
	i.say("%s: %d connections are now for %q", code, count, host)
	return nil
}
