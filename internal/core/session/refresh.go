package session

import (
	"bytes"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/refreshtoken"
	"github.com/chaveiro/chaveiro/ent/session"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/ratelimit"
	"github.com/chaveiro/chaveiro/internal/base/seal"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
)

// grace is how long a second tab that sends the same refresh token gets the same successor.
const grace = 10 * time.Second

// errReuse is a refresh token that came a second time. One of the two senders stole it.
var errReuse = errors.New("refresh token used again")

// ErrForeign is the fault.Unauthenticated of a refresh token that this portal never gave, or gave so long ago that it
// has forgotten it: another portal may have given it to the browser.
var ErrForeign = fmt.Errorf("the refresh token is none of ours: %w", fault.Unauthenticated)

// Refresh exchanges a refresh token for a new pair. The same token from the same browser within 10 seconds gets the
// same successor once more, as two tabs may ask at the same time; any other second use ends the session. It returns
// fault.Unauthenticated when the session has ended or there is none.
func (s *Service) Refresh(ctx context.Context, refresh string, browser Browser) (Session, error) {
	ctx = principal.AsSystem(ctx, "refresh")
	var renewed Session
	err := s.store.Write(ctx, func(ctx context.Context, tx *ent.Tx) error {
		old, err := s.findRefresh(ctx, tx, refresh)
		if err != nil {
			return err
		}
		row, person := old.Edges.Session, old.Edges.Session.Edges.Operator
		successor, err := s.exchange(ctx, tx, old, browser)
		if err != nil {
			return err
		}
		if row, err = s.noteUse(ctx, tx, row, person, browser); err != nil {
			return err
		}
		renewed, err = s.issue(ctx, row, person, successor, "")
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

// findRefresh returns a refresh token with its session, which lives, and the operator.
func (s *Service) findRefresh(ctx context.Context, tx *ent.Tx, refresh string) (*ent.RefreshToken, error) {
	found, err := tx.RefreshToken.Query().
		Where(refreshtoken.Hash(token.HashOpaque(refresh))).
		WithSession(func(q *ent.SessionQuery) { q.WithOperator() }).
		Only(ctx)
	if ent.IsNotFound(err) {
		return nil, ErrForeign
	}
	if err != nil {
		return nil, fmt.Errorf("find the refresh token: %w", err)
	}
	row, person := found.Edges.Session, found.Edges.Session.Edges.Operator
	lives := s.lives(row) && person.DisabledAt == nil
	if !lives || !s.vouches(ctx, row, person) || !store.Vouches(ctx, s.store, found) {
		return nil, fault.Unauthenticated
	}
	return found, nil
}

// noteUse stores which browser goes on with a session, and its network address. When another browser in another network
// goes on, the session waits for a proof of the operator: the refresh token may have been stolen.
func (s *Service) noteUse(
	ctx context.Context, tx *ent.Tx, row *ent.Session, person *ent.Operator, browser Browser,
) (*ent.Session, error) {
	before := lastUseOf(row)
	update := tx.Session.UpdateOneID(row.ID).
		SetLastUsedAt(s.now()).
		SetLastBrowser(browser.label()).
		SetLastAddress(browser.Address).
		SetLastAgentHash(browser.agentHash())
	if !bytes.Equal(before.agentHash, browser.agentHash()) &&
		ratelimit.Network(before.address) != ratelimit.Network(browser.Address) {
		update.SetMovedAt(s.now())
		s.Forget(ctx, row.ID)
		changes := append(audit.Difference("address", before.address, browser.Address),
			audit.Difference("browser", before.label, browser.label())...)
		event := audit.Event{Action: "session.moved", ObjectID: person.ID, Changes: changes}
		if err := audit.Append(principal.With(ctx, s.principalOf(row, person)), tx, event); err != nil {
			return nil, err
		}
	}
	after, err := update.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("note the use of the session: %w", err)
	}
	return after, nil
}

// exchange uses up a refresh token and returns its successor. It returns errReuse when the token was used before, and
// the grace does not cover that.
func (s *Service) exchange(ctx context.Context, tx *ent.Tx, old *ent.RefreshToken, browser Browser) (string, error) {
	now := s.now()
	successor, hash := token.NewOpaque()
	sealed, err := s.keys.Seal(successorPlace(old.ID), []byte(successor))
	if err != nil {
		return "", fmt.Errorf("seal the successor: %w", err)
	}
	// One conditional update decides: of two uses at the same time, only one finds the token unused.
	first, err := tx.RefreshToken.Update().
		Where(refreshtoken.ID(old.ID), refreshtoken.UsedAtIsNil()).
		SetUsedAt(now).
		SetSuccessorSealed(sealed).
		Save(ctx)
	if err != nil {
		return "", fmt.Errorf("use up the refresh token: %w", err)
	}
	if first == 0 {
		return s.repeatExchange(ctx, tx, old, browser, now)
	}
	if err := tx.RefreshToken.Create().SetSessionID(old.SessionID).SetHash(hash).Exec(ctx); err != nil {
		return "", fmt.Errorf("insert the successor: %w", err)
	}
	return successor, nil
}

// repeatExchange returns the successor of a used refresh token once more, to the same browser within the grace.
func (s *Service) repeatExchange(
	ctx context.Context, tx *ent.Tx, old *ent.RefreshToken, browser Browser, now time.Time,
) (string, error) {
	used, err := tx.RefreshToken.Get(ctx, old.ID) // read again: it was used after the first read
	if err != nil {
		return "", fmt.Errorf("read the used refresh token: %w", err)
	}
	same := subtle.ConstantTimeCompare(lastUseOf(old.Edges.Session).agentHash, browser.agentHash()) == 1
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
			Where(session.HasRefreshTokensWith(refreshtoken.Hash(token.HashOpaque(refresh)))).
			Only(ctx)
		if err != nil {
			return fmt.Errorf("find the session: %w", err)
		}
		if err := s.end(ctx, tx, row, "reuse of a refresh token"); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Event{Action: "session.reuse_detected", ObjectID: row.OperatorID})
	})
}
