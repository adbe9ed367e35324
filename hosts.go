package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/chaveiro/chaveiro/internal/config"
	"github.com/chaveiro/chaveiro/internal/provider"
)

// hosts lists the hosts that stored secrets were entered for, or moves the secrets of a provider to the host in force.
func hosts(ctx context.Context, settings config.Settings, command config.Hosts, stdout io.Writer, log *slog.Logger) error {
	if (command.Move == "") != (command.From == nil) {
		return errors.New("--move and --from are given together")
	}
	portal, err := open(ctx, settings, nil, log)
	if err != nil {
		return err
	}
	defer portal.close()
	if err := portal.engine.Upgrade(ctx); err != nil {
		return err
	}
	say := printer(stdout)
	if command.Move != "" {
		to, moved, err := portal.engine.MoveHost(ctx, provider.Code(command.Move), *command.From)
		if err != nil {
			return fmt.Errorf("--move: %w", err)
		}
		say("%s: %d connections are now for %s", command.Move, moved, to)
		return nil
	}
	counts, err := portal.engine.Connections.CountHosts(ctx)
	if err != nil {
		return err
	}
	for _, count := range counts {
		inForce, err := portal.engine.Settings.Host(ctx, count.Provider)
		if err != nil {
			return err
		}
		note := ""
		if count.Host != inForce {
			note = fmt.Sprintf("; not sent, as the host in force is %q", inForce)
		}
		say("%s: %d connections for %q%s", count.Provider, count.Connections, count.Host, note)
	}
	return nil
}
