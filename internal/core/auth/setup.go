package auth

import (
	"context"
	"fmt"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/onetimetoken"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
)

// SetupRequired reports whether there is no operator yet.
func (s *Service) SetupRequired(ctx context.Context) (bool, error) {
	exist, err := s.store.Reader().Operator.Query().Exist(principal.AsSystem(ctx, "setup"))
	if err != nil {
		return false, fmt.Errorf("look for operators: %w", err)
	}
	return !exist, nil
}

// NewSetupToken returns a one-use token with which the first administrator can be made within 30 minutes, and ends
// those that were made before. It returns "" when there are operators already.
func (s *Service) NewSetupToken(ctx context.Context) (string, error) {
	ctx = principal.AsSystem(ctx, "setup")
	required, err := s.SetupRequired(ctx)
	if err != nil || !required {
		return "", err
	}
	var text string
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if _, err := tx.OneTimeToken.Delete().Where(onetimetoken.Purpose(string(setup))).Exec(ctx); err != nil {
			return fmt.Errorf("end older set-up tokens: %w", err)
		}
		text, err = s.newTicket(ctx, tx, setup, "", nil, setupLife)
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

// CreateFirstAdministrator makes the first administrator with the token of NewSetupToken, and logs in. It returns a
// fault.List when the input can be mended, among it a token that is wrong or too old, and that there is an administrator already.
func (s *Service) CreateFirstAdministrator(ctx context.Context, in FirstAdministrator, from Browser) (Session, error) {
	ctx = principal.AsSystem(ctx, "setup")
	// The token first: nobody who lacks it makes the portal hash a password.
	if err := s.setupTokenIsLive(ctx, in.SetupToken); err != nil {
		return Session{}, err
	}
	checked, err := s.check(ctx, NewOperator{Name: in.Name, Email: in.Email, Password: in.Password, Role: principal.Admin})
	if err != nil {
		return Session{}, err
	}
	var session Session
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		token, err := s.find(ctx, tx.OneTimeToken, in.SetupToken, setup)
		if err != nil {
			return err
		}
		if token != nil {
			if err := s.use(ctx, tx, token); err != nil && !fault.Is(err, fault.TicketUsed) {
				return err
			}
		}
		exist, err := tx.Operator.Query().Exist(ctx) // afterwards: who uses the token at the same time is waited for
		if err != nil {
			return fmt.Errorf("look for operators: %w", err)
		}
		if exist {
			return fault.New(fault.SetupDone, "setupToken")
		}
		if token == nil {
			return fault.New(fault.SetupTokenInvalid, "setupToken")
		}
		administrator, err := insert(ctx, tx, checked)
		if err != nil {
			return err
		}
		if err := audit.Append(ctx, tx, creation(administrator)); err != nil {
			return err
		}
		session, err = s.begin(ctx, tx, administrator, from, byPassword)
		return err
	})
	return session, err
}

func (s *Service) setupTokenIsLive(ctx context.Context, token string) error {
	live, err := s.find(ctx, s.store.Reader().OneTimeToken, token, setup)
	if err != nil {
		return err
	}
	if live != nil {
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
