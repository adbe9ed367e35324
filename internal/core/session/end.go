package session

import (
	"context"
	"fmt"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/refreshtoken"
	"github.com/chaveiro/chaveiro/ent/session"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/core/ticket"
	"github.com/chaveiro/chaveiro/internal/store"
)

// Logout ends the session of a refresh token. A token of no session is no error.
func (s *Service) Logout(ctx context.Context, refresh string) error {
	ctx = principal.AsSystem(ctx, "log-out")
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		row, err := tx.Session.Query().
			Where(session.EndedAtIsNil(), session.HasRefreshTokensWith(refreshtoken.Hash(token.HashOpaque(refresh)))).
			Only(ctx)
		if ent.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("find the session: %w", err)
		}
		if err := s.end(ctx, tx, row, "logged out"); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{Action: "session.logout", ObjectID: row.OperatorID})
	})
}

// End ends a session of the operator who acts. It returns the fault.List of NOT_FOUND when there is none.
func (s *Service) End(ctx context.Context, id string) error {
	return s.ChangeAccount(ctx, func(ctx context.Context, tx *ent.Tx, account Account) (audit.Event, error) {
		row, err := tx.Session.Query().
			Where(session.ID(id), session.OperatorID(account.Actor.ID), session.EndedAtIsNil()).
			Only(ctx)
		if ent.IsNotFound(err) {
			return audit.Event{}, fault.New(fault.NotFound, "id")
		}
		if err != nil {
			return audit.Event{}, fmt.Errorf("find the session: %w", err)
		}
		return audit.Event{Action: "session.end"}, s.end(ctx, tx, row, "ended by the operator")
	})
}

// EndOthers ends all sessions of the operator who acts but the one that asks.
func (s *Service) EndOthers(ctx context.Context) error {
	return s.ChangeAccount(ctx, func(ctx context.Context, tx *ent.Tx, account Account) (audit.Event, error) {
		return audit.Event{Action: "session.end_others"},
			s.EndAllBut(ctx, tx, account.Actor.ID, account.Actor.SessionID, "ended by the operator")
	})
}

// EndAll ends all sessions of an operator, and the log-ins that still need a second factor.
func (s *Service) EndAll(ctx context.Context, tx *ent.Tx, operatorID, reason string) error {
	return s.EndAllBut(ctx, tx, operatorID, "", reason)
}

// EndAllBut is EndAll but for one session.
func (s *Service) EndAllBut(ctx context.Context, tx *ent.Tx, operatorID, sessionID, reason string) error {
	if err := ticket.End(ctx, tx, operatorID, ticket.SecondFactor); err != nil {
		return err
	}
	ids, err := tx.Session.Query().
		Where(session.OperatorID(operatorID), session.EndedAtIsNil(), session.IDNEQ(sessionID)).
		IDs(ctx)
	if err != nil {
		return fmt.Errorf("list the operator's sessions: %w", err)
	}
	if len(ids) == 0 {
		return nil
	}
	err = tx.Session.Update().Where(session.IDIn(ids...)).SetEndedAt(s.now()).SetEndReason(reason).Exec(ctx)
	if err != nil {
		return fmt.Errorf("end the operator's sessions: %w", err)
	}
	store.AfterCommit(ctx, func() {
		for _, id := range ids {
			s.memory.Remove(id)
		}
	})
	return s.live.PublishRights(ctx, tx, operatorID)
}

// end ends one session.
func (s *Service) end(ctx context.Context, tx *ent.Tx, row *ent.Session, reason string) error {
	if err := tx.Session.UpdateOneID(row.ID).SetEndedAt(s.now()).SetEndReason(reason).Exec(ctx); err != nil {
		return fmt.Errorf("end the session: %w", err)
	}
	s.Forget(ctx, row.ID)
	return s.live.PublishRights(ctx, tx, row.OperatorID)
}
