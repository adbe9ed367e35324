package session

import (
	"context"
	"fmt"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/ent/session"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/ticket"
	"github.com/chaveiro/chaveiro/internal/store"
)

// TaskAccount is what the program does where it reads or changes an account for the operator that it belongs to.
const TaskAccount = "own account"

// Account is the account of the operator who acts, inside a transaction that changes it.
type Account struct {
	// Operator is the row, locked.
	Operator *ent.Operator
	// Actor is the operator, as the session of the request has it.
	Actor principal.Operator
}

// Change changes the account of the operator who acts, and returns the event that records it. It has the program's
// rights.
type Change func(ctx context.Context, tx *ent.Tx, account Account) (audit.Event, error)

// ChangeAccount changes the account of the operator who acts in one transaction, and records the event as the
// operator's own. It returns fault.Forbidden for a script with a service token.
func (s *Service) ChangeAccount(ctx context.Context, change Change) error {
	actor, err := principal.Person(ctx)
	if err != nil {
		return err
	}
	return audit.WriteAs(ctx, s.store, actor, TaskAccount, func(ctx context.Context, tx *ent.Tx) (audit.Event, error) {
		person, err := s.LockOperator(ctx, tx, actor.ID)
		if err != nil {
			return audit.Event{}, err
		}
		event, err := change(ctx, tx, Account{person, actor})
		event.ObjectID = actor.ID
		return event, err
	})
}

// ChangeAccountInPresence is ChangeAccount for a change that needs a proof of presence, which it uses up. It returns
// fault.PresenceRequired when the access token names none.
func (s *Service) ChangeAccountInPresence(ctx context.Context, change Change) error {
	return s.ChangeAccount(ctx, func(ctx context.Context, tx *ent.Tx, account Account) (audit.Event, error) {
		if err := s.UsePresence(ctx, tx, account.Actor); err != nil {
			return audit.Event{}, err
		}
		return change(ctx, tx, account)
	})
}

// UsePresence uses up the proof of presence that the access token of an operator names. It returns
// fault.PresenceRequired when there is none.
func (s *Service) UsePresence(ctx context.Context, tx *ent.Tx, actor principal.Operator) error {
	proof, err := s.tickets.Find(ctx, tx.OneTimeToken, actor.Presence, ticket.Presence)
	if err != nil {
		return err
	}
	if proof == nil || !ticket.BelongsTo(proof, actor.ID) {
		return fault.PresenceRequired
	}
	err = s.tickets.Use(ctx, tx, proof)
	if fault.Is(err, fault.TicketUsed) {
		return fault.PresenceRequired
	}
	return err
}

// LockOperator reads an operator and locks the row until the transaction ends. It returns the fault.List of
// INVALID_CREDENTIALS when the row was changed behind the program.
func (s *Service) LockOperator(ctx context.Context, tx *ent.Tx, id string) (*ent.Operator, error) {
	person, err := tx.Operator.Query().Where(operator.ID(id), store.ForUpdate).Only(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the operator: %w", err)
	}
	if !store.Vouches(ctx, s.store, person) {
		return nil, fault.New(fault.InvalidCredentials)
	}
	return person, nil
}

// List returns the sessions of an operator that live, the one that asks first and then the newest.
func (s *Service) List(ctx context.Context, actor principal.Operator) ([]*ent.Session, error) {
	now := s.now()
	rows, err := s.store.Reader().Session.Query().
		Where(
			session.OperatorID(actor.ID), session.EndedAtIsNil(),
			session.ExpiresAtGT(now), session.LastUsedAtGT(now.Add(-idleLife)),
		).
		Order(ent.Desc(session.FieldID)).
		Limit(maxSessions).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the sessions: %w", err)
	}
	for i, row := range rows {
		if row.ID == actor.SessionID {
			copy(rows[1:i+1], rows[:i])
			rows[0] = row
		}
	}
	return rows, nil
}
