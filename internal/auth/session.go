package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/operator"
	"github.com/chaveiro/chaveiro/ent/refreshtoken"
	"github.com/chaveiro/chaveiro/ent/session"
	"github.com/chaveiro/chaveiro/internal/audit"
	"github.com/chaveiro/chaveiro/internal/auth/principal"
	"github.com/chaveiro/chaveiro/internal/fault"
	"github.com/chaveiro/chaveiro/internal/ident"
	"github.com/chaveiro/chaveiro/internal/seal"
)

// Browser is what a log-in came from.
type Browser struct {
	// Address is the network address.
	Address string
	// UserAgent is the browser's own name; it is kept as a hash.
	UserAgent string
}

// Session is a log-in as its browser holds it.
type Session struct {
	// Operator is who is logged in.
	Operator *ent.Operator
	// AccessToken is a JWT, good until AccessExpiresAt.
	AccessToken     string
	AccessExpiresAt time.Time
	// RefreshToken is good for one exchange, until RefreshExpiresAt.
	RefreshToken     string
	RefreshExpiresAt time.Time
}

// Login begins a session. It returns the fault.List of INVALID_CREDENTIALS, and never says more, for an unknown e-mail
// address, a wrong password and a disabled operator, all after the same work; fault.Busy when too many log in at once.
func (s *Service) Login(ctx context.Context, email, pass string, from Browser) (Session, error) {
	ctx = principal.AsSystem(ctx, "log-in")
	found, err := s.store.Reader().Operator.Query().Where(operator.Email(emailAddress(email))).Only(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return Session{}, fmt.Errorf("find the operator: %w", err)
	}
	if found == nil {
		if err := s.hasher.VerifyDummy(ctx, pass); err != nil {
			return Session{}, busy(err)
		}
		return Session{}, s.refuseLogin(ctx, email, nil)
	}
	right, rehash, err := s.hasher.Verify(ctx, pass, found.PasswordHash)
	if err != nil {
		return Session{}, busy(err)
	}
	if !right || found.DisabledAt != nil {
		return Session{}, s.refuseLogin(ctx, email, found)
	}
	hash := found.PasswordHash
	if rehash {
		if hash, err = s.hasher.Hash(ctx, pass); err != nil {
			return Session{}, busy(err)
		}
	}
	var begun Session
	err = s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if hash != found.PasswordHash {
			if err := tx.Operator.UpdateOneID(found.ID).SetPasswordHash(hash).Exec(ctx); err != nil {
				return fmt.Errorf("store the new password hash: %w", err)
			}
		}
		begun, err = s.begin(ctx, tx, found, from)
		return err
	})
	return begun, err
}

// refuseLogin records a log-in that failed and returns the refusal. The e-mail address of nobody is kept as a hash.
func (s *Service) refuseLogin(ctx context.Context, email string, found *ent.Operator) error {
	event := audit.Event{Action: "session.login_failed"}
	if found != nil {
		event.ObjectID = found.ID
	} else {
		event.Changes = []audit.Change{{Field: "unknownEmail", New: s.keys.Fingerprint(emailAddress(email))}}
	}
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error { return audit.Append(ctx, tx, event) })
	if err != nil {
		return err
	}
	return fault.New(fault.InvalidCredentials)
}

