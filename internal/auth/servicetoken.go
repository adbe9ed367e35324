package auth

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/servicetoken"
	"github.com/chaveiro/chaveiro/internal/accesskey"
	"github.com/chaveiro/chaveiro/internal/audit"
	"github.com/chaveiro/chaveiro/internal/auth/principal"
	"github.com/chaveiro/chaveiro/internal/backlog"
	"github.com/chaveiro/chaveiro/internal/fault"
	"github.com/chaveiro/chaveiro/internal/idempotency"
	"github.com/chaveiro/chaveiro/internal/ident"
	"github.com/chaveiro/chaveiro/internal/page"
)

const (
	// maxServiceLife is how far ahead the end of a service token may lie.
	maxServiceLife = 366 * 24 * time.Hour
	// maxServiceTokens is how many may work at once.
	maxServiceTokens = 100
)

// NewServiceToken is a service token to be made.
type NewServiceToken struct {
	Name           string
	Role           principal.Role
	ExpiresAt      time.Time
	IdempotencyKey *string
}

// CreateServiceToken makes a token for a script, and returns its text, which is not told again: it is empty when the
// request was a repetition. It returns a fault.List when the input can be mended.
func (s *Service) CreateServiceToken(ctx context.Context, in NewServiceToken) (*ent.ServiceToken, string, error) {
	var bad fault.List
	name := bad.Line(in.Name, maxName, "name")
	now := s.now()
	switch {
	case !in.ExpiresAt.After(now):
		bad.Add(fault.ExpiryPast, nil, "expiresAt")
	case in.ExpiresAt.After(now.Add(maxServiceLife)):
		bad.Add(fault.OutOfRange, []any{1, 366}, "expiresAt")
	}
	if err := bad.Err(); err != nil {
		return nil, "", err
	}
	token, err := accesskey.NewToken(accesskey.Script)
	if err != nil {
		return nil, "", err
	}
	var (
		made *ent.ServiceToken
		text string
	)
	err = s.administer(ctx, func(ctx context.Context, tx *ent.Tx, by principal.Operator) (audit.Event, error) {
		id := ident.New(ident.ServiceToken)
		known, err := idempotency.Reserve(principal.With(ctx, by), tx, idempotency.Request{
			Key: in.IdempotencyKey, Operation: "createServiceToken", Input: []any{name, in.Role, in.ExpiresAt},
		}, id)
		if err != nil {
			return audit.Event{}, err
		}
		if known != id {
			made, err = tx.ServiceToken.Get(ctx, known)
			return audit.Event{}, err
		}
		working, err := tx.ServiceToken.Query().Where(servicetoken.RevokedAtIsNil(), servicetoken.ExpiresAtGT(now)).Count(ctx)
		if err != nil {
			return audit.Event{}, fmt.Errorf("count the service tokens: %w", err)
		}
		if working >= maxServiceTokens {
			return audit.Event{}, fault.List{{Code: fault.LimitReached, Args: []any{maxServiceTokens}}}
		}
		made, err = tx.ServiceToken.Create().
			SetID(id).
			SetName(name).
			SetRole(in.Role).
			SetVisiblePart(token.VisiblePart()).
			SetLast4(token.Last4()).
			SetHash(token.Hash()).
			SetCreatedBy(by.Name).
			SetCreatedByID(by.ID).
			SetExpiresAt(in.ExpiresAt.UTC().Truncate(time.Microsecond)).
			Save(ctx)
		if err != nil {
			return audit.Event{}, fmt.Errorf("store the service token: %w", err)
		}
		text = token.Reveal()
		return audit.Event{Action: "service_token.create", ObjectID: id, Changes: []audit.Change{
			{Field: "name", New: name}, {Field: "role", New: in.Role}, {Field: "expiresAt", New: made.ExpiresAt},
		}}, nil
	})
	return made, text, err
}

// RevokeServiceToken ends a service token at once.
func (s *Service) RevokeServiceToken(ctx context.Context, id string) (*ent.ServiceToken, error) {
	var revoked *ent.ServiceToken
	err := s.administer(ctx, func(ctx context.Context, tx *ent.Tx, _ principal.Operator) (audit.Event, error) {
		row, err := tx.ServiceToken.Get(ctx, id)
		if ent.IsNotFound(err) {
			return audit.Event{}, fault.New(fault.NotFound, "id")
		}
		if err != nil {
			return audit.Event{}, fmt.Errorf("find the service token: %w", err)
		}
		if revoked = row; row.RevokedAt != nil {
			return audit.Event{}, nil
		}
		if revoked, err = tx.ServiceToken.UpdateOne(row).SetRevokedAt(s.now()).Save(ctx); err != nil {
			return audit.Event{}, fmt.Errorf("revoke the service token: %w", err)
		}
		return audit.Event{Action: "service_token.revoke", ObjectID: id}, nil
	})
	return revoked, err
}

