package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/provider/providers"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/live"
)

// showAnswers lists the answers of providers that nobody could read, or prints one of them.
func showAnswers(
	ctx context.Context, settings config.Settings, command config.Answers, stdout io.Writer, log *slog.Logger,
) error {
	return withStore(ctx, settings, log, func(s *store.Store, keys *seal.Keyset) error {
		connections := connection.New(connection.Options{
			Store: s, Keys: keys, Providers: providers.All(), Now: time.Now, Live: live.New(s, log),
		})
		if command.Show != "" {
			return printAnswer(ctx, connections, command.Show, stdout)
		}
		return listAnswers(ctx, connections, printer(stdout))
	})
}

func printAnswer(ctx context.Context, connections *connection.Service, id string, stdout io.Writer) error {
	answer, err := connections.ShowUnread(ctx, id)
	var list fault.List
	if errors.As(err, &list) {
		return fmt.Errorf("--show: no answer is kept for a marketplace %q", id)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, answer.Reveal())
	return err
}

func listAnswers(ctx context.Context, connections *connection.Service, say func(format string, args ...any)) error {
	kept, err := connections.Unread(ctx)
	if err != nil {
		return err
	}
	for _, m := range kept {
		say("%s  %s  kept until %s  %s: %s", m.ID, m.Provider, m.UnreadUntil.UTC().Format(time.RFC3339),
			m.Edges.ClientProduct.Edges.Client.Name, m.Description)
	}
	if len(kept) == 0 {
		say("no answers are kept")
	}
	return nil
}