// begin makes a session and its first pair of tokens, and ends the operator's oldest sessions over the limit.
func (s *Service) begin(ctx context.Context, tx *ent.Tx, who *ent.Operator, from Browser) (Session, error) {
	now := s.now()
	older, err := tx.Session.Query().
		Where(session.OperatorID(who.ID), session.EndedAtIsNil(), session.ExpiresAtGT(now)).
		Order(ent.Desc(session.FieldID)).
		Offset(maxSessions - 1).
		IDs(ctx)
	if err != nil {
		return Session{}, fmt.Errorf("list the operator's sessions: %w", err)
	}
	if len(older) > 0 {
		err := tx.Session.Update().Where(session.IDIn(older...)).SetEndedAt(now).SetEndReason("too many sessions").Exec(ctx)
		if err != nil {
			return Session{}, fmt.Errorf("end older sessions: %w", err)
		}
	}
	row, err := tx.Session.Create().
		SetID(ident.New(ident.Session)).
		SetOperatorID(who.ID).
		SetAuthenticatedAt(now).
		SetLastUsedAt(now).
		SetExpiresAt(now.Add(absoluteLife)).
		SetUserAgentHash(agentHash(from)).
		SetAddress(from.Address).
		Save(ctx)
	if err != nil {
		return Session{}, fmt.Errorf("insert the session: %w", err)
	}
	refresh, hash := newToken()
	if err := tx.RefreshToken.Create().SetSessionID(row.ID).SetHash(hash).Exec(ctx); err != nil {
		return Session{}, fmt.Errorf("insert the refresh token: %w", err)
	}
	asOperator := principal.With(ctx, principal.Operator{ID: who.ID, Name: who.Name, Role: who.Role, SessionID: row.ID})
	if who.Role == principal.Viewer { // a viewer changes nothing, so the program records its log-in
		asOperator = ctx
	}
	if err := audit.Append(asOperator, tx, audit.Event{Action: "session.login", ObjectID: who.ID}); err != nil {
		return Session{}, err
	}
	return s.issue(ctx, row, who, refresh)
}

// issue signs an access token for a session and joins it with a refresh token.
func (s *Service) issue(ctx context.Context, row *ent.Session, who *ent.Operator, refresh string) (Session, error) {
	token, expiresAt, err := s.sign(ctx, row, who)
	if err != nil {
		return Session{}, err
	}
	return Session{
		Operator:         who,
		AccessToken:      token,
		AccessExpiresAt:  expiresAt,
		RefreshToken:     refresh,
		RefreshExpiresAt: row.ExpiresAt,
	}, nil
}

// errReuse is a refresh token that came a second time: whoever sends it, or whoever sent it before, stole it.
var errReuse = errors.New("refresh token used again")

// Refresh exchanges a refresh token for a new pair. The same token from the same browser within 10 seconds gets the
// same successor once more, as two tabs may ask at the same time; any other second use ends the session. It returns
// fault.Unauthenticated when the session has ended or there is none.
func (s *Service) Refresh(ctx context.Context, refresh string, from Browser) (Session, error) {
	ctx = principal.AsSystem(ctx, "refresh")
	var renewed Session
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		old, err := tx.RefreshToken.Query().
			Where(refreshtoken.Hash(hashToken(refresh))).
			WithSession(func(q *ent.SessionQuery) { q.WithOperator() }).
			Only(ctx)
		if ent.IsNotFound(err) {
			return fault.Unauthenticated
		}
		if err != nil {
			return fmt.Errorf("find the refresh token: %w", err)
		}
		row, who := old.Edges.Session, old.Edges.Session.Edges.Operator
		if !s.alive(row) || who.DisabledAt != nil {
			return fault.Unauthenticated
		}
		successor, err := s.exchange(ctx, tx, old, from)
		if err != nil {
			return err
		}
		if err := tx.Session.UpdateOneID(row.ID).SetLastUsedAt(s.now()).Exec(ctx); err != nil {
			return fmt.Errorf("note the use of the session: %w", err)
		}
		renewed, err = s.issue(ctx, row, who, successor)
		return err
	})
	if errors.Is(err, errReuse) {
		if err := s.endReused(ctx, refresh); err != nil {
			return Session{}, err
		}
		return Session{}, fault.Unauthenticated
	}
	return renewed, err
}

