package auth

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/chaveiro/chaveiro/ent"
	"github.com/chaveiro/chaveiro/ent/installlink"
	"github.com/chaveiro/chaveiro/ent/installstate"
	"github.com/chaveiro/chaveiro/ent/servicetoken"
	"github.com/chaveiro/chaveiro/internal/base/backlog"
	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/ident"
	"github.com/chaveiro/chaveiro/internal/base/page"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/base/token"
	"github.com/chaveiro/chaveiro/internal/core/accesskey"
	"github.com/chaveiro/chaveiro/internal/core/audit"
	"github.com/chaveiro/chaveiro/internal/store"
	"github.com/chaveiro/chaveiro/internal/store/idempotency"
)

const (
	// maxServiceLife is how far ahead the end of a service token may lie.
	maxServiceLife = 366 * 24 * time.Hour
	// maxServiceTokens is how many may work at once.
	maxServiceTokens = 100
)

// NewServiceToken is a service token to be made.
type NewServiceToken struct {
	Name      string
	Role      principal.Role
	ExpiresAt time.Time
	// Scopes are what it may do beside reading.
	Scopes principal.Scopes
	// Addresses are the addresses and networks that the token is taken from; from anywhere when there are none.
	Addresses      []string
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
	addresses := accesskey.Networks(&bad, in.Addresses)
	if err := bad.Err(); err != nil {
		return nil, "", err
	}
	token, err := token.New(token.Script)
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
			Key: in.IdempotencyKey, Operation: "createServiceToken", Input: []any{name, in.Role, in.ExpiresAt, in.Scopes, addresses},
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
		create := tx.ServiceToken.Create().
			SetID(id).
			SetName(name).
			SetRole(in.Role).
			SetVisiblePart(token.VisiblePart()).
			SetLast4(token.Last4()).
			SetHash(token.Hash()).
			SetCreatedBy(by.Name).
			SetCreatedByID(by.ID).
			SetScopes(in.Scopes).
			SetExpiresAt(in.ExpiresAt.UTC().Truncate(time.Microsecond))
		if len(addresses) > 0 {
			create.SetAddresses(addresses)
		}
		if made, err = create.Save(ctx); err != nil {
			return audit.Event{}, fmt.Errorf("store the service token: %w", err)
		}
		text = token.Reveal()
		return audit.Event{Action: "service_token.create", ObjectID: id, Changes: []audit.Change{
			{Field: "name", New: name}, {Field: "role", New: in.Role}, {Field: "expiresAt", New: made.ExpiresAt},
			{Field: "scopes", New: in.Scopes.List()}, {Field: "addresses", New: accesskey.Told(addresses)},
		}}, nil
	})
	return made, text, err
}

// RevokeServiceToken ends a service token at once, with the installs that it began and those access keys of its making that
// are named. It returns a fault.List when there is no such token, or a key is none that it made.
func (s *Service) RevokeServiceToken(ctx context.Context, id string, accessKeyIDs []string) (*ent.ServiceToken, error) {
	var revoked *ent.ServiceToken
	err := s.administer(ctx, func(ctx context.Context, tx *ent.Tx, by principal.Operator) (audit.Event, error) {
		row, err := tx.ServiceToken.Query().Where(servicetoken.ID(id), store.ForUpdate).Only(ctx)
		if ent.IsNotFound(err) {
			return audit.Event{}, fault.New(fault.NotFound, "id")
		}
		if err != nil {
			return audit.Event{}, fmt.Errorf("find the service token: %w", err)
		}
		if err := accesskey.RevokeMade(principal.With(ctx, by), tx, s.live, id, accessKeyIDs, s.now()); err != nil {
			return audit.Event{}, err
		}
		if revoked = row; row.RevokedAt != nil {
			return audit.Event{}, nil
		}
		if err := s.endInstallsOf(ctx, tx, id); err != nil {
			return audit.Event{}, err
		}
		if revoked, err = tx.ServiceToken.UpdateOne(row).SetRevokedAt(s.now()).Save(ctx); err != nil {
			return audit.Event{}, fmt.Errorf("revoke the service token: %w", err)
		}
		return audit.Event{Action: "service_token.revoke", ObjectID: id}, s.narrowed(ctx, tx, id)
	})
	return revoked, err
}

// endTokensOf revokes the service tokens that an operator made, who is no longer an administrator: they would live on with
// rights that their maker has lost. The installs that they began end with them.
func (s *Service) endTokensOf(ctx context.Context, tx *ent.Tx, operatorID string) (int, error) {
	ids, err := tx.ServiceToken.Query().Where(servicetoken.CreatedByID(operatorID), servicetoken.RevokedAtIsNil()).IDs(ctx)
	if err != nil {
		return 0, fmt.Errorf("list the operator's service tokens: %w", err)
	}
	if len(ids) == 0 {
		return 0, nil
	}
	if err := tx.ServiceToken.Update().Where(servicetoken.IDIn(ids...)).SetRevokedAt(s.now()).Exec(ctx); err != nil {
		return 0, fmt.Errorf("revoke the operator's service tokens: %w", err)
	}
	if err := s.narrowed(ctx, tx, ids...); err != nil {
		return 0, err
	}
	return len(ids), s.endInstallsOf(ctx, tx, ids...)
}

// endInstallsOf ends the installs that operators or service tokens began and the links for merchants that they made: nobody
// is to connect a shop in the name of one who may no longer act.
func (s *Service) endInstallsOf(ctx context.Context, tx *ent.Tx, ids ...string) error {
	if _, err := tx.InstallState.Delete().Where(installstate.OperatorIDIn(ids...)).Exec(ctx); err != nil {
		return fmt.Errorf("end the installs that were begun: %w", err)
	}
	err := tx.InstallLink.Update().
		Where(installlink.CreatedByIDIn(ids...), installlink.UsedAtIsNil(), installlink.RevokedAtIsNil()).
		SetRevokedAt(s.now()).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("end the install links: %w", err)
	}
	return nil
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
// address. It returns a fault.Unproven for one that is malformed, unknown, revoked or expired, or that is bound to other
// addresses.
// It is asked of the database each time: a revocation acts at once.
func (s *Service) VerifyService(ctx context.Context, text, address string) (principal.Operator, error) {
	token, err := token.ParseFor(token.Script, text)
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
	case !token.Matches(row.Hash), !store.Vouches(ctx, s.store, row):
		return principal.Operator{}, fault.Unproven{Reason: fault.Unknown}
	case row.RevokedAt != nil:
		return principal.Operator{}, fault.Unproven{Reason: fault.Revoked, Since: *row.RevokedAt}
	case !s.now().Before(row.ExpiresAt):
		return principal.Operator{}, fault.Unproven{Reason: fault.Expired, Since: row.ExpiresAt}
	case !accesskey.Allows(row.Addresses, address):
		return principal.Operator{}, fault.Unproven{Reason: fault.AddressNotAllowed, About: address}
	}
	s.uses.Note(row.ID, use{at: s.now(), address: address})
	return principal.Operator{ID: row.ID, Name: row.Name, Role: row.Role, Scopes: row.Scopes}, nil
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