// endTokensOf revokes the service tokens that an operator made, who is no longer an administrator: they would live on with
// rights that their maker has lost.
func (s *Service) endTokensOf(ctx context.Context, tx *ent.Tx, operatorID string) (int, error) {
	ended, err := tx.ServiceToken.Update().
		Where(servicetoken.CreatedByID(operatorID), servicetoken.RevokedAtIsNil()).
		SetRevokedAt(s.now()).
		Save(ctx)
	if err != nil {
		return 0, fmt.Errorf("revoke the operator's service tokens: %w", err)
	}
	return ended, nil
}

// ListServiceTokens returns a page of service tokens, newest first. It returns a fault.BadRequest when the arguments make
// no sense.
func (s *Service) ListServiceTokens(ctx context.Context, args page.Args) (*page.Connection[*ent.ServiceToken], error) {
	window, err := args.Window(page.Order{Desc: true})
	if err != nil {
		return nil, err
	}
	rows, err := s.store.Reader().ServiceToken.Query().Where(window.Apply).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list service tokens: %w", err)
	}
	return page.New(window, rows,
		func(t *ent.ServiceToken) (string, string) { return "", t.ID },
		func(ctx context.Context) (int, error) { return s.store.Reader().ServiceToken.Query().Count(ctx) },
	), nil
}

// VerifyService returns the principal that a service token stands for, and notes that it was used from a network
// address. It returns a fault.Unproven for one that is malformed, unknown, revoked or expired.
// It is asked of the database each time: a revocation acts at once.
func (s *Service) VerifyService(ctx context.Context, text, address string) (principal.Operator, error) {
	token, err := accesskey.ParseFor(accesskey.Script, text)
	if err != nil {
		return principal.Operator{}, err
	}
	row, err := s.store.Reader().ServiceToken.Query().
		Where(servicetoken.VisiblePart(token.VisiblePart())).
		Only(principal.AsSystem(ctx, "verify a service token"))
	if ent.IsNotFound(err) {
		token.Matches(make([]byte, len(token.Hash()))) // compared all the same, so that an unknown token takes as long
		return principal.Operator{}, fault.Unproven{Reason: fault.Unknown}
	}
	if err != nil {
		return principal.Operator{}, fmt.Errorf("look up the service token: %w", err)
	}
	switch {
	case !token.Matches(row.Hash):
		return principal.Operator{}, fault.Unproven{Reason: fault.Unknown}
	case row.RevokedAt != nil:
		return principal.Operator{}, fault.Unproven{Reason: fault.Revoked, Since: *row.RevokedAt}
	case !s.now().Before(row.ExpiresAt):
		return principal.Operator{}, fault.Unproven{Reason: fault.Expired, Since: row.ExpiresAt}
	}
	s.uses.Note(row.ID, use{at: s.now(), address: address})
	return principal.Operator{ID: row.ID, Name: row.Name, Role: row.Role}, nil
}

// use is when and from where a service token was last used.
type use struct {
	at      time.Time
	address string
}

// Run saves the last uses of service tokens every few seconds until ctx ends, and once more then. report is told of an
// error; the uses of a save that failed are tried again with the next.
func (s *Service) Run(ctx context.Context, every time.Duration, report func(error)) {
	backlog.SaveEvery(ctx, every, s.Flush, report)
}

// Flush saves the noted uses of service tokens in one transaction.
func (s *Service) Flush(ctx context.Context) error {
	pending := s.uses.Take()
	if len(pending) == 0 {
		return nil
	}
	err := s.store.Write(principal.AsSystem(ctx, "last use of service tokens"), func(ctx context.Context, tx *ent.Tx) error {
		for _, id := range slices.Sorted(maps.Keys(pending)) { // so that two instances do not wait for each other
			last := pending[id]
			err := tx.ServiceToken.Update().
				Where(servicetoken.ID(id), servicetoken.Or(servicetoken.LastUsedAtIsNil(), servicetoken.LastUsedAtLT(last.at))).
				SetLastUsedAt(last.at).
				SetLastUsedAddress(last.address).
				Exec(ctx)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.uses.PutBack(pending)
		return fmt.Errorf("save the last uses of service tokens: %w", err)
	}
	return nil
}
