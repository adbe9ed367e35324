package session

import (
	"context"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/session"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/store"
)

const (
	// memoryLife is how long an access token may still work after its session has ended or its operator has lost a role.
	memoryLife = 5 * time.Second
	// maxMemory is how many sessions are remembered.
	maxMemory = 10_000
)

// memory is the operator of a session, as this instance last read it.
type memory struct {
	operator principal.Operator
	readAt   time.Time
}

// Verify returns the operator that an access token stands for. An ended session and a changed role show within 5
// seconds. It returns fault.Unauthenticated for every token that fails a check, and never says which check.
func (s *Service) Verify(ctx context.Context, accessToken string) (principal.Operator, error) {
	claims, err := s.signing.Parse(ctx, accessToken)
	if err != nil {
		return principal.Operator{}, err
	}
	found, err := s.operatorOf(ctx, claims.SessionID, claims.Subject)
	// These come from this token: those of the session may be newer, from another instance.
	found.AuthenticatedAt, found.Presence = time.Unix(claims.AuthenticatedAt, 0), claims.Presence
	return found, err
}

// operatorOf returns the operator of a session that lives.
func (s *Service) operatorOf(ctx context.Context, sessionID, operatorID string) (principal.Operator, error) {
	last, ok := s.memory.Get(sessionID)
	if ok && last.operator.ID == operatorID && s.now().Sub(last.readAt) < memoryLife {
		return last.operator, nil
	}
	readAt := s.now()
	ctx = principal.AsSystem(ctx, "verify an access token")
	row, err := s.store.Reader().Session.Query().Where(session.ID(sessionID)).WithOperator().Only(ctx)
	if ent.IsNotFound(err) {
		return principal.Operator{}, fault.Unauthenticated
	}
	if err != nil {
		return principal.Operator{}, fmt.Errorf("read the session: %w", err)
	}
	person := row.Edges.Operator
	if !s.lives(row) || person.DisabledAt != nil || person.ID != operatorID || !s.vouches(ctx, row, person) {
		return principal.Operator{}, fault.Unauthenticated
	}
	found := s.principalOf(row, person)
	s.memory.Add(sessionID, memory{operator: found, readAt: readAt})
	return found, nil
}

// Forget makes this instance read a session again, once the transaction of ctx is committed.
func (s *Service) Forget(ctx context.Context, sessionID string) {
	store.AfterCommit(ctx, func() { s.memory.Remove(sessionID) })
}

// vouches reports whether the program itself wrote a session and its operator.
func (s *Service) vouches(ctx context.Context, row *ent.Session, person *ent.Operator) bool {
	return store.Vouches(ctx, s.store, row) && store.Vouches(ctx, s.store, person)
}

func (s *Service) principalOf(row *ent.Session, person *ent.Operator) principal.Operator {
	return principal.Operator{
		ID: person.ID, Name: person.Name, Role: person.Role, SessionID: row.ID,
		AuthenticatedAt:   row.AuthenticatedAt,
		LacksSecondFactor: !person.SecondFactor && s.DemandsFactor(person),
		MustProve:         row.MovedAt != nil,
	}
}

// DemandsFactor reports whether this portal demands a second factor of an operator.
func (s *Service) DemandsFactor(person *ent.Operator) bool {
	return s.demand == FromAll || s.demand == FromAdmins && person.Role == principal.Admin
}

// lives reports whether a session has neither ended nor run out of time.
func (s *Service) lives(row *ent.Session) bool {
	now := s.now()
	return row.EndedAt == nil && now.Before(row.ExpiresAt) && now.Sub(row.LastUsedAt) < idleLife
}
