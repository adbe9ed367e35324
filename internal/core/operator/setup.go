package operator

import (
	"context"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/session"
	"github.com/chaveiro/chaveiro/internal/core/ticket"
)

const (
	// taskSetup is what the program does while there is no operator.
	taskSetup = "setup"
	setupLife = 30 * time.Minute
)

// SetupRequired reports whether there is no operator yet.
func (s *Service) SetupRequired(ctx context.Context) (bool, error) {
	exist, err := s.store.Reader().Operator.Query().Exist(principal.AsSystem(ctx, taskSetup))
	if err != nil {
		return false, fmt.Errorf("look for operators: %w", err)
	}
	return !exist, nil
}

// CreateSetupToken returns a one-use token with which the first administrator can be made within 30 minutes, and ends
// those that were made before. It returns "" when there are operators already.
func (s *Service) CreateSetupToken(ctx context.Context) (string, error) {
	ctx = principal.AsSystem(ctx, taskSetup)
	required, err := s.SetupRequired(ctx)
	if err != nil || !required {
		return "", err
	}
	var text string
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if err := ticket.EndAll(ctx, tx, ticket.Setup); err != nil {
			return err
		}
		text, err = s.tickets.Create(ctx, tx, ticket.Draft{Purpose: ticket.Setup, Life: setupLife})
		return err
	})
	return text, err
}

// FirstAdministrator is the input of CreateFirstAdministrator.
type FirstAdministrator struct {
	SetupToken string
	Name       string
	Email      string
	Password   string
}

// CreateFirstAdministrator makes the first administrator with the token of CreateSetupToken, and logs in. It returns a
// fault.List when the input can be mended, among it a token that is wrong or too old, and that there is an
// administrator already.
func (s *Service) CreateFirstAdministrator(
	ctx context.Context, in FirstAdministrator, browser session.Browser,
) (result session.Session, err error) {
	ctx = principal.AsSystem(ctx, taskSetup)
	// The token is checked first: a stranger without it cannot make the portal hash a password.
	if err := s.requireSetupToken(ctx, in.SetupToken); err != nil {
		return session.Session{}, err
	}
	draft, err := s.prepare(ctx, Input{Name: in.Name, Email: in.Email, Password: in.Password, Role: principal.Admin})
	if err != nil {
		return session.Session{}, err
	}
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if err := s.useSetupToken(ctx, tx, in.SetupToken); err != nil {
			return err
		}
		administrator, err := insert(ctx, tx, draft)
		if err != nil {
			return err
		}
		if err := audit.Append(ctx, tx, creation(administrator)); err != nil {
			return err
		}
		result, err = s.sessions.Begin(ctx, tx, administrator, browser, session.ByPassword)
		return err
	})
	return result, err
}

// useSetupToken uses up a set-up token. It returns a fault.List when the token does not work, or there is an operator.
func (s *Service) useSetupToken(ctx context.Context, tx *ent.Tx, text string) error {
	row, err := s.tickets.Find(ctx, tx.OneTimeToken, text, ticket.Setup)
	if err != nil {
		return err
	}
	if row != nil {
		if err := s.tickets.Use(ctx, tx, row); err != nil && !fault.Is(err, fault.TicketUsed) {
			return err
		}
	}
	// Checked after the update, as the update waits for another transaction that uses the token.
	exist, err := tx.Operator.Query().Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for operators: %w", err)
	}
	if exist {
		return fault.New(fault.SetupDone, "setupToken")
	}
	if row == nil {
		return fault.New(fault.SetupTokenInvalid, "setupToken")
	}
	return nil
}

// requireSetupToken returns a fault.List when a set-up token does not work.
func (s *Service) requireSetupToken(ctx context.Context, text string) error {
	row, err := s.tickets.Find(ctx, s.store.Reader().OneTimeToken, text, ticket.Setup)
	if err != nil {
		return err
	}
	if row != nil {
		return nil
	}
	required, err := s.SetupRequired(ctx)
	if err != nil {
		return err
	}
	if !required {
		return fault.New(fault.SetupDone, "setupToken")
	}
	return fault.New(fault.SetupTokenInvalid, "setupToken")
}
