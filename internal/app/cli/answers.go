package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/internal/app/config"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/core/connection"
	"github.com/chaveiro/chaveiro/internal/store"
)

// showAnswers lists the answers of providers that the portal could not read, or prints one of them.
func (i *invocation) showAnswers(ctx context.Context, command config.Answers) error {
	return i.withStore(ctx, func(s *store.Store, keys *seal.Keyset) error {
		connections := i.makeConnections(s, keys)
		if command.Show != "" {
			return i.printAnswer(ctx, connections, command.Show)
		}
		return i.listAnswers(ctx, connections)
	})
}

func (i *invocation) printAnswer(ctx context.Context, connections *connection.Service, id string) error {
	answer, err := connections.ShowUnread(ctx, id)
	var list fault.List
	if errors.As(err, &list) {
		return fmt.Errorf("--show: no answer is kept for a marketplace %q", id)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(i.stdout, answer.Reveal())
	return err
}

func (i *invocation) listAnswers(ctx context.Context, connections *connection.Service) error {
	answers, err := connections.Unread(ctx)
	if err != nil {
		return err
	}
	for _, m := range answers {
		i.say("%s  %s  kept until %s  %s: %s", m.ID, m.Provider, m.UnreadUntil.UTC().Format(time.RFC3339),
			m.Edges.ClientProduct.Edges.Client.Name, m.Description)
	}
	if len(answers) == 0 {
		i.say("no answers are kept")
	}
	return nil
}