// exchange uses up a refresh token and returns its successor.
func (s *Service) exchange(ctx context.Context, tx *ent.Tx, old *ent.RefreshToken, from Browser) (string, error) {
	now := s.now()
	successor, hash := newToken()
	sealed, err := s.keys.Seal(successorPlace(old.ID), []byte(successor))
	if err != nil {
		return "", fmt.Errorf("seal the successor: %w", err)
	}
	// One conditional update decides: of two uses at the same time one finds the token unused.
	first, err := tx.RefreshToken.Update().
		Where(refreshtoken.ID(old.ID), refreshtoken.UsedAtIsNil()).
		SetUsedAt(now).
		SetSuccessorSealed(sealed).
		Save(ctx)
	if err != nil {
		return "", fmt.Errorf("use up the refresh token: %w", err)
	}
	if first == 1 {
		if err := tx.RefreshToken.Create().SetSessionID(old.SessionID).SetHash(hash).Exec(ctx); err != nil {
			return "", fmt.Errorf("insert the successor: %w", err)
		}
		return successor, nil
	}
	used, err := tx.RefreshToken.Get(ctx, old.ID) // again: it was used after it was read
	if err != nil {
		return "", fmt.Errorf("read the used refresh token: %w", err)
	}
	same := subtle.ConstantTimeCompare(old.Edges.Session.UserAgentHash, agentHash(from)) == 1
	if !same || used.UsedAt == nil || len(used.SuccessorSealed) == 0 || now.Sub(*used.UsedAt) > grace {
		return "", errReuse
	}
	second, err := tx.RefreshToken.Update().
		Where(refreshtoken.ID(old.ID), refreshtoken.GraceUsed(false)).
		SetGraceUsed(true).
		ClearSuccessorSealed().
		Save(ctx)
	if err != nil {
		return "", fmt.Errorf("use up the grace of the refresh token: %w", err)
	}
	if second == 0 {
		return "", errReuse
	}
	plain, err := s.keys.Open(successorPlace(old.ID), used.SuccessorSealed)
	if err != nil {
		return "", fmt.Errorf("open the successor: %w", err)
	}
	return string(plain), nil
}

func successorPlace(id string) seal.Place {
	return seal.Place{Table: refreshtoken.Table, Column: refreshtoken.FieldSuccessorSealed, RowID: id}
}

// endReused ends the session of a refresh token that was used twice.
func (s *Service) endReused(ctx context.Context, refresh string) error {
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		row, err := tx.Session.Query().
			Where(session.HasRefreshTokensWith(refreshtoken.Hash(hashToken(refresh)))).
			Only(ctx)
		if err != nil {
			return fmt.Errorf("find the session: %w", err)
		}
		return s.end(ctx, tx, row, "reuse of a refresh token", "session.reuse_detected")
	})
}

// Logout ends the session of a refresh token. A token of no session is no error.
func (s *Service) Logout(ctx context.Context, refresh string) error {
	ctx = principal.AsSystem(ctx, "log-out")
	return s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		row, err := tx.Session.Query().
			Where(session.EndedAtIsNil(), session.HasRefreshTokensWith(refreshtoken.Hash(hashToken(refresh)))).
			Only(ctx)
		if ent.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("find the session: %w", err)
		}
		return s.end(ctx, tx, row, "logged out", "session.logout")
	})
}

func (s *Service) end(ctx context.Context, tx *ent.Tx, row *ent.Session, reason, action string) error {
	if err := tx.Session.UpdateOneID(row.ID).SetEndedAt(s.now()).SetEndReason(reason).Exec(ctx); err != nil {
		return fmt.Errorf("end the session: %w", err)
	}
	s.known.Remove(row.ID)
	return audit.Append(ctx, tx, audit.Event{Action: action, ObjectID: row.OperatorID})
}

// Verify returns the operator that an access token stands for. An ended session and a changed role show within 5
// seconds. It returns fault.Unauthenticated, and never says why, for a token that is not good.
func (s *Service) Verify(ctx context.Context, accessToken string) (principal.Operator, error) {
	sessionID, operatorID, err := s.parse(ctx, accessToken)
	if err != nil {
		return principal.Operator{}, err
	}
	if last, ok := s.known.Get(sessionID); ok && last.operator.ID == operatorID && s.now().Sub(last.readAt) < cacheLife {
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
	who := row.Edges.Operator
	if !s.alive(row) || who.DisabledAt != nil || who.ID != operatorID {
		return principal.Operator{}, fault.Unauthenticated
	}
	found := principal.Operator{ID: who.ID, Name: who.Name, Role: who.Role, SessionID: row.ID}
	s.known.Add(sessionID, known{operator: found, readAt: readAt})
	return found, nil
}

func (s *Service) alive(row *ent.Session) bool {
	now := s.now()
	return row.EndedAt == nil && now.Before(row.ExpiresAt) && now.Sub(row.LastUsedAt) < idleLife
}

func agentHash(from Browser) []byte {
	sum := sha256.Sum256([]byte(from.UserAgent))
	return sum[:]
}
